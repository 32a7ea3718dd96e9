//! Names of accounts.

/// Whether this is the name of one account, by the rules of GitLab, which the other forges' own names
/// keep too: not of several, of a group or of everybody.
pub fn is_account(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut chars = name.chars();
    chars.next().is_some_and(is_word)
        && chars.all(|c| is_word(c) || matches!(c, '.' | '-'))
        && ![".", ".git", ".atom"]
            .iter()
            .any(|end| ends_with(name, end))
        && !name.eq_ignore_ascii_case("all")
}

fn ends_with(name: &str, end: &str) -> bool {
    let at = name.len().checked_sub(end.len());
    at.and_then(|at| name.get(at..))
        .is_some_and(|last| last.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p8_an_account_is_one_and_neither_a_group_nor_everybody() {
        for name in ["bob", "_b", "0", "bob.b-c_", "all.b", "allan", "git"] {
            assert!(is_account(name), "{name}");
        }
        for name in [
            "",
            "all",
            "ALL",
            "all.",
            "all ",
            " bob",
            "robert @all",
            "robert#3",
            "group/sub",
            "@bob",
            "-b",
            ".b",
            "b.git",
            "b.Atom",
            "b\n",
            "bób",
            "b\u{2060}",
        ] {
            assert!(!is_account(name), "{name:?}");
        }
    }
}
