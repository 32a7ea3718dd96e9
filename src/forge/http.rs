//! One HTTP client per instance: the token, limits, repeats and what an answer means. Every forge
//! with a server shares it; what is asked and answered is theirs.

mod answers;
mod limits;
mod outgoing;

use self::answers::{http_date, leads_to, looks_like_html, meaning, shown, where_files_are, whole};
use self::limits::{Allowance, Pace, Told};
pub(super) use self::outgoing::Outgoing;
use super::{ErrorKind, ForgeError, Meter, Sending};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, redirect};
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How often a request is sent that may be repeated.
const ATTEMPTS: u32 = 5;
/// The first pause between two attempts; each one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No server is waited for longer than this at once.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// No file takes longer to come or go, however slow the line is.
const LONGEST_FILE: Duration = Duration::from_hours(2);
/// So many redirects lead to a file.
const HOPS: u32 = 3;
/// No answer is longer: a hundred issues with descriptions of a mebibyte.
const LONGEST_ANSWER: usize = 160 * 1024 * 1024;

/// What opens an account. It can be sent and not shown.
pub struct Token(String);

impl Token {
    /// A token as it was read, without the blanks around it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Nothing was there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How an instance is reached.
#[derive(Debug)]
pub struct Settings {
    /// Where it is, with the relative address if there is one.
    pub url: Url,
    /// The account.
    pub token: Token,
    /// The header that the token stands in.
    pub token_header: &'static str,
    /// Certificates that are trusted too, in PEM.
    pub certificates: Option<Vec<u8>>,
    /// A request that takes longer has failed.
    pub timeout: Duration,
    /// Never more requests a minute than this.
    pub requests_per_minute: Option<u64>,
    /// Never more new issues a minute than this.
    pub issues_per_minute: Option<u64>,
    /// Never more new comments a minute than this.
    pub comments_per_minute: Option<u64>,
    /// Becomes true when the run is to end: then no limit is waited for any more.
    pub ends: Arc<AtomicBool>,
}

/// A client of one instance.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: HeaderValue,
    token_header: &'static str,
    pace: Option<Pace>,
    issues: Option<Pace>,
    comments: Option<Pace>,
    /// The instance's clock less ours, in milliseconds.
    clock: AtomicI64,
    timeout: Duration,
    /// Nothing is sent before this: the server asked for a pause.
    not_before: Mutex<Option<Instant>>,
    /// What is left of a limit that headers tell of.
    allowance: Allowance,
    /// Requests that are not answered yet.
    under_way: AtomicU64,
    /// Requests of the whole run.
    sent: AtomicU64,
    /// What was said when the token opened nothing: it is not tried again, because who fails often is
    /// locked out.
    no_token: OnceLock<String>,
    ends: Arc<AtomicBool>,
}

/// A request in the making.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Parts of the path, which are encoded one by one.
    pub(super) path: Vec<&'a str>,
    pub(super) query: Vec<(&'a str, String)>,
    pub(super) body: Body,
    /// What it counts as, where the server limits that and no header tells.
    pub(super) counts_as: Option<Kind>,
    /// Who is told each time that it is about to leave.
    sending: Option<Sending<'a>>,
    /// Whatever comes of it, it is not sent again.
    pub(super) once: bool,
}

/// What servers limit beside requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A new issue.
    Issue,
    /// A new comment.
    Comment,
}

/// What a request carries.
#[derive(Debug)]
pub(super) enum Body {
    Nothing,
    Json(Value),
    File(Outgoing),
}

impl<'a> Call<'a> {
    pub(super) fn get(path: Vec<&'a str>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn new(method: Method, path: Vec<&'a str>) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: Body::Nothing,
            counts_as: None,
            sending: None,
            once: false,
        }
    }

    pub(super) fn query(mut self, name: &'a str, value: impl fmt::Display) -> Self {
        self.query.push((name, format!("{value}")));
        self
    }

    /// Tells each time that it is about to leave.
    pub(super) fn telling(mut self, sending: Sending<'a>) -> Self {
        self.sending = Some(sending);
        self
    }

    pub(super) fn counts_as(mut self, kind: Kind) -> Self {
        self.counts_as = Some(kind);
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }
}

/// What came back of a request that succeeded.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// What was done, for messages.
    pub(super) doing: String,
}

