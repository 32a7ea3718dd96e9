//! One issue that was asked for, whatever is known of it.

use super::{Discovered, Missing, Task, Work, head, wanted_link};
use crate::model::{IssueNumber, LinkState};
use crate::store::PairRow;
use crate::sync::failure::{Cause, FailedAt, Failure};
use crate::sync::recover::Held;
use crate::sync::tally::Books;
use crate::sync::{Abort, Pass};

/// What is to be done with it.
pub(super) fn one(
    pass: &Pass<'_>,
    row: &PairRow,
    number: IssueNumber,
    held: &Held,
    books: &Books,
) -> Result<Discovered, Abort> {
    let link = wanted_link(pass, row, number)?;
    books.count(|tally| tally.issues.seen += 1);
    let mut work = Vec::new();
    if link
        .as_ref()
        .is_some_and(|link| link.state == LinkState::Contested)
    {
        let retries = pass.store.retries(row.id)?;
        let why = retries
            .into_iter()
            .find(|(retry, _)| retry.number == number);
        books.count(|tally| {
            tally.issues.left += 1;
            tally.failures.push(Failure {
                number: Some(number),
                location: None,
                stage: FailedAt::Recover,
                error: why.map(|(retry, _)| retry.error).unwrap_or_default(),
                cause: Cause::Contested,
            });
        });
        return Ok(Discovered {
            work,
            cursor: None,
            complete: false,
            vanished: Missing::default(),
        });
    }
    let task = if held.contains(number) {
        Task::OnlyHide
    } else {
        Task::Carry
    };
    if task == Task::OnlyHide && link.is_none() {
        books.count(|tally| tally.issues.left += 1);
    } else {
        work.push(Work {
            number,
            seen: None,
            link: link.as_ref().map(head),
            task,
        });
    }
    Ok(Discovered {
        work,
        cursor: None,
        complete: false,
        vanished: Missing::default(),
    })
}
