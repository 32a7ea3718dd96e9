//! Footers of the earlier tool Mirror Maestro, so that its users can change over.
//!
//! A counterpart of its is the text, a rule, an HTML comment, a heading and a line that names the
//! source:
//!
//! ```text
//! ---
//!
//! <!-- MIRROR_MAESTRO_FOOTER -->
//!
//! ### 📋 Mirror Information
//!
//! 🔗 **Source**: [group/project#123](https://gitlab.example.com/group/project/-/issues/123)
//! ```
//!
//! Only the whole form at the end of a text counts, and the line names exactly one issue: `#1` is
//! not `#12`.

const RULE: &str = "\n\n---\n\n";
/// The same, saved by somebody's browser.
const RULE_CRLF: &str = "\r\n\r\n---\r\n\r\n";
const MARKER: &str = "<!-- MIRROR_MAESTRO_FOOTER -->";
const HEADING: &str = "### 📋 Mirror Information";
const SOURCE: &str = "🔗 **Source**: [";
/// What else a footer can say.
const LINES: [&str; 4] = [
    "🎯 **Milestone**: ",
    "🔄 **Iteration**: ",
    "🏔️ **Epic**: ",
    "👤 **Assignees**: ",
];

/// A description with such a footer, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maestro<'a> {
    /// What the author wrote.
    pub text: &'a str,
    /// `group/project` of the original.
    pub project: &'a str,
    /// Its number there.
    pub number: u64,
    /// Its page.
    pub url: &'a str,
}

/// Takes a description apart; `None` if it has no such footer at its end.
pub fn split(description: &str) -> Option<Maestro<'_>> {
    let at = description.rfind(MARKER)?;
    let before = &description[..at];
    let rule = before.strip_suffix(RULE);
    let text = match rule.or_else(|| before.strip_suffix(RULE_CRLF)) {
        Some(text) => text,
        // A text of nothing.
        None if before.trim() == "---" => "",
        None => return None,
    };
    let mut lines = lines(&description[at + MARKER.len()..]);
    let (project, number, url) = source(&mut lines)?;
    let known = |line: &str| LINES.iter().any(|start| line.starts_with(start));
    lines.all(known).then_some(Maestro {
        text,
        project,
        number,
        url,
    })
}

/// The project and number that a footer names around which people changed something, so that it is
/// none any more.
pub fn named(description: &str) -> Option<(&str, u64)> {
    let at = description.rfind(MARKER)?;
    let (project, number, _) = source(&mut lines(&description[at + MARKER.len()..]))?;
    Some((project, number))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_end);
    lines.filter(|line| !line.is_empty())
}

/// What heading and source line say, if they are there.
fn source<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<(&'a str, u64, &'a str)> {
    if lines.next()? != HEADING {
        return None;
    }
    let source = lines.next()?.strip_prefix(SOURCE)?.strip_suffix(')')?;
    let (name, url) = source.split_once("](")?;
    let (project, number) = name.rsplit_once('#')?;
    let number = number.parse().ok()?;
    (!project.is_empty()).then_some((project, number, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(source: &str) -> String {
        format!(
            "Text.\n\n---\n\n<!-- MIRROR_MAESTRO_FOOTER -->\n\n### 📋 Mirror Information\n\n🔗 **Source**: {source}\n\n🎯 **Milestone**: v1\n"
        )
    }

    #[test]
    fn a_footer_names_exactly_one_issue() {
        let whole = example("[group/sub/app#12](https://h.example/group/sub/app/-/issues/12)");
        let found = split(&whole).unwrap();
        assert_eq!(
            found,
            Maestro {
                text: "Text.",
                project: "group/sub/app",
                number: 12,
                url: "https://h.example/group/sub/app/-/issues/12",
            }
        );
    }

    #[test]
    fn what_only_looks_like_a_footer_is_none() {
        let whole = example("[g/app#12](u)");
        for text in [
            "See <!-- MIRROR_MAESTRO_FOOTER --> for more.".to_owned(),
            whole.replace("### 📋 Mirror Information", "### Else"),
            whole.replace("#12", "#12x"),
            whole.replace("g/app#12", "#12"),
            format!("{whole}\nP.S. hello"),
            whole.replace("\n\n---\n\n", "\n"),
        ] {
            assert_eq!(split(&text), None, "{text}");
        }
    }
}
