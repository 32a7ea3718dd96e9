//! Projects, issues, notes and people, as far as each is asked for.

use super::parse::Field;
use super::{Answered, Asked, trouble};
use crate::gitlab::{Asker, issues, notes, person};
use crate::world::{Issue, Note, World};
use jiff::Timestamp;
use serde_json::{Value, json};

const LONGEST_PAGE: usize = 100;

impl Asked<'_> {
    pub(super) fn project(&self, world: &World, asker: Asker, field: &Field) -> Answered {
        let project = &world.projects[&asker.project];
        Ok(match field.name.as_str() {
            "id" => json!(format!("gid://gitlab/Project/{}", project.id)),
            "fullPath" => json!(project.path),
            "name" => json!(project.path.rsplit('/').next()),
            "webUrl" => json!(format!("{}/{}", world.web_address, project.path)),
            "issue" => {
                let iid = self.text(field, "iid").and_then(|iid| iid.parse().ok());
                match iid.and_then(|iid| issues::visible(world, asker, iid).ok()) {
                    Some(issue) => return self.issue(world, asker, issue, field),
                    None => Value::Null,
                }
            }
            _ => return self.issues(world, asker, field),
        })
    }

    fn issues(&self, world: &World, asker: Asker, field: &Field) -> Answered {
        let after = self.time(field, "updatedAfter")?;
        let before = self.time(field, "updatedBefore")?;
        let iids: Option<Vec<String>> = self.argument(field, "iids").map(|iids| match iids {
            Value::Array(iids) => iids
                .iter()
                .filter_map(|i| Some(i.as_str()?.into()))
                .collect(),
            Value::String(iid) => vec![iid],
            _ => Vec::new(),
        });
        let state = self.text(field, "state").filter(|state| state != "all");
        let sort = self.text(field, "sort");
        let sort = sort.as_deref().unwrap_or("CREATED_DESC").to_uppercase();
        let (by_update, ascending) = match sort.as_str() {
            "UPDATED_ASC" => (true, true),
            "UPDATED_DESC" => (true, false),
            "CREATED_ASC" => (false, true),
            "CREATED_DESC" => (false, false),
            other => return Err(trouble(format!("'{other}' is no IssueSort"))),
        };
        let mut found: Vec<&Issue> = world.projects[&asker.project]
            .issues
            .values()
            .filter(|issue| issues::sees(issue, asker))
            .filter(|issue| after.is_none_or(|after| issue.updated_at >= after))
            .filter(|issue| before.is_none_or(|before| issue.updated_at <= before))
            .filter(|issue| {
                let iid = issue.iid.to_string();
                iids.as_ref().is_none_or(|iids| iids.contains(&iid))
            })
            .filter(|issue| state.as_ref().is_none_or(|s| (s == "opened") == issue.open))
            .collect();
        let key = |issue: &Issue| {
            let at = if by_update {
                issue.updated_at
            } else {
                issue.created_at
            };
            let at = at.as_microsecond();
            // Ties by id downwards, whatever the direction, as everywhere.
            (if ascending { at } else { -at }, -i128::from(issue.id))
        };
        found.sort_by_key(|issue| key(issue));
        let cursor = |issue: &Issue| format!("{}_{}", key(issue).0, key(issue).1);
        let behind = self.text(field, "after").and_then(|cursor| {
            let (at, id) = cursor.split_once('_')?;
            Some((at.parse().ok()?, id.parse().ok()?))
        });
        let all = found.len();
        found.retain(|issue| behind.is_none_or(|behind| key(issue) > behind));
        let cursors = found.iter().map(|issue| cursor(issue)).collect();
        self.connection(field, cursors, all, |at, field| {
            self.issue(world, asker, found[at], field)
        })
    }

    /// A page of rows: those behind the cursor that was sent, by their own cursors.
    fn connection(
        &self,
        field: &Field,
        cursors: Vec<String>,
        all: usize,
        row: impl Fn(usize, &Field) -> Answered,
    ) -> Answered {
        let first = self
            .argument(field, "first")
            .and_then(|first| first.as_u64());
        let first = first.and_then(|first| usize::try_from(first).ok());
        let length = first
            .unwrap_or(LONGEST_PAGE)
            .min(LONGEST_PAGE)
            .min(cursors.len());
        self.object(&field.fields, |field| match field.name.as_str() {
            "count" => Ok(json!(all)),
            "pageInfo" => self.object(&field.fields, |field| {
                Ok(match field.name.as_str() {
                    "hasNextPage" => json!(length < cursors.len()),
                    "hasPreviousPage" => json!(cursors.len() < all),
                    "startCursor" => json!(cursors[..length].first()),
                    _ => json!(cursors[..length].last()),
                })
            }),
            _ => (0..length).map(|at| row(at, field)).collect(),
        })
    }

    pub(super) fn person(&self, world: &World, field: &Field, id: u64) -> Answered {
        let person = person(world, id);
        self.object(&field.fields, |field| {
            Ok(match field.name.as_str() {
                "id" => json!(format!("gid://gitlab/User/{id}")),
                name => person[name].clone(),
            })
        })
    }

    pub(super) fn issue(
        &self,
        world: &World,
        asker: Asker,
        issue: &Issue,
        field: &Field,
    ) -> Answered {
        let shown = issues::shown(world, asker.project, issue);
        let project = &world.projects[&asker.project];
        self.object(&field.fields, |field| {
            Ok(match field.name.as_str() {
                "id" => json!(format!("gid://gitlab/Issue/{}", issue.id)),
                "iid" => json!(issue.iid.to_string()),
                "state" | "title" | "description" | "type" | "confidential" => {
                    shown[&field.name].clone()
                }
                "discussionLocked" | "moved" => json!(false),
                "movedTo" => Value::Null,
                "createdAt" => whole_seconds(issue.created_at),
                "updatedAt" => whole_seconds(issue.updated_at),
                "closedAt" => issue
                    .closed
                    .map_or(Value::Null, |(at, _)| whole_seconds(at)),
                "dueDate" => json!(
                    issue
                        .due_date
                        .as_ref()
                        .map(|day| format!("{day}T00:00:00Z"))
                ),
                "webUrl" => shown["web_url"].clone(),
                "timeEstimate" => json!(issue.time_estimate),
                "totalTimeSpent" => json!(issue.time_spent),
                "userNotesCount" => json!(issue.comments().len()),
                "author" => return self.person(world, field, issue.author),
                "assignees" => {
                    let ids = issue.assignees.iter().map(u64::to_string).collect();
                    let row = |at: usize, f: &Field| self.person(world, f, issue.assignees[at]);
                    return self.connection(field, ids, issue.assignees.len(), row);
                }
                "labels" => {
                    let is_here = |l: &&crate::world::Label| issue.labels.contains(&l.name);
                    let labels: Vec<_> = project.labels.iter().filter(is_here).collect();
                    let ids = labels.iter().map(|label| label.id.to_string()).collect();
                    return self.connection(field, ids, labels.len(), |at, field| {
                        let label = labels[at];
                        let kind = if label.of_group {
                            "GroupLabel"
                        } else {
                            "ProjectLabel"
                        };
                        self.object(&field.fields, |field| {
                            Ok(match field.name.as_str() {
                                "id" => json!(format!("gid://gitlab/{kind}/{}", label.id)),
                                "title" => json!(label.name),
                                "color" => json!(label.color),
                                _ => json!(label.description),
                            })
                        })
                    });
                }
                "milestone" => {
                    let Some(id) = issue.milestone else {
                        return Ok(Value::Null);
                    };
                    return self.object(&field.fields, |field| {
                        Ok(match field.name.as_str() {
                            "id" => json!(format!("gid://gitlab/Milestone/{id}")),
                            "iid" => json!("1"),
                            _ => json!(project.milestones.get(&id).map(|one| &one.title)),
                        })
                    });
                }
                _ => return self.notes(world, asker, issue, field),
            })
        })
    }

    fn notes(&self, world: &World, asker: Asker, issue: &Issue, field: &Field) -> Answered {
        let filter = self
            .text(field, "filter")
            .unwrap_or_else(|| "ALL_NOTES".into());
        let is_wanted = |note: &&Note| match filter.as_str() {
            "ONLY_COMMENTS" => !note.system,
            "ONLY_ACTIVITY" => note.system,
            _ => true,
        };
        let sees = |note: &&Note| notes::sees(note, asker);
        let mut found: Vec<&Note> = issue.notes.iter().filter(is_wanted).filter(sees).collect();
        found.sort_by_key(|note| note.id);
        let all = found.len();
        let behind = self
            .text(field, "after")
            .and_then(|cursor| cursor.parse::<u64>().ok());
        found.retain(|note| behind.is_none_or(|behind| note.id > behind));
        let cursors = found.iter().map(|note| note.id.to_string()).collect();
        self.connection(field, cursors, all, |at, field| {
            self.note(world, asker, issue, found[at], field)
        })
    }

    pub(super) fn note(
        &self,
        world: &World,
        asker: Asker,
        issue: &Issue,
        note: &Note,
        field: &Field,
    ) -> Answered {
        let path = &world.projects[&asker.project].path;
        self.object(&field.fields, |field| {
            Ok(match field.name.as_str() {
                "id" => json!(format!("gid://gitlab/Note/{}", note.id)),
                "body" => json!(note.body),
                "system" => json!(note.system),
                "internal" => json!(note.internal),
                "createdAt" => whole_seconds(note.created_at),
                "updatedAt" | "lastEditedAt" => whole_seconds(note.updated_at),
                "url" => json!(format!(
                    "{}/{path}/-/issues/{}#note_{}",
                    world.web_address, issue.iid, note.id
                )),
                "author" => return self.person(world, field, note.author),
                _ => {
                    let kind = if note.in_thread {
                        "Discussion"
                    } else {
                        "IndividualNoteDiscussion"
                    };
                    let id = format!("gid://gitlab/{kind}/{:040x}", note.discussion);
                    return self.object(&field.fields, |_| Ok(json!(id)));
                }
            })
        })
    }
}

/// A time as GraphQL has it: whole seconds, cut off (reference §9.1).
fn whole_seconds(at: Timestamp) -> Value {
    json!(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
