//! Files that texts link to.

use crate::env::Env;
use std::fs;

fn file(env: &Env, relative: &str, content: &[u8]) {
    let path = env.path("source").join(relative);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn kept(env: &Env) -> Vec<String> {
    let Ok(entries) = fs::read_dir(env.path("target/attachments")) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn attachments_are_copied_once_by_content_and_their_links_follow() {
    let env = Env::new("");
    file(&env, "attachments/shot one.png", b"png");
    file(&env, "attachments/again.png", b"png");
    file(&env, "issues/1/beside.txt", b"beside");
    let source = env.source();
    source.issue(
        1,
        "title: T",
        "![a](<../../attachments/shot one.png> \"t\") [b](../../attachments/shot%20one.png)\n\n<img src=\"../../attachments/again.png\">\n\n[c][d]\n\n[d]: beside.txt\n\n`[e](beside.txt)` [f](other.txt) [g](../2/issue.md) [h](https://example.org/beside.txt)",
    );
    source.comment(1, 1, "author: a", "See [it](beside.txt).");
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 2);
    assert_eq!(pair["attachments"]["reused"], 3);
    let names = kept(&env);
    assert_eq!(names.len(), 2, "{names:?}");
    let beside = names
        .iter()
        .find(|name| name.ends_with("-beside.txt"))
        .unwrap();
    let shot = names
        .iter()
        .find(|name| name.ends_with("-shot_one.png"))
        .unwrap();
    let issue = env.target().read(1);
    assert_eq!(
        issue.mirrored_text(),
        format!(
            "![a](<../../attachments/{shot}> \"t\") [b](../../attachments/{shot})\n\n<img src=\"../../attachments/{shot}\">\n\n[c][d]\n\n[d]: ../../attachments/{beside}\n\n`[e](beside.txt)` [f](other.txt) [g](../2/issue.md) [h](https://example.org/beside.txt)"
        )
    );
    assert_eq!(
        issue.comments[0].mirrored_text(),
        format!("See [it](../../attachments/{beside}).")
    );
    let content = fs::read(env.path("target/attachments").join(shot)).unwrap();
    assert_eq!(content, b"png");
    env.sync_idle();
    // An edit of the text uploads nothing again.
    source.edit("issues/1/issue.md", "[h]", "[i]");
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 0);
    assert_eq!(kept(&env), names);
}

#[test]
fn what_is_too_large_or_missing_stays_a_link_and_is_said() {
    let env = Env::new("attachment_max_mb: 1");
    file(&env, "attachments/large.bin", &vec![7; 1024 * 1024 + 1]);
    env.source().issue(
        1,
        "title: T",
        "[l](../../attachments/large.bin) [m](../../attachments/missing.png)",
    );
    let pair = env.sync();
    assert_eq!(pair["attachments"]["too_large"], 1);
    assert_eq!(pair["attachments"]["failed"], 1);
    let why = pair["not_carried"].to_string();
    assert!(
        why.contains("larger than 1 MiB") && why.contains("missing.png"),
        "{why}"
    );
    assert_eq!(
        env.target().read(1).mirrored_text(),
        "[l](../../attachments/large.bin) [m](../../attachments/missing.png)"
    );
    env.sync_idle();
    // A higher limit arrives (P10).
    env.configure("attachment_max_mb: 2");
    assert_eq!(env.sync()["attachments"]["copied"], 1);
}

#[test]
fn switched_off_nothing_is_copied() {
    let env = Env::new("sync_attachments: false");
    file(&env, "attachments/a.png", b"png");
    env.source()
        .issue(1, "title: T", "![a](../../attachments/a.png)");
    env.sync();
    assert!(kept(&env).is_empty());
    env.configure("");
    assert_eq!(env.sync()["attachments"]["copied"], 1);
    assert!(
        !env.target()
            .read(1)
            .text
            .contains("(../../attachments/a.png)")
    );
}

