//! Links whose address has a blank in it, `[text](a file.md)`: none to Markdown, and to GitLab links
//! all the same (its `lib/banzai/filter/spaced_link_filter.rb`).
//!
//! It looks for them in what Markdown has made of a text, where no backslash is left, so that
//! `\[text](file.md)` is such a link too. Releases that keep apart what was escaped show it as it is
//! written; there its address is another one on the target, and nothing more.

use super::structure::{self, Structure};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Such a link.
pub(super) struct Link {
    /// With label and address.
    pub(super) whole: Range<usize>,
    /// Where it leads.
    pub(super) to: Range<usize>,
    /// Backslashes that keep it from being a link to Markdown.
    escapes: Vec<Range<usize>>,
}

impl Link {
    /// What makes it lead elsewhere. An address of another server becomes a link by itself where none
    /// stands around it, so one does then.
    pub(super) fn moved(self, now: &str) -> impl Iterator<Item = (Range<usize>, String)> {
        let is_far = now.contains("://");
        let escapes = self.escapes.into_iter().filter(move |_| is_far);
        let bare = escapes.map(|escape| (escape, String::new()));
        bare.chain([(self.to, now.to_owned())])
    }
}

/// Every such link, in order.
pub(super) fn links<'a>(
    text: &'a str,
    structure: &'a Structure,
) -> impl Iterator<Item = Link> + 'a {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        let label = r"\[(?P<label>[^\[\]\n]+)\]";
        let to = r#"(?P<to>[^()\n"<>]+?)(?: "[^"\n]+")?"#;
        structure::regex(&format!(r"{label}(?P<opens>\\?\(){to}(?P<closes>\\?\))"))
    });
    let may_hold_one = text.contains("](") || text.contains("]\\(");
    let all = LINK.captures_iter(if may_hold_one { text } else { "" });
    let mut done = 0;
    all.filter_map(move |found| {
        let (whole, to) = (found.get(0)?.range(), found.name("to")?);
        let lead = &text[std::mem::replace(&mut done, whole.end)..whole.start];
        let escaped = ["label", "opens", "closes"].map(|name| found.name(name));
        let [label, opens, closes] = escaped.map(|part| part.map(|part| part.range()));
        let (label, opens, closes) = (label?, opens?, closes?);
        let mut escapes = Vec::new();
        let behind = [(0..whole.start), label].into_iter();
        let behind = behind.filter(|range| is_escaped(&text[range.clone()]));
        escapes.extend(behind.map(|range| range.end - 1..range.end));
        let before = [opens, closes].into_iter().filter(|range| range.len() == 2);
        escapes.extend(before.map(|range| range.start..range.start + 1));
        let address = to.as_str().trim();
        let is_one = !address.is_empty()
            && (!escapes.is_empty() || address.contains(' '))
            && !is_destination(lead)
            && is_text(text, &whole, structure);
        is_one.then(|| Link {
            whole,
            to: to.range(),
            escapes,
        })
    })
}

/// Text that may be code in the label of such a link, where a backslash is left out that keeps a back
/// quote from beginning one, in order.
pub(super) fn codes(text: &str) -> Vec<Range<usize>> {
    let mut codes = Vec::new();
    if !(text.contains("\\`") && text.contains("](")) {
        return codes;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let label = line.find('[').zip(line.rfind("]("));
        if let Some((start, end)) = label.filter(|(start, end)| start < end)
            && let Some(code) = line[start..end].find("\\`")
        {
            codes.push(at + start + code..at + end);
        }
        at += line.len();
    }
    codes
}

/// Whether what stands behind a text would be where another link leads, if there were no blank in it.
fn is_destination(before: &str) -> bool {
    let lead = before.trim_end_matches(|c: char| !c.is_whitespace());
    let word = &before[lead.len()..];
    let begins = ["](", "]:"];
    begins
        .iter()
        .any(|begin| word.contains(begin) || lead.trim_end().ends_with(begin))
}

/// Whether all of it but backslashes is shown as it stands there.
fn is_text(text: &str, whole: &Range<usize>, structure: &Structure) -> bool {
    let mut at = whole.start;
    text[whole.clone()].split('\\').all(|part| {
        let range = at..at + part.len();
        at = range.end + 1;
        range.is_empty() || structure.is_prose(&range)
    })
}

/// Whether what stands behind a text is escaped by its last backslash.
fn is_escaped(before: &str) -> bool {
    let backslashes = before.bytes().rev().take_while(|b| *b == b'\\').count();
    backslashes % 2 == 1
}

#[cfg(test)]
mod tests {
    use crate::text::read::Read;
    use crate::text::rewrite::Rules;
    use crate::text::rewrite::tests::{everything, rewritten};

    fn moved(text: &str) -> String {
        let destination = |link: &str| {
            let moved = link
                .starts_with(['b', 'd'])
                .then(|| link.replace(' ', "%20"));
            moved.map(|link| format!("/w/{link}"))
        };
        let rules = Rules {
            destination: &destination,
            references: false,
            refers: &|_| Some("[x](/y)".into()),
            ..everything()
        };
        rewritten(text, &rules)
    }

    #[test]
    fn addresses_with_blanks_are_asked_for_and_lead_elsewhere() {
        let text = "[a](b c.md) ![a #1](d e.png \"t\") `[a](b c)` [a] (b c) [a](b\nc)";
        assert_eq!(Read::of(text).destinations(), ["b c.md", "d e.png"]);
        assert_eq!(
            moved(text),
            "[a](/w/b%20c.md) ![a #1](/w/d%20e.png \"t\") `[a](b c)` [a] (b c) [a](b\nc)"
        );
    }

    #[test]
    fn a_backslash_keeps_no_link_from_being_one() {
        for text in [
            r"\[a](b c)",
            r"\[a\](b c)",
            r"[a\](b c)",
            r"[a]\(b c)",
            r"\[a\]\(b c\)",
            r"!\[a\](b c)",
            r"\[a](bc)",
            r"[a\](bc)",
            r"[a]\(bc)",
            r"[a](bc\)",
            r"!\[a](bc)",
            r"\\[a](b c)",
            r"\\\[a](bc)",
        ] {
            let read = Read::of(text);
            let asked = read.destinations();
            assert!(asked == ["b c"] || asked == ["bc"], "{text}: {asked:?}");
            let leads = text.replace("b c", "/w/b%20c").replace("bc", "/w/bc");
            assert_eq!(moved(text), leads, "{text}");
        }
        // An address of another server would be a link by itself.
        let rules = Rules {
            destination: &|link| Some(format!("https://s.example/{link}")),
            ..everything()
        };
        for text in [r"!\[a](b)", r"![a\](b)", r"!\[a\]\(b\)"] {
            assert_eq!(rewritten(text, &rules), "![a](https://s.example/b)");
        }
        // That is a link to everybody, and asked for once.
        assert_eq!(Read::of(r"\\[a](bc)").destinations(), ["bc"]);
        for text in [r"\[a] (bc)", r"`\[a](bc)`", "\\[a](b\nc)", r"\[a]()"] {
            assert_eq!(moved(text), text);
        }
    }
}
