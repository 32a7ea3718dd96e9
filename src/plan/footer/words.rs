//! The facts of a footer in words: Markdown on one line each.

use super::times::to_the_second;
use super::{Ends, Fact, PART};
use crate::plan::length::TOLD;
use crate::text::envelope::{FooterLine, FooterName};
use crate::text::escape;
use crate::text::length::{ELLIPSIS, Longest, shorten};

/// How long a name in a line is shown.
const NAME: Longest = Longest::Characters(255);

/// The footer in words. `defuse` takes the meaning from what the target would act on.
pub fn render(facts: &[Fact], ends: Ends<'_>, defuse: &dyn Fn(&str) -> String) -> Vec<FooterLine> {
    facts
        .iter()
        .map(|fact| FooterLine {
            name: fact.name,
            value: value(fact, ends, defuse),
        })
        .collect()
}

fn value(fact: &Fact, ends: Ends<'_>, defuse: &dyn Fn(&str) -> String) -> String {
    let text = |index: usize| fact.values.get(index).map_or("", String::as_str);
    match fact.name {
        FooterName::Source => ends.link(text(0), text(1)),
        FooterName::Author | FooterName::Closed => {
            let mut line = who(text(0), text(1), defuse);
            if !text(2).is_empty() {
                if !line.is_empty() {
                    line.push_str(", ");
                }
                line.push_str(&to_the_second(text(2)));
            }
            line
        }
        FooterName::Created => defuse(&escape::inline(&to_the_second(text(0)))),
        FooterName::Epic if text(0).is_empty() => named(text(1), defuse),
        FooterName::Epic if text(1).is_empty() => escape::code(&format!("&{}", text(0))),
        FooterName::Epic => format!(
            "{} {}",
            escape::code(&format!("&{}", text(0))),
            named(text(1), defuse)
        ),
        FooterName::Assignees => {
            let told = &fact.values[..people(&fact.values)];
            let people = told.chunks(2);
            let mut people: Vec<_> = people.map(|pair| who(&pair[0], &pair[1], defuse)).collect();
            if is_in_part(fact) {
                people.push(ELLIPSIS.to_string());
            }
            people.join(", ")
        }
        FooterName::Title if fact.values.len() > 1 => {
            let mut line = String::new();
            for (number, part) in fact.values[4..].iter().enumerate() {
                if number % 2 == 0 {
                    line.push_str(&within(part, defuse));
                } else {
                    line.push_str(part);
                }
            }
            if !text(2).is_empty() {
                line.push(' ');
                line.push_str(&ends.link(text(2), text(3)));
            }
            line
        }
        FooterName::Notice => "this is a mirror; changes made here may be overwritten.".to_owned(),
        FooterName::Milestone | FooterName::Iteration => named(text(0), defuse),
        _ => defuse(&escape::inline(&shorten(&escape::one_line(text(0)), TOLD))),
    }
}

/// Whether a line tells only a part of what it is about.
pub(super) fn is_in_part(fact: &Fact) -> bool {
    match fact.name {
        FooterName::Title => fact.values.get(1).is_some_and(|part| part == PART),
        FooterName::Assignees => people(&fact.values) < fact.values.len(),
        FooterName::Labels => fact
            .values
            .iter()
            .any(|line| !TOLD.fits(&escape::one_line(line))),
        _ => false,
    }
}

/// How many of these values, two of each person, a line has room for.
fn people(values: &[String]) -> usize {
    let mut room = TOLD;
    let told = values.chunks(2).take_while(|pair| {
        let length = pair.iter().map(|name| NAME.room(name)).sum();
        let fits = room.less(length) != room.less(usize::MAX);
        room = room.less(length);
        fits
    });
    told.map(<[String]>::len).sum()
}

/// A part of a line, of which the blanks at its ends stay.
fn within(part: &str, defuse: &dyn Fn(&str) -> String) -> String {
    let line = part.trim();
    let Some(at) = part.find(line).filter(|_| !line.is_empty()) else {
        return part.to_owned();
    };
    let shown = defuse(&escape::inline(line));
    format!("{}{shown}{}", &part[..at], &part[at + line.len()..])
}

/// `Alice A. (`alice`)`, or the account alone. In a code span it mentions nobody on any forge.
fn who(name: &str, account: &str, defuse: &dyn Fn(&str) -> String) -> String {
    let account = match account {
        "" => String::new(),
        account => escape::code(&shorten(account, NAME)),
    };
    match escape::one_line(name).as_str() {
        "" => account,
        name if account.is_empty() => named(name, defuse),
        name => format!("{} ({account})", named(name, defuse)),
    }
}

/// The name of somebody or something, as far as a line has room for it.
pub(super) fn named(name: &str, defuse: &dyn Fn(&str) -> String) -> String {
    let line = escape::one_line(name);
    defuse(&escape::inline(&shorten(&line, NAME)))
}
