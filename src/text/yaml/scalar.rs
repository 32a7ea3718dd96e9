//! Writing a text into YAML: a scalar on one line.

/// A text as a YAML scalar on one line: plain where that is surely read back as the same text,
/// else in double quotes.
///
/// Our own, because the bytes of a file must not change when a library does.
pub fn scalar(text: &str) -> String {
    let plain_start = text.chars().next().is_some_and(char::is_alphabetic);
    let plain = plain_start
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || " _-./:#+()'!?&=@;*%<>".contains(c))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes. JSON's escapes are YAML's too.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, and what YAML takes for a line break or a mark.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::yaml::tests::get;
    use crate::text::yaml::{Value, parse};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_scalar_is_read_back_as_the_same_text(text in any::<String>()) {
            let document = parse(&format!("k: {}\n", scalar(&text))).unwrap();
            let Value::Text(read) = &get(&document.root, "k").value else {
                panic!("{text:?} was read back as {:?}", document.root);
            };
            prop_assert_eq!(read, &text);
        }

        #[test]
        fn a_wordy_scalar_is_read_back_as_the_same_text(text in "[a-zA-Z0-9 :#'\"&*!|>%@`,\\[\\]{}~?-]{0,12}") {
            let document = parse(&format!("k: {}\nl: [{}]\n", scalar(&text), scalar(&text))).unwrap();
            let Value::Text(read) = &get(&document.root, "k").value else { panic!() };
            prop_assert_eq!(read, &text);
            let Value::List(items) = &get(&document.root, "l").value else { panic!() };
            prop_assert!(matches!(&items[0].value, Value::Text(read) if *read == text));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
