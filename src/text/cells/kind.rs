//! What a cell may be, by its characters alone.

/// What must be known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No forge acts on anything in it, however it is read.
    Silent,
    /// Nothing but the words of a paragraph, each of which stands for itself.
    Words,
    /// It must be read like any other text.
    Document,
}

/// Words of so many hexadecimal digits may name commits.
const COMMIT: usize = 7;

/// What a cell is at the least. Who takes it for more is right, too.
pub(super) fn of(cell: &str) -> Kind {
    let bytes = cell.as_bytes();
    // What may act, what may be read otherwise, and how often those stand there that do so in pairs.
    let (mut acts, mut is_read) = (false, false);
    let (mut dollars, mut waves, mut stars, mut lines) = (0, 0, 0, 0);
    let (mut entity, mut digits) = (false, 0);
    let mut last = b' ';
    for (at, b) in bytes.iter().enumerate() {
        let b = *b;
        digits = if b.is_ascii_hexdigit() { digits + 1 } else { 0 };
        acts |= digits >= COMMIT;
        match b {
            b'@' | b'#' | b'!' | b'%' | b'>' => acts = true,
            b'$' => dollars += 1,
            b'~' => waves += 1,
            b'*' => stars += 1,
            b'_' => {
                let is_inside = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
                let is_inside = is_inside(Some(&last)) && is_inside(bytes.get(at + 1));
                lines += usize::from(!is_inside);
            }
            b'&' => (acts, entity) = (true, true),
            b';' if entity => is_read = true,
            // What stands in front may be a key, and the server of `GL-1`.
            b'-' if last.is_ascii_uppercase() || last.is_ascii_digit() || last == b'_' => {
                acts = true;
            }
            b'/' if last == b'/' => return Kind::Document,
            b'.' if last.eq_ignore_ascii_case(&b'w') => return Kind::Document,
            b'`' | b'<' | b'[' | b']' | b'\\' | b'\0'..=b'\x01' | b'\r' => return Kind::Document,
            // What would end a cell did in earlier versions.
            b'|' | b'\x02'..=b'\x1f' | b'\x7f' => is_read = true,
            _ => {}
        }
        last = b;
    }
    acts |= dollars + waves + stars > 0;
    let is_paired = [dollars, waves, stars, lines]
        .iter()
        .any(|count| *count > 1);
    match (acts, is_read || is_paired || begins_block(cell)) {
        (false, _) => Kind::Silent,
        (true, false) => Kind::Words,
        (true, true) => Kind::Document,
    }
}

/// Whether a cell may be something else than a paragraph by what it begins with.
fn begins_block(cell: &str) -> bool {
    let inside = cell.trim_start_matches(' ').as_bytes();
    let is_word = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let number = inside.iter().take_while(|b| b.is_ascii_digit()).count();
    match inside.first() {
        _ if cell.len() - inside.len() > 3 => true,
        Some(b'#' | b'-' | b'+' | b'*') => !is_word(inside.get(1)),
        Some(b'>' | b':' | b'=') | None => true,
        _ => {
            number > 0
                && inside.get(number).is_some_and(|b| b".)".contains(b))
                && inside.get(number + 1).is_none_or(|b| *b == b' ')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_is_at_the_least() {
        let silent = [
            "",
            " ",
            "plain words",
            "a_b_c 12.5",
            "- x",
            "__init__ (x) {y}",
            "a|b",
            "x: \"y\"",
            "a\nb",
            " 12.",
        ];
        let words = [
            "@a",
            " @a ",
            "#1 and !2",
            "g/p#1",
            "a_b #1",
            "~bug",
            "100 %",
            "*iteration:3",
            "-5 $",
            "9ba12248",
            "a & b",
            "g/p>",
            "GL-1",
            "ABC-1",
            "2026-01-02",
            "l'été #1",
            "1.5 #1",
            "x; &1",
        ];
        let documents = [
            "`@a`", "**@a**", "_@a_", "<b>@a", "[a](#1)", "# @a", "#", "- @a", "* @a", "1. @a",
            "1) #", "> @a", "    @a", "&#64;a", "\\@a", "@a|b", "@a\nb", "$1 $2", "~~a~~",
            "http://x", "www.x", "---#", "+ #1",
        ];
        for (kind, cells) in [
            (Kind::Silent, &silent[..]),
            (Kind::Words, &words),
            (Kind::Document, &documents),
        ] {
            for cell in cells {
                assert_eq!(of(cell), kind, "{cell:?}");
            }
        }
    }
}
