//! Links of a text that are no whole addresses, as they are from anywhere. Pure.
//!
//! GitLab takes a path for that of a file in the repository, at its default branch; one that begins
//! with a slash and leads to a page of the server is that page.
//! <https://docs.gitlab.com/user/markdown/#links>

use super::convert::plain;
use crate::text::wiki;
use url::Url;

/// Files that are shown in a text and not on a page of their own.
const SHOWN: [&str; 10] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "mp4", "webm", "mp3",
];

/// Where a link in the text of an issue leads; `None` for one that is whole or leads to a part of the
/// text itself.
pub(super) fn absolute(link: &str, base: &Url, project: &str, number: u64) -> Option<String> {
    if let Some(page) = wiki::page(link) {
        return wiki_page(page, base, project);
    }
    let link = plain(link);
    if is_comment(&link) {
        let page = format!("{project}/-/issues/{number}{link}");
        return Some(format!("{}/{page}", base.as_str().trim_end_matches('/')));
    }
    let path = link.split(['?', '#']).next().unwrap_or("");
    let is_whole = Url::parse(&link).is_ok() || path.starts_with("//") || path.contains('\\');
    if path.is_empty() || is_whole || path.chars().any(char::is_control) {
        return None;
    }
    let mut below = base.clone();
    below
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(project.split('/'))
        .push("");
    let of_project = format!("/{project}/").to_ascii_lowercase();
    let lower = path.to_ascii_lowercase();
    // With or without the address below which the server is.
    let relative = base.path().trim_end_matches('/').to_ascii_lowercase();
    let within = lower.strip_prefix(relative.as_str()).unwrap_or(&lower);
    let whole =
        if lower.starts_with('/') && (within.starts_with(&of_project) || within.contains("/-/")) {
            let mut root = base.clone();
            let path = &link[lower.len() - within.len()..];
            root.set_path(&format!("{}/", base.path().trim_end_matches('/')));
            root.join(path.trim_start_matches('/')).ok()?
        } else if path.starts_with("../") || path == ".." {
            // As the browser reads it on the page of the issue.
            below
                .join(&format!("-/issues/{number}"))
                .ok()?
                .join(&link)
                .ok()?
        } else {
            let end = path.rsplit_once('.').map_or("", |(_, end)| end);
            let is_shown = SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(end));
            let kind = if is_shown { "raw" } else { "blob" };
            let files = below.join(&format!("-/{kind}/HEAD/")).ok()?;
            files
                .join(&format!("./{}", link.trim_start_matches('/')))
                .ok()?
        };
    (whole.origin() == base.origin()).then(|| in_text(&whole))
}

/// Whether a link leads to a comment of the issue in which it stands.
fn is_comment(link: &str) -> bool {
    let id = link.strip_prefix("#note_").unwrap_or("");
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
}

/// The address of a page of the wiki.
fn wiki_page(page: &str, base: &Url, project: &str) -> Option<String> {
    let mut pages = base.clone();
    pages
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(project.split('/'))
        .extend(["-", "wikis", ""]);
    let below = pages.path().to_owned();
    let whole = pages
        .join(&format!("./{}", page.trim_start_matches('/')))
        .ok()?;
    // No page leads out of the wiki.
    (whole.path().starts_with(&below) && whole.path() != below).then(|| in_text(&whole))
}

/// Without anything that would end the link in a text.
fn in_text(address: &Url) -> String {
    let ends = [('(', "%28"), (')', "%29"), ('\'', "%27"), ('|', "%7C")];
    ends.iter().fold(address.to_string(), |address, (c, code)| {
        address.replace(*c, code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base: &str, link: &str) -> Option<String> {
        absolute(link, &base.parse().unwrap(), "group/app", 12)
    }

    #[test]
    fn pages_of_the_wiki_are_those_of_the_project() {
        for (link, expected) in [
            ("[[Home]]", "group/app/-/wikis/Home"),
            (
                "[[the page|Bug Reports]]",
                "group/app/-/wikis/Bug%20Reports",
            ),
            ("[[a/b (c)#d]]", "group/app/-/wikis/a/b%20%28c%29#d"),
        ] {
            let whole = format!("https://h.example/git/{expected}");
            assert_eq!(at("https://h.example/git", link), Some(whole), "{link}");
        }
        for link in ["[[../../x]]", "[[.]]"] {
            assert_eq!(at("https://h.example/", link), None, "{link}");
        }
    }

    #[test]
    fn a_path_is_that_of_a_file_or_of_a_page() {
        let here = "https://s.example/gitlab/group/app/-";
        for (link, expected) in [
            ("docs/a.md", format!("{here}/blob/HEAD/docs/a.md")),
            (
                "./docs/a b.md#part",
                format!("{here}/blob/HEAD/docs/a%20b.md#part"),
            ),
            ("/docs/a.md?x=1", format!("{here}/blob/HEAD/docs/a.md?x=1")),
            ("img/a.PNG", format!("{here}/raw/HEAD/img/a.PNG")),
            ("a(1\\).md", format!("{here}/blob/HEAD/a%281%29.md")),
            ("../wikis/home", format!("{here}/wikis/home")),
            (
                "/group/app/-/blob/main/a.md",
                format!("{here}/blob/main/a.md"),
            ),
            ("/gitlab/group/app/-/wikis/x", format!("{here}/wikis/x")),
            (
                "/Group/App/-/tree/main",
                "https://s.example/gitlab/Group/App/-/tree/main".to_owned(),
            ),
            (
                "/other/x/-/pipelines/3",
                "https://s.example/gitlab/other/x/-/pipelines/3".to_owned(),
            ),
            (
                "/group/app/-/issues/3#note_4",
                format!("{here}/issues/3#note_4"),
            ),
            (
                "/gitlab/group/app/-/work_items/3",
                format!("{here}/work_items/3"),
            ),
            ("../issues/3", format!("{here}/issues/3")),
            ("#note_4", format!("{here}/issues/12#note_4")),
            // Files may be called so.
            ("-/issues/3", format!("{here}/blob/HEAD/-/issues/3")),
            ("docs/issues/3", format!("{here}/blob/HEAD/docs/issues/3")),
        ] {
            assert_eq!(
                at("https://s.example/gitlab/", link),
                Some(expected),
                "{link}"
            );
        }
    }

    #[test]
    fn what_is_whole_or_no_file_stays_and_nothing_leads_elsewhere() {
        for link in [
            "https://t.example/x",
            "mailto:a@t.example",
            "javascript:alert(1)",
            "//t.example/x",
            "\\\\t.example\\x",
            "/\\t.example/x",
            "#part",
            "?a=b",
            "",
            "#note_",
            "#note_4x",
            "a\nb",
        ] {
            assert_eq!(at("https://s.example/", link), None, "{link}");
        }
        for link in [
            "3/../../-/issues/4",
            "../../../../../../x",
            "/%2e%2e/%2e%2e/x",
            "docs/../../../../../../../x",
        ] {
            let to = at("https://s.example/", link).unwrap();
            assert!(to.starts_with("https://s.example/"), "{link}: {to}");
        }
    }
}
