//! A description or comment taken apart: the author's text, and what is ours in front of it and behind.

use super::footer::{FooterName, is_footer_line};
use crate::text::marker::Marker;

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

    /// Whether somebody wrote something behind our footer.
    pub fn goes_on(&self) -> bool {
        !self.after.trim().is_empty()
    }

    /// Whether the marker may count by itself: it ends the text, and its key occurs once. Who
    /// wrote it is for the caller to ask.
    pub fn is_whole(&self, whole: &str) -> bool {
        !self.goes_on() && whole.matches(self.marker.key.as_str()).count() == 1
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
    use crate::text::envelope::tests::{footer, marker};
    use crate::text::envelope::{comment, description};

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
}
