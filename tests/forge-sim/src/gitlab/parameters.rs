//! What requests say, and pages of lists.

use crate::server::{Answer, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn bad_parameter(said: &str) -> Answer {
    Answer::json(400, &json!({ "error": said }))
}

/// Whether a text in a request has a character that is nothing.
pub(super) fn has_nul(request: &Request) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(values) => values.iter().any(within),
            Value::Object(fields) => fields.values().any(within),
            _ => false,
        }
    }
    // Most have not even the letters of it.
    let may_have = request.body.windows(6).any(|part| part == b"\\u0000");
    let body = may_have.then(|| serde_json::from_slice(&request.body));
    let in_body = body.is_some_and(|body| body.is_ok_and(|body| within(&body)));
    in_body || request.query.iter().any(|(_, value)| value.contains('\0'))
}

/// What a request says: JSON or a form in its body, and the query.
pub(super) struct Parameters(serde_json::Map<String, Value>);

impl From<serde_json::Map<String, Value>> for Parameters {
    fn from(fields: serde_json::Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl Parameters {
    pub(super) fn of(request: &Request) -> Result<Self, Answer> {
        let mut map = serde_json::Map::new();
        if !request.body.is_empty() {
            match serde_json::from_slice(&request.body) {
                Ok(Value::Object(body)) => map = body,
                _ => {
                    return Err(bad_parameter(
                        "The provided content-type or body is not supported.",
                    ));
                }
            }
        }
        for (name, value) in &request.query {
            if let Some(list) = name.strip_suffix("[]") {
                let entry = map.entry(list.to_owned()).or_insert_with(|| json!([]));
                if let Value::Array(items) = entry {
                    items.push(json!(value));
                }
            } else {
                map.insert(name.clone(), json!(value));
            }
        }
        Ok(Self(map))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn bool(&self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Answer> {
        self.text(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| bad_parameter(&format!("{name} is invalid")))
            })
            .transpose()
    }

    /// A list, or a text with commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(match self.0.get(name)? {
            // What is in a list is divided too (gitlabhq, comma_separated_to_array.rb).
            Value::Array(items) => items
                .iter()
                .flat_map(|item| {
                    let text = item.as_str().map(str::to_owned);
                    divided(&text.unwrap_or_else(|| item.to_string()))
                })
                .collect(),
            Value::String(text) => divided(text),
            _ => Vec::new(),
        })
    }

    /// Page and length of a page.
    pub(super) fn page(&self) -> (usize, usize) {
        let number = |name, default| self.number(name).unwrap_or(default);
        let page = number("page", 1).max(1);
        let length = number("per_page", 20).clamp(1, 100);
        (
            usize::try_from(page).unwrap_or(1),
            usize::try_from(length).unwrap_or(20),
        )
    }
}

/// One page of a list, with its headers (reference §1.3).
pub(super) fn paged(items: Vec<Value>, page: usize, length: usize) -> Answer {
    let total = items.len();
    let start = (page - 1).saturating_mul(length).min(total);
    let end = (start + length).min(total);
    let body = Value::Array(items[start..end].to_vec());
    let next = if end < total {
        (page + 1).to_string()
    } else {
        String::new()
    };
    let answer = Answer::json(200, &body)
        .with("x-page", page)
        .with("x-per-page", length)
        .with("x-next-page", next);
    if total > 10_000 {
        return answer;
    }
    answer
        .with("x-total", total)
        .with("x-total-pages", total.div_ceil(length))
}

fn divided(text: &str) -> Vec<String> {
    let parts = text.split(',').map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}
