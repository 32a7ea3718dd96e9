//! A title on its way: what it names leads to counterparts, as far as a title can.

use super::text::{notify, rules};
use super::{DraftText, Setting};
use crate::model::Digest;
use crate::plan::footer::PART;
use crate::plan::length::{self, Whole};
use crate::plan::policy::Policy;
use crate::plan::references::{self, Leads};
use crate::text::edits::Rewritten;
use crate::text::escape::WORD_JOINER;
use crate::text::length::{ELLIPSIS, Longest, shorten};
use crate::text::references::{Kind, Reference, Style};
use crate::text::rewrite::Rules;
use crate::text::title;

/// An issue's title, with what decides how it is rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftTitle {
    /// As the source has it, on one line.
    pub source: String,
    /// Where its references lead.
    pub references: Leads,
}

/// Stands in a pattern for what may lead anywhere. No title has it in it.
const HOLE: char = '\u{1}';

impl DraftTitle {
    pub(super) fn new(source: String) -> Self {
        Self {
            source,
            references: Leads::default(),
        }
    }

    /// The title for the target, as much as it takes, and whether that is only a part.
    pub(super) fn render(&self, setting: Setting<'_>) -> (String, bool) {
        let now = self.rewritten(setting, &|refers| {
            references::in_title(refers, &self.references)
        });
        let (shown, is_cut) = length::title(now, setting.target);
        match length::longest(setting.target.longest.title) {
            Some(most) if shown.chars().eq([ELLIPSIS]) => (self.beginning(most, setting), is_cut),
            _ => (shown, is_cut),
        }
    }

    /// As much of a title as there is room for in which nothing may be cut in two, such as one long
    /// address: what is left of it names nothing and leads nowhere.
    fn beginning(&self, most: Longest, setting: Setting<'_>) -> String {
        let rules = rules(setting, &|_| None);
        let mut room = most;
        loop {
            let part = shorten(&self.source, room);
            let now = title::rewrite(&part, &rules).text;
            let now = now.replace("://", &format!("{WORD_JOINER}://"));
            let now = now.replace("www.", &format!("www{WORD_JOINER}."));
            if most.fits(&now) || room.count() == 0 {
                return now;
            }
            room = room.less(most.measure(&now) - most.count());
        }
    }

    /// What the footer says of a title of which the target takes only a part: the title as the source has
    /// it, and, where that is not what stands there, where the rest is and the parts that stand there. Every
    /// second of these leads somewhere.
    pub(super) fn told(&self, setting: Setting<'_>, whole: &Whole) -> Vec<String> {
        let quiet = Policy {
            notify_mentions: false,
            ..setting.policy.clone()
        };
        let setting = Setting {
            policy: &quiet,
            ..setting
        };
        let now = self.rewritten(setting, &|refers| {
            references::in_title(refers, &self.references)
        });
        let leads = now.edits.iter().filter(|edit| !edit.was.is_empty());
        let leads: Vec<_> = leads
            .map(|edit| edit.at..edit.at + edit.now.len())
            .collect();
        let (shown, is_cut) = length::told(&now.text, &leads);
        let mut said = vec![self.source.clone()];
        if leads.is_empty() && !is_cut {
            return said;
        }
        let rest = if is_cut {
            whole.clone()
        } else {
            Whole::default()
        };
        let part = if is_cut { PART } else { "" };
        said.extend([part.to_owned(), rest.label, rest.url]);
        let mut done = 0;
        for lead in leads {
            // What is behind that is not shown.
            if shown.get(lead.clone()) != Some(&now.text[lead.clone()]) {
                break;
            }
            said.push(shown[done..lead.start].to_owned());
            said.push(shown[lead.clone()].to_owned());
            done = lead.end;
        }
        said.push(shown[done..].to_owned());
        said
    }

    fn rewritten(
        &self,
        setting: Setting<'_>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
    ) -> Rewritten {
        let policy = setting.policy;
        let notifies = setting.target.acts.mentions;
        let notify = |name: &str| notify(policy, name).filter(|_| notifies);
        title::rewrite(
            &self.source,
            &Rules {
                refers,
                ..rules(setting, &notify)
            },
        )
    }

