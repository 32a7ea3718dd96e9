//! The crash matrix over real sockets (P1, P2): at every request of a pass something goes wrong, and
//! afterwards the target is what it would have been.
//!
//! A point of the matrix is one request of one pass and what happens to it. Every point begins from
//! the same world and the same store; a server of its own answers, as a proxy for the one host that
//! all of them are known by, so that what is written is the same whatever the port.

mod life;

use crate::env::Env;
use forge_sim::{Fault, Sim, When, World};
use jiff::SignedDuration;
use life::Seen;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Instant;

/// Until the server cannot be working any more on what was sent.
const LONG_ENOUGH: i64 = 200;

/// At every so-manieth point what comes later is tried too.
const DEEP: usize = 10;

/// How a pass ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Exited(i32),
    Killed,
}

/// The world and the store at one moment.
struct Moment {
    world: World,
    store: Option<Vec<u8>>,
}

/// Both passes, undisturbed.
struct Undisturbed {
    /// Before the first and before the second one.
    before: [Moment; 2],
    /// After the second one.
    last: World,
    /// After each.
    seen: [Seen; 2],
    /// Methods of the requests of each.
    requests: [Vec<String>; 2],
}

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(|| {
    let place = Place::new();
    let mut world = life::begin();
    life::live(&mut world);
    let (mut before, mut seen, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..2 {
        if number == 1 {
            life::change(&mut world);
        }
        world.log.clear();
        before.push(Moment {
            world: world.clone(),
            store: place.store(),
        });
        let (after, ended, said) = place.pass(world);
        assert_eq!(ended, Ended::Exited(0), "{said}");
        world = after;
        seen.push(Seen::of(&world));
        let methods = world.log.iter().map(|logged| logged.method.clone());
        requests.push(methods.collect());
    }
    let Ok(before) = before.try_into() else {
        unreachable!("two passes");
    };
    Undisturbed {
        before,
        last: world,
        seen: seen.try_into().unwrap(),
        requests: requests.try_into().unwrap(),
    }
});

/// A directory in which the program runs.
struct Place {
    env: Env,
}

impl Place {
    fn new() -> Self {
        let env = Env::empty();
        env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: 'http://gitlab.test', token_env: READER }}
  backup: {{ forge: gitlab, url: 'http://gitlab.test', token_env: WRITER, timeout_seconds: 30 }}
pairs:
  - name: app
    source: {{ instance: prod, project: {} }}
    target: {{ instance: backup, project: {} }}
    sync_existing_issues: true
    sync_closed_issues: true
",
                life::SOURCE,
                life::TARGET
            ),
        );
        Self { env }
    }

    fn store(&self) -> Option<Vec<u8>> {
        // Whoever opens and closes it leaves one file, also behind a pass that was killed.
        let path = self.env.path("issue-mirror.db");
        if path.metadata().is_ok_and(|meta| meta.len() > 0) {
            self.on_store("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        fs::read(path).ok()
    }

    fn put_store(&self, store: Option<&[u8]>) {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(self.env.path(format!("issue-mirror.db{end}")));
        }
        if let Some(store) = store {
            fs::write(self.env.path("issue-mirror.db"), store).unwrap();
        }
    }

    /// Whether the store has an issue of which only a person can tell what its counterpart is.
    fn has_contested(&self) -> bool {
        let store = Connection::open(self.env.path("issue-mirror.db")).unwrap();
        let sql = "SELECT 1 FROM issue_link WHERE state = 'contested'";
        store.prepare(sql).unwrap().exists([]).unwrap()
    }

    /// Changes the store, if there is one.
    fn on_store(&self, sql: &str) {
        let path = self.env.path("issue-mirror.db");
        if let Ok(store) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            // One of a pass that was killed at once has no tables yet.
            let _ = store.execute_batch(sql);
        }
    }

    /// A pass in this world, what became of it, how the pass ended and what it said.
    fn pass(&self, world: World) -> (World, Ended, String) {
        let sim = Sim::start(world);
        let mut command = self.env.command(&["sync", "--output", "json"]);
        command
            .env("READER", "reader")
            .env("WRITER", "writer")
            .env("http_proxy", sim.url())
            // Certificates take longer to read than the pass, and http needs none.
            .env("SSL_CERT_FILE", "/dev/null")
            .env("SSL_CERT_DIR", "/nowhere")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let (mut stdout, child) = {
            // Nothing is answered before the server knows whom to kill.
            let mut world = sim.world();
            let mut child = command.spawn().unwrap();
            let stdout = child.stdout.take().unwrap();
            let child = Arc::new(Mutex::new(child));
            world.victim = Some(Arc::clone(&child));
            (stdout, child)
        };
        let mut said = String::new();
        // Its end is the end of the process, and until then the server may need the child.
        stdout.read_to_string(&mut said).unwrap();
        let status = child.lock().unwrap().wait().unwrap();
        let mut world = std::mem::take(&mut *sim.world());
        world.victim = None;
        world.faults.clear();
        (
            world,
            status.code().map_or(Ended::Killed, Ended::Exited),
            said,
        )
    }
}

