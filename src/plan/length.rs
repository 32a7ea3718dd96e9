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

/// As long as what stands around a text never is, in bytes or characters, but for what ends the text: a
/// marker, and lines of a footer each of which has room for so much of what people named ([`TOLD`]), however
/// it is written.
const ENVELOPE: usize = 64 * 1024;

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

/// A text as the target takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fitted {
    /// What stands there.
    pub text: String,
    /// How many bytes of the original are in it, if that is not all.
    pub kept: Option<usize>,
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
    /// The text for the target, or as much of it as that takes with what stands `around` it; `None` if
    /// not even that, with a link to the text, is taken.
    pub fn render(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        around: &dyn Fn(&Fitted) -> String,
    ) -> Option<Fitted> {
        let whole = self.rewritten(self.source.len(), setting, carried);
        let Some(most) = longest(setting.target.longest.of_text(self.first)) else {
            return Some(Fitted::whole(whole.text));
        };
        // Put together only where that could be too long.
        let surely = most.less(ENVELOPE + closers::at_most(&whole.text));
        if surely.fits(&whole.text) {
            return Some(Fitted::whole(whole.text));
        }
        let all = Fitted::whole(whole.text.clone());
        if most.fits(&around(&all)) {
            return Some(all);
        }
        let least = most.measure(&around(&self.cut_to(0, "x".to_owned(), setting)));
        let mut room = most.less(least.saturating_sub(1));
        for round in 0.. {
            let (kept, text) = self.fit(whole.clone(), room, setting, carried);
            let fitted = self.cut_to(kept, text, setting);
            let length = most.measure(&around(&fitted));
            let over = length.saturating_sub(most.count());
            if over == 0 {
                return Some(fitted);
            }
            if kept == 0 {
                break;
            }
            // What ends the text counts too, and is another with each.
            let less = if round < 4 {
                over
            } else {
                room.count() / 2 + 1
            };
            room = room.less(less);
        }
        None
    }

    /// As much of the beginning of a text, all of which is this, as there is room for when it is
    /// rewritten, and that. Never all of it.
    fn fit(
        &self,
        whole: Rewritten,
        room: Longest,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
    ) -> (usize, String) {
        let all = self.source.len();
        let (mut now, mut kept, mut round) = (whole, all, 0);
        loop {
            // Where there is too much of the text alone, they are another matter.
            let ends = if room.fits(&now.text) {
                self.ends(&now.text, setting)
            } else {
                0
            };
            let fits = room.beside(&now.text, ends).room(&now.text);
            if kept == 0 || kept < all && fits == now.text.len() {
                return (kept, now.text);
            }
            // Mostly the next one fits; what a cut leaves open may make other text of all of it, and
            // then another one would, and so on.
            let most = if round < 4 { kept - 1 } else { kept / 2 };
            kept = length::cut(&self.source, origin(&now.edits, fits).min(most));
            now = self.rewritten(kept, setting, carried);
            round += 1;
        }
    }

    /// How long the lines are that end what a text leaves open, where they are more than a few.
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

    /// A part of the text with references as they lead now.
    fn rewritten(
        &self,
        kept: usize,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
    ) -> Rewritten {
        self.part(kept, setting, carried, &|refers| {
            references::instead(refers, &self.references, setting)
        })
    }

    /// As much of the text as is there, with other answers to where references lead; `None` if the text
    /// does not have so much.
    pub(super) fn rendered(
        &self,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
        kept: Option<usize>,
    ) -> Option<String> {
        let all = self.source.len();
        match kept {
            None => Some(self.part(all, setting, carried, refers).text),
            Some(kept) if kept < all && self.source.is_char_boundary(kept) => {
                let text = self.part(kept, setting, carried, refers).text;
                Some(self.cut_to(kept, text, setting).text)
            }
            Some(_) => None,
        }
    }

    /// A text of which only a part was kept says so, behind whatever it leaves open.
    fn cut_to(&self, kept: usize, text: String, setting: Setting<'_>) -> Fitted {
        let matter = self.first && setting.target.front_matter;
        let lines = closers::closers(&text, matter);
        let mut text = text;
        for line in lines {
            text.push('\n');
            text.push_str(&line);
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&self.whole.rest(setting.ends));
        Fitted {
            text,
            kept: Some(kept),
        }
    }
}

impl Fitted {
    /// All of a text.
    pub fn whole(text: String) -> Self {
        Self { text, kept: None }
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

    /// What stands behind a text that is cut.
    const REST: &str = "\n\n… [plans#12](<https://s.example/12>)";

    /// Lines that end a text, and of one that is whole as much more as a link to the rest takes.
    fn around(fitted: &Fitted) -> String {
        let mut all = fitted.text.clone();
        for line in closers::closers(&fitted.text, true) {
            all = all + "\n" + &line;
        }
        if fitted.kept.is_none() {
            all.push_str(REST);
        }
        all
    }

    /// An issue with this text, for a target that has room for so many bytes of it.
    fn drafted(text: &str, room: usize, policy: &Policy) -> (Draft, String, bool) {
        let target = Capabilities {
            longest: Lengths {
                title: model::Longest::Characters(10),
                text: model::Longest::Bytes(room + REST.len()),
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
        let fitted = draft.text.render(setting, &BTreeMap::new(), &around);
        let fitted = fitted.unwrap();
        assert!(around(&fitted).len() <= room + REST.len());
        (draft, fitted.text, fitted.kept.is_some())
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
        let (_, cut, _) = drafted("<!-- @all\n@all\n@all -->", 18, &policy);
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
        for (text, room) in [
            ("@a ", 2000),
            ("words that stay @a ", 2000),
            ("`@a @b` @c ", 3000),
            ("> #1 $1 ", 2500),
        ] {
            let (_, cut, is_cut) = drafted(&text.repeat(1000), room, &policy);
            let kept = cut.len() - REST.len();
            assert!(is_cut && cut.ends_with(REST), "{cut}");
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
            assert_eq!(is_cut, is_cut_there);
            assert!(rendered.len() > room / 3, "{}", rendered.len());
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
        let render = |carried| draft.text.render(setting, &carried, &around).unwrap();
        let cut = render(carried.collect());
        let length = cut.text.chars().count();
        assert!(cut.kept.is_some() && length <= 1024 * 1024 && length > 1024 * 1024 - 1000);
        let short = (0..5000).map(|n| (link(n), format!("/v/{n}")));
        assert_eq!(render(short.collect()).kept, None);
    }

    #[test]
    fn where_not_even_the_envelope_has_room_nothing_is_rendered() {
        let (policy, target) = (Policy::default(), target());
        let short = |most| Capabilities {
            longest: Lengths {
                text: model::Longest::Bytes(most),
                ..Lengths::default()
            },
            ..target.clone()
        };
        let text = "word ".repeat(1000);
        let issue = Issue { text, ..issue() };
        let envelope = |fitted: &Fitted| format!("{}{}", fitted.text, "e".repeat(200));
        for (most, expected) in [
            (150, None),
            (230, None),
            (238, Some("… [plans#12](<https://s.example/12>)".to_owned())),
            (249, Some(format!("word word{REST}"))),
        ] {
            let short = short(most);
            let setting = setting(&policy, &short);
            let draft = draft(&issue, &TextFacts::default(), setting);
            let fitted = draft.text.render(setting, &BTreeMap::new(), &envelope);
            assert_eq!(fitted.map(|fitted| fitted.text), expected, "{most}");
        }
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
