//! What is wrong with a file, shown so that it can be mended.

use crate::text::structure::regex;
use crate::text::yaml::Place;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The beginning of a file: where what is missing altogether is told.
pub(super) const START: Place = Place {
    line: 1,
    column: 1,
    span: 0..0,
};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub message: String,
    /// What would be right; may be empty.
    pub help: String,
}

/// Everything that is wrong, each thing once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(
        &mut self,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem {
            place,
            message: message.into(),
            help: help.into(),
        };
        // A wrong default is read again for every pair.
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the file.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut sorted: Vec<&Problem> = self.0.iter().collect();
        sorted.sort_by_key(|problem| (problem.place.line, problem.place.column));
        sorted
    }

    /// All of them for a person: the line itself, and what would be right. Secrets that stand in
    /// the line are masked.
    pub fn render(&self, file: &str, text: &str, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut out = String::new();
        for problem in self.sorted() {
            let line = text.lines().nth(problem.place.line - 1).unwrap_or("");
            let line = redact(line.strip_prefix('\u{feff}').unwrap_or(line));
            let message = redact(&problem.message);
            let snippet = Snippet::source(line.as_str())
                .line_start(problem.place.line)
                .path(file)
                .annotation(
                    AnnotationKind::Primary
                        .span(span_in_line(&problem.place, text, &line))
                        .label(problem.help.as_str()),
                );
            let report = [Level::ERROR
                .primary_title(message.as_str())
                .element(snippet)];
            out.push_str(&renderer.render(&report));
            out.push('\n');
        }
        out
    }
}

/// The bytes of a line that a place covers; at least one, at most to the end of the line.
fn span_in_line(place: &Place, text: &str, line: &str) -> std::ops::Range<usize> {
    let start = line
        .char_indices()
        .nth(place.column - 1)
        .map_or(line.len(), |(index, _)| index);
    let covered = text.get(place.span.clone()).unwrap_or("");
    let length = covered.lines().next().unwrap_or("").trim_end().len().max(1);
    let end = (start + length).min(line.len());
    // A text that was masked may have other boundaries.
    let end = (end..=line.len())
        .find(|at| line.is_char_boundary(*at))
        .unwrap_or(line.len());
    start..end
}

/// Masks whatever looks like a secret; the length in characters stays.
pub(super) fn redact(text: &str) -> String {
    static SECRET: LazyLock<Regex> = LazyLock::new(|| {
        regex(concat!(
            // What stands behind a key that names a secret and not where it is kept.
            r#"(?i)(?:(?P<key>["']?\b(?:[a-z_]*token|password|passwd|secret|api_?key)["']?\s*:\s*)(?P<value>"[^"]*"|'[^']*'|[^\s,}\]#]+))"#,
            // What the forges' tokens look like, by the prefixes that they document.
            r"|(?P<token>\b(?:(?:glpat|gloas|gldt|glrt|glcbt|glptt|glft|glimt|glagent|glsoat|glffct|glwt)-",
            r"|gh[pousr]_|github_pat_)[A-Za-z0-9_.-]{8,})",
            // A user and password in an address.
            r"|(?P<scheme>://)(?P<user>[^/\s@]+)@",
        ))
    });
    let stars = |text: &str| "*".repeat(text.chars().count());
    SECRET
        .replace_all(text, |found: &Captures<'_>| {
            if let (Some(key), Some(value)) = (found.name("key"), found.name("value")) {
                format!("{}{}", key.as_str(), stars(value.as_str()))
            } else if let Some(user) = found.name("user") {
                format!("://{}@", stars(user.as_str()))
            } else {
                stars(&found[0])
            }
        })
        .into_owned()
}

/// Whether a text looks like a token and not like the name of a place where one is kept.
pub(super) fn looks_like_a_token(text: &str) -> bool {
    redact(text) != text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_secrets_are_masked_and_places_kept() {
        for (line, shown) in [
            (
                "    token: glpat-abcdefghijkl",
                "    token: ******************",
            ),
            (
                "{ private_token: 'x y', url: u }",
                "{ private_token: *****, url: u }",
            ),
            ("    token_env: GITLAB_TOKEN", "    token_env: GITLAB_TOKEN"),
            (
                "    token_env: glpat-abcdefghijkl",
                "    token_env: ******************",
            ),
            (
                "url: https://me:secret@host/x",
                "url: https://*********@host/x",
            ),
            ("# ghp_0123456789abcdef", "# ********************"),
            ("sync_comments: true", "sync_comments: true"),
            ("path: ./global-trackers", "path: ./global-trackers"),
            (
                "project: glossary-translations",
                "project: glossary-translations",
            ),
            (
                "token_command: [pass, show, gitlab]",
                "token_command: [pass, show, gitlab]",
            ),
        ] {
            assert_eq!(redact(line), shown);
        }
    }
}
