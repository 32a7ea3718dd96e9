//! One HTTP client per instance: the token, limits, repeats and what an answer means. Every forge
//! with a server shares it; what is asked and answered is theirs.

use super::{ErrorKind, ForgeError, Meter};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, multipart, redirect};
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How often a request is sent that may be repeated.
const ATTEMPTS: u32 = 5;
/// The first pause between two attempts; each one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No server is waited for longer than this at once.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
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
    /// Nothing is sent before this: a limit was reached that headers told of.
    not_before: Mutex<Option<Instant>>,
    ends: Arc<AtomicBool>,
}

/// A request in the making.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Parts of the path, which are encoded one by one.
    pub(super) path: Vec<&'a str>,
    pub(super) query: Vec<(&'a str, String)>,
    pub(super) body: Body,
    /// What it counts as, where the server limits that and no header tells.
    pub(super) counts_as: Option<Kind>,
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
    Form(multipart::Form),
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
        }
    }

    pub(super) fn query(mut self, name: &'a str, value: impl fmt::Display) -> Self {
        self.query.push((name, format!("{value}")));
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
            let said = if looks_like_html(&self.body) { "it answered a page of HTML instead of JSON; is a proxy or a sign-in page in between?".to_owned() } else { format!("its answer is not of the form that it should have: {error}") };
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
        let mut body = call.body;
        let mut attempt = 1;
        loop {
            if !self.keep_pace(call.counts_as, meter).await {
                return Err(interrupted(doing));
            }
            meter.add(1);
            let repeatable = !matches!(body, Body::Form(_));
            let mut request = self
                .http
                .request(call.method.clone(), url.clone())
                .header(self.token_header, self.token.clone());
            body = match body {
                Body::Nothing => Body::Nothing,
                Body::Json(value) => {
                    request = request.json(&value);
                    Body::Json(value)
                }
                Body::Form(form) => {
                    request = request.multipart(form);
                    Body::Nothing
                }
            };
            let failed = match self.attempt(request, &doing).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            let again = repeatable && failed.may_pass && (reads || failed.not_done);
            let pause = failed.wait.unwrap_or_else(|| pause(attempt));
            if !again || attempt >= ATTEMPTS || pause > LONGEST_PAUSE {
                return Err(if failed.not_done || reads {
                    failed.error
                } else {
                    failed.error.of_unknown_fate()
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
        doing: &str,
    ) -> Result<Reply, Failed> {
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
        self.hear_clock(response.headers());
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
            self.hear_limits(&headers);
            return Ok(Reply {
                status,
                headers,
                body,
                doing: doing.to_owned(),
            });
        }
        Err(self.refused(status, &headers, &body, doing))
    }

    /// What an answer means that is no success: by its status, never by its text, which is in the
    /// language of the account.
    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8], doing: &str) -> Failed {
        let code = status.as_u16();
        let said = format!("{code} {}", what_it_said(status, headers, body));
        let kind = match code {
            401 | 403 => ErrorKind::Denied,
            404 => ErrorKind::NotFound,
            408 | 425 | 429 | 500..=599 => ErrorKind::Unavailable,
            300..=399 => ErrorKind::Rejected,
            _ => ErrorKind::Rejected,
        };
        let limited = code == 429;
        Failed {
            error: ForgeError::new(kind, doing, said),
            // A server error may come after the write; a limit comes before it.
            not_done: code < 500 && code != 408,
            may_pass: kind == ErrorKind::Unavailable,
            wait: self
                .retry_after(headers)
                .or_else(|| limited.then(|| self.next_minute())),
        }
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

    fn hear_clock(&self, headers: &HeaderMap) {
        let date = headers.get("date").and_then(|date| date.to_str().ok());
        if let Some(there) = date.and_then(http_date) {
            let ahead = there.as_millisecond() - Timestamp::now().as_millisecond();
            self.clock.store(ahead, Ordering::Relaxed);
        }
    }

    /// Remembers a limit that headers tell of, so that it is waited for before it is hit.
    fn hear_limits(&self, headers: &HeaderMap) {
        let number =
            |name: &str| -> Option<i64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
        if let (Some(0), Some(reset)) = (number("ratelimit-remaining"), number("ratelimit-reset")) {
            let wait = reset.saturating_sub(self.now().as_second());
            let wait = Duration::from_secs(u64::try_from(wait).unwrap_or(0));
            let until = Instant::now() + wait.min(LONGEST_PAUSE);
            *self.not_before() = Some(until);
        }
    }

    fn not_before(&self) -> MutexGuard<'_, Option<Instant>> {
        let guard = self.not_before.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; `false` if the run is to end before it is over.
    async fn wait(&self, time: Duration, meter: &Meter) -> bool {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            if self.ends.load(Ordering::Relaxed) {
                return false;
            }
            let now = left.min(Duration::from_millis(100));
            meter.add_wait(now);
            tokio::time::sleep(now).await;
        }
    }

    /// Waits until a request may be sent without hitting a limit; `false` if the run is to end
    /// before.
    async fn keep_pace(&self, kind: Option<Kind>, meter: &Meter) -> bool {
        loop {
            let until = *self.not_before();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            match left.filter(|left| !left.is_zero()) {
                None => break,
                Some(left) if self.wait(left, meter).await => {}
                Some(_) => return false,
            }
        }
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
        true
    }

    /// Fetches a file. A redirect to where the instance keeps files is followed once and without
    /// the token; one to a sign-in page is refused.
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
            let failed = match self.fetch_once(&url, &doing, meter).await {
                Ok(response) => return Ok((response, doing)),
                Err(failed) => failed,
            };
            let pause = failed.wait.unwrap_or_else(|| pause(attempt));
            if !failed.may_pass || attempt >= ATTEMPTS || pause > LONGEST_PAUSE {
                return Err(failed.error);
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
        meter.add(1);
        let request = self
            .http
            .get(url.clone())
            .header(self.token_header, self.token.clone());
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
        let mut response = request.send().await.map_err(unreachable)?;
        self.hear_clock(response.headers());
        self.hear_limits(response.headers());
        if response.status().is_redirection() {
            let to = response
                .headers()
                .get("location")
                .and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| url.join(to).ok());
            let Some(to) = to.filter(|to| !to.path().contains("/users/sign_in")) else {
                let said = "it wants somebody to sign in";
                return Err(failed(
                    ForgeError::new(ErrorKind::Denied, doing, said),
                    false,
                ));
            };
            meter.add(1);
            response = self.http.get(to).send().await.map_err(unreachable)?;
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let headers = response.headers().clone();
        let body = response.bytes().await.unwrap_or_default();
        Err(self.refused(status, &headers, &body, doing))
    }
}

