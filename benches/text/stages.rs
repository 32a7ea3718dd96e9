//! What is done with a text on its way, each with the time that it takes.

use issue_mirror::model::{
    Acts, Attachment, Capabilities, Digest, Field, Fields, Issue, IssueId, IssueNumber, IssueType,
    LabelTitles, Lengths, Longest, Person, Project, ProjectKey, Spelling, State, Types, Version,
};
use issue_mirror::plan::draft::{self, Draft, LinkedFile, Setting, TextFacts};
use issue_mirror::plan::footer::{self, Ends};
use issue_mirror::plan::length::Fitted;
use issue_mirror::plan::opaque;
use issue_mirror::plan::policy::Policy;
use issue_mirror::plan::references::{Lead, Leads, Named};
use issue_mirror::text::envelope::{self, FooterLine, FooterName};
use issue_mirror::text::grammar::GITLAB;
use issue_mirror::text::marker::{self, Marker};
use issue_mirror::text::read::{self, Read};
use issue_mirror::text::references::Reference;
use issue_mirror::text::rewrite::{self, Rules};
use issue_mirror::text::{escape, length, maestro, path, title, wiki, yaml};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

/// One of the ways that a text goes.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// How often a text is rewritten or read whole in it.
    pub(crate) times: u32,
    /// The best of so many rounds.
    pub(crate) work: fn(&str, usize) -> Duration,
}

pub(crate) const STAGES: &[Stage] = &[
    Stage {
        name: "rewrite",
        times: 1,
        work: rewrites,
    },
    Stage {
        name: "undo",
        times: 1,
        work: undoes,
    },
    Stage {
        name: "read",
        times: 1,
        work: reads,
    },
    Stage {
        name: "wrap",
        times: 2,
        work: wraps,
    },
    Stage {
        name: "title",
        times: 1,
        work: titles,
    },
    Stage {
        name: "look",
        times: 1,
        work: looks,
    },
    Stage {
        name: "command",
        times: 1,
        work: commands,
    },
    Stage {
        name: "draft",
        times: 1,
        work: drafts,
    },
    Stage {
        name: "render",
        times: 1,
        work: renders,
    },
    Stage {
        name: "cut",
        times: 2,
        work: cuts,
    },
    Stage {
        name: "found",
        times: 1,
        work: finds,
    },
    Stage {
        name: "small",
        times: 1,
        work: small,
    },
    Stage {
        name: "yaml",
        times: 1,
        work: yamls,
    },
];

/// The best of some rounds, in the time of the processor, because the machine may do something else
/// too.
fn timed(rounds: usize, work: impl Fn()) -> Duration {
    let now = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
    };
    let times = (0..rounds).map(|_| {
        let begin = now();
        work();
        now().saturating_sub(begin)
    });
    times.min().unwrap_or_default()
}

