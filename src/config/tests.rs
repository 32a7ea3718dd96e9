use super::*;
use crate::model::{IssueNumber, IssueType};
use crate::plan::policy::{Policy, Since};

/// A file that is right, up to the toggles of its one pair.
fn file(toggles: &str) -> String {
    format!(
        "instances:
  here: {{ forge: directory, path: ./here }}
  there: {{ forge: directory, path: /there }}
pairs:
  - name: one
    source: {{ instance: here, project: a/b }}
    target: {{ instance: there, project: . }}
{toggles}"
    )
}

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("/etc"))
        .unwrap_or_else(|problems| panic!("{}", problems.render("f.yaml", text, false)))
}

/// Every problem as `line:column message (help)`.
fn problems(text: &str) -> Vec<String> {
    let problems = Config::parse(text, Path::new("")).unwrap_err();
    problems
        .sorted()
        .into_iter()
        .map(|problem| {
            format!(
                "{}:{} {} ({})",
                problem.place.line, problem.place.column, problem.message, problem.help
            )
        })
        .collect()
}

#[test]
fn a_small_file_takes_every_default() {
    let config = parse(&file(""));
    assert_eq!(config.state, Path::new("/etc/issue-mirror.db"));
    let pair = &config.pairs[0];
    assert_eq!(pair.policy, Policy::default());
    assert!(pair.enabled && pair.interval.is_none());
    assert_eq!(pair.max_creates, 1000);
    assert_eq!(pair.full_every.as_hours(), 7 * 24);
    assert_eq!(pair.source.project, "a/b");
    let path = |name: &str| match &config.instances[name].kind {
        Kind::Directory { path } => path.clone(),
        Kind::Gitlab(_) => panic!("a directory"),
    };
    assert_eq!(path("here"), Path::new("/etc/here"));
    assert_eq!(path("there"), Path::new("/there"));
}

#[test]
fn a_pair_overrides_the_defaults() {
    let text = file("    sync_comments: true\n    users: { '@alice': '@al' }\n")
        + "defaults: { sync_comments: false, sync_weight: false, notice: true }\n";
    let policy = &parse(&text).pairs[0].policy;
    assert!(policy.comments && !policy.weight && policy.notice);
    assert_eq!(policy.users["alice"], "al");
}

#[test]
fn every_value_is_understood() {
    let text = file(
        "    enabled: false
    direction: target_to_source
    sync_interval_minutes: 15
    full_every: 36h
    max_creates: 20
    label_strategy: affix
    label_prefix: up/
    attachment_max_mb: 5
    mentions: notify
    mirror_since: 2026-01-31
    labels: { bug: defect, internal: null }
    milestones: { v1.0: '1.0' }
    only: { labels: [a], exclude_labels: [b], milestone: m, author: '@x', types: [task], created_after: 2025-01-01, issues: [1, 5] }
    milestone_strategy: as_label
    preserve_numbers: true
    inert_keys: [PROJ, ABC, A1_B, ABC]
",
    );
    let pair = &parse(&text).pairs[0];
    assert!(!pair.enabled);
    assert_eq!(pair.source.instance, "there");
    assert_eq!(pair.interval.unwrap().as_mins(), 15);
    assert_eq!(pair.full_every.as_hours(), 36);
    assert_eq!(pair.max_creates, 20);
    let policy = &pair.policy;
    assert_eq!(policy.label_affix, ("up/".into(), String::new()));
    assert_eq!(policy.attachment_max_bytes, 5 * 1024 * 1024);
    assert!(policy.notify_mentions && policy.preserve_numbers);
    assert_eq!(policy.inert_keys, ["A1_B", "ABC", "PROJ"]);
    assert_eq!(
        policy.mirror_since,
        Some(Since::Date(jiff::civil::date(2026, 1, 31)))
    );
    assert_eq!(policy.label_map["internal"], None);
    assert_eq!(policy.milestone_map["v1.0"], Some("1.0".into()));
    assert_eq!(policy.only.types, [IssueType::Task]);
    assert_eq!(policy.only.issues, [IssueNumber(1), IssueNumber(5)]);
    assert_eq!(policy.only.author.as_deref(), Some("x"));
    assert_eq!(
        policy.only.created_after.unwrap().to_string(),
        "2025-01-01T00:00:00Z"
    );
}

