//! Servers of early versions look for commands in other places.

use crate::lab::{Lab, author_comment, author_text};

const TEXT: &str =
    "Before\n\n~~~\n/close\n/usr/bin\n~~~\n\n<!--\n/label ~bug\n-->\n\n```ruby\n/title x";
const INERT: &str =
    "Before\n\n~~~\n·/close\n/usr/bin\n~~~\n\n<!--\n·/label ~bug\n-->\n\n```ruby\n·/title x\n```";

fn lab(version: &str) -> Lab {
    let lab = Lab::with("", |world| version.clone_into(&mut world.version));
    let iid = lab.open("One", TEXT);
    lab.comment(iid, "`` a\n/close ``\n\n~~~\n/reopen");
    lab.open("Two", "```\n/close\n```");
    lab.sim.advance(300);
    lab
}

fn texts(lab: &Lab) -> [String; 3] {
    let mirrored = lab.mirrored();
    let text = |at: usize| author_text(mirrored[at].description.as_deref().unwrap()).to_owned();
    let comment = mirrored[0].comments()[0].body.clone();
    let comment = author_comment(&comment).1.to_owned();
    [text(0), comment, text(1)].map(|text| text.replace('\u{2060}', "·"))
}

fn asked(lab: &Lab) -> usize {
    let world = lab.sim.world();
    let log = world.log.iter();
    log.filter(|logged| logged.target.ends_with("/metadata"))
        .count()
}

#[test]
fn p8_an_early_server_carries_nothing_out() {
    let lab = lab("16.7.2-ee");
    let before = asked(&lab);
    lab.sync();
    assert_eq!(lab.sim.world().executed, []);
    let [text, comment, plain] = texts(&lab);
    assert_eq!(text.trim_end(), INERT);
    assert_eq!(comment.trim_end(), "`` a /close ``\n\n~~~\n·/reopen\n~~~");
    assert_eq!(plain, "```\n/close\n```");
    assert_eq!(asked(&lab) - before, 1);
    lab.sim.advance(300);
    lab.idle();
    lab.sim.advance(3600);
    lab.env.lose_store();
    let before = lab.sim.world().writes();
    lab.sync();
    assert_eq!(lab.sim.world().writes(), before);
}

#[test]
fn p8_what_a_server_of_today_takes_for_code_stays_as_it_is() {
    let lab = lab("18.3.0-ee");
    lab.sync();
    assert_eq!(lab.sim.world().executed, []);
    let [text, comment, plain] = texts(&lab);
    assert_eq!(text.trim_end(), format!("{TEXT}\n```"));
    assert_eq!(comment.trim_end(), "`` a\n/close ``\n\n~~~\n/reopen\n~~~");
    assert_eq!(plain, "```\n/close\n```");
}

#[test]
fn a_server_is_not_asked_for_texts_for_which_it_does_not_matter() {
    let lab = Lab::with("", |world| world.version = "15.4.0".to_owned());
    lab.open("One", "/close\n\n    /close\n\n```\n/usr/bin\n```");
    lab.sim.advance(300);
    let before = asked(&lab);
    lab.sync();
    assert_eq!(asked(&lab), before);
    assert_eq!(lab.sim.world().executed, []);
}
