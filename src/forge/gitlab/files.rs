//! Attachments: fetched by the API, because the page of a file wants a session and no token.
//! <https://docs.gitlab.com/api/project_markdown_uploads/>

use super::super::http::{Body, Call, Outgoing};
use super::super::{Download, ErrorKind, Fate, ForgeError, LocalFile, Upload};
use super::{Gitlab, convert, wire};
use crate::model::{Attachment, Digest};
use reqwest::Method;
use sha2::{Digest as _, Sha256};
use std::io::Write;

impl Gitlab {
    pub(super) fn attachment(&self, link: &str) -> Option<(String, String)> {
        let project = (self.project.name.as_str(), self.id);
        let pages = || convert::upload(link, &self.pages(), project);
        convert::upload(link, self.client.base(), project).or_else(pages)
    }

    pub(super) fn attachment_of(&self, link: &str) -> Option<Attachment> {
        let (secret, name) = self.attachment(link)?;
        let place = format!("{secret}/{name}");
        let path = self.project.name.split('/');
        let mut address = self.pages();
        address
            .path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(path)
            .extend(["uploads", &secret, &name]);
        Some(Attachment {
            // What was uploaded never changes.
            stamp: Some(Digest::of([place.as_str()])),
            place,
            private: false,
            address: Some(address.to_string()),
        })
    }

    pub(super) async fn fetch(&self, link: &str, max_bytes: u64) -> Result<Download, ForgeError> {
        let Some((secret, name)) = self.attachment(link) else {
            let said = "it is no upload of this project";
            return Err(ForgeError::new(ErrorKind::NotFound, link, said));
        };
        let path = self.below(&["uploads", &secret, &name]);
        let fetched = self.client.fetch(&path, &self.meter).await;
        let (mut response, doing) = fetched.map_err(no_file)?;
        if let Some(size) = response.content_length().filter(|size| *size > max_bytes) {
            return Ok(Download::TooLarge { size });
        }
        let kind = response
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok());
        let is_file = response
            .headers()
            .get("content-disposition")
            .is_some_and(|how| how.as_bytes().starts_with(b"attachment"));
        // A page of HTML that is a file is sent as one; any other is one to sign in.
        if kind.is_some_and(|kind| kind.starts_with("text/html")) && !is_file {
            let said = "it answered a page of HTML; from GitLab 17.4 on a token may fetch uploads";
            return Err(ForgeError::new(ErrorKind::Malformed, doing, said));
        }
        let local = |error: std::io::Error| {
            ForgeError::new(
                ErrorKind::Unavailable,
                "keeping a file for a moment",
                error.to_string(),
            )
        };
        let folder = self
            .temporary
            .get_or_try_init(|| async { tempfile::tempdir() })
            .await
            .map_err(local)?;
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).map_err(local)?;
        let (mut hash, mut size) = (Sha256::new(), 0_u64);
        let cut = |error: reqwest::Error| {
            ForgeError::new(ErrorKind::Unavailable, doing.clone(), error.to_string())
        };
        loop {
            // A line that is slow is waited for, one that is dead is not.
            let chunk = tokio::time::timeout(self.client.timeout(), response.chunk()).await;
            let stalled = |_| {
                let said = "the file stopped to come in the middle";
                ForgeError::new(ErrorKind::Unavailable, doing.clone(), said)
            };
            let Some(chunk) = chunk.map_err(stalled)?.map_err(cut)? else {
                break;
            };
            size += chunk.len() as u64;
            if size > max_bytes {
                return Ok(Download::TooLarge { size });
            }
            hash.update(&chunk);
            file.write_all(&chunk).map_err(local)?;
        }
        let hash = hash.finalize();
        let digest = Digest::from_bytes(&hash.as_slice()[..16]);
        Ok(Download::File {
            path: LocalFile::temporary(file.into_temp_path()),
            name,
            digest: digest.ok_or_else(|| local(std::io::Error::other("no digest")))?,
        })
    }

    /// Deletes an upload; from GitLab 17.4 on a Maintainer may.
    pub(super) async fn unstore(&self, link: &str) -> Result<(), ForgeError> {
        self.check().await?;
        let Some((secret, name)) = self.attachment(link) else {
            return Ok(());
        };
        let call = Call::new(Method::DELETE, self.below(&["uploads", &secret, &name]));
        let Err(error) = self.send(call).await else {
            return Ok(());
        };
        // Whoever may delete files is told so of one that is not there.
        if error.status == Some(400) {
            return Ok(());
        }
        let said = match error.kind {
            ErrorKind::NotFound => "it cannot before GitLab 17.4".to_owned(),
            ErrorKind::Denied => format!("{}; it takes the role Maintainer", error.said),
            _ => error.said,
        };
        // The address would open the file to whoever reads this.
        let doing = "deleting an uploaded file".to_owned();
        Err(ForgeError {
            doing,
            said,
            ..error
        })
    }

    /// Uploads a file; answers the link by which it is reached.
    pub(super) async fn store(&self, file: Upload) -> Result<String, ForgeError> {
        self.check().await?;
        let local = |error: std::io::Error| {
            let doing = "reading a file to upload";
            ForgeError::new(ErrorKind::Unavailable, doing, error.to_string())
        };
        let sent = Outgoing::new(&file.path, sent_name(&file.name)).map_err(local)?;
        let mut call = Call::new(Method::POST, self.below(&["uploads"]));
        call.body = Body::File(sent);
        let sent = self.send(call).await.map_err(|error| match error.fate {
            Fate::NotDone => error,
            Fate::Unknown => ForgeError {
                said: format!(
                    "{}; a file that nothing links to may have been left on the target",
                    error.said
                ),
                ..error
            },
        });
        let made: wire::Upload = sent?.read()?;
        Ok(made.url)
    }
}

/// What a file that is not there may mean.
fn no_file(error: ForgeError) -> ForgeError {
    if error.kind != ErrorKind::NotFound {
        return error;
    }
    ForgeError {
        said: format!(
            "{}; the file is gone, or the instance is older than GitLab 17.4, before which no token could fetch a file",
            error.said
        ),
        ..error
    }
}

/// A name that every GitLab takes: nothing that ends a header, leads to a folder or turns the
/// direction of writing, and no longer than the longest that a disk keeps. The server replaces more.
fn sent_name(name: &str) -> String {
    const LONGEST: usize = 200;
    let safe: String = name
        .chars()
        .map(|c| {
            let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || turns || matches!(c, '/' | '\\' | '"') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let safe = match safe.as_str() {
        "" | "." | ".." => "file",
        safe => safe,
    };
    if safe.len() <= LONGEST {
        return safe.to_owned();
    }
    let (stem, end) = match safe.rsplit_once('.') {
        Some((stem, end)) if end.len() <= 16 => (stem, format!(".{end}")),
        _ => (safe, String::new()),
    };
    let mut length = LONGEST - end.len();
    while !stem.is_char_boundary(length) {
        length -= 1;
    }
    format!("{}{end}", &stem[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sent_so_that_every_server_takes_them() {
        for (name, sent) in [
            ("a b.png", "a b.png"),
            ("Ünï.txt", "Ünï.txt"),
            ("..", "file"),
            ("", "file"),
            ("../../x", ".._.._x"),
            ("a\"b\r\nc", "a_b__c"),
            ("gpj\u{202e}exe", "gpj_exe"),
            ("100%.txt", "100%.txt"),
        ] {
            assert_eq!(sent_name(name), sent);
        }
        let long = sent_name(&format!("{}.png", "é".repeat(300)));
        assert!(long.len() <= 200 && long.ends_with("é.png"), "{long}");
    }
}
