//! P3: a host of another name, and another store that mirrors the same pair.

use super::{mirrored, quiet};
use crate::lab::Lab;

#[test]
fn p3_a_host_may_be_renamed() {
    let lab = mirrored("");
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    // By another name it is another host, as far as anybody can tell.
    let port = lab.sim.port();
    let renamed = config.replace("127.0.0.1", "localhost").replace(
        "forge: gitlab,",
        &format!("forge: gitlab, aliases: ['127.0.0.1:{port}'],"),
    );
    lab.env.write("mirror.yaml", &renamed);
    lab.sim.advance(600);
    assert_eq!(quiet(&lab, 0)["links"], 3);
    lab.edit(1, |issue| issue.title = "New".to_owned());
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["updated"], 1);
    assert_eq!(lab.mirrored().len(), 3);
    lab.env.lose_store();
    let pair = lab.sync();
    assert_eq!(
        (&pair["issues"]["created"], &pair["links"]),
        (&0.into(), &3.into())
    );
}

#[test]
fn p3_a_host_of_another_name_is_no_new_pair() {
    let lab = mirrored("");
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    lab.env
        .write("mirror.yaml", &config.replace("127.0.0.1", "localhost"));
    for _ in 0..2 {
        let run = lab.run(&["sync"]);
        assert_eq!(run.code, 1, "{}", run.shown());
        let said = format!("aliases: ['127.0.0.1:{}']", lab.sim.port());
        assert!(run.stdout.contains(&said), "{}", run.shown());
        assert_eq!(lab.mirrored().len(), 3);
        lab.env.lose_store();
    }
}

#[test]
fn p3_two_stores_that_mirror_one_pair_see_what_the_other_one_made() {
    let lab = Lab::new("");
    lab.open("A", "x");
    lab.sim.advance(300);
    lab.sync();
    let ours = lab.env.path("issue-mirror.db");
    let other = lab.env.path("other.db");
    std::fs::copy(&ours, &other).unwrap();
    let other = other.to_str().unwrap();
    // One after the other: what one made is joined by the other one.
    lab.open("B", "x");
    lab.sim.advance(300);
    lab.sync_with(&["--state", other], 0);
    let pair = lab.sync();
    assert_eq!(pair["issues"]["created"], 0, "{pair:#}");
    assert_eq!(lab.mirrored().len(), 2);
    // In the same moment: the look of one is before the create of the other one.
    lab.open("C", "x");
    lab.sim.advance(300);
    let issues = |lab: &Lab| lab.sim.world().projects[&lab.target].issues.clone();
    let before = issues(&lab);
    lab.sync_with(&["--state", other], 0);
    let made = issues(&lab);
    lab.sim
        .world()
        .projects
        .get_mut(&lab.target)
        .unwrap()
        .issues = before;
    lab.sync();
    let target = lab.target;
    lab.sim
        .world()
        .projects
        .get_mut(&target)
        .unwrap()
        .issues
        .extend(made);
    lab.open("D", "x");
    lab.sim.advance(300);
    // A full pass of either tells it, and so does the next create of the one whose own is older.
    for args in [&["--state", other][..], &["--full"]] {
        let warnings = lab.sync_with(args, 0)["warnings"].to_string();
        let said = "is a second counterpart of #3";
        assert!(warnings.contains(said), "{args:?}: {warnings}");
    }
    assert_eq!(lab.mirrored().len(), 5);
}
