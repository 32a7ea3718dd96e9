//! From pair to pair, and to trackers of files.

use super::description;
use crate::env::Env;
use crate::lab::{FEW_CERTIFICATES, author_text, shown};
use forge_sim::{Role, Sim, World};
use serde_json::Value;
use std::fs;

/// Two servers, and pairs that refer to each other's projects.
struct Two {
    env: Env,
    here: Sim,
    there: Sim,
    alice: u64,
    ids: [u64; 4],
}

impl Two {
    fn new() -> Self {
        let mut here = World::default();
        let (alice, bot) = (here.add_user("alice"), here.add_user("mirror-bot"));
        here.add_token("reader", bot);
        let mut there = World::default();
        let writer = there.add_user("mirror-bot");
        there.add_token("writer", writer);
        there.ids_from(9000);
        let ids = [
            here.add_project("team/app"),
            here.add_project("team/lib"),
            there.add_project("mirrors/app"),
            there.add_project("mirrors/lib"),
        ];
        for id in &ids[..2] {
            here.set_role(*id, bot, Role::Reporter);
            here.set_role(*id, alice, Role::Developer);
        }
        for id in &ids[2..] {
            there.set_role(*id, writer, Role::Maintainer);
        }
        Self {
            env: Env::empty(),
            here: Sim::start(here),
            there: Sim::start(there),
            alice,
            ids,
        }
    }

    fn open(&self, project: usize, text: &str) {
        self.open_titled(project, "T", text);
    }

    fn open_titled(&self, project: usize, title: &str, text: &str) {
        let (id, alice) = (self.ids[project], self.alice);
        self.here.world().open_issue(id, alice, title, text);
    }

    /// A pass over these pairs.
    fn sync(&self, pairs: &str) -> Value {
        for sim in [&self.here, &self.there] {
            sim.advance(300);
        }
        let (here, there) = (self.here.url(), self.there.url());
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: '{here}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{there}', token_env: WRITER }}
  files: {{ forge: directory, path: . }}
defaults: {{ sync_existing_issues: true }}
pairs:
{pairs}"
            ),
        );
        let tokens = [
            ("READER", "reader"),
            ("WRITER", "writer"),
            ("SECRET", "a secret that nobody guesses"),
            FEW_CERTIFICATES,
        ];
        let run = self.env.run_with(&["sync", "--output", "json"], &tokens);
        assert_eq!(run.code, 0, "{}", run.shown());
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn title(&self, project: usize, iid: u64) -> String {
        shown(&self.there.world().issue(self.ids[project], iid).title)
    }

    fn text(&self, project: usize, iid: u64) -> String {
        let world = self.there.world();
        shown(author_text(&description(
            world.issue(self.ids[project], iid),
        )))
    }
}

const APP: &str = "  - { name: app, source: { instance: prod, project: team/app }, target: { instance: backup, project: mirrors/app } }\n";

const LIB: &str = "  - { name: lib, source: { instance: prod, project: team/lib }, target: { instance: backup, project: mirrors/lib } }\n";

const FILES: &str = "  - { name: files, source: { instance: prod, project: team/lib }, target: { instance: files, project: kept } }\n";

