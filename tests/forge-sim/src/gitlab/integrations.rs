//! What a project is connected with (doc/api/project_integrations.md, lib/api/integrations.rs).

use super::{Answered, Asker, error, time};
use crate::project::Project;
use crate::server::Answer;
use crate::world::{Role, World};
use serde_json::{Value, json};

impl Project {
    /// Whether another tracker is told where an issue of that is named by its key. Of all trackers that
    /// a project can have beside its own, only Jira is (`support_cross_reference?`); which events are
    /// switched on decides about commits and merge requests, and for issues there is no switch.
    pub(super) fn is_told(&self, key: &str) -> bool {
        let tracker = self.integrations.get("jira");
        let project = key.rsplit_once('-').map_or("", |(project, _)| project);
        tracker.is_some_and(|projects| projects.contains(project))
    }

    /// Connects it with something, such as `jira`, which has projects of these keys.
    pub fn connect(&mut self, with: &str, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.integrations.insert(with.to_owned(), keys);
    }
}

/// Those that are active, for who may administer the project. They come in one page, however many.
pub(super) fn list(world: &World, asker: Asker) -> Answered {
    if !asker.is_at_least(Role::Maintainer) {
        return Err(error(403, "403 Forbidden"));
    }
    let slugs = &world.projects[&asker.project].integrations;
    let made = time(world.clock.now());
    let of = |(id, slug): (usize, &String)| -> Value {
        json!({
            "id": id + 1, "title": slug, "slug": slug, "created_at": made, "updated_at": made,
            "active": true, "commit_events": true, "push_events": true, "issues_events": true,
            "confidential_issues_events": true, "merge_requests_events": true,
            "tag_push_events": true, "note_events": true, "confidential_note_events": true,
            "pipeline_events": true, "wiki_page_events": true, "job_events": true,
            "comment_on_event_enabled": true, "inherited": false,
        })
    };
    let all: Vec<Value> = slugs.keys().enumerate().map(of).collect();
    Ok(Answer::json(200, &json!(all)))
}
