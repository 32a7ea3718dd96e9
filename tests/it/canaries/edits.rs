//! What people do on the source, with a word of its own for each thing that they write.

use super::known::{EXCLUDED, Known};
use crate::chance::{Which, which};
use forge_sim::{Label, Milestone, Role, World};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    Open {
        hidden: bool,
        file: bool,
    },
    Retitle(Which),
    Rewrite(Which, bool),
    Label(Which),
    Milestone(Which),
    /// What one of its labels is about becomes something else.
    Describe(Which),
    /// Its milestone and one of its labels are called otherwise, for all that have them.
    Rename(Which),
    /// It is somebody's, and an incident.
    Assign(Which),
    Comment {
        to: Which,
        internal: bool,
        file: bool,
    },
    Reply(Which, Which),
    Reword(Which, Which, bool),
    RemoveComment(Which, Which),
    /// Confidential or not.
    HideOrShow(Which),
    /// By a label.
    Exclude(Which),
    /// A thread becomes internal, or not any more.
    HideOrShowThread(Which, Which),
    /// It becomes confidential, and what is written then is about that.
    HideAndWrite(Which),
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let yes = any::<bool>;
    prop_oneof![
        3 => (prop::bool::weighted(0.4), yes()).prop_map(|(hidden, file)| Edit::Open { hidden, file }),
        1 => which().prop_map(Edit::Retitle),
        2 => (which(), yes()).prop_map(|(i, file)| Edit::Rewrite(i, file)),
        2 => which().prop_map(Edit::Label),
        1 => which().prop_map(Edit::Milestone),
        1 => which().prop_map(Edit::Describe),
        1 => which().prop_map(Edit::Rename),
        1 => which().prop_map(Edit::Assign),
        3 => (which(), yes(), prop::bool::weighted(0.3))
            .prop_map(|(to, internal, file)| Edit::Comment { to, internal, file }),
        3 => (which(), which()).prop_map(|(i, c)| Edit::Reply(i, c)),
        2 => (which(), which(), prop::bool::weighted(0.3)).prop_map(|(i, c, f)| Edit::Reword(i, c, f)),
        1 => (which(), which()).prop_map(|(i, c)| Edit::RemoveComment(i, c)),
        4 => which().prop_map(Edit::HideOrShow),
        2 => which().prop_map(Edit::Exclude),
        2 => (which(), which()).prop_map(|(i, c)| Edit::HideOrShowThread(i, c)),
        3 => which().prop_map(Edit::HideAndWrite),
    ]
}

/// The projects, and who writes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) source: u64,
    pub(super) target: u64,
    pub(super) alice: u64,
}

/// A text with a word in it, and perhaps a file whose name and content have one too.
fn text(world: &mut World, known: &mut Known, place: Place, file: bool) -> String {
    let text = format!("Text {}.", known.word());
    if !file {
        return text;
    }
    let (name, content) = (format!("{}.txt", known.word()), known.word());
    let secret = format!("{:032x}", world.fresh_id());
    let uploads = &mut world.projects.get_mut(&place.source).unwrap().uploads;
    uploads.insert((secret.clone(), name.clone()), content.into_bytes());
    format!("{text}\n\n[file](/uploads/{secret}/{name})")
}

