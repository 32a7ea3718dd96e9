//! Rule, marker, footer and attribution around a text, and off it again.
//!
//! A description is `{text}\n\n---\n\n{marker}\n\n{footer}`, a comment is
//! `{attribution}\n\n{text}\n\n{marker}`. Other tools may rely on that. The rule is `***` where the
//! text begins with `---` or its like, because the two would enclose front matter.

use super::closers::closers;
use super::marker::Marker;

/// One line of a footer. The name is in bold, so a person finds it, and known, so that we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterLine {
    /// What it says something about.
    pub name: FooterName,
    /// What it says: Markdown on one line, escaped by whoever made it.
    pub value: String,
}

/// What a footer can say, in the order in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FooterName {
    /// Where the original is.
    Source,
    /// The whole title, where the target takes only a part of it.
    Title,
    /// Who wrote it and when.
    Author,
    /// When it was written, where nothing says by whom.
    Created,
    /// Who closed it and when.
    Closed,
    /// Its milestone.
    Milestone,
    /// Its iteration.
    Iteration,
    /// Its epic.
    Epic,
    /// Who is to work on it.
    Assignees,
    /// Its labels, where the target has none.
    Labels,
    /// Its kind, where the target has none.
    Type,
    /// Only members comment on it, where the target cannot keep others from it.
    Locked,
    /// Its weight, where the target has none.
    Weight,
    /// Its due date, where the target has none.
    DueDate,
    /// Its estimate, where the target has none.
    TimeEstimate,
    /// Its time spent, where the target has none.
    TimeSpent,
    /// The day work on it begins.
    StartDate,
    /// How it goes.
    Health,
    /// What people think of it.
    Reactions,
    /// What people should know before they edit.
    Notice,
}

impl FooterName {
    const ALL: [Self; 20] = [
        Self::Source,
        Self::Title,
        Self::Author,
        Self::Created,
        Self::Closed,
        Self::Milestone,
        Self::Iteration,
        Self::Epic,
        Self::Assignees,
        Self::Labels,
        Self::Type,
        Self::Locked,
        Self::Weight,
        Self::DueDate,
        Self::TimeEstimate,
        Self::TimeSpent,
        Self::StartDate,
        Self::Health,
        Self::Reactions,
        Self::Notice,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Title => "Title",
            Self::Author => "Author",
            Self::Created => "Created",
            Self::Closed => "Closed",
            Self::Milestone => "Milestone",
            Self::Iteration => "Iteration",
            Self::Epic => "Epic",
            Self::Assignees => "Assignees",
            Self::Labels => "Labels",
            Self::Type => "Type",
            Self::Locked => "Locked",
            Self::Weight => "Weight",
            Self::DueDate => "Due date",
            Self::TimeEstimate => "Time estimate",
            Self::TimeSpent => "Time spent",
            Self::StartDate => "Start date",
            Self::Health => "Health status",
            Self::Reactions => "Reactions",
            Self::Notice => "Note",
        }
    }
}

impl FooterLine {
    fn render(&self) -> String {
        format!("- **{}:** {}", self.name.word(), self.value)
    }
}

/// Whether a line could have been written by [`FooterLine::render`].
fn is_footer_line(line: &str) -> bool {
    line.strip_prefix("- **")
        .and_then(|rest| rest.split_once(":** "))
        .is_some_and(|(name, _)| FooterName::ALL.iter().any(|known| known.word() == name))
}

/// A description: the author's text and our envelope. `front_matter`: the forge takes a leading
/// `---` block for that.
pub fn description(
    text: &str,
    marker: &Marker,
    footer: &[FooterLine],
    front_matter: bool,
) -> String {
    let closers = closers(text, front_matter);
    let marker = Marker {
        closers: closers.len(),
        ..marker.clone()
    };
    let mut out = with_closers(text, &closers);
    if !text.is_empty() {
        out.push_str("\n\n");
    }
    out.push_str(rule(text));
    out.push_str("\n\n");
    out.push_str(&marker.render());
    if !footer.is_empty() {
        out.push('\n');
    }
    for line in footer {
        out.push('\n');
        out.push_str(&line.render());
    }
    out
}

