//! What stands in front of a comment: who wrote it, when, and where it is.

use super::times::to_the_second;
use super::words::named;
use super::{Ends, person};
use crate::model::{Comment, Digest, Issue};
use crate::plan::policy::Policy;
use crate::text::escape;

/// What stands in front of a comment instead of its author.
const NAMELESS: &str = "Comment";

/// The attribution of a comment before it is worded; of one whose author and place nobody may know,
/// the time alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    name: String,
    account: String,
    at: String,
    label: String,
    url: String,
    /// The comment that it answers, by whom and where, for a target that has no threads.
    answers: Option<[String; 2]>,
}

impl Attribution {
    /// Who wrote a comment, when, and where it is.
    pub fn of(comment: &Comment, issue: &Issue, policy: &Policy, ends: Ends<'_>) -> Self {
        let at = comment.created_at.map(|at| at.to_string());
        let at = at.unwrap_or_default();
        if policy.opaque {
            return Self {
                at,
                ..Self::default()
            };
        }
        let [name, account] = person(&comment.author, policy);
        Self {
            name,
            account,
            at,
            label: format!("{}#{}", ends.source.name, issue.number),
            url: comment.web_url.clone().unwrap_or_default(),
            answers: None,
        }
    }

    /// The same for an answer to another comment that stands by itself.
    #[must_use]
    pub fn answering(mut self, first: &Comment, policy: &Policy) -> Self {
        if policy.opaque {
            return self;
        }
        let [_, account] = person(&first.author, policy);
        self.answers = Some([account, first.web_url.clone().unwrap_or_default()]);
        self
    }

    /// Who wrote it, as people are shown; the rest is code, a time and links.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A digest of everything that it says.
    pub fn digest(&self) -> Digest {
        let said = [&self.name, &self.account, &self.at, &self.label, &self.url];
        let said = said.into_iter().chain(self.answers.iter().flatten());
        Digest::of(said.map(String::as_str))
    }

    /// One line, the same in every language: `**Alice A.** (`alice`) · time · link`.
    pub fn render(&self, ends: Ends<'_>, defuse: &dyn Fn(&str) -> String) -> String {
        let name = escape::one_line(&self.name);
        let is_named = !(self.name.is_empty() && self.account.is_empty());
        let who = if !is_named {
            NAMELESS.to_owned()
        } else if name.is_empty() {
            escape::code(&self.account)
        } else {
            format!(
                "**{}** ({})",
                named(&name, defuse),
                escape::code(&self.account)
            )
        };
        let mut parts = vec![who];
        if !self.at.is_empty() {
            parts.push(to_the_second(&self.at));
        }
        if !self.label.is_empty() {
            parts.push(ends.link(&self.label, &self.url));
        }
        if let Some([account, url]) = &self.answers {
            let first = ends.link(&self.label, url);
            parts.push(format!("↩ {} · {first}", escape::code(account)));
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommentId, Person};
    use crate::plan::fixtures::{ends, issue};

    #[test]
    fn it_says_who_when_in_which_zone_and_where() {
        let comment = Comment {
            web_url: Some("https://s.example/12#note_1".into()),
            created_at: Some("2026-01-02T05:04:05.678+02:00".parse().unwrap()),
            id: CommentId(1),
            text: "x".into(),
            author: Person::account("bob"),
            ours: false,
            internal: false,
            reply_to: None,
        };
        let (source, target) = ends();
        let ends = Ends {
            source: &source,
            target: &target,
        };
        let shown = |policy: &Policy, first: Option<&Comment>| {
            let mut said = Attribution::of(&comment, &issue(), policy, ends);
            if let Some(first) = first {
                said = said.answering(first, policy);
            }
            said.render(ends, &|text| text.replace('@', "@·"))
        };
        let line = "`bob` · 2026-01-02T03:04:05Z · [plans#12](<https://s.example/12#note_1>)";
        let policy = Policy::default();
        assert_eq!(shown(&policy, None), line);
        let answers = format!("{line} · ↩ `bob` · [plans#12](<https://s.example/12#note_1>)");
        assert_eq!(shown(&policy, Some(&comment)), answers);
        let opaque = Policy {
            opaque: true,
            ..Policy::default()
        };
        assert_eq!(
            shown(&opaque, Some(&comment)),
            "Comment · 2026-01-02T03:04:05Z"
        );
    }
}
