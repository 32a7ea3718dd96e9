//! Files of a project.

use crate::lab::Lab;

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