    /// What decides how the title is rewritten, apart from it: nothing for one in which nothing is.
    fn rewriting(&self, policy: &Policy) -> impl Iterator<Item = String> {
        let mut parts = Vec::new();
        if policy.notify_mentions {
            for name in title::mentions(&self.source) {
                parts.extend(notify(policy, name).map(|to| format!("@{name}={to}")));
            }
        }
        parts.extend(policy.keys_in([self.source.as_str()]));
        parts.extend(references::digested(&self.references));
        // Written out, because stores hold digests of it.
        parts.into_iter().map(|part| format!("title {part}"))
    }

    /// What a title that is there may be, where what is not known to be mirrored may have led anywhere:
    /// more was known when it was written. `None` if nothing is in doubt.
    pub fn pattern(&self, setting: Setting<'_>) -> Option<Pattern> {
        let now = self.rewritten(setting, &|refers| {
            let leads = references::in_title(refers, &self.references);
            leads.or_else(|| (refers.kind == Kind::Issue).then(|| HOLE.to_string()))
        });
        now.text.contains(HOLE).then_some(Pattern(now.text))
    }
}

/// A title of which parts are not known.
#[derive(Clone, Debug)]
pub struct Pattern(String);

impl Pattern {
    /// Whether a title that is there may be this one.
    pub fn matches(&self, there: &str) -> bool {
        let mut parts = self.0.split(HOLE);
        let Some(mut rest) = parts.next().and_then(|first| there.strip_prefix(first)) else {
            return false;
        };
        let mut parts = parts.peekable();
        while let Some(part) = parts.next() {
            let end = if parts.peek().is_none() {
                rest.ends_with(part).then(|| rest.len() - part.len())
            } else {
                // Nothing that leads has a blank in it, and most words are apart.
                rest.find(part)
            };
            let Some(end) = end.filter(|end| is_lead(&rest[..*end])) else {
                return false;
            };
            rest = &rest[end + part.len()..];
        }
        rest.is_empty()
    }
}

/// Whether something can have been put into a title in place of a reference, or left there.
fn is_lead(text: &str) -> bool {
    // What sets it off, and what took its meaning.
    let text = text.replace(WORD_JOINER, "");
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((scheme, rest)) = text.split_once("://") {
        let is_scheme = ["http", "https"]
            .iter()
            .any(|s| scheme.eq_ignore_ascii_case(s));
        return is_scheme && !rest.is_empty() && !rest.contains(char::is_whitespace);
    }
    let bracketed = ["[issue:", "[work_item:"].iter();
    let mut inside = bracketed.filter_map(|opens| text.strip_prefix(opens)?.strip_suffix(']'));
    let is_path = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b))
    };
    if let Some(inside) = inside.next() {
        let (path, number) = inside.rsplit_once('/').unwrap_or(("", inside));
        return is_path(path) && is_number(number);
    }
    let styles = [Style::Summary, Style::Title].map(Style::suffix);
    let plain = styles.iter().find_map(|style| text.strip_suffix(style));
    let plain = plain.unwrap_or(&text);
    match (
        plain.strip_prefix("GL-"),
        plain.split_once(Kind::Issue.sigil()),
    ) {
        (Some(number), None) => is_number(number),
        (_, Some((path, number))) => is_path(path) && is_number(number),
        (None, None) => false,
    }
}