/// The rule behind a text: not the one that would end front matter where the text could begin some.
fn rule(text: &str) -> &'static str {
    let names_coding = text
        .lines()
        .next()
        .is_some_and(|line| line.contains("coding:"));
    let start = text.trim_start();
    let begins = ["---", "+++", ";;;"]
        .iter()
        .any(|delimiter| start.starts_with(delimiter));
    if begins || names_coding { "***" } else { "---" }
}

/// A comment: who wrote it, the author's text and our marker.
pub fn comment(attribution: &str, text: &str, marker: &Marker) -> String {
    // An attribution stands in front, so the text cannot begin with front matter.
    let closers = closers(text, false);
    let marker = Marker {
        closers: closers.len(),
        ..marker.clone()
    };
    let mut out = format!("{attribution}\n\n");
    if !text.is_empty() {
        out.push_str(&with_closers(text, &closers));
        out.push_str("\n\n");
    }
    out.push_str(&marker.render());
    out
}

fn with_closers(text: &str, closers: &[String]) -> String {
    let mut out = text.to_owned();
    for line in closers {
        out.push('\n');
        out.push_str(line);
    }
    out
}

/// A description or comment taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<'a> {
    /// What the author wrote.
    pub text: &'a str,
    /// The marker.
    pub marker: Marker,
    /// What somebody added behind our footer; empty if nobody did.
    pub after: &'a str,
    /// Everything of ours in front of the text: the attribution of a comment.
    before: &'a str,
    /// Everything of ours behind the text, from the first closing line to the last footer line.
    behind: &'a str,
}

impl Split<'_> {
    /// The envelope as it stands there, to be compared with the one we wrote.
    pub fn envelope(&self) -> [&str; 2] {
        [self.before, self.behind]
    }

    /// Whether our footer has a line of that name.
    pub fn says(&self, name: FooterName) -> bool {
        let start = format!("- **{}:** ", name.word());
        self.behind.lines().any(|line| line.starts_with(&start))
    }

    /// Whether the marker may count by itself: it ends the text, and its key occurs once. Who
    /// wrote it is for the caller to ask.
    pub fn is_whole(&self, whole: &str) -> bool {
        self.after.trim().is_empty() && whole.matches(self.marker.key.as_str()).count() == 1
    }
}

/// Takes a description apart; `None` if it has no marker where ours would be.
pub fn split_description(description: &str) -> Option<Split<'_>> {
    let (marker, start, end) = last_marker(description)?;
    let rule = without_blank_line(&description[..start])?;
    let before = rule.strip_suffix("---").or(rule.strip_suffix("***"))?;
    let closed = match before {
        "" => "",
        _ => without_blank_line(before)?,
    };
    let crlf = description[..start].ends_with("\r\n\r\n");
    let text = without_closers(closed, marker.closers, crlf)?;
    let footer_end = footer_end(description, end);
    Some(Split {
        text,
        marker,
        after: &description[footer_end..],
        before: "",
        behind: &description[text.len()..footer_end],
    })
}

/// Takes a comment apart; `None` if it has no marker where ours would be.
pub fn split_comment(comment: &str) -> Option<Split<'_>> {
    let (marker, start, end) = last_marker(comment)?;
    let body = without_blank_line(&comment[..start])?;
    let (before, text_start) = match body.find('\n') {
        None => (body, body.len()),
        Some(line) => {
            let blank = ["\n\n", "\n\r\n"]
                .into_iter()
                .find(|blank| body[line..].starts_with(blank))?;
            (&body[..line], line + blank.len())
        }
    };
    let crlf = comment[..start].ends_with("\r\n\r\n");
    let text = without_closers(&body[text_start..], marker.closers, crlf)?;
    Some(Split {
        text,
        marker,
        after: &comment[end..],
        before,
        behind: &comment[text_start + text.len()..end],
    })
}

/// What stands in front of a blank line. Somebody may have saved the whole with `\r\n`.
fn without_blank_line(text: &str) -> Option<&str> {
    text.strip_suffix("\r\n\r\n")
        .or_else(|| text.strip_suffix("\n\n"))
}