#[test]
fn references_lead_from_pair_to_pair() {
    let two = Two::new();
    let here = two.here.url();
    two.open(1, "x");
    two.open(1, "About team/app#1.");
    two.open(
        0,
        &format!("team/lib#2 lib#2+ {here}/team/lib/-/issues/2 !4 lib!5"),
    );
    // Of a project that nobody mirrors so far, nothing is known.
    two.sync(APP);
    assert_eq!(
        two.text(2, 1),
        format!(
            "[team/lib#·2]({here}/team/lib/-/issues/2) lib#·2+ {here}/team/lib/-/issues/2 [!·4]({here}/team/app/-/merge_requests/4) lib!·5"
        )
    );
    let both = format!("{APP}{LIB}");
    two.sync(&both);
    assert_eq!(two.text(3, 2), "About mirrors/app#1.");
    let document = two.sync(&both);
    assert_eq!(document["pairs"][0]["put_right"], 1, "{document:#}");
    assert_eq!(
        two.text(2, 1),
        format!(
            "mirrors/lib#2 mirrors/lib#2+ mirrors/lib#2 [!·4]({here}/team/app/-/merge_requests/4) [lib!·5]({here}/team/lib/-/merge_requests/5)"
        )
    );
    let writes = two.there.world().writes();
    two.sync(&both);
    assert_eq!(two.there.world().writes(), writes);
    // What is mirrored elsewhere under another name changes nothing.
    two.sync(&format!("{both}{FILES}"));
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn p8_a_bare_name_in_front_of_a_number_is_text_until_such_a_project_is_mirrored() {
    let two = Two::new();
    let here = two.here.url();
    let prose = "C#7 PR#5 issue#1 bug#12 Problem#1 US$5 R&1 MR!5 v1.2#3 [a](C#7)";
    two.open(0, &format!("{prose} team/C#7 app!2 team&3 [it](app#9)"));
    two.open(0, "In lib!5.");
    two.open_titled(0, "As Lib#1 in C#7", "x");
    two.open(1, "x");
    two.sync(APP);
    let leads = format!(
        "C#·7 PR#·5 issue#·1 bug#·12 Problem#·1 US\\$5 R&·1 MR!·5 v1.2#·3 [a]({here}/team/app/-/blob/HEAD/C#7) \
         [team/C#·7]({here}/team/C/-/issues/7) [app!·2]({here}/team/app/-/merge_requests/2) \
         [team&·3]({here}/groups/team/-/epics/3) [it]({here}/team/app/-/issues/9)"
    );
    assert_eq!(two.text(2, 1), leads);
    assert_eq!(two.text(2, 2), "In lib!·5.");
    assert_eq!(two.title(2, 3), "As Lib#·1 in C#·7");
    let both = format!("{APP}{LIB}");
    two.sync(&both);
    let document = two.sync(&both);
    assert_eq!(document["pairs"][0]["put_right"], 2, "{document:#}");
    assert_eq!(two.text(2, 1), leads);
    assert_eq!(
        two.text(2, 2),
        format!("In [lib!·5]({here}/team/lib/-/merge_requests/5).")
    );
    assert_eq!(two.title(2, 3), "As mirrors/lib#1 in C#·7");
    let writes = two.there.world().writes();
    two.sync(&both);
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn links_that_are_no_whole_addresses_lead_to_counterparts_or_to_the_source() {
    let two = Two::new();
    two.open(0, "x");
    two.open(1, "x");
    two.open(0, "About:");
    let (first, second) = {
        let mut world = two.here.world();
        let first = world.comment(two.ids[0], 1, two.alice, "One.");
        (first, world.comment(two.ids[0], 2, two.alice, "Two."))
    };
    let text = format!(
        "[a](/team/app/-/issues/1) [b](/team/app/-/issues/1#note_{first}) [c](../issues/1) [d][d] \
         [e](/team/lib/-/issues/1#related-issues) [f](/team/app/-/issues/9) [g](/team/x/-/issues/1) \
         [h](-/issues/1) [i](docs/issues/1) [j](#note_{second}) [k](#note_7) [l](#part)\n\n\
         [d]: /team/app/-/work_items/1 't'"
    );
    let html = "<a href=\"/team/app/-/issues/1\">a</a>";
    {
        let mut world = two.here.world();
        world.issue_mut(two.ids[0], 2).description = Some(text);
        world.comment(two.ids[0], 2, two.alice, html);
    }
    let both = format!("{LIB}{APP}");
    two.sync(&both);
    two.sync(&both);
    let (here, there) = (two.here.url(), two.there.url());
    let notes = |iid: u64| {
        let world = two.there.world();
        let comments = world.issue(two.ids[2], iid).comments();
        comments
            .iter()
            .map(|note| (note.id, note.body.clone()))
            .collect::<Vec<_>>()
    };
    let (first, second) = (notes(1)[0].0, notes(2)[0].0);
    let (mirror, source) = (
        format!("{there}/mirrors/app/-/issues"),
        format!("{here}/team/app/-"),
    );
    assert_eq!(
        two.text(2, 2),
        format!(
            "[a]({mirror}/1) [b]({mirror}/1#note_{first}) [c]({mirror}/1) [d][d] \
             [e]({there}/mirrors/lib/-/issues/1#related-issues) [f]({source}/issues/9) [g]({here}/team/x/-/issues/1) \
             [h]({source}/blob/HEAD/-/issues/1) [i]({source}/blob/HEAD/docs/issues/1) [j]({mirror}/2#note_{second}) \
             [k]({source}/issues/2#note_7) [l](#part)\n\n\
             [d]: {mirror}/1 't'"
        )
    );
    let html = format!("<a href=\"{mirror}/1\">a</a>");
    assert!(notes(2)[1].1.contains(&html), "{}", notes(2)[1].1);
    let writes = two.there.world().writes();
    two.sync(&both);
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn p7_what_tells_nothing_of_its_source_leads_to_no_other_pair_nor_another_to_it() {
    let two = Two::new();
    let veiled = |pair: &str| {
        let settings = "provenance: opaque, provenance_key_env: SECRET }\n";
        pair.replace(" }\n", &format!(", {settings}"))
    };
    two.open(0, "See team/lib#1.");
    two.open(1, "See team/app#1.");
    two.sync(&format!("{APP}{LIB}"));
    two.sync(&format!("{APP}{LIB}"));
    assert_eq!(two.text(2, 1), "See mirrors/lib#1.");
    assert_eq!(two.text(3, 1), "See mirrors/app#1.");
    // From then on neither names the other.
    let pairs = format!("{APP}{}", veiled(LIB));
    two.sync(&pairs);
    two.sync(&pairs);
    let page = format!("{}/team/lib/-/issues/1", two.here.url());
    assert_eq!(two.text(2, 1), format!("See [team/lib#·1]({page})."));
    assert_eq!(two.text(3, 1), "See team/app#·1.");
    let writes = two.there.world().writes();
    two.sync(&pairs);
    assert_eq!(two.there.world().writes(), writes);
    // And again.
    two.sync(&format!("{APP}{LIB}"));
    two.sync(&format!("{APP}{LIB}"));
    assert_eq!(two.text(2, 1), "See mirrors/lib#1.");
    assert_eq!(two.text(3, 1), "See mirrors/app#1.");
}

#[test]
fn a_comment_leads_from_pair_to_pair_and_not_to_its_issue() {
    let two = Two::new();
    two.open(1, "x");
    let note = {
        let mut world = two.here.world();
        world.comment(two.ids[1], 1, two.alice, "First.")
    };
    let page = format!("{}/team/lib/-/issues/1#note_{note}", two.here.url());
    two.open(0, &format!("As in {page} and [there]({page})."));
    let both = format!("{LIB}{APP}");
    two.sync(&both);
    two.sync(&both);
    let url = two.there.url();
    let comment = two.there.world().issue(two.ids[3], 1).comments()[0].id;
    let there = format!("{url}/mirrors/lib/-/issues/1#note_{comment}");
    let expected = format!("As in <{there}> and [there]({there}).");
    assert_eq!(two.text(2, 1), expected);
}

#[test]
fn p7_what_a_pair_leaves_out_is_not_found_through_another_target() {
    let two = Two::new();
    let page = format!("{}/team/app/-/issues/1", two.here.url());
    two.open(0, "Left out.");
    two.open(0, &format!("See #1 and {page}."));
    let some = APP.replace(" }\n", ", only: { issues: [2] } }\n");
    let all = APP
        .replace("name: app", "name: all")
        .replace("mirrors/app", "mirrors/lib");
    let both = format!("{all}{some}");
    two.sync(&both);
    two.sync(&both);
    // Everything is there, and the other target says nothing of it.
    assert_eq!(two.text(3, 2), "See #1 and #1.");
    let expected = format!("See [#·1]({page}) and {page}.");
    assert_eq!(two.text(2, 1), expected);
}

#[test]
fn a_tracker_of_files_links_to_the_file() {
    let two = Two::new();
    let here = two.here.url();
    let page = format!("{here}/team/lib/-/issues");
    two.open(1, &format!("See #2, [it]({page}/2) and #3."));
    two.open(1, &format!("See {page}/1 and team/app#1."));
    two.sync(FILES);
    let read =
        |iid: u64| fs::read_to_string(two.env.path(format!("kept/issues/{iid}/issue.md"))).unwrap();
    assert!(
        read(1).contains(&format!("See #2, [it](../2/issue.md) and [#3]({page}/3).")),
        "{}",
        read(1)
    );
    assert!(
        read(2).contains(&format!(
            "See #1 and [team/app#1]({here}/team/app/-/issues/1)."
        )),
        "{}",
        read(2)
    );
    // Who has the files is not told of another server.
    two.sync(&format!("{APP}{FILES}"));
    two.open(0, "x");
    two.sync(&format!("{APP}{FILES}"));
    two.sync(&format!("{APP}{FILES}"));
    assert!(
        read(2).contains(&format!("[team/app#1]({here}/team/app/-/issues/1)")),
        "{}",
        read(2)
    );
    assert!(
        two.here
            .world()
            .issue(two.ids[1], 1)
            .notes
            .iter()
            .filter(|note| note.system)
            .count()
            <= 1
    );
}

#[test]
fn what_comes_from_a_tracker_of_files_leads_on() {
    const ON: &str = "  - { name: on, source: { instance: files, project: kept }, target: { instance: backup, project: mirrors/lib } }\n";
    let two = Two::new();
    let page = format!("{}/team/lib/-/issues", two.here.url());
    two.there
        .world()
        .open_issue(two.ids[3], two.alice, "Theirs", "x");
    two.open(1, &format!("See #2, [it]({page}/2) and #3."));
    two.open(1, &format!("See {page}/1."));
    two.sync(&format!("{FILES}{ON}"));
    two.sync(&format!("{FILES}{ON}"));
    let there = format!("{}/mirrors/lib/-/issues", two.there.url());
    assert_eq!(
        two.text(3, 2),
        format!("See #3, [it]({there}/3) and [#·3]({page}/3).")
    );
    assert_eq!(two.text(3, 3), "See #2.");
    let writes = two.there.world().writes();
    two.sync(&format!("{FILES}{ON}"));
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn titles_lead_from_pair_to_pair_but_not_where_one_tells_nothing_of_its_source() {
    let two = Two::new();
    let here = two.here.url();
    let page = format!("{here}/team/lib/-/issues/1");
    two.open(1, "x");
    two.open_titled(0, &format!("As lib#1+, team/lib#1 and {page}"), "x");
    two.sync(APP);
    let alone = format!("As lib#·1+, team/lib#·1 and {page}");
    assert_eq!(two.title(2, 1), alone);
    let both = format!("{APP}{LIB}");
    two.sync(&both);
    let document = two.sync(&both);
    assert_eq!(document["pairs"][0]["put_right"], 1, "{document:#}");
    let led = "As mirrors/lib#1+, mirrors/lib#1 and mirrors/lib#1";
    assert_eq!(two.title(2, 1), led);
    let writes = two.there.world().writes();
    two.sync(&both);
    assert_eq!(two.there.world().writes(), writes);
    let settings = "provenance: opaque, provenance_key_env: SECRET }\n";
    let veiled = format!("{APP}{}", LIB.replace(" }\n", &format!(", {settings}")));
    two.sync(&veiled);
    two.sync(&veiled);
    assert_eq!(two.title(2, 1), alone);
}

#[test]
fn titles_in_a_tracker_of_files_name_its_own_issues_and_lead_on() {
    const ON: &str = "  - { name: on, source: { instance: files, project: kept }, target: { instance: backup, project: mirrors/lib } }\n";
    let two = Two::new();
    let theirs = two.alice;
    let mut world = two.there.world();
    world.open_issue(two.ids[3], theirs, "Theirs", "x");
    drop(world);
    let mut world = two.here.world();
    // What it names has another number among the files.
    let secret = world.open_issue(two.ids[1], two.alice, "Secret", "x");
    world.issue_mut(two.ids[1], secret).confidential = true;
    drop(world);
    two.open_titled(1, "Before #3, not #9", "x");
    let page = format!("{}/team/lib/-/issues", two.here.url());
    two.open_titled(1, &format!("After #2, in {page}/2#note_5"), "x");
    let pairs = format!("{FILES}{ON}");
    two.sync(&pairs);
    two.sync(&pairs);
    let titles = |iid: u64| {
        let file = two.env.path(format!("kept/issues/{iid}/issue.md"));
        let text = fs::read_to_string(file).unwrap();
        let line = text.lines().find(|line| line.starts_with("title: "));
        shown(line.unwrap())
    };
    assert_eq!(titles(1), "title: \"Before #2, not #9\"");
    assert_eq!(
        titles(2),
        format!("title: \"After #1, in {page}/2#note_5\"")
    );
    assert_eq!(two.title(3, 2), "Before #3, not #·9");
    assert_eq!(two.title(3, 3), format!("After #2, in {page}/2#note_5"));
    let writes = two.there.world().writes();
    two.sync(&pairs);
    assert_eq!(two.there.world().writes(), writes);
}
