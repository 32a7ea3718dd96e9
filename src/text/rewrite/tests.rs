mod code;

use super::*;
use crate::text::escape::WORD_JOINER;
use crate::text::grammar::GITLAB;
use crate::text::read::{Read, has_commands_anywhere};
use crate::text::references::Kind;
use proptest::prelude::*;

fn nobody(_: &str) -> Option<String> {
    None
}

fn nothing(_: &Reference<'_>) -> Option<String> {
    None
}

pub(in crate::text) fn rewritten(text: &str, rules: &Rules<'_>) -> String {
    rewrite(text, rules).text
}

pub(in crate::text) fn everything() -> Rules<'static> {
    Rules {
        grammar: GITLAB,
        front_matter: false,
        behind_paragraph: false,
        quick_actions: true,
        anywhere: false,
        mentions: true,
        references: true,
        code: true,
        hosts: [Some("t.example"), None],
        notify: &nobody,
        destination: &nobody,
        refers: &nothing,
    }
}

/// The rewritten text with word joiners made visible.
fn shown(text: &str) -> String {
    rewrite(text, &everything()).text.replace(WORD_JOINER, "·")
}

#[test]
fn p8_lines_that_could_be_commands_are_shown() {
    assert_eq!(shown("/close"), "\\/close");
    assert_eq!(shown("a\n/label ~bug"), "a\n\\/label ~·bug");
    assert_eq!(shown("/etc/passwd is a file"), "\\/etc/passwd is a file");
    assert_eq!(shown("a /close"), "a /close");
}

#[test]
fn p8_code_is_left_alone() {
    for text in [
        "```\n/close @all #1\n```",
        "    /close @all #1",
        "`/close @all #1`",
        "a `x\n/close @all` b",
        "~~~\n/close\n",
        "<pre>\n/close @all #1\n</pre>",
        "<!--\n/close @all #1\n-->",
        "<code>@all #1</code>",
    ] {
        assert_eq!(rewrite(text, &everything()).text, text);
    }
}

#[test]
fn what_a_forge_refuses_is_shown_as_markdown_shows_it() {
    let text = "a\0b `\0` @a\0 \0/close\n```\n\0\r\n```";
    let now = rewrite(text, &everything());
    assert_eq!(
        now.text,
        "a\u{fffd}b `\u{fffd}` @\u{2060}a\u{fffd} \u{fffd}/close\n```\n\u{fffd}\r\n```"
    );
    assert_eq!(restore(&now.text, &now.kept()).as_deref(), Some(text));
}

#[test]
fn what_a_forge_refuses_is_read_as_markdown_reads_it() {
    let copied = |link: &str| (link == "/u/\u{fffd}").then(|| "/v/x".to_owned());
    let rules = Rules {
        destination: &copied,
        ..everything()
    };
    for (text, expected) in [
        ("[a](/u/\0)", "[a](/v/x)"),
        (
            "%\0v1 www.a\0#3",
            "%\u{2060}\u{fffd}v1 www.a\u{fffd}#\u{2060}3",
        ),
        ("_@e_\0", "_@\u{2060}e_\u{fffd}"),
    ] {
        let now = rewrite(text, &rules);
        assert_eq!(now.text, expected);
        assert_eq!(rewrite(&now.text, &rules).text, expected);
        assert_eq!(restore(&now.text, &now.kept()).as_deref(), Some(text));
    }
    assert_eq!(Read::of("[a](/u/\0)").destinations(), ["/u/\u{fffd}"]);
}

#[test]
fn p8_settings_are_read_as_each_version_reads_them() {
    let rules = Rules {
        front_matter: true,
        ..everything()
    };
    for text in [
        "---\n~~~\n+++\n~~~\n---\n@·alice",
        "---\n~~~\n...\n@·alice",
        "---\na: '@·alice'\n...",
        "---\na: '@alice'\n---\n@·bob",
        "---\n~~~\n---\n~~~\n·/close",
        "\u{feff}---\na: '@·alice'\n---\n",
    ] {
        let now = rewritten(&text.replace('·', ""), &rules);
        assert_eq!(now.replace(WORD_JOINER, "·"), text);
    }
}

