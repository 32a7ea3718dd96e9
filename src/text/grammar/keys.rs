//! Keys of issues in other trackers, such as `ABC-12`.

use super::Grammar;
use crate::text::flow::SEAM;

/// How far a key is looked at; no tracker has longer ones.
const LONGEST: usize = 256;

impl Grammar<'_> {
    /// Where a number begins behind one of the keys and a dash, if a text has them at a place.
    pub(super) fn key_at(&self, text: &str, at: usize) -> Option<usize> {
        if self.keys.is_empty() {
            return None;
        }
        let shown = text.as_bytes()[at..].iter().enumerate();
        let mut shown = shown.filter(|(_, b)| **b != SEAM as u8).take(LONGEST);
        let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let mut length = 0;
        let (dash, _) = shown.by_ref().find(|(_, b)| {
            length += usize::from(is_part(**b));
            !is_part(**b)
        })?;
        let (_, digit) = shown.next()?;
        let is_one = text.as_bytes()[at + dash] == b'-' && digit.is_ascii_digit();
        let says = |key: &&String| {
            let said = text[at..at + dash].bytes().filter(|b| *b != SEAM as u8);
            key.len() == length && key.bytes().eq(said)
        };
        let known = is_one && self.keys.iter().any(|key| says(&key));
        known.then_some(at + dash + 1)
    }

    /// The same of a link that is nothing else.
    pub(super) fn whole_key(&self, link: &str) -> Option<usize> {
        let at = self.key_at(link, 0)?;
        link[at..].bytes().all(|b| b.is_ascii_digit()).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use crate::text::escape::WORD_JOINER;
    use crate::text::grammar::{GITLAB, Grammar};
    use crate::text::rewrite::tests::everything;
    use crate::text::rewrite::{Rules, restore, rewrite};
    use crate::text::title;

    /// Says what becomes of a text where these keys are said, with word joiners as dots.
    fn shown(text: &str, keys: &[&str]) -> String {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let rules = Rules {
            grammar: Grammar {
                keys: &keys,
                ..GITLAB
            },
            code: false,
            ..everything()
        };
        let now = rewrite(text, &rules);
        assert_eq!(rewrite(&now.text, &rules).text, now.text, "twice: {text}");
        assert_eq!(restore(&now.text, &now.kept()).as_deref(), Some(text));
        now.text.replace(WORD_JOINER, "·")
    }

    #[test]
    fn p8_keys_that_are_said_name_nothing() {
        for text in [
            "ABC-·12, (ABC-·1) _ABC-·2_ é ABC-·3é éABC-·4 x-ABC-·5x A1_B-·6",
            "ABC-·1-ABC-·2 ABC-·1/ABC-·2 e.org/ABC-·7 @·ABC-·1 ~·ABC-·1",
            "ABC&#45;·1 &#65;BC-·1 ABC-·&#49; A1\\_B-·3 ABC\\-·1 A<b></b>BC-·1 ABC-·<i></i>1",
            "<div>ABC-·1</div> <b title=\"ABC-1\">ABC-·2</b>",
            "[ABC-·1](https://e.org/browse/ABC-1) [x](ABC-·1) [x](ABC%2D·1) <a href=\"ABC-·1\">x</a>",
            "[x]\n\n[x]: ABC-·1",
            "https://e.org/browse/ABC-1?x=ABC-2 <https://e.org/ABC-1> `ABC-1`",
            "```\nABC-1\n```\n\n    ABC-1",
            "$ABC-·1$ ABC-·\n1",
        ] {
            let text = text.replace("ABC-·\n1", "ABC-\n1");
            assert_eq!(shown(&text.replace('·', ""), &["ABC", "A1_B"]), text);
        }
    }

    #[test]
    fn what_is_no_key_that_was_said_is_left_alone() {
        for text in [
            "UTF-8 SHA-256 XABC-1 ABCD-1 A_ABC-1 _ABC-1 1ABC-1 abc-1 ABC-x ABC- 1 ABC--1 ABC 1 ABC",
            "[x](ABC-1x) [x](/ABC-1) [x](docs/ABC-1) <!-- ABC-1 -->",
        ] {
            assert_eq!(shown(text, &["ABC"]), text);
        }
        assert_eq!(shown("ABC-1", &[]), "ABC-1");
    }

    #[test]
    fn p8_what_is_left_of_a_commit_may_be_a_key() {
        for (text, keys) in [
            ("DEADBE·EF-·12", &["EF"]),
            ("DEADBE·EF-·12", &["DEADBEEF"]),
            ("DEADBE·EF-12", &["ADBEEF"]),
        ] {
            assert_eq!(shown(&text.replace('·', ""), keys), text);
        }
    }

    #[test]
    fn many_keys_are_looked_for_in_a_long_text() {
        let keys: Vec<String> = (0..100).map(|number| format!("KEY{number}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let line = format!("KEY99-1 KEY-1 {} A<b></b>KEY7-2\n", "K_".repeat(200));
        let text = line.repeat(100);
        let now = shown(&text, &keys);
        assert_eq!(now.matches('·').count(), 200);
    }

    #[test]
    fn p8_titles_name_none_either() {
        let keys = ["ABC".to_owned()];
        let rules = Rules {
            grammar: Grammar {
                keys: &keys,
                ..GITLAB
            },
            ..everything()
        };
        let title = "ABC-1 and `ABC-2`, <b>ABC-3</b> UTF-8 ABC&#45;4 https://e.org/ABC-5";
        let now = title::rewrite(title, &rules).text.replace(WORD_JOINER, "·");
        let expected = "ABC-·1 and `ABC-·2`, <b>ABC-·3</b> UTF-8 ABC&#·45;·4 https://e.org/ABC-5";
        assert_eq!(now, expected);
    }
}
