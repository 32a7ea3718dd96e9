//! Requests, taken apart.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart};
use std::collections::BTreeMap;

/// A request as the answering code sees it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Parts of the path below the relative address, decoded.
    pub(crate) path: Vec<String>,
    /// The query and the texts of a form, decoded; a name may stand there several times.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// The file of a form: its name and content; of a large one only the name.
    pub(crate) file: Option<(String, Vec<u8>)>,
    /// Of a large file, how long it is and whether all of it is zeros.
    pub(crate) large: Option<(u64, bool)>,
    /// Path and query as they came.
    pub(crate) target: String,
}

/// A longer file is not kept.
const KEPT: usize = 32 * 1024 * 1024;

/// Takes a request apart; `None` if it is none.
pub(crate) async fn read(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query()?.to_string();
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let kind = headers.get("content-type").map_or("", String::as_str);
    let (mut file, mut large, mut form_fields) = (None, None, Vec::new());
    let mut bytes = Bytes::new();
    if kind.starts_with("multipart/form-data") {
        let again = axum::extract::Request::from_parts(parts.clone(), body);
        let mut form = Multipart::from_request(again, &()).await.ok()?;
        while let Some(mut field) = form.next_field().await.ok()? {
            match field.file_name().map(str::to_owned) {
                Some(name) => {
                    let (mut content, mut length, mut zeros) = (Vec::new(), 0, true);
                    while let Some(chunk) = field.chunk().await.ok()? {
                        length += chunk.len() as u64;
                        zeros &= chunk.iter().all(|byte| *byte == 0);
                        if content.len() <= KEPT {
                            content.extend_from_slice(&chunk);
                        }
                    }
                    if content.len() > KEPT {
                        content = Vec::new();
                        large = Some((length, zeros));
                    }
                    file = Some((name, content));
                }
                None => {
                    let name = field.name().unwrap_or("").to_owned();
                    form_fields.push((name, field.text().await.ok()?));
                }
            }
        }
    } else {
        bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.ok()?;
    }
    let query = parts.uri.query().unwrap_or("");
    let query = query.split('&').filter(|pair| !pair.is_empty());
    let query = query.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| decode(&text.replace('+', " "));
        (decoded(name), decoded(value))
    });
    Some(Request {
        method: parts.method.to_string(),
        path: parts.uri.path().split('/').skip(1).map(decode).collect(),
        query: query.chain(form_fields).collect(),
        headers,
        body: bytes.to_vec(),
        file,
        large,
        target,
    })
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
