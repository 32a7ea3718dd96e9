//! Texts and titles that are longer than the target takes are cut, and say where the rest is.

use super::draft::{DraftText, Setting};
use super::footer::Ends;
use super::references;
use crate::model::{self, Capabilities};
use crate::text::closers;
use crate::text::edits::{Edits, Rewritten};
use crate::text::length::{self, ELLIPSIS, Longest};
use crate::text::references::Reference;
use std::collections::BTreeMap;
use std::ops::Range;

/// Room for what stands around a text, which is never cut, in bytes or characters: a marker, and lines of a
/// footer each of which has room for so much of what people named ([`TOLD`]), however it is written.
const ENVELOPE: usize = 64 * 1024;

/// Room for each link to a file, of which it is not known yet where it leads.
const LINK: usize = 1024;

/// How much of a title, of labels, or of names of people a line of the footer tells.
pub(super) const TOLD: Longest = Longest::Characters(2048);

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

/// Where that stood in a text which stands there now that it is rewritten.
fn origin(edits: &Edits, at: usize) -> usize {
    let (mut was, mut now) = (0, 0);
    for edit in edits.iter() {
        let end = edit.at + edit.now.len();
        if end > at {
            return was + edit.at.min(at) - now;
        }
        was += edit.at - now + edit.was.len();
        now = end;
    }
    was + at - now
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

/// As much of a title as the footer tells, and whether that is only a part.
pub(super) fn told(title: &str, wholes: &[Range<usize>]) -> (String, bool) {
    let shown = length::shorten_around(title, TOLD, wholes);
    (shown, !TOLD.fits(title))
}

impl DraftText {
    /// How much of the text the target takes. It does not depend on where files lead, or a text that
    /// is there could not be known again. With that much of it rewritten, if that had to be looked at.
    fn kept(&self, setting: Setting<'_>) -> (usize, Option<String>) {
        let all = self.source.len();
        let links = (self.attachments.len() * LINK).min(ENVELOPE * 4);
        let Some(room) = self.room(setting).map(|room| room.less(links)) else {
            return (all, None);
        };
        // Rewriting makes no text that much longer.
        if room.less(all.saturating_mul(1000)).fits("x") {
            return (all, None);
        }
        let (kept, text) = self.fit(all, room, setting, &BTreeMap::new());
        (kept, Some(text))
    }

    /// What the target has room for beside all that may stand around a text.
    fn room(&self, setting: Setting<'_>) -> Option<Longest> {
        let most = setting.target.longest;
        let most = if self.first { most.text } else { most.comment };
        longest(most).map(|most| most.less(ENVELOPE))
    }

    /// As much of the beginning of the text as there is room for when it is rewritten, and that.
    fn fit(
        &self,
        most: usize,
        room: Longest,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
    ) -> (usize, String) {
        let (mut kept, mut round) = (most, 0);
        loop {
            let now = self.part(kept, setting, carried, &|refers| {
                references::instead(refers, &self.references, setting)
            });
            // Where there is too much of the text alone, they are another matter.
            let ends = if room.fits(&now.text) {
                self.ends(&now.text, setting)
            } else {
                0
            };
            let fits = room.beside(&now.text, ends).room(&now.text);
            if fits == now.text.len() || kept == 0 {
                return (kept, now.text);
            }
            // Mostly the next one fits; what a cut leaves open may make other text of all of it, and
            // then another one would, and so on.
            let most = if round < 4 { kept - 1 } else { kept / 2 };
            kept = length::cut(&self.source, origin(&now.edits, fits).min(most));
            round += 1;
        }
    }

    /// How long the lines are that end what a text leaves open, where that is more than what stands
    /// around every text.
    fn ends(&self, text: &str, setting: Setting<'_>) -> usize {
        const FEW: usize = 1024;
        // To find them takes longer than to see that they are few.
        if closers::at_most(text) <= FEW {
            return 0;
        }
        let lines = closers::closers(text, self.first && setting.target.front_matter);
        let length = lines.iter().map(|line| line.len() + 1).sum();
        if length > FEW { length } else { 0 }
    }

    /// The text for the target, as much as it takes, and whether that is only a part.
    pub fn render(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
    ) -> (String, bool) {
        let (kept, plain) = self.kept(setting);
        let (kept, text) = match (plain, self.room(setting)) {
            (Some(plain), _) if carried.is_empty() => (kept, plain),
            // Where files lead may take more room than was left for it.
            (Some(_), Some(room)) => self.fit(kept, room, setting, carried),
            _ => {
                let text = self.part(kept, setting, carried, &|refers| {
                    references::instead(refers, &self.references, setting)
                });
                (kept, text.text)
            }
        };
        let is_cut = kept < self.source.len();
        (self.with_rest(text, kept, setting), is_cut)
    }

    /// The same with other answers to where references lead, however long it gets.
    pub(super) fn rendered(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
    ) -> String {
        let (kept, _) = self.kept(setting);
        let text = self.part(kept, setting, carried, refers).text;
        self.with_rest(text, kept, setting)
    }

    /// A text of which only a part was kept says so, behind whatever it leaves open.
    fn with_rest(&self, text: String, kept: usize, setting: Setting<'_>) -> String {
        if kept == self.source.len() {
            return text;
        }
        let matter = self.first && setting.target.front_matter;
        let lines = closers::closers(&text, matter);
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
    use crate::model::{self, Attachment, Field, Issue, Lengths, Milestone, Person};
    use crate::plan::draft::{Draft, LinkedFile, TextFacts, draft};
    use crate::plan::fixtures::{issue, setting, target};
    use crate::plan::footer;
    use crate::plan::policy::Policy;
    use crate::text::envelope::FooterName;

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
        let text = "0123 56789";
        assert_eq!(drafted(text, 10, &policy).1, text);
        let (_, cut, is_cut) = drafted(text, 8, &policy);
        assert!(is_cut);
        assert_eq!(cut, "0123\n\n… [plans#12](<https://s.example/12>)");
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
    fn p8_a_cut_names_nobody_whom_the_author_did_not_name() {
        let users = ["ali", "bob"].map(|name| (name.to_owned(), format!("{name}.there")));
        let policy = Policy {
            users: users.into(),
            notify_mentions: true,
            ..Policy::default()
        };
        for (text, expected) in [
            ("Ask @bob @alice now", "Ask @bob.there\n\n…"),
            (
                "Ask `@ali or @bob if you` @bob",
                "Ask `@\u{2060}ali or\n\n…",
            ),
            ("Ask [@ali or @bob](x) @bob", "Ask\n\n…"),
        ] {
            let (_, cut, is_cut) = drafted(text, 18, &policy);
            assert!(is_cut && cut.starts_with(expected), "{cut}");
        }
    }

    #[test]
    fn what_rewriting_adds_takes_room_and_no_more_than_that() {
        let policy = Policy::default();
        let rest = "\n\n… [plans#12](<https://s.example/12>)";
        for (text, room) in [
            ("@a ", 2000),
            ("words that stay @a ", 2000),
            ("`@a @b` @c ", 3000),
            ("> #1 $1 ", 2500),
        ] {
            let (_, cut, is_cut) = drafted(&text.repeat(1000), room, &policy);
            let kept = cut.len() - rest.len();
            assert!(is_cut && cut.ends_with(rest), "{cut}");
            assert!(kept <= room && kept + 20 > room, "{text}: {kept}");
        }
    }

    #[test]
    fn what_ends_a_text_takes_room_too() {
        let policy = Policy::default();
        let fence = "`".repeat(300_000);
        for (text, room, is_cut_there) in [
            ("<details>\n".repeat(20_000), 300_000, true),
            ("<details>\n".repeat(20_000), 450_000, false),
            (fence.clone(), 500_000, true),
            (format!("<!--\n{}", "a\n".repeat(100_000)), 200_100, false),
        ] {
            let (_, rendered, is_cut) = drafted(&text, room, &policy);
            let ends: usize = closers::closers(&rendered, true)
                .iter()
                .map(|l| l.len() + 1)
                .sum();
            assert!(rendered.len() + ends < room + 2048, "{}", rendered.len());
            assert_eq!(is_cut, is_cut_there);
            assert!(rendered.len() + ends > room / 3, "{}", rendered.len());
        }
    }

    #[test]
    fn addresses_of_files_take_room_too() {
        let policy = Policy::default();
        let text: String = (0..5000).map(|n| format!("[a](/f/{n}) ")).collect();
        let target = Capabilities {
            longest: Lengths {
                text: model::Longest::Characters(1024 * 1024),
                ..Lengths::default()
            },
            ..target()
        };
        let setting = setting(&policy, &target);
        let link = |number| format!("/f/{number}");
        let files = (0..5000).map(|number| LinkedFile {
            link: link(number),
            file: Attachment {
                place: link(number),
                stamp: None,
                private: false,
                address: None,
            },
        });
        let facts = TextFacts {
            attachments: files.collect(),
            ..TextFacts::default()
        };
        let issue = Issue { text, ..issue() };
        let draft = draft(&issue, &facts, setting);
        let long = "x".repeat(400);
        let carried = (0..5000).map(|n| (link(n), format!("https://t.example/{long}/{n}")));
        let (rendered, is_cut) = draft.text.render(setting, &carried.collect());
        assert!(is_cut && rendered.len() < 1024 * 1024 - ENVELOPE / 2);
        assert!(
            rendered.len() > 1024 * 1024 - ENVELOPE * 2,
            "{}",
            rendered.len()
        );
        let short = (0..5000).map(|n| (link(n), format!("/v/{n}")));
        let (rendered, is_cut) = draft.text.render(setting, &short.collect());
        assert!(!is_cut, "{}", rendered.len());
    }

    #[test]
    fn what_may_not_be_told_is_not_told_there() {
        let opaque = Policy {
            opaque: true,
            ..Policy::default()
        };
        assert_eq!(drafted("0123 56789", 8, &opaque).1, "0123\n\n…");
    }

    #[test]
    fn a_title_is_whole_in_the_footer() {
        let (draft, ..) = drafted("x", 10, &Policy::default());
        assert_eq!(draft.title, "Crash of…");
        assert!(footer::has_title(&draft.facts));
        assert_eq!(footer::told_in_part(&draft.facts).count(), 0);
    }

    #[test]
    fn p9_what_the_footer_has_no_room_for_is_cut_and_leads_to_the_rest() {
        let (policy, target) = (Policy::default(), target());
        let poor = Capabilities {
            holds: &[Field::Title, Field::Text],
            longest: Lengths {
                title: model::Longest::Characters(255),
                ..Lengths::default()
            },
            ..target
        };
        let setting = setting(&policy, &poor);
        let person = |n: u32| Person {
            username: format!("{n:0>300}"),
            name: Some("@\u{1f600}".repeat(300)),
        };
        let long = Issue {
            title: "@\u{1f600} ".repeat(100_000),
            labels: (0..5000).map(|n| format!("~{n} @all \u{1f600}")).collect(),
            assignees: (0..500).map(person).collect(),
            milestone: Some(Milestone::titled("@\u{1f600}".repeat(9000))),
            health: Some("@\u{1f600}".repeat(9000)),
            ..issue()
        };
        let draft = draft(&long, &TextFacts::default(), setting);
        let lines = footer::render(&draft.facts, setting.ends, &|line| {
            crate::plan::draft::defuse(setting, line)
        });
        let line = |name| {
            let line = lines.iter().find(|line| line.name == name);
            line.unwrap().value.as_str()
        };
        let rest = "… [plans#12](<https://s.example/12>)";
        assert!(line(FooterName::Title).ends_with(rest));
        assert!(line(FooterName::Labels).ends_with('…'));
        assert!(line(FooterName::Assignees).ends_with(", …"));
        let length: usize = lines.iter().map(|line| line.value.len()).sum();
        assert!(length < ENVELOPE * 3 / 4, "{length}");
        let told: Vec<Field> = footer::told_in_part(&draft.facts).collect();
        assert_eq!(told, [Field::Title, Field::Assignees, Field::Labels]);
    }
}
