//! Raw HTML in a Markdown document, as browsers and forges read it.
//!
//! What a forge looks for it finds in the text between tags too. Where readers of HTML disagree
//! about whether something is text, here it is.
//!
//! `tags` reads what begins with `<`, `elements` says what those do to the text around and in them,
//! `open` which of them are open. `entities` are what is written for a character, and `near` is the
//! character next to a place.

mod elements;
mod entities;
mod near;
mod open;
mod tags;

pub(super) use elements::{QUIET, RAW};
pub use entities::{Shown, entity};
pub use near::{Near, shown_before, shown_behind};
pub use open::Open;
pub(super) use tags::find_ignoring_case;

use super::flow::Flow;
use std::borrow::Cow;
use std::ops::Range;
pub use tags::Lead;
use tags::{Tag, tag};

/// What raw HTML is read for.
pub trait Finds {
    /// What it shows as text.
    fn flow(&mut self) -> &mut Flow;

    /// Text where a link in HTML could stand instead.
    fn markup(&mut self, _part: Range<usize>) {}

    /// The value of an attribute that leads somewhere or says something.
    fn lead(&mut self, _value: Range<usize>, _lead: Lead) {}
}

/// Nothing but what it shows.
impl Finds for Flow {
    fn flow(&mut self) -> &mut Flow {
        self
    }
}

/// Raw HTML in pieces, because what makes a quote or a list may stand between its lines.
#[derive(Debug, Default)]
pub struct Raw<'a> {
    text: Cow<'a, str>,
    /// Where each piece begins, here and in the source.
    pieces: Vec<(usize, usize)>,
    /// Something that its reader does not see may end what is opened in it.
    pub(super) may_end: bool,
}

impl<'a> Raw<'a> {
    /// Adds a piece.
    pub fn push(&mut self, source: &'a str, range: &Range<usize>) {
        let goes_on = self
            .pieces
            .last()
            .is_some_and(|(here, there)| there + (self.text.len() - here) == range.start);
        if !goes_on {
            self.pieces.push((self.text.len(), range.start));
        }
        match self.pieces.as_slice() {
            // Most of it stands together.
            [(_, start)] => self.text = source[*start..range.end].into(),
            _ => self.text.to_mut().push_str(&source[range.clone()]),
        }
    }

    /// Parts of the source that are together what stands here.
    fn source(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self
            .pieces
            .partition_point(|(here, _)| *here <= range.start)
            - 1;
        (first..self.pieces.len())
            .map_while(move |index| {
                let (here, there) = self.pieces[index];
                let next = self.pieces.get(index + 1).map_or(self.text.len(), |p| p.0);
                let (start, end) = (range.start.max(here), range.end.min(next));
                (start < range.end).then(|| there + (start - here)..there + (end - here))
            })
            .filter(|part| !part.is_empty())
    }

    /// Reads it: what is text goes to the flow, where links lead to the destinations.
    pub fn read(&self, source: &str, open: &mut Open, found: &mut impl Finds) {
        let html = &*self.text;
        let mut at = 0;
        while at < html.len() {
            let next = html[at..].find('<').map_or(html.len(), |found| at + found);
            self.text(source, at..next, Inside::of(open), found);
            if next == html.len() {
                break;
            }
            let (end, tag, is_whole) = tag(html, next);
            open.torn |= !is_whole;
            if let Tag::None = tag {
                self.text(source, next..end, Inside::of(open), found);
                at = end;
                continue;
            }
            tag.separate(found.flow());
            at = end;
            match tag {
                Tag::None | Tag::Other => {}
                Tag::Close(name) => open.close(&name),
                Tag::Open {
                    name,
                    closes_itself,
                    leads,
                } => {
                    for (value, attribute) in leads {
                        let mut there = self.source(value);
                        let (Some(one), None) = (there.next(), there.next()) else {
                            continue;
                        };
                        let is_shown = name != "a" && attribute == Lead::Followed;
                        found.lead(one, if is_shown { Lead::Shown } else { attribute });
                    }
                    open.open(&name, closes_itself, self.may_end);
                    if RAW.contains(&&*name) && !closes_itself {
                        let close = format!("</{name}");
                        let rest = &html[at..];
                        let inside = find_ignoring_case(rest, &close);
                        if inside.is_none() {
                            open.raw = Some(name.into_owned());
                        }
                        let inside = inside.unwrap_or(rest.len());
                        let quiet = if open.is_quiet() {
                            Inside::Quiet
                        } else {
                            Inside::Link
                        };
                        self.text(source, at..at + inside, quiet, found);
                        at += inside;
                    }
                }
            }
        }
    }