#[test]
fn p7_no_link_leads_out_of_the_tracker() {
    let env = Env::new("");
    fs::write(env.path("outside.txt"), "canary-0815").unwrap();
    file(&env, "attachments/x", b"");
    fs::remove_file(env.path("source/attachments/x")).unwrap();
    std::os::unix::fs::symlink(
        env.path("outside.txt"),
        env.path("source/attachments/link.txt"),
    )
    .unwrap();
    std::os::unix::fs::symlink(env.path("."), env.path("source/attachments/folder")).unwrap();
    env.source().issue(
        1,
        "title: T",
        "[a](../../attachments/link.txt) [b](../../../outside.txt) [c](../../attachments/../../outside.txt) [d](../../attachments/folder/outside.txt) [e](%2e%2e/%2e%2e/%2e%2e/outside.txt) [f](/etc/passwd) [g](file:///etc/passwd)",
    );
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 0);
    assert_eq!(
        pair["attachments"]["failed"], 2,
        "the two that look like attachments"
    );
    for (path, bytes) in env.target().bytes() {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("canary-0815"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn names_from_the_outside_are_made_safe() {
    let env = Env::new("");
    let long = format!("{}.png", "n".repeat(200));
    file(&env, &format!("attachments/{long}"), b"long");
    file(&env, "attachments/-rf;$(x) `y`.txt", b"shell");
    file(&env, "attachments/Ünï.txt", b"unicode");
    env.source().issue(
        1,
        "title: T",
        &format!("[a](../../attachments/{long}) [b](<../../attachments/-rf;$(x) `y`.txt>) [c](../../attachments/Ünï.txt)"),
    );
    assert_eq!(env.sync()["attachments"]["copied"], 3);
    for name in kept(&env) {
        assert!(name.len() <= 120, "{name}");
        assert!(
            name.chars()
                .all(|c| c.is_alphanumeric() || "._-+".contains(c)),
            "{name}"
        );
    }
    env.sync_idle();
}

#[test]
fn p2_another_content_of_a_file_arrives_like_an_edit() {
    let env = Env::new("");
    file(&env, "attachments/a.txt", b"one");
    let source = env.source();
    source.issue(1, "title: T", "[a](../../attachments/a.txt)");
    source.issue(2, "title: U", "No link.");
    source.comment(1, 1, "author: a", "[late](../../attachments/late.txt)");
    let pair = env.sync();
    assert_eq!(pair["attachments"]["failed"], 1, "not there yet");
    env.sync_idle();
    file(&env, "attachments/a.txt", b"two");
    file(&env, "attachments/late.txt", b"late");
    let pair = env.sync();
    assert_eq!(pair["attachments"]["copied"], 2);
    assert_eq!(pair["issues"]["updated"], 1);
    let issue = env.target().read(1);
    let of = |text: &str| {
        let link = text.split_once('(').unwrap().1.trim_end_matches(')');
        fs::read(env.target().path("issues/1").join(link)).unwrap()
    };
    assert_eq!(of(issue.mirrored_text()), b"two");
    assert_eq!(of(issue.comments[0].mirrored_text()), b"late");
    env.sync_idle();
}

#[test]
fn p6_switched_off_the_link_to_what_was_copied_stays() {
    let env = Env::new("");
    file(&env, "attachments/a.txt", b"one");
    let source = env.source();
    source.issue(1, "title: T", "[a](../../attachments/a.txt)");
    env.sync();
    let link = env.target().read(1).mirrored_text().to_owned();
    let before = env.target().bytes();
    env.configure("sync_attachments: false");
    env.sync();
    assert_eq!(env.target().bytes(), before);
    // Neither another content nor an edit of the text takes it away.
    file(&env, "attachments/a.txt", b"two");
    source.edit("issues/1/issue.md", "[a]", "New: [a]");
    env.sync();
    assert_eq!(env.target().read(1).mirrored_text(), format!("New: {link}"));
    env.sync_idle();
    env.configure("");
    assert_eq!(env.sync()["attachments"]["copied"], 1);
}

#[test]
fn a_file_that_the_target_lost_is_copied_again() {
    let env = Env::new("");
    file(&env, "attachments/a.txt", b"one");
    let source = env.source();
    source.issue(1, "title: T", "[a](../../attachments/a.txt)");
    env.sync();
    let name = kept(&env).remove(0);
    fs::remove_file(env.path("target/attachments").join(&name)).unwrap();
    source.edit("issues/1/issue.md", "[a]", "[b]");
    assert_eq!(env.sync()["attachments"]["copied"], 1);
    assert_eq!(kept(&env), [name]);
}

#[test]
fn p7_folders_that_are_links_are_not_followed() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nauthor: a", "Text.");
    env.sync();
    // On the source: neither read nor an issue.
    fs::create_dir(env.path("outside")).unwrap();
    fs::write(
        env.path("outside/issue.md"),
        "---\ntitle: canary-0815\n---\n",
    )
    .unwrap();
    std::os::unix::fs::symlink(env.path("outside"), source.path("issues/2")).unwrap();
    let pair = env.sync();
    assert_eq!(pair["issues"]["seen"], 1);
    assert!(
        pair["warnings"][0]
            .as_str()
            .unwrap()
            .contains("issues/2 is not read")
    );
    // On the target: nothing is written behind it.
    let inside = env.target().path("issues/1");
    let moved = env.path("moved");
    fs::rename(&inside, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &inside).unwrap();
    let before = fs::read(moved.join("issue.md")).unwrap();
    source.edit("issues/1/issue.md", "title: T", "title: U");
    source.comment(1, 1, "author: a", "C");
    let pair = env.sync_with(&[], 3);
    let said = pair["failures"][0]["error"].as_str().unwrap();
    assert!(said.contains("symbolic link"), "{said}");
    assert_eq!(fs::read(moved.join("issue.md")).unwrap(), before);
    assert_eq!(fs::read_dir(&moved).unwrap().count(), 1);
}
