//! Takes the meaning from what the target would act on, while it looks the same.

use super::edits::Change;
use super::escape::JOINER;
use super::flow::Flow;
use super::grammar::Found;
use super::html;
use super::rewrite::Rules;
use super::structure::Structure;
use std::ops::Range;

/// What makes everything inert that is shown as text.
pub(super) fn text<'a>(
    source: &'a str,
    flow: &'a Flow,
    structure: &'a Structure,
    rules: &'a Rules<'_>,
) -> impl Iterator<Item = Change> + 'a {
    rules
        .grammar
        .find(flow)
        .filter_map(move |found| match found {
            Found::Address(range) => {
                let host = on_target(&flow.text()[range.clone()], rules)?;
                joiner(flow.behind(range.start + host))
            }
            Found::Somebody(range, behind) => {
                let name = &flow.text()[behind..range.end];
                let there = flow.source(source, &range);
                match there.zip((rules.notify)(name)) {
                    Some((there, account)) => Some((there, format!("@{account}").into())),
                    None if rules.mentions => joiner(flow.behind(behind)),
                    None => None,
                }
            }
            Found::Something(at) if rules.references => {
                let place = flow.behind(at)?;
                let dollar = place.saturating_sub(1)..place;
                // Two of them without the digit that they were at would make a formula.
                if source.as_bytes()[..place].last() == Some(&b'$') && structure.is_prose(&dollar) {
                    return Some((dollar.start..dollar.start, "\\".into()));
                }
                joiner(Some(place))
            }
            Found::Something(_) | Found::Commit(_) => None,
        })
}

/// What makes everything inert that only some show as text. Nobody is meant to be notified there.
pub(super) fn doubt(source: &str, structure: &Structure, rules: &Rules<'_>) -> Vec<Change> {
    let rules = Rules {
        notify: &|_| None,
        ..*rules
    };
    // A backslash is none where it is code.
    let nothing = Structure::default();
    let changes = text(source, &structure.doubt, &nothing, &rules);
    // What is there in many ways is inert in all of them by one character.
    let mut places: Vec<usize> = changes.map(|(range, _)| range.start).collect();
    // Each way has them in order, of which this sort makes use.
    #[allow(clippy::stable_sort_primitive)]
    places.sort();
    places.dedup();
    if structure.wild.is_some() || !structure.parted.is_empty() {
        let addresses = links(source, structure, &rules);
        places.retain(|at| !breaks(source, structure, &addresses, *at));
    }
    let joiners = places.into_iter().map(|at| (at..at, JOINER.into()));
    joiners.collect()
}

/// Where addresses stand that make links by themselves, in order. In what may be HTML only some do.
fn links(source: &str, structure: &Structure, rules: &Rules<'_>) -> Vec<Range<usize>> {
    let wild = structure.wild.unwrap_or(source.len());
    let html = source[wild..]
        .find('<')
        .map_or(source.len(), |at| wild + at);
    let is_small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
    let is_link = |range: &Range<usize>| {
        let scheme = source[range.clone()]
            .split_once("://")
            .map(|(scheme, _)| scheme);
        range.start < html
            || scheme.is_some_and(|scheme| scheme.len() > 1 && scheme.chars().all(is_small))
    };
    let found = rules.grammar.find(&structure.flow);
    let addresses = found.filter_map(|found| match found {
        Found::Address(range) => structure.flow.source(source, &range),
        _ => None,
    });
    addresses.filter(is_link).collect()
}

/// Whether a character more at a place would make an address or a path another one, and no name in it
/// can be meant: such a text is full of ordinary links.
fn breaks(source: &str, structure: &Structure, addresses: &[Range<usize>], at: usize) -> bool {
    // Whoever follows a link does not see one in front of its host.
    if source[..at].ends_with("://") {
        return false;
    }
    let inside = |ranges: &[Range<usize>]| {
        let after = ranges.partition_point(|range| range.start < at);
        let last = ranges.get(after.checked_sub(1)?)?;
        (at < last.end).then(|| last.clone())
    };
    // What others take for code or a formula in it may end before.
    let is_plain =
        |range: Range<usize>| !source[range.start..at].contains(['`', '$', '\\', '[', '|', '<']);
    if inside(addresses).is_some_and(is_plain) || inside(&structure.autolinks).is_some_and(is_plain)
    {
        return true;
    }
    let Some(link) = inside(&structure.destinations).map(|range| &source[range]) else {
        return false;
    };
    let is_named = source[..at].ends_with(['@', '#', '!', '&', '$', '~']);
    let scheme = link.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.ends_with(|c: char| c.is_ascii_alphanumeric()))
        || link.contains('/') && !is_named
}

