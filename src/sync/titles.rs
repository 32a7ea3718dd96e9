//! Issues that are on both sides under the same title, joined by the first pass of a pair
//! (`link_existing: by_title`).
//!
//! All of it is done before anything is created, so that a pass that is killed leaves nothing that a
//! later one would make a second time.

use super::carry::Carrier;
use super::counterpart::read_one;
use super::discover::Work;
use super::failure::{At, FailedAt, Failure, Trouble, cause};
use super::rebuild::Rebuilt;
use super::recover::Held;
use super::tally::PlannedAction;
use super::{Abort, Pass};
use crate::forge::{ErrorKind, Forge, ForgeError};
use crate::model::{Digest, Issue, IssueId, IssueNumber, Stage, Thread, Timestamp};
use crate::plan::selection::{Baseline, Choice};
use crate::store::{PairRow, Store, StoreError};
use crate::text::marker::{self, Role};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many numbers are named in one warning.
const NAMED: usize = 10;

/// An issue by its title.
#[derive(Clone, Copy, Debug)]
struct Seen {
    id: IssueId,
    number: IssueNumber,
    confidential: bool,
    /// On the source: it would be mirrored. On the target: nothing says that it is mirrored.
    free: bool,
}

/// Issues by the digests of their titles, which need less room than the titles.
type Titles = HashMap<Digest, Vec<Seen>>;

/// Why two issues of one title were not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Apart {
    Ambiguous,
    Confidential,
    Mirrored,
}

impl Apart {
    fn why(self) -> &'static str {
        match self {
            Self::Ambiguous => {
                "more than one issue carries the same title here or on the target; join those that belong together with `link`"
            }
            Self::Confidential => {
                "the issue of the same title on the target is seen by other people; hide or show it there, or join them with `link`"
            }
            Self::Mirrored => {
                "the issue of the same title on the target is the counterpart of another one"
            }
        }
    }
}

/// Whether this pass joins issues by their titles: the first one of a pair does, until it is over.
/// That there are counterparts which we made and nobody remembers shows that it is not the first.
pub(super) fn applies(
    pass: &Pass<'_>,
    row: &PairRow,
    rebuilt: Option<&Rebuilt>,
) -> Result<bool, Abort> {
    if pass.options.issue.is_some() {
        return Ok(false);
    }
    if let Some(decided) = row.by_title {
        return Ok(decided && pass.policy.link_by_title);
    }
    let made = rebuilt.is_none_or(|rebuilt| rebuilt.made);
    let is_first = row.last_full_at.is_none() && !made;
    let applies = is_first && pass.policy.link_by_title;
    pass.store.set_by_title(row.id, applies)?;
    Ok(applies)
}

/// Those that were joined first, so that all of them can be found again before the target holds
/// anything that looks as if the first pass were over: what somebody else wrote, what our account did,
/// and what is to be created.
pub(super) fn joined_first(store: &Store, work: Vec<Work>) -> Result<[Vec<Work>; 3], StoreError> {
    let mut stages = [Vec::new(), Vec::new(), Vec::new()];
    for work in work {
        let stage = match work.link {
            Some(link) if store.issue_link(link.id)?.theirs => 0,
            Some(_) => 1,
            None => 2,
        };
        stages[stage].push(work);
    }
    Ok(stages)
}