/// Rules by which everything is done with a text that can be.
fn with_rules<T>(work: impl FnOnce(&Rules<'_>) -> T) -> T {
    let refers = |to: &Reference<'_>| (to.number == 1).then(|| "#2".to_owned());
    let destination = |link: &str| {
        (link.contains("/uploads/") || link.starts_with("[[")).then(|| "/v".to_owned())
    };
    let rules = Rules {
        grammar: GITLAB,
        front_matter: true,
        behind_paragraph: true,
        quick_actions: true,
        anywhere: true,
        mentions: true,
        references: true,
        code: true,
        hosts: [Some("t.example"), None],
        notify: &|name| (name == "b").then(|| "c".to_owned()),
        destination: &destination,
        refers: &refers,
    };
    work(&rules)
}

/// What changes most.
fn rewrites(text: &str, rounds: usize) -> Duration {
    with_rules(|rules| {
        timed(rounds, || {
            black_box(rewrite::rewrite(text, rules));
        })
    })
}

/// What undoes a rewrite is kept, and undoes it when somebody has added a line.
fn undoes(text: &str, rounds: usize) -> Duration {
    with_rules(|rules| {
        let now = rewrite::rewrite(text, rules);
        assert!(rewrite::restore(&now.text, &now.kept()).is_some_and(|was| was == text));
        let added = format!("{}\nMore.", now.text);
        timed(rounds, || {
            black_box(rewrite::restore(&added, &now.kept()));
        })
    })
}

/// What is asked of a text before.
fn reads(text: &str, rounds: usize) -> Duration {
    timed(rounds, || {
        let read = Read::of(text);
        let _ = read.references().len();
        let _ = read.destinations().len();
        let _ = read.mentions().len();
    })
}

fn marker() -> Marker {
    Marker {
        key: "imk7f3a9c2d4e".into(),
        source: "h:1:2".into(),
        ..Marker::default()
    }
}

/// The envelope around a text, and off again.
fn wraps(text: &str, rounds: usize) -> Duration {
    let marker = marker();
    let footer = [FooterLine {
        name: FooterName::Source,
        value: "x".into(),
    }];
    timed(rounds, || {
        let whole = envelope::description(text, &marker, &footer, true);
        assert!(envelope::split_description(&whole).is_some_and(|split| split.text == text));
        let whole = envelope::comment("**A** wrote", text, &marker);
        assert!(envelope::split_comment(&whole).is_some_and(|split| split.text == text));
    })
}

fn titles(text: &str, rounds: usize) -> Duration {
    let rules = Rules {
        grammar: GITLAB,
        front_matter: false,
        behind_paragraph: false,
        quick_actions: true,
        anywhere: true,
        mentions: true,
        references: true,
        code: true,
        hosts: [Some("t.example"), None],
        notify: &|_| None,
        destination: &|_| None,
        refers: &|_| None,
    };
    timed(rounds, || {
        title::rewrite(text, &rules);
    })
}

/// What stands on a target, looked at for envelopes of ours and of others.
fn looks(text: &str, rounds: usize) -> Duration {
    let (_, target) = ends();
    let mut issue = issue(text);
    let line = marker().render();
    issue.text = format!("{text}\n\n---\n\n{line}\n\n{text}");
    timed(rounds, || {
        for text in [text, &issue.text] {
            let split = envelope::split_description(text);
            let split = split.map(|split| (split.is_whole(text), split.says(FooterName::Notice)));
            black_box((split, envelope::split_comment(text).is_some()));
            black_box((maestro::split(text).is_some(), maestro::named(text)));
            black_box(marker::keys(text).len());
        }
        black_box(draft::digests(&issue));
        black_box(draft::comment_digests(&issue.text));
        black_box(opaque::tells(text, &target));
        black_box(footer::all_to_the_second(text));
    })
}

fn commands(text: &str, rounds: usize) -> Duration {
    timed(rounds, || {
        black_box(read::has_commands_anywhere(text));
    })
}

fn ends() -> (Project, Project) {
    let project = |key: &str, host: &str, name: &str| Project {
        key: ProjectKey(key.into()),
        host: host.into(),
        name: name.into(),
        pages: None,
    };
    (
        project("s.example:7", "s.example", "g/plans"),
        project("t.example:8", "t.example", "g/mirror"),
    )
}

fn issue(text: &str) -> Issue {
    Issue {
        id: IssueId(120),
        number: IssueNumber(12),
        version: Version(Digest::of(["v"])),
        title: "Title".into(),
        text: text.into(),
        state: State::Open,
        issue_type: IssueType::Issue,
        confidential: false,
        locked: false,
        author: Person::account("alice"),
        ours: true,
        created_at: None,
        closed_at: None,
        closed_by: None,
        labels: [].into(),
        milestone: None,
        start_date: None,
        health: None,
        reactions: (0, 0),
        iteration: None,
        epic: None,
        assignees: Vec::new(),
        weight: None,
        due_date: None,
        time_estimate: 0,
        time_spent: 0,
        web_url: Some("https://s.example/12".into()),
        location: "https://s.example/12".into(),
    }
}

fn target(longest: Longest) -> Capabilities {
    Capabilities {
        holds: &Field::ALL,
        needs: &[],
        offers: &[],
        lost: Fields::NONE,
        type_needs: &[],
        lost_types: Types::NONE,
        label_titles: LabelTitles::ANY,
        unlisted_labels: false,
        files_by_link: false,
        one_of_a_scope: false,
        on_create: &Field::ALL,
        confidential: true,
        internal_notes: true,
        threads: true,
        front_matter: true,
        description_lists: true,
        acts: Acts::EVERYTHING,
        longest: Lengths {
            title: Longest::Any,
            text: longest,
            comment: longest,
        },
        concurrency: 4,
        settles_after_seconds: 120,
    }
}

fn policy() -> Policy {
    Policy {
        notify_mentions: true,
        users: [("b".to_owned(), "c".to_owned())].into(),
        ..Policy::default()
    }
}

/// A draft of an issue with this text, whose links lead to files and whose references to counterparts,
/// as far as a pass looks them up.
fn drafted(text: &str, setting: Setting<'_>) -> Draft {
    const MOST: usize = 5000;
    let read = Read::of(text);
    let (mut files, mut pages) = (BTreeMap::new(), BTreeMap::new());
    for link in read.destinations().into_iter().take(MOST) {
        if wiki::page(link).is_some() {
            pages.insert(link.to_owned(), "https://s.example/w".to_owned());
        } else {
            let file = Attachment {
                place: link.to_owned(),
                stamp: None,
                private: false,
                address: None,
            };
            files.insert(link.to_owned(), file);
        }
    }
    let mut leads = Leads::default();
    for refers in read.references().iter().take(MOST) {
        let spelling = Spelling {
            short: Some("#2".to_owned()),
            native: true,
            address: Some("https://t.example/g/mirror/-/issues/2".to_owned()),
        };
        let label = "#2".to_owned();
        let lead = Lead::There { label, spelling };
        leads.named.insert(Named::by(refers), lead);
    }
    let files = files.into_iter();
    let facts = TextFacts {
        attachments: files
            .map(|(link, file)| LinkedFile { link, file })
            .collect(),
        addresses: pages,
        ..TextFacts::default()
    };
    let mut draft = draft::draft(&issue(text), &facts, setting);
    draft.lead(Leads::default(), leads, setting);
    draft
}

fn with_setting<T>(longest: Longest, work: impl FnOnce(Setting<'_>) -> T) -> T {
    let (policy, target, ends) = (policy(), target(longest), ends());
    work(Setting {
        policy: &policy,
        target: &target,
        ends: Ends {
            source: &ends.0,
            target: &ends.1,
        },
    })
}

/// A text with what stands around it.
fn around(fitted: &Fitted) -> String {
    envelope::description(&fitted.text, &marker(), &[], true)
}

/// Drafts an issue that was mirrored before.
fn drafts(text: &str, rounds: usize) -> Duration {
    with_setting(Longest::Any, |setting| {
        let issue = issue(text);
        timed(rounds, || {
            let facts = TextFacts {
                trusted: true,
                ..TextFacts::default()
            };
            black_box(draft::draft(&issue, &facts, setting));
        })
    })
}

/// Renders a text for a target that takes all of it, as a pass does that looked everything up.
fn renders(text: &str, rounds: usize) -> Duration {
    let most = Longest::Characters(text.len() * 100);
    with_setting(most, |setting| {
        let draft = drafted(text, setting);
        timed(rounds, || {
            black_box(draft.text.render(setting, &BTreeMap::new(), &around));
        })
    })
}

/// Renders a text for a target that takes half of it.
fn cuts(text: &str, rounds: usize) -> Duration {
    // What stands around it is shorter.
    const AROUND: usize = 1024;
    let longest = Longest::Characters(AROUND + text.len() / 2);
    with_setting(longest, |setting| {
        let draft = drafted(text, setting);
        timed(rounds, || {
            black_box(draft.text.render(setting, &BTreeMap::new(), &around));
        })
    })
}

/// Looks whether a text that is there is the one that would be written.
fn finds(text: &str, rounds: usize) -> Duration {
    with_setting(Longest::Any, |setting| {
        let draft = drafted(text, setting);
        let files = draft.text.attachments.iter().enumerate();
        let carried: BTreeMap<String, String> = files
            .map(|(number, file)| (file.link.clone(), format!("/uploads/{number}")))
            .collect();
        let there = draft.text.render(setting, &carried, &around);
        let there = there.map_or_else(String::new, |there| there.text.replace('\r', ""));
        timed(rounds, || {
            black_box(draft.text.found_in(setting, &there, None, false));
        })
    })
}

/// What is done with names, titles and links.
fn small(text: &str, rounds: usize) -> Duration {
    timed(rounds, || {
        black_box((escape::inline(text), escape::html(text)));
        black_box((escape::code(text), escape::one_line(text)));
        black_box((path::percent_decode(text), path::project_path(text)));
        black_box((wiki::page(text), Marker::parse(text)));
        for part in [3, 10, 100] {
            black_box(length::cut(text, text.len() / part));
            let longest = length::Longest::Characters(text.len() / part);
            black_box(length::shorten(text, longest));
        }
    })
}

/// The text as the front matter of a file.
fn yamls(text: &str, rounds: usize) -> Duration {
    let quoted = format!("a: {}\nb: [{}]", yaml::scalar(text), yaml::scalar(text));
    timed(rounds, || {
        black_box(yaml::parse(text).is_ok());
        black_box(yaml::parse(&quoted).is_ok());
    })
}
