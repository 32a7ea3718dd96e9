//! `POST /projects/import-relation`: many issues with their notes from one archive (reference §7).

use super::{Answered, Asker, error, time as iso};
use crate::server::{Answer, Request};
use crate::world::{Issue, Label, Note, Role, User, World};
use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;

/// What an archive must say of the format that it is in.
const VERSION: &str = "0.2.4";
/// How long an import takes.
const TAKES: SignedDuration = SignedDuration::from_secs(5);

/// An import that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    id: u64,
    project: u64,
    user: u64,
    status: &'static str,
    begun: Timestamp,
    archive: Vec<u8>,
}

fn shown(world: &World, import: &Import) -> Value {
    json!({
        "id": import.id, "project_path": world.projects[&import.project].path,
        "relation": "issues", "status": import.status,
        "created_at": iso(import.begun), "updated_at": iso(import.begun),
    })
}

/// Takes an archive; what is in it is there a little later.
pub(super) fn begin(world: &mut World, request: &Request, user: &User) -> Answered {
    if !world.imports_enabled {
        return Err(error(403, "403 Forbidden"));
    }
    let text = |name: &str| {
        let mut texts = request.query.iter();
        texts
            .find(|(n, _)| n == name)
            .map(|(_, text)| text.as_str())
    };
    let not_found = || error(404, "404 Project Not Found");
    let mut projects = world.projects.values();
    let project = projects.find(|project| Some(project.path.as_str()) == text("path"));
    let project = project.ok_or_else(not_found)?;
    let role = project.members.get(&user.id);
    if role.is_none() && !project.public && !user.admin {
        return Err(not_found());
    }
    if role.is_none_or(|role| *role < Role::Maintainer) && !user.admin {
        return Err(error(403, "403 Forbidden"));
    }
    let (Some("issues"), Some((_, archive))) = (text("relation"), &request.file) else {
        let said = json!({ "error": "relation does not have a valid value" });
        return Err(Answer::json(400, &said));
    };
    let (project, running) = (project.id, ["created", "started"]);
    let mut known = world.imports.iter();
    if known.any(|import| import.project == project && running.contains(&import.status)) {
        let said = "A relation import is already in progress for this project";
        return Err(error(409, said));
    }
    let import = Import {
        id: world.fresh_id(),
        project,
        user: user.id,
        status: "created",
        begun: world.clock.now(),
        archive: archive.clone(),
    };
    let mut value = shown(world, &import);
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !name.ends_with("_at"));
    }
    world.imports.push(import);
    Ok(Answer::json(201, &value))
}

/// The imports of a project.
pub(super) fn list(world: &World, asker: Asker) -> Answered {
    if !asker.is_at_least(Role::Maintainer) {
        return Err(error(403, "403 Forbidden"));
    }
    let of_project = |import: &&Import| import.project == asker.project;
    let imports = world.imports.iter().filter(of_project);
    Ok(Answer::json(
        200,
        &imports.map(|i| shown(world, i)).collect(),
    ))
}

/// Carries out the imports whose time has come.
pub(super) fn carry_out(world: &mut World) {
    let now = world.clock.now();
    for at in 0..world.imports.len() {
        let import = &mut world.imports[at];
        let is_due = now.duration_since(import.begun) >= TAKES;
        if import.status != "created" || !is_due {
            continue;
        }
        let (project, user) = (import.project, import.user);
        let archive = std::mem::take(&mut import.archive);
        let files = files(&archive).unwrap_or_default();
        let text = |name: &str| files.get(name).map(|file| String::from_utf8_lossy(file));
        let is_readable = text("VERSION").is_some_and(|version| version.trim() == VERSION);
        let rows = text("tree/project/issues.ndjson").filter(|_| is_readable);
        world.imports[at].status = if rows.is_some() { "finished" } else { "failed" };
        for line in rows.unwrap_or_default().lines() {
            // A row that fails is left out, and nobody is told.
            if let Ok(row) = serde_json::from_str(line) {
                let _ = take(world, project, user, &row);
            }
        }
    }
}

/// The files of a tar archive in gzip, by their names.
fn files(archive: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut tar = Vec::new();
    GzDecoder::new(archive).read_to_end(&mut tar).ok()?;
    let (mut files, mut at) = (BTreeMap::new(), 0);
    while let Some(head) = tar.get(at..at + 512).filter(|head| head[0] != 0) {
        let text = |from: usize, to: usize| {
            let text = head[from..to].split(|byte| *byte == 0).next();
            String::from_utf8_lossy(text.unwrap_or_default())
                .trim()
                .to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).ok()?;
        let content = tar.get(at + 512..at + 512 + size)?.to_vec();
        files.insert(text(0, 100).trim_start_matches("./").to_owned(), content);
        at += 512 + size.div_ceil(512) * 512;
    }
    Some(files)
}

/// Takes a row, as it is: no commands, no mails, no limits, no times of today.
fn take(world: &mut World, project: u64, user: u64, row: &Value) -> Option<()> {
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let time = |value: &Value, name: &str| text(value, name)?.parse::<Timestamp>().ok();
    let flag = |value: &Value, name: &str| value.get(name).and_then(Value::as_bool) == Some(true);
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned();
    let iid = row.get("iid")?.as_u64()?;
    // What was there before stays as it is.
    if world.projects[&project].issues.contains_key(&iid) {
        return None;
    }
    let mut notes = Vec::new();
    for note in list(row, "notes").unwrap_or_default() {
        let (body, at) = (text(&note, "note")?, time(&note, "created_at")?);
        // Nobody is known here by the file, so everything is of whoever imports.
        let name = text(note.get("author")?, "name")?;
        let id = world.fresh_id();
        notes.push(Note {
            id,
            body: format!(
                "{body}\n\n *By {name} on {} (imported from GitLab)*",
                iso(at)
            ),
            author: user,
            created_at: at,
            updated_at: time(&note, "updated_at").unwrap_or(at),
            system: flag(&note, "system"),
            internal: flag(&note, "confidential"),
            discussion: id,
            in_thread: false,
        });
    }
    let created_at = time(row, "created_at")?;
    let issue = Issue {
        id: world.fresh_id(),
        iid,
        title: text(row, "title")?,
        description: text(row, "description"),
        open: text(row, "state")? == "opened",
        created_at,
        updated_at: time(row, "updated_at").unwrap_or(created_at),
        closed: time(row, "closed_at").map(|at| (at, user)),
        author: user,
        labels: list(row, "label_links")
            .unwrap_or_default()
            .iter()
            .filter_map(|link| text(link.get("label")?, "title"))
            .collect(),
        milestone: None,
        assignees: Vec::new(),
        due_date: text(row, "due_date"),
        start_date: None,
        health: None,
        thumbs: (0, 0),
        confidential: flag(row, "confidential"),
        issue_type: "issue".to_owned(),
        locked: false,
        weight: row.get("weight").and_then(Value::as_u64),
        epic: None,
        iteration: None,
        time_estimate: row
            .get("time_estimate")
            .and_then(Value::as_i64)
            .unwrap_or(0),
        time_spent: 0,
        notes,
        events: Vec::new(),
    };
    for name in issue.labels.clone() {
        let id = world.fresh_id();
        let labels = &mut world.projects.get_mut(&project)?.labels;
        if !labels.iter().any(|label| label.name == name) {
            labels.push(Label {
                id,
                name,
                color: "#d9534f".to_owned(),
                description: None,
                of_group: false,
            });
        }
    }
    let project = world.projects.get_mut(&project)?;
    project.issues.insert(iid, issue);
    project.next_iid = project.next_iid.max(iid + 1);
    Some(())
}