/// One place of the matrix.
#[derive(Clone, Debug)]
struct Point {
    /// The first pass or the second one.
    which: usize,
    when: When,
    fault: Fault,
}

/// Where something goes wrong.
#[derive(Clone, Copy)]
enum Every {
    Request,
    Write,
    /// What becomes of a store is decided more coarsely than by single requests.
    Third,
    /// Reads are alike, and a broken one costs a pause before it is repeated.
    WriteAndThird,
}

/// A fault at requests of both passes: at every one, or at every write and every so-manieth request.
fn at_requests(fault: &Fault, every: Every) -> Vec<Point> {
    let mut points = Vec::new();
    for (which, methods) in UNDISTURBED.requests.iter().enumerate() {
        let writes = methods.iter().filter(|method| *method != "GET").count() as u64;
        let all = (1..=methods.len() as u64).map(When::Request);
        // Which request is a write is not the same each time: several are sent at once.
        let writes = (1..=writes).map(When::Write);
        let whens: Vec<When> = match every {
            Every::Request => all.collect(),
            Every::Write => writes.collect(),
            Every::Third => all.step_by(3).collect(),
            Every::WriteAndThird => all.step_by(3).chain(writes).collect(),
        };
        points.extend(whens.into_iter().map(|when| Point {
            which,
            when,
            fault: fault.clone(),
        }));
    }
    points
}

/// Tries every point, several at once, and fails with what is wrong at the first ones.
fn try_all<P: Sync + std::fmt::Debug>(
    name: &str,
    least: usize,
    points: &[P],
    check: impl Fn(&Place, usize, &P) -> Result<(), String> + Sync,
) {
    let tried = points.len();
    assert!(tried >= least, "only {tried} points");
    let begun = Instant::now();
    LazyLock::force(&UNDISTURBED);
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let place = Place::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(point) = points.get(at) else {
                        break;
                    };
                    if let Err(said) = check(&place, at, point) {
                        wrong.lock().unwrap().push(format!("{point:?}: {said}"));
                    }
                }
            });
        }
    });
    #[expect(clippy::print_stdout, reason = "how much was tried, for --nocapture")]
    {
        println!("{name}: {tried} points in {:.1?}", begun.elapsed());
    }
    let wrong = wrong.into_inner().unwrap();
    let first = wrong.iter().take(3).cloned().collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{} of {tried} points:\n{}",
        wrong.len(),
        first.join("\n\n")
    );
}

/// The pass of a point, from the same beginning each time.
fn disturbed(place: &Place, point: &Point) -> (World, Ended, String) {
    let before = &UNDISTURBED.before[point.which];
    place.put_store(before.store.as_deref());
    let mut world = before.world.clone();
    world.plan(point.when.clone(), point.fault.clone());
    place.pass(world)
}

/// Time passes on the server and for what waits for another try, then a pass.
fn later(place: &Place, mut world: World, seconds: i64) -> (World, Ended, String) {
    world.clock.advance(SignedDuration::from_secs(seconds));
    place.on_store("UPDATE retry SET next_at = 0");
    place.pass(world)
}

/// Passes until one succeeds, three at most.
fn to_the_end(place: &Place, mut world: World) -> Result<World, String> {
    let mut all_said = String::new();
    for _ in 0..3 {
        let (after, ended, said) = later(place, world, LONG_ENOUGH);
        if ended == Ended::Exited(0) {
            return Ok(after);
        }
        world = after;
        all_said.push_str(&format!("{ended:?}: {said}"));
    }
    let made = made(&Seen::of(&world));
    Err(format!("no pass succeeded, {made} are there: {all_said}"))
}

/// The target is what it would have been, also once both passes are through, and then at rest.
fn same(seen: &Seen, which: usize, numbers: bool) -> Result<(), String> {
    let expected = &UNDISTURBED.seen[which];
    let difference = if numbers {
        seen.differs(expected)
    } else {
        seen.by_title().differs(&expected.by_title())
    };
    difference.map_or(Ok(()), Err)
}

