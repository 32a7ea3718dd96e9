//! Discussions: notes that belong together (reference §2.2).

use super::issues::visible;
use super::notes::{self, Place};
use super::{Answered, Asker, Parameters, error, paged};
use crate::server::Request;
use crate::world::{Note, World};
use serde_json::{Value, json};

/// Every discussion, the notes by themselves and what the server wrote too.
pub(super) fn list(world: &World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let (page, length) = Parameters::of(request)?.page();
    let issue = visible(world, asker, iid)?;
    let mut found: Vec<(u64, Vec<&Note>)> = Vec::new();
    for note in issue.notes.iter().filter(|note| notes::sees(note, asker)) {
        match found.iter_mut().find(|(id, _)| *id == note.discussion) {
            Some((_, notes)) => notes.push(note),
            None => found.push((note.discussion, vec![note])),
        }
    }
    let rows = found.into_iter().map(|(id, notes)| {
        let shown = notes
            .iter()
            .map(|note| notes::shown(world, asker, iid, note));
        json!({
            "id": name(id), "individual_note": !notes[0].in_thread,
            "notes": shown.collect::<Vec<Value>>(),
        })
    });
    Ok(paged(rows.collect(), page, length))
}

/// Begins a thread. Nobody but members sees it only if its first note was written as such a note:
/// there is no such parameter here.
pub(super) fn create(world: &mut World, request: &Request, asker: Asker, iid: u64) -> Answered {
    let place = Place {
        discussion: None,
        in_thread: true,
        internal: false,
    };
    let mut answer = notes::write_in(world, &Parameters::of(request)?, asker, iid, place)?;
    let note: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(id) = note["id"].as_u64() {
        let body = json!({ "id": name(id), "individual_note": false, "notes": [note] });
        answer.body = body.to_string().into_bytes();
    }
    Ok(answer)
}

/// Answers in a discussion; who sees the answer follows from its first note.
pub(super) fn reply(
    world: &mut World,
    request: &Request,
    asker: Asker,
    iid: u64,
    discussion: &str,
) -> Answered {
    let mut seen = visible(world, asker, iid)?.notes.iter();
    let first = seen.find(|note| name(note.discussion) == discussion && notes::sees(note, asker));
    let first = first.ok_or_else(|| error(404, "404 Discussion Not Found"))?;
    if first.system {
        return Err(error(
            400,
            "400 Bad request - Discussion can not be replied to.",
        ));
    }
    let place = Place {
        discussion: Some(first.discussion),
        in_thread: true,
        internal: first.internal,
    };
    notes::write_in(world, &Parameters::of(request)?, asker, iid, place)
}

fn name(discussion: u64) -> String {
    format!("{discussion:040x}")
}
