//! `map-user`: people mapped, listed and removed.

use crate::env::Env;

#[test]
fn users_are_mapped_listed_and_removed() {
    let env = Env::new("");
    assert_eq!(
        env.run(&["map-user", "--list"]).shown(),
        "exit 0\n--- stdout\nno user is mapped by hand.\n"
    );
    assert!(
        !env.path("issue-mirror.db").exists(),
        "listing creates nothing"
    );
    assert_eq!(
        env.run(&["map-user", "@alice", "alice.smith"]).shown(),
        "exit 0\n--- stdout\nalice is alice.smith for every pair; the next pass applies it.\n"
    );
    assert_eq!(
        env.run(&["map-user", "bo", "bob", "--pair", "demo"]).code,
        0
    );
    assert_eq!(
        env.run(&["map-user", "--list"]).shown(),
        "exit 0
--- stdout
alice  ->  alice.smith  for every pair
bo     ->  bob          for demo
"
    );
    assert_eq!(
        env.run(&["map-user", "--list", "--output", "yaml"]).stdout,
        "defaults:
  users:
    \"alice\": \"alice.smith\"
pairs:
  - name: \"demo\"
    users:
      \"alice\": \"alice.smith\"
      \"bo\": \"bob\"
"
    );
    let run = env.run(&["map-user", "--list", "--pair", "demo", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        list,
        serde_json::json!([
            {"pair": null, "source": "alice", "target": "alice.smith"},
            {"pair": "demo", "source": "bo", "target": "bob"}
        ])
    );
    assert_eq!(
        env.run(&["map-user", "alice", "--remove"]).shown(),
        "exit 0\n--- stdout\nalice is not mapped any more for every pair; the next pass applies it.\n"
    );
    assert_eq!(
        env.run(&["map-user", "alice", "--remove"]).shown(),
        "exit 2\n--- stderr\nerror: alice is not mapped for every pair.\n"
    );
    for args in [
        &["map-user", "alice"][..],
        &["map-user"],
        &["map-user", "a b", "c"],
        &["map-user", "@", "c"],
        &["map-user", "a", "b", "--pair", "nope"],
        &["map-user", "a", "b", "--list"],
    ] {
        assert_eq!(env.run(args).code, 2, "{args:?}");
    }
}
