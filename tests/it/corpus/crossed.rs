//! Each kind of what a forge acts on, in each construct that could hide it or let it fire.

use super::cases::Case;
use super::{Servers, carried_out_early, full, leading, nothing, rewritten};
use issue_mirror::text::rewrite::{Rules, rewrite};
use std::collections::BTreeSet;

/// What has no links in it for its readers, or a link of its own.
const INERT: &[&str] = &["a formula", "a formula in a block", "a page of the wiki"];

/// What leads nowhere though it could, and what looks different, because nobody writes it.
const ODD: &[(&str, &str)] = &[
    (
        "code in HTML",
        "https://source.example/team/app/-/issues/13",
    ),
    (
        "code in HTML",
        "https://source.example/team/app/-/issues/13#note_9",
    ),
    (
        "code in HTML",
        "https://source.example/team/app/-/issues/13+s",
    ),
    ("a formula with back quotes", "$4"),
    ("a formula in a block", "$4"),
    ("a page of the wiki with a title", "[issue:11]"),
];

/// What a line can be put into.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("prose", "Before KIND after"),
    ("alone", "KIND"),
    ("at the end", "Before\nKIND"),
    ("a code span", "`KIND` text"),
    ("a code span of two back quotes", "`` KIND ``"),
    ("an unclosed code span", "`KIND text"),
    ("a fence", "```\nKIND\n```"),
    ("a fence of tildes", "~~~ text\nKIND\n~~~"),
    ("an unclosed fence", "```\nKIND"),
    ("indented code", "Text\n\n    KIND"),
    ("an indented line that is none", "Text\n    KIND"),
    ("a division", "<div>\nKIND\n</div>"),
    ("a division with empty lines", "<div>\n\nKIND\n\n</div>"),
    ("preformatted text", "<pre>\nKIND\n</pre>"),
    ("an inline element", "Text <b>KIND</b> text"),
    ("a key", "<kbd>KIND</kbd>"),
    ("code in HTML", "<code>KIND</code>"),
    ("an attribute", "<b title='KIND'>x</b>"),
    ("a comment", "<!-- KIND -->"),
    ("a comment of lines", "<!--\n\nKIND\n\n-->"),
    ("an escape", "\\KIND"),
    ("two backslashes", "\\\\KIND"),
    ("a link", "[KIND](/x)"),
    ("a destination", "[x](KIND)"),
    ("a destination in angle brackets", "[x](<KIND>)"),
    ("a title of a link", "[x](/y 'KIND')"),
    ("a definition", "[x]\n\n[x]: KIND"),
    ("a label of a definition", "[KIND]\n\n[KIND]: /x"),
    ("an image", "![KIND](/x.png)"),
    ("an address in angle brackets", "<KIND>"),
    ("a row of a table", "| a | b |\n|---|---|\n| KIND | x |"),
    ("a head of a table", "| KIND | x |\n|---|---|"),
    ("a table without pipes", "a | b\n--|--\nx | KIND"),
    ("a table in HTML", "<table><tr><td>KIND</td></tr></table>"),
    (
        "a table as data",
        "```json:table\n{\"markdown\": true, \"items\": [{\"a\": \"KIND\"}]}\n```",
    ),
    ("an item", "- KIND"),
    ("an item in an item", "1. a\n   - KIND"),
    ("a paragraph of an item", "- a\n\n  KIND"),
    ("a task", "- [ ] KIND"),
    ("a quote", "> KIND"),
    ("a quote in a quote", "> > KIND"),
    ("a lazy line of a quote", "> a\nKIND"),
    ("a fenced quote", ">>>\nKIND\n>>>"),
    ("an alert", "> [!note] KIND\n> KIND"),
    ("a footnote", "Text[^1]\n\n[^1]: KIND"),
    ("a note in place", "Text^[KIND]"),
    ("a heading", "## KIND"),
    ("an underlined heading", "KIND\n==="),
    (
        "details",
        "<details><summary>KIND</summary>\n\nKIND\n\n</details>",
    ),
    (
        "details without an empty line",
        "<details>\nKIND\n</details>",
    ),
    ("a description", "Term\n: KIND"),
    ("a formula", "$KIND$"),
    ("a formula with back quotes", "$`KIND`$"),
    ("a formula in a block", "$$\nKIND\n$$"),
    ("settings", "---\na: KIND\n---\n\nText"),
    ("settings with a line", "---\nKIND\n---\n\nText"),
    ("settings behind an empty line", "\n---\nKIND\n---\n"),
    ("a page of the wiki", "[[KIND]]"),
    ("a page of the wiki with a title", "[[KIND|Home]]"),
    ("emphasis", "*KIND* **KIND** _KIND_"),
    ("struck through", "~~KIND~~"),
    ("a change in place", "{+ KIND +}"),
    ("parentheses", "(KIND)"),
    ("brackets", "[KIND]"),
    ("quotes", "\"KIND\" 'KIND'"),
    ("ends of lines of Windows", "Text\r\nKIND\r\n\r\nKIND\r\n"),
    ("protected blanks", "\u{a0}KIND\u{a0}"),
    ("emoji", "🎉KIND🎉 :tada:KIND"),
    ("from right to left", "مرحبا KIND راجع"),
    ("a turn of direction", "\u{202e}KIND\u{202c}"),
    ("blanks of no width", "\u{200b}KIND\u{200b}"),
    ("a mark at the beginning", "\u{feff}KIND"),
    ("tabs", "a\tKIND\tb"),
    ("an entity in front", "&nbsp;KIND&nbsp;"),
    ("a suggestion", "```suggestion:-0+0\nKIND\n```"),
    ("a diagram", "```mermaid\ngraph TD; A[KIND]\n```"),
];