#[test]
fn p8_mentions_notify_nobody() {
    assert_eq!(shown("hi @alice, @g/sub."), "hi @·alice, @·g/sub.");
    assert_eq!(shown("(@all)"), "(@·all)");
    assert_eq!(shown("mail a@example.org"), "mail a@example.org");
    assert_eq!(shown("\\@alice"), "\\@alice");
    assert_eq!(shown("**@alice**"), "**@·alice**");
}

#[test]
fn p8_references_hit_nothing() {
    assert_eq!(
        shown("#1 g/p#2 !3 &4 $5 %6 ~7 GL-8 [issue:9]"),
        "#·1 g/p#·2 !·3 &·4 \\$5 %·6 ~·7 GL-·8 [issue:·9]"
    );
    assert_eq!(shown("~bug %\"v 1\""), "~·bug %·\"v 1\"");
    assert_eq!(
        shown("https://example.org/p#1 &#35;2"),
        "https://example.org/p#1 &#35;·2"
    );
    assert_eq!(shown("closes #12"), "closes #·12");
}

#[test]
fn p5_addresses_of_the_target_are_not_recognised_by_it() {
    for (text, expected) in [
        (
            "See https://t.example/g/p/-/issues/1.",
            "See https://·t.example/g/p/-/issues/1.",
        ),
        (
            "<HTTP://T.example/g/p/-/issues/1>",
            "<HTTP://·T.example/g/p/-/issues/1>",
        ),
        (
            "[a](https://t.example/g/p/-/issues/1) [https://t.example/g/p/-/issues/1](https://t.example/g/p/-/issues/2)",
            "[a](https://·t.example/g/p/-/issues/1) [https://·t.example/g/p/-/issues/1](https://·t.example/g/p/-/issues/2)",
        ),
        (
            "<a href=\"https://t.example/g/p/-/issues/1\">",
            "<a href=\"https://·t.example/g/p/-/issues/1\">",
        ),
    ] {
        assert_eq!(shown(text), expected);
    }
    for text in [
        "`https://t.example/g/p/-/issues/1`",
        "https://other.example/g/p/-/issues/1 https://t.example.org/1 ftp://t.example/1",
        "![a](https://t.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png)",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn a_mention_that_is_meant_reaches_the_target_account() {
    let notify = |name: &str| (name == "alice").then(|| "alice.smith".to_owned());
    let rules = Rules {
        notify: &notify,
        ..everything()
    };
    assert_eq!(
        rewrite("@alice @bob", &rules)
            .text
            .replace(WORD_JOINER, "·"),
        "@alice.smith @·bob"
    );
}

#[test]
fn destinations_lead_elsewhere() {
    let destination = |url: &str| (url == "/u/x").then(|| "/v/y".to_owned());
    let rules = Rules {
        destination: &destination,
        ..everything()
    };
    let text = "![a](/u/x \"/u/x\") `[a](/u/x)` <img src=\"/u/x\"> [b]\n\n[b]: /u/x";
    assert_eq!(
        rewrite(text, &rules).text,
        "![a](/v/y \"/u/x\") `[a](/u/x)` <img src=\"/v/y\"> [b]\n\n[b]: /v/y"
    );
}

/// Issues have counterparts whose number is 100 higher, anything else a link to the source.
pub(in crate::text) fn leads(to: &Reference<'_>) -> Option<String> {
    let (number, at) = (to.number, to.project.as_deref().unwrap_or("p"));
    if to.kind == Kind::Snippet {
        return None;
    }
    if to.kind != Kind::Issue || at == "elsewhere" {
        let sigil = to.kind.sigil();
        return Some(format!(
            "[{sigil}{WORD_JOINER}{number}](https://s.example/{at})"
        ));
    }
    let comment = to
        .comment
        .map_or_else(String::new, |id| format!("#note_{id}"));
    Some(match to.place {
        Place::Destination => format!("https://t.example/{at}/{}{comment}", number + 100),
        _ => format!("#{}{}{comment}", number + 100, to.style.suffix()),
    })
}

#[test]
fn references_lead_where_it_is_said() {
    let rules = Rules {
        refers: &leads,
        ..everything()
    };
    let url = "https://h.example/g/p/-/issues/12";
    for (text, expected) in [
        ("see #12, GL-3 and g/p#4+.", "see #112, #103 and #104+."),
        ("*#1* **#2**\n- #3", "*#101* **#102**\n- #103"),
        (
            "!5 $7 elsewhere#6",
            "[!·5](https://s.example/p) \\$7 [#·6](https://s.example/elsewhere)",
        ),
        ("[issue:7]", "#107"),
        ("See URL.", "See #112."),
        ("<URL#note_9>!", "#112#note_9!"),
        ("[t](URL \"#1\")", "[t](https://t.example/g/p/112 \"#1\")"),
        (
            "[t][a]\n\n[a]: URL",
            "[t][a]\n\n[a]: https://t.example/g/p/112",
        ),
        (
            "<a href=\"URL\">#1</a>",
            "<a href=\"https://t.example/g/p/112\">#·1</a>",
        ),
        ("[#1 URL](x) ![#2](y)", "[#·1 URL](x) ![#·2](y)"),
        ("[#1 ![i](u)](x) #2", "[#·1 ![i](u)](x) #102"),
        ("`#1` \\#2 ~bug %3 #4a", "`#1` \\#2 ~·bug %·3 #·4a"),
        ("_g_/p#1 **x**#2 *a*/#3", "_g_/p#·1 **x**#102 *a*/#103"),
        ("@g/p#1 @x", "@#101 @·x"),
    ] {
        let now = rewrite(&text.replace("URL", url), &rules).text;
        let expected = expected.replace("URL", url);
        assert_eq!(now.replace(WORD_JOINER, "·"), expected, "{text}");
    }
}

#[test]
fn what_is_listed_is_what_is_asked_for() {
    let text = "#1 `#2` g/p#3 [#4](https://h.example/g/p/-/issues/5) https://h.example/g/p/-/issues/6, <https://h.example/g/p/-/issues/7#note_8> ~9 !10";
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = |to: &Reference<'_>| {
        asked.borrow_mut().push(to.range.clone());
        None
    };
    let rules = Rules {
        refers: &ask,
        ..everything()
    };
    rewrite(text, &rules);
    let mut listed: Vec<_> = Read::of(text)
        .references()
        .into_iter()
        .map(|to| to.range)
        .collect();
    let mut asked = asked.into_inner();
    listed.sort_by_key(|range| range.start);
    asked.sort_by_key(|range| range.start);
    assert_eq!(listed, asked);
    assert_eq!(listed.len(), 6);
}

#[test]
fn addresses_of_files_become_links() {
    let file = "https://h.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a_b.png";
    let destination = |url: &str| url.starts_with(file).then(|| "/v/y".to_owned());
    let rules = Rules {
        destination: &destination,
        ..everything()
    };
    let rewritten = |text: &str| rewrite(&text.replace("FILE", file), &rules).text;
    for (text, expected) in [
        ("See FILE.", "See [a\\_b.png](/v/y)."),
        ("(FILE?inline=false)", "([a\\_b.png](/v/y))"),
        ("<FILE>", "[a\\_b.png](/v/y)"),
        ("- a <FILE>, b", "- a [a\\_b.png](/v/y), b"),
        ("[FILE](x)", "[FILE](x)"),
        ("[t](FILE)", "[t](/v/y)"),
        ("`FILE`", "`FILE`"),
        ("<!-- FILE -->", "<!-- FILE -->"),
        ("```\nFILE\n```", "```\nFILE\n```"),
    ] {
        assert_eq!(rewritten(text), expected.replace("FILE", file));
    }
}

#[test]
fn a_touched_place_cannot_be_restored() {
    let rewritten = rewrite("hi @alice", &everything());
    let touched = rewritten.text.replace(WORD_JOINER, "");
    assert_eq!(restore(&touched, &rewritten.kept()), None);
}

#[test]
fn p8_carriage_returns_hide_no_command_from_the_question_for_them() {
    for text in ["~~~\n\r/close\n~~~", "~~~\r\n/clo\rse\r\n~~~"] {
        assert!(has_commands_anywhere(text), "{text:?}");
    }
    assert!(!has_commands_anywhere("~~~\n\r /close\n~~~"));
}

#[test]
fn mentions_outside_code_are_listed() {
    assert_eq!(Read::of("@a `@b` \\@c x@d @e").mentions(), ["a", "e"]);
}

prop_compose! {
    /// Soups of what the rewriter reacts to.
    fn soup()(words in proptest::collection::vec(prop_oneof![
        Just("@alice"), Just("#1"), Just("/close"), Just("\n"), Just("\n\n"), Just("`"),
        Just("```\n"), Just("- "), Just("> "), Just("[a](/u/x)"), Just("![i](</u/x>)"),
        Just("<img src=\"/u/x\">"), Just("<!--"), Just("-->"), Just("\\"), Just("&#35;"),
        Just("https://t.example/g/p/-/issues/1"), Just("[a](https://t.example/g/p/-/issues/2)"), Just("<https://t.example/g/p/-/issues/3>"), Just("é\u{a0}"), Just("    "), Just("[l]: /u/x\n"), Just("~bug"), Just("| a |"),
        Just("g/p#2"), Just("!3"), Just("GL-4"), Just("https://h.example/g/p/-/issues/5"), Just("]"), Just("[issue:6]"), Just("word"),
        Just("$$"), Just("\r\n"), Just("<details>"), Just("[x][l]"), Just("*"), Just(" "), Just("0728c00"),
    ], 0..40)) -> String { words.concat() }
}

#[test]
fn a_second_rewrite_leaves_what_a_name_and_an_address_share() {
    let link = |to: &Reference<'_>| {
        let is_text = to.place == Place::Text;
        let (sigil, number) = (to.kind.sigil(), to.number);
        is_text.then(|| format!("[{sigil}{WORD_JOINER}{number}](https://s.example/1)"))
    };
    let rules = Rules {
        refers: &link,
        ..everything()
    };
    for text in [
        "g/p#2*https://t.example/1**~bug",
        "[x](~buhttp://t.example/1)",
        "a <b/>~buhttps://t.example/1",
    ] {
        let once = rewrite(text, &rules).text;
        assert_eq!(rewrite(&once, &rules).text, once, "{text}");
    }
}

