//! The way of a request: sent, answered, and sent again only where that makes nothing twice.

use super::answers::{looks_like_html, meaning, whole};
use super::failed::{ATTEMPTS, Failed, LONGEST_PAUSE, interrupted, stalled};
use super::{Body, Call, Client, LONGEST_FILE, Reply, shown};
use crate::forge::{ErrorKind, ForgeError, Meter};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use url::Url;

/// No answer is longer: a hundred issues with descriptions of a mebibyte.
const LONGEST_ANSWER: usize = 160 * 1024 * 1024;

impl Client {
    /// Sends a request. Reads are repeated, also after errors; a write only if it surely was not
    /// carried out.
    pub(in crate::forge) async fn send(
        &self,
        call: Call<'_>,
        meter: &Meter,
    ) -> Result<Reply, ForgeError> {
        let mut url = self.address(&call.path);
        let doing = format!("{} {}", call.method, shown(&url));
        if !call.query.is_empty() {
            let pairs = call.query.iter().map(|(name, value)| (*name, value));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let reads = call.method == Method::GET;
        let deletes = call.method == Method::DELETE;
        let mut body = call.body;
        let mut attempt = 1;
        loop {
            if !self.keep_pace(call.counts_as, meter).await {
                return Err(interrupted(doing));
            }
            self.has_token(&doing)?;
            if call.sending.is_some_and(|may_leave| !may_leave()) {
                return Err(interrupted(doing));
            }
            self.count(meter);
            let repeatable = !call.once && !matches!(body, Body::File(_));
            let mut request = self
                .http
                .request(call.method.clone(), url.clone())
                .header(self.token_header, self.token.clone());
            let mut progress = None;
            body = match body {
                Body::Nothing => Body::Nothing,
                Body::Json(value) => {
                    request = request.json(&value);
                    Body::Json(value)
                }
                Body::File(file) => {
                    // How long a file takes depends on its length.
                    request = request.multipart(file.form).timeout(LONGEST_FILE);
                    file.progress.moves();
                    progress = Some(file.progress);
                    Body::Nothing
                }
            };
            let attempt_at = self.attempt(request, &call.method, &url, &doing);
            let answer = match progress {
                None => attempt_at.await,
                Some(progress) => tokio::select! {
                    answer = attempt_at => answer,
                    () = progress.stalls(self.timeout) => Err(stalled(&doing)),
                },
            };
            let failed = match answer {
                // Nothing is taken for deleted because a proxy shows its page.
                Ok(reply) if deletes && looks_like_html(&reply.body) => {
                    let said =
                        "it answered a page of HTML; is a proxy or a sign-in page in between?";
                    return Err(
                        ForgeError::new(ErrorKind::Malformed, doing, said).of_unknown_fate()
                    );
                }
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            let again = repeatable && failed.may_pass && (reads || failed.not_done);
            let pause = failed.pause(attempt);
            if !again || attempt >= ATTEMPTS || pause > LONGEST_PAUSE {
                return Err(if failed.not_done || reads {
                    failed.given_up()
                } else {
                    failed.given_up().of_unknown_fate()
                });
            }
            tracing::debug!(error = %failed.error, pause_ms = pause.as_millis(), "tried again");
            if !self.wait(pause, meter).await {
                return Err(interrupted(doing));
            }
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        request: reqwest::RequestBuilder,
        method: &Method,
        url: &Url,
        doing: &str,
    ) -> Result<Reply, Failed> {
        let _under_way = UnderWay::of(&self.under_way);
        let unreachable = |error: &reqwest::Error| {
            let said = match error {
                error if error.is_timeout() => "it did not answer in time".to_owned(),
                error => whole(&error),
            };
            Failed {
                not_done: error.is_connect(),
                may_pass: true,
                wait: None,
                error: ForgeError::new(ErrorKind::Unavailable, doing, said),
            }
        };
        let mut response = request.send().await.map_err(|error| unreachable(&error))?;
        self.hear(response.headers());
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Failed {
            not_done: false,
            ..unreachable(&error)
        })? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                let said = "its answer is longer than any that is expected";
                let error = ForgeError::new(ErrorKind::Malformed, doing, said);
                return Err(Failed {
                    error,
                    not_done: false,
                    may_pass: false,
                    wait: None,
                });
            }
        }
        if status.is_success() {
            return Ok(Reply {
                status,
                headers,
                body,
                doing: doing.to_owned(),
            });
        }
        Err(self.refused((method, url), status, &headers, &body, doing))
    }

    /// What becomes of a request whose answer is no success.
    pub(super) fn refused(
        &self,
        (method, url): (&Method, &Url),
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        doing: &str,
    ) -> Failed {
        let code = status.as_u16();
        let (mut kind, said) = meaning(&self.base, url, status, headers, body);
        // Somebody else was changing it at that moment.
        if code == 409 && *method == Method::PUT {
            kind = ErrorKind::Unavailable;
        }
        if code == 401 {
            let _ = self.no_token.set(said.clone());
        }
        let limited = code == 429;
        let wait = self.retry_after(headers);
        if let (true, Some(wait)) = (limited, wait.filter(|wait| *wait <= LONGEST_PAUSE)) {
            // It holds for every request of the account.
            let until = Instant::now() + wait;
            let mut not_before = self.not_before();
            *not_before = Some(not_before.map_or(until, |known| known.max(until)));
        }
        Failed {
            error: ForgeError {
                status: Some(code),
                ..ForgeError::new(kind, doing, said)
            },
            // A server error may come after the write; a limit comes before it.
            not_done: code < 500 && code != 408,
            may_pass: kind == ErrorKind::Unavailable,
            wait: wait.or_else(|| limited.then(|| self.next_minute())),
        }
    }
}

/// A request that is counted as not answered yet for as long as this lives.
pub(super) struct UnderWay<'a>(&'a AtomicU64);

impl<'a> UnderWay<'a> {
    pub(super) fn of(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
