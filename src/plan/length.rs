//! Texts and titles that are longer than the target takes are cut, and say where the rest is.

use super::draft::{DraftText, Setting};
use super::footer::Ends;
use super::references;
use crate::model::{self, Capabilities};
use crate::text::closers::closers;
use crate::text::length::{self, ELLIPSIS, Longest};
use crate::text::references::Reference;
use crate::text::rewrite::Rewritten;
use std::collections::BTreeMap;

/// Room for what stands around a text, which is never cut, in bytes or characters.
const ENVELOPE: usize = 64 * 1024;

/// Room for each link to a file, of which it is not known yet where it leads.
const LINK: usize = 1024;

/// Where the whole of a text is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// What it is called.
    pub label: String,
    /// Its address; empty if it has none, or none that may be told.
    pub url: String,
}

impl Whole {
    /// What stands where a text is cut.
    fn rest(&self, ends: Ends<'_>) -> String {
        if self.label.is_empty() {
            return ELLIPSIS.to_string();
        }
        format!("{ELLIPSIS} {}", ends.link(&self.label, &self.url))
    }
}

/// How long something may be, as texts know it.
pub(super) fn longest(of: model::Longest) -> Option<Longest> {
    match of {
        model::Longest::Any => None,
        model::Longest::Characters(count) => Some(Longest::Characters(count)),
        model::Longest::Bytes(count) => Some(Longest::Bytes(count)),
    }
}

/// A title as the target takes it, and whether that is only a part. What leads somewhere is not cut in
/// two: what is left would lead elsewhere.
pub(super) fn title(title: Rewritten, target: &Capabilities) -> (String, bool) {
    let Some(longest) = longest(target.longest.title).filter(|most| !most.fits(&title.text)) else {
        return (title.text, false);
    };
    let edits = title.edits.iter().filter(|edit| !edit.was.is_empty());
    let whole: Vec<_> = edits
        .map(|edit| edit.at..edit.at + edit.now.len())
        .collect();
    (length::shorten_around(&title.text, longest, &whole), true)
}

impl DraftText {
    /// How much of the text the target takes. It does not depend on where files lead, or a text that
    /// is there could not be known again.
    pub(super) fn kept(&self, setting: Setting<'_>) -> usize {
        let all = self.source.len();
        let most = setting.target.longest;
        let most = if self.first { most.text } else { most.comment };
        let links = (self.attachments.len() * LINK).min(ENVELOPE * 4);
        let Some(room) = longest(most).map(|most| most.less(ENVELOPE + links)) else {
            return all;
        };
        // Rewriting makes no text that much longer.
        if room.less(all.saturating_mul(100)).fits("x") {
            return all;
        }
        let mut kept = all;
        for round in 0.. {
            let rendered = self.part(kept, setting, &BTreeMap::new(), &|refers| {
                references::instead(refers, &self.references, setting)
            });
            let fits = room.room(&rendered);
            if fits == rendered.len() {
                return kept;
            }
            // What is too much, in the proportion of the two texts, and always something.
            let share = u128::try_from(kept).unwrap_or_default()
                * u128::try_from(fits).unwrap_or_default()
                / u128::try_from(rendered.len()).unwrap_or(1).max(1);
            let less = usize::try_from(share).unwrap_or_default();
            // Where most of it stands in front, that would take long.
            let most = if round < 8 { kept - 1 } else { kept / 4 * 3 };
            kept = length::cut(&self.source, less.min(most));
            if kept == 0 {
                break;
            }
        }
        0
    }

    /// The text for the target, as much as it takes, and whether that is only a part.
    pub fn render(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
    ) -> (String, bool) {
        self.rendered(setting, carried, &|refers| {
            references::instead(refers, &self.references, setting)
        })
    }

    /// The same with other answers to where references lead.
    pub(super) fn rendered(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
    ) -> (String, bool) {
        let kept = self.kept(setting);
        let text = self.part(kept, setting, carried, refers);
        let is_cut = kept < self.source.len();
        (self.with_rest(text, kept, setting), is_cut)
    }

    /// A text of which only a part was kept says so, behind whatever it leaves open.
    pub(super) fn with_rest(&self, text: String, kept: usize, setting: Setting<'_>) -> String {
        if kept == self.source.len() {
            return text;
        }
        let matter = self.first && setting.target.front_matter;
        let lines = closers(&text, matter);
        let mut text = text;
        for line in lines {
            text.push('\n');
            text.push_str(&line);
        }
        format!("{text}\n\n{}", self.whole.rest(setting.ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{self, Issue, Lengths};
    use crate::plan::draft::{Draft, TextFacts, draft};
    use crate::plan::fixtures::{issue, setting, target};
    use crate::plan::policy::Policy;

    /// An issue with this text, for a target that has room for so many bytes of it.
    fn drafted(text: &str, room: usize, policy: &Policy) -> (Draft, String, bool) {
        let target = Capabilities {
            longest: Lengths {
                title: model::Longest::Characters(10),
                text: model::Longest::Bytes(ENVELOPE + room),
                comment: model::Longest::Any,
            },
            ..target()
        };
        let setting = setting(policy, &target);
        let issue = Issue {
            text: text.to_owned(),
            ..issue()
        };
        let draft = draft(&issue, &TextFacts::default(), setting);
        let (rendered, is_cut) = draft.text.render(setting, &BTreeMap::new());
        (draft, rendered, is_cut)
    }

    #[test]
    fn a_text_is_cut_only_where_there_is_no_room_for_it() {
        let policy = Policy::default();
        let text = "0123456789";
        assert_eq!(drafted(text, 10, &policy).1, text);
        let (_, cut, is_cut) = drafted(text, 8, &policy);
        assert!(is_cut);
        assert_eq!(cut, "01234567\n\n… [plans#12](<https://s.example/12>)");
        // What makes it inert takes room too.
        let (_, cut, _) = drafted("@a @b @c", 12, &policy);
        assert!(cut.starts_with("@\u{2060}a @\u{2060}b"), "{cut}");
        assert!(!cut.contains('c'), "{cut}");
        // What the cut leaves open is ended, and what it makes of the rest is inert.
        let (_, cut, _) = drafted("<!-- @all\n@all\n@all -->", 15, &policy);
        assert!(cut.starts_with("<!-- @all\n@all\n-->\n\n…"), "{cut}");
        let (_, cut, _) = drafted("`@all @all @all`", 12, &policy);
        assert!(cut.starts_with("`@\u{2060}all"), "{cut}");
    }

    #[test]
    fn what_may_not_be_told_is_not_told_there() {
        let opaque = Policy {
            opaque: true,
            ..Policy::default()
        };
        assert_eq!(drafted("0123456789", 8, &opaque).1, "01234567\n\n…");
    }

    #[test]
    fn a_title_is_whole_in_the_footer() {
        let (draft, ..) = drafted("x", 10, &Policy::default());
        assert_eq!(draft.title, "Crash of…");
        assert!(super::super::footer::has_title(&draft.facts));
    }
}
