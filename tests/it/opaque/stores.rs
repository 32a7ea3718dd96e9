//! P3: what is sealed is found again by its secret, and by no other.

use super::two::Two;

#[test]
fn p3_what_is_sealed_is_found_again_by_its_secret_and_by_no_other() {
    let two = Two::new();
    two.opaque("");
    two.open("One");
    two.open("Two");
    two.sync();
    let writes = two.there.world().writes();
    two.env.lose_store();
    let pair = two.sync();
    assert_eq!(pair["links"], 2);
    assert_eq!(pair["rebuilt"]["equal"], 2, "{pair:#}");
    assert_eq!(two.there.world().writes(), writes);
    two.edit(4712, |issue| issue.title = "Changed".to_owned());
    assert_eq!(two.sync()["issues"]["updated"], 1);
    assert_eq!(two.mirrored()[1].title, "Changed");
    two.tells_nothing(0);
    // By another secret, or none.
    two.env.lose_store();
    let writes = two.there.world().writes();
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.contains("sealed by another secret"),
        "{}",
        run.shown()
    );
    two.env.lose_store();
    two.configure("");
    let run = two.run(&["sync"], "");
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "and no `provenance_key_env` is named";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(two.there.world().writes(), writes);
}

#[test]
fn p3_the_baseline_is_sealed_and_found_again() {
    let two = Two::new();
    two.open("Old");
    two.opaque("");
    let text = std::fs::read_to_string(two.env.path("mirror.yaml")).unwrap();
    let text = text.replace("sync_existing_issues: true", "sync_existing_issues: false");
    two.env.write("mirror.yaml", &text);
    two.sync();
    two.open("New");
    assert_eq!(two.sync()["issues"]["created"], 1);
    two.env.lose_store();
    let pair = two.sync();
    assert_eq!(pair["issues"]["created"], 0, "{pair:#}");
    assert_eq!(two.mirrored().len(), 1);
    two.tells_nothing(0);
}

#[test]
fn p3_what_another_secret_sealed_is_not_made_again_beside_what_is_plain() {
    let two = Two::new();
    two.configure("");
    two.open("One");
    two.sync();
    two.opaque("update_existing: false");
    two.open("Two");
    two.sync();
    assert!(two.shown().contains("canaryalice"), "{}", two.shown());
    two.env.lose_store();
    let writes = two.there.world().writes();
    let run = two.run(&["sync"], "another secret that is long");
    assert_eq!(run.code, 1, "{}", run.shown());
    let said = "sealed by another secret";
    assert!(run.stdout.contains(said), "{}", run.shown());
    assert_eq!(two.there.world().writes(), writes);
    two.env.lose_store();
    assert_eq!(two.sync()["links"], 2);
    assert_eq!(two.mirrored().len(), 2);
}
