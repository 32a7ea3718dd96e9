//! Times without the parts of a second, which nobody reads.

/// A time without the parts of a second, which nobody reads.
pub(super) fn to_the_second(time: &str) -> String {
    let fraction = time.find('.').filter(|_| time.ends_with('Z'));
    fraction.map_or_else(|| time.to_owned(), |at| format!("{}Z", &time[..at]))
}

/// A text in which every time is without the parts of a second.
pub fn all_to_the_second(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let digits = behind[1..].bytes().take_while(u8::is_ascii_digit).count();
        let is_fraction =
            digits > 0 && behind[1 + digits..].starts_with('Z') && ends_in_time(before);
        if is_fraction {
            rest = &behind[1 + digits..];
        } else {
            out.push('.');
            rest = &behind[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Whether a text ends like `T03:04:05`.
fn ends_in_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let end = &bytes[bytes.len().saturating_sub(9)..];
    end.len() == 9
        && end.iter().zip(b"T00:00:00").all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            _ => byte == like,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_second_are_nothing_but_in_times() {
        for (text, plain) in [
            ("at 2026-01-02T03:04:05.678Z.", "at 2026-01-02T03:04:05Z."),
            (
                "2026-01-02T03:04:05.6Z · 2026-01-02T03:04:05.7Z",
                "2026-01-02T03:04:05Z · 2026-01-02T03:04:05Z",
            ),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("v1.5Z, 03:04:05.6Z, é.1Z.", "v1.5Z, 03:04:05.6Z, é.1Z."),
            ("T03:04:05.Z T03:04:05.6", "T03:04:05.Z T03:04:05.6"),
        ] {
            assert_eq!(all_to_the_second(text), plain);
        }
    }
}
