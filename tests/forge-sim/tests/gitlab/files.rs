//! Files of a project.

use crate::lab::Lab;
use forge_sim::World;

#[test]
fn s17_a_web_path_of_an_upload_wants_a_session() {
    let lab = Lab::new();
    let form = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\r\ncontent\r\n--b--\r\n";
    let answer = lab.send(
        "POST",
        "/api/v4/projects/group%2Fproject/uploads",
        "private-token: owner\r\ncontent-type: multipart/form-data; boundary=b",
        form.as_bytes(),
    );
    let answer = answer.unwrap();
    assert_eq!(answer.status, 201);
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with("/a_b.txt"), "{url}");
    let web = lab
        .send(
            "GET",
            &format!("/group/project{url}"),
            "private-token: owner",
            b"",
        )
        .unwrap();
    assert_eq!(web.status, 302);
    assert!(web.header("location").unwrap().ends_with("/users/sign_in"));
    assert_eq!(lab.get(&url).body, b"content");
}

/// A file of the project; answers where the API has it.
fn upload(lab: &Lab) -> String {
    let form = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ncontent\r\n--b--\r\n";
    let answer = lab.send(
        "POST",
        "/api/v4/projects/group%2Fproject/uploads",
        "private-token: owner\r\ncontent-type: multipart/form-data; boundary=b",
        form.as_bytes(),
    );
    let url = answer.unwrap().json()["url"].as_str().unwrap().to_owned();
    format!("/api/v4/projects/group%2Fproject{url}")
}

#[test]
fn a_file_is_deleted_by_a_maintainer_and_only_once() {
    let lab = Lab::new();
    let file = upload(&lab);
    let delete = |who: &str| {
        let token = format!("private-token: {who}");
        lab.send("DELETE", &file, &token, b"").unwrap().status
    };
    assert_eq!(delete("reporter"), 403);
    assert_eq!(delete("maintainer"), 204);
    assert_eq!(delete("maintainer"), 400);
    let gone = lab.send("GET", &file, "private-token: owner", b"").unwrap();
    assert_eq!(gone.status, 404);
}

#[test]
fn before_17_4_no_file_is_deleted_by_its_link() {
    let mut world = World::default();
    "17.3.0".clone_into(&mut world.version);
    let lab = Lab::of(world);
    let file = upload(&lab);
    let answer = lab.send("DELETE", &file, "private-token: owner", b"");
    let answer = answer.unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"], "404 Not Found");
}
