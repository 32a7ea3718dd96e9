//! Threads: which notes belong together, and how one of them is answered.
//! <https://docs.gitlab.com/api/discussions/>

use super::super::http::{Call, Kind, Reply};
use super::super::{ErrorKind, ForgeError, Sending};
use super::wire::{Discussion, Note};
use super::{Gitlab, PAGE, convert};
use crate::model::{Comment, CommentId, IssueNumber, NewComment};
use reqwest::Method;
use std::collections::BTreeMap;

/// Of so many issues the discussions are remembered.
const REMEMBERED: usize = 1000;

/// The discussion of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    id: String,
    internal: bool,
}

/// The discussions of notes, by number of the issue.
pub(super) type Threads = BTreeMap<u64, BTreeMap<CommentId, Place>>;

impl Gitlab {
    /// Lets every comment of a thread name the first one that is there.
    pub(super) async fn name_threads(
        &self,
        iid: u64,
        comments: &mut BTreeMap<CommentId, Comment>,
    ) -> Result<(), ForgeError> {
        let discussions = match self.discussions(iid).await {
            Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Denied) => {
                // The comments could be read, so it is the threads alone.
                self.no_threads.lock().await.insert(iid, error.said);
                return Ok(());
            }
            discussions => discussions?,
        };
        for discussion in discussions {
            if discussion.individual_note {
                continue;
            }
            let ids = notes_of(&discussion).map(|note| CommentId(note.id));
            // One that was deleted since its thread was read answers nothing any more.
            let mut ids: Vec<_> = ids.filter(|id| comments.contains_key(id)).collect();
            ids.sort_unstable();
            if let Some((first, others)) = ids.split_first() {
                for id in others {
                    if let Some(comment) = comments.get_mut(id) {
                        comment.reply_to = Some(*first);
                    }
                }
            }
        }
        Ok(())
    }

    /// Answers in the thread that a comment belongs to; `None`, and nothing was done, if there is
    /// none that it may go to.
    pub(super) async fn reply(
        &self,
        number: IssueNumber,
        new: &NewComment,
        sending: Sending<'_>,
    ) -> Result<Option<Comment>, ForgeError> {
        let Some(place) = self.place(number.0, new).await? else {
            return Ok(None);
        };
        let iid = number.to_string();
        let path = self.below(&["issues", &iid, "discussions", &place.id, "notes"]);
        let call = Call::new(Method::POST, path)
            .counts_as(Kind::Comment)
            .telling(sending);
        let comment = match self.written(call.json(convert::reply(new))).await {
            Ok(comment) => Comment {
                reply_to: new.reply_to.first().copied(),
                ..comment
            },
            // It was removed since it was looked up, or nothing can be answered there.
            Err(error) if is_no_thread(&error) => {
                self.threads.lock().await.remove(&number.0);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut threads = self.threads.lock().await;
        threads
            .entry(number.0)
            .or_default()
            .insert(comment.id, place);
        Ok(Some(comment))
    }

    /// The discussion of the first of the comments to be answered that is there and that the same
    /// people see.
    async fn place(&self, iid: u64, new: &NewComment) -> Result<Option<Place>, ForgeError> {
        let Some(first) = new.reply_to.first() else {
            return Ok(None);
        };
        let known = |threads: &Threads, id: &CommentId| threads.get(&iid)?.get(id).cloned();
        let place = known(&*self.threads.lock().await, first);
        if place.is_none() {
            let mut found = BTreeMap::new();
            let discussions = match self.discussions(iid).await {
                Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Denied) => {
                    return Ok(None);
                }
                discussions => discussions?,
            };
            for discussion in discussions {
                // Who sees an answer follows from the first note.
                let internal = discussion.notes.first().is_some_and(Note::is_internal);
                for note in notes_of(&discussion) {
                    let id = discussion.id.clone();
                    found.insert(CommentId(note.id), Place { id, internal });
                }
            }
            let mut threads = self.threads.lock().await;
            if threads.len() >= REMEMBERED {
                threads.clear();
            }
            threads.insert(iid, found);
        }
        let threads = self.threads.lock().await;
        let mut places = new.reply_to.iter().filter_map(|id| known(&threads, id));
        Ok(places.find(|place| place.internal == new.internal))
    }

    /// Every discussion of an issue, some of them twice.
    async fn discussions(&self, iid: u64) -> Result<Vec<Discussion>, ForgeError> {
        let number = |reply: &Reply, name: &str| reply.header(name)?.trim().parse::<usize>().ok();
        let (mut reply, mut all) = self.page_of_discussions(iid, 1).await?;
        let pages = number(&reply, "x-total-pages").unwrap_or(1);
        if pages > 1 {
            // From the last page to the first, as with comments: none is missed.
            for page in (2..=pages).rev() {
                all.extend(self.page_of_discussions(iid, page).await?.1);
            }
            all.extend(self.page_of_discussions(iid, 1).await?.1);
        } else if number(&reply, "x-total-pages").is_none() {
            while let Some(next) = number(&reply, "x-next-page") {
                let more;
                (reply, more) = self.page_of_discussions(iid, next).await?;
                all.extend(more);
            }
        }
        Ok(all)
    }

    async fn page_of_discussions(
        &self,
        iid: u64,
        page: usize,
    ) -> Result<(Reply, Vec<Discussion>), ForgeError> {
        let iid = iid.to_string();
        let call = Call::get(self.below(&["issues", &iid, "discussions"]))
            .query("per_page", PAGE)
            .query("page", page);
        let reply = self.send(call).await?;
        let discussions: Vec<Discussion> = reply.read()?;
        let mut notes = discussions.iter().flat_map(|discussion| &discussion.notes);
        if let Some(note) = notes.find(|note| !note.says_who_sees_it()) {
            let said = format!("it does not say of note {} who may see it", note.id);
            return Err(ForgeError::new(ErrorKind::Malformed, reply.doing, said));
        }
        Ok((reply, discussions))
    }
}

/// What people wrote in a discussion.
fn notes_of(discussion: &Discussion) -> impl Iterator<Item = &Note> {
    let notes = discussion.notes.iter();
    notes.filter(|note| note.system != Some(true))
}

fn is_no_thread(error: &ForgeError) -> bool {
    let is_closed = error.said.contains("can not be replied to");
    error.fate == super::super::Fate::NotDone && (error.kind == ErrorKind::NotFound || is_closed)
}
