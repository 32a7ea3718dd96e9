//! What is code in the text of an author arrives byte for byte.

use super::runs::real_texts;
use super::{nothing, rules};
use issue_mirror::text::rewrite::rewrite;

/// Whether all code of a text is that of another one, too, to the parser of GitLab.
pub(super) fn is_kept(before: &str, after: &str) -> bool {
    let mut after = forge_sim::code(after).into_iter();
    let before = forge_sim::code(before);
    before.iter().all(|code| after.any(|other| other == *code))
}

#[test]
fn p8_code_in_issues_as_people_write_them_arrives_byte_for_byte() {
    let (mut codes, mut wrong) = (0, Vec::new());
    for issue in real_texts().unwrap_or_default() {
        for text in std::iter::once(&issue.body).chain(&issue.comments) {
            codes += forge_sim::code(text).len();
            let now = rewrite(text, &rules(true, &nothing)).text;
            if !is_kept(text, &now) {
                wrong.push(format!("{}: {:?}", issue.at, forge_sim::code(&now)));
            }
        }
    }
    println!("{codes} codes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
