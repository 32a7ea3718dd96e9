//! How long a text may be. It depends on the version, and what is said of it is in two forms (gitlabhq,
//! app/models/concerns/issuable.rb, app/models/concerns/notes/active_record.rb,
//! app/validators/bytesize_validator.rb and config/locales/en.yml).

use crate::world::World;

/// What is said of a description that is too long. `old`: the one that it takes the place of.
pub(super) fn description(world: &World, text: &str, old: Option<&str>) -> Option<String> {
    const MEBIBYTE: usize = 1_048_576;
    // At first only new issues were looked at, by characters.
    if version(world) < (16, 0) {
        let is_too_long = old.is_none() && text.chars().count() > MEBIBYTE;
        return is_too_long.then(|| characters(MEBIBYTE));
    }
    let most = if is_set(world) {
        world.text_limit
    } else {
        MEBIBYTE
    };
    // One that is too long already may stay so.
    let counts = old.is_none_or(|old| old != text && old.len() <= most);
    (counts && text.len() > most).then(|| bytes(text.len(), most))
}

/// What is said of a note that is too long. `old`: the one that it takes the place of.
pub(super) fn note(world: &World, text: &str, old: Option<&str>) -> Option<String> {
    const MOST: usize = 1_000_000;
    if !is_set(world) {
        return (text.chars().count() > MOST).then(|| characters(MOST));
    }
    let most = world.text_limit;
    (old != Some(text) && text.len() > most).then(|| bytes(text.len(), most))
}

/// Whether an administrator sets how many bytes both may have (`description_and_note_max_size`). The
/// documentation of 19.1 has it; that of 18.3 counts the characters of notes.
fn is_set(world: &World) -> bool {
    version(world) >= (19, 0)
}

fn version(world: &World) -> (u32, u32) {
    let mut parts = world
        .version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok());
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn characters(most: usize) -> String {
    format!("is too long (maximum is {most} characters)")
}

fn bytes(size: usize, most: usize) -> String {
    let (size, most) = (human(size), human(most));
    format!("is too long ({size}). The maximum size is {most}.")
}

/// A size as Rails writes it for people: by three digits.
fn human(size: usize) -> String {
    const UNITS: [&str; 3] = ["B", "KiB", "MiB"];
    let (mut value, mut unit, mut whole) = (size as f64, 0, size);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        (value, unit, whole) = (value / 1024.0, unit + 1, whole / 1024);
    }
    if unit == 0 {
        return format!("{size} B");
    }
    let shown = match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        ..1000.0 => format!("{value:.0}"),
        _ => format!("{:.0}0", value / 10.0),
    };
    let shown = match shown.split_once('.') {
        Some(_) => shown.trim_end_matches('0').trim_end_matches('.'),
        None => &shown,
    };
    format!("{shown} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits() {
        for (size, shown) in [
            (7, "7 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1500, "1.46 KiB"),
            (20_000, "19.5 KiB"),
            (1_000_000, "977 KiB"),
            (1_048_100, "1020 KiB"),
            (1_048_576, "1 MiB"),
            (1_150_000, "1.1 MiB"),
        ] {
            assert_eq!(human(size), shown);
        }
    }
}
