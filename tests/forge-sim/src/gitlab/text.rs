//! What GitLab does by itself with a text that it is given.

use super::Asker;
use super::issues::system_note;
use crate::world::{Role, World};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Where a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Description,
    Note,
}

static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^/(close|reopen|title|assign|unassign|reassign|label|unlabel|relabel|milestone|due|estimate|spend|lock|unlock|confidential|move|clone|duplicate|relate|promote|type|subscribe|unsubscribe|todo|done|award|react|severity|weight|epic|iteration|cc|shrug|tableflip)(?: +(.*?))?$",
    )
    .expect("a pattern")
});

/// Stores a text: commands are carried out and cut out, `\r` and trailing blanks go, mentions write
/// mails, references leave a trace. Answers what is kept. `old`: what stood there before; commands
/// that stood there already are not carried out again.
pub(super) fn received(
    world: &mut World,
    asker: Asker,
    iid: u64,
    text: &str,
    old: Option<&str>,
    place: Where,
) -> String {
    let text = text.replace('\r', "");
    let mut kept = String::new();
    let mut at = 0;
    for range in command_lines(&text) {
        let line = &text[range.clone()];
        let known = old.is_some_and(|old| old.lines().any(|other| other == line));
        if known {
            continue;
        }
        carry_out(world, asker, iid, line);
        kept.push_str(&text[at..range.start]);
        at = range.end;
        if text[at..].starts_with('\n') {
            at += 1;
        }
    }
    kept.push_str(&text[at..]);
    let kept = kept.trim_end().to_owned();
    let before = old.unwrap_or("").to_owned();
    notify(world, asker, iid, &kept, &before);
    leave_traces(world, asker, iid, &kept, &before);
    let _ = place;
    kept
}

/// Lines that are commands: in paragraphs at the top level of a text that is rendered without HTML
/// (reference §2.4).
fn command_lines(text: &str) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut depth = 0_usize;
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut paragraph: Option<Range<usize>> = None;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Paragraph) if depth == 0 => {
                paragraph = Some(range);
                spans.clear();
                depth += 1;
            }
            Event::End(TagEnd::Paragraph) if depth == 1 => {
                depth -= 1;
                let Some(range) = paragraph.take() else {
                    continue;
                };
                for found in COMMAND.find_iter(&text[range.clone()]) {
                    let found = range.start + found.start()..range.start + found.end();
                    let in_code = spans.iter().any(|span| span.contains(&found.start));
                    if !in_code {
                        lines.push(found);
                    }
                }
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Code(_) => spans.push(range),
            _ => {}
        }
    }
    lines
}

fn carry_out(world: &mut World, asker: Asker, iid: u64, line: &str) {
    let now = world.clock.now();
    let Some(found) = COMMAND.captures(line) else {
        return;
    };
    let argument = found.get(2).map_or("", |found| found.as_str()).to_owned();
    let command = found[1].to_lowercase();
    if !asker.is_at_least(Role::Planner) {
        return;
    }
    let issue = world.issue_mut(asker.project, iid);
    match command.as_str() {
        "close" => {
            issue.open = false;
            issue.closed = Some((now, asker.user));
        }
        "reopen" => {
            issue.open = true;
            issue.closed = None;
        }
        "title" => issue.title = argument,
        "confidential" => issue.confidential = true,
        "label" => {
            let names = argument
                .split('~')
                .map(|name| name.trim().trim_matches('"').to_owned());
            issue.labels.extend(names.filter(|name| !name.is_empty()));
        }
        "due" => issue.due_date = Some(argument),
        _ => {}
    }
    issue.updated_at = now;
}

/// What is read as prose: no code, no HTML comment; link texts count, their targets do not.
fn prose(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut words, mut links) = (Vec::new(), Vec::new());
    let mut in_code = 0;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code += 1,
            Event::End(TagEnd::CodeBlock) => in_code -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Text(text) if in_code == 0 => words.push(text.to_string()),
            _ => {}
        }
    }
    // A text may be cut in pieces where nothing separates them.
    (vec![words.concat()], links)
}

