//! Markdown of every kind is carried, looks the same, and fires nothing (P8).
//!
//! `tests/corpus` has the texts, and how to read them. What GitLab would do with them says the
//! simulator, which reads with GitLab's own parser; the program reads with another one.

mod carried;
mod cases;
mod compared;
mod crossed;
mod fuzzed;
mod kept;
mod mixed;
mod runs;

use self::cases::Case;
use forge_sim::{Named, Piece, Reading, World};
use issue_mirror::text::envelope;
use issue_mirror::text::grammar::{GITLAB, Grammar};
use issue_mirror::text::marker::Marker;
use issue_mirror::text::read;
use issue_mirror::text::references::{Kind, Place, Reference};
use issue_mirror::text::rewrite::{self, Rules, rewrite};
use issue_mirror::text::title;
use issue_mirror::text::wiki;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const FILE: &str = "/uploads/0123456789abcdef0123456789abcdef/x.png";

/// What the keys of the tracker begin with that the target is connected with.
static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| ["A1_B", "ABC"].map(str::to_owned).to_vec());

fn nobody(_: &str) -> Option<String> {
    None
}

/// Files are copied to another place, and pages of the wiki stay where they are.
fn copied(link: &str) -> Option<String> {
    if let Some(page) = wiki::page(link) {
        let page = page.replace(' ', "%20");
        return Some(format!("https://source.example/team/app/-/wikis/{page}"));
    }
    let ours = link.starts_with('/') || link.starts_with("https://source.example/");
    (ours && link.ends_with(FILE)).then(|| FILE.replace("0123456789", "9876543210"))
}

/// The number of the mirrored issue is that of its source with this added.
const SHIFT: u64 = 100;

/// Nothing that is named is mirrored.
fn nothing(_: &Reference<'_>) -> Option<String> {
    None
}

/// Every issue of `team/app` on the source is mirrored.
fn mirrored(named: &Reference<'_>) -> Option<String> {
    let here = match (named.host, named.project.as_deref()) {
        (None, None) => true,
        (None, Some(project)) => ["team/app", "/team/app", "app"].contains(&project),
        (Some(host), project) => host == "source.example" && project == Some("team/app"),
    };
    if named.kind != Kind::Issue || !here || !(1..=40).contains(&named.number) {
        return None;
    }
    let number = named.number + SHIFT;
    Some(match named.place {
        Place::Destination => format!("https://target.example/mirrors/app/-/issues/{number}"),
        Place::Text | Place::Address => format!("#{number}{}", named.style.suffix()),
    })
}

/// What the library makes of a case if nothing that it names is mirrored.
fn rewritten(case: &Case) -> String {
    rewritten_with(case, true, &nothing)
}

/// The same if the issues that it names are, where that is another text.
fn leading(case: &Case) -> Option<String> {
    let leading = rewritten_with(case, true, &mirrored);
    (leading != rewritten(case)).then_some(leading)
}

