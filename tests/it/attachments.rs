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