/// What was settled is as good as if nothing had happened: a pass later writes nothing, and after
/// the first pass the second one arrives too.
fn goes_on(place: &Place, mut world: World, which: usize, numbers: bool) -> Result<(), String> {
    if which == 0 {
        life::change(&mut world);
        let (after, ended, said) = place.pass(world);
        if ended != Ended::Exited(0) {
            return Err(format!("the second pass: {ended:?}: {said}"));
        }
        same(&Seen::of(&after), 1, numbers).map_err(|said| format!("the second pass: {said}"))?;
        world = after;
    }
    let writes = world.writes();
    let (world, ended, said) = later(place, world, LONG_ENOUGH);
    if ended != Ended::Exited(0) || world.writes() != writes {
        let wrote = &world.log[world.log.len() - (world.writes() - writes)..];
        return Err(format!("not at rest: {ended:?}: {said}{wrote:#?}"));
    }
    Ok(())
}

#[test]
fn p1_killed_at_any_request_it_makes_nothing_twice_and_loses_nothing() {
    let mut points = at_requests(&Fault::Kill { after: false }, Every::Request);
    points.extend(at_requests(&Fault::Kill { after: true }, Every::Request));
    for methods in &UNDISTURBED.requests {
        assert!(methods.len() >= 60, "only {} requests", methods.len());
    }
    try_all("killed", 240, &points, |place, at, point| {
        let (world, ended, said) = disturbed(place, point);
        if ended != Ended::Killed {
            return Err(format!("it was not killed: {ended:?}: {said}"));
        }
        let world = to_the_end(place, world)?;
        same(&Seen::of(&world), point.which, true)?;
        if at.is_multiple_of(DEEP) {
            goes_on(place, world, point.which, true)?;
        }
        Ok(())
    });
}

/// A pass in which one answer did not come as it should, and what follows it.
fn survives(place: &Place, at: usize, point: &Point) -> Result<(), String> {
    let (mut world, ended, said) = disturbed(place, point);
    let Ended::Exited(code) = ended else {
        return Err("it was killed".to_owned());
    };
    match code {
        // Whoever says that all is well has done all of it.
        0 => same(&Seen::of(&world), point.which, false)?,
        1 | 3 => {}
        code => return Err(format!("exit {code}: {said}")),
    }
    if matches!(point.fault, Fault::ApplyLater(_)) {
        // Nobody can know yet whether it is going to happen; then it happens.
        for seconds in [45, 60] {
            let (after, ended, said) = later(place, world, seconds);
            if !matches!(ended, Ended::Exited(0 | 3)) {
                return Err(format!("after {seconds} s: {ended:?}: {said}"));
            }
            world = after;
        }
    }
    let world = to_the_end(place, world)?;
    same(&Seen::of(&world), point.which, false)?;
    if at.is_multiple_of(DEEP) {
        goes_on(place, world, point.which, false)?;
    }
    Ok(())
}

#[test]
fn p1_a_lost_answer_to_any_request_makes_nothing_twice_and_loses_nothing() {
    let points = at_requests(&Fault::DropAnswer, Every::WriteAndThird);
    try_all("answer lost", 120, &points, survives);
}

#[test]
fn p1_a_broken_answer_to_any_write_makes_nothing_twice_and_loses_nothing() {
    let mut points = at_requests(&Fault::StatusAfter(500), Every::Write);
    points.extend(at_requests(&Fault::CutBody, Every::Write));
    try_all("answer broken", 120, &points, survives);
}

#[test]
fn p1_any_write_that_is_carried_out_late_is_there_once() {
    let late = Fault::ApplyLater(SignedDuration::from_secs(90));
    try_all("late", 60, &at_requests(&late, Every::Write), survives);
}

/// Takes the markers off everything on the target that the store has not settled.
fn unmark_unsettled(place: &Place, world: &mut World) {
    let store = Connection::open(place.env.path("issue-mirror.db")).unwrap();
    let sql = "SELECT key FROM issue_link UNION SELECT key FROM comment_link";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0));
    let settled: BTreeSet<String> = rows.unwrap().map(Result::unwrap).collect();
    let is_unsettled = |line: &str| {
        let inside = line.strip_prefix("[issue-mirror]: # (");
        let key = inside.and_then(|inside| inside.split(' ').next());
        key.is_some_and(|key| !settled.contains(key))
    };
    let target = life::project(world, life::TARGET);
    let issues = &mut world.projects.get_mut(&target).unwrap().issues;
    for issue in issues.values_mut() {
        let notes = issue.notes.iter_mut().map(|note| &mut note.body);
        for text in notes.chain(&mut issue.description) {
            let kept = text.lines().filter(|line| !is_unsettled(line));
            *text = kept.collect::<Vec<_>>().join("\n");
        }
    }
}

/// How many issues and comments the target has.
fn made(seen: &Seen) -> usize {
    let comments = seen.issues.values().map(|issue| issue.comments.len());
    seen.issues.len() + comments.sum::<usize>()
}

