//! The hidden origin note.
//!
//! A link reference definition, which no forge shows and a full-text search still finds:
//!
//! ```text
//! [issue-mirror]: # (imk7f3a9c2d4e v1 src=gitlab.example.com:278964:123 sid=9913 pid=… t=…)
//! ```

use regex::Regex;
use std::sync::LazyLock;

/// What a marker says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    /// Random, drawn with the intent: letters and digits, starting with a letter, 8–49 long.
    pub key: String,
    /// Where the original is: project key and number, as in `gitlab.example.com:278964:123`.
    pub source: String,
    /// The source's own id of the issue or comment.
    pub source_id: u64,
    /// The project that this copy was made for, by its key.
    pub target: String,
    /// From where on the pair mirrors, as the store keeps it; empty in a comment.
    pub baseline: String,
    /// Digests of title and text as last written.
    pub written: String,
    /// Every project that the text came through, by key, the first one first.
    pub lineage: Vec<String>,
    /// How many bytes of the original's text are there, if that is not all of it.
    pub kept: Option<usize>,
    /// How many lines in front of the rule end what the text left open.
    pub closers: usize,
    /// What it says of what it stands in.
    pub role: Role,
}

/// What a marker says of the issue or comment that it stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It is a counterpart.
    #[default]
    Counterpart,
    /// It is a comment, and its issue is the counterpart: somebody else wrote that.
    OfIssue,
    /// It was a counterpart once, and a person parted the two.
    Parted,
}

/// What stands in front of the key in every marker.
const FORM: &str = "[issue-mirror]: # (";

impl Marker {
    /// The one line that stands in a description or comment.
    pub fn render(&self) -> String {
        let mut out = format!("{FORM}{} v1", self.key);
        let mut field = |name: &str, value: &str| {
            out.push(' ');
            out.push_str(name);
            out.push('=');
            out.push_str(&encode(value));
        };
        field("src", &self.source);
        field("sid", &self.source_id.to_string());
        field("pid", &self.target);
        if !self.baseline.is_empty() {
            field("b", &self.baseline);
        }
        field("t", &self.written);
        field("lineage", &self.lineage.join(","));
        if let Some(kept) = self.kept {
            field("kept", &kept.to_string());
        }
        if self.closers > 0 {
            field("c", &self.closers.to_string());
        }
        match self.role {
            Role::Counterpart => {}
            Role::OfIssue => field("role", "issue"),
            Role::Parted => field("role", "parted"),
        }
        out.push(')');
        out
    }

    /// Reads one line; `None` if it is no marker of a form we know.
    pub fn parse(line: &str) -> Option<Self> {
        let inside = line.trim_end().strip_prefix(FORM)?.strip_suffix(')')?;
        let mut words = inside.split(' ');
        let key = words.next()?;
        if !is_key(key) || words.next()? != "v1" {
            return None;
        }
        let mut marker = Self {
            key: key.to_owned(),
            ..Self::default()
        };
        for word in words {
            let (name, value) = word.split_once('=')?;
            let value = decode(value)?;
            match name {
                "src" => marker.source = value,
                "sid" => marker.source_id = value.parse().ok()?,
                "pid" => marker.target = value,
                "b" => marker.baseline = value,
                "t" => marker.written = value,
                "lineage" => {
                    marker.lineage = value
                        .split(',')
                        .filter(|hop| !hop.is_empty())
                        .map(str::to_owned)
                        .collect();
                }
                "kept" => marker.kept = Some(value.parse().ok()?),
                "c" => marker.closers = value.parse().ok()?,
                "role" => {
                    marker.role = match value.as_str() {
                        "issue" => Role::OfIssue,
                        "parted" => Role::Parted,
                        _ => return None,
                    }
                }
                // A newer version may say more.
                _ => {}
            }
        }
        Some(marker)
    }

    /// The project of the original and its number there.
    pub fn origin(&self) -> Option<(&str, u64)> {
        let (project, number) = self.source.rsplit_once(':')?;
        Some((project, number.parse().ok()?))
    }
}

/// Whether a text is a key: letters and digits, a letter first, 8–49 long.
pub fn is_key(text: &str) -> bool {
    (8..=49).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The key of every line of marker form in a text, in order, wherever it stands.
pub fn keys(text: &str) -> Vec<&str> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        super::structure::regex(r"(?m)^\[issue-mirror\]: # \(([A-Za-z][A-Za-z0-9]{7,48}) ")
    });
    KEY.captures_iter(text)
        .filter_map(|found| found.get(1).map(|key| key.as_str()))
        .collect()
}

/// Percent-encodes what could end a value, a marker or a line.
fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"._/:#=,@+-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn example() -> Marker {
        Marker {
            key: "imk7f3a9c2d4e".into(),
            source: "gitlab.example.com:278964:123".into(),
            source_id: 9913,
            target: "directory:q1w2".into(),
            baseline: "all".into(),
            written: "0a1b.2c3d".into(),
            lineage: vec!["gitlab.example.com:278964".into()],
            ..Marker::default()
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let line = example().render();
        assert_eq!(
            line,
            "[issue-mirror]: # (imk7f3a9c2d4e v1 src=gitlab.example.com:278964:123 sid=9913 \
             pid=directory:q1w2 b=all t=0a1b.2c3d lineage=gitlab.example.com:278964)"
        );
        assert_eq!(Marker::parse(&line), Some(example()));
        assert_eq!(example().origin(), Some(("gitlab.example.com:278964", 123)));
    }

    #[test]
    fn refuses_what_is_no_marker() {
        for line in [
            "",
            "[issue-mirror]: # (short v1)",
            "[issue-mirror]: # (imk7f3a9c2d4e v2 src=a)",
            "[issue-mirror]: # (imk7f3a9c2d4e v1 src=a",
            "[issue-mirror]: # (imk7f3a9c2d4e v1 src)",
            "[issue-mirror]: # (imk7f3a9c2d4e v1 src=%F)",
            " [issue-mirror]: # (imk7f3a9c2d4e v1 src=a)",
            "[Issue-Mirror]: # (imk7f3a9c2d4e v1 src=a)",
        ] {
            assert_eq!(Marker::parse(line), None, "{line}");
        }
    }

    #[test]
    fn says_what_it_stands_in() {
        for (role, word) in [
            (Role::OfIssue, " role=issue)"),
            (Role::Parted, " role=parted)"),
        ] {
            let marker = Marker { role, ..example() };
            let line = marker.render();
            assert!(line.ends_with(word), "{line}");
            assert_eq!(Marker::parse(&line), Some(marker));
        }
    }

    #[test]
    fn says_how_much_of_a_text_is_there() {
        let marker = Marker {
            kept: Some(1234),
            ..example()
        };
        let line = marker.render();
        assert!(line.ends_with(" kept=1234)"), "{line}");
        assert_eq!(Marker::parse(&line), Some(marker));
    }

    #[test]
    fn knows_a_newer_field_as_none_of_its_own() {
        let line = example().render().replace(" t=", " new=1 t=");
        assert_eq!(Marker::parse(&line), Some(example()));
    }

    proptest! {
        #[test]
        fn any_value_survives(source in "\\PC{1,20}", baseline in "\\PC{1,8}") {
            let marker = Marker { source, baseline, ..example() };
            let line = marker.render();
            prop_assert!(line.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
            prop_assert_eq!(line.matches(')').count(), 1);
            prop_assert_eq!(Marker::parse(&line), Some(marker));
        }
    }
}
