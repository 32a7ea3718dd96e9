//! What an answer means that is no success, in words for a person. By its status, never by its text,
//! which is in the language of the account.

use super::super::ErrorKind;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

/// What a caller can make of an answer, and what is said of it.
pub(super) fn meaning(
    base: &Url,
    url: &Url,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> (ErrorKind, String) {
    let code = status.as_u16();
    if status.is_redirection() {
        let (kind, said) = elsewhere(base, url, headers);
        return (kind, format!("{code} {said}"));
    }
    let mut said = what_it_said(body);
    // Often the text begins with the status.
    if let Some(rest) = said.strip_prefix(&format!("{code} ")) {
        said = rest.to_owned();
    }
    let said = format!("{code} {said}");
    let error = serde_json::from_slice::<Value>(body).ok();
    let error = error.as_ref().and_then(|body| body.get("error")?.as_str());
    match (code, error) {
        (401, Some("invalid_token")) | (403, Some("insufficient_scope")) => {
            (ErrorKind::Token, said)
        }
        (401, _) => (
            ErrorKind::Token,
            format!("{said}; it knows no such token, or not any more"),
        ),
        (403, _) => (ErrorKind::Denied, said),
        (404, _) => (ErrorKind::NotFound, said),
        (408 | 425 | 429 | 500..=599, _) => (ErrorKind::Unavailable, said),
        _ => (ErrorKind::Rejected, said),
    }
}

/// Where a redirect leads. None is followed: it could carry the token to somebody else.
fn elsewhere(base: &Url, url: &Url, headers: &HeaderMap) -> (ErrorKind, String) {
    let Some(to) = leads_to(url, headers) else {
        return (
            ErrorKind::Rejected,
            "it does not say where it is".to_owned(),
        );
    };
    if to.path().ends_with("/users/sign_in") {
        let said = "it wants somebody to sign in: is `url` the whole address of the instance, with the path below which it is?";
        return (ErrorKind::Denied, said.to_owned());
    }
    if to.origin() == base.origin() {
        let to = to.path();
        let said = format!("it was moved to {to}; write its new path into the configuration");
        return (ErrorKind::Moved, said);
    }
    let mut there = to.clone();
    there.set_query(None);
    there.set_fragment(None);
    let below = url.path().strip_prefix(base.path().trim_end_matches('/'));
    let prefix = below.and_then(|below| to.path().strip_suffix(below));
    let Some(prefix) = prefix else {
        let there = to.origin().ascii_serialization();
        let said = format!(
            "it leads to {there}, which is not this instance, and nothing was sent there: was the instance moved, or does a sign-in page stand in front of it?"
        );
        return (ErrorKind::Moved, said);
    };
    there.set_path(prefix);
    let there = shown(&there);
    let there = there.trim_end_matches('/');
    let said = format!(
        "the instance is at {there} now, and nothing was sent there, because the token is meant for {}; if that is right, write `url: {there}` into the configuration; issues are known by their instance, so every pair with it then begins anew and needs a target without the copies of before",
        base.origin().ascii_serialization()
    );
    (ErrorKind::Moved, said)
}

/// Where a redirect leads.
pub(super) fn leads_to(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let to = headers.get("location")?.to_str().ok()?;
    url.join(to).ok()
}

/// Where a redirect to a file leads, or why it is not followed.
pub(super) fn where_files_are(at: &Url, headers: &HeaderMap) -> Result<Url, (ErrorKind, String)> {
    let Some(to) = leads_to(at, headers) else {
        let said = "it does not say where the file is".to_owned();
        return Err((ErrorKind::Rejected, said));
    };
    if to.path().contains("/users/sign_in") {
        return Err((ErrorKind::Denied, "it wants somebody to sign in".to_owned()));
    }
    let is_safe = to.scheme() == "https" || (to.scheme() == "http" && at.scheme() == "http");
    if !is_safe {
        let there = to.scheme();
        let said = format!(
            "it leads from {} to {there}, which is not followed",
            at.scheme()
        );
        return Err((ErrorKind::Rejected, said));
    }
    Ok(to)
}

/// An address without what could be secret in it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.set_query(None);
    url.to_string()
}