#[test]
fn p1_without_the_journal_the_matrix_would_fail() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Write);
    let mut points: Vec<(Point, bool)> = Vec::new();
    for point in all.into_iter().filter(|p| p.which == 0).step_by(3) {
        points.extend([(point.clone(), false), (point, true)]);
    }
    let expected = made(&UNDISTURBED.seen[0]);
    let [creates, twice] = [0, 0].map(AtomicUsize::new);
    try_all(
        "without the journal",
        20,
        &points,
        |place, _, (point, unmarked)| {
            let (mut world, ..) = disturbed(place, point);
            let last = world.log.last().unwrap();
            let ends = ["/issues", "/notes"];
            if last.method != "POST" || !ends.iter().any(|end| last.target.ends_with(end)) {
                return Ok(());
            }
            place.on_store("DELETE FROM intent");
            // An issue without a marker that has the title of one to be created is suspected and told,
            // so only comments tell what the journal is for.
            let is_comment = last.target.ends_with("/notes");
            if *unmarked {
                unmark_unsettled(place, &mut world);
                creates.fetch_add(usize::from(is_comment), Ordering::Relaxed);
            }
            let (world, ..) = later(place, world, LONG_ENOUGH);
            match made(&Seen::of(&world)).cmp(&expected) {
                std::cmp::Ordering::Greater if *unmarked => {
                    twice.fetch_add(1, Ordering::Relaxed);
                }
                // What the store does not know of is seen from its marker, and not made again.
                std::cmp::Ordering::Greater => return Err("something was made twice".to_owned()),
                _ if *unmarked && is_comment && !place.has_contested() => {
                    return Err("nothing was made twice, and nothing was told".to_owned());
                }
                _ => {}
            }
            Ok(())
        },
    );
    let [creates, twice] = [creates, twice].map(AtomicUsize::into_inner);
    assert!(creates >= 5, "only {creates} creates were tried");
    // Where two were under way, the other one may be an issue that is now told and not made.
    assert!(twice > 0, "none of {creates} was made twice");
}

/// The store of a pass that was killed is lost (P3).
fn survives_a_lost_store(place: &Place, at: usize, point: &Point) -> Result<(), String> {
    let (world, ..) = disturbed(place, point);
    place.put_store(None);
    let world = to_the_end(place, world)?;
    let (seen, expected) = (Seen::of(&world), &UNDISTURBED.seen[point.which]);
    if point.which == 0 {
        same(&seen, 0, true)?;
    } else if let Some(said) = seen.but_additions().differs(&expected.but_additions()) {
        // What the source has lost is anybody's, once nobody knows who set it.
        return Err(said);
    }
    if at.is_multiple_of(DEEP) {
        goes_on(place, world, point.which, true)?;
    }
    Ok(())
}

#[test]
fn p3_killed_at_any_request_and_the_store_lost_nothing_is_made_twice() {
    let points = at_requests(&Fault::Kill { after: true }, Every::Third);
    try_all("store lost", 50, &points, survives_a_lost_store);
}

#[test]
fn p3_killed_at_any_request_and_an_older_store_put_back_nothing_is_made_twice() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Third);
    let points: Vec<Point> = all.into_iter().filter(|point| point.which == 1).collect();
    try_all(
        "store of the pass before",
        20,
        &points,
        |place, at, point| {
            let (world, ..) = disturbed(place, point);
            place.put_store(UNDISTURBED.before[1].store.as_deref());
            let world = to_the_end(place, world)?;
            same(&Seen::of(&world), 1, true)?;
            if at.is_multiple_of(DEEP) {
                goes_on(place, world, 1, true)?;
            }
            Ok(())
        },
    );
}

#[test]
fn p3_a_store_of_any_moment_of_the_first_pass_put_back_after_it_nothing_is_made_twice() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Third);
    let points: Vec<Point> = all
        .into_iter()
        .filter(|p| p.which == 0)
        .step_by(3)
        .collect();
    try_all("store of the middle", 8, &points, |place, at, point| {
        let (world, ..) = disturbed(place, point);
        let middle = place.store();
        let world = to_the_end(place, world)?;
        place.put_store(middle.as_deref());
        let world = to_the_end(place, world)?;
        same(&Seen::of(&world), 0, true)?;
        if at.is_multiple_of(DEEP) {
            goes_on(place, world, 0, true)?;
        }
        Ok(())
    });
}

#[test]
fn p3_the_store_of_the_first_pass_put_back_after_the_second_nothing_is_made_twice() {
    let place = Place::new();
    place.put_store(UNDISTURBED.before[1].store.as_deref());
    let world = to_the_end(&place, UNDISTURBED.last.clone()).unwrap();
    same(&Seen::of(&world), 1, true).unwrap();
    goes_on(&place, world, 1, true).unwrap();
}