impl Reply {
    /// The answer as JSON of this form.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let said = if looks_like_html(&self.body) {
                "it answered a page of HTML instead of JSON; is a proxy or a sign-in page in between?"
                    .to_owned()
            } else if error.is_eof() {
                format!("its answer ends in the middle ({error}); does a proxy in between cut it?")
            } else {
                format!("its answer is not of the form that it should have: {error}")
            };
            ForgeError::new(ErrorKind::Malformed, self.doing.clone(), said)
        })
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why an attempt did not succeed.
struct Failed {
    error: ForgeError,
    /// Sent again, it may succeed, and it surely was not carried out.
    not_done: bool,
    /// Sent again, it may succeed.
    may_pass: bool,
    /// The server says when.
    wait: Option<Duration>,
}

impl Client {
    /// A client of an instance; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the system has no certificates or those of the settings cannot be read.
    pub fn new(settings: Settings) -> Result<Self, ForgeError> {
        let doing = format!("connecting to {}", shown(&settings.url));
        let failed = |said: String| ForgeError::new(ErrorKind::Rejected, doing.clone(), said);
        let own = match &settings.certificates {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| failed(format!("`ca_file` cannot be read: {error}")))?,
            None => Vec::new(),
        };
        if settings.certificates.is_some() && own.is_empty() {
            return Err(failed("`ca_file` holds no certificate in PEM".to_owned()));
        }
        let builder = || {
            reqwest::Client::builder()
                // A redirect could carry the token to somebody else.
                .redirect(redirect::Policy::none())
                .timeout(settings.timeout)
                .connect_timeout(settings.timeout.min(Duration::from_secs(20)))
                .retry(reqwest::retry::never())
                .user_agent(concat!("issue-mirror/", env!("CARGO_PKG_VERSION")))
        };
        let http = match builder().tls_certs_merge(own).build() {
            // A small container may have no certificates at all, and http needs none.
            Err(_) if settings.url.scheme() == "http" => builder().tls_certs_only([]).build(),
            built => built,
        }
        .map_err(|error| {
            failed(format!(
                "no client can be made: {}; are the system's certificates installed (often as `ca-certificates`)? Or name some as `ca_file`",
                whole(&error)
            ))
        })?;
        let mut token = HeaderValue::from_str(&settings.token.0)
            .map_err(|_| failed("the token holds characters that no token has".to_owned()))?;
        token.set_sensitive(true);
        Ok(Self {
            http,
            base: settings.url,
            token,
            token_header: settings.token_header,
            pace: settings.requests_per_minute.map(Pace::new),
            issues: settings.issues_per_minute.map(Pace::new),
            comments: settings.comments_per_minute.map(Pace::new),
            clock: AtomicI64::new(0),
            timeout: settings.timeout,
            not_before: Mutex::default(),
            allowance: Allowance::default(),
            under_way: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            no_token: OnceLock::new(),
            ends: settings.ends,
        })
    }

    /// Where the instance is.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// How long a request may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The instance's clock, as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        let ours = Timestamp::now();
        let ahead = self.clock.load(Ordering::Relaxed);
        ours.saturating_add(jiff::SignedDuration::from_millis(ahead))
            .unwrap_or(ours)
    }

    /// The address of a request below the instance, without a query.
    fn address(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// How many requests the whole run made, also those of a project that could not be opened.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn count(&self, meter: &Meter) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        meter.add(1);
    }

    /// Sends a request. Reads are repeated, also after errors; a write only if it surely was not
    /// carried out.
    pub(super) async fn send(&self, call: Call<'_>, meter: &Meter) -> Result<Reply, ForgeError> {
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
    fn refused(
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

    /// Whether the token is worth a request.
    fn has_token(&self, doing: &str) -> Result<(), ForgeError> {
        match self.no_token.get() {
            None => Ok(()),
            Some(said) => {
                let said = format!("{said}; it was not asked again");
                Err(ForgeError::new(ErrorKind::Token, doing, said))
            }
        }
    }

    /// Where a path leads, if that is elsewhere. Nothing is followed.
    pub(super) async fn leads_to(&self, path: &[&str], meter: &Meter) -> Option<Url> {
        let url = self.address(path);
        if !self.keep_pace(None, meter).await || self.no_token.get().is_some() {
            return None;
        }
        self.count(meter);
        let request = self.http.get(url.clone());
        let request = request.header(self.token_header, self.token.clone());
        let response = request.send().await.ok()?;
        self.hear(response.headers());
        if !response.status().is_redirection() {
            return None;
        }
        leads_to(&url, response.headers())
    }

    /// `Retry-After`, in seconds or as a date by the instance's clock.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get("retry-after")?.to_str().ok()?;
        if let Ok(seconds) = text.trim().parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let at = http_date(text)?;
        let wait = at.duration_since(self.now());
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
    }

    /// Until the next full minute of the instance, when limits begin anew that no header tells of.
    fn next_minute(&self) -> Duration {
        let into = self.now().as_second().rem_euclid(60);
        Duration::from_secs(u64::try_from(60 - into).unwrap_or(60))
    }

    /// Hears what every answer tells: the instance's clock, and what is left of its limit.
    fn hear(&self, headers: &HeaderMap) {
        let date = headers.get("date").and_then(|date| date.to_str().ok());
        if let Some(there) = date.and_then(http_date) {
            let ahead = there.as_millisecond() - Timestamp::now().as_millisecond();
            self.clock.store(ahead, Ordering::Relaxed);
        }
        if let Some(told) = Told::by(headers) {
            // The one that was answered is one of them.
            let under_way = self.under_way.load(Ordering::Relaxed).saturating_sub(1);
            let now = self.now();
            self.allowance.hear(told, now, under_way, LONGEST_PAUSE);
        }
    }

    fn not_before(&self) -> MutexGuard<'_, Option<Instant>> {
        let guard = self.not_before.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; `false` if the run is to end before it is over.
    async fn wait(&self, time: Duration, meter: &Meter) -> bool {
        let begun = Instant::now();
        let is_over = loop {
            let left = time.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break true;
            }
            if self.ends.load(Ordering::Relaxed) {
                break false;
            }
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        };
        meter.add_wait(begun.elapsed());
        is_over
    }

    /// Waits until a request may be sent without hitting a limit; `false` if the run is to end
    /// before.
    async fn keep_pace(&self, kind: Option<Kind>, meter: &Meter) -> bool {
        let special = match kind {
            Some(Kind::Issue) => &self.issues,
            Some(Kind::Comment) => &self.comments,
            None => &None,
        };
        for pace in [special, &self.pace].into_iter().flatten() {
            while let Some(wait) = pace.take() {
                if !self.wait(wait, meter).await {
                    return false;
                }
            }
        }
        loop {
            let until = *self.not_before();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let pause = left.filter(|left| !left.is_zero());
            let Some(wait) = pause.or_else(|| self.allowance.take()) else {
                return true;
            };
            if !self.wait(wait, meter).await {
                return false;
            }
        }
    }

    /// Fetches a file. Redirects to where the instance keeps files are followed without the token;
    /// one to a sign-in page is refused.
    pub(super) async fn fetch(
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

/// A request that is counted as not answered yet for as long as this lives.
struct UnderWay<'a>(&'a AtomicU64);

