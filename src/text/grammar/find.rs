//! Finding in a text what a forge would act on.

use super::addresses::addresses;
use super::commits::is_commit;
use super::{Follows, Form, Grammar, Names};
use crate::text::escape::{JOINER, WORD_JOINER};
use crate::text::flow::{Flow, SEAM};
use std::ops::Range;

/// Something in a text that a forge would act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An address that makes a link by itself; where it stands in the visible text.
    Address(Range<usize>),
    /// Somebody is named: where, in the visible text, and behind which place of it the name begins.
    Somebody(Range<usize>, usize),
    /// A commit is named, where in the visible text; the places where a character takes the meaning away
    /// follow.
    Commit(Range<usize>),
    /// Something is named; where in the visible text a character takes the meaning away.
    Something(usize),
}

/// How far a title is looked at; no forge has longer ones.
const TITLE: usize = 256;

impl Grammar<'_> {
    /// Finds in a visible text what a forge would act on, in order.
    pub fn find<'a>(&'a self, flow: &'a Flow) -> impl Iterator<Item = Found> + 'a {
        let text = flow.text();
        let bytes = text.as_bytes();
        let begins = self.begins;
        let has_keys = !self.keys.is_empty();
        let acts = move |b: u8| begins.acts(b) || has_keys && b.is_ascii_uppercase();
        let mut addresses = addresses(flow);
        let mut address = addresses.next();
        let mut commit = (0..0).step_by(1);
        let mut key = None;
        let (mut at, mut last) = (0, None);
        std::iter::from_fn(move || {
            loop {
                if let Some(place) = commit.next() {
                    // What is left of the word may be a key.
                    key = key.or(self.key_at(text, place));
                    return Some(Found::Something(place));
                }
                if let Some(place) = key.take() {
                    return Some(Found::Something(place));
                }
                let until = address
                    .as_ref()
                    .map_or(bytes.len(), |next| next.whole.start);
                while at < until && !acts(bytes[at]) {
                    at += 1;
                }
                if let Some(begun) = address.take_if(|next| next.whole.start <= at) {
                    address = addresses.next();
                    // Digits in front may have taken some of its letters along.
                    if at < begun.end {
                        if begun.is_link {
                            at = begun.end;
                        }
                        return Some(Found::Address(begun.whole));
                    }
                    continue;
                }
                let here = at;
                let first = *bytes.get(here)?;
                at += 1;
                if let Some(form) = form_at(begins.forms(self.forms, first), text, here) {
                    let behind = here + form.opens.len();
                    return Some(match form.names {
                        Names::Somebody => Found::Somebody(here..name_end(text, behind), behind),
                        Names::Something => Found::Something(behind),
                    });
                }
                if self.projects && bytes[here] == b'>' && is_project(&bytes[..here]) {
                    return Some(Found::Something(here));
                }
                if has_keys && begins_word(bytes, here) {
                    key = self.key_at(text, here);
                }
                if let Some(least) = self.commits {
                    let digits = bytes[here..].iter().take_while(|b| b.is_ascii_hexdigit());
                    let end = here + digits.count();
                    at = end.max(at);
                    if end - here >= least && is_commit(text, &(here..end), last) {
                        last = Some(end);
                        // Nothing that is left may be one, whatever stands in front.
                        let short = least.saturating_sub(1).max(1);
                        commit = (here + short..end).step_by(short);
                        return Some(Found::Commit(here..end));
                    }
                }
            }
        })
    }

    /// Whether a link that leads to this is a reference as a whole: where a character takes the
    /// meaning away, and what is named.
    pub fn whole(&self, link: &str) -> Option<(usize, Names)> {
        let is_path = |b: &u8| b.is_ascii_alphanumeric() || b"_.-/".contains(b);
        let is_number = |digits: &str| {
            let digits = digits
                .strip_suffix("+s")
                .or(digits.strip_suffix('+'))
                .unwrap_or(digits);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let path = link.bytes().take_while(|b| is_path(b)).count();
        if path == link.len() {
            let least = self.commits?;
            let is_hex = link.len() >= least && link.bytes().all(|b| b.is_ascii_hexdigit());
            if is_hex {
                return Some((1, Names::Something));
            }
        }
        if let Some(at) = self.whole_key(link) {
            return Some((at, Names::Something));
        }
        let rest = &link[path..];
        if path > 0
            && let Some(commit) = rest.strip_prefix('@')
            && self.commits.is_some_and(|least| commit.len() >= least)
            && commit.bytes().all(|b| b.is_ascii_hexdigit())
        {
            return Some((path + 2, Names::Something));
        }
        self.forms.iter().find_map(|form| {
            // Some begin like a path.
            let (at, inside) = match link.strip_prefix(form.opens) {
                Some(inside) => (0, inside),
                None => (path, rest.strip_prefix(form.opens)?),
            };
            let fits = match form.follows {
                Follows::Number => is_number(inside),
                Follows::Path => {
                    at == 0 && !inside.is_empty() && inside.bytes().all(|b| is_path(&b))
                }
                Follows::Word | Follows::Title | Follows::Anything => !inside.is_empty(),
            };
            // It was made inert already.
            let acts = fits && !inside.starts_with(WORD_JOINER);
            acts.then_some((at + form.opens.len(), form.names))
        })
    }
}