/// What a forge acts on.
const KINDS: &[&str] = &[
    "#12",
    "team/app#7",
    "team/other#3",
    "GL-8",
    "#9+",
    "#10+s",
    "[issue:11]",
    "https://source.example/team/app/-/issues/13",
    "https://source.example/team/app/-/issues/13#note_9",
    "https://source.example/team/app/-/issues/13+s",
    "https://target.example/mirrors/other/-/issues/3",
    "!5",
    "team/other!2",
    "~bug",
    "~\"two words\"",
    "%v1",
    "%\"two words\"",
    "$4",
    "&3",
    "deadbeef",
    "team/other@deadbeef",
    "0728c00",
    "team/other@0728c00",
    "@alice",
    "@team/backend",
    "@all",
    "/close",
    "/label ~bug",
    "Text\n/close",
    "/close\nText",
    "Text\n/close\nText",
    "![x](/uploads/0123456789abcdef0123456789abcdef/x.png)",
];

#[test]
fn p8_of_each_kind_in_each_construct_none_fires_and_references_lead() {
    let servers = Servers::new();
    let (mut early, here) = full("https://target.example", "mirrors/app");
    early.version = "15.11.0".to_owned();
    let (mut wrong, mut odd) = (Vec::new(), Vec::new());
    for (name, construct) in CONSTRUCTS {
        for kind in KINDS {
            let case = Case {
                before: construct.replace("KIND", kind),
                ..Case::default()
            };
            let looks = servers.look(&case);
            let early = carried_out_early(&early, here, &case.before);
            let leads = looks.lost.is_empty() || INERT.contains(name);
            if !looks.fires.is_empty() || !early.is_empty() {
                wrong.push(format!(
                    "{name} {kind:?}: {:?} {early:?}, {:?} becomes {:?}, or leading {:?}",
                    looks.fires,
                    case.before,
                    rewritten(&case),
                    leading(&case),
                ));
            }
            if !leads || looks.differs {
                odd.push((*name, *kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(odd, ODD);
}

/// Where nobody is told although somebody was: a link names somebody by its address only, or a page.
const UNTOLD: &[&str] = &[
    "a destination",
    "a destination in angle brackets",
    "a definition",
    "a page of the wiki",
];

#[test]
fn p8_in_each_construct_those_are_told_who_were_and_nobody_else() {
    let servers = Servers::new();
    let notify = |name: &str| (name == "alice").then(|| "carla".to_owned());
    let rules = Rules {
        notify: &notify,
        ..super::rules(true, &nothing)
    };
    let mut wrong = Vec::new();
    for (name, construct) in CONSTRUCTS {
        for named in ["@alice", "@alice and @bob, @all"] {
            let before = construct.replace("KIND", named);
            let after = rewrite(&before, &rules).text;
            assert!(
                !name.starts_with("a page") || !after.contains("carla"),
                "{after:?}"
            );
            let was = servers.source.reads(servers.there, &before).mentions;
            let now = servers.target.reads(servers.here, &after).mentions;
            let is_alone = named == "@alice";
            let meant = was.contains("alice") && !(is_alone && UNTOLD.contains(name));
            let expected: BTreeSet<String> =
                meant.then(|| "carla".to_owned()).into_iter().collect();
            if now != expected {
                wrong.push(format!(
                    "{name}: {before:?} becomes {after:?} and tells {now:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
