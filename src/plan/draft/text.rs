//! An author's text on its way: what is rewritten in it, and into what.

use super::{LinkedFile, Setting, TextFacts};
use crate::model::{Attachment, Comment, Digest, Issue, Reads, is_account};
use crate::plan::length::Whole;
use crate::plan::policy::Policy;
use crate::plan::references::{self, Leads};
use crate::text::edits::Rewritten;
use crate::text::grammar::{self, Grammar};
use crate::text::read::Read;
use crate::text::references::{Kind, Reference};
use crate::text::rewrite::{self, Rules};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// An author's text on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftText {
    /// As the source has it, without an envelope of an earlier hop.
    pub source: String,
    /// Links in it that lead to attachments of the source, each once.
    pub attachments: Vec<LinkedFile>,
    /// Where other links in it lead that are no whole addresses. As they follow from the text, no digest
    /// counts them.
    pub addresses: BTreeMap<String, String>,
    /// Nothing stands in front of it on the target.
    pub first: bool,
    /// Where its references lead.
    pub references: Leads,
    /// Where all of it is, if the target takes only a part.
    pub whole: Whole,
}

impl DraftText {
    pub(super) fn new(source: &str, facts: &TextFacts, first: bool, whole: Whole) -> Self {
        Self {
            source: source.to_owned(),
            attachments: facts.attachments.clone(),
            addresses: facts.addresses.clone(),
            first,
            references: Leads::default(),
            whole,
        }
    }

    /// A text that stands by itself, about something else than an issue.
    pub fn alone(source: &str, facts: &TextFacts) -> Self {
        Self::new(source, facts, true, Whole::default())
    }

    /// A digest of what decides how the text is rewritten, apart from the text: constant for a text
    /// in which nothing is.
    pub(super) fn rewriting(&self, policy: &Policy) -> Digest {
        let parts = self.rewriting_parts(policy);
        Digest::of(parts.iter().map(String::as_str))
    }

    /// The same in parts, which are none then.
    pub(super) fn rewriting_parts(&self, policy: &Policy) -> Vec<String> {
        let mut parts = Vec::new();
        if policy.notify_mentions {
            for name in Read::of(&self.source).mentions() {
                parts.extend(notify(policy, name).map(|to| format!("@{name}={to}")));
            }
        }
        parts.extend(policy.keys_in([self.source.as_str()]));
        if policy.opaque && !self.attachments.is_empty() {
            parts.push("opaque".to_owned());
        }
        for LinkedFile { link, file } in &self.attachments {
            // While they are not ours, another content of theirs is nothing to us.
            parts.push(if policy.attachments {
                let Attachment {
                    place,
                    stamp,
                    private,
                    address: _,
                } = file;
                // Written out, because stores hold digests of it.
                format!(
                    "{link} Attachment {{ place: {place:?}, stamp: {stamp:?}, private: {private} }} {}",
                    policy.attachment_max_bytes
                )
            } else {
                link.clone()
            });
        }
        parts.extend(references::digested(&self.references));
        parts
    }

    /// The beginning of the text for the target, with attachments where `carried` says that they are
    /// and references that `refers` answers.
    pub(in crate::plan) fn part(
        &self,
        kept: usize,
        setting: Setting<'_>,
        carried: &BTreeMap<String, String>,
        refers: &dyn Fn(&Reference<'_>) -> Option<String>,
    ) -> Rewritten {
        // What a cut opens, such as code, names nobody whom all of the text does not name.
        let is_cut = kept < self.source.len();
        // Read only if somebody is to be notified at all.
        let named = OnceCell::new();
        let names = || {
            let whole = Read::of(&self.source);
            let names = whole.mentions().into_iter().map(str::to_owned);
            names.collect::<BTreeSet<String>>()
        };
        let is_named = |name: &str| !is_cut || named.get_or_init(names).contains(name);
        let notify = |name: &str| notify(setting.policy, name).filter(|_| is_named(name));
        rewrite::rewrite(
            &self.source[..kept],
            &Rules {
                destination: &|link| {
                    carried
                        .get(link)
                        .or_else(|| self.references.links.get(link))
                        .or_else(|| self.addresses.get(link))
                        .cloned()
                },
                refers,
                front_matter: self.first && setting.target.front_matter,
                behind_paragraph: !self.first && setting.target.description_lists,
                ..rules(setting, &notify)
            },
        )
    }

    /// Where each attachment leads in a text that is there, if that is what [`Self::render`] gives
    /// with them; `None` if it is another text. `kept`: how much of the original is there, if not all.
    /// `further`: what is not known to be mirrored may lead anywhere there, because more was known when
    /// it was written.
    pub fn found_in(
        &self,
        setting: Setting<'_>,
        there: &str,
        kept: Option<usize>,
        further: bool,
    ) -> Option<BTreeMap<String, String>> {
        let mark = mark(&self.source);
        let links = self.attachments.iter().map(|file| file.link.clone());
        let holes: BTreeMap<String, String> = links
            .enumerate()
            .map(|(number, link)| (link, format!("{mark}-{number}-")))
            .collect();
        let anywhere = format!("{mark}-anywhere-");
        let refers = |refers: &Reference<'_>| {
            let leads = references::leads_there(refers, &self.references);
            if further && !leads && refers.kind == Kind::Issue {
                Some(anywhere.clone())
            } else {
                references::instead(refers, &self.references, setting)
            }
        };
        let pattern = self.rendered(setting, &holes, &refers, kept)?;
        let pattern = pattern.replace('\r', "");
        let mut found = BTreeMap::new();
        let (mut pattern, mut rest) = (pattern.as_str(), there);
        while let Some(at) = pattern.find(&mark) {
            rest = rest.strip_prefix(&pattern[..at])?;
            let (number, after) = pattern[at + mark.len()..]
                .strip_prefix('-')?
                .split_once('-')?;
            pattern = after;
            let hole = number.parse::<usize>().ok();
            let hole = hole.and_then(|number| self.attachments.get(number));
            // What follows up to the next one ends it.
            let end = match pattern.find(&mark) {
                Some(next) => rest.find(&pattern[..next])?,
                None => rest.len().checked_sub(pattern.len())?,
            };
            let (destination, after) = rest.split_at_checked(end)?;
            rest = after;
            let Some(LinkedFile { link, .. }) = hole else {
                continue;
            };
            // A link has no blank in it.
            if destination.contains(char::is_whitespace) {
                return None;
            }
            let destination = destination.to_owned();
            let before = found.insert(link.clone(), destination.clone());
            if before.is_some_and(|before| before != destination) {
                return None;
            }
        }
        (pattern == rest).then_some(found)
    }
}

