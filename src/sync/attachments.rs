//! Files that texts link to: fetched, uploaded once, and linked where they then are.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use crate::forge::{Download, ErrorKind, Upload};
use crate::model::{Issue, Stage};
use std::collections::BTreeMap;

/// How the field is called in `not_carried`.
const FIELD: &str = "attachments";

impl Carrier<'_> {
    /// Carries the attachments of a text. Answers where each of them is on the target; of one that
    /// cannot be had the link stays as it is, and the reason is counted.
    pub(super) async fn carry_attachments(
        &self,
        issue: &Issue,
        links: &[String],
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let mut carried = BTreeMap::new();
        if !self.pass.policy.attachments {
            return Ok(carried);
        }
        let (source, target, store) = (self.pass.source, self.pass.target, self.pass.store);
        let limit = self.pass.policy.attachment_max_bytes;
        for link in links {
            let download = source.download(issue.number, link.clone(), limit).await;
            let (path, name, digest) = match download {
                Ok(Download::File {
                    path, name, digest, ..
                }) => (path, name, digest),
                Ok(Download::TooLarge { .. }) => {
                    self.books.count(|tally| {
                        tally.attachments.too_large += 1;
                        let megabytes = limit / 1024 / 1024;
                        tally.not_carried(FIELD, format!("larger than {megabytes} MiB"));
                    });
                    continue;
                }
                // It may be there at the next try.
                Err(error) if error.kind == ErrorKind::Unavailable => {
                    return Err(error).at(Stage::Attachment);
                }
                Err(error) => {
                    self.books.count(|tally| {
                        tally.attachments.failed += 1;
                        tally.not_carried(FIELD, error.to_string());
                    });
                    continue;
                }
            };
            // One file is uploaded once, also where two issues have it at the same time.
            let _one_at_a_time = self.uploads.lock().await;
            let destination =
                if let Some(destination) = store.attachment(&target.project().key, digest)? {
                    self.books.count(|tally| tally.attachments.reused += 1);
                    destination
                } else {
                    let file = Upload {
                        path,
                        name,
                        digest,
                        private: issue.confidential,
                    };
                    let destination = target.upload(file).await.at(Stage::Attachment)?;
                    store.put_attachment(&target.project().key, digest, &destination)?;
                    self.books.count(|tally| tally.attachments.copied += 1);
                    destination
                };
            carried.insert(link.clone(), destination);
        }
        Ok(carried)
    }
}
