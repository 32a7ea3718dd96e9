//! Links whose address has a blank in it, `[text](a file.md)`: none to Markdown, and to GitLab links
//! all the same (its `lib/banzai/filter/spaced_link_filter.rb`).

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
}

/// Every such link, in order.
pub(super) fn links<'a>(
    text: &'a str,
    structure: &'a Structure,
) -> impl Iterator<Item = Link> + 'a {
    static LINK: LazyLock<Regex> = LazyLock::new(|| {
        structure::regex(r#"\[[^\[\]\n]+\]\((?P<to> *[^()\n"<> ]+ [^()\n"<>]*?)(?: "[^"\n]+")?\)"#)
    });
    let all = LINK.captures_iter(if text.contains("](") { text } else { "" });
    all.filter_map(|found| {
        let (whole, to) = (found.get(0)?.range(), found.name("to")?);
        let is_one = to.as_str().trim().contains(' ')
            && structure.is_prose(&whole)
            && !text[..whole.start].ends_with('\\');
        is_one.then(|| Link {
            whole,
            to: to.range(),
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::text::read::Read;
    use crate::text::rewrite::Rules;
    use crate::text::rewrite::tests::{everything, rewritten};

    #[test]
    fn addresses_with_blanks_are_asked_for_and_lead_elsewhere() {
        let text =
            "[a](b c.md) ![a #1](d e.png \"t\") `[a](b c)` [a](b) [a] (b c) \\[a](b c) [a](b\nc)";
        assert_eq!(Read::of(text).destinations(), ["b", "b c.md", "d e.png"]);
        let destination = |link: &str| {
            let moved = link.contains(' ').then(|| link.replace(' ', "%20"));
            moved.map(|link| format!("/w/{link}"))
        };
        let rules = Rules {
            destination: &destination,
            references: false,
            refers: &|_| Some("[x](/y)".into()),
            ..everything()
        };
        assert_eq!(
            rewritten(text, &rules),
            "[a](/w/b%20c.md) ![a #1](/w/d%20e.png \"t\") `[a](b c)` [a](b) [a] (b c) \\[a](b c) [a](b\nc)"
        );
    }
}
