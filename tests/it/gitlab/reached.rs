//! How a server is reached: addresses, certificates, proxies and tokens.

use crate::lab::Lab;

#[test]
fn a_token_that_is_not_there_is_a_wrong_configuration() {
    let lab = Lab::new("");
    let run = lab.env.run_with(&["sync"], &[("READER", " ")]);
    assert_eq!(run.code, 2);
    for part in [
        "READER holds no token",
        "WRITER is not set",
        "Nothing was contacted.",
    ] {
        assert!(run.stderr.contains(part), "{}", run.shown());
    }
    assert!(lab.sim.world().log.is_empty());
    // From a file and from a program.
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    lab.env.write("token", "reader\n");
    let config = config
        .replace("token_env: READER", "token_file: token")
        .replace("token_env: WRITER", "token_command: [printf, writer]");
    lab.env.write("mirror.yaml", &config);
    assert_eq!(
        lab.env
            .run_with(&["sync"], &[("PATH", "/usr/bin:/bin")])
            .code,
        0
    );
}

#[test]
fn an_installation_below_an_address_and_a_project_by_its_number_are_found() {
    let lab = Lab::with("", |world| world.relative_url = "/git".to_owned());
    lab.open("T", "x");
    lab.sim.advance(300);
    assert_eq!(lab.sync()["issues"]["created"], 1);
    // By number it is the same project, whatever its path is then.
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let by_number = config.replace("project: team/app", &format!("project: {}", lab.source));
    lab.env.write("mirror.yaml", &by_number);
    lab.sim.world().projects.get_mut(&lab.source).unwrap().path = "team/new".into();
    lab.sim.advance(600);
    lab.edit(1, |issue| issue.title = "New".into());
    assert_eq!(lab.sync()["issues"]["created"], 0);
    assert_eq!(lab.mirrored()[0].title, "New");
}

#[test]
fn an_authority_of_a_company_is_trusted_where_the_configuration_names_it() {
    let mut lab = Lab::new("");
    lab.open("T", "x");
    let world = std::mem::take(&mut *lab.sim.world());
    lab.sim = forge_sim::Sim::start_tls(world);
    lab.configure("");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains("`ca_file`"), "{}", run.shown());
    assert!(lab.sim.world().log.is_empty());

    lab.env.write("ca.pem", forge_sim::AUTHORITY);
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace("forge: gitlab,", "forge: gitlab, ca_file: ca.pem,");
    lab.env.write("mirror.yaml", &config);
    lab.sync();
    assert_eq!(lab.mirrored().len(), 1);
    lab.idle();

    lab.env.write("ca.pem", "not a certificate");
    let run = lab.run(&["sync"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(run.stderr.contains("`ca_file`"), "{}", run.shown());
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let lab = Lab::new("");
    lab.open("T", "x");
    // The simulator answers for any host, as a proxy does for the forge behind it.
    let proxy = lab.sim.url();
    let config = std::fs::read_to_string(lab.env.path("mirror.yaml")).unwrap();
    let config = config.replace(&proxy, "http://gitlab.example.test");
    lab.env.write("mirror.yaml", &config);
    let tokens = [("READER", "reader"), ("WRITER", "writer")];
    let with = |variables: &[(&str, &str)]| {
        let all: Vec<_> = tokens.iter().chain(variables).copied().collect();
        lab.env.run_with(&["sync"], &all)
    };
    let run = with(&[("http_proxy", &proxy), ("no_proxy", "example.test")]);
    assert_eq!(run.code, 1, "no proxy for this host: {}", run.shown());
    assert!(lab.sim.world().log.is_empty());
    let run = with(&[("http_proxy", &proxy)]);
    assert_eq!(run.code, 0, "{}", run.shown());
    let mirrored = lab.mirrored();
    assert_eq!(mirrored.len(), 1);
    assert!(
        mirrored[0]
            .labels
            .iter()
            .any(|label| label.contains("gitlab.example.test")),
        "it is known by its own name: {:?}",
        mirrored[0].labels
    );
}

#[test]
fn a_machine_without_certificates_can_mirror_where_none_are_needed() {
    let lab = Lab::new("");
    lab.open("T", "x");
    let none = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nowhere")];
    let tokens = [("READER", "reader"), ("WRITER", "writer")];
    let run = lab.env.run_with(&["sync"], &[tokens, none].concat());
    assert_eq!(run.code, 0, "{}", run.shown());
    assert_eq!(lab.mirrored().len(), 1);
}
