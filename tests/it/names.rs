//! Files whatever they are called, wherever the server is, and from several projects into one.

use crate::env::Env;
use crate::lab::{Lab, author_text};
use forge_sim::Role;
use std::collections::BTreeSet;
use std::fs;

/// What people, and others, call a file.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "a b.txt",
        "Ünï çødé 日本語.txt",
        "..hidden..txt",
        "it's \"quoted\".txt",
        "gpj\u{202e}txt.exe",
        "bell\u{7}escape\u{1b}.txt",
        "%2e%2e%2fetc%2fpasswd",
        "a&b=c;d+e#f?g.txt",
        "[x](y)<z>.txt",
        "back\\slash.txt",
        "CON.txt",
        "no end",
        "trailing. ",
    ]
    .map(str::to_owned)
    .into();
    names.push(format!("{}.txt", "é".repeat(120)));
    names
}

/// A name as it stands in an address.
fn encoded(name: &str) -> String {
    let code = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    name.bytes().map(code).collect()
}

fn secret(number: usize) -> String {
    format!("{number:032x}")
}

/// Keeps a file of each name on the source, with an issue that links to it; one of a name that is 300
/// characters long too.
fn files(lab: &Lab) -> Vec<String> {
    let mut names = names();
    names.push(format!("{}.txt", "x".repeat(296)));
    for (number, name) in names.iter().enumerate() {
        let key = (secret(number), name.clone());
        let content = format!("content {number}");
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        project.uploads.insert(key, content.into_bytes());
        drop(world);
        let link = format!("/uploads/{}/{}", secret(number), encoded(name));
        lab.open(
            &format!("T{number}"),
            &format!("[file]({link}) ![image](<{link}>)"),
        );
    }
    lab.sim.advance(300);
    names
}

#[test]
fn files_of_any_name_arrive_from_server_to_server() {
    let lab = Lab::new("");
    let names = files(&lab);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], names.len(), "{pair:#}");
    {
        let mirrored = lab.mirrored();
        let world = lab.sim.world();
        let uploads = &world.projects[&lab.target].uploads;
        for (number, issue) in mirrored.iter().enumerate() {
            let text = author_text(issue.description.as_deref().unwrap());
            let ((secret, name), content) = uploads
                .iter()
                .find(|((secret, _), _)| text.contains(secret.as_str()))
                .unwrap();
            assert_eq!(*content, format!("content {number}").into_bytes());
            let link = format!("/uploads/{secret}/{name}");
            assert_eq!(text, format!("[file]({link}) ![image](<{link}>)"));
            assert!(name.len() <= 255, "{name}");
        }
    }
    lab.sim.advance(300);
    lab.idle();
}

/// The pair mirrors into a tracker of files.
fn into_files(lab: &Lab) {
    let url = lab.sim.url();
    lab.env.write(
        "mirror.yaml",
        &format!(
            "instances:
  prod: {{ forge: gitlab, url: '{url}', token_env: READER }}
  there: {{ forge: directory, path: target }}
pairs:
  - name: files
    source: {{ instance: prod, project: team/app }}
    target: {{ instance: there, project: . }}
    sync_existing_issues: true
"
        ),
    );
}

#[test]
fn files_of_any_name_arrive_from_a_server_in_a_tracker_of_files() {
    let lab = Lab::new("");
    into_files(&lab);
    let names = files(&lab);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], names.len(), "{pair:#}");
    let target = lab.env.target();
    let mut seen = BTreeSet::new();
    for (number, issue) in target.issues() {
        let text = issue.mirrored_text();
        let link = text.split_once("](").unwrap().1.split_once(')').unwrap().0;
        let path = link.strip_prefix("../../attachments/").unwrap();
        // The link is one of Markdown and the name one of a disk, also of one that knows no case.
        assert!(
            !path.contains(['/', '\\', ' ', '"', '\'', '<', '\u{202e}']),
            "{path}"
        );
        let name = percent_decoded(path);
        assert!(
            name.len() <= 255 && seen.insert(name.to_lowercase()),
            "{name}"
        );
        let content = fs::read(target.path(&format!("attachments/{name}"))).unwrap();
        assert_eq!(content, format!("content {}", number - 1).into_bytes());
    }
    assert_eq!(seen.len(), names.len());
    lab.sim.advance(300);
    let before = target.bytes();
    lab.sync();
    assert_eq!(target.bytes(), before);
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = rest.strip_prefix('%').and_then(|rest| rest.get(..2));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            None => {
                bytes.extend(c.to_string().into_bytes());
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn files_of_any_name_arrive_from_a_tracker_of_files_on_a_server() {
    let lab = Lab::from_files();
    let source = lab.env.source();
    fs::create_dir_all(lab.env.path("source/attachments")).unwrap();
    // What is between folders on some disks is in no link to a tracker.
    let names: Vec<String> = names()
        .into_iter()
        .filter(|name| !name.contains('\\'))
        .collect();
    for (number, name) in (1..).zip(&names) {
        let file = lab.env.path("source/attachments").join(name);
        fs::write(file, format!("content {number}")).unwrap();
        let link = format!("../../attachments/{}", encoded(name));
        source.issue(
            number,
            &format!("title: T{number}\nauthor: a"),
            &format!("[file]({link})"),
        );
    }
    // What leads out of the folder is no file of the tracker.
    fs::write(lab.env.path("source/outside.txt"), "CANARY").unwrap();
    let out = [
        "../../attachments/%2e%2e%2foutside.txt",
        "../../attachments/../outside.txt",
        "../../attachments/..%2Foutside.txt",
        "../../outside.txt",
    ];
    let text: Vec<String> = out.iter().map(|link| format!("[x]({link})")).collect();
    source.issue(90, "title: Out\nauthor: a", &text.join("\n"));
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], names.len(), "{pair:#}");
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    let contents: BTreeSet<String> = uploads
        .values()
        .map(|content| String::from_utf8(content.clone()).unwrap())
        .collect();
    let expected = (1..=names.len()).map(|number| format!("content {number}"));
    assert_eq!(contents, expected.collect());
}

