//! P9: what the target drops without a word is counted, and not sent for ever.

use crate::env::Env;
use crate::faulty::{Faulty, everything, full_pass, pass};
use issue_mirror::sync::PairReport;

#[test]
fn p9_what_the_target_drops_without_a_word_is_counted_and_not_sent_for_ever() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nweight: 3\nlabels: [bug, ui]", "x");
    let forgetful = || Faulty::new(&env, None).forgetful();
    let report = pass(&env, &forgetful(), &everything()).unwrap();
    let said: Vec<_> = report.tally.not_carried.keys().cloned().collect();
    let expected = [
        ("labels", "the target did not keep bug".to_owned()),
        ("weight", "the target did not keep it".to_owned()),
    ];
    assert_eq!(said, expected);
    let idle = forgetful();
    pass(&env, &idle, &everything()).unwrap();
    assert_eq!(idle.writes(), 0);
    source.edit("issues/1/issue.md", "weight: 3", "weight: 4");
    source.edit("issues/1/issue.md", "[bug, ui]", "[bug, ui, new]");
    let report = pass(&env, &forgetful(), &everything()).unwrap();
    let said: Vec<_> = report.tally.not_carried.keys().cloned().collect();
    assert_eq!(said, expected);
    // With the right role it arrives with the next change.
    source.edit("issues/1/issue.md", "weight: 4", "weight: 5");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    let issue = env.target().read(1);
    assert_eq!(issue.field("weight"), 5);
    assert_eq!(issue.labels(), ["Mirrored-From::plans", "bug", "new", "ui"]);
}

#[test]
fn p9_a_label_that_was_dropped_is_sent_again_by_a_full_pass_and_is_of_people_once_they_set_it() {
    let env = Env::new("");
    let source = env.source();
    source.issue(1, "title: T\nlabels: [bug, ui]", "x");
    source.issue(2, "title: U\nlabels: [ui]", "x");
    let forgetful = || Faulty::new(&env, None).forgetful();
    let told = |report: &PairReport| report.tally.not_carried.len();
    let labels = || env.target().read(1).labels().join(" ");
    assert_eq!(told(&pass(&env, &forgetful(), &everything()).unwrap()), 1);
    // A comment is no reason to send it again, and neither is another issue.
    source.comment(1, 1, "author: a", "c");
    source.edit("issues/2/issue.md", "title: U", "title: V");
    let target = forgetful();
    let report = pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (0, 2));
    // A full pass tries once more, and tells it once more.
    let target = forgetful();
    let report = full_pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (1, 1));
    assert_eq!(report.tally.drift, 0);
    let target = Faulty::new(&env, None);
    let report = full_pass(&env, &target, &everything()).unwrap();
    assert_eq!((told(&report), target.writes()), (0, 1));
    assert_eq!(labels(), "Mirrored-From::plans bug ui");
    let target = Faulty::new(&env, None);
    full_pass(&env, &target, &everything()).unwrap();
    assert_eq!(target.writes(), 0);
    // It is ours now, and goes with the source; what people set meanwhile would stay.
    source.edit("issues/1/issue.md", "[bug, ui]", "[ui]");
    pass(&env, &forgetful(), &everything()).unwrap();
    source.edit("issues/1/issue.md", "[ui]", "[bug, ui]");
    pass(&env, &forgetful(), &everything()).unwrap();
    assert_eq!(labels(), "Mirrored-From::plans ui");
    let set = |from: &str, to: &str| env.target().edit("issues/1/issue.md", from, to);
    set("- ui", "- bug\n  - ui");
    let target = Faulty::new(&env, None);
    full_pass(&env, &target, &everything()).unwrap();
    assert_eq!(target.writes(), 0);
    source.edit("issues/1/issue.md", "[bug, ui]", "[ui]");
    pass(&env, &Faulty::new(&env, None), &everything()).unwrap();
    assert_eq!(labels(), "Mirrored-From::plans bug ui");
}