/// `first`: it is a description; above a comment stands who wrote it.
fn rewritten_with(
    case: &Case,
    first: bool,
    refers: &dyn Fn(&Reference<'_>) -> Option<String>,
) -> String {
    let rules = rules(first, refers);
    if case.is_title() {
        title::rewrite(&case.before, &rules).text
    } else {
        rewrite(&case.before, &rules).text
    }
}

fn rules(first: bool, refers: &dyn Fn(&Reference<'_>) -> Option<String>) -> Rules<'_> {
    Rules {
        grammar: Grammar {
            keys: &KEYS,
            ..GITLAB
        },
        front_matter: first,
        behind_paragraph: !first,
        quick_actions: true,
        anywhere: false,
        mentions: true,
        references: true,
        code: true,
        hosts: [Some("target.example"), None],
        notify: &nobody,
        destination: &copied,
        refers,
    }
}

/// What an early server carries out of a text that was written for one.
fn carried_out_early(early: &World, project: u64, text: &str) -> Vec<String> {
    let rules = Rules {
        anywhere: true,
        ..rules(true, &mirrored)
    };
    let now = rewrite(text, &rules).text;
    let comment = format!("Somebody\n\n{now}");
    let both = [now, comment];
    both.iter()
        .flat_map(|text| early.reads(project, text).commands)
        .collect()
}

#[test]
fn p8_an_early_server_carries_nothing_out_and_shows_the_same() {
    let (mut early, here) = full("https://target.example", "mirrors/app");
    early.version = "15.11.0".to_owned();
    let (mut carried_out, mut touched) = (Vec::new(), 0);
    for case in cases::all().iter().filter(|case| !case.is_title()) {
        carried_out.extend(carried_out_early(&early, here, &case.before));
        let rules = Rules {
            anywhere: true,
            ..rules(true, &nothing)
        };
        let once = rewrite(&case.before, &rules);
        assert_eq!(rewrite(&once.text, &rules).text, once.text, "{}", case.at());
        let restored = rewrite::restore(&once.text, &once.kept());
        assert_eq!(restored.as_deref(), Some(case.before.as_str()));
        let shown = seen(&early.reads(here, &once.text));
        let now = rewritten(case);
        assert_eq!(shown, seen(&early.reads(here, &now)), "{}", case.at());
        touched += usize::from(once.text != now);
        let matters = once.text != now;
        assert!(!matters || read::has_commands_anywhere(&case.before));
    }
    assert!(carried_out.is_empty(), "{carried_out:?}");
    assert!(touched >= 8, "{touched}");
}

/// A server on which everything that a case could name is there, and the project that is looked at.
fn full(web_address: &str, here: &str) -> (World, u64) {
    let mut world = World::default();
    web_address.clone_into(&mut world.web_address);
    let author = world.add_user("somebody");
    for path in [
        "mirrors/app",
        "mirrors/other",
        "team/app",
        "team/other",
        "team/sub/deep",
        "mirrors/word",
        "mirrors/x",
    ] {
        let project = world.add_project(path);
        let count = if path == "mirrors/app" {
            SHIFT + 40
        } else {
            40
        };
        for _ in 0..count {
            world.open_issue(project, author, "Bystander", "");
        }
        furnish(&mut world, project);
        if path == "mirrors/app" {
            let keys: Vec<&str> = KEYS.iter().map(String::as_str).collect();
            let project = world.projects.get_mut(&project).unwrap();
            project.connect("jira", &keys);
        }
    }
    let mut projects = world.projects.values();
    let here = projects.find(|project| project.path == here).unwrap().id;
    (world, here)
}

/// Merge requests and commits, which nothing else makes.
fn furnish(world: &mut World, project: u64) {
    let project = world.projects.get_mut(&project).unwrap();
    project.merge_requests.extend(1..=40);
    for commit in ["deadbeef", "cafebabe", "effaced1", "defaced1"] {
        project.commits.insert(commit.repeat(5));
    }
}

fn read(world: &World, project: u64, case: &Case, text: &str) -> Reading {
    if case.is_title() {
        world.reads_title(project, text)
    } else {
        world.reads(project, text)
    }
}

/// The text of a comment on the source, where nothing stands above it. What it would be at the beginning
/// only, it is not.
fn alone_reading(world: &World, project: u64, text: &str) -> Reading {
    world.reads(project, &format!("***\n\n{text}"))
}

/// The text of a comment on the target is not the beginning: above it stands who wrote it, and below it
/// a definition.
fn comment_reading(world: &World, project: u64, text: &str) -> Reading {
    let whole = envelope::comment("Somebody", text, &Marker::default());
    let mut reading = world.reads(project, &whole);
    let above = |piece: &Piece| *piece == Piece::Text("Somebody".to_owned());
    if let Some(at) = reading.pieces.iter().position(above) {
        reading.pieces.drain(..=at);
    }
    reading
}

/// What a text would set off, in words; empty if nothing.
fn fires(reading: &Reading) -> Vec<String> {
    let commands = reading
        .commands
        .iter()
        .map(|line| format!("carries out {line:?}"));
    let mails = reading
        .mentions
        .iter()
        .map(|name| format!("writes to @{name}"));
    let named = reading.references.iter().filter_map(|reference| {
        let to = reference.to.as_ref()?;
        Some(format!("{:?} names {to:?}", reference.written))
    });
    commands.chain(mails).chain(named).collect()
}

/// Next to no commit begins with seven digits or more that are no letters, so a number stays one that
/// can be copied and searched for. This is what it costs where the target has such a commit.
#[test]
fn p8_a_number_is_a_commit_where_it_is_said_to_be_one_or_by_chance() {
    let (mut world, here) = full("https://target.example", "mirrors/app");
    let projects = world.projects.values_mut();
    for project in projects {
        for commit in ["12345678", "feedbac0", "550e8400"] {
            project.commits.insert(commit.repeat(5));
        }
    }
    let fired = |text: &str| {
        let case = Case {
            before: text.to_owned(),
            ..Case::default()
        };
        fires(&world.reads(here, &rewritten(&case)))
    };
    for text in [
        "commit 1234567",
        "Reverts commit 12345678.",
        "Commits: 7654321, 12345678 and 1234567",
        "(rev. 1234567)",
        "SHA `x` or sha1:1234567",
        "team/app@1234567",
        "v1.0-3-g1234567",
        "1234567..deadbeef",
        "deadbeef...1234567",
        "1234567812345678123456781234567812345678",
        "feedbac and feedbac0",
        "deadbeef*xyz* xyz**deadbeef** deadbeef<b>xyz</b>, deadbeef`xyz`",
        "550e8400-x or 550e8400-e29b-41d4-a716-44665544000",
    ] {
        assert_eq!(fired(text), Vec::<String>::new(), "{text}");
    }
    for text in [
        "1234567",
        "Call 1234567.",
        "bug 12345678",
        "#7654321, 1234567",
        "Thanks for your feedback.",
        "550e8400-e29b-41d4-a716-446655440000",
        "at 0x550e8400",
    ] {
        assert_eq!(fired(text).len(), 1, "{text}");
    }
}

/// What a reader sees, without what nobody sees.
fn seen(reading: &Reading) -> String {
    plain(&reading.visible())
}

fn plain(text: &str) -> String {
    let text = text.replace('\u{2060}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_corpus_is_large_and_each_case_has_a_name() {
    let cases = cases::all();
    assert!(cases.len() >= 250, "{}", cases.len());
    let mut names: Vec<String> = cases.iter().map(Case::at).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), cases.len());
}

#[test]
fn each_case_becomes_what_is_written_down() {
    let cases = cases::all();
    if std::env::var_os("ISSUE_MIRROR_BLESS").is_some() {
        let servers = Servers::new();
        cases::bless(cases, |case| {
            // A mark that is not true any more goes; none is ever made here.
            let looks = servers.look(case);
            case.open = case.open.take().filter(|_| !looks.fires.is_empty());
            case.lost = case.lost.take().filter(|_| !looks.lost.is_empty());
            case.inert = case.inert.take().filter(|_| !looks.lost.is_empty());
            case.differs = case.differs.take().filter(|_| looks.differs);
            case.code = case.code.take().filter(|_| looks.code);
            case.leading = leading(case);
            case.after = Some(rewritten(case));
        });
        return;
    }
    let mut wrong = Vec::new();
    for case in &cases {
        let (after, leading) = (Some(rewritten(case)), leading(case));
        for (was, now) in [(&case.after, after), (&case.leading, leading)] {
            if *was != now {
                wrong.push(format!("{}\n  was {was:?}\n  now {now:?}\n", case.at()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ; run with ISSUE_MIRROR_BLESS=1 and look at what changed:\n{}",
        wrong.len(),
        wrong.concat()
    );
}

/// Both servers, with everything on them that a case could name.
struct Servers {
    source: World,
    there: u64,
    target: World,
    here: u64,
}

/// What is to be said against what became of a case.
#[derive(Default)]
struct Looks {
    /// What fires, in words.
    fires: Vec<String>,
    /// Numbers of issues that are mirrored, that the author named, and that nothing leads to now.
    lost: BTreeSet<u64>,
    /// A reader sees something else.
    differs: bool,
    /// There is another character in code.
    code: bool,
}

impl Servers {
    fn new() -> Self {
        let (source, there) = full("https://source.example", "team/app");
        let (target, here) = full("https://target.example", "mirrors/app");
        Self {
            source,
            there,
            target,
            here,
        }
    }

    /// A text on the target, as a description or as a comment.
    fn read_there(&self, text: &str, first: bool) -> Reading {
        if first {
            self.target.reads(self.here, text)
        } else {
            comment_reading(&self.target, self.here, text)
        }
    }

    fn look(&self, case: &Case) -> Looks {
        let before = read(&self.source, self.there, case, &case.before);
        let inert = read(&self.target, self.here, case, &rewritten(case));
        let mut leading = read(
            &self.target,
            self.here,
            case,
            &rewritten_with(case, true, &mirrored),
        );
        let named = issues(&before, self.there);
        // What leads to the mirror of what the author named is meant to.
        let meant = |reference: &forge_sim::Reference| match reference.to {
            Some(Named::Issue(project, number)) => {
                project == self.here
                    && number
                        .checked_sub(SHIFT)
                        .is_some_and(|number| named.contains(&number))
            }
            _ => false,
        };
        let leads = issues(&leading, self.here);
        leading.references.retain(|reference| !meant(reference));
        let mut fires = fires(&inert);
        let mut others = self::fires(&leading);
        let mut differs = seen(&before) != seen(&inert);
        if !case.is_title() {
            let comment = rewritten_with(case, false, &nothing);
            let comment = comment_reading(&self.target, self.here, &comment);
            others.extend(self::fires(&comment));
            let alone = alone_reading(&self.source, self.there, &case.before);
            differs |= seen(&alone) != seen(&comment);
        }
        for more in others {
            if !fires.contains(&more) {
                fires.push(more);
            }
        }
        Looks {
            fires,
            lost: named
                .into_iter()
                .filter(|number| !leads.contains(&(number + SHIFT)))
                .collect(),
            differs,
            code: !case.is_title() && !kept::is_kept(&case.before, &rewritten(case)),
        }
    }
}

#[test]
fn p8_no_case_fires_anything_each_looks_the_same_and_references_lead_where_they_did() {
    let servers = Servers::new();
    let mut wrong = Vec::new();
    for case in cases::all() {
        let looks = servers.look(&case);
        let at = case.at();
        match &case.open {
            None if !looks.fires.is_empty() => wrong.push(format!("{at}: {:?}", looks.fires)),
            Some(_) if looks.fires.is_empty() => wrong.push(format!("{at}: is not open any more")),
            _ => {}
        }
        match case.lost.as_ref().or(case.inert.as_ref()) {
            None if !looks.lost.is_empty() => wrong.push(format!("{at}: lost {:?}", looks.lost)),
            Some(_) if looks.lost.is_empty() => wrong.push(format!("{at}: is not lost any more")),
            _ => {}
        }
        match &case.differs {
            None if looks.differs => wrong.push(format!("{at}: looks different")),
            Some(_) if !looks.differs => wrong.push(format!("{at}: looks the same")),
            _ => {}
        }
        match &case.code {
            None if looks.code => wrong.push(format!("{at}: its code is another one")),
            Some(_) if !looks.code => wrong.push(format!("{at}: its code is the same")),
            _ => {}
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The numbers of issues of a project that a text names.
fn issues(reading: &Reading, project: u64) -> BTreeSet<u64> {
    let numbers = reading.names().filter_map(|named| match named {
        Named::Issue(of, number) if of == project => Some(number),
        _ => None,
    });
    numbers.collect()
}
