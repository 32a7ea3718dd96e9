//! Where what lies in a tracker, and which names are safe.

use crate::model::{CommentId, Digest, IssueNumber};
use crate::text::path::percent_decode;
use std::path::{Component, Path, PathBuf};

/// The file that makes a directory a tracker.
pub(super) const TRACKER_FILE: &str = "tracker.yaml";
/// Colours and descriptions of labels.
pub(super) const LABELS_FILE: &str = "labels.yaml";
/// The highest numbers ever given, so that none is given twice.
pub(super) const COUNTERS_FILE: &str = "counters.yaml";
/// One folder per issue.
pub(super) const ISSUES_DIR: &str = "issues";
/// The issue in its folder.
pub(super) const ISSUE_FILE: &str = "issue.md";
/// Files that texts link to.
pub(super) const ATTACHMENTS_DIR: &str = "attachments";
/// How a text of an issue reaches an attachment: both lie two levels below the tracker.
pub(super) const ATTACHMENT_PREFIX: &str = "../../attachments/";

/// The folder of an issue, from the tracker.
pub(super) fn issue_dir(number: IssueNumber) -> PathBuf {
    Path::new(ISSUES_DIR).join(number.to_string())
}

/// The issue number that a folder name means; `None` for any other spelling of it, so that no two
/// folders are one issue.
pub(super) fn issue_number(name: &str) -> Option<IssueNumber> {
    canonical(name).map(IssueNumber)
}

/// The file of a comment in the folder of its issue. Four digits keep a listing in order.
pub(super) fn comment_file(id: CommentId) -> String {
    format!("comment-{:04}.md", id.0)
}

/// The comment that a file name means, with any number of leading zeros.
pub(super) fn comment_id(name: &str) -> Option<CommentId> {
    let digits = name.strip_prefix("comment-")?.strip_suffix(".md")?;
    canonical(digits.trim_start_matches('0')).map(CommentId)
}

/// How a text of an issue reaches another issue, or a comment of it.
pub(super) fn link_to(number: IssueNumber, comment: Option<CommentId>) -> String {
    let file = comment.map_or_else(|| ISSUE_FILE.to_owned(), comment_file);
    format!("../{number}/{file}")
}

/// What such a link leads to.
pub(super) fn linked_to(link: &str) -> Option<(IssueNumber, Option<CommentId>)> {
    let (number, file) = link.strip_prefix("../")?.split_once('/')?;
    let comment = match file {
        ISSUE_FILE => None,
        file => Some(comment_id(file)?),
    };
    Some((issue_number(number)?, comment))
}

fn canonical(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    // SQLite and most programs count to here.
    (number > 0 && i64::try_from(number).is_ok() && digits == number.to_string()).then_some(number)
}

/// The name under which an attachment is kept: its digest, then what is safe of its own name.
pub(super) fn attachment_name(name: &str, digest: &Digest) -> String {
    format!("{}-{}", &digest.hex()[..16], safe_name(name))
}

/// What is safe of a file name from the outside on every disk: no separators, no leading dots, no
/// device names, no trailing dots or blanks, at most 100 bytes, the ending kept.
fn safe_name(name: &str) -> String {
    const LONGEST: usize = 100;
    let cleaned: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let cleaned = cleaned.trim_start_matches(['.', '_']).trim_end_matches('.');
    if cleaned.is_empty() {
        return "file".to_owned();
    }
    if cleaned.len() <= LONGEST {
        return cleaned.to_owned();
    }
    let (stem, ending) = match cleaned.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 10 => (stem, format!(".{ending}")),
        _ => (cleaned, String::new()),
    };
    let room = LONGEST - ending.len();
    let cut = (0..=room)
        .rev()
        .find(|at| stem.is_char_boundary(*at))
        .unwrap_or(0);
    format!("{}{ending}", &stem[..cut.min(stem.len())])
}

/// The name that people gave an attachment of ours: without the digest in front.
pub(super) fn given_name(file_name: &str) -> &str {
    match file_name.split_at_checked(17) {
        Some((digest, name))
            if digest.ends_with('-')
                && digest[..16].bytes().all(|b| b.is_ascii_hexdigit())
                && !name.is_empty() =>
        {
            name
        }
        _ => file_name,
    }
}

/// The file inside the tracker that a link in an issue's text leads to; `None` for addresses,
/// anchors and whatever leaves the tracker. Says nothing about whether the file exists.
pub(super) fn link_path(number: IssueNumber, destination: &str) -> Option<PathBuf> {
    let path = destination.split(['?', '#']).next()?;
    let decoded = percent_decode(path)?;
    let has_scheme = decoded
        .split(['/', '.'])
        .next()
        .is_some_and(|first| first.contains(':'));
    if decoded.is_empty() || has_scheme || decoded.contains(['\0', '\\']) {
        return None;
    }
    let mut parts: Vec<String> = vec![ISSUES_DIR.to_owned(), number.to_string()];
    for component in Path::new(&decoded).components() {
        match component {
            Component::Normal(name) => parts.push(name.to_str()?.to_owned()),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (parts.len() > 1).then(|| parts.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_number() {
        assert_eq!(issue_number("12"), Some(IssueNumber(12)));
        for name in ["012", "0", "-1", "+1", "1a", "", "99999999999999999999"] {
            assert_eq!(issue_number(name), None, "{name}");
        }
        assert_eq!(comment_id("comment-0007.md"), Some(CommentId(7)));
        assert_eq!(comment_id("comment-12345.md"), Some(CommentId(12345)));
        assert_eq!(comment_id("comment-0000.md"), None);
        assert_eq!(comment_id("comment.md"), None);
    }

    #[test]
    fn attachment_names_are_safe_on_every_disk() {
        for (name, safe) in [
            ("a b.png", "a_b.png"),
            ("../../etc/passwd", "etc_passwd"),
            ("..", "file"),
            (".ssh", "ssh"),
            ("Résumé.pdf", "Résumé.pdf"),
            ("a\0b\n.txt", "a_b_.txt"),
            ("con", "con"),
            ("trailing. .", "trailing._"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.pdf", "é".repeat(300)));
        assert!(long.len() <= 100, "{long}");
        assert!(long.strip_suffix(".pdf").is_some(), "{long}");
        let digest = Digest::of(["x"]);
        let kept = attachment_name("con", &digest);
        assert!(kept.starts_with(&digest.hex()[..16]), "never a device name");
        assert_eq!(given_name(&kept), "con");
        assert_eq!(given_name("shot.png"), "shot.png");
        assert_eq!(given_name("ééééééééééééé.png"), "ééééééééééééé.png");
    }

    #[test]
    fn links_never_leave_the_tracker() {
        let path = |destination| link_path(IssueNumber(3), destination);
        assert_eq!(
            path("../../attachments/x.png"),
            Some("attachments/x.png".into())
        );
        assert_eq!(path("shot%20one.png"), Some("issues/3/shot one.png".into()));
        assert_eq!(path("./a/../b.png?raw#top"), Some("issues/3/b.png".into()));
        for destination in [
            "",
            "#top",
            "/etc/passwd",
            "../../../etc/passwd",
            "../../..",
            "../../attachments/../../x",
            "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "https://example.org/x",
            "mailto:a@example.org",
            "..\\..\\x",
        ] {
            assert_eq!(path(destination), None, "{destination}");
        }
    }
}
