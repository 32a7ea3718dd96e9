//! Attachments: fetched by the API, because the page of a file wants a session and no token.

use super::super::{Download, ErrorKind, ForgeError, LocalFile};
use super::{Gitlab, convert};
use crate::model::Digest;
use sha2::{Digest as _, Sha256};
use std::io::Write;

impl Gitlab {
    pub(super) fn attachment(&self, link: &str) -> Option<(String, String)> {
        convert::upload(link, self.client.base(), (&self.project.name, self.id))
    }

    pub(super) async fn fetch(&self, link: &str, max_bytes: u64) -> Result<Download, ForgeError> {
        let Some((secret, name)) = self.attachment(link) else {
            let said = "it is no upload of this project";
            return Err(ForgeError::new(ErrorKind::NotFound, link, said));
        };
        let path = self.below(&["uploads", &secret, &name]);
        let (mut response, doing) = self.client.fetch(&path, &self.meter).await?;
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
        while let Some(chunk) = response.chunk().await.map_err(cut)? {
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
}