#[test]
fn servers_below_a_path_are_servers_like_others() {
    let lab = Lab::with("", |world| "/gitlab".clone_into(&mut world.relative_url));
    let url = lab.sim.url();
    assert!(url.ends_with("/gitlab"));
    let (secret, gone) = (secret(1), secret(2));
    {
        let mut world = lab.sim.world();
        let project = world.projects.get_mut(&lab.source).unwrap();
        project
            .uploads
            .insert((secret.clone(), "a.txt".to_owned()), b"text".to_vec());
    }
    let links = |secret: &str| {
        let file = format!("uploads/{secret}/a.txt");
        [
            format!("/{file}"),
            format!("/gitlab/team/app/{file}"),
            format!("/team/app/{file}"),
            format!("{url}/team/app/{file}"),
            format!("{url}/-/project/{}/{file}", lab.source),
        ]
    };
    let text = |links: &[String]| {
        let lines: Vec<String> = links.iter().map(|link| format!("[a]({link})")).collect();
        lines.join("\n")
    };
    let all = [links(&secret), links(&gone)].concat();
    lab.open("T", &format!("{}\n[d](docs/a.md)", text(&all)));
    lab.sim.advance(300);
    let pair = lab.sync();
    assert_eq!(pair["attachments"]["copied"], 1, "{pair:#}");
    // However it is spelled, it is one file.
    assert_eq!(pair["attachments"]["failed"], 1);
    let copy = {
        let world = lab.sim.world();
        let (secret, name) = world.projects[&lab.target].uploads.keys().next().unwrap();
        format!("/uploads/{secret}/{name}")
    };
    let lost = format!("{url}/team/app/uploads/{gone}/a.txt");
    let expected = [vec![copy; 5], vec![lost; 5]].concat();
    assert_eq!(
        author_text(lab.mirrored()[0].description.as_deref().unwrap()),
        format!(
            "{}\n[d]({url}/team/app/-/blob/HEAD/docs/a.md)",
            text(&expected)
        )
    );
    lab.sim.advance(300);
    lab.idle();
}

#[test]
fn a_file_of_two_projects_is_once_in_the_target_that_they_share() {
    let lab = Lab::new("");
    let other = {
        let mut world = lab.sim.world();
        let other = world.add_project("team/other");
        let bot = world.tokens["reader"].user;
        world.set_role(other, bot, Role::Reporter);
        for project in [lab.source, other] {
            let uploads = &mut world.projects.get_mut(&project).unwrap().uploads;
            uploads.insert((secret(1), "a.txt".to_owned()), b"text".to_vec());
            let link = format!("[a](/uploads/{}/a.txt)", secret(1));
            world.open_issue(project, lab.alice, "T", &link);
        }
        other
    };
    let config = fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let (_, pair) = config.split_once("pairs:\n").unwrap();
    let second = pair
        .replace("name: app", "name: other")
        .replace("team/app", "team/other");
    lab.env.write("mirror.yaml", &format!("{config}{second}"));
    lab.sim.advance(300);
    let run = lab.run(&["sync", "--output", "json"]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let counts =
        |at: usize, name: &str| document["pairs"][at]["attachments"][name].as_u64().unwrap();
    assert_eq!(
        (counts(0, "copied"), counts(1, "copied")),
        (1, 0),
        "{other}"
    );
    assert_eq!(counts(1, "reused"), 1);
    let world = lab.sim.world();
    let uploads = &world.projects[&lab.target].uploads;
    assert_eq!(uploads.len(), 1);
    let (secret, name) = uploads.keys().next().unwrap();
    let link = format!("[a](/uploads/{secret}/{name})");
    drop(world);
    for issue in lab.mirrored() {
        assert_eq!(author_text(issue.description.as_deref().unwrap()), link);
    }
}

#[test]
fn the_names_are_what_they_are_said_to_be() {
    // A disk must take them, or nothing is tested.
    let env = Env::empty();
    for name in names() {
        assert!(name.len() <= 255);
        fs::write(env.path(&name), "x").unwrap();
    }
}
