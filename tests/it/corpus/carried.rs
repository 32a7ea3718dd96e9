//! Texts are carried by the real binary from one GitLab to another, or to another project of the
//! same, where everything that they name is there; then the servers are asked what happened.

use super::compared::Compared;
use super::{KEYS, full};
use crate::env::Env;
use crate::lab::FEW_CERTIFICATES;
use forge_sim::{Issue, Milestone, Role, Sim, World};
use std::collections::BTreeMap;

/// An issue with its comments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    /// For messages.
    pub(crate) at: String,
    /// Its number on the source.
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) comments: Vec<String>,
    /// The name of its author, and the title of its milestone, iteration and epic.
    pub(crate) called: Option<String>,
    /// It is known that something fires here.
    pub(crate) open: bool,
    /// It is known that a reference leads nowhere.
    pub(crate) lost: bool,
    /// It is known that it looks different.
    pub(crate) differs: bool,
}

/// What would happen by texts that nobody rewrites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hazards {
    /// Names behind `@` that are mentions, each once in its text.
    pub(crate) mentions: usize,
    /// What of the target they name: somebody else's issue in all cases.
    pub(crate) hits: usize,
    /// Lines that are carried out.
    pub(crate) commands: usize,
    /// Lines that begin with a slash, perhaps behind blanks.
    pub(crate) slashed: usize,
}

/// Two projects, on one server or two.
pub(crate) struct Carried {
    env: Env,
    source: Sim,
    /// `None`: the same.
    target: Option<Sim>,
    pub(super) there: u64,
    pub(super) here: u64,
    author: u64,
    /// By number.
    pub(super) texts: BTreeMap<u64, Text>,
}

/// Every number that a text could name is that of somebody else's issue on the target.
fn occupy(world: &mut World, project: u64, texts: &[Text]) {
    let most = texts.iter().map(|text| text.number).max().unwrap_or(0);
    let author = *world.users.keys().next().unwrap();
    while world.projects[&project].next_iid <= most {
        world.open_issue(project, author, "Bystander", "");
    }
}

/// Who reads on the source and writes on the target.
fn bot(world: &mut World, token: &str, project: u64, role: Role) {
    let known = world.users.values().find(|user| user.username == "bot");
    let bot = known.map(|user| user.id);
    let bot = bot.unwrap_or_else(|| world.add_user("bot"));
    world.add_token(token, bot);
    world.set_role(project, bot, role);
}

impl Carried {
    /// `same`: both projects are on one server.
    pub(crate) fn new(same: bool, texts: Vec<Text>) -> Self {
        let (mut world, there) = full("", "team/app");
        let find = |world: &World| {
            let mut projects = world.projects.values();
            projects
                .find(|project| project.path == "mirrors/app")
                .unwrap()
                .id
        };
        let mut here = find(&world);
        let author = world.add_user("author");
        let project = world.projects.get_mut(&there).unwrap();
        project.members.insert(author, Role::Developer);
        project.issues.clear();
        project.next_iid = 1;
        let secret = "0123456789abcdef0123456789abcdef";
        let file = (secret.to_owned(), "x.png".to_owned());
        project.uploads.insert(file, b"a picture".to_vec());
        bot(&mut world, "reader", there, Role::Reporter);
        let target = if same {
            bot(&mut world, "writer", here, Role::Maintainer);
            occupy(&mut world, here, &texts);
            None
        } else {
            let (mut other, _) = full("", "mirrors/app");
            here = find(&other);
            bot(&mut other, "writer", here, Role::Maintainer);
            occupy(&mut other, here, &texts);
            Some(Sim::start(other))
        };
        let source = Sim::start(world);
        let carried = Self {
            env: Env::empty(),
            source,
            target,
            there,
            here,
            author,
            texts: texts.into_iter().map(|text| (text.number, text)).collect(),
        };
        for sim in carried.servers() {
            let url = sim.url();
            sim.world().web_address = url;
        }
        carried.configure();
        carried.write();
        carried
    }

    fn servers(&self) -> impl Iterator<Item = &Sim> {
        std::iter::once(&self.source).chain(&self.target)
    }

    fn target(&self) -> &Sim {
        self.target.as_ref().unwrap_or(&self.source)
    }

    fn configure(&self) {
        let (source, target) = (self.source.url(), self.target().url());
        self.env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: '{source}', token_env: READER }}
  backup: {{ forge: gitlab, url: '{target}', token_env: WRITER }}
pairs:
  - name: app
    source: {{ instance: prod, project: team/app }}
    target: {{ instance: backup, project: mirrors/app }}
    sync_existing_issues: true
    max_creates: 10000
    inert_keys: [{}]