/// An address becomes a link by itself, and nothing in the text of a link is looked at.
fn without_addresses(words: &str) -> String {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"https?://[^\s<>]+").expect("a pattern"));
    ADDRESS.replace_all(words, " ").into_owned()
}

/// Mentions write to everybody who is named and was not before (reference §8.3).
fn notify(world: &mut World, asker: Asker, iid: u64, text: &str, before: &str) {
    static MENTION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|[^\w@])@([A-Za-z0-9_][\w.\-/]*)").expect("a pattern"));
    let named = |text: &str| -> BTreeSet<String> {
        let (words, _) = prose(text);
        let words = without_addresses(&words.join("\n"));
        MENTION
            .captures_iter(&words)
            .map(|found| found[1].trim_end_matches(['.', '-', '/']).to_owned())
            .collect()
    };
    for name in named(text).difference(&named(before)) {
        world.mails.push((name.clone(), asker.project, iid));
    }
}

/// References write "mentioned in" into what they name, and touch it (reference §8.3).
fn leave_traces(world: &mut World, asker: Asker, iid: u64, text: &str, before: &str) {
    let now = world.clock.now();
    let old = references(world, asker.project, before);
    for (project, number) in references(world, asker.project, text) {
        if (project, number) == (asker.project, iid) || old.contains(&(project, number)) {
            continue;
        }
        let path = world.projects[&asker.project].path.clone();
        let id = world.fresh_id();
        let note = system_note(
            id,
            asker.user,
            &format!("mentioned in issue {path}#{iid}"),
            now,
        );
        let issue = world.issue_mut(project, number);
        issue.notes.push(note);
        issue.touch(now);
    }
}

fn references(world: &World, project: u64, text: &str) -> BTreeSet<(u64, u64)> {
    static SHORT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:([A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)+)|\b|^|[^\w&])#(\d+)\b|\bGL-(\d+)\b")
            .expect("a pattern")
    });
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        // No host has other characters: GitLab compares it with its own.
        Regex::new(r"https?://[A-Za-z0-9.:-]+/([^\s)]+?)/-/(?:issues|work_items)/(\d+)")
            .expect("a pattern")
    });
    let (words, links) = prose(text);
    let words = words.join("\n");
    let mut found = BTreeSet::new();
    let mut add = |path: Option<&str>, number: &str| {
        let target = match path {
            None => Some(project),
            Some(path) => world
                .projects
                .values()
                .find(|p| p.path == path)
                .map(|p| p.id),
        };
        if let (Some(target), Ok(number)) = (target, number.parse())
            && world.projects[&target].issues.contains_key(&number)
        {
            found.insert((target, number));
        }
    };
    for reference in SHORT.captures_iter(&without_addresses(&words)) {
        let number = reference
            .get(2)
            .or(reference.get(3))
            .map_or("", |found| found.as_str());
        add(reference.get(1).map(|found| found.as_str()), number);
    }
    for text in links.iter().map(String::as_str).chain([words.as_str()]) {
        for reference in URL.captures_iter(text) {
            add(Some(&reference[1]), &reference[2]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::command_lines;

    fn commands(text: &str) -> Vec<&str> {
        command_lines(text)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn commands_are_lines_of_paragraphs_at_the_top() {
        assert_eq!(commands("/close"), ["/close"]);
        assert_eq!(commands("text\n/close\nmore"), ["/close"]);
        assert_eq!(commands("/CLOSE"), ["/CLOSE"]);
        assert_eq!(commands("/label ~bug"), ["/label ~bug"]);
        assert_eq!(commands("<details>\n\n/close\n\n</details>"), ["/close"]);
        for text in [
            "\\/close",
            " a /close",
            "- /close",
            "> /close",
            "```\n/close\n```",
            "    /close",
            "/closed",
            "/etc/passwd",
            "# /close",
            "`a\n/close` b",
        ] {
            assert!(commands(text).is_empty(), "{text}");
        }
    }
}
