//! Links to uploads, in whatever spelling a text has them.

use regex::Regex;
use std::sync::LazyLock;

/// The secret and name of an upload that a link leads to, in any of its spellings: relative,
/// absolute, with the project's path or number; `None` for every other link. `base`: of the
/// instance; `project`: path and number.
pub(in crate::forge::gitlab) fn upload(
    link: &str,
    base: &url::Url,
    project: (&str, u64),
) -> Option<(String, String)> {
    static UPLOAD: LazyLock<Regex> = LazyLock::new(|| {
        crate::text::structure::regex(
            r"^/?(?P<before>.*?)/?uploads/(?P<secret>[0-9a-f]{32})/(?P<name>[^/?#]+)",
        )
    });
    let link = &plain(link);
    let link = match url::Url::parse(link) {
        Ok(url) => {
            let same = url.host_str() == base.host_str()
                && url.port_or_known_default() == base.port_or_known_default();
            if !same {
                return None;
            }
            url.path().to_owned()
        }
        Err(_) => link.to_owned(),
    };
    let below = base.path().trim_end_matches('/');
    let link = link.strip_prefix(below).unwrap_or(&link);
    let found = UPLOAD.captures(link)?;
    let (path, number) = project;
    let before = found["before"].trim_matches('/');
    let is_ours = before.is_empty()
        || before.eq_ignore_ascii_case(path)
        || before == format!("-/project/{number}");
    if !is_ours {
        return None;
    }
    let name = crate::text::path::percent_decode(&found["name"])?;
    // No address can be made of these.
    if matches!(name.as_str(), "." | "..") || name.contains('/') {
        return None;
    }
    Some((found["secret"].to_owned(), name))
}

/// A destination as it is meant: escapes of Markdown and entities of HTML undone.
pub(in crate::forge::gitlab) fn plain(link: &str) -> String {
    const ENTITIES: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&apos;", '\''),
    ];
    let mut out = String::with_capacity(link.len());
    let mut rest = link;
    while let Some(c) = rest.chars().next() {
        let entity = ENTITIES.iter().find(|(word, _)| rest.starts_with(word));
        let escaped = rest[c.len_utf8()..].chars().next();
        let (take, c) = match (entity, c, escaped) {
            (Some((word, c)), ..) => (word.len(), *c),
            (None, '\\', Some(escaped)) if escaped.is_ascii_punctuation() => (2, escaped),
            _ => (c.len_utf8(), c),
        };
        out.push(c);
        rest = &rest[take..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_known_in_every_spelling() {
        let base: url::Url = "https://h.example/git".parse().unwrap();
        let secret = "66dbcd21ec5d24ed6ea225176098d52b";
        let read = |link: &str| upload(link, &base, ("g/p", 7)).map(|(_, name)| name);
        for before in [
            "/uploads",
            "/-/project/7/uploads",
            "/g/p/uploads",
            "https://h.example/git/g/p/uploads",
            "https://h.example/git/-/project/7/uploads",
            "/git/g/p/uploads",
        ] {
            for (after, name) in [
                ("a.png", "a.png"),
                ("a%20b.png", "a b.png"),
                ("a.png?inline=false#x", "a.png"),
                (r"a\_b.png", "a_b.png"),
                ("a&amp;b.png?x=1&amp;y=2", "a&b.png"),
            ] {
                assert_eq!(
                    read(&format!("{before}/{secret}/{after}")).as_deref(),
                    Some(name),
                    "{before} {after}"
                );
            }
        }
        for link in [
            "https://else.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/other/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/uploads/-/system/x.png",
            "/uploads/short/a.png",
            "/uploads/66dbcd21ec5d24ed6ea225176098d52b/%2e%2e",
            "/uploads/66dbcd21ec5d24ed6ea225176098d52b/..%2f..%2fuser",
            "//h.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example@evil.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example:444/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "http://h.example/g/p/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/\\evil.example/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "/-/project/8/uploads/66dbcd21ec5d24ed6ea225176098d52b/a.png",
            "https://h.example/git",
            "#top",
            "",
        ] {
            assert_eq!(read(link), None, "{link}");
        }
    }
}
