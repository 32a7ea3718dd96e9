//! The bytes of `issue.md`.

use super::{IssueFile, nobody, person, written};
use crate::forge::directory::fields::Fields;
use crate::forge::directory::front_matter::{self, FileProblem, Head};
use crate::model::{IssueType, State};
use crate::text::{duration, yaml};

impl IssueFile {
    /// Reads a file; what is wrong with it is said with its line.
    pub(in crate::forge::directory) fn parse(content: &str) -> Result<Self, FileProblem> {
        let parts = front_matter::parse(content)?;
        if !parts.present {
            return Err(FileProblem::new(
                1,
                "an issue begins with a line `---`, then `title: …`, then `---` again.",
            ));
        }
        let mut fields = Fields::new(parts.fields);
        let title = fields
            .text("title")?
            .ok_or_else(|| FileProblem::new(1, "the issue has no `title:`."))?;
        let file = Self {
            title,
            text: parts.body.to_owned(),
            state: fields
                .word("state", &[("open", State::Open), ("closed", State::Closed)])?
                .unwrap_or(State::Open),
            issue_type: fields.word("type", &IssueType::WORDS)?.unwrap_or_default(),
            confidential: fields.bool("confidential")?.unwrap_or(false),
            locked: fields.bool("locked")?.unwrap_or(false),
            author: fields.person("author")?.unwrap_or_else(nobody),
            posted_by: fields.text("posted_by")?,
            created_at: fields.time("created_at")?,
            closed_at: fields.time("closed_at")?,
            closed_by: fields.person("closed_by")?,
            labels: fields.texts("labels")?.into_iter().collect(),
            milestone: fields.text("milestone")?,
            iteration: fields.text("iteration")?,
            epic: fields.epic("epic")?,
            assignees: fields.people("assignees")?,
            weight: fields.number("weight")?,
            due_date: fields.date("due_date")?,
            time_estimate: fields.duration("time_estimate")?.unwrap_or(0),
            time_spent: fields.duration("time_spent")?.unwrap_or(0),
            links: fields.links("links")?,
        };
        fields.nothing_else()?;
        Ok(file)
    }

