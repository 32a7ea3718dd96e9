//! The crash matrix over real sockets (P1, P2): at every request of a pass something goes wrong, and
//! afterwards the target is what it would have been.
//!
//! A point of the matrix is one request of one pass and what happens to it. Every point begins from
//! the same world and the same store; a server of its own answers, as a proxy for the one host that
//! all of them are known by, so that what is written is the same whatever the port.

mod journal;
mod life;
mod place;
mod stores;

use forge_sim::{Fault, When, World};
use jiff::SignedDuration;
use life::Seen;
use place::{Ended, Moment, Place};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

/// Until the server cannot be working any more on what was sent.
const LONG_ENOUGH: i64 = 200;

/// At every so-manieth point what comes later is tried too.
const DEEP: usize = 10;

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

/// How many issues and comments the target has.
fn made(seen: &Seen) -> usize {
    let comments = seen.issues.values().map(|issue| issue.comments.len());
    seen.issues.len() + comments.sum::<usize>()
}
