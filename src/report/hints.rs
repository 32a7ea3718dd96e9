//! What can be done about a failure, derived from what failed. One place, so that equal failures
//! have equal advice.

use crate::model::{Date, Stage};
use crate::sync::{Cause, ErrorKind, FailedAt, Failure, Stopped};

/// Advice for a failure; none where the message says it all.
pub fn hint(failure: &Failure) -> Option<&'static str> {
    let hint = match (failure.stage, failure.cause) {
        (_, Cause::UnknownFate) => {
            "nobody knows whether this was written; the next pass looks before it writes again"
        }
        (_, Cause::ManyComments) => "does the account of the source still see all of them?",
        (_, Cause::ManyGone) => "is this the right target, and is all of it there?",
        (_, Cause::ManyVanished) => "is this the right source, and does its account see all of it?",
        (_, Cause::MayNotDelete) => {
            "deleting takes a higher role there (on GitLab Planner from 17.7 on, or Owner); give it one, or say `sync_deletions: close`; later passes try again"
        }
        (_, Cause::Sealed) => {
            "name the secret that they were mirrored with in `provenance_key_env`; pairs that share a target share a secret"
        }
        (_, Cause::SourceEmpty) => "is this the right source, and is all of it there?",
        (_, Cause::Forgotten) => {
            "is it the account of a former token? Then name it in `trusted_authors:` of the instance; what others wrote is believed only then"
        }
        (_, Cause::JustLost) => "run it again in a few minutes",
        (_, Cause::Renamed) => {
            "if it is another server, mirror into a project of its own, or run the pair first that made them"
        }
        (_, Cause::Contested) => {
            "join it with the right one: issue-mirror link PAIR SOURCE_NUMBER TARGET_NUMBER; if there is none, issue-mirror unlink PAIR SOURCE_NUMBER and then sync PAIR --issue SOURCE_NUMBER"
        }
        (_, Cause::NoSuchIssue) => {
            "is the number right? An issue is asked for by its number on the source"
        }
        (_, Cause::Moved) => {
            "put the former one back; a project that is meant to be another one goes to another path"
        }
        (_, Cause::SameProject) => "change `source` or `target` in the configuration",
        (_, Cause::Store) => {
            "nothing that was written is lost; make room, or move a damaged store away (the next pass then finds out from the target what is mirrored), and run again"
        }
        (FailedAt::Issue(Stage::Hide), Cause::Forge(_)) => {
            "it may still be seen on the target; every pass tries again, or hide it there by hand"
        }
        (FailedAt::Issue(Stage::Read), Cause::Forge(ErrorKind::Malformed)) => {
            "if it is a file, mend it; the next pass tries again as soon as it changed"
        }
        (_, Cause::Forge(ErrorKind::Token)) => {
            "make a new token there with the scope `api` (for a source, `read_api` is enough) and put it where the configuration takes it from; nothing is lost, and the next run goes on"
        }
        (_, Cause::Forge(ErrorKind::Moved)) => "nothing is lost; later passes try again",
        (FailedAt::Open | FailedAt::List, Cause::Forge(ErrorKind::Denied)) => {
            "check what the account there, or the user that runs this, may do"
        }
        (FailedAt::Issue(_), Cause::Forge(ErrorKind::Denied)) => {
            "check what the account there, or the user that runs this, may do; later passes try again"
        }
        (FailedAt::Issue(Stage::Label), Cause::Forge(ErrorKind::Rejected)) => {
            "rename the label on the source, or give it another name on the target (`labels:`); later passes try again"
        }
        (
            FailedAt::Issue(Stage::Create | Stage::Update | Stage::Comment),
            Cause::Forge(ErrorKind::Rejected),
        ) if failure.number.is_some() => {
            "the target does not take it as it is; change it on the source, and the next pass tries again"
        }
        (FailedAt::Open | FailedAt::List, Cause::Forge(ErrorKind::Unavailable)) => {
            "is the address right, and is it up? Nothing is lost; the next run tries again"
        }
        (FailedAt::Issue(_), Cause::Forge(ErrorKind::Unavailable)) => "later passes try again",
        _ => return None,
    };
    Some(hint)
}

/// How to go on after a pass that stopped before its end.
pub fn go_on(invocation: &str, pair: &str, stopped: Stopped) -> String {
    let pair = shell_word(pair);
    match stopped {
        Stopped::Guard {
            would_create,
            allowed,
        } => format!(
            "nothing was created: this pass would create {would_create} issues, more than max_creates: {allowed} allows. If that is meant, run: {invocation} sync {pair} --max-creates {would_create}"
        ),
        Stopped::Time => format!(
            "the time of --max-time is used up; the next run goes on: {invocation} sync {pair}"
        ),
        Stopped::Requests => format!(
            "the requests of --max-requests are used up; the next run goes on: {invocation} sync {pair}"
        ),
        Stopped::Budget { allowed } => format!(
            "the budget of --max-creates is used up; the next run goes on: {invocation} sync {pair} --max-creates {allowed}"
        ),
    }
}

/// What is said of a token that ends soon, or has ended. `ends`: the first day on which it opens
/// nothing any more.
pub fn token_ends_soon(instance: &str, ends: Date, today: Date) -> Option<String> {
    const SOON: i32 = 14;
    let days = (ends - today).get_days();
    if days > SOON {
        return None;
    }
    let when = match days {
        ..=0 => "ends today".to_owned(),
        1 => "ends tomorrow".to_owned(),
        days => format!("ends in {days} days"),
    };
    Some(format!(
        "the token of the instance `{instance}` {when} ({ends}). Renew it there (\"rotate\" keeps its account). A new access token of a project or group is a new account: then name the former one in `trusted_authors:` of the instance"
    ))
}

/// A text as one word of a shell.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-+,:=@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_token_is_warned_of_from_14_days_before_it_ends() {
        let ends = date(2026, 3, 1);
        for (today, said) in [
            (date(2026, 2, 14), None),
            (date(2026, 2, 15), Some("ends in 14 days (2026-03-01)")),
            (date(2026, 2, 28), Some("ends tomorrow")),
            (date(2026, 3, 1), Some("ends today")),
        ] {
            let told = token_ends_soon("prod", ends, today);
            match said {
                Some(said) => assert!(told.unwrap().contains(said), "{today}"),
                None => assert_eq!(told, None, "{today}"),
            }
        }
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("a/b.yaml"), "a/b.yaml");
        assert_eq!(shell_word("two words"), "'two words'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