/// How fast requests may follow each other, within any minute.
struct Pace {
    per_minute: usize,
    sent: Mutex<VecDeque<Instant>>,
}

impl Pace {
    fn new(per_minute: u64) -> Self {
        Self {
            per_minute: usize::try_from(per_minute.max(1)).unwrap_or(usize::MAX),
            sent: Mutex::default(),
        }
    }

    /// Takes a turn, or says how long to wait for one.
    fn take(&self) -> Option<Duration> {
        let minute = Duration::from_mins(1);
        let now = Instant::now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent
            .front()
            .is_some_and(|at| now.duration_since(*at) >= minute)
        {
            sent.pop_front();
        }
        if sent.len() < self.per_minute {
            sent.push_back(now);
            return None;
        }
        sent.front()
            .map(|at| minute.saturating_sub(now.duration_since(*at)))
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

/// An address without what could be secret in it.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.set_query(None);
    url.to_string()
}

/// An error with what caused it, without the address, which stands in front of it already.
fn whole(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        let part = error.to_string();
        let part = part.split(" for url (").next().unwrap_or("").to_owned();
        if !parts.contains(&part) {
            parts.push(part);
        }
        next = error.source();
    }
    let said = parts.join(": ");
    if said.contains("invalid peer certificate: UnknownIssuer") {
        return format!(
            "{said}; its certificate is not of an authority that this machine trusts: if it is of one of your own, name that one's certificate as `ca_file`"
        );
    }
    said
}

fn looks_like_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(200)]).to_lowercase();
    start.trim_start().starts_with('<')
}

/// What the forge said, short and on one line.
fn what_it_said(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    const LONGEST: usize = 300;
    if status.is_redirection() {
        let to = headers
            .get("location")
            .and_then(|to| to.to_str().ok())
            .unwrap_or("?");
        let to = to.split('?').next().unwrap_or("");
        return format!("it was moved to {to}; write its new path into the configuration");
    }
    if looks_like_html(body) {
        return "(a page of HTML)".to_owned();
    }
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            let says = |name: &str| value.get(name).map(said);
            let mut parts: Vec<String> = ["message", "error", "error_description"]
                .iter()
                .filter_map(|name| says(name))
                .collect();
            parts.dedup();
            if parts.is_empty() {
                value.to_string()
            } else {
                parts.join(": ")
            }
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", said(value)));
            fields.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A date of a header: `Sat, 21 Nov 2026 07:30:00 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    let broken = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text.trim()).ok()?;
    let time = broken.to_datetime().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_a_token_cannot_be_shown() {
        assert_eq!(format!("{:?}", Token::new(" glpat-secret \n")), "Token(…)");
    }

    #[test]
    fn dates_of_headers_are_read() {
        let read = http_date("Tue, 05 Jan 2021 11:00:00 GMT").unwrap();
        assert_eq!(read.to_string(), "2021-01-05T11:00:00Z");
        assert!(http_date("soon").is_none());
    }

    #[test]
    fn what_a_forge_says_is_shown_on_one_line() {
        let said =
            |body: &str| what_it_said(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes());
        assert_eq!(said(r#"{"message":"404 Not found"}"#), "404 Not found");
        assert_eq!(
            said(r#"{"message":{"title":["is too long", "x"]}}"#),
            "title is too long, x"
        );
        assert_eq!(
            said(r#"{"error":"invalid_token","error_description":"Token was revoked."}"#),
            "invalid_token: Token was revoked."
        );
        assert_eq!(said("<html>x"), "(a page of HTML)");
        assert_eq!(said("Retry\nlater\n"), "Retry later");
        assert_eq!(said(&"x".repeat(1000)).chars().count(), 301);
    }

    #[test]
    fn p7_an_address_is_shown_without_secrets() {
        let url: Url = "https://me:pw@h.example/a?private_token=x".parse().unwrap();
        assert_eq!(shown(&url), "https://h.example/a");
    }

    #[test]
    fn p11_a_pace_is_kept_within_any_minute() {
        let pace = Pace::new(2);
        assert!(pace.take().is_none() && pace.take().is_none());
        let wait = pace.take().unwrap();
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_mins(1));
    }
}
