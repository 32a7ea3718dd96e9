//! What texts are and do, rendered as the server renders them.

use crate::lab::Lab;
use forge_sim::{Named, Piece, Reading, World};
use serde_json::json;

struct Server {
    world: World,
    here: u64,
    there: u64,
    issue: u64,
}

impl Server {
    fn new() -> Self {
        let mut world = World::default();
        "https://gitlab.example.com".clone_into(&mut world.web_address);
        let alice = world.add_user("alice");
        let (here, there) = (world.add_project("g/here"), world.add_project("g/there"));
        let issue = world.open_issue(here, alice, "T", "");
        for title in ["One", "Two"] {
            world.open_issue(there, alice, title, "");
        }
        let project = world.projects.get_mut(&here).unwrap();
        project.merge_requests.insert(5);
        project.commits.insert("deadbeef".repeat(5));
        Self {
            world,
            here,
            there,
            issue,
        }
    }

    fn read(&self, text: &str) -> Reading {
        self.world.reads(self.here, text)
    }

    fn named(&self, text: &str) -> Vec<Named> {
        self.read(text).names().collect()
    }

    fn mentions(&self, text: &str) -> Vec<String> {
        self.read(text).mentions.into_iter().collect()
    }
}

#[test]
fn references_name_what_is_there() {
    let server = Server::new();
    let here = Named::Issue(server.here, server.issue);
    let there = Named::Issue(server.there, 2);
    for (text, named) in [
        ("#1", &here),
        ("&#35;1", &here),
        ("&num;1", &here),
        ("*#1*", &here),
        ("~~#1~~", &here),
        ("xGL-1", &here),
        ("[issue:1]", &here),
        ("G/HERE#1", &here),
        ("there#2", &there),
        ("/g/there#2", &there),
        ("[x](#1)", &here),
        ("[x]\n\n[x]: #1", &here),
        ("<div>\n#1\n</div>", &here),
        ("<kbd>#1</kbd>", &here),
        ("| a |\n|---|\n| #1 |", &here),
        ("> #1", &here),
        (">>>\n#1\n>>>", &here),
        ("- [ ] #1", &here),
        ("x[^1]\n\n[^1]: #1", &here),
        ("# See #1", &here),
        ("https://gitlab.example.com/g/there/-/issues/2", &there),
        ("<https://gitlab.example.com/g/there/-/issues/2>", &there),
        (
            "[x](https://gitlab.example.com/g/there/-/issues/2 \"t\")",
            &there,
        ),
        (
            "<div>https://gitlab.example.com/g/there/-/issues/2</div>",
            &there,
        ),
        (
            "<a href=\"https://gitlab.example.com/g/there/-/work_items/2\">x</a>",
            &there,
        ),
    ] {
        assert_eq!(server.named(text), std::slice::from_ref(named), "{text}");
    }
    assert_eq!(server.named("!5"), [Named::MergeRequest(server.here, 5)]);
    assert_eq!(
        server.named("deadbeef"),
        [Named::Commit(server.here, "deadbeef".repeat(5))]
    );
    for text in [
        "`#1`",
        "    #1",
        "```\n#1\n```",
        "\\#1",
        "#\\1x",
        "#1x",
        "#9",
        "<!-- #1 -->",
        "<pre>#1</pre>",
        "<code>\n\n#1\n\n</code>",
        "[#1](https://e.org)",
        "$`#1`$",
        "#\u{2060}1",
        "#<!-- -->1",
        "#*1*",
        "---\nx: '#1'\n---",
        "https://e.org/#1",
        "`https://gitlab.example.com/g/there/-/issues/2`",
        "https://other.example/g/there/-/issues/2",
        "https://\u{2060}gitlab.example.com/g/there/-/issues/2",
        "![https://gitlab.example.com/g/there/-/issues/2](/x.png)",
    ] {
        assert_eq!(server.named(text), [], "{text}");
    }
    let address = "https://gitlab.example.com/g/there/-/issues/2#note_9";
    let reading = server.read(address);
    assert_eq!(reading.references[0].note, Some(9));
    // Of an address that is a link by itself only what names something is replaced.
    let reading = server.read(&format!("{address}。和"));
    assert_eq!(reading.references[0].note, Some(9));
    let mut pieces = reading.pieces.iter();
    let link = pieces.find(|piece| matches!(piece, Piece::Link { to: Some(_), .. }));
    assert!(matches!(link, Some(Piece::Link { text, .. }) if text == address));
    assert_eq!(pieces.next(), Some(&Piece::Text("。和".to_owned())));
}