#[test]
fn what_is_no_beginning_of_a_key_is_refused() {
    for wrong in [
        "abc", "A", "1A", "_A", "A B", "ABC-", "'A-1'", "ÄB", "''", "12", "true", "[A]",
    ] {
        let said = problems(&file(&format!("    inert_keys: [OK, {wrong}]")));
        assert_eq!(said.len(), 1, "{wrong}: {said:?}");
        assert!(said[0].contains("`inert_keys` cannot be "), "{said:?}");
    }
    let many = |count: usize| {
        let keys: Vec<String> = (0..count).map(|number| format!("K{number}")).collect();
        file(&format!("    inert_keys: [{}]", keys.join(", ")))
    };
    assert_eq!(parse(&many(100)).pairs[0].policy.inert_keys.len(), 100);
    let said = problems(&many(101));
    assert_eq!(
        said,
        ["8:17 `inert_keys` has 101 keys (leave those that texts name, 100 at most)"]
    );
}

#[test]
fn each_mistake_has_its_place_and_its_cure() {
    for (toggles, said) in [
        (
            "    sync_coments: true",
            "8:5 `sync_coments` is not a key of the pair `one` (did you mean `sync_comments`?)",
        ),
        (
            "    sync_comments: yes",
            "8:20 `sync_comments` cannot be `yes` (write `true`)",
        ),
        (
            "    sync_comments: \"true\"",
            "8:20 `sync_comments` cannot be `true` (take the quotes away)",
        ),
        (
            "    users: { alice: null }",
            "8:14 `users` maps `alice` to nothing (leave out who has no account on the target)",
        ),
        (
            "    labels: { bug: '' }",
            "8:20 `labels: bug` is empty (expected text)",
        ),
        (
            "    sync_existing_issues: true\n    mirror_since: 5",
            "9:19 `mirror_since` says less than `sync_existing_issues: true` (remove one of the two)",
        ),
        (
            "    inert_keys: ABC",
            "8:17 `inert_keys` cannot be `ABC` (expected a list such as `[ABC, PROJ]`)",
        ),
        (
            "    inert_keys: [ABC-12]",
            "8:18 `inert_keys` cannot be `ABC-12` (expected what stands in front of the number, such as `ABC` for `ABC-12`: two capital letters or more, also digits and `_`)",
        ),
        (
            "    direction: both",
            "8:16 `direction` cannot be `both` (expected `source_to_target`, `target_to_source`)",
        ),
        (
            "    sync_comments: [1]",
            "8:20 `sync_comments` cannot be a list (expected `true` or `false`)",
        ),
        (
            "    sync_interval_minutes: 0",
            "8:28 `sync_interval_minutes` cannot be `0` (expected a whole number from 1 to 10080)",
        ),
        (
            "    full_every: 7",
            "8:17 `full_every` cannot be `7` (expected a length of time such as `7d`, `12h` or `90m`)",
        ),
        (
            "    full_every: -7d",
            "8:17 `full_every` cannot be `-7d` (expected a length of time such as `7d`, `12h` or `90m`)",
        ),
        (
            "    direction: bidirectional",
            "8:16 `direction: bidirectional` is not carried out by this version (use `source_to_target`, `target_to_source`)",
        ),
        (
            "    direction: source_to_traget",
            "8:16 `direction` cannot be `source_to_traget` (did you mean `source_to_target`?)",
        ),
        (
            "    bulk_import: auto",
            "8:18 `bulk_import: auto` is not carried out by this version (use `never`)",
        ),
        (
            "    mirror_since: soon",
            "8:19 `mirror_since` cannot be `soon` (expected the number of an issue or a day such as `2026-01-31`)",
        ),
        (
            "    label_prefix: x",
            "8:19 `label_prefix` has no effect with `label_strategy: exact` (add `label_strategy: affix`)",
        ),
        (
            "    only: { lables: [a] }",
            "8:13 `lables` is not a key of `only` (did you mean `labels`?)",
        ),
        (
            "    only: { types: [epic] }",
            "8:21 `types` cannot be `epic` (expected `issue`, `incident`, `task` or `test_case`)",
        ),
        (
            "    labels: [a]",
            "8:13 `labels` cannot be a list (expected a mapping such as `{ one: two }`)",
        ),
        (
            "    labels: { a: true }",
            "8:18 `labels: a` cannot be `true` (put quotes around it if it is meant as text)",
        ),
        (
            "    name: two",
            "8:5 the key `name` stands here a second time (remove one of the two)",
        ),
        (
            "    sync_labels: true\n    sync_labels: true",
            "9:5 the key `sync_labels` stands here a second time (remove one of the two)",
        ),
        (
            "notify: { webhook: x }",
            "8:1 `notify` is not carried out by this version (remove it, or use a version that does)",
        ),
        (
            "stat: x",
            "8:1 `stat` is not a key of the file (did you mean `state`?)",
        ),
        (
            "defaults: { sync_weigth: false }",
            "8:13 `sync_weigth` is not a key of `defaults` (did you mean `sync_weight`?)",
        ),
    ] {
        assert_eq!(problems(&file(toggles)), [said]);
    }
}

