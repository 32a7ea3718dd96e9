//! Comments and their threads.

use super::{new_comment, new_issue};
use issue_mirror::forge::Forge;
use issue_mirror::model::{CommentId, CommentPatch, IssueNumber, NewComment};
use std::collections::BTreeMap;

pub(super) async fn comments(forge: &dyn Forge) {
    let issue = forge
        .create_issue(new_issue("Comments"), &|| true)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for body in ["One", "Two", "Three"] {
        let comment = forge
            .create_comment(issue.number, new_comment(body), &|| true)
            .await
            .unwrap();
        assert_eq!(comment.text, body);
        assert!(comment.ours);
        ids.push(comment.id);
    }
    assert!(ids.is_sorted());
    let patch = CommentPatch {
        author: None,
        body: "Two, edited".into(),
    };
    let answer = forge
        .update_comment(issue.number, ids[1], patch)
        .await
        .unwrap();
    assert_eq!(answer.text, "Two, edited");
    forge.delete_comment(issue.number, ids[0]).await.unwrap();
    let threads = forge.read(vec![issue.number]).await.unwrap();
    let texts: Vec<&str> = threads[0]
        .as_ref()
        .unwrap()
        .comments
        .iter()
        .map(|comment| comment.text.as_str())
        .collect();
    assert_eq!(texts, ["Two, edited", "Three"]);
    // An id is never given twice.
    forge.delete_comment(issue.number, ids[2]).await.unwrap();
    let next = forge
        .create_comment(issue.number, new_comment("Four"), &|| true)
        .await
        .unwrap();
    assert!(next.id > ids[2]);
    if forge.capabilities().internal_notes {
        let internal = NewComment {
            internal: true,
            ..new_comment("Internal")
        };
        assert!(
            forge
                .create_comment(issue.number, internal, &|| true)
                .await
                .unwrap()
                .internal
        );
    }
    stay_in_threads(forge, issue.number, next.id, ids[2]).await;
}

/// Comments of a thread name its first one, and one whose thread is gone stands by itself.
async fn stay_in_threads(forge: &dyn Forge, issue: IssueNumber, first: CommentId, gone: CommentId) {
    let mut answers = Vec::new();
    for (body, reply_to) in [
        ("An answer", vec![gone, first]),
        ("Another", vec![first]),
        ("To nobody", vec![gone]),
    ] {
        let new = NewComment {
            reply_to,
            ..new_comment(body)
        };
        let made = forge.create_comment(issue, new, &|| true).await.unwrap();
        answers.push(made.id);
    }
    let answered = || async {
        let thread = forge.read(vec![issue]).await.unwrap().remove(0).unwrap();
        let comments = thread.comments.into_iter();
        let found = comments.map(|comment| (comment.id, comment.reply_to));
        found.collect::<BTreeMap<_, _>>()
    };
    let all = answered().await;
    assert_eq!(all[&first], None);
    let said: Vec<_> = answers.iter().map(|id| all[id]).collect();
    assert_eq!(said, [Some(first), Some(first), None]);
    // Without its first comment it is a thread still.
    forge.delete_comment(issue, first).await.unwrap();
    let left = answered().await;
    let said: Vec<_> = answers.iter().map(|id| left[id]).collect();
    assert_eq!(said, [None, Some(answers[0]), None]);
}
