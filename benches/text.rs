//! How long the worst texts of 1 MiB take: `cargo bench --bench text`. Each must stay below 200 ms,
//! else it ends with status 1.
//!
//! With `ISSUE_MIRROR_TEXT_KIB=64` they are that long, to look at growth without a release build:
//! `cargo test --bench text`.

#![allow(clippy::print_stdout, missing_docs)]

use issue_mirror::text::envelope::{self, FooterLine, FooterName};
use issue_mirror::text::grammar::GITLAB;
use issue_mirror::text::marker::Marker;
use issue_mirror::text::references::Reference;
use issue_mirror::text::rewrite::{self, Read, Rules};
use issue_mirror::text::title;
use rustix::time::{ClockId, clock_gettime};
use std::process::ExitCode;
use std::time::Duration;

/// Front matter with many blank lines behind it.
const MATTER: &str = {
    static TEXT: [u8; 500_000] = {
        let head = b"---\na: b\n---\n";
        let mut text = [b'\n'; 500_000];
        let mut at = 0;
        while at < head.len() {
            text[at] = head[at];
            at += 1;
        }
        text
    };
    match std::str::from_utf8(&TEXT) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// What is repeated, and what stands in front once.
const WORST: &[(&str, &str, &str)] = &[
    ("plain words", "", "lorem ipsum dolor sit amet, "),
    ("one word", "", "a"),
    ("hexadecimal digits", "", "a1"),
    ("brackets that open", "", "["),
    ("brackets that close", "", "]"),
    ("brackets and parentheses", "", "[]("),
    ("images that do not end", "", "![]("),
    ("links in links", "", "[a](b"),
    ("links", "", "[a](https://t.example/1) "),
    ("links with quotes", "", "[a](<b> \"c\") "),
    ("links to names", "", "[a](@b) "),
    ("definitions", "", "[a]: x\n"),
    ("definitions and uses", "", "[a]: x\n\n[a] "),
    ("labels without definition", "", "[a][b] "),
    ("mentions", "", "@a "),
    ("mentions in a row", "", "@a"),
    ("signs", "", "@"),
    ("references", "", "#1 "),
    ("references in a row", "", "#1"),
    ("references of projects", "", "g/p#1 "),
    ("references of servers", "", "GL-1"),
    ("references and prices", "", "#1 $1 @a "),
    ("references and formulas", "", "#1 $a$ "),
    ("references and declarations", "", "#2<!A](<!["),
    ("pages of a wiki in code", "<code>", "[["),
    ("pages of a wiki", "", "[[a]]"),
    ("pages of a wiki with titles", "", "[[b|c d]] "),
    ("a path", "", "a/"),
    ("a path and a sign", "", "a/b>"),
    ("percent signs", "", "%"),
    ("percent signs and brackets", "", "%(((((((("),
    ("tildes", "", "~"),
    ("tildes and dots", "", "~...."),
    ("dollars", "", "$"),
    ("dollars and words", "", "$a "),
    ("formulas", "", "$a$ "),
    ("formulas in braces", "", "${"),
    ("addresses", "", "https://t.example/1 "),
    ("addresses in a row", "", "https://t.example/1"),
    ("beginnings of addresses", "", "a://"),
    (
        "addresses of files",
        "",
        "https://t.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a ",
    ),
    (
        "addresses of files in brackets",
        "",
        "<https://t.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a> ",
    ),
    ("addresses in angle brackets", "", "<https://t.example/1> "),
    (
        "links to files",
        "",
        "[https://t.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a](b) ",
    ),
    ("angle brackets that open", "", "<"),
    ("angle brackets that close", "", ">"),
    ("angle brackets and letters", "", "<a "),
    ("tags", "", "<b>"),
    ("tags that end", "", "</b>"),
    ("code as tags", "", "<code>@a</code> "),
    ("a block of HTML", "<div>\n", "<p>@a &#64; </p>\n"),
    ("a line of HTML", "<div>", "<i x='y' href=z>#1</i>"),
    ("HTML in a quote", "", "> <p>@a\n"),
    ("comments", "", "<!-- a -->"),
    ("comments that do not end", "", "<!--"),
    ("comments that end oddly", "<div>", "<!-- --!>"),
    ("instructions", "", "<?"),
    ("literal data", "", "<![CDATA["),
    ("declarations", "", "<!A "),
    ("attributes", "<a ", "a='b' "),
    ("quotes that do not end", "<div>", "<a b='"),
    ("styles", "<div>", "<style></style>"),
    ("styles that do not end", "<div>", "<style>"),
    ("details", "", "<details>\n\n"),
    ("entities", "", "&amp;"),
    ("entities that do not end", "", "&amp"),
    ("ampersands", "", "&"),
    ("numbers of characters", "", "&#64;"),
    ("back quotes", "", "`"),
    ("back quotes of many lengths", "", "` `` ``` "),
    ("code", "", "`a` "),
    ("code with commands", "/x ", "`a\n/b` "),
    ("fences", "", "```\n"),
    ("fences that do not end", "", "````````\na\n"),
    ("stars", "", "*"),
    ("stars and words", "", "*a "),
    ("stars that close", "", "a**"),
    ("underscores", "", "_a "),
    ("emphasis", "", "*a _b_* "),
    ("quotes", "", "> "),
    ("quotes in lines", "", "> a\n"),
    ("fenced quotes", "", ">>>\n"),
    ("lists", "", "- "),
    ("lists in lines", "", "- a\n"),
    ("numbered lists", "", "1. "),
    ("a table", "|a|b|\n|-|-|\n", "|@a|#1|\n"),
    ("a wide table", "", "|a"),
    ("heads of tables", "", "|a|\n|-|\n"),
    ("footnotes", "", "[^a]: b\n"),
    ("uses of footnotes", "[^a]: b\n\n", "[^a] "),
    ("tasks", "", "- [ ] @a\n"),
    ("headings", "", "# #1\n"),
    ("rules", "", "---\n"),
    ("front matter", "---\n", "a: @b\n"),
    ("commands", "", "/close\n"),
    ("commands in formulas", "$$\n", "/close\n"),
    (
        "indented code behind front matter",
        MATTER,
        "    a\n\nb\n\n",
    ),
    ("pages of a wiki that do not end", "<code>", "["),
    ("pages of a wiki in code", "<code>", "[[#1]] "),
    ("ends of pages of a wiki", "<code>[[", "]"),
    ("ends of tags and references", "", "a>#1 "),
    ("ends of tags and references in a row", "", "a>#1<b"),
    ("ends of lines", "", "\n"),
    ("ends of lines of Windows", "", "@a\r\n"),
    ("carriage returns", "", "\r"),
    ("backslashes", "", "\\"),
    ("escapes", "", "\\@a "),
    ("blanks", "", " "),
    ("tabs", "", "\t"),
    ("wide characters", "", "日本語@a "),
    ("zero width", "", "\u{200b}"),
    ("joiners", "", "@\u{2060}a "),
    (
        "markers",
        "",
        "[issue-mirror]: # (imkaaaaaaaaaa v1 src=x)\n",
    ),
    (
        "a bit of all",
        "",
        "@a #1 `c` [l](u) <b>x</b> https://t.example/1 &#64;b\n/close\n\n",
    ),
];

fn main() -> ExitCode {
    let kib = std::env::var("ISSUE_MIRROR_TEXT_KIB").ok();
    let size = kib.and_then(|kib| kib.parse().ok()).unwrap_or(1024) * 1024;
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let limit = Duration::from_millis(200);
    let mut slow = 0;
    println!(
        "{:32} {:>9} {:>9} {:>9} {:>9}",
        "1 MiB of", "rewrite", "read", "wrap", "title"
    );
    for (name, first, again) in WORST {
        if only
            .as_ref()
            .is_some_and(|only| !name.contains(only.as_str()))
        {
            continue;
        }
        let mut text = (*first).to_owned();
        while text.len() < size {
            text.push_str(again);
        }
        let times = [rewrites(&text), reads(&text), wraps(&text), titles(&text)];
        let shown = times.map(|time| format!("{:>6} ms", time.as_millis()));
        let mark = if times.iter().any(|time| *time > limit) {
            slow += 1;
            " <--"
        } else {
            ""
        };
        println!(
            "{name:32} {} {} {} {}{mark}",
            shown[0], shown[1], shown[2], shown[3]
        );
    }
    println!(
        "{slow} of {} take longer than {} ms",
        WORST.len(),
        limit.as_millis()
    );
    if slow == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The best of three, in the time of the processor, because the machine may do something else too.
fn timed(work: impl Fn()) -> Duration {
    let now = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
    };
    let times = (0..3).map(|_| {
        let begin = now();
        work();
        now().saturating_sub(begin)
    });
    times.min().unwrap_or_default()
}

/// Everything that is done with a text on its way.
fn rewrites(text: &str) -> Duration {
    let refers = |to: &Reference<'_>| (to.number == 1).then(|| "#2".to_owned());
    let destination = |link: &str| {
        (link.contains("/uploads/") || link.starts_with("[[")).then(|| "/v".to_owned())
    };
    let rules = Rules {
        grammar: &GITLAB,
        front_matter: true,
        quick_actions: true,
        anywhere: true,
        mentions: true,
        references: true,
        host: Some("t.example"),
        notify: &|name| (name == "b").then(|| "c".to_owned()),
        destination: &destination,
        refers: &refers,
    };
    timed(|| {
        let now = rewrite::rewrite(text, &rules);
        assert!(rewrite::restore(&now.text, &now.edits).is_some_and(|was| was == text));
    })
}

/// What is asked of a text before.
fn reads(text: &str) -> Duration {
    timed(|| {
        let read = Read::of(text);
        let _ = read.references().len();
        let _ = read.destinations().len();
        let _ = read.mentions().len();
    })
}

/// The envelope around a text, and off again.
fn wraps(text: &str) -> Duration {
    let marker = Marker {
        key: "imk7f3a9c2d4e".into(),
        source: "h:1:2".into(),
        ..Marker::default()
    };
    let footer = [FooterLine {
        name: FooterName::Source,
        value: "x".into(),
    }];
    timed(|| {
        let whole = envelope::description(text, &marker, &footer, true);
        assert!(envelope::split_description(&whole).is_some_and(|split| split.text == text));
    })
}

fn titles(text: &str) -> Duration {
    let rules = Rules {
        grammar: &GITLAB,
        front_matter: false,
        quick_actions: true,
        anywhere: true,
        mentions: true,
        references: true,
        host: Some("t.example"),
        notify: &|_| None,
        destination: &|_| None,
        refers: &|_| None,
    };
    timed(|| {
        title::rewrite(text, &rules);
    })
}