/// The last line of marker form: what it says, where it starts, where it ends.
fn last_marker(text: &str) -> Option<(Marker, usize, usize)> {
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[')
            && let Some(marker) = Marker::parse(line)
        {
            found = Some((marker, start, start + line.trim_end().len()));
        }
        start += line.len();
    }
    found
}

/// Takes the last lines away that close what the text leaves open.
fn without_closers(closed: &str, count: usize, crlf: bool) -> Option<&str> {
    let mut text = closed;
    for _ in 0..count {
        text = text.rsplit_once('\n')?.0;
        if crlf {
            text = text.strip_suffix('\r').unwrap_or(text);
        }
    }
    Some(text)
}

/// Where our footer ends that begins behind a marker.
fn footer_end(text: &str, marker_end: usize) -> usize {
    let mut end = marker_end;
    let mut at = marker_end;
    for line in text[marker_end..].split_inclusive('\n') {
        at += line.len();
        let content = line.trim_end();
        if is_footer_line(content) {
            end = at - (line.len() - content.len());
        } else if !content.is_empty() {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::structure::{self, dialect};
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    fn marker() -> Marker {
        Marker {
            key: "imk7f3a9c2d4e".into(),
            source: "h:1:2".into(),
            source_id: 3,
            target: "t:4".into(),
            baseline: "all".into(),
            written: "ab.cd".into(),
            lineage: vec!["h:1".into()],
            ..Marker::default()
        }
    }

    fn footer() -> Vec<FooterLine> {
        vec![
            FooterLine {
                name: FooterName::Source,
                value: "`p#2`".into(),
            },
            FooterLine {
                name: FooterName::Milestone,
                value: "v1".into(),
            },
        ]
    }

    #[test]
    fn a_description_has_the_form_that_others_rely_on() {
        assert_eq!(
            description("Text.", &marker(), &footer(), false),
            "Text.\n\n---\n\n\
             [issue-mirror]: # (imk7f3a9c2d4e v1 src=h:1:2 sid=3 pid=t:4 b=all t=ab.cd lineage=h:1)\n\n\
             - **Source:** `p#2`\n- **Milestone:** v1"
        );
        assert!(description("", &marker(), &footer(), false).starts_with("---\n\n[issue-mirror]"));
        for text in [
            "---\na: b",
            "\n---\na: b",
            "+++\na",
            ";;;\n",
            "coding: utf-8\n---\n",
        ] {
            assert!(description(text, &marker(), &footer(), true).contains("\n\n***\n\n["));
        }
        assert!(
            description("```\nopen", &marker(), &footer(), false)
                .starts_with("```\nopen\n```\n\n---\n\n[")
        );
    }

    #[test]
    fn a_comment_has_the_form_that_others_rely_on() {
        let body = comment("**A** wrote", "Text.", &marker());
        assert!(body.starts_with("**A** wrote\n\nText.\n\n[issue-mirror]: # (imk"));
        assert!(body.ends_with(')'));
        assert!(comment("**A** wrote", "", &marker()).starts_with("**A** wrote\n\n[issue-mirror]"));
    }

    #[test]
    fn what_somebody_added_behind_the_footer_is_kept_apart() {
        let whole = format!(
            "{}\n\nP.S. hello",
            description("Text.", &marker(), &footer(), false)
        );
        let split = split_description(&whole).unwrap();
        assert_eq!((split.text, split.after), ("Text.", "\n\nP.S. hello"));
        assert!(!split.is_whole(&whole));
    }

    #[test]
    fn an_envelope_that_was_saved_with_other_line_ends_is_still_one() {
        let whole = description("```\nText.", &marker(), &footer(), false).replace('\n', "\r\n");
        let split = split_description(&whole).unwrap();
        assert_eq!((split.text, split.after), ("```\r\nText.", ""));
        assert!(split.is_whole(&whole));
        let whole = comment("**A**", "Text.", &marker()).replace('\n', "\r\n");
        let split = split_comment(&whole).unwrap();
        assert_eq!((split.text, split.after), ("Text.", ""));
    }

    #[test]
    fn a_marker_in_the_middle_of_a_text_is_no_envelope() {
        for text in [
            format!("{}\n", marker().render()),
            format!("a\n{}", marker().render()),
            format!("- **x**\n\n{}\n\nb", marker().render()),
        ] {
            assert_eq!(split_description(&text), None, "{text}");
        }
        let forged = format!("a\n\n---\n\n{}\n\nb", marker().render());
        assert!(!split_description(&forged).unwrap().is_whole(&forged));
        let twice = format!("imk7f3a9c2d4e\n\n---\n\n{}", marker().render());
        assert!(!split_description(&twice).unwrap().is_whole(&twice));
    }

    prop_compose! {
        /// Soups of what could swallow or show an envelope.
        fn soup()(words in proptest::collection::vec(prop_oneof![
            Just("```\n"), Just("~~~\n"), Just("`"), Just("<!--"), Just("-->"), Just("<pre>"),
            Just("</pre>"), Just("<script>"), Just("<style>\n"), Just("<details>"), Just(">>>\n"),
            Just("</details>"), Just("\n"), Just("\n\n"), Just("- "), Just("> "), Just("    "),
            Just("text"), Just("---\n"), Just("***"), Just("==="), Just("| a |\n|---|\n"),
            Just("[a]: "), Just("[^1]: "), Just("<div>"), Just("<?"), Just("?>"), Just("<!X"),
            Just("$$"), Just("1. "), Just("\t"), Just("# "), Just("\\"), Just("<![CDATA["),
            Just("[x]("), Just("\""), Just("\r\n"), Just("  "), Just("<a href=\""), Just("<textarea>"),
            Just("\r"), Just("[issue-mirror]: # (imkaaaaaaaaaa v1 src=x)"), Just("[b]:\n"), Just("- **Source:** x\n"),
        ], 0..30)) -> String { words.concat() }
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![4 => soup(), 1 => any::<String>(), 1 => "[ -~\n]{0,60}"]
    }

    /// Whether, in a dialect as the forges have them, nothing of the marker is shown and the footer is a list at the top level.
    fn envelope_is_read(body: &str, behind: &str, dialect: Options) -> bool {
        let start = body.len() - behind.len();
        let mut shown = false;
        let mut top_level = behind.is_empty();
        let mut depth = 0;
        let parser = Parser::new_ext(body, dialect);
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    let list = matches!(tag, pulldown_cmark::Tag::List(None));
                    top_level |= list && depth == 0 && range.start == start;
                    depth += 1;
                }
                Event::End(_) => depth -= 1,
                Event::Text(text)
                | Event::Code(text)
                | Event::Html(text)
                | Event::InlineHtml(text) => shown |= text.contains("imk7f3a9c2d4e"),
                _ => {}
            }
        }
        !shown && top_level
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_marker_is_a_top_level_definition_after_any_text(text in any_text()) {
            for front_matter in [false, true] {
                let body = description(&text, &marker(), &footer(), front_matter);
                let behind = body.rfind("- **Source").map(|at| &body[at..]).unwrap();
                for extra in [Options::empty(), Options::ENABLE_GFM] {
                    // What the forge takes for front matter is a block of its own.
                    let read = if front_matter {
                        structure::with_front_matter(&body)
                    } else {
                        body.as_str().into()
                    };
                    prop_assert!(envelope_is_read(&read, behind, dialect() | extra), "{}", body);
                }
            }
            let body = comment("**A**", &text, &marker());
            for dialect in [dialect(), dialect() | Options::ENABLE_GFM] {
                prop_assert!(envelope_is_read(&body, "", dialect), "{}", body);
            }
        }

        #[test]
        fn split_gives_back_every_byte(text in any_text()) {
            let body = description(&text, &marker(), &footer(), false);
            let split = split_description(&body).unwrap();
            prop_assert_eq!(split.text, text.as_str());
            prop_assert_eq!(split.after, "");
            prop_assert_eq!(split.marker.key.as_str(), "imk7f3a9c2d4e");
            prop_assert!(split.is_whole(&body));
            let body = comment("**A**", &text, &marker());
            let split = split_comment(&body).unwrap();
            prop_assert_eq!(split.text, text.as_str());
            prop_assert!(split.is_whole(&body));
        }

        #[test]
        fn splitting_never_panics(text in any_text()) {
            let _ = (split_description(&text), split_comment(&text));
        }
    }
}