#[test]
fn a_second_rewrite_agrees_about_what_the_first_one_made() {
    let copied = |link: &str| link.starts_with("/u/").then(|| "/u/x".to_owned());
    let rules = Rules {
        front_matter: true,
        destination: &copied,
        ..everything()
    };
    for (text, expected) in [
        // A backslash that may be one that is shown.
        ("a\n    >$4", "a\n    >\\$·4"),
        (
            "<div>\n\n<code></div></code>$4",
            "<div>\n\n<code></div></code>\\$·4",
        ),
        ("><style>\n$5", "><style>\n\\$·5"),
        ("x $4", "x \\$4"),
        // What stands beside is read otherwise then.
        (
            "http://t.example/g/p/-/issues/1[y](/u/ F)",
            "http://·t.example/g/p/-/issues/1[y](/u/x)",
        ),
        ("[#12]\n<pre></pre>\n[#12]:t", "[#12]\n<pre></pre>\n[#12]:t"),
        (
            "---\n<div>\n...\n/l](<pre>#1",
            "---\n<div>\n...\n\\/l](<pre>#·1",
        ),
        ("[]:\n-\n~&#4;", "[]:\n-\n~·&#·4;"),
        // A table that may be none, of which only what is written in the end is known.
        (
            "---```jsontable\n\"\"\"\\u00212\\\\#2\"",
            "---```jsontable\n\"\"\"!·2\\\\#·2\"",
        ),
        // A link that another one would stand around.
        ("[](![x](/u/ g))", "[](![x](/u/ g))"),
        ("[a]: t[x](/u/ g)", "[a]: t[x](/u/ g)"),
        // What is no scheme makes no address.
        ("[r]:$://$@a\u{b}", "[r]:$://$@·a\u{b}"),
        // Code beside a character that is written otherwise.
        ("<![(23456ce\0", "<![(23456c·e\u{fffd}"),
    ] {
        let once = rewrite(text, &rules).text;
        assert_eq!(once.replace(WORD_JOINER, "·"), expected);
        assert_eq!(rewrite(&once, &rules).text, once, "{text}");
    }
}

