//! Mutations: the same services as behind the other interface.

use super::parse::Field;
use super::{Answered, Asked, Trouble, not_there, trouble};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{issues, notes};
use crate::world::World;
use serde_json::{Value, json};

impl Asked<'_> {
    pub(super) fn mutation(&self, world: &mut World, field: &Field) -> Answered {
        if !self.writes {
            return Err(not_there());
        }
        let Some(Value::Object(input)) = self.argument(field, "input") else {
            return Err(trouble(format!("{} needs its input", field.name)));
        };
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or("");
        let is_note = field.name == "createNote";
        let (asker, iid) = if is_note {
            let place = text("noteableId").strip_prefix("gid://gitlab/Issue/");
            let id = place.and_then(|id| id.parse::<u64>().ok());
            let mut projects = world.projects.values();
            let found = projects.find_map(|project| {
                let issue = project.issues.values().find(|issue| Some(issue.id) == id)?;
                Some((project.path.clone(), issue.iid))
            });
            let (path, iid) = found.ok_or_else(not_there)?;
            let asker = self.asker(world, &path).ok_or_else(not_there)?;
            issues::visible(world, asker, iid).map_err(|_| not_there())?;
            (asker, iid)
        } else {
            let asker = self
                .asker(world, text("projectPath"))
                .ok_or_else(not_there)?;
            (asker, 0)
        };
        // The same services as behind the other interface, with the same limits.
        let mut body = input.clone();
        if let Some(at) = body.remove("createdAt") {
            body.insert("created_at".into(), at);
        }
        let parameters = Parameters::from(body);
        let (Ok(answer) | Err(answer)) = if is_note {
            notes::write(world, &parameters, asker, iid)
        } else {
            issues::open(world, &parameters, asker)
        };
        let made: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let limited = "This endpoint has been requested too many times. Try again later.";
        let errors = match answer.status {
            201 | 202 => json!([]),
            429 => {
                // A note fails by itself, an issue takes the whole answer with it.
                return Err(Trouble {
                    said: limited.to_owned(),
                    status: (!is_note).then_some(429),
                });
            }
            403 | 404 => return Err(not_there()),
            _ => json!([made["message"].to_string()]),
        };
        let iid = if is_note {
            Some(iid)
        } else {
            made["iid"].as_u64()
        };
        self.object(&field.fields, |field| {
            let issue = iid.and_then(|iid| issues::visible(world, asker, iid).ok());
            Ok(match (field.name.as_str(), issue) {
                ("errors", _) => errors.clone(),
                ("issue", Some(issue)) => return self.issue(world, asker, issue, field),
                ("note", Some(issue)) => {
                    let note = issue
                        .notes
                        .iter()
                        .find(|n| Some(n.id) == made["id"].as_u64());
                    match note {
                        Some(note) => return self.note(world, asker, issue, note, field),
                        None => Value::Null,
                    }
                }
                _ => Value::Null,
            })
        })
    }
}
