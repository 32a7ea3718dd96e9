//! What goes on behind a pair that began to hide where it came from.

use super::KEY;
use crate::env::Env;
use crate::tracker::Tracker;
use serde_json::Value;

/// Three trackers in a row; the second pair knows no secret.
struct Chain {
    env: Env,
}

impl Chain {
    fn new() -> Self {
        let chain = Self { env: Env::empty() };
        chain.configure("");
        let source = chain.env.source();
        source.issue(1, "title: One\nauthor: alice", "One here.");
        for number in 1..=3 {
            source.comment(1, number, "author: bob", &format!("Said {number}."));
        }
        chain
    }

    fn configure(&self, first: &str) {
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  a: {{ forge: directory, path: source }}
  b: {{ forge: directory, path: target }}
  c: {{ forge: directory, path: last }}
pairs:
  - name: forth
    source: {{ instance: a, project: . }}
    target: {{ instance: b, project: . }}
    sync_existing_issues: true
{first}  - name: further
    source: {{ instance: b, project: . }}
    target: {{ instance: c, project: . }}
    sync_existing_issues: true
"
            ),
        );
    }

    fn last(&self) -> Tracker {
        Tracker::at(self.env.path("last"))
    }

    /// A pass; answers what it says of the second pair.
    fn sync(&self) -> Value {
        let args = ["sync", "--output", "json"];
        let run = self.env.run_with(&args, &[("KEY", KEY)]);
        assert_eq!(run.code, 0, "{}", run.shown());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["pairs"][1].clone()
    }

    /// The texts of the comments at the end.
    fn said(&self) -> Vec<String> {
        let issue = self.last().read(1);
        let comments = issue.comments.iter();
        comments.map(|one| one.mirrored_text().to_owned()).collect()
    }
}

#[test]
fn p2_comments_stay_behind_a_pair_that_became_opaque() {
    let chain = Chain::new();
    chain.sync();
    let all = ["Said 1.", "Said 2.", "Said 3."];
    assert_eq!(chain.said(), all);
    chain.configure("    provenance: opaque\n    provenance_key_env: KEY\n");
    let pair = chain.sync();
    assert_eq!(pair["comments"]["deleted"], 0, "{pair:#}");
    assert_eq!(chain.said(), all);
    // They follow, and go where somebody took them away.
    let source = chain.env.source();
    source.edit("issues/1/comment-0002.md", "Said 2.", "Said 2, edited.");
    source.remove("issues/1/comment-0003.md");
    chain.sync();
    assert_eq!(chain.said(), ["Said 1.", "Said 2, edited."]);
    // Of a new one nobody knows whether it came from there, which is told.
    source.comment(1, 4, "author: bob", "Said 4.");
    let pair = chain.sync();
    assert_eq!(chain.said(), ["Said 1.", "Said 2, edited."]);
    let told = pair["not_carried"].to_string();
    assert!(told.contains("provenance_key_env"), "{pair:#}");
    let before = chain.last().bytes();
    chain.sync();
    assert_eq!(chain.last().bytes(), before);
}

#[test]
fn p3_comments_behind_an_opaque_pair_survive_a_lost_store() {
    let chain = Chain::new();
    chain.sync();
    chain.configure("    provenance: opaque\n    provenance_key_env: KEY\n");
    chain.sync();
    let before = chain.last().bytes();
    chain.env.lose_store();
    chain.sync();
    assert_eq!(chain.last().bytes(), before);
}