proptest! {
    #[test]
    fn restore_undoes_rewrite(text in prop_oneof![soup(), any::<String>()]) {
        let destination = |url: &str| (url == "/u/x").then(|| "/v/longer".to_owned());
        let rules = Rules { destination: &destination, refers: &leads, ..everything() };
        let rewritten = rewrite(&text, &rules);
        prop_assert_eq!(restore(&rewritten.text, &rewritten.kept()), Some(text));
    }

    #[test]
    fn a_second_rewrite_finds_nothing(text in prop_oneof![soup(), any::<String>()]) {
        let once = rewrite(&text, &everything()).text;
        prop_assert_eq!(rewrite(&once, &everything()).text, once);
    }

    #[test]
    fn a_second_rewrite_leaves_links_to_the_source(text in prop_oneof![soup(), any::<String>()]) {
        let link = |to: &Reference<'_>| (to.place == Place::Text).then(|| {
            let label = format!("{}{WORD_JOINER}{}", to.kind.sigil(), to.number);
            if to.markup {
                format!("<a href=\"https://s.example/1\">{label}</a>")
            } else {
                format!("[{label}](https://s.example/1)")
            }
        });
        let rules = Rules { refers: &link, ..everything() };
        let once = rewrite(&text, &rules).text;
        prop_assert_eq!(rewrite(&once, &rules).text, once);
    }

    #[test]
    fn without_anything_to_do_every_byte_stays(text in prop_oneof![soup(), any::<String>()]) {
        let rules = Rules { quick_actions: false, mentions: false, references: false, ..everything() };
        prop_assert_eq!(rewrite(&text, &rules).text, text);
    }
}