/// An edit as a person makes it in the browser.
pub(super) fn carry_out(world: &mut World, known: &mut Known, place: Place, edit: Edit) {
    let Place { source, alice, .. } = place;
    let now = world.clock.now();
    let (Edit::Retitle(which)
    | Edit::Rewrite(which, _)
    | Edit::Label(which)
    | Edit::Milestone(which)
    | Edit::Describe(which)
    | Edit::Rename(which)
    | Edit::Assign(which)
    | Edit::Comment { to: which, .. }
    | Edit::Reply(which, _)
    | Edit::Reword(which, ..)
    | Edit::RemoveComment(which, _)
    | Edit::HideOrShow(which)
    | Edit::Exclude(which)
    | Edit::HideOrShowThread(which, _)
    | Edit::HideAndWrite(which)) = edit
    else {
        if let Edit::Open { hidden, file } = edit {
            let text = text(world, known, place, file);
            let iid = world.open_issue(source, alice, &format!("Title {}", known.word()), &text);
            world.issue_mut(source, iid).confidential = hidden;
        }
        return;
    };
    let count = world.projects[&source].issues.len();
    let Some(iid) = world.projects[&source]
        .issues
        .keys()
        .nth(which % count.max(1))
        .copied()
    else {
        return;
    };
    let notes = world.issue(source, iid).notes.len();
    let at = |which: Which| (notes > 0).then(|| which % notes);
    match edit {
        Edit::Open { .. } => {}
        Edit::Retitle(_) => world.issue_mut(source, iid).title = format!("Title {}", known.word()),
        Edit::Rewrite(_, file) => {
            let text = text(world, known, place, file);
            world.issue_mut(source, iid).description = Some(text);
        }
        Edit::Label(_) => {
            let (id, name) = (world.fresh_id(), known.word());
            let label = Label {
                id,
                name: name.clone(),
                color: "#ff0000".to_owned(),
                description: Some(format!("About {name}.")),
                of_group: false,
            };
            world.projects.get_mut(&source).unwrap().labels.push(label);
            world.issue_mut(source, iid).labels.insert(name);
        }
        Edit::Milestone(_) => {
            let (id, title) = (world.fresh_id(), known.word());
            let milestone = Milestone {
                title,
                ..Milestone::default()
            };
            let project = world.projects.get_mut(&source).unwrap();
            project.milestones.insert(id, milestone);
            world.issue_mut(source, iid).milestone = Some(id);
        }
        Edit::Describe(_) => {
            let about = known.word();
            let labels = world.issue(source, iid).labels.clone();
            let project = world.projects.get_mut(&source).unwrap();
            let mut all = project.labels.iter_mut();
            if let Some(label) = all.find(|label| labels.contains(&label.name)) {
                label.description = Some(format!("Now about {about}."));
            }
        }
        Edit::Rename(_) => rename(world, known, source, iid),
        Edit::Assign(_) => {
            let id = world.add_user(&known.word());
            world.set_role(source, id, Role::Developer);
            let issue = world.issue_mut(source, iid);
            issue.assignees = vec![id];
            "incident".clone_into(&mut issue.issue_type);
        }
        Edit::Comment { internal, file, .. } => {
            let text = text(world, known, place, file);
            let id = world.comment(source, iid, alice, &text);
            let notes = &mut world.issue_mut(source, iid).notes;
            notes
                .iter_mut()
                .find(|note| note.id == id)
                .unwrap()
                .internal = internal;
            return;
        }
        Edit::Reply(_, to) => {
            if let Some(at) = at(to) {
                let to = world.issue(source, iid).notes[at].id;
                let text = text(world, known, place, false);
                world.reply(source, iid, to, alice, &text);
            }
            return;
        }
        Edit::Reword(_, which, file) => {
            let Some(at) = at(which) else { return };
            let text = text(world, known, place, file);
            let note = &mut world.issue_mut(source, iid).notes[at];
            note.body = text;
            note.updated_at = now;
        }
        Edit::RemoveComment(_, which) => {
            if let Some(at) = at(which) {
                world.issue_mut(source, iid).notes.remove(at);
            }
            // It leaves no trace in the time of the issue.
            return;
        }
        Edit::HideOrShow(_) => {
            let issue = world.issue_mut(source, iid);
            issue.confidential = !issue.confidential;
        }
        Edit::Exclude(_) => {
            let labels = &mut world.issue_mut(source, iid).labels;
            if !labels.remove(EXCLUDED) {
                labels.insert(EXCLUDED.to_owned());
            }
        }
        Edit::HideOrShowThread(_, which) => {
            let Some(at) = at(which) else { return };
            let notes = &mut world.issue_mut(source, iid).notes;
            let (thread, internal) = (notes[at].discussion, !notes[at].internal);
            for note in notes.iter_mut().filter(|note| note.discussion == thread) {
                note.internal = internal;
            }
        }
        Edit::HideAndWrite(_) => {
            world.issue_mut(source, iid).confidential = true;
            let text = text(world, known, place, true);
            world.issue_mut(source, iid).description = Some(text);
            let comment = format!("Text {}.", known.word());
            world.comment(source, iid, alice, &comment);
        }
    }
    world.issue_mut(source, iid).updated_at = now;
}

/// The milestone of an issue and one of its labels are called otherwise.
fn rename(world: &mut World, known: &mut Known, source: u64, iid: u64) {
    let now = world.clock.now();
    let (title, name) = (known.word(), known.word());
    let issue = world.issue(source, iid);
    let (milestone, before) = (issue.milestone, issue.labels.first().cloned());
    let project = world.projects.get_mut(&source).unwrap();
    if let Some(milestone) = milestone.and_then(|id| project.milestones.get_mut(&id)) {
        milestone.title = title;
    }
    let Some(before) = before.filter(|name| name != EXCLUDED) else {
        return;
    };
    for found in project.labels.iter_mut().filter(|l| l.name == before) {
        found.name.clone_from(&name);
    }
    for issue in project.issues.values_mut() {
        if issue.labels.remove(&before) {
            issue.labels.insert(name.clone());
            issue.updated_at = now;
        }
    }
}
