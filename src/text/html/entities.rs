//! Entities: what is written for a character.

/// An entity at the beginning of a text: its length, and the character that it stands for as far as
/// any grammar knows it. Without one it may stand for something or for itself.
pub fn entity(text: &str) -> Option<(usize, Option<Shown>)> {
    let inside = text.strip_prefix('&')?;
    if let Some(number) = inside.strip_prefix('#') {
        let (digits, base, prefix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let length = digits
            .find(|c: char| !c.is_digit(base))
            .unwrap_or(digits.len());
        if length == 0 {
            return None;
        }
        let value = digits[..length].trim_start_matches('0');
        let code = u32::from_str_radix(value, base).ok();
        let shown = code.and_then(char::from_u32).filter(|c| *c != '\0');
        let end = usize::from(digits[length..].starts_with(';'));
        let shown = Shown::One(shown.unwrap_or(char::REPLACEMENT_CHARACTER));
        return Some((prefix + length + end, Some(shown)));
    }
    let length = inside
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(inside.len());
    let name = &inside[..length];
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    if !inside[length..].starts_with(';') {
        // Some need none, whatever letters follow.
        let known = OPEN_ENDED.iter().any(|open| name.starts_with(open));
        return known.then_some((1 + length, None));
    }
    Some((2 + length, Some(named(name))))
}

/// Beginnings of the names of entities that need no semicolon.
const OPEN_ENDED: &[&str] = &[
    "AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring", "Atilde", "Auml", "COPY", "Ccedil",
    "ETH", "Eacute", "Ecirc", "Egrave", "Euml", "GT", "Iacute", "Icirc", "Igrave", "Iuml", "LT",
    "Ntilde", "Oacute", "Ocirc", "Ograve", "Oslash", "Otilde", "Ouml", "QUOT", "REG", "THORN",
    "Uacute", "Ucirc", "Ugrave", "Uuml", "Yacute", "aacute", "acirc", "acute", "aelig", "agrave",
    "amp", "aring", "atilde", "auml", "brvbar", "ccedil", "cedil", "cent", "copy", "curren", "deg",
    "divide", "eacute", "ecirc", "egrave", "eth", "euml", "frac12", "frac14", "frac34", "gt",
    "iacute", "icirc", "iexcl", "igrave", "iquest", "iuml", "laquo", "lt", "macr", "micro",
    "middot", "nbsp", "not", "ntilde", "oacute", "ocirc", "ograve", "ordf", "ordm", "oslash",
    "otilde", "ouml", "para", "plusmn", "pound", "quot", "raquo", "reg", "sect", "shy", "sup1",
    "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc", "ugrave", "uml", "uuml",
    "yacute", "yen", "yuml",
];

/// What an entity stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A character.
    One(char),
    /// The one that stands for two.
    Fj,
}

impl Shown {
    pub(super) fn first(self) -> char {
        match self {
            Self::One(c) => c,
            Self::Fj => 'f',
        }
    }

    pub(super) fn last(self) -> char {
        match self {
            Self::One(c) => c,
            Self::Fj => 'j',
        }
    }

    /// As text.
    pub fn as_str(self) -> String {
        match self {
            Self::One(c) => c.to_string(),
            Self::Fj => "fj".to_owned(),
        }
    }
}

/// The character that a named entity stands for, if it is one of ASCII: no grammar knows others.
fn named(name: &str) -> Shown {
    Shown::One(match name {
        "Tab" => '\t',
        "NewLine" => '\n',
        "excl" => '!',
        "quot" | "QUOT" => '"',
        "num" => '#',
        "dollar" => '$',
        "percnt" => '%',
        "amp" | "AMP" => '&',
        "apos" => '\'',
        "lpar" => '(',
        "rpar" => ')',
        "ast" | "midast" => '*',
        "plus" => '+',
        "comma" => ',',
        "period" => '.',
        "sol" => '/',
        "colon" => ':',
        "semi" => ';',
        "lt" | "LT" => '<',
        "equals" => '=',
        "gt" | "GT" => '>',
        "quest" => '?',
        "commat" => '@',
        "lsqb" | "lbrack" => '[',
        "bsol" => '\\',
        "rsqb" | "rbrack" => ']',
        "Hat" => '^',
        "lowbar" | "UnderBar" => '_',
        "grave" | "DiacriticalGrave" => '`',
        "lcub" | "lbrace" => '{',
        "verbar" | "vert" | "VerticalLine" => '|',
        "rcub" | "rbrace" => '}',
        "fjlig" => return Shown::Fj,
        _ => char::REPLACEMENT_CHARACTER,
    })
}