#[test]
fn p8_long_texts_that_are_read_in_several_ways_are_inert_in_all_of_them() {
    let rules = Rules {
        front_matter: true,
        anywhere: true,
        ..everything()
    };
    let filler = "lorem ipsum dolor sit amet\n".repeat(ENOUGH / 27 + 1);
    for (text, expected) in [
        ("$*$ a `$` `@alice` $1 ", "`@·alice`"),
        (
            "---\na\n---b\n~~~\n---\n`@bob` [a](#12)\n",
            "`@·bob` [a](#·12)",
        ),
        ("$-->$12\n&#64;$$", "&#·64;"),
        ("/x\n``a ` b\n/close\nc``", "b\n·/close\nc``"),
        ("---\na: b\n/close\n---\n", "\n·/close"),
    ] {
        let now = rewrite(&format!("{text}\n\n{filler}"), &rules);
        let shown = now.text.replace(WORD_JOINER, "·");
        assert!(shown.contains(expected), "{}", &shown[..100]);
        let was = restore(&now.text, &now.kept()).unwrap();
        assert!(was.starts_with(text) && was.ends_with(&filler));
    }
}

#[test]
fn p8_a_table_may_stand_in_front_matter_however_long_the_text_is() {
    let cell =
        "---\n```json:table\n{\"markdown\":true,\"items\":[{\"a\":\"\\u0040alice\"}]}\n```\n...\n";
    let rules = Rules {
        front_matter: true,
        ..everything()
    };
    for text in [
        cell.to_owned(),
        cell.to_owned() + &"a b c\n".repeat(100_000),
    ] {
        let now = rewritten(&text, &rules);
        assert!(now.contains("\"@\u{2060}alice\""), "{}", &now[..100]);
    }
}

#[test]
fn what_people_write_around_what_was_rewritten_stays_when_it_is_restored() {
    let text = "See #1 \u{2026}\nAsk @bob\n/close\n";
    let now = rewrite(text, &everything());
    for (at, more) in [("See", "More.\n\n"), ("Ask", "Please "), ("\n", "\n")] {
        let touch = |text: &str| text.replacen(at, &format!("{more}{at}"), 1);
        let restored = restore(&touch(&now.text), &now.kept());
        assert_eq!(restored, Some(touch(text)));
    }
}
