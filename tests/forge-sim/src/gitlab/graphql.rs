//! `POST /api/graphql`: enough to read issues with their notes and to write some (reference §6).
//!
//! A document is checked as a whole first; then its fields are answered one after the other, and what
//! one mutation did stays although the next one fails.

mod parse;
mod read;
mod schema;
mod write;

use self::parse::{Field, Operation};
use super::Asker;
use crate::server::{Answer, Request};
use crate::world::{User, World};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const LONGEST_TEXT: usize = 10_000;
const MOST_COMPLEX: u64 = 250;

/// Why a field has no value: the message, and whether it spoils the whole answer.
struct Trouble {
    said: String,
    status: Option<u16>,
}

type Answered = Result<Value, Trouble>;

fn trouble(said: impl Into<String>) -> Trouble {
    Trouble {
        said: said.into(),
        status: None,
    }
}

fn not_there() -> Trouble {
    trouble(
        "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
    )
}

fn failed(status: u16, said: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [{ "message": said }] }))
}

/// An answer to somebody whose token opens nothing.
pub(super) fn no_token() -> Answer {
    failed(401, "Invalid token")
}

/// What is asked, with the values of its variables.
struct Asked<'a> {
    user: &'a User,
    /// The token may write.
    writes: bool,
    variables: Map<String, Value>,
    score: u64,
}

/// Answers a document.
pub(super) fn answer(world: &mut World, request: &Request, user: &User, writes: bool) -> Answer {
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&request.body) else {
        return failed(422, "Unexpected end of document");
    };
    let text = body.get("query").and_then(Value::as_str).unwrap_or("");
    if text.len() > LONGEST_TEXT {
        return failed(422, "Query too large");
    }
    let operations = match parse::parse(text) {
        Ok(operations) => operations,
        Err(said) => return failed(200, &said),
    };
    let wanted = body.get("operationName").and_then(Value::as_str);
    let mut found = operations.iter();
    let operation = found.find(|operation| wanted.is_none() || operation.name.as_deref() == wanted);
    let Some(operation) = operation else {
        return failed(200, "No operation named in the document");
    };
    let mut variables = match body.get("variables") {
        Some(Value::Object(given)) => given.clone(),
        _ => Map::new(),
    };
    for variable in &operation.variables {
        let default = variable.default.as_ref().and_then(|d| d.value(&Map::new()));
        if let (false, Some(default)) = (variables.contains_key(&variable.name), default) {
            variables.insert(variable.name.clone(), default);
        }
    }
    let wrong = schema::check(operation, &variables);
    if !wrong.is_empty() {
        let errors: Vec<Value> = wrong
            .iter()
            .map(|said| json!({ "message": said }))
            .collect();
        return Answer::json(200, &json!({ "errors": errors }));
    }
    let score = schema::complexity(operation, &variables);
    if score > MOST_COMPLEX {
        let said = format!(
            "Query has complexity of {score}, which exceeds max complexity of {MOST_COMPLEX}"
        );
        return failed(200, &said);
    }
    let asked = Asked {
        user,
        writes,
        variables,
        score,
    };
    carry_out(world, &asked, operation)
}

fn carry_out(world: &mut World, asked: &Asked<'_>, operation: &Operation) -> Answer {
    let (mut data, mut errors) = (Map::new(), Vec::new());
    for field in &operation.fields {
        let answered = if operation.is_mutation {
            asked.mutation(world, field)
        } else {
            asked.root(world, field)
        };
        let value = match answered {
            Ok(value) => value,
            // One refusal for all, although what came before it was carried out (reference §6.4).
            Err(Trouble {
                said,
                status: Some(status),
            }) => return failed(status, &said),
            Err(Trouble { said, .. }) => {
                errors.push(json!({
                    "message": said, "path": [field.alias],
                    "locations": [{ "line": field.line, "column": field.column }],
                }));
                Value::Null
            }
        };
        data.insert(field.alias.clone(), value);
    }
    let mut body = json!({ "data": data });
    if !errors.is_empty() {
        body["errors"] = Value::Array(errors);
    }
    Answer::json(200, &body)
}

impl Asked<'_> {
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let mut arguments = field.arguments.iter();
        let value = arguments
            .find(|(n, _)| n == name)?
            .1
            .value(&self.variables)?;
        Some(value).filter(|value| !value.is_null())
    }

    fn text(&self, field: &Field, name: &str) -> Option<String> {
        Some(self.argument(field, name)?.as_str()?.to_owned())
    }

    fn time(&self, field: &Field, name: &str) -> Result<Option<Timestamp>, Trouble> {
        let text = self.text(field, name);
        text.map(|text| {
            text.parse()
                .map_err(|_| trouble(format!("{name} is no Time")))
        })
        .transpose()
    }

    /// Puts together what is asked for of an object.
    fn object(&self, fields: &[Field], mut value: impl FnMut(&Field) -> Answered) -> Answered {
        let mut object = Map::new();
        for field in fields {
            object.insert(field.alias.clone(), value(field)?);
        }
        Ok(Value::Object(object))
    }

    fn root(&self, world: &World, field: &Field) -> Answered {
        match field.name.as_str() {
            "queryComplexity" => self.object(&field.fields, |field| {
                let is_score = field.name == "score";
                Ok(json!(if is_score { self.score } else { MOST_COMPLEX }))
            }),
            "currentUser" => self.person(world, field, self.user.id),
            _ => {
                let path = self.text(field, "fullPath").unwrap_or_default();
                let Some(asker) = self.asker(world, &path) else {
                    return Ok(Value::Null);
                };
                self.object(&field.fields, |field| self.project(world, asker, field))
            }
        }
    }

    /// What the account may do in a project; `None` if it is not there for it.
    fn asker(&self, world: &World, path: &str) -> Option<Asker> {
        let mut projects = world.projects.values();
        let project = projects.find(|project| project.path.eq_ignore_ascii_case(path))?;
        let role = project.members.get(&self.user.id).copied();
        let sees = role.is_some() || project.public || self.user.admin;
        sees.then_some(Asker {
            user: self.user.id,
            admin: self.user.admin,
            role,
            project: project.id,
        })
    }
}
