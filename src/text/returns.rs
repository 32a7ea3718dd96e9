//! Carriage returns, which end a line where no line feed follows.

use std::borrow::Cow;

/// A text of the same length in which every line ends in a line feed. The parser takes one without for
/// the end of a line in some places only, and in others looks for the end as far as the next line feed.
pub(super) fn as_line_feeds(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\r') {
        let (line, behind) = rest.split_at(at);
        out.push_str(line);
        rest = &behind[1..];
        out.push(if rest.starts_with('\n') { '\r' } else { '\n' });
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::as_line_feeds;
    use crate::text::closers::closers;
    use crate::text::read::Read;

    #[test]
    fn every_line_ends_in_a_line_feed() {
        for (text, expected) in [
            ("a\nb", "a\nb"),
            ("a\rb\r", "a\nb\n"),
            ("é\r\nb\r\r\n", "é\r\nb\n\r\n"),
        ] {
            assert_eq!(as_line_feeds(text), expected);
        }
    }

    #[test]
    fn a_carriage_return_ends_no_line_of_settings() {
        for (text, expected) in [
            ("---\r#1\r---\r#2", vec![1, 2]),
            ("---\n#1\r---\r#2\n---\n#3\r```\r#4", vec![3]),
        ] {
            let read = Read::of(text);
            let found = read.references();
            let numbers: Vec<u64> = found.iter().map(|found| found.number).collect();
            assert_eq!(numbers, expected, "{text:?}");
            assert_eq!(
                closers(text, true).len(),
                text.matches("```").count(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_ends_in_a_carriage_return_for_every_block() {
        // Behind that fence all would be words if its line had a back quote.
        for end in ["\n", "\r\n", "\r"] {
            let text = ["```a", "#1", "```", "`b` #2", "<!-- "].join(end);
            let numbers: Vec<u64> = Read::of(&text)
                .references()
                .iter()
                .map(|found| found.number)
                .collect();
            assert_eq!(numbers, [2], "{text:?}");
            assert_eq!(closers(&text, false), ["-->"], "{text:?}");
        }
    }
}