/// Whether no letter, digit or underscore stands in front of a place: to GitLab those outside ASCII
/// are none.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The one of some forms that begins at a place.
fn form_at(forms: &'static [Form], text: &str, at: usize) -> Option<&'static Form> {
    let rest = &text.as_bytes()[at..];
    // The first is the same in all of them, and most have no third.
    let second = rest.get(1);
    forms.iter().find(|form| {
        let opens = form.opens.as_bytes();
        opens.get(1).is_none_or(|next| Some(next) == second)
            && (opens.len() < 3 || rest.starts_with(opens))
            && follows(form.follows, text, at, at + form.opens.len())
    })
}

/// Whether what must follow does.
fn follows(what: Follows, text: &str, start: usize, behind: usize) -> bool {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let bytes = text.as_bytes();
    // It was made inert already.
    if bytes[behind..].starts_with(JOINER.as_bytes()) {
        return false;
    }
    let rest = bytes[behind..]
        .iter()
        .filter(|b| **b != SEAM as u8)
        .take(TITLE);
    let next = rest.clone().next();
    match what {
        Follows::Number => next.is_some_and(u8::is_ascii_digit),
        Follows::Path => {
            let in_word = !begins_word(bytes, start);
            let dots = rest.clone().take_while(|b| **b == b'.').count();
            let first = rest.clone().nth(dots);
            !in_word && first.is_some_and(|b| is_word(b) || dots > 0 && *b == b'-')
        }
        Follows::Word => {
            next == Some(&b'"')
                || rest
                    .clone()
                    .take_while(|b| is_word(b) || b"-?.&".contains(b))
                    .any(|b| !b"?.".contains(b))
        }
        Follows::Title => {
            next == Some(&b'"')
                // A star that begins or ends emphasis must stay what it is.
                || next.is_some_and(|b| *b != b'*')
                    && rest
                        .clone()
                        .take_while(|b| !b.is_ascii_whitespace() && !b"\"%".contains(b))
                        .any(is_word)
        }
        Follows::Anything => next.is_some_and(|b| *b != b']' && !b.is_ascii_whitespace()),
    }
}

/// Where a name ends that begins at a place.
fn name_end(text: &str, start: usize) -> usize {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let bytes = &text.as_bytes()[start..];
    let length = bytes.iter().take_while(|b| is_part(b)).count();
    let dots = bytes[..length]
        .iter()
        .rev()
        .take_while(|b| **b == b'.')
        .count();
    start + length - dots
}

/// Whether the path of a project in a group ends a text.
fn is_project(before: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let path = before.iter().rev().take(TITLE).take_while(|b| is_part(b));
    let group = path.clone().skip_while(|b| **b != b'/').nth(1);
    before.last().is_some_and(is_word) && group.is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::grammar::GITLAB;

    /// A text with a dot wherever GitLab would act on something if there were none.
    fn marked(text: &str) -> String {
        let mut flow = Flow::default();
        flow.say(text, 0..text.len());
        let mut places: Vec<usize> = GITLAB
            .find(&flow)
            .filter_map(|found| match found {
                Found::Address(_) | Found::Commit(_) => None,
                Found::Somebody(_, at) | Found::Something(at) => Some(at),
            })
            .collect();
        places.dedup();
        let mut out = text.to_owned();
        for at in places.into_iter().rev() {
            out.insert(at, '·');
        }
        out
    }

    #[test]
    fn p8_what_gitlab_acts_on_is_found() {
        for text in [
            "@·alice @·g/sub, @·all. (@·_x) é@·alice @@·b @·.c",
            "#·1 g/p#·12+s x#·3 &#·4 ^alert#·5",
            "!·1 g/p!·2 &·3 $·4 $·5x",
            "~·bug ~·\"two words\" ~·1 ~·a::b x~·bug ~·-x ~~·bug",
            "%·1 %·v1.2 %·\"two words\" 50%·off %·é1",
            "GL-·7 xGL-·7",
            "*iteration:·\"x\" *iteration:·3",
            "[issue:·1] [work_item:·g/p/2] [epic:·3] [cadence:·1] [contact:·a@b.c] [\"contact:·a@b.c\"]",
            "[vulnerability:·1] [feature_flag:·g/p/2] [wiki_page:·Home]",
            "9ba122·48 in p@9ba122·48 and v1-g9ba122·4...199cd1·8e",
            "123456·789012·345678·901234·567890·123456·7890",
            "commit 123456·7, 765432·1 and 111111·1; SHA-1: 1234567 (Rev. 123456·7) sha1:123456·7 commit#·123456·7",
            "p@123456·7 v1.0-3-g123456·7 123456·7..abcdef·0 abcdef·0...123456·7 deadbe·ef to 123456·7",
            "v1-gdeadbe·ef x123456·a 1x123456·a",
            "550e84·00-e29b-41d4-a716-44665544000 550e84·00-e29b-41d4-a716 446655·4400ab",
            "g/p·> a/b/c·>",
            "see https://e.org/@a#1, @·b",
            "(https://e.org/@a)@·b https://e.org/]#·1 https://e.org/\"@·b",
            "https://@·a foo://#·1 https://a_b.org/@·a",
            "www.e.org/@·a WWW.e.org/#·1 HTTPS://e.org/!·3 Https://e.org/@·a",
        ] {
            assert_eq!(marked(&text.replace('·', "")), text);
        }
    }

    #[test]
    fn what_it_does_not_act_on_is_left_alone() {
        for text in [
            "a@b.c x_@y @ @- @... # 1 #x ! & 5 $ 5 $x ~/x ~ ~. % 5 100%. 100%) 5 %",
            "[[_TOC_]] [[Home]] [issue: 1] [issue:] [x:1] [ ] [x](y)",
            "1234567 20260101 call 1234567, 7654321 commit of 1234567 5..1234567,8 a > b a->b x> 1/> />",
            "550e8400-e29b-41d4-a716-446655440000 (6BA7B810-9DAD-11D1-80B4-00C04FD430C8)",
            "feedback Feedback, xdefaced defacedx 0x11ca798 (0XC00018AD80) 0x52908400098527886E0F7030069857D2E4169EE7",
            "https://e.org/a(b)#1 https://e.org/?q[]=1&2#3",
        ] {
            assert_eq!(marked(text), text);
        }
    }
}