/// An error with what caused it, without the address, which stands in front of it already.
pub(super) fn whole(error: &dyn std::error::Error) -> String {
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
    if said.contains("InvalidContentType") {
        return format!("{said}; what answers there speaks no TLS: does `url` begin with http://?");
    }
    said
}

pub(super) fn looks_like_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(200)]).to_lowercase();
    start.trim_start().starts_with('<')
}

/// What the forge said, short and on one line.
fn what_it_said(body: &[u8]) -> String {
    const LONGEST: usize = 300;
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
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    let broken = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text.trim()).ok()?;
    let time = broken.to_datetime().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headers_are_read() {
        let read = http_date("Tue, 05 Jan 2021 11:00:00 GMT").unwrap();
        assert_eq!(read.to_string(), "2021-01-05T11:00:00Z");
        assert!(http_date("soon").is_none());
    }

    #[test]
    fn what_a_forge_says_is_shown_on_one_line() {
        let said = |body: &str| what_it_said(body.as_bytes());
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

    fn redirected(base: &str, below: &str, to: &str) -> (ErrorKind, String) {
        let base: Url = base.parse().unwrap();
        let url = format!("{}{below}?private=1", base.as_str().trim_end_matches('/'));
        let mut headers = HeaderMap::new();
        headers.insert("location", to.parse().unwrap());
        let moved = StatusCode::MOVED_PERMANENTLY;
        meaning(&base, &url.parse().unwrap(), moved, &headers, b"")
    }

    #[test]
    fn a_redirect_says_where_it_leads_and_what_to_write() {
        let below = "/api/v4/projects/a%2Fb/issues";
        for (base, to, kind, part) in [
            (
                "https://old.example",
                format!("https://new.example{below}?page=1"),
                ErrorKind::Moved,
                "write `url: https://new.example` into",
            ),
            (
                "http://old.example/git",
                format!("https://old.example:8443/code{below}"),
                ErrorKind::Moved,
                "write `url: https://old.example:8443/code` into",
            ),
            (
                "https://old.example",
                "https://sso.example/login?back=x".to_owned(),
                ErrorKind::Moved,
                "it leads to https://sso.example, which is not this instance",
            ),
            (
                "https://old.example",
                "/api/v4/projects/7/issues?page=1".to_owned(),
                ErrorKind::Moved,
                "it was moved to /api/v4/projects/7/issues; write its new path",
            ),
            (
                "https://old.example",
                "/users/sign_in".to_owned(),
                ErrorKind::Denied,
                "wants somebody to sign in",
            ),
        ] {
            let (found, said) = redirected(base, below, &to);
            assert_eq!(found, kind, "{said}");
            assert!(said.starts_with("301 ") && said.contains(part), "{said}");
            assert!(
                !said.contains("private") && !said.contains("back="),
                "{said}"
            );
        }
    }

    #[test]
    fn a_token_that_opens_nothing_is_told_from_a_right_that_is_missing() {
        let url: Url = "https://h.example/api".parse().unwrap();
        let means = |code: u16, body: &str| {
            let status = StatusCode::from_u16(code).unwrap();
            meaning(&url, &url, status, &HeaderMap::new(), body.as_bytes())
        };
        for (code, body, kind, expected) in [
            (
                401,
                r#"{"error":"invalid_token","error_description":"Token is expired."}"#,
                ErrorKind::Token,
                "401 invalid_token: Token is expired.",
            ),
            (
                401,
                r#"{"message":"401 Unauthorized"}"#,
                ErrorKind::Token,
                "401 Unauthorized; it knows no such token, or not any more",
            ),
            (
                403,
                r#"{"error":"insufficient_scope"}"#,
                ErrorKind::Token,
                "403 insufficient_scope",
            ),
            (
                403,
                r#"{"message":"403 Forbidden"}"#,
                ErrorKind::Denied,
                "403 Forbidden",
            ),
        ] {
            assert_eq!(means(code, body), (kind, expected.to_owned()));
        }
    }
}