/// What no text like this one has in it, to stand for what is not known.
fn mark(text: &str) -> String {
    const MARK: &str = "issue-mirror-hole";
    let behind = text.match_indices(MARK).map(|(at, _)| {
        let rest = &text[at + MARK.len()..];
        rest.len() - rest.trim_start_matches('x').len()
    });
    let more = behind.max().map_or(0, |longest| longest + 1);
    format!("{MARK}{}", "x".repeat(more))
}

/// The account that a mention of somebody is to reach. Groups and everybody are not reached, whatever
/// a mapping says.
pub(super) fn notify(policy: &Policy, name: &str) -> Option<String> {
    let is_one = |name: &str| !name.contains('/') && !name.eq_ignore_ascii_case("all");
    let account = policy.mapped(name)?;
    (policy.notify_mentions && is_one(name) && is_account(account)).then(|| account.to_owned())
}

pub(super) fn rules<'a>(
    setting: Setting<'a>,
    notify: &'a dyn Fn(&str) -> Option<String>,
) -> Rules<'a> {
    let acts = setting.target.acts;
    Rules {
        grammar: match acts.reads {
            Reads::Nothing => grammar::NOTHING,
            Reads::GitLab => Grammar {
                keys: &setting.policy.inert_keys,
                ..grammar::GITLAB
            },
        },
        front_matter: false,
        behind_paragraph: false,
        quick_actions: acts.quick_actions,
        anywhere: acts.anywhere,
        mentions: acts.mentions,
        references: acts.references,
        code: true,
        hosts: setting.ends.target.hosts(),
        notify,
        destination: &|_| None,
        refers: &|_| None,
    }
}

/// Takes the meaning from everything in a line of ours that the target would act on.
pub fn defuse(setting: Setting<'_>, line: &str) -> String {
    rewrite::line(line, &rules(setting, &|_| None))
}

/// Where the whole of a text is, as far as the target may know.
pub(super) fn whole_of(issue: &Issue, comment: Option<&Comment>, setting: Setting<'_>) -> Whole {
    if setting.policy.opaque {
        return Whole::default();
    }
    let url = comment.map_or(&issue.web_url, |comment| &comment.web_url);
    Whole {
        label: format!("{}#{}", setting.ends.source.name, issue.number),
        url: url.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::draft::draft;
    use crate::plan::fixtures::{issue, setting, target};

    #[test]
    fn files_of_a_text_that_is_there_are_found_again() {
        let (policy, target) = (Policy::default(), target());
        let setting = setting(&policy, &target);
        let file = |link: &str| LinkedFile {
            link: link.to_owned(),
            file: Attachment {
                place: link.to_owned(),
                stamp: None,
                private: false,
                address: None,
            },
        };
        let text = "issue-mirror-hole-0- [a](/f/1) ![b](/f/2)\r\n[c](/f/1) #3 issue-mirror-holexx";
        let facts = TextFacts {
            attachments: vec![file("/f/1"), file("/f/2")],
            ..TextFacts::default()
        };
        let issue = Issue {
            text: text.to_owned(),
            ..issue()
        };
        let text = draft(&issue, &facts, setting).text;
        let carried = [("/f/1", "/u/a"), ("/f/2", "/u/b")];
        let carried: BTreeMap<String, String> = carried
            .map(|(link, to)| (link.to_owned(), to.to_owned()))
            .into();
        let there = text.render(setting, &carried, &|all| all.text.clone());
        let there = there.unwrap().text.replace('\r', "");
        assert_eq!(text.found_in(setting, &there, None, false), Some(carried));
        for other in [
            there.replacen("/u/a", "/u/c", 1),
            there.replacen("/u/b", "/u b", 1),
            format!("{there}."),
            there.replacen("[c]", "[d]", 1),
        ] {
            assert_eq!(text.found_in(setting, &other, None, false), None, "{other}");
        }
        // What it refers to may have been mirrored after it.
        let led = there.replace("#\u{2060}3", "[#4](https://t.example/4)");
        assert_ne!(led, there);
        assert_eq!(text.found_in(setting, &led, None, false), None);
        assert!(text.found_in(setting, &led, None, true).is_some());
    }

    #[test]
    fn what_stands_for_the_unknown_is_in_no_text() {
        for text in [
            "",
            "issue-mirror-hole",
            "issue-mirror-holexx issue-mirror-holex",
            "issue-mirror-holexissue-mirror-hole",
        ] {
            let mark = mark(text);
            assert!(!text.contains(&mark), "{text}");
            assert!(mark.len() <= text.len() + "issue-mirror-hole".len() + 1);
        }
    }
}
