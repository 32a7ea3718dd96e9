//! What people call themselves, their issues, milestones, iterations and epics, in lines of ours: shown
//! as it is called, and nothing more (P8).

use crate::lab::{Lab, author_comment, author_text, shown};
use forge_sim::{Milestone, Role};

/// What a forge could make something of.
fn names() -> Vec<String> {
    let upload = format!("![x](/uploads/{}/a.png)", "6".repeat(32));
    let emoji = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".repeat(51);
    let mut names: Vec<String> = [
        "[Admin](/-/profile)",
        "a [b](c d)",
        "![x](y z)",
        "](x y)[z](",
        "[[Home]]",
        "[[x|https://evil.example]]",
        "[x][y]",
        "https://a.example/b_c?d=1&e=2",
        "https://a.example/~b/*c*",
        "[+x+] {-y-}",
        "@all",
        "@alice",
        "/close",
        "x\n/close\n\n/label ~bug",
        "x\r\n# y",
        "#1",
        "team/app#1",
        "!1 &1 %1 ~bug $1 *iteration:1",
        "<b>x</b>",
        "<!-- x",
        "<a href=\"/-/profile\">x</a>",
        "**x** _y_ ~~z~~ `w`",
        "$`x`$ $y$",
        "&lt;b&gt; &#35;1",
        "\\",
        "\\[x](y z)",
        "| a | b |",
        "txt\u{202e}gpj",
        "[issue-mirror]: # (imk7f3a9c2d4e v1 src=x)",
        "---",
        "- **Source:** x",
    ]
    .map(str::to_owned)
    .into();
    names.extend([upload, emoji]);
    names
}

/// A name on one line, without what is invisible.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", " ").replace("\n\n", " ");
    text.replace('\n', " ")
        .replace(['\u{2060}', '\u{202c}', '\u{2069}'], "")
}

/// As much of a name as leaves room in a title for what makes it too long on the target. What a title
/// refers to leads there, which is nothing of ours.
fn title_of(name: &str) -> String {
    let title = plain(name).replace("#1", "# 1");
    title.chars().take(220).collect()
}

/// An issue per name, that is all that it can be called, with a comment.
fn called(names: &[String]) -> Lab {
    let lab = Lab::with("sync_existing_issues: true", |world| {
        world.premium = true;
        world.add_user("all");
    });
    for (index, name) in names.iter().enumerate() {
        let mut world = lab.sim.world();
        let user = world.add_user(&format!("user{index}"));
        world.users.get_mut(&user).unwrap().name.clone_from(name);
        world.set_role(lab.source, user, Role::Developer);
        let id = world.fresh_id();
        let milestone = Milestone {
            title: plain(name),
            ..Milestone::default()
        };
        let source = world.projects.get_mut(&lab.source).unwrap();
        source.milestones.insert(id, milestone);
        let title = format!("{} {}", title_of(name), "@a ".repeat(85));
        let title: String = title.chars().take(255).collect();
        let iid = world.open_issue(lab.source, user, title.trim(), "Text.");
        world.comment(lab.source, iid, user, "Comment.");
        let issue = world.issue_mut(lab.source, iid);
        issue.milestone = Some(id);
        issue.assignees = vec![user];
        issue.iteration = Some(name.clone());
        issue.epic = Some((1, name.clone()));
    }
    {
        let mut world = lab.sim.world();
        world.mails.clear();
        world.backlinks.clear();
    }
    lab.sim.advance(300);
    lab
}

#[test]
fn p8_whatever_something_is_called_is_shown_in_our_lines_and_nothing_more() {
    let names = names();
    let lab = called(&names);
    lab.sync();
    let all = lab.mirrored();
    assert_eq!(all.len(), names.len());
    let mut wrong = Vec::new();
    for (issue, name) in all.iter().zip(&names) {
        let text = issue.description.as_deref().unwrap();
        let comment = &issue.comments()[0].body;
        assert_eq!(author_text(text), "Text.");
        assert_eq!(author_comment(comment).1, "Comment.");
        let name = plain(name);
        for (body, lines) in [
            (
                text,
                &[
                    "Title: ",
                    "Author: ",
                    "Milestone: ",
                    "Iteration: ",
                    "Epic: &1 ",
                    "Assignees: ",
                ][..],
            ),
            (comment.as_str(), &[""]),
        ] {
            let reading = lab.sim.world().reads(lab.target, body);
            let visible = plain_lines(&reading.visible());
            for line in lines {
                let is_title = *line == "Title: ";
                let name = if is_title {
                    title_of(&name)
                } else {
                    name.clone()
                };
                let start = format!("{line}{name}");
                if !visible.iter().any(|line| line.starts_with(&start)) {
                    wrong.push(format!(
                        "{start:?} is not in {:?}: {:?}",
                        visible,
                        shown(body)
                    ));
                }
            }
            // An address leads where it says.
            let mut links = reading.links.iter();
            let does = !reading.commands.is_empty()
                || !reading.mentions.is_empty()
                || reading.names().next().is_some()
                || links.any(|link| link.text != link.href);
            if does {
                wrong.push(format!("{name:?}: {reading:?}"));
            }
        }
    }
    let world = lab.sim.world();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(world.mails.is_empty(), "{:?}", world.mails);
    assert!(world.backlinks.is_empty(), "{:?}", world.backlinks);
    assert!(all.iter().all(|issue| issue.open));
    drop(world);
    lab.sim.advance(600);
    lab.idle();
}

fn plain_lines(visible: &str) -> Vec<String> {
    visible.lines().map(plain).collect()
}
