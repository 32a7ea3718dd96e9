//! Paths that come from the outside.

use std::path::PathBuf;

/// A project as a relative path inside a directory: `.` for the directory itself, else names
/// between slashes. `None` if it could lead out of it, names something hidden, or is spelled in a
/// way that a second spelling could equal.
pub fn project_path(project: &str) -> Option<PathBuf> {
    if project == "." {
        return Some(PathBuf::new());
    }
    let mut path = PathBuf::new();
    for part in project.split('/') {
        if part.is_empty() || part.starts_with('.') || part.contains(['\\', '\0', ':']) {
            return None;
        }
        path.push(part);
    }
    Some(path)
}

/// Undoes percent-encoding; `%` that begins no code stays. `None` if the result is not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_never_leave_the_instance() {
        assert_eq!(project_path("."), Some(PathBuf::new()));
        assert_eq!(project_path("a/b"), Some("a/b".into()));
        for project in ["", "..", "a/../b", "/a", "a//b", ".git", "a/.x", "c:", "a/"] {
            assert_eq!(project_path(project), None, "{project}");
        }
    }

    #[test]
    fn percent_codes_are_undone() {
        assert_eq!(percent_decode("a%20b%C3%A9"), Some("a bé".into()));
        assert_eq!(percent_decode("100%"), Some("100%".into()));
        assert_eq!(percent_decode("%zz"), Some("%zz".into()));
        assert_eq!(percent_decode("%FF"), None);
    }
}
