use super::*;

fn read(text: &str) -> Structure {
    let reading = Reading {
        matter: Matter::Any,
        formulas: true,
        escaped: "@",
    };
    super::read(text, reading)
}

fn prose(text: &str) -> Vec<&str> {
    read(text)
        .prose
        .into_iter()
        .map(|range| &text[range])
        .collect()
}

fn destinations(text: &str) -> Vec<&str> {
    read(text)
        .destinations
        .into_iter()
        .map(|range| &text[range])
        .collect()
}

#[test]
fn code_html_and_entities_are_not_prose() {
    assert_eq!(prose("a `b` c"), ["a ", " c"]);
    assert_eq!(prose("```\nx\n```\ny"), ["y"]);
    assert_eq!(prose("- ```\n  x\n\ny"), ["y"]);
    assert_eq!(prose("    x\n\ny"), ["y"]);
    assert_eq!(prose("<div>\nx\n</div>\n\ny"), ["y"]);
    assert_eq!(prose("a <code>#1</code> b"), ["a ", " b"]);
    assert_eq!(prose("a &amp; b"), ["a ", " b"]);
    assert_eq!(prose("---\nt: x\n---\n\ny"), ["y"]);
    assert_eq!(prose("`a\nb` c"), [" c"]);
    assert_eq!(prose("unclosed\n\n```\nx"), ["unclosed"]);
}

#[test]
fn labels_that_must_meet_a_definition_are_not_prose() {
    assert_eq!(prose("[x #1][]\n\n[x #1]: /u"), Vec::<&str>::new());
    assert_eq!(prose("[x #1]\n\n[x #1]: /u"), Vec::<&str>::new());
    assert_eq!(prose("[x #1][y]\n\n[y]: /u"), ["x #1"]);
    assert_eq!(prose("<https://e.org/#1>"), Vec::<&str>::new());
}

#[test]
fn destinations_in_every_spelling() {
    assert_eq!(destinations("![a](/u/x.png)"), ["/u/x.png"]);
    assert_eq!(destinations("[a](</u/x y.png> \"t\")"), ["/u/x y.png"]);
    assert_eq!(destinations("[a]( /u/x 't' )"), ["/u/x"]);
    assert_eq!(destinations("[a][b]\n\n[b]: /u/x \"t\""), ["/u/x"]);
    assert_eq!(destinations("<img alt=\"\" src=\"/u/x\">"), ["/u/x"]);
    assert_eq!(destinations("t <a href='/u/x'>t</a>"), ["/u/x"]);
    assert_eq!(destinations("[![i](/u/i)](/u/o)"), ["/u/i", "/u/o"]);
    assert_eq!(destinations("[a](/u/f(1).png)"), ["/u/f(1).png"]);
    assert_eq!(destinations("`[a](/u/x)`"), Vec::<&str>::new());
    assert_eq!(destinations("[a [b] ](c) `](x)`"), ["c"]);
}

#[test]
fn a_range_is_prose_only_if_it_lies_whole_in_it() {
    let structure = read("ab `cd` ef");
    assert!(structure.is_prose(&(0..2)));
    assert!(!structure.is_prose(&(1..5)));
    assert!(structure.is_prose(&(8..10)));
    assert!(!structure.is_prose(&(9..11)));
}
