//! Files that texts link to: fetched, uploaded once, and linked where they then are.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use crate::forge::{Download, ErrorKind, Fate, ForgeError, LocalFile, Upload};
use crate::model::{Attachment, CommentId, Digest, Issue, IssueNumber, Stage};
use crate::plan::draft::LinkedFile;
use crate::plan::references::unknown_to_its_server;
use crate::store::{StoreError, TextOf};
use crate::text::read::Read;
use std::collections::{BTreeMap, BTreeSet};

/// How the field is called in `not_carried`.
const FIELD: &str = "attachments";

/// A file that was fetched.
struct Fetched {
    path: LocalFile,
    name: String,
    content: Digest,
}

/// The links of a text, each once, in their order.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    let read = Read::of(text);
    let links = read.destinations().into_iter();
    let links = links.filter(|link| known.insert(*link));
    links.map(str::to_owned).collect()
}

impl Carrier<'_> {
    /// The attachments of the source that links of a text lead to.
    pub(super) async fn linked_files(
        &self,
        number: IssueNumber,
        links: &[String],
    ) -> Result<Vec<LinkedFile>, Trouble> {
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let source = self.pass.source;
        let found = source.attachments(number, links.to_vec()).await;
        let found = links.iter().zip(found.at(Stage::Read)?);
        Ok(found
            .filter_map(|(link, file)| {
                let link = link.clone();
                Some(LinkedFile { link, file: file? })
            })
            .collect())
    }

    /// Where those of them lead on the source that are no whole addresses, and would lead elsewhere on
    /// the target.
    pub(super) fn addresses(
        &self,
        number: IssueNumber,
        links: &[String],
    ) -> BTreeMap<String, String> {
        // Of pages that are on the same server as the target it would note that they were named.
        const SILENT: [&str; 4] = ["/-/blob/", "/-/raw/", "/-/tree/", "/-/wikis/"];
        let (source, target) = (self.pass.source, self.pass.target);
        if self.pass.policy.opaque {
            return BTreeMap::new();
        }
        let elsewhere = !source.project().is_beside(target.project());
        let links = links.iter().filter_map(|link| {
            let address = source.absolute(number, link)?;
            let silent = elsewhere || SILENT.iter().any(|part| address.contains(part));
            let address = if silent {
                address
            } else {
                unknown_to_its_server(&address)
            };
            Some((link.clone(), address))
        });
        links.collect()
    }

    /// Carries the attachments of a text. Answers where each of them is on the target; of one that
    /// cannot be had the link leads to the source, and the reason is counted. `comment`: whose text it is,
    /// if not the issue's own. `private`: the text is hidden from the public.
    pub(super) async fn carry_attachments(
        &self,
        issue: &Issue,
        comment: Option<CommentId>,
        files: &[LinkedFile],
        private: bool,
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let mut carried = BTreeMap::new();
        // One file may have as many spellings as a text has room for.
        let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for file in files {
            let place = file.file.place.as_str();
            let destination = match known.get(place) {
                Some(destination) => {
                    let reused = u64::from(destination.is_some());
                    self.books.count(|tally| tally.attachments.reused += reused);
                    destination.clone()
                }
                None => {
                    let destination = self.carry_file(issue, comment, file, private).await?;
                    known.insert(place, destination.clone());
                    destination
                }
            };
            let destination = destination.or_else(|| self.not_carried_as(&file.file, &file.link));
            carried.extend(destination.map(|destination| (file.link.clone(), destination)));
        }
        Ok(carried)
    }

    /// Where one of them is on the target, noted as used by this text.
    async fn carry_file(
        &self,
        issue: &Issue,
        comment: Option<CommentId>,
        file: &LinkedFile,
        private: bool,
    ) -> Result<Option<String>, Trouble> {
        let mut destination = self.carry_attachment(issue, file, private).await?;
        if let Some(there) = &destination
            && !self.has_file(issue, comment, there)?
        {
            // It was given up just before that was noted.
            destination = self.carry_attachment(issue, file, private).await?;
            if let Some(there) = &destination {
                self.has_file(issue, comment, there)?;
            }
        }
        Ok(destination)
    }

    /// A text of people on the target, in which what was given up leads to what is there for it now, and
    /// nothing else changes.
    pub(super) async fn with_new_files(
        &self,
        issue: &Issue,
        comment: Option<CommentId>,
        files: &[LinkedFile],
        private: bool,
        theirs: &str,
    ) -> Result<String, Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let source = &self.pass.source.project().key;
        let mut text = theirs.to_owned();
        if !target.capabilities().files_by_link {
            return Ok(text);
        }
        let read = Read::of(theirs);
        let links: BTreeSet<&str> = read.destinations().into_iter().collect();
        for link in links {
            let Some(content) = store.given_up(&target.project().key, link)? else {
                continue;
            };
            let mut now = None;
            for file in files {
                let held = store.file_of(source, &file.file.place, file.file.stamp)?;
                if held.is_some() && held == content {
                    let file = std::slice::from_ref(file);
                    let carried = self
                        .carry_attachments(issue, comment, file, private)
                        .await?;
                    now = carried.into_values().next();
                    break;
                }
            }
            match now {
                Some(now) => text = text.replace(link, &now),
                None => self.books.count(|tally| {
                    let why = "a text that people edited on the target leads to one that was deleted there";
                    tally.not_carried(issue.number, FIELD, why);
                }),
            }
        }
        Ok(text)
    }

    /// Notes which text has a file of the target; `false` if the file was given up meanwhile.
    pub(super) fn has_file(
        &self,
        issue: &Issue,
        comment: Option<CommentId>,
        destination: &str,
    ) -> Result<bool, StoreError> {
        let (store, target) = (self.pass.store, self.pass.target);
        if !target.capabilities().files_by_link {
            return Ok(true);
        }
        let text = TextOf {
            pair: self.pair,
            issue: issue.id,
            comment,
        };
        store.use_file(text, destination)?;
        store.has_attachment(&target.project().key, destination)
    }

    /// What a link leads to whose file is not carried: to the source, where it can be had from
    /// wherever the text is read; or nowhere, where nothing may tell of that.
    pub(super) fn not_carried_as(&self, file: &Attachment, link: &str) -> Option<String> {
        if !self.pass.policy.opaque {
            return file.address.clone();
        }
        let path = link.split(['?', '#']).next().unwrap_or(link);
        let name = path.rsplit('/').next().unwrap_or(path);
        Some(format!("#{name}"))
    }

    async fn carry_attachment(
        &self,
        issue: &Issue,
        LinkedFile { link, file }: &LinkedFile,
        private: bool,
    ) -> Result<Option<String>, Trouble> {
        let (store, target) = (self.pass.store, self.pass.target);
        let source_key = &self.pass.source.project().key;
        let target_key = &target.project().key;
        if !self.pass.policy.attachments {
            // A link to what was carried before stays.
            let content = store.file_of(source_key, &file.place, None)?;
            return Ok(match content {
                Some(content) => store.attachment(target_key, content)?,
                None => None,
            });
        }
        let Some(stamp) = file.stamp else {
            let place = if private { "it" } else { &file.place };
            self.lost(issue, format!("{place} is not there"))?;
            return Ok(None);
        };
        // One file is uploaded once, also where two issues have it at the same time.
        let _one_at_a_time = self.uploads.lock().await;
        let known = store.file_of(source_key, &file.place, Some(stamp))?;
        if let Some(content) = known
            && let Some(destination) = self.uploaded(content, private).await?
        {
            return Ok(Some(destination));
        }
        let Some(fetched) = self.fetch(issue, link, private).await? else {
            return Ok(None);
        };
        let content = fetched.content;
        let destination = match self.uploaded(content, private).await? {
            Some(destination) => destination,
            None => {
                let file = Upload {
                    path: fetched.path,
                    name: fetched.name,
                    digest: content,
                    private,
                };
                let destination = match target.upload(file).await {
                    Ok(destination) => destination,
                    // It is too large for the target, of a kind that it does not take, or more than
                    // our role may do: the issue is worth more than its file.
                    Err(error) if refuses(&error) => {
                        let error = told(error, private);
                        self.lost(issue, format!("the target does not take it: {error}"))?;
                        return Ok(None);
                    }
                    Err(error) => {
                        let unknown = u64::from(error.fate == Fate::Unknown);
                        self.books
                            .count(|tally| tally.attachments.unreferenced += unknown);
                        return Err(told(error, private)).at(Stage::Attachment);
                    }
                };
                store.put_attachment(target_key, content, &destination, true)?;
                self.books.count(|tally| tally.attachments.copied += 1);
                destination
            }
        };
        store.put_file(source_key, &file.place, stamp, content)?;
        Ok(Some(destination))
    }

    /// Where a file of this content is on the target, if it is there still and may be seen by those
    /// who see the text.
    async fn uploaded(&self, content: Digest, private: bool) -> Result<Option<String>, Trouble> {
        let target = self.pass.target;
        let key = &target.project().key;
        let Some(destination) = self.pass.store.attachment(key, content)? else {
            return Ok(None);
        };
        // Any issue of the target reaches its attachments by the same link.
        let there = target.attachments(IssueNumber(1), vec![destination.clone()]);
        let there = there.await.at(Stage::Attachment)?;
        let serves = |file: &Attachment| file.stamp.is_some() && (private || !file.private);
        let is_there = there.iter().flatten().any(serves);
        if is_there {
            self.books.count(|tally| tally.attachments.reused += 1);
        }
        Ok(is_there.then_some(destination))
    }

    /// Fetches a file; `None` if it cannot be had.
    async fn fetch(
        &self,
        issue: &Issue,
        link: &str,
        private: bool,
    ) -> Result<Option<Fetched>, Trouble> {
        let limit = self.pass.policy.attachment_max_bytes;
        let source = self.pass.source;
        match source.download(issue.number, link.to_owned(), limit).await {
            Ok(Download::File { path, name, digest }) => Ok(Some(Fetched {
                path,
                name,
                content: digest,
            })),
            Ok(Download::TooLarge { .. }) => {
                let megabytes = limit / 1024 / 1024;
                let why = format!("larger than {megabytes} MiB (`attachment_max_mb`)");
                self.books.count(|tally| {
                    tally.attachments.too_large += 1;
                    tally.not_carried(issue.number, FIELD, why);
                });
                Ok(None)
            }
            Err(error) if is_final(&error) => {
                self.lost(issue, told(error, private).to_string())?;
                Ok(None)
            }
            // It may be there at the next try.
            Err(error) => Err(told(error, private)).at(Stage::Attachment),
        }
    }

    /// Counts an attachment that cannot be had; a full pass tries again.
    fn lost(&self, issue: &Issue, why: String) -> Result<(), StoreError> {
        self.books.count(|tally| {
            tally.attachments.failed += 1;
            tally.not_carried(issue.number, FIELD, why);
        });
        self.pass.store.lose_file(self.pair, issue.id)
    }
}

/// An error as it may be reported: the name of a file of a hidden text is hidden too.
fn told(mut error: ForgeError, private: bool) -> ForgeError {
    if private {
        "a file of a hidden text".clone_into(&mut error.doing);
    }
    error
}

/// Whether another try would most likely end in the same way, so that the link is one to the source
/// until a full pass.
fn is_final(error: &ForgeError) -> bool {
    match error.kind {
        ErrorKind::NotFound
        | ErrorKind::Denied
        | ErrorKind::Rejected
        | ErrorKind::Malformed
        | ErrorKind::Unsupported => true,
        ErrorKind::Token | ErrorKind::Moved | ErrorKind::Unavailable | ErrorKind::Interrupted => {
            false
        }
    }
}

/// Whether a file was refused that would be refused again. What happened to it must be known.
fn refuses(error: &ForgeError) -> bool {
    let refused = matches!(error.kind, ErrorKind::Rejected | ErrorKind::Denied);
    refused && error.fate == Fate::NotDone
}
