//! What GitLab's filters take for a mention or a reference (reference §8.1).
//!
//! Ruby's `\w` knows ASCII only, so a letter with an accent before a sigil does not hinder it.

use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// What a reference is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `#12`, `GL-12`, `[issue:12]` and addresses of issues and work items.
    Issue,
    /// `!12`
    MergeRequest,
    /// `$12`
    Snippet,
    /// `&12`
    Epic,
    /// `~12`, `~name`, `~"name of more"`
    Label,
    /// `%12`, `%name`, `%"name of more"`
    Milestone,
    /// `*iteration:12`
    Iteration,
    /// `^alert#12`
    Alert,
    /// Seven to forty digits of a commit.
    Commit,
    /// `ABC-12`, of a tracker that the project is connected with.
    Ticket,
    /// `[vulnerability:12]` and its kin.
    Other,
}

/// A reference as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) written: Range<usize>,
    /// The path of a project, or its end.
    pub(super) path: Option<String>,
    /// The number or title.
    pub(super) name: String,
    pub(super) note: Option<u64>,
}

/// A path; a project named alone is one next to this.
const PATH: &str = r"(?P<path>/?[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*)";

static PATTERNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    [
        (Kind::Issue, r"(?:PATH?#|GL-)(?P<name>[0-9]+)"),
        (
            Kind::Issue,
            r"\[(?:issue|work_item):(?:PATH/)?(?P<name>[0-9]+)\]",
        ),
        (Kind::MergeRequest, r"PATH?!(?P<name>[0-9]+)"),
        (Kind::Snippet, r"PATH?\$(?P<name>[0-9]+)"),
        (Kind::Epic, r"PATH?&(?P<name>[0-9]+)"),
        (Kind::Epic, r"\[epic:(?:PATH/)?(?P<name>[0-9]+)\]"),
        (
            Kind::Label,
            r#"PATH?~(?P<name>".+?"|[A-Za-z0-9_?.&-]+(?:::?[A-Za-z0-9_?.&-]+)*)"#,
        ),
        (
            Kind::Milestone,
            r#"PATH?%(?P<name>"[^"]+"|[^"\x00-\x20<]+\b)"#,
        ),
        (
            Kind::Iteration,
            r#"PATH?\*iteration:(?P<name>"[^"]+"|[^"\x00-\x20<]+\b)"#,
        ),
        (Kind::Alert, r"PATH?\^alert#(?P<name>[0-9]+)"),
        (Kind::Commit, r"(?:PATH@)?(?P<name>[0-9a-fA-F]{7,40})"),
        (Kind::Ticket, r"(?P<name>[A-Z][A-Z_0-9]+-[0-9]+)"),
        (
            Kind::Other,
            r"\[(?:vulnerability|feature_flag|wiki_page|cadence|contact):(?P<name>[^\]\s]+)\]",
        ),
    ]
    .into_iter()
    .map(|(kind, pattern)| {
        let pattern = pattern.replace("PATH", PATH);
        (kind, Regex::new(&pattern).expect("a pattern"))
    })
    .collect()
});

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn next_char(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

fn char_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// Every place where a pattern matches, none within another, that is accepted: what may not stand
/// around it is looked at here.
fn all<T>(
    text: &str,
    pattern: &Regex,
    accept: impl Fn(&Captures<'_>) -> Option<(T, usize)>,
) -> Vec<T> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(captures) = pattern.captures_at(text, at) {
        let Some(whole) = captures.get(0) else { break };
        match accept(&captures) {
            Some((accepted, end)) => {
                found.push(accepted);
                at = end;
            }
            None => {
                let step = next_char(text, whole.start()).map_or(1, char::len_utf8);
                at = whole.start() + step;
            }
        }
        if at > text.len() {
            break;
        }
    }
    found
}

/// The references in a text.
pub(super) fn references(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = PATTERNS
        .iter()
        .flat_map(|(kind, pattern)| all(text, pattern, |captures| accepted(text, *kind, captures)))
        .collect();
    found.sort_by_key(|found| (found.written.start, found.kind));
    found
}

fn accepted(text: &str, kind: Kind, captures: &Captures<'_>) -> Option<(Found, usize)> {
    let whole = captures.get(0)?;
    let path = captures.name("path");
    let mut end = whole.end();
    // A path begins where none could have begun before.
    let before = char_before(text, whole.start());
    let begins = path.is_some_and(|path| path.start() == whole.start());
    if begins && before.is_some_and(|c| is_word(c) || c == '.') {
        return None;
    }
    // A boundary of words is asked for, which early servers look for in Unicode, and later ones in
    // ASCII: that finds more.
    if kind == Kind::Ticket && before.is_some_and(is_word) {
        return None;
    }
    let bracketed = whole.as_str().starts_with('[');
    if matches!(kind, Kind::Issue | Kind::MergeRequest | Kind::Epic) && !bracketed {
        let ends_at = |at: usize| next_char(text, at).is_none_or(|c| !is_word(c));
        let rest = &text[end..];
        let form = ["+s", "+"]
            .into_iter()
            .find(|form| rest.starts_with(form) && ends_at(end + form.len()));
        end += form.map_or(0, str::len);
        // `#12` in front of a letter is none, `!12` is.
        if kind == Kind::Issue && !ends_at(end) {
            return None;
        }
    }
    let name = captures.name("name")?.as_str().trim_matches('"').to_owned();
    let found = Found {
        kind,
        written: whole.start()..end,
        path: path.map(|path| path.as_str().to_owned()),
        name,
        note: None,
    };
    Some((found, end))
}

/// Names behind `@` in a text, each with its place: accounts, groups and `all`.
pub(super) fn mentions(text: &str) -> Vec<(Range<usize>, String)> {
    static MENTION: LazyLock<Regex> = LazyLock::new(|| {
        let part = "(?:[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}[A-Za-z0-9_-]|[A-Za-z0-9_])";
        Regex::new(&format!("@(?P<name>(?:{part}/)*{part})")).expect("a pattern")
    });
    all(text, &MENTION, |captures| {
        let (whole, name) = (captures.get(0)?, captures.name("name")?);
        if char_before(text, whole.start()).is_some_and(is_word) {
            return None;
        }
        // No name ends so: it is read without the last letter.
        let ends_badly = [".git", ".atom"]
            .iter()
            .any(|end| name.as_str().ends_with(end));
        let end = name.end() - usize::from(ends_badly);
        let range = whole.start()..end;
        Some(((range, text[name.start()..end].to_owned()), end))
    })
}

/// A reference that a whole address is: `#12` leads to an issue when it is the address of a link.
pub(super) fn whole_reference(link: &str) -> Option<Found> {
    let found = references(link);
    found
        .into_iter()
        .find(|found| found.written == (0..link.len()))
}

/// A name behind `@` that a whole address is.
pub(super) fn whole_mention(link: &str) -> Option<String> {
    let mut found = mentions(link).into_iter();
    found
        .find(|(range, _)| *range == (0..link.len()))
        .map(|(_, name)| name)
}

/// What an address of something on this server is a reference to. `bare`: the text of the link is
/// its address, so what follows does not matter.
pub(super) fn address(
    link: &str,
    bare: bool,
    below: impl Fn(&str, &str) -> Option<usize>,
) -> Option<Found> {
    static PARTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i:https?)://(?P<host>[^/?#\s]+)(?P<rest>/.*)$").expect("a pattern")
    });
    static OBJECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^/(?:groups/)?(?P<path>[A-Za-z0-9_.][A-Za-z0-9_./-]*?)(?:/-)?",
            r"/(?P<route>issues(?:/incident)?|work_items|merge_requests|commit|milestones|snippets|epics|iterations|alert_management)",
            r"/(?P<name>[0-9a-f]+)(?P<form>\+s?)?",
            r"(?P<more>(?:/[A-Za-z0-9_=-]+)*/*)",
            r"(?P<query>\?[A-Za-z0-9_=-]+(?:&[A-Za-z0-9_=-]+)*)?",
            r"(?:#(?P<anchor>[A-Za-z0-9_-]+))?(?P<end>$)?",
        ))
        .expect("a pattern")
    });
    let parts = PARTS.captures(link)?;
    let path = parts.name("rest")?;
    let rest = path.as_str();
    let relative = below(&parts["host"], rest)?;
    let object = OBJECT.captures(&rest[relative..])?;
    if !bare && object.name("end").is_none() {
        return None;
    }
    let anchor = object.name("anchor").map_or("", |anchor| anchor.as_str());
    let kind = match &object["route"] {
        "merge_requests" => Kind::MergeRequest,
        "commit" => Kind::Commit,
        "milestones" => Kind::Milestone,
        "snippets" => Kind::Snippet,
        "epics" => Kind::Epic,
        "iterations" => Kind::Iteration,
        "alert_management" => Kind::Alert,
        _ => Kind::Issue,
    };
    Some(Found {
        kind,
        // What follows is no part of it.
        written: 0..path.start() + relative + object[0].len(),
        path: Some(format!("/{}", &object["path"])),
        name: object["name"].to_owned(),
        note: anchor
            .strip_prefix("note_")
            .and_then(|note| note.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<&str> {
        references(text)
            .into_iter()
            .map(|found| &text[found.written])
            .collect()
    }

    fn named(text: &str) -> Vec<String> {
        mentions(text).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn references_in_every_form() {
        for text in [
            "#12",
            "#12+",
            "#12+s",
            "GL-12",
            "[issue:12]",
            "[issue:g/p/12]",
            "[work_item:12]",
            "p#12",
            "g/s/p#12",
            "/g/p#12",
            "!12",
            "g/p!12",
            "$4",
            "&3",
            "[epic:g/3]",
            "~bug",
            "~12",
            "~a::b",
            "~\"two words\"",
            "%v1.2",
            "%\"two words\"",
            "*iteration:\"x y\"",
            "^alert#1",
            "[vulnerability:1]",
            "deadbeef",
            "g/p@deadbeef",
        ] {
            assert!(written(text).contains(&text), "{text}: {:?}", written(text));
        }
    }

    #[test]
    fn what_stands_around_a_reference() {
        assert_eq!(written("(#1), #2. é#3 #4é"), ["#1", "#2", "#3", "#4"]);
        assert_eq!(written("#12abc #12_"), Vec::<&str>::new());
        assert_eq!(written("!12abc"), ["!12"]);
        assert_eq!(written("FOOGL-12"), ["FOOGL-12", "GL-12"]);
        assert_eq!(written("word#12"), ["word#12"], "of a project of that name");
        assert_eq!(written("-p#1"), ["p#1"]);
        assert_eq!(written("#12+x"), ["#12"]);
        assert_eq!(
            written("#\u{2060}12 !\u{2060}1 GL-\u{2060}1"),
            Vec::<&str>::new()
        );
        assert_eq!(written("50 %done."), ["%done"]);
    }

    #[test]
    fn keys_of_other_trackers() {
        assert_eq!(
            written("ABC-12 (A1_B-3), x/ABC-4: -ABC-5x éABC-6é A-7 xABC-8 _ABC-9 abc-1 ABC- 1"),
            ["ABC-12", "A1_B-3", "ABC-4", "ABC-5", "ABC-6"]
        );
        assert_eq!(written("ABC-\u{2060}12"), Vec::<&str>::new());
        assert_eq!(whole_reference("ABC-12").unwrap().kind, Kind::Ticket);
        assert_eq!(whole_reference("x/ABC-12"), None);
    }

    #[test]
    fn mentions_of_every_kind() {
        assert_eq!(
            named("@alice, @g/sub. @all! (@a) @@b @.c"),
            ["alice", "g/sub", "all", "a", "b", ".c"]
        );
        assert_eq!(named("a@b.c _@d é@e -@f /@g"), ["e", "f", "g"]);
        assert_eq!(named("@a/b @\u{2060}c @-d @."), ["a/b"]);
        assert_eq!(named("@x.git"), ["x.gi"]);
    }

    #[test]
    fn addresses_of_this_server() {
        let ours = |host: &str, rest: &str| {
            let relative = rest.starts_with("/sub/").then_some(4);
            (host == "h:1").then_some(relative.unwrap_or(0))
        };
        let read = |link: &str, bare| {
            let found = address(link, bare, ours)?;
            Some((found.kind, found.path?, found.name, found.note))
        };
        let issue = |note| Some((Kind::Issue, "/g/p".to_owned(), "12".to_owned(), note));
        for link in [
            "https://h:1/g/p/-/issues/12",
            "http://h:1/sub/g/p/-/issues/12/designs",
            "https://h:1/g/p/issues/12?a=b&c=d",
            "https://h:1/g/p/-/work_items/12",
            "https://h:1/g/p/-/issues/incident/12",
            "HTTPS://h:1/g/p/-/issues/12+s",
        ] {
            assert_eq!(read(link, false), issue(None), "{link}");
        }
        assert_eq!(
            read("https://h:1/g/p/-/issues/12#note_9", false),
            issue(Some(9))
        );
        assert_eq!(read("https://h:1/g/p/-/issues/12?x=%20", true), issue(None));
        for link in [
            "https://h:1/g/p/-/issues/12?x=%20",
            "https://h/g/p/-/issues/12",
            "https://\u{2060}h:1/g/p/-/issues/12",
            "ftp://h:1/g/p/-/issues/12",
            "https://h:1/g/p/-/wikis/12",
        ] {
            assert_eq!(read(link, false), None, "{link}");
        }
        assert_eq!(
            read("https://h:1/groups/g/-/epics/3", false),
            Some((Kind::Epic, "/g".into(), "3".into(), None))
        );
    }

    #[test]
    fn an_address_may_be_a_reference_itself() {
        assert_eq!(
            whole_reference("#12").map(|found| found.name),
            Some("12".into())
        );
        assert_eq!(whole_reference("#12 x"), None);
        assert_eq!(whole_mention("@alice"), Some("alice".into()));
        assert_eq!(whole_mention("/@alice"), None);
    }
}
