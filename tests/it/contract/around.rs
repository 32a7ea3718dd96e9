//! What there is beside issues: labels, listings, files, what is missing, and which project it is.

use super::{Fixture, new_comment, new_issue, version};
use issue_mirror::forge::{Download, ErrorKind, Forge, LocalFile, Upload};
use issue_mirror::model::{CommentId, CommentPatch, Digest, IssueNumber, Label, NewIssue, Patch};

pub(super) async fn labels(forge: &dyn Forge) {
    let label = |name: &str, color: &str| Label {
        name: name.into(),
        color: Some(color.into()),
        description: "What it means".into(),
        archived: false,
    };
    forge.create_label(label("a::b", "#ff0000")).await.unwrap();
    forge.create_label(label("c d", "#00ff00")).await.unwrap();
    // One that is there already is no error and stays.
    forge.create_label(label("c d", "#0000ff")).await.unwrap();
    let known = forge.labels().await.unwrap();
    assert!(known.contains(&label("a::b", "#ff0000")) && known.contains(&label("c d", "#00ff00")));
    forge.update_label(label("c d", "#0000ff")).await.unwrap();
    assert!(
        forge
            .labels()
            .await
            .unwrap()
            .contains(&label("c d", "#0000ff"))
    );
    let issue = NewIssue {
        labels: vec!["a::b".into()],
        ..new_issue("Labels")
    };
    let issue = forge.create_issue(issue, &|| true).await.unwrap();
    assert_eq!(issue.labels, ["a::b".to_owned()].into());
    let patch = Patch {
        add_labels: vec!["c d".into()],
        remove_labels: vec!["a::b".into(), "never there".into()],
        ..Patch::default()
    };
    let issue = forge
        .update_issue(issue.number, patch, &|| true)
        .await
        .unwrap();
    assert_eq!(issue.labels, ["c d".to_owned()].into());
}

pub(super) async fn listing(fixture: &dyn Fixture, forge: &dyn Forge) {
    let issue = forge
        .create_issue(new_issue("Listed"), &|| true)
        .await
        .unwrap();
    let comment = forge
        .create_comment(issue.number, new_comment("C"), &|| true)
        .await
        .unwrap();
    let listing = forge.changed(None).await.unwrap();
    let mut numbers: Vec<IssueNumber> = listing.issues.iter().map(|issue| issue.number).collect();
    numbers.sort();
    let count = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "each issue once");
    assert!(listing.complete, "everything since the beginning");
    // The version changes with everything of the issue, and with nothing else.
    let mut last = version(fixture, forge, issue.number).await;
    assert_eq!(last, version(fixture, forge, issue.number).await);
    let mut differs = async |what: &str| {
        let now = version(fixture, forge, issue.number).await;
        assert_ne!(now, last, "{what}");
        last = now;
    };
    let patch = Patch {
        title: Some("Listed again".into()),
        ..Patch::default()
    };
    forge
        .update_issue(issue.number, patch, &|| true)
        .await
        .unwrap();
    differs("title").await;
    let patch = CommentPatch {
        author: None,
        body: "D".into(),
    };
    forge
        .update_comment(issue.number, comment.id, patch)
        .await
        .unwrap();
    differs("an edited comment").await;
    forge
        .create_comment(issue.number, new_comment("E"), &|| true)
        .await
        .unwrap();
    differs("a new comment").await;
    forge
        .delete_comment(issue.number, comment.id)
        .await
        .unwrap();
    differs("a deleted comment").await;
}

pub(super) async fn attachments(forge: &dyn Forge) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local");
    std::fs::write(&path, b"content").unwrap();
    let upload = |name: &str| Upload {
        path: LocalFile::kept(path.clone()),
        name: name.into(),
        digest: Digest::of(["content"]),
        private: false,
    };
    let issue = forge
        .create_issue(new_issue("Files"), &|| true)
        .await
        .unwrap();
    for name in ["a.txt", "with blanks é.txt", "../../x", &"n".repeat(300)] {
        let link = forge.upload(upload(name)).await.unwrap();
        let found = forge.attachments(issue.number, vec![link.clone()]).await;
        let found = found.unwrap()[0].clone().unwrap();
        assert!(found.stamp.is_some(), "{link}");
        assert!(
            !link.contains([' ', '(', ')', '<', '>']),
            "a link in any Markdown: {link}"
        );
        match forge.download(issue.number, link, 7).await.unwrap() {
            Download::File { path, .. } => {
                assert_eq!(std::fs::read(&*path).unwrap(), b"content");
            }
            Download::TooLarge { size } => panic!("{size} is too large"),
        }
    }
    let link = forge.upload(upload("a.txt")).await.unwrap();
    let answer = forge.download(issue.number, link, 6).await.unwrap();
    assert!(
        matches!(answer, Download::TooLarge { size: 7 }),
        "{answer:?}"
    );
    for link in [
        "https://example.org/a.txt",
        "#top",
        "mailto:a@example.org",
        "",
    ] {
        let found = forge.attachments(issue.number, vec![link.to_owned()]).await;
        assert_eq!(found.unwrap(), [None], "{link}");
    }
}

pub(super) async fn missing(forge: &dyn Forge) {
    let nowhere = IssueNumber(9999);
    let patch = || Patch {
        title: Some("T".into()),
        ..Patch::default()
    };
    let kind = |result: Result<(), issue_mirror::forge::ForgeError>| result.unwrap_err().kind;
    let updated = forge
        .update_issue(nowhere, patch(), &|| true)
        .await
        .map(drop);
    assert_eq!(kind(updated), ErrorKind::NotFound);
    let created = forge
        .create_comment(nowhere, new_comment("C"), &|| true)
        .await
        .map(drop);
    assert_eq!(kind(created), ErrorKind::NotFound);
    let issue = forge
        .create_issue(new_issue("Here"), &|| true)
        .await
        .unwrap();
    let deleted = forge.delete_comment(issue.number, CommentId(9999)).await;
    assert_eq!(kind(deleted), ErrorKind::NotFound);
    let body = CommentPatch {
        author: None,
        body: "C".into(),
    };
    let updated = forge
        .update_comment(issue.number, CommentId(9999), body)
        .await;
    assert_eq!(kind(updated.map(drop)), ErrorKind::NotFound);
}

pub(super) async fn identity(fixture: &dyn Fixture) {
    let (one, two) = (fixture.forge().await, fixture.forge().await);
    fixture.rest();
    assert_eq!(
        one.project().key,
        two.project().key,
        "the same project, opened again"
    );
    let before = one.requests();
    one.changed(None).await.unwrap();
    assert_eq!(one.requests(), before + 1, "one request is counted as one");
    // Two programs at once never give one number twice.
    let mut numbers = Vec::new();
    for _ in 0..5 {
        for forge in [&one, &two] {
            numbers.push(
                forge
                    .create_issue(new_issue("Race"), &|| true)
                    .await
                    .unwrap()
                    .number,
            );
        }
    }
    assert!(numbers.is_sorted());
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
}
