//! Rule, marker, footer and attribution around a text, and off it again.
//!
//! A description is `{text}\n\n---\n\n{marker}\n\n{footer}`, a comment is
//! `{attribution}\n\n{text}\n\n{marker}`. Other tools may rely on that. The rule is `***` where the
//! text begins with `---` or its like, because the two would enclose front matter.

mod footer;
mod split;

pub use footer::{FooterLine, FooterName};
pub use split::{Split, split_comment, split_description};

use super::closers::closers;
use super::marker::Marker;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::structure::dialect;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    pub(super) fn marker() -> Marker {
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

    pub(super) fn footer() -> Vec<FooterLine> {
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
        let mut shown = false;
        let mut top_level = behind.is_empty();
        let mut depth = 0;
        let body = crate::text::closers::as_forges_read(body);
        let start = body.len() - behind.len();
        let parser = Parser::new_ext(&body, dialect);
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
                        crate::text::matter::shown(&body)
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