/// What makes addresses and links to pages of a wiki inert in a text of which nothing else counts.
pub(super) fn addresses(flow: &Flow, rules: &Rules<'_>) -> Vec<Change> {
    let text = flow.text();
    let found = rules.grammar.find(flow);
    let addresses = found.filter_map(|found| match found {
        Found::Address(range) => {
            let host = on_target(&text[range.clone()], rules)?;
            joiner(flow.behind(range.start + host))
        }
        _ => None,
    });
    // In these they may be written with what stands for a character.
    let encoded = text.match_indices("://").filter_map(|(end, mark)| {
        let start = end + mark.len();
        // No more than could matter: many may stand in one word.
        let near = text.floor_char_boundary(text.len().min(start + 512));
        let word = text[start..near].split([' ', '\t', '\n', '<']).next()?;
        if !word.contains('%') {
            return None;
        }
        let address = decoded(text, end..start + word.len());
        on_target(&format!("http{}", address.text()), rules)?;
        joiner(flow.behind(start))
    });
    let mut done = 0;
    let pages = text.match_indices("]]").flat_map(|(end, close)| {
        let before = &text[done..end];
        done = end + close.len();
        // No bracket that opens stands in one, and the page stands behind the title.
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let page = before[line..].rfind("[[").map_or("", |open| {
            let inside = &before[line + open + 2..];
            let page = inside.rfind('|').map_or(inside, |end| &inside[end + 1..]);
            page.trim_start()
        });
        let start = end - page.len();
        let places = acting(page.trim_end(), rules);
        places.map(|place| joiner(flow.behind(start + place?)))
    });
    addresses.chain(encoded).chain(pages.flatten()).collect()
}

/// What makes a link inert that leads to something on the target, by its address or by its name.
pub(super) fn destination(
    source: &str,
    range: &Range<usize>,
    rules: &Rules<'_>,
) -> impl Iterator<Item = Change> + use<> {
    let flow = decoded(source, range.clone());
    let places = acting(flow.text(), rules).map(|place| joiner(flow.behind(place?)));
    places.into_iter().flatten()
}

/// Where characters take from a link what it leads to on the target: by its address, by its name.
fn acting(link: &str, rules: &Rules<'_>) -> [Option<usize>; 2] {
    let named = rules.grammar.whole(link).filter(|(_, names)| match names {
        super::grammar::Names::Somebody => rules.mentions,
        super::grammar::Names::Something => rules.references,
    });
    [on_target(link, rules), named.map(|(at, _)| at)]
}

/// Everything that stands in angle brackets and leads to the target.
pub(super) fn autolinks<'a>(
    source: &'a str,
    structure: &'a Structure,
    rules: &'a Rules<'_>,
) -> impl Iterator<Item = Change> + 'a {
    structure.autolinks.iter().filter_map(|range| {
        let inside = &source[range.clone()];
        let start = range.start + (inside.len() - inside.trim_start_matches('<').len());
        let flow = decoded(source, start..range.end);
        let host = on_target(flow.text(), rules)?;
        joiner(flow.behind(host))
    })
}

fn joiner(at: Option<usize>) -> Option<Change> {
    at.map(|at| (at..at, JOINER.into()))
}

/// Where a link leads as the forge reads it: entities, escapes and encoded characters are what they
/// stand for.
pub(super) fn decoded(source: &str, range: Range<usize>) -> Flow {
    let mut flow = Flow::default();
    let (mut said, mut at) = (range.start, range.start);
    while let Some(found) = source[at..range.end].find(['&', '\\', '%']) {
        at += found;
        let rest = &source[at..range.end];
        let Some((length, shown)) = stands_for(rest) else {
            at += 1;
            continue;
        };
        flow.say(source, said..at);
        flow.stand_in(&shown, at..at + length);
        at += length;
        said = at;
    }
    flow.say(source, said..range.end);
    flow
}