/// A digest of what decides how title and text of an issue are rewritten.
pub(super) fn rewriting(title: &DraftTitle, text: &DraftText, policy: &Policy) -> Digest {
    let mut parts = text.rewriting_parts(policy);
    parts.extend(title.rewriting(policy));
    Digest::of(parts.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{self, Spelling};
    use crate::plan::fixtures::{setting, target};
    use crate::plan::references::{Lead, Named};

    /// A title of which the issues below 50 lead to those with 100 more.
    fn titled(title: &str) -> DraftTitle {
        let mut titled = DraftTitle::new(title.to_owned());
        let refers = title::references(title);
        let named = refers.iter().filter(|refers| refers.number < 50);
        let leads = named.map(|refers| {
            let short = format!("#{}", refers.number + 100);
            let spelling = Spelling {
                short: Some(short.clone()),
                native: true,
                address: None,
            };
            let lead = Lead::There {
                label: short,
                spelling,
            };
            (Named::by(refers), lead)
        });
        titled.references.named = leads.collect();
        titled
    }

    #[test]
    fn what_is_cut_off_takes_no_part_of_a_reference_along() {
        let policy = Policy::default();
        for (most, expected) in [
            (20, "Follow-up of #112"),
            (17, "Follow-up of #112"),
            (16, "Follow-up of…"),
            (14, "Follow-up of…"),
            (9, "Follow-u…"),
        ] {
            let mut target = target();
            target.longest.title = model::Longest::Characters(most);
            let (shown, is_cut) = titled("Follow-up of #12").render(setting(&policy, &target));
            assert_eq!((shown.as_str(), is_cut), (expected, most < 17));
        }
    }

    #[test]
    fn p8_of_a_title_that_is_one_long_word_the_beginning_is_left_and_names_nothing() {
        let policy = Policy::default();
        for (title, expected) in [
            (
                "https://t.example/g/p/-/issues/1234",
                "https·://t.example/…",
            ),
            (
                "https://e.org/a/long/address/of/a/page",
                "https·://e.org/a/lo…",
            ),
            ("www.e.org/a/long/address/of/a/page", "www·.e.org/a/long/a…"),
            ("@somebody-with-a-long-name", "@·somebody-with-a-l…"),
            ("group/project/of/us#123456", "group/project/of/us…"),
            ("project/of/others#12345678", "project/of/others#…"),
            ("deadbeefdeadbeefdeadbeefdead", "deadbe·efdead·beef…"),
        ] {
            let mut target = target();
            target.longest.title = model::Longest::Characters(20);
            let (shown, is_cut) = titled(title).render(setting(&policy, &target));
            assert!(is_cut && shown.chars().count() <= 20);
            assert_eq!(shown.replace(WORD_JOINER, "·"), expected);
        }
    }

    #[test]
    fn a_title_is_known_again_wherever_it_led() {
        let (policy, target) = (Policy::default(), target());
        let setting = setting(&policy, &target);
        let title = titled("As #1, #99 and g/p#98").pattern(setting).unwrap();
        for there in [
            "As #101, #\u{2060}99 and g/p#\u{2060}98",
            "As #101, #7 and g/q#8+",
            "As #101, https://t.example/g/-/issues/7 and #8",
        ] {
            assert!(title.matches(there), "{there}");
        }
        for there in [
            "As #102, #7 and #8",
            "As #101, #7 and that",
            "As #101, #7 and #8!",
            "As #101, #7 or what and #8",
        ] {
            assert!(!title.matches(there), "{there}");
        }
    }

    #[test]
    fn what_is_no_reference_was_never_put_there() {
        let (policy, target) = (Policy::default(), target());
        let setting = setting(&policy, &target);
        let fix = titled("Fix #99").pattern(setting).unwrap();
        for there in [
            "Fix #7",
            "Fix #7+s",
            "Fix g/p.x#7+",
            "Fix GL-\u{2060}99",
            "Fix [issue:\u{2060}99]",
            "Fix [work_item:\u{2060}g/p/99]",
            "Fix https://t.example/g/-/issues/7/",
            "Fix https://\u{2060}t.example/g/-/issues/7#note_8",
        ] {
            assert!(fix.matches(there), "{there}");
        }
        for there in [
            "Fix CVE-2024-1234",
            "Fix v1.2.3",
            "Fix 7",
            "Fix #",
            "Fix #a7",
            "Fix g p#7",
            "Fix (#7",
            "Fix GL-x7",
            "Fix ://7",
            "Fix [issue:x]",
        ] {
            assert!(!fix.matches(there), "{there}");
        }
        // What is set off from what stands behind it.
        let behind = titled("Fix [issue:99]x").pattern(setting).unwrap();
        assert!(behind.matches("Fix #7\u{2060}x"));
    }

    #[test]
    fn what_leads_somewhere_is_not_in_doubt() {
        let (policy, target) = (Policy::default(), target());
        for title in ["As #1", "As !99", "As that"] {
            let pattern = titled(title).pattern(setting(&policy, &target));
            assert!(pattern.is_none(), "{title}");
        }
    }

    #[test]
    fn p4_a_title_without_references_says_nothing_of_them() {
        let policy = Policy::default();
        let none = |title: &str| titled(title).rewriting(&policy).count();
        assert_eq!((none("Crash of #99 @alice"), none("Crash")), (0, 0));
        let says: Vec<String> = titled("As #1").rewriting(&policy).collect();
        assert_eq!(says, ["title /#1#0 named #101"]);
    }
}