#[test]
fn instances_and_ends_are_checked() {
    for (from, to, said) in [
        (
            "forge: directory, path: ./here",
            "forge: github, url: https://h, token_env: T",
            "2:18 `forge: github` is not carried out by this version (use `directory`, `gitlab`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, token_env: T",
            "2:3 the instance `here` has no `url` (add `url: https://…`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: h.example, token_env: T",
            "2:31 `url` is no address of a server (expected an address such as `https://gitlab.example.com`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: 'https://h/api/v4', token_env: T",
            "2:31 `url` leads to the API (leave out `/api/v4`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: https://h",
            "2:3 the instance `here` has no token (add `token_env: NAME`, `token_file: PATH` or `token_command: [pass, show, NAME]`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: https://h, token_command: []",
            "2:3 `token_command` names no program (expected `[pass, show, NAME]`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: https://h, token_env: T, token_file: t",
            "2:3 the instance `here` has several tokens (keep one of `token_env`, `token_file` and `token_command`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: https://h, token_env: T, path: x",
            "2:3 `path` means nothing for a server (a server has `url` and a token)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: gitlab, url: https://h, token_env: T, aliases: [old.example.com, '?']",
            "2:83 `aliases` cannot hold `?` (expected hosts such as `old.example.com`)",
        ),
        (
            "{ forge: directory, path: ./here }",
            "{ forge: gitlab, url: https://h, token_env: T }\n  other: { forge: directory, path: x }",
            "ok",
        ),
        (
            "forge: directory, path: ./here",
            "path: ./here",
            "2:3 the instance `here` has no `forge` (add `forge: gitlab` or `forge: directory`)",
        ),
        (
            "forge: directory, path: ./here",
            "forge: directory",
            "2:3 the instance `here` has no `path` (add `path: ./somewhere`)",
        ),
        (
            "path: ./here",
            "path: ./here, url: https://h",
            "2:48 `url` means nothing for a directory (a directory has only `path`)",
        ),
        (
            "instance: here",
            "instance: heer",
            "6:25 there is no instance `heer` (did you mean `here`?)",
        ),
        (
            "instance: here, ",
            "",
            "6:13 `source` has no `instance` (add `instance: …`)",
        ),
        (
            "project: a/b",
            "project: ../b",
            "6:40 `../b` is no project of a directory (expected a relative path such as `team/app`, or `.` for the directory itself)",
        ),
        (
            "{ instance: here, project: a/b }",
            "here",
            "6:13 `source` must be a mapping, found text (expected `key: value` lines)",
        ),
        (
            "    target: { instance: there, project: . }\n",
            "",
            "5:5 the pair `one` has no `target` (add `target: { instance: …, project: … }`)",
        ),
        (
            "{ instance: there, project: . }",
            "{ instance: here, project: a/b }",
            "5:5 both ends of the pair `one` are one project (a project cannot be mirrored into itself)",
        ),
        (
            "name: one",
            "nam: one",
            "5:5 a pair has no `name` (add `name: …`)",
        ),
    ] {
        let text = file("").replacen(from, to, 1);
        if said == "ok" {
            parse(&text);
            continue;
        }
        assert!(
            problems(&text).contains(&said.to_owned()),
            "{:#?}",
            problems(&text)
        );
    }
}

