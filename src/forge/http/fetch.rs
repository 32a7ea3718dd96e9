//! Files of an instance, which may be kept elsewhere.

use super::answers::{where_files_are, whole};
use super::failed::{ATTEMPTS, Failed, LONGEST_PAUSE, interrupted};
use super::send::UnderWay;
use super::{Client, LONGEST_FILE, shown};
use crate::forge::{ErrorKind, ForgeError, Meter};
use reqwest::Method;
use url::Url;

/// So many redirects lead to a file.
const HOPS: u32 = 3;

impl Client {
    /// Fetches a file. Redirects to where the instance keeps files are followed without the token;
    /// one to a sign-in page is refused.
    pub(in crate::forge) async fn fetch(
        &self,
        path: &[&str],
        meter: &Meter,
    ) -> Result<(reqwest::Response, String), ForgeError> {
        let url = self.address(path);
        let doing = format!("GET {}", shown(&url));
        let mut attempt = 1;
        loop {
            if !self.keep_pace(None, meter).await {
                return Err(interrupted(doing));
            }
            self.has_token(&doing)?;
            let failed = match self.fetch_once(&url, &doing, meter).await {
                Ok(response) => return Ok((response, doing)),
                Err(failed) => failed,
            };
            let pause = failed.pause(attempt);
            if !failed.may_pass || attempt >= ATTEMPTS || pause > LONGEST_PAUSE {
                return Err(failed.given_up());
            }
            if !self.wait(pause, meter).await {
                return Err(interrupted(doing));
            }
            attempt += 1;
        }
    }

    async fn fetch_once(
        &self,
        url: &Url,
        doing: &str,
        meter: &Meter,
    ) -> Result<reqwest::Response, Failed> {
        self.count(meter);
        let request = self
            .http
            .get(url.clone())
            .timeout(LONGEST_FILE)
            .header(self.token_header, self.token.clone());
        let refused = |kind, said: String| ForgeError::new(kind, doing, said);
        let failed = |error: ForgeError, may_pass| Failed {
            error,
            not_done: true,
            may_pass,
            wait: None,
        };
        let unreachable = |error: reqwest::Error| {
            failed(
                ForgeError::new(ErrorKind::Unavailable, doing, whole(&error)),
                true,
            )
        };
        let mut response = {
            let _under_way = UnderWay::of(&self.under_way);
            let sent = tokio::time::timeout(self.timeout, request.send()).await;
            let in_time = sent.map_err(|_| {
                let said = "it did not answer in time".to_owned();
                failed(refused(ErrorKind::Unavailable, said), true)
            })?;
            let response = in_time.map_err(unreachable)?;
            self.hear(response.headers());
            response
        };
        let mut at = url.clone();
        let mut hops = 0;
        while response.status().is_redirection() {
            hops += 1;
            let to = match where_files_are(&at, response.headers()) {
                Ok(to) if hops <= HOPS => to,
                Ok(_) => {
                    let said = format!("it leads on and on, more than {HOPS} times");
                    return Err(failed(refused(ErrorKind::Rejected, said), false));
                }
                Err(error) => return Err(failed(refused(error.0, error.1), false)),
            };
            self.count(meter);
            let request = self.http.get(to.clone()).timeout(LONGEST_FILE);
            response = request.send().await.map_err(unreachable)?;
            at = to;
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if hops > 0 {
            // No token went there, so nothing that is answered there says anything of it, and the
            // next attempt begins with an address that is signed anew.
            let again = status.is_server_error() || status.as_u16() == 429;
            let kind = if again {
                ErrorKind::Unavailable
            } else {
                ErrorKind::Rejected
            };
            let there = at.origin().ascii_serialization();
            let said = format!(
                "{there}, where the instance keeps the file, answered {}",
                status.as_u16()
            );
            return Err(failed(refused(kind, said), again));
        }
        let headers = response.headers().clone();
        let body = response.bytes().await.unwrap_or_default();
        Err(self.refused((&Method::GET, url), status, &headers, &body, doing))
    }
}