/// The length of what a link begins with, and the characters that it stands for, if it is not itself.
fn stands_for(rest: &str) -> Option<(usize, String)> {
    let bytes = rest.as_bytes();
    match bytes[0] {
        b'&' => match html::entity(rest)? {
            (length, Some(shown)) => Some((length, shown.as_str())),
            (_, None) => None,
        },
        b'\\' => {
            let next = rest[1..].chars().next()?;
            next.is_ascii_punctuation().then(|| (2, next.to_string()))
        }
        _ => {
            let code = u8::from_str_radix(rest.get(1..3)?, 16).ok()?;
            let shown = if code.is_ascii() {
                char::from(code)
            } else {
                char::REPLACEMENT_CHARACTER
            };
            Some((3, shown.to_string()))
        }
    }
}

/// The place of the host in an address of something on the target, if it is one. A word joiner in
/// front of it is ignored by whoever follows the link (UTS 46), and the target does not know itself
/// any more. What no address names is left alone, as files are: nothing is noted of them.
fn on_target(address: &str, rules: &Rules<'_>) -> Option<usize> {
    if !rules.references {
        return None;
    }
    let (start, shift) = match address.find("://") {
        Some(at) => {
            // What stands in front of the letters is no part of it to every parser.
            let scheme = address[..at].to_ascii_lowercase();
            let is_web = scheme.ends_with("http") || scheme.ends_with("https");
            is_web.then_some((at + 3, 0))?
        }
        // It becomes a link without saying so.
        None => (0, "www.".len()),
    };
    let is_ours = |host: &&str| {
        address.get(start..start + host.len()).is_some_and(|found| {
            let path = &address[start + host.len()..];
            found.eq_ignore_ascii_case(host)
                && path.starts_with('/')
                && names_something(path, rules)
                && !is_file(path)
                && (shift == 0
                    || found.len() > shift && found[..shift].eq_ignore_ascii_case("www."))
        })
    };
    let mut hosts = rules.hosts.iter().flatten();
    hosts.any(is_ours).then_some(start + shift)
}

/// Whether a path is one of something that an address names: a list, a pipeline, a file of the
/// repository and what asks an API are none.
fn names_something(path: &str, rules: &Rules<'_>) -> bool {
    let grammar = &rules.grammar;
    let shown = path.contains('%').then(|| decoded(path, 0..path.len()));
    let path = shown.as_ref().map_or(path, Flow::text);
    let parts = path.split('/');
    parts.clone().zip(parts.skip(1)).any(|(part, next)| {
        let is_one = |names: &[&str]| names.iter().any(|name| part.eq_ignore_ascii_case(name));
        is_one(grammar.named)
            || next.starts_with(|c: char| c.is_ascii_digit()) && is_one(grammar.numbered)
    })
}

/// Whether a path leads to a file that was uploaded.
fn is_file(path: &str) -> bool {
    path.find("/uploads/").is_some_and(|at| {
        let special = path[..at].find("/-/");
        special.is_none_or(|special| path[special..].starts_with("/-/project/"))
    })
}

#[cfg(test)]
mod tests {
    use crate::text::escape::WORD_JOINER;
    use crate::text::rewrite::tests::{everything, rewritten};
    use crate::text::rewrite::{Rules, line};

    fn shown(text: &str) -> String {
        rewritten(text, &everything()).replace(WORD_JOINER, "·")
    }

    #[test]
    fn p8_text_in_raw_html_is_inert() {
        for text in [
            "<div>@·all</div>",
            "<details>\n<summary>#·1</summary>\n@·bob\n</details>",
            "<table><tr><td>!·4</td></tr></table>",
            "> <p>\n> @·a\n> </p>",
            "<p>&#64;·alice &commat;·bob &num;·1 &amp;·2 &#64·carol</p>",
            "<p>@·<b></b>alice #·<!-- -->1</p>",
            "<p>a</p>@·b",
            "<a href=\"x\">@·x</a>",
            "a <kbd>@·all</kbd> <tt>#·1</tt>",
            "<div>\\@·all</div>",
            "<div title=\"@all #1\">x</div>",
            "<!-- @all #1 -->",
            "<pre>@all #1</pre>",
            "<div><code>@all</code> @·a</div>",
            "a <code>@all</code> @·a",
            "<!--> @·all -->",
        ] {
            assert_eq!(shown(&text.replace('·', "")), text);
        }
    }

