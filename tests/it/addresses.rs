//! A server has more names than the one at which it is asked.

use crate::lab::{Lab, author_text, shown};

const PAGES: &str = "https://gitlab.example.com";

/// The author's text of an issue of the target.
fn there(lab: &Lab, at: usize) -> String {
    let text = lab.mirrored()[at].description.clone().unwrap();
    shown(author_text(&text))
}

/// A server that is asked at another address than that of its pages.
fn internal() -> Lab {
    let lab = Lab::shifted("");
    PAGES.clone_into(&mut lab.sim.world().web_address);
    lab
}

#[test]
fn p8_the_address_of_its_pages_leads_and_leaves_no_trace() {
    let lab = internal();
    let url = lab.sim.url();
    lab.open("One", "x");
    let note = lab.comment(1, "First.");
    let page = format!("{PAGES}/team/app/-/issues");
    lab.open(
        &format!("As {page}/1"),
        &format!(
            "See {page}/1, {url}/team/app/-/issues/1, https://GITLAB.example.com:443/team/app/-/issues/1, \
             http://gitlab.example.com/team/app/-/issues/1 and {page}/1#note_{note}, \
             not {PAGES}/mirrors/app/-/issues/1 or {url}/mirrors/app/-/issues/1, !5"
        ),
    );
    lab.sim.world().backlinks.clear();
    lab.sim.advance(300);
    lab.sync();
    let comment = lab.mirrored()[2].comments()[0].id;
    let hidden = |url: &str| url.replace("://", "://·");
    let (pages, asked) = (hidden(PAGES), hidden(&url));
    assert_eq!(
        there(&lab, 3),
        format!(
            "See #3, #3, #3, #3 and <{PAGES}/mirrors/app/-/issues/3#note_{comment}>, \
             not {pages}/mirrors/app/-/issues/1 or {asked}/mirrors/app/-/issues/1, \
             [!·5]({pages}/team/app/-/merge_requests/5)"
        )
    );
    assert_eq!(lab.mirrored()[3].title, "As #3");
    let of_source = |lab: &Lab| {
        let world = lab.sim.world();
        let all = world.backlinks.iter();
        all.filter(|(_, project, _)| *project != lab.target).count()
    };
    assert_eq!(of_source(&lab), 0);
    for iid in [1, 2] {
        assert!(lab.traces(lab.source, iid).is_empty());
        assert!(lab.traces(lab.target, iid).is_empty());
    }
    // It is remembered, and nothing is asked for it.
    lab.sim.advance(600);
    lab.idle();
    let before = lab.sim.world().log.len();
    lab.idle();
    let world = lab.sim.world();
    let asks = |target: &str| target.ends_with("/projects/team%2Fapp");
    assert!(!world.log[before..].iter().any(|l| asks(&l.target)));
}

#[test]
fn p8_uploads_are_found_by_the_address_of_the_pages() {
    let lab = internal();
    let secret = "66dbcd21ec5d24ed6ea225176098d52b";
    {
        let mut world = lab.sim.world();
        let source = world.projects.get_mut(&lab.source).unwrap();
        let place = (secret.to_owned(), "a.txt".to_owned());
        source.uploads.insert(place, b"content".to_vec());
    }
    lab.open(
        "T",
        &format!("[a]({PAGES}/team/app/uploads/{secret}/a.txt) [b](docs/b.md)"),
    );
    lab.sim.advance(300);
    lab.sync();
    let text = there(&lab, 2);
    assert!(text.starts_with("[a](/uploads/"), "{text}");
    let file = format!("[b]({PAGES}/team/app/-/blob/HEAD/docs/b.md)");
    assert!(text.ends_with(&file), "{text}");
}

#[test]
fn p8_every_address_that_a_server_had_is_known() {
    let lab = Lab::new("");
    lab.open("One", "x");
    let page = |host: &str| format!("https://{host}/team/app/-/issues/1");
    let hosts = ["old.example.com", "mid.example.com", "never.example.com"];
    lab.open("Two", &hosts.map(page).join(" "));
    let yaml = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let aliases = "token_env: READER, aliases: [old.example.com, mid.example.com] }";
    let yaml = yaml.replace("token_env: READER }", aliases);
    lab.env.write("mirror.yaml", &yaml);
    lab.sim.advance(300);
    lab.sync();
    let expected = format!("#1 #1 {}", page("never.example.com"));
    assert_eq!(there(&lab, 1), expected);
}
