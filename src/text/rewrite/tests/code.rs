//! Code in texts as people write them arrives byte for byte, whatever stands in it and around it.

use super::{everything, rewritten};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Lines of code, full of what means something in a text.
const LINES: &[&str] = &[
    "echo \"$x\" > $HOME/a",
    "@Value(\"${spring.datasource.url}\")",
    "# 12, #12 and team/app#12 !5",
    "/close",
    "/usr/local/bin/foo @alice",
    "git checkout a1b2c3d4e5f6",
    "~x %y ~bug %\"v 1\" &3",
    "image: \"$CI_REGISTRY/base@sha256:a1b2c3d4e5\"",
    "a ${b} $$c$$ Foo$Bar",
    "npm i @types/node",
    "https://t.example/g/p/-/issues/1",
    "| @a | b |",
    "|---|---|",
    "$ cat `which foo`",
    "> @a",
    "- @a",
    ">>>",
    ": @a",
    "~ 5 @a",
    "\\@x &#64;a",
    "",
];

/// Those of them that are tried in indented code too.
const INDENTED: usize = LINES.len() - 5;

/// The same of raw HTML.
const PLAIN: &[&str] = &["log $x @alice", "#12 ${b} !5", "/close", "a1b2c3d4e5f6 ~x"];

/// What people write around code.
const PROSE: &[&str] = &[
    "Some words.",
    "It costs 5$ or $6, as said:",
    "Two lines\nof a paragraph",
    "# A heading",
    "A heading\n---------",
    "***",
    "- one\n- two",
    "1. one\n2. two\n   - three",
    "> A quote\n> of two lines.",
    "| a | b |\n|---|---|\n| c | d |",
    "- [x] done\n- [ ] to do",
    "A [link](https://e.example/x) and ![an image](/x.png).",
    "A [link][x].\n\n[x]: https://e.example/x \"title\"",
    "A note.[^1]\n\n[^1]: Said below.",
    "Line<br>break and <kbd>Ctrl</kbd>.",
    "<!-- Please fill in the\ntemplate. -->",
    "<img src=\"x.png\" width=\"5\">",
    "<style>a { b: c }</style>",
    "<div align=\"center\">\n\nCentred\n\n</div>",
    "~~gone~~ **bold** _it_",
    "Note\n: said below",
];

/// A block and the code in it, line by line.
fn block() -> impl Strategy<Value = (String, Vec<String>)> {
    let lines = |from: &'static [&'static str]| vec(select(from), 1..5);
    let fences = select(&["```", "~~~", "````"][..]);
    let languages = select(
        &[
            "",
            "sh",
            "java",
            "diff",
            "yaml",
            "mermaid",
            "suggestion:-0+1",
        ][..],
    );
    let fenced = (fences, languages, lines(LINES)).prop_map(|(fence, language, lines)| {
        (
            format!("{fence}{language}\n{}\n{fence}", lines.join("\n")),
            lines,
        )
    });
    let indented = lines(&LINES[..INDENTED])
        .prop_map(|lines| (format!("Code:\n\n    {}", lines.join("\n    ")), lines));
    let raw =
        lines(PLAIN).prop_map(|lines| (format!("<pre>\n{}\n</pre>", lines.join("\n")), lines));
    let short =
        select(PLAIN).prop_map(|line| (format!("<pre><code>{line}</code></pre>"), vec![line]));
    let span = select(PLAIN).prop_map(|line| (format!("Use `{line}`, or not."), vec![line]));
    let cell = select(PLAIN).prop_map(|line| (format!("| a |\n|---|\n| `{line}` |"), vec![line]));
    let block = prop_oneof![3 => fenced, 1 => indented, 1 => raw, 1 => short, 2 => span, 1 => cell];
    let within = select(&["", "", "> ", "- ", "1. ", "details"][..]);
    (block, within).prop_map(|((block, lines), within)| {
        let lines = lines.into_iter().map(str::to_owned).collect();
        let rest = if within == "> " {
            within.to_owned()
        } else {
            " ".repeat(within.len())
        };
        let text = match within {
            "" => block,
            "details" => format!("<details>\n<summary>More</summary>\n\n{block}\n\n</details>"),
            _ => format!(
                "{within}Code:\n{rest}\n{rest}{}",
                block.replace('\n', &format!("\n{rest}"))
            ),
        };
        (text, lines)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn p8_code_in_ordinary_texts_arrives_byte_for_byte(
        pieces in vec(prop_oneof![block(), select(PROSE).prop_map(|prose| (prose.to_owned(), Vec::new()))], 1..8)
    ) {
        let texts: Vec<&str> = pieces.iter().map(|(text, _)| text.as_str()).collect();
        let text = texts.join("\n\n");
        let now = rewritten(&text, &everything());
        let mut rest = now.as_str();
        for (_, lines) in &pieces {
            for line in lines {
                let found = rest.find(line.as_str());
                prop_assert!(found.is_some(), "{line:?} is not what it was in {now:?}");
                rest = &rest[found.unwrap_or(0) + line.len()..];
            }
        }
    }
}
