//! The facts of a footer in words: Markdown on one line each.

use super::times::to_the_second;
use super::{Ends, Fact};
use crate::text::envelope::{FooterLine, FooterName};
use crate::text::escape;
use crate::text::length::{Longest, shorten};

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
        FooterName::Assignees => fact
            .values
            .chunks(2)
            .map(|pair| who(&pair[0], &pair[1], defuse))
            .collect::<Vec<_>>()
            .join(", "),
        FooterName::Notice => "this is a mirror; changes made here may be overwritten.".to_owned(),
        FooterName::Milestone | FooterName::Iteration => named(text(0), defuse),
        _ => defuse(&escape::inline(text(0))),
    }
}

/// `Alice A. (`alice`)`, or the account alone. In a code span it mentions nobody on any forge.
fn who(name: &str, account: &str, defuse: &dyn Fn(&str) -> String) -> String {
    let account = match account {
        "" => String::new(),
        account => escape::code(account),
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