    /// Writes a file: the same bytes for the same content.
    pub(in crate::forge::directory) fn render(&self) -> String {
        let mut head = Head::default();
        head.text("title", &self.title);
        head.raw("state", self.state.word());
        if self.issue_type != IssueType::Issue {
            head.raw("type", self.issue_type.word());
        }
        if self.confidential {
            head.raw("confidential", "true");
        }
        if self.locked {
            head.raw("locked", "true");
        }
        head.raw("author", &person(&self.author));
        written(&mut head, self.posted_by.as_deref(), self.created_at);
        if let Some(at) = self.closed_at {
            head.raw("closed_at", &at.to_string());
        }
        if let Some(by) = &self.closed_by {
            head.raw("closed_by", &person(by));
        }
        head.list(
            "labels",
            self.labels.iter().map(|label| yaml::scalar(label)),
        );
        if let Some(title) = &self.milestone {
            head.text("milestone", title);
        }
        if let Some(title) = &self.iteration {
            head.text("iteration", title);
        }
        if let Some(epic) = &self.epic {
            match &epic.title {
                Some(title) => head.raw(
                    "epic",
                    &format!(
                        "{{number: {}, title: {}}}",
                        epic.number,
                        yaml::scalar(title)
                    ),
                ),
                None => head.raw("epic", &epic.number.to_string()),
            }
        }
        head.list("assignees", self.assignees.iter().map(person));
        if let Some(weight) = self.weight {
            head.raw("weight", &weight.to_string());
        }
        if let Some(date) = self.due_date {
            head.raw("due_date", &date.to_string());
        }
        for (name, seconds) in [
            ("time_estimate", self.time_estimate),
            ("time_spent", self.time_spent),
        ] {
            if seconds > 0 {
                head.raw(name, &duration::compact(seconds));
            }
        }
        self.links.render(&mut head);
        head.with_body(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::directory::convert::OUR_ACCOUNT;
    use crate::forge::directory::links::Links;
    use crate::model::{Epic, Person, Timestamp};
    use proptest::prelude::*;

    #[test]
    fn an_issue_by_hand_needs_little() {
        let file =
            IssueFile::parse("---\ntitle: 404\nlabels: [1.10, yes, bug]\n---\nHelp.\n").unwrap();
        assert_eq!(file.title, "404");
        assert_eq!(file.text, "Help.");
        assert!(file.labels.contains("1.10") && file.labels.contains("yes"));
        assert_eq!(file.state, State::Open);
    }

    #[test]
    fn problems_name_line_and_cure() {
        for (content, said) in [
            (
                "Help.\n",
                "line 1: an issue begins with a line `---`, then `title: …`, then `---` again.",
            ),
            (
                "---\nstate: open\n---\n",
                "line 1: the issue has no `title:`.",
            ),
            ("---\ntitle: ''\n---\n", "line 2: `title` is empty."),
            (
                "---\ntitle: x\nlables: [a]\n---\n",
                "line 3: `lables` is not a field; did you mean `labels`?",
            ),
            (
                "---\ntitle: x\nstate: done\n---\n",
                "line 3: `state` must be one of `open`, `closed`; found `done`.",
            ),
            (
                "---\ntitle: x\nlabels: bug\n---\n",
                "line 3: `labels` must be a list such as `[one, two]`; found `bug`.",
            ),
            (
                "---\ntitle: x\nweight: -1\n---\n",
                "line 3: `weight` must be a whole number, not negative; found `-1`.",
            ),
            (
                "---\ntitle: x\ndue_date: tomorrow\n---\n",
                "line 3: `due_date` must be a date such as `2026-01-31`; found `tomorrow`.",
            ),
            (
                "---\ntitle: x\ncreated_at: 2026-01-31\n---\n",
                "line 3: `created_at` must be a time such as `2026-01-31T09:30:00Z`; found `2026-01-31`.",
            ),
            (
                "---\ntitle: x\ntime_spent: 2d\n---\n",
                "line 3: `time_spent` must be a duration such as `1h30m`, in hours, minutes and seconds; found `2d`.",
            ),
            (
                "---\ntitle: x\nlinks: [3]\n---\n",
                "line 3: `links` must be a mapping such as `{relates: [3], blocks: [5]}`; found a list.",
            ),
            (
                "---\ntitle: x\nlinks: {relates: 3}\n---\n",
                "line 3: `relates` must be a list such as `[one, two]`; found `3`.",
            ),
            (
                "---\ntitle: x\nlinks: {relates: [-3]}\n---\n",
                "line 3: `relates` must be a whole number, not negative; found `-3`.",
            ),
            (
                "---\ntitle: x\nlinks: {block: [3]}\n---\n",
                "line 3: `block` is not a field; did you mean `blocks`?",
            ),
            (
                "---\ntitle: x\nlinks: {relates: [3], blocks: [3]}\n---\n",
                "line 3: `links` names 3 twice; leave it in `blocks` alone.",
            ),
            (
                "---\ntitle: x\nconfidential: yes\n---\n",
                "line 3: `confidential` must be `true` or `false`; found `yes`.",
            ),
            (
                "---\ntitle: x\nassignees:\n  - {name: A}\n---\n",
                "line 4: `assignees` needs a `username`.",
            ),
        ] {
            assert_eq!(IssueFile::parse(content).unwrap_err().to_string(), said);
        }
    }

    fn any_person() -> impl Strategy<Value = Person> {
        ("[a-z.]{1,6}[a-z]", proptest::option::of("\\PC{1,10}[a-z]"))
            .prop_map(|(username, name)| Person { username, name })
    }

    prop_compose! {
        fn any_issue()(
            title in "\\PC{0,20}[a-z]", text in any::<String>(),
            labels in proptest::collection::btree_set("\\PC{0,10}[a-z]", 0..4),
            milestone in proptest::option::of("\\PC{0,8}[a-z]"),
            epic in proptest::option::of((1_u64..99, proptest::option::of("\\PC{0,8}[a-z]"))),
            assignees in proptest::collection::vec(any_person(), 0..3),
            author in any_person(), closed_by in proptest::option::of(any_person()),
            weight in proptest::option::of(any::<u32>()),
            times in (0_u64..100_000_000, 0_u64..100_000_000),
            flags in any::<(bool, bool)>(), seconds in 0_i64..4_000_000_000,
            links in proptest::collection::btree_map(1_u64..99, any::<bool>(), 0..4),
        ) -> IssueFile {
            IssueFile {
                title, text, labels, milestone, assignees, author, closed_by, weight,
                state: if flags.0 { State::Open } else { State::Closed },
                issue_type: if flags.1 { IssueType::Task } else { IssueType::Issue },
                confidential: flags.1,
                locked: flags.0,
                posted_by: flags.0.then(|| OUR_ACCOUNT.to_owned()),
                created_at: Some(Timestamp::from_second(seconds).unwrap()),
                closed_at: flags.1.then(|| Timestamp::from_millisecond(seconds).unwrap()),
                iteration: flags.1.then(|| "Sprint 3".to_owned()),
                epic: epic.map(|(number, title)| Epic { number, title }),
                due_date: flags.0.then(|| jiff::civil::date(2026, 2, 28)),
                time_estimate: times.0, time_spent: times.1,
                links: links.into_iter().fold(Links::default(), |mut links, (other, blocks)| {
                    links.add(crate::model::IssueNumber(other), blocks);
                    links
                }),
            }
        }
    }

    proptest! {
        #[test]
        fn an_issue_is_read_as_it_was_written(file in any_issue()) {
            let content = file.render();
            let read = IssueFile::parse(&content).unwrap();
            prop_assert_eq!(&read, &file);
            prop_assert_eq!(read.render(), content);
        }
    }
}
