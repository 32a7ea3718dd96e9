//! Links to pages of a wiki, `[[page]]` and `[[title|page]]`: to each forge they are links to its own.

use super::finding;
use super::structure::{self, Structure};
use std::ops::Range;

/// A link to a page.
pub(super) struct Link {
    /// With its brackets, by which it is asked for where it leads.
    pub(super) whole: Range<usize>,
    /// What is shown.
    pub(super) title: Range<usize>,
}

/// Every link to a page, in order.
pub(super) fn links<'a>(
    text: &'a str,
    structure: &'a Structure,
) -> impl Iterator<Item = Link> + 'a {
    let labels = if text.contains("[[") {
        finding::outermost(&structure.links)
    } else {
        Vec::new()
    };
    brackets(text).filter_map(move |whole| {
        let start = whole.start + OPENS.len();
        let inside = &text[start..whole.end - "]]".len()];
        let (title, page) = inside.split_once('|').unwrap_or((inside, inside));
        let is_whole = !title.is_empty() && !page.is_empty() && !page.contains('|');
        let page = page.trim();
        let leads = is_whole
            && !page.is_empty()
            // Where that led would depend on what is read first.
            && !inside.contains(['`', '<'])
            && !page.contains("://")
            // The table of contents.
            && !page.eq_ignore_ascii_case("_toc_")
            && stands(structure, &labels, &whole)
            && !text[..whole.start].ends_with(['\\', '[', '!']);
        leads.then(|| Link {
            whole,
            title: start..start + title.len(),
        })
    })
}

/// How a link begins.
const OPENS: &str = "[[";

/// Everything in two brackets without any other, a backslash or the end of a line in it, in order.
pub(super) fn brackets(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let ends = |b: &u8| matches!(b, b'[' | b']' | b'\\' | b'\n');
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find(OPENS)?;
            let inside = start + OPENS.len();
            let rest = &text.as_bytes()[inside..];
            let end = inside + rest.iter().position(ends)?;
            if text[end..].starts_with("]]") {
                at = end + "]]".len();
                return Some(start..at);
            }
            // Of three brackets the last two may be the ones.
            at = end.max(start + 1) - usize::from(end == inside && text[end..].starts_with('['));
        }
    })
}

/// Whether something else may stand instead of a link. What stands in its brackets may be the label
/// of a definition: a forge that knows pages does not ask for that.
fn stands(structure: &Structure, labels: &[Range<usize>], whole: &Range<usize>) -> bool {
    let inside = whole.start + 1..whole.end - 1;
    let next = labels.partition_point(|label| label.start < inside.start);
    let is_label = labels.get(next).is_some_and(|label| *label == inside)
        && structure.is_prose(&(whole.start..inside.start))
        && structure.is_prose(&(inside.end..whole.end));
    is_label || structure.is_prose(whole) && !structure::holds(labels, whole)
}

/// The page that a link leads to, which is asked for where it leads; `None` if it is another link.
pub fn page(link: &str) -> Option<&str> {
    let inside = link.strip_prefix("[[")?.strip_suffix("]]")?;
    Some(
        inside
            .rsplit_once('|')
            .map_or(inside, |(_, page)| page)
            .trim(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::Read;
    use crate::text::rewrite::tests::everything;
    use crate::text::rewrite::{Rules, rewrite};

    #[test]
    fn pages_are_asked_for_and_lead_elsewhere() {
        let text = "[[Home]] [[the_page|a/b c#d]] `[[Home]]` \\[[x]] [[_TOC_]] [[]] [[https://e.org/]] \
                    [[[x]]] [a [[b]] c](/u) [[x\\|y]]";
        let destination = |link: &str| page(link).map(|page| format!("/w/{page}"));
        let rules = Rules {
            destination: &destination,
            ..everything()
        };
        let rewritten = rewrite(text, &rules);
        assert_eq!(
            rewritten.text,
            "[Home](/w/Home) [the_page](/w/a/b c#d) `[[Home]]` \\[[x]] [[_TOC_]] [[]] [[https://e.org/]] \
             [[[x]]] [a [[b]] c](/u) [[x\\|y]]"
        );
        assert_eq!(
            Read::of(text).destinations(),
            ["/u", "[[Home]]", "[[the_page|a/b c#d]]"]
        );
    }
}
