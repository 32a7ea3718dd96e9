//! What is asked of a server, and what it answers where that succeeds.

use super::Outgoing;
use super::answers::looks_like_html;
use crate::forge::{ErrorKind, ForgeError, Sending};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::fmt;

/// A request in the making.
pub(in crate::forge) struct Call<'a> {
    pub(in crate::forge) method: Method,
    /// Parts of the path, which are encoded one by one.
    pub(in crate::forge) path: Vec<&'a str>,
    pub(in crate::forge) query: Vec<(&'a str, String)>,
    pub(in crate::forge) body: Body,
    /// What it counts as, where the server limits that and no header tells.
    pub(in crate::forge) counts_as: Option<Kind>,
    /// Who is told each time that it is about to leave.
    pub(super) sending: Option<Sending<'a>>,
    /// Whatever comes of it, it is not sent again.
    pub(in crate::forge) once: bool,
}

/// What servers limit beside requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::forge) enum Kind {
    /// A new issue.
    Issue,
    /// A new comment.
    Comment,
}

/// What a request carries.
#[derive(Debug)]
pub(in crate::forge) enum Body {
    Nothing,
    Json(Value),
    File(Outgoing),
}

impl<'a> Call<'a> {
    pub(in crate::forge) fn get(path: Vec<&'a str>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(in crate::forge) fn new(method: Method, path: Vec<&'a str>) -> Self {
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

    pub(in crate::forge) fn query(mut self, name: &'a str, value: impl fmt::Display) -> Self {
        self.query.push((name, format!("{value}")));
        self
    }

    /// Tells each time that it is about to leave.
    pub(in crate::forge) fn telling(mut self, sending: Sending<'a>) -> Self {
        self.sending = Some(sending);
        self
    }

    pub(in crate::forge) fn counts_as(mut self, kind: Kind) -> Self {
        self.counts_as = Some(kind);
        self
    }

    pub(in crate::forge) fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }
}

/// What came back of a request that succeeded.
#[derive(Debug)]
pub(in crate::forge) struct Reply {
    pub(in crate::forge) status: StatusCode,
    pub(in crate::forge) headers: HeaderMap,
    pub(in crate::forge) body: Vec<u8>,
    /// What was done, for messages.
    pub(in crate::forge) doing: String,
}

impl Reply {
    /// The answer as JSON of this form.
    pub(in crate::forge) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, ForgeError> {
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
    pub(in crate::forge) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