    /// Reads it as text in which tags are none.
    pub(super) fn plain(&self, source: &str, found: &mut impl Finds) {
        self.text(source, 0..self.text.len(), Inside::Link, found);
    }

    /// Text between tags, in which entities stand for characters.
    fn text(&self, source: &str, range: Range<usize>, inside: Inside, found: &mut impl Finds) {
        if range.is_empty() {
            return;
        }
        if inside == Inside::Quiet {
            found.flow().gap();
            return;
        }
        if inside == Inside::Text {
            for part in self.source(range.clone()) {
                found.markup(part);
            }
        }
        let flow = found.flow();
        let (mut said, end) = (range.start, range.end);
        let mut at = said;
        let say = |flow: &mut Flow, part: Range<usize>| {
            for part in self.source(part) {
                flow.say(source, part);
            }
        };
        while let Some(found) = self.text[at..end].find('&') {
            at += found;
            let Some((length, shown)) = entity(&self.text[at..end]) else {
                at += 1;
                continue;
            };
            say(flow, said..at);
            let whole = at..at + length;
            let mut parts = self.source(whole.clone());
            match (parts.next(), parts.next(), shown) {
                (Some(part), None, Some(shown)) => flow.stand_in(&shown.as_str(), part),
                _ => {
                    say(flow, whole);
                    flow.seam();
                }
            }
            at += length;
            said = at;
        }
        say(flow, said..end);
    }
}

/// In what a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// A link can stand there.
    Text,
    /// A link, or what takes tags for text.
    Link,
    /// What forges pass over.
    Quiet,
}

impl Inside {
    fn of(open: &Open) -> Self {
        if open.is_quiet() {
            Self::Quiet
        } else if open.is_link() {
            Self::Link
        } else {
            Self::Text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::flow::SEAM;
    use crate::text::structure::Structure;

    /// What is text of a piece of HTML, with `|` where a tag was, and where its links lead.
    fn read(html: &str) -> (String, Vec<&str>) {
        let mut raw = Raw::default();
        raw.push(html, &(0..html.len()));
        let mut found = Structure::default();
        raw.read(html, &mut Open::default(), &mut found);
        let leads = found.destinations.into_iter();
        let leads = leads.map(|range| &html[range]).collect();
        (found.flow.text().replace(SEAM, "|"), leads)
    }

    #[test]
    fn text_between_tags_is_found() {
        for (html, text) in [
            ("<div>a</div> b", "\na\n b"),
            ("a < b & c", "a < b & c"),
            ("<p title='<b>'>a", "\na"),
            ("<p \" > a \">", "\n a \">"),
            ("<p a=b>c>d", "\nc>d"),
            ("<!-- a -->b", "|b"),
            ("<!--> a -->", "| a -->"),
            ("<!-- a --!> b", "| b"),
            ("<? a > b ?>", "| b ?>"),
            ("<![CDATA[ a > b ]]>", "| b ]]>"),
            ("</ a > b", "| b"),
            ("<pre>a</pre>b", "|\n|b"),
            ("<code>a<b>c</b></code>d", "|\n|d"),
            ("<kbd>a</kbd>", "|a|"),
            ("<pre>a<li>b</pre>c", "|\nb|c"),
            ("<code><i></code>a</i>", "||a|"),
            ("<code/>a", "|a"),
            ("<style><!--</style>a-->", "|<!--|a-->"),
            ("<p", "\n"),
        ] {
            let shown = read(html).0.replace("\n|", "\n").replace("||", "|");
            let text = text.replace("\n|", "\n").replace("||", "|");
            let shown = shown.trim_end_matches('|');
            assert_eq!(shown, text.trim_end_matches('|'), "{html}");
        }
    }

    #[test]
    fn entities_are_what_they_stand_for() {
        for (html, text) in [
            ("&#64;a &#x40;b &commat;c", "@a @b @c"),
            ("&#64a &#00064;", "@a @"),
            ("&amp;1 &amp", "&1 &amp|"),
            ("&fjlig;", "fj"),
            ("&nbsp;x", "\u{fffd}x"),
            ("&copy@a", "&copy|@a"),
            ("& &; &#; &#x;", "& &; &#; &#x;"),
            ("&#0;&#9999999999;", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(read(html).0, text, "{html}");
        }
    }

    #[test]
    fn links_lead_somewhere() {
        let html = "<a href=\"x\"><img SRC = 'y'><a href=z data-src=q href><video\nsrc='v'/>";
        assert_eq!(read(html).1, ["x", "y", "z", "v"]);
    }
}