impl Carrier<'_> {
    /// Joins what leaves no doubt. An issue that could not be joined is held, so that it is not made
    /// a second time. Answers whether that was looked into at all.
    pub(super) async fn join_by_title(&self, held: &mut Held) -> Result<bool, Abort> {
        if self.others_may_write {
            // Another run, of which nothing is remembered, may be at it; nothing is created either.
            return Ok(false);
        }
        let (pass, mut failed) = (self.pass, None);
        let mut carried = |issue: &Issue| match self.choose_from(issue, false, Baseline::All) {
            Ok(choice) => choice == Choice::Carry,
            Err(error) => {
                failed = Some(error);
                false
            }
        };
        let here = titles(pass.source, &mut carried).await?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        let unmarked = |issue: &Issue| !issue.ours || marker::keys(&issue.text).is_empty();
        let there = titles(pass.target, &mut |issue| unmarked(issue)).await?;
        let mut matches = BTreeMap::new();
        let mut apart: BTreeMap<Apart, BTreeSet<IssueNumber>> = BTreeMap::new();
        for (title, here) in &here {
            let Some(there) = there.get(title) else {
                continue;
            };
            for one in here.iter().filter(|one| one.free) {
                let is_known = pass.store.issue_link_of(self.pair, one.number)?.is_some();
                if is_known || held.contains(one.number) {
                    continue;
                }
                let verdict = match (here.as_slice(), there.as_slice()) {
                    ([_], [other]) => self.verdict(one, other)?,
                    _ => Some(Apart::Ambiguous),
                };
                match verdict {
                    None => drop(matches.insert(one.number, there[0].number)),
                    Some(why) => drop(apart.entry(why).or_default().insert(one.number)),
                }
            }
        }
        self.tell_apart(&apart);
        for (source, target) in matches {
            if self.ends_now() {
                held.hold(source, "the pass ended before it was joined");
                continue;
            }
            match self.join_pair(source, target).await {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(Trouble::Stopped) => held.hold(source, "the pass ended before it was joined"),
                Err(Trouble::Issue(stage, error)) if ends_all(&error) => {
                    return Err(Abort::Forge(FailedAt::Issue(stage), error));
                }
                Err(Trouble::Issue(stage, error)) => {
                    held.hold(source, error.to_string());
                    self.books.count(|tally| {
                        tally.failures.push(Failure {
                            number: Some(source),
                            location: None,
                            stage: FailedAt::Issue(stage),
                            error: error.to_string(),
                            cause: cause(&error),
                        });
                    });
                }
            }
        }
        Ok(true)
    }

    /// Why two issues of one title, the only ones, are not joined.
    fn verdict(&self, one: &Seen, other: &Seen) -> Result<Option<Apart>, Abort> {
        let store = self.pass.store;
        // What was joined has no marker in its text, whichever pair did it.
        let of_another = store.original_of(self.pair, other.id)?.is_some()
            || store.original_elsewhere(self.pair, other.id)?.is_some();
        Ok(if of_another || !other.free {
            Some(Apart::Mirrored)
        } else if one.confidential != other.confidential {
            Some(Apart::Confidential)
        } else {
            None
        })
    }

    /// Joins two issues, if they are still what the listings said.
    async fn join_pair(&self, source: IssueNumber, target: IssueNumber) -> Result<(), Trouble> {
        let thread = read_one(self.pass.source, source).await.at(Stage::Read)?;
        let there = read_one(self.pass.target, target).await.at(Stage::Read)?;
        if !still_match(&thread, &there)
            || self.choose_from(&thread.issue, false, Baseline::All)? != Choice::Carry
            || self.is_marked_as_coming_back(&thread)?
        {
            let doing = format!("joining #{source} with #{target} of the target");
            let said = "one of them changed meanwhile; the next pass looks again";
            return Err(ForgeError::new(ErrorKind::Rejected, doing, said)).at(Stage::Update);
        }
        self.join(&thread, &there).await?;
        let theirs = !there.issue.ours;
        let marking = self.marker_comment(&there, thread.issue.id);
        let marking = marking.map(|(_, marker)| marker.role);
        self.planned(&thread.issue, PlannedAction::Join(target), |planned| {
            planned.comments.created = u64::from(theirs && marking.is_none());
            planned.comments.updated = u64::from(theirs && marking == Some(Role::Parted));
        });
        self.books.count(|tally| tally.joined += 1);
        tracing::info!(
            pair = self.pass.name,
            source = source.0,
            target = target.0,
            "joined by title"
        );
        Ok(())
    }

    /// Titles are not told: one of them may be confidential.
    fn tell_apart(&self, apart: &BTreeMap<Apart, BTreeSet<IssueNumber>>) {
        self.books.count(|tally| {
            for (why, numbers) in apart {
                let mut named: Vec<String> = numbers
                    .iter()
                    .take(NAMED)
                    .map(|number| format!("#{number}"))
                    .collect();
                if numbers.len() > NAMED {
                    named.push(format!("{} more", numbers.len() - NAMED));
                }
                tally.warnings.push(format!(
                    "not joined by title: {} ({}).",
                    named.join(", "),
                    why.why()
                ));
            }
        });
    }
}

/// Every issue of a project, by its title. `free`: whether it may be joined.
async fn titles(
    forge: &dyn Forge,
    free: &mut (dyn FnMut(&Issue) -> bool + Send),
) -> Result<Titles, Abort> {
    let mut titles = Titles::new();
    let mut each = |issue: Issue| {
        let title = issue.title.trim();
        if title.is_empty() {
            return;
        }
        let of_title = titles.entry(Digest::of([title])).or_default();
        // A listing may show an issue twice that moved between its pages.
        if of_title.iter().all(|seen| seen.id != issue.id) {
            of_title.push(Seen {
                id: issue.id,
                number: issue.number,
                confidential: issue.confidential,
                free: free(&issue),
            });
        }
    };
    let all = forge.written_since(Timestamp::UNIX_EPOCH, &mut each);
    all.await.map_err(super::listing)?;
    Ok(titles)
}

fn still_match(thread: &Thread, there: &Thread) -> bool {
    let (one, other) = (&thread.issue, &there.issue);
    one.title.trim() == other.title.trim() && one.confidential == other.confidential
}

/// Every other request would be refused alike.
fn ends_all(error: &ForgeError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Token | ErrorKind::Moved | ErrorKind::Interrupted
    )
}
