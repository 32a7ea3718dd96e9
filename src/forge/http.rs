//! One HTTP client per instance: the token, limits, repeats and what an answer means. Every forge
//! with a server shares it; what is asked and answered is theirs.

mod answers;
mod call;
mod failed;
mod fetch;
mod limits;
mod outgoing;
mod send;
mod waits;

use self::answers::{leads_to, shown, whole};
pub(super) use self::call::{Body, Call, Kind, Reply};
use self::limits::{Allowance, Pace};
pub(super) use self::outgoing::Outgoing;
use super::{ErrorKind, ForgeError, Meter};
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use reqwest::redirect;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use url::Url;

/// No file takes longer to come or go, however slow the line is.
const LONGEST_FILE: Duration = Duration::from_hours(2);

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_a_token_cannot_be_shown() {
        assert_eq!(format!("{:?}", Token::new(" glpat-secret \n")), "Token(…)");
    }
}
