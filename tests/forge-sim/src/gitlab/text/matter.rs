//! The block of settings that a text may begin with, which is shown as code.

use regex::Regex;
use std::sync::LazyLock;

/// The text with its settings as a block of code, as versions of GitLab read it: as of now first
/// (gitlabhq, lib/gitlab/front_matter.rb), then what earlier ones make of it where that is another
/// text. What stands in front of the settings stays now, so every line keeps its number.
pub(super) fn readings(text: &str) -> Vec<String> {
    // Whatever the text begins with, no mark of its encoding.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut readings = vec![now(text)];
    for earlier in [before(text), first(text)] {
        if !readings.contains(&earlier) {
            readings.push(earlier);
        }
    }
    readings
}

fn pattern(pattern: &str) -> Regex {
    let pattern = pattern
        .replace("CODING", r"(?P<coding>[^\r\n]*coding:[^\r\n]*\n)?")
        .replace("BLANK", r"[\t\n\x0c\r ]*");
    Regex::new(&pattern).expect("a pattern")
}

/// It ends with any of the marks that could begin one, or with three dots, whatever it began with.
fn now(text: &str) -> String {
    static SETTINGS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"(?m)\ACODING(?P<before>BLANK)^(?P<mark>---|\+\+\+|;;;)[ \t]*(?P<language>[^\t\n\x0c\r ]*)\n",
            r"(?P<inside>(?:\n|.)*?)^(?:---|\+\+\+|;;;|\.{3})[\t\x0c ]*(?:\n|\z)"
        ))
    });
    shown(text, &SETTINGS)
}

/// It ended with the mark that it began with, or with three dots.
fn before(text: &str) -> String {
    static SETTINGS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let marks = ["---", r"\+\+\+", ";;;"].iter();
        let patterns = marks.map(|mark| {
            pattern(&format!(
                concat!(
                    r"(?m)\ACODING(?P<before>[\t\n\x0b\x0c\r ]*)^(?P<mark>{mark})[ \t]*(?P<language>[^\t\n\x0b\x0c\r ]*)\n",
                    r"(?P<inside>(?:\n|.)*?)^(?:{mark}|\.{{3}})[\t\x0b\x0c ]*(?:\n|\z)"
                ),
                mark = mark
            ))
        });
        patterns.collect()
    });
    let read = SETTINGS.iter().map(|settings| shown(text, settings));
    read.into_iter()
        .find(|read| read != text)
        .unwrap_or_else(|| text.to_owned())
}

fn shown(text: &str, settings: &Regex) -> String {
    let Some(found) = settings.captures(text) else {
        return text.to_owned();
    };
    let end = found.get(0).map_or(0, |whole| whole.end());
    let language = match (&found["language"], &found["mark"]) {
        ("", "---") => "yaml",
        ("", "+++") => "toml",
        ("", _) => "json",
        (language, _) => language,
    };
    let line = if found.name("coding").is_some() {
        "\n"
    } else {
        ""
    };
    let (before, inside) = (&found["before"], &found["inside"]);
    format!(
        "{line}{before}```{language}:frontmatter\n{inside}```\n{}",
        &text[end..]
    )
}

/// Its end was every line that began like its beginning, and what stood in front of it went.
fn first(text: &str) -> String {
    static SETTINGS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let marks = ["---", r"\+\+\+", ";;;"].iter();
        let patterns = marks.map(|mark| {
            let blank = r"[ \t\r\n\x0c\x0b]";
            let pattern = format!(
                r"(?ms)\A(?:[^\r\n]*coding:[^\r\n]*)?{blank}*^{mark}[ \t]*(\S*){blank}*^(.*?){blank}*^{mark}{blank}*"
            );
            Regex::new(&pattern).expect("a pattern")
        });
        patterns.collect()
    });
    for settings in SETTINGS.iter() {
        if let Some(found) = settings.captures(text) {
            let end = found.get(0).map_or(0, |whole| whole.end());
            return format!("```{}\n{}\n```\n\n{}", &found[1], &found[2], &text[end..]);
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::readings;

    fn now(text: &str) -> String {
        readings(text).remove(0)
    }

    #[test]
    fn settings_end_with_any_mark_or_with_dots() {
        for close in ["---", "+++", ";;;", "...", "...  "] {
            let text = format!("---\na: b\n{close}\nc");
            assert_eq!(now(&text), "```yaml:frontmatter\na: b\n```\nc", "{close}");
        }
        assert_eq!(
            now("# coding: x\n\n+++ toml\n+++"),
            "\n\n```toml:frontmatter\n```\n"
        );
        assert_eq!(now("\u{feff}---\n---\n"), "```yaml:frontmatter\n```\n");
        for text in [
            "---\na\n----\nb",
            "--- a b\n---",
            "--- a \n---",
            "\u{a0}\n---\na\n---",
            "a\n---\nb\n---",
            "---\na\n --- \n",
        ] {
            assert_eq!(now(text), text);
        }
    }

    #[test]
    fn earlier_versions_ended_them_elsewhere() {
        for text in ["---\na\n+++\nb\n---\nc", "---\na\n...\nb\n---\nc"] {
            let earlier = readings(text);
            assert!(earlier[0].contains("```\nb\n"), "{text}");
            assert!(
                earlier[1..]
                    .iter()
                    .any(|read| read.ends_with("b\n```\n\nc")),
                "{text}"
            );
        }
        assert_eq!(readings("a").len(), 1);
    }
}