#[test]
fn two_pairs_may_not_share_name_or_ends() {
    let second = "  - name: one
    source: { instance: here, project: a/b }
    target: { instance: there, project: . }
";
    assert_eq!(
        problems(&file(second)),
        [
            "8:5 two pairs are called `one` (give one of them another name)",
            "8:5 the pairs `one` and `one` have the same ends (a pair is its two ends; remove one of them)"
        ]
    );
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let text = "
instances:
  here: { forge: directry, path: . }
defaults: { sync_comments: 1 }
pairs:
  - name: a
    source: { instance: here, project: x }
    target: { instance: gone, project: y }
    sync_labels: maybe
  - nam: b
oops: 1
oops: 2
";
    let lines: Vec<String> = problems(text)
        .iter()
        .map(|problem| problem.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "3:18", "4:28", "8:25", "9:18", "10:5", "10:5", "10:5", "10:5", "11:1", "12:1"
        ]
    );
}

#[test]
fn what_is_no_yaml_is_said_once() {
    assert_eq!(problems("pairs: [\n").len(), 1);
    assert_eq!(
        problems("a: 1\n---\nb: 2\n"),
        ["3:1 a second YAML document begins here; the file must hold one ()"]
    );
    assert_eq!(
        problems(""),
        [
            "1:1 the file has no `instances` (add `instances:` with at least one entry, such as `here: { forge: directory, path: . }`)",
            "1:1 the file has no `pairs` (add `pairs:` with at least one `- name: …`)"
        ]
    );
    assert_eq!(
        problems("- a"),
        ["1:1 the file must be a mapping, found a list (expected `key: value` lines)"]
    );
}

#[test]
fn p7_a_token_in_the_file_is_refused_and_never_shown() {
    for line in [
        "token: s3cr3t",
        "private_token: 's3cr3t'",
        "token_env: glpat-s3cr3ts3cr3t",
        "url: https://me:s3cr3t@host/",
        "note: ghp_s3cr3ts3cr3ts3cr3t",
    ] {
        let text = file("").replace("path: ./here", &format!("path: ./here, {line}"));
        let found = Config::parse(&text, Path::new("")).unwrap_err();
        let shown = found.render("f.yaml", &text, false);
        assert!(shown.contains("holds a token itself"), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
    // Nor in a line that is shown for another mistake.
    let text = file("").replace("path: ./here", "pth: ./here, x: ghp_s3cr3ts3cr3ts3cr3t");
    let found = Config::parse(&text, Path::new("")).unwrap_err();
    assert!(!found.render("f.yaml", &text, false).contains("s3cr3t"));
}

#[test]
fn a_problem_is_shown_with_its_line() {
    let text = file("    sync_coments: true\n");
    let found = Config::parse(&text, Path::new("")).unwrap_err();
    assert_eq!(
        found.render("mirror.yaml", &text, false),
        "error: `sync_coments` is not a key of the pair `one`
 --> mirror.yaml:8:5
  |
8 |     sync_coments: true
  |     ^^^^^^^^^^^^ did you mean `sync_comments`?
"
    );
}