    #[test]
    fn p8_what_comes_together_only_when_it_is_shown_is_inert() {
        for text in [
            "&#64;·alice &commat;·bob &#35;·1 #·&#49;",
            "@·\\_alice \\*iteration:·3 \\[issue:·1]",
            "@·<b></b>alice a<b></b>@·c",
            "$@·all$ $$\n@·all #·1\n$$",
            "---\n@·all\n---",
            "a\n\n---\n@·all: x\n---\n",
            "$[x](@·alice)$x $\\@·all$ $`@all`$",
            "@_alice_ \\@all \\#1 &amp;1 &#38;x",
        ] {
            let plain = text.replace('·', "");
            let expected = text.replace("&amp;1", "&amp;·1");
            assert_eq!(shown(&plain), expected);
        }
    }

    #[test]
    fn front_matter_is_code_where_the_forge_reads_it() {
        let rules = Rules {
            front_matter: true,
            ..everything()
        };
        let text = "---\na: '@all #1'\n---\n\n@b";
        let now = rewritten(text, &rules).replace(WORD_JOINER, "·");
        assert_eq!(now, "---\na: '@all #1'\n---\n\n@·b");
        let fenced = rewritten("---\n```\n@all\n---\n", &rules);
        assert!(fenced.contains(WORD_JOINER), "{fenced}");
    }

    #[test]
    fn p8_links_that_are_references_are_inert() {
        for text in [
            "[a](#·1) [a](@·all) [a](g/p!·2+s) [a](<~·bug>) [a](%·v1)",
            "[a](%40·all) [a](&#64;·all) [a](\\@·all) [a](%23·1)",
            "[a][b]\n\n[b]: #·1",
            "<a href=\"#·1\">x</a> <a href='%40·all'>x</a> <a href=@·all>x</a>",
            "[a](9·ba12248) [a](p@9·ba12248) [a](GL-·1) [a](*iteration:·1)",
            "[a](#1-intro) [a](#12abc) [a](/a/b#c) [a](docs/x.md#1-a) [a](x@y) [a](#) [a](1.html)",
            "[a](https://e.org/@all#1) [a](mailto:a@b.c)",
        ] {
            assert_eq!(shown(&text.replace('·', "")), text);
        }
    }

    #[test]
    fn p5_the_target_does_not_know_itself_however_it_is_written() {
        for text in [
            "[a](https://·t.example/g/p/-/issues/1) <https://·t.example/g/p/-/issues/1> https://·t.example/g/p/-/issues/1",
            "[a](https://·%74.example/g/p/-/issues/1) [a](HTTPS&colon;//·T.example/g/p/-/issues/1)",
            "<div>https://·t.example/g/p/-/issues/1</div>",
            "[a](https://t.example.org/g/p/-/issues/1) [a](//t.example/1) [a](https://t.example)",
            "https://·t.example/g/p/-/issues%2F1 https://·t.example/g/p/commit/0728c00 https://·t.example/g/p/-/compare/a..b",
            "https://t.example/g/p.git https://t.example/g/p/-/pipelines/1 https://t.example/g/p/-/issues?label=1",
            "https://t.example/api/v4/projects/1 https://t.example/bob [a](https://t.example/g/p/-/blob/main/a.rb#L3)",
        ] {
            assert_eq!(shown(&text.replace('·', "")), text);
        }
    }

    #[test]
    fn p8_a_target_is_known_by_every_name_that_it_has() {
        let rules = Rules {
            hosts: [Some("internal.example:8443"), Some("t.example")],
            ..everything()
        };
        let text = "https://·internal.example:8443/g/p/-/issues/1 http://·t.example/g/p/-/issues/1 https://internal.example/1";
        let now = rewritten(&text.replace('·', ""), &rules);
        assert_eq!(now.replace(WORD_JOINER, "·"), text);
    }

    #[test]
    fn p8_lines_of_ours_are_markdown() {
        for text in [
            "\\&#·64;alice \\*iteration:·1 @·all",
            "# #·1",
            "- /close",
            "\\[\\[Home\\]\\] [l](<https://e.org/#1>) `#1`",
        ] {
            let plain = text.replace('·', "");
            let now = line(&plain, &everything());
            assert_eq!(now.replace(WORD_JOINER, "·"), text);
        }
    }
}