impl<'a> UnderWay<'a> {
    fn of(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Failed {
    /// How long to wait before the next attempt: what the server asks for, and never nothing.
    fn pause(&self, attempt: u32) -> Duration {
        let least = pause(attempt);
        self.wait.map_or(least, |wait| wait.max(least))
    }

    /// The error of the last attempt. If the server asked for a pause that nobody waits for, it says
    /// so.
    fn given_up(self) -> ForgeError {
        match self.wait.filter(|wait| *wait > LONGEST_PAUSE) {
            None => self.error,
            Some(wait) => ForgeError {
                said: format!(
                    "{}; it asks for a pause of {} s, and no pass waits longer than {} s at once",
                    self.error.said,
                    wait.as_secs(),
                    LONGEST_PAUSE.as_secs()
                ),
                ..self.error
            },
        }
    }
}

/// A file of which nothing more is accepted.
fn stalled(doing: &str) -> Failed {
    let said = "nothing more of the file was accepted, or it was not answered in time";
    Failed {
        error: ForgeError::new(ErrorKind::Unavailable, doing, said),
        not_done: false,
        may_pass: true,
        wait: None,
    }
}

fn interrupted(doing: String) -> ForgeError {
    let said = "the run was to end while this waited for the server's limits; it was not sent";
    ForgeError::new(ErrorKind::Interrupted, doing, said)
}

/// The pause before an attempt, with chance in it, so that many do not come back together.
fn pause(attempt: u32) -> Duration {
    let pause = FIRST_PAUSE * 2_u32.saturating_pow(attempt - 1);
    pause.mul_f64(0.75 + fastrand::f64() * 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_a_token_cannot_be_shown() {
        assert_eq!(format!("{:?}", Token::new(" glpat-secret \n")), "Token(…)");
    }
}