#[test]
fn mentions_are_texts_and_addresses() {
    let server = Server::new();
    for text in [
        "@alice",
        "(@alice)",
        "é@alice",
        "**@alice**",
        "&#64;alice",
        "&commat;alice",
        "@@alice",
        "<div>\n@alice\n</div>",
        "<kbd>@alice</kbd>",
        "<b>@alice</b>",
        "<style>\n@alice\n</style>",
        "<code>x\n\n@alice",
        "[x](@alice)",
        "[x](%40alice)",
        "<a href='@alice'>x</a>",
        "---\n@alice\n...\n",
        "<!--> @alice -->",
        "@ali<blink>ce</blink>",
    ] {
        assert_eq!(server.mentions(text), ["alice"], "{text}");
    }
    for text in [
        "\\@alice",
        "`@alice`",
        "a@alice",
        "a@example.com",
        "<a href='/x'>@alice</a>",
        "[@alice](/x)",
        "@\u{2060}alice",
        "![@alice](/x.png)",
        "<img alt='@alice' src='/x.png'>",
        "<script>@alice</script>",
    ] {
        assert_eq!(server.mentions(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn labels_and_milestones_do_not_notice() {
    let lab = Lab::new();
    let (iid, project) = (lab.open("T", "x"), lab.project);
    lab.put(&format!("/issues/{iid}"), &json!({"labels": "bug"}));
    lab.post(
        "/issues",
        &json!({"title": "U", "description": "~bug ~\"no such\""}),
    );
    let world = lab.sim.world();
    assert_eq!(world.backlinks, []);
    let names: Vec<Named> = world.reads(project, "~bug ~\"no such\"").names().collect();
    assert_eq!(names, [Named::Label(project, "bug".into())]);
}

#[test]
fn titles_are_read_and_are_no_markdown() {
    let lab = Lab::new();
    let named = lab.open("Named", "x");
    let title = format!("@alice and #{named}, `@bob`");
    let created = lab.post("/issues", &json!({"title": title})).json();
    let iid = created["iid"].as_u64().unwrap();
    {
        let world = lab.sim.world();
        let mails: Vec<&str> = world.mails.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(mails, ["alice", "bob"], "older versions read no code there");
        assert_eq!(
            world.backlinks,
            [(Named::Issue(lab.project, named), lab.project, iid)]
        );
    }
    // Whoever was named already is not written to again.
    lab.put(
        &format!("/issues/{iid}"),
        &json!({"title": format!("{title}!")}),
    );
    assert_eq!(lab.sim.world().mails.len(), 2);
}

#[test]
fn titles_name_what_texts_name_but_entities_and_tags_are_characters() {
    let server = Server::new();
    let here = Named::Issue(server.here, server.issue);
    let there = Named::Issue(server.there, 2);
    for (title, named) in [
        ("As in #1", vec![&here]),
        ("`#1` and #1+", vec![&here, &here]),
        ("*#1*, [x](#1)", vec![&here, &here]),
        ("GL-1 [issue:1]", vec![&here, &here]),
        ("there#2, g/there#2+s", vec![&there, &there]),
        (
            "See https://gitlab.example.com/g/there/-/issues/2.",
            vec![&there],
        ),
        (
            "(https://gitlab.example.com/g/there/-/issues/2+)",
            vec![&there],
        ),
        // The server escapes a title before it is read as HTML.
        ("&#1; and &num;1", vec![&here]),
        ("#<b></b>1 \\#1", vec![&here]),
        ("#\u{2060}1 there#\u{2060}2", vec![]),
        // No link or image is one in a title, so an address goes on in them.
        ("https://x.example![a](/u)/#1", vec![]),
    ] {
        let reading = server.world.reads_title(server.here, title);
        let names: Vec<Named> = reading.names().collect();
        assert_eq!(names.iter().collect::<Vec<_>>(), named, "{title}");
    }
    for (title, names) in [
        ("&#64;alice &commat;alice", vec![]),
        ("@al<b></b>ice", vec!["al"]),
        ("`@alice` \\@bob", vec!["alice", "bob"]),
    ] {
        let reading = server.world.reads_title(server.here, title);
        let mentions: Vec<&str> = reading.mentions.iter().map(String::as_str).collect();
        assert_eq!(mentions, names, "{title}");
    }
}

#[test]
fn a_title_that_is_edited_leaves_a_trace_where_it_names_something_new() {
    let lab = Lab::new();
    let (one, two) = (lab.open("One", "x"), lab.open("Two", "x"));
    let title = json!({"title": format!("As in #{one}")});
    let iid = lab.post("/issues", &title).json()["iid"].as_u64().unwrap();
    let traces = |lab: &Lab, named: u64| lab.sim.world().issue(lab.project, named).notes.len();
    assert_eq!((traces(&lab, one), traces(&lab, two)), (1, 0));
    let path = format!("/issues/{iid}");
    lab.put(&path, &json!({"title": format!("As in #{two} and #{one}")}));
    assert_eq!((traces(&lab, one), traces(&lab, two)), (1, 1));
    // Its description names them too, and says nothing new.
    lab.put(&path, &json!({"description": format!("#{two}")}));
    assert_eq!((traces(&lab, one), traces(&lab, two)), (1, 1));
}

#[test]
fn an_edit_writes_to_those_who_are_new_and_carries_out_the_commands_of_comments_again() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    let notes = format!("/issues/{iid}/notes");
    let id = lab.post(&notes, &json!({"body": "@alice"})).json()["id"].clone();
    let below = format!("{notes}/{id}");
    lab.put(&below, &json!({"body": "@alice @bob"}));
    let mails: Vec<String> = {
        let world = lab.sim.world();
        world.mails.iter().map(|(name, ..)| name.clone()).collect()
    };
    assert_eq!(mails, ["alice", "bob"]);
    lab.put(&below, &json!({"body": "x\n/close"}));
    lab.put(&below, &json!({"body": "y\n/close"}));
    let world = lab.sim.world();
    assert_eq!(world.executed.len(), 2);
    assert!(!world.issue(lab.project, iid).open);
}

#[test]
fn closing_words_close_nothing_in_issues() {
    let lab = Lab::new();
    let iid = lab.open("T", "x");
    lab.post(
        "/issues",
        &json!({"title": "U", "description": format!("Closes #{iid}. Fixes #{iid}")}),
    );
    assert!(lab.sim.world().issue(lab.project, iid).open);
    assert_eq!(lab.sim.world().backlinks.len(), 1, "it is a reference");
}

#[test]
fn tables_of_data_are_markdown_if_they_say_so() {
    let server = Server::new();
    let here = Named::Issue(server.here, server.issue);
    let data = |markdown: &str| {
        format!(
            "{{\"markdown\": {markdown}, \"items\": [{{\"a\": \"@alice\", \"b\": \"#1 [x](/u)\"}}]}}"
        )
    };
    for block in [
        format!("```json:table\n{}\n```", data("true")),
        format!("~~~ json table\n{}\n~~~", data("1")),
        format!("> ```json:x table\n> {}\n> ```", data("\"yes\"")),
        format!(
            "<pre lang=\"json:table\"><code>{}</code></pre>",
            data("true")
        ),
        format!(
            "```json:table\n{}\n```",
            data("true").replace('@', "\\u0040")
        ),
    ] {
        assert_eq!(server.mentions(&block), ["alice"], "{block}");
        assert_eq!(server.named(&block), std::slice::from_ref(&here), "{block}");
    }
    for block in [
        format!("```json:table\n{}\n```", data("false")),
        format!("```json\n{}\n```", data("true")),
        format!("```json:table\n{},\n```", data("true")),
        format!("    {}", data("true")),
        "```json:table\n{\"markdown\": true, \"items\": [\"@alice\"]}\n```".to_owned(),
    ] {
        assert!(server.mentions(&block).is_empty(), "{block}");
    }
    // Earlier versions made one text of them.
    let torn =
        "```json:table\n{\"markdown\":true,\"items\":[{\"a\":\"`x | @alice` \",\"b\":1}]}\n```";
    assert_eq!(server.mentions(torn), ["alice"]);
}

#[test]
fn addresses_may_have_blanks() {
    let server = Server::new();
    let links = |text: &str| -> Vec<String> {
        let links = server.read(text).links.into_iter();
        links.map(|link| link.href).collect()
    };
    assert_eq!(links("a [b](c d.md) e"), ["c%20d.md"]);
    assert_eq!(links("![b](/uploads/c d.png)"), ["/uploads/c%20d.png"]);
    assert_eq!(links("[b](c d \"title\")"), ["c%20d"]);
    assert!(links("`[b](c d)` <kbd>[b](c d)</kbd> [b] (c d)").is_empty());
    assert_eq!(
        server.named("[x](#1 y)"),
        [],
        "the number is no whole address"
    );
}

#[test]
fn settings_hide_and_show_what_follows() {
    let server = Server::new();
    for text in [
        "---\n~~~\n...\n@alice",
        "---\n~~~\n+++\n@alice",
        "\u{a0}\n---\n@alice\n---",
        "\u{feff}---\n~~~\n---\n@alice",
    ] {
        assert_eq!(server.mentions(text), ["alice"], "{text}");
    }
    assert!(server.mentions("---\na: '@alice'\n---").is_empty());
}
