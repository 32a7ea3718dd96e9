//! `link` and `unlink`: what belongs together, said by a person.

use super::args::{Args, Link, Unlink};
use super::output::Output;
use super::{Refusal, sync};
use crate::model::IssueNumber;
use crate::report::exit::Exit;
use crate::sync::ByHand;

pub(super) fn link(args: &Args, command: &Link, output: &Output) -> Result<Exit, Refusal> {
    let wish = ByHand::Link(IssueNumber(command.target));
    sync::by_hand(args, &command.pair, command.source, wish, output)
}

pub(super) fn unlink(args: &Args, command: &Unlink, output: &Output) -> Result<Exit, Refusal> {
    let wish = ByHand::Unlink {
        delete: command.delete,
    };
    sync::by_hand(args, &command.pair, command.source, wish, output)
}