",
                KEYS.join(", ")
            ),
        );
    }

    /// A text with the addresses that the servers have.
    fn real(&self, text: &str) -> String {
        text.replace("https://target.example", &self.target().url())
            .replace("https://source.example", &self.source.url())
            .replace("/PROJECT/", &format!("/{}/", self.there))
    }

    /// What people write in the browser.
    fn write(&self) {
        let real = |text: &String| self.real(text);
        let texts: Vec<Text> = self
            .texts
            .values()
            .map(|text| Text {
                title: real(&text.title),
                body: real(&text.body),
                comments: text.comments.iter().map(real).collect(),
                called: text.called.as_ref().map(real),
                ..text.clone()
            })
            .collect();
        let mut world = self.source.world();
        for text in texts {
            world.projects.get_mut(&self.there).unwrap().next_iid = text.number;
            let author = match &text.called {
                None => self.author,
                Some(name) => {
                    let author = world.add_user(&format!("user{}", text.number));
                    world.users.get_mut(&author).unwrap().name.clone_from(name);
                    author
                }
            };
            let iid = world.open_issue(self.there, author, &text.title, &text.body);
            for comment in text.comments {
                world.comment(self.there, iid, author, &comment);
            }
            if let Some(title) = text.called {
                self.plan(&mut world, iid, &title);
            }
        }
    }

    /// Puts an issue into what has such a title.
    fn plan(&self, world: &mut World, iid: u64, title: &str) {
        world.premium = true;
        let id = world.fresh_id();
        let milestone = Milestone {
            title: title.to_owned(),
            ..Milestone::default()
        };
        let project = world.projects.get_mut(&self.there).unwrap();
        project.milestones.insert(id, milestone);
        let issue = world.issue_mut(self.there, iid);
        issue.milestone = Some(id);
        issue.iteration = Some(title.to_owned());
        issue.epic = Some((3, title.to_owned()));
    }

    /// Each text of so many gets another paragraph, and its title another word.
    pub(crate) fn edit(&self, every: u64) {
        const MORE: &str = "\n\nEdited by @bob, see #3.\n\n/reopen";
        let mut world = self.source.world();
        let now = world.clock.now();
        let project = world.projects.get_mut(&self.there).unwrap();
        let edited = |issue: &&mut Issue| issue.iid.is_multiple_of(every);
        for issue in project.issues.values_mut().filter(edited) {
            let text = issue.description.take().unwrap_or_default();
            issue.description = Some(text + MORE);
            issue.title += " @bob";
            issue.updated_at = now;
            for note in &mut issue.notes {
                note.body += MORE;
                note.updated_at = now;
            }
        }
    }

    pub(crate) fn sync(&self) {
        for sim in self.servers() {
            sim.advance(300);
        }
        let variables = [("READER", "reader"), ("WRITER", "writer"), FEW_CERTIFICATES];
        let run = self.env.run_with(&["sync"], &variables);
        assert_eq!(run.code, 0, "{}", run.shown());
    }

    /// How many writes the servers saw.
    pub(crate) fn writes(&self) -> usize {
        let other = self.target.as_ref().map(|sim| sim.world().writes());
        self.source.world().writes() + other.unwrap_or(0)
    }

    /// What the texts would do if they were carried as they are.
    pub(crate) fn hazards(&self) -> Hazards {
        // Asking for an address takes the same lock.
        let texts: Vec<String> = self
            .texts
            .values()
            .flat_map(|text| std::iter::once(&text.body).chain(&text.comments))
            .map(|text| self.real(text))
            .collect();
        let target = self.target().world();
        let mut all = Hazards::default();
        for text in &texts {
            let reading = target.reads(self.here, text);
            all.mentions += reading.mentions.len();
            all.hits += reading.names().count();
            all.commands += reading.commands.len();
            let slashed = |line: &&str| line.trim_start().starts_with('/');
            all.slashed += text.lines().filter(slashed).count();
        }
        all
    }

    /// What is not as it should be, in words.
    pub(crate) fn problems(&self) -> Vec<String> {
        let source = self.source.world().clone();
        let target = match &self.target {
            None => source.clone(),
            Some(target) => target.world().clone(),
        };
        let compared = Compared::new(self, &source, &target);
        let mut problems = compared.fired();
        if self.target.is_some() {
            let quiet = source.mails.is_empty()
                && source.executed.is_empty()
                && source.backlinks.is_empty()
                && source.writes() == 0;
            if !quiet {
                problems.push("something was written on the source".to_owned());
            }
        }
        for text in self.texts.values() {
            problems.extend(compared.look(text));
        }
        problems
    }
}
