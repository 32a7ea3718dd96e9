//! What a text is and does in a world: who is written to, and what its references name.

use super::actions;
use super::grammar::{self, Found, Kind};
use super::html::{self, Node, Page};
use super::markdown;
use crate::world::{Project, World};
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;

/// Something that a reference names and that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// An issue, by its project and number.
    Issue(u64, u64),
    /// A merge request, by its project and number.
    MergeRequest(u64, u64),
    /// A commit, by its project and name.
    Commit(u64, String),
    /// A label, by its project and title.
    Label(u64, String),
    /// A milestone, by its project and title.
    Milestone(u64, String),
    /// An issue of the tracker that a project is connected with, by the project and its key: it gets a
    /// comment there, or a link to where it was named.
    Ticket(u64, String),
}

impl Named {
    /// It gets a note that it was mentioned.
    pub(super) fn notices(&self) -> bool {
        matches!(
            self,
            Self::Issue(..) | Self::MergeRequest(..) | Self::Commit(..) | Self::Ticket(..)
        )
    }
}

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As it is written.
    pub written: String,
    /// What it is to, if that is there.
    pub to: Option<Named>,
    /// The comment that it leads to.
    pub note: Option<u64>,
    /// It is the address of a link and not a text.
    pub in_link: bool,
}

/// A link on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, as it stands on the page.
    pub href: String,
    /// Its text, or the text in place of an image.
    pub text: String,
}

/// A piece of what a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters.
    Text(String),
    /// A reference to something that is there, or a link.
    Link {
        /// The characters that stand there.
        text: String,
        /// Where it leads, as it stands on the page; of a reference, what is written.
        href: String,
        /// What it is a reference to.
        to: Option<Named>,
        /// The comment that it leads to.
        note: Option<u64>,
    },
}

/// What a text is and does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Lines that are commands.
    pub commands: Vec<String>,
    /// Names behind `@`, whether or not anybody has them.
    pub mentions: BTreeSet<String>,
    /// References, whether or not what they name is there; texts that could be commits only if it
    /// is, and keys of another tracker only if it hears of them.
    pub references: Vec<Reference>,
    /// Links, then images.
    pub links: Vec<Link>,
    /// What a reader sees; blocks begin on a new line.
    pub pieces: Vec<Piece>,
}

impl Reading {
    /// The characters that a reader sees.
    pub fn visible(&self) -> String {
        let pieces = self.pieces.iter();
        pieces
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Link { text, .. } => text.as_str(),
            })
            .collect()
    }

    /// What its references name.
    pub fn names(&self) -> impl Iterator<Item = Named> + '_ {
        self.references
            .iter()
            .filter_map(|reference| reference.to.clone())
    }
}

pub(super) fn of(world: &World, project: u64, text: &str) -> Reading {
    let text = text.replace('\r', "");
    let mut pages = markdown::render(&text).into_iter();
    let mut reading = read(
        world,
        project,
        html::page(&pages.next().unwrap_or_default()),
    );
    // What earlier versions would do counts too.
    for page in pages {
        let earlier = read(world, project, html::page(&page));
        reading.mentions.extend(earlier.mentions);
        for reference in earlier.references {
            if !reading.references.contains(&reference) {
                reading.references.push(reference);
            }
        }
    }
    reading.commands = actions::commands(&text, &world.version)
        .into_iter()
        .map(|command| text[command.line].to_owned())
        .collect();
    reading
}

pub(super) fn of_title(world: &World, project: u64, title: &str) -> Reading {
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;");
    read(world, project, html::line(&escaped))
}

fn read(world: &World, project: u64, page: Page) -> Reading {
    let reader = Reader { world, project };
    let mut reading = Reading::default();
    for node in page.nodes {
        match node {
            Node::Text(text) => reader.text(&text, &mut reading),
            Node::Link(href, text) => reader.link(href, text, &mut reading),
            Node::Other(text) => reading.pieces.push(Piece::Text(text)),
        }
    }
    let images = page.images.into_iter();
    let images = images.map(|(href, text)| Link { href, text });
    reading.links.extend(images);
    reading
}

struct Reader<'a> {
    world: &'a World,
    project: u64,
}

impl Reader<'_> {
    fn text(&self, text: &str, reading: &mut Reading) {
        let mut at = 0;
        for (range, name) in grammar::mentions(text) {
            // Somebody who is there becomes a link, and what stands before and behind it are two
            // texts.
            if self.is_somebody(&name) {
                self.references(&text[at..range.start], reading);
                let somebody = text[range.clone()].to_owned();
                reading.pieces.push(Piece::Text(somebody));
                at = range.end;
            }
            reading.mentions.insert(name);
        }
        self.references(&text[at..], reading);
    }

    fn references(&self, text: &str, reading: &mut Reading) {
        let mut at = 0;
        for found in grammar::references(text) {
            self.add(text, &found, false, reading);
            let to = self.named(&found).filter(Named::notices);
            if to.is_none() || found.written.start < at {
                continue;
            }
            let before = text[at..found.written.start].to_owned();
            let written = text[found.written.clone()].to_owned();
            reading.pieces.push(Piece::Text(before));
            reading.pieces.push(Piece::Link {
                text: written.clone(),
                href: written,
                to,
                note: found.note,
            });
            at = found.written.end;
        }
        reading.pieces.push(Piece::Text(text[at..].to_owned()));
    }

    fn link(&self, href: String, text: String, reading: &mut Reading) {
        let link = percent_decode_str(&href).decode_utf8_lossy().into_owned();
        let found = grammar::whole_reference(&link)
            .or_else(|| grammar::address(&link, link == text, |host, rest| self.below(host, rest)));
        if let Some(found) = &found {
            self.add(&link, found, true, reading);
        }
        reading.mentions.extend(grammar::whole_mention(&link));
        let to = found.as_ref().and_then(|found| self.named(found));
        // An address that was replaced leaves what the parser took along.
        let end = match &found {
            Some(found) if to.is_some() && link == text => found.written.end,
            _ => text.len(),
        };
        let (shown, behind) = text.split_at(end);
        reading.pieces.push(Piece::Link {
            text: shown.to_owned(),
            href: href.clone(),
            to,
            note: found.and_then(|found| found.note),
        });
        if !behind.is_empty() {
            reading.pieces.push(Piece::Text(behind.to_owned()));
        }
        reading.links.push(Link { href, text });
    }

    fn add(&self, text: &str, found: &Found, in_link: bool, reading: &mut Reading) {
        let to = self.named(found);
        if to.is_none() && matches!(found.kind, Kind::Commit | Kind::Ticket) {
            return;
        }
        reading.references.push(Reference {
            written: text[found.written.clone()].to_owned(),
            to,
            note: found.note,
            in_link,
        });
    }

    /// Where the paths of projects begin in an address of this server.
    fn below(&self, host: &str, rest: &str) -> Option<usize> {
        let known = self.world.hosts.iter().map(String::as_str);
        let web = self.world.web_address.split("://").nth(1).unwrap_or("");
        let web = web.split('/').next();
        let same = |known: &str| known.eq_ignore_ascii_case(host);
        if !known.chain(web).any(same) {
            return None;
        }
        rest.starts_with(&self.world.relative_url)
            .then_some(self.world.relative_url.len())
    }

    fn is_somebody(&self, name: &str) -> bool {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        name == "all"
            || self.world.users.values().any(|user| same(&user.username))
            || self.world.projects.values().any(|project| {
                let mut group = project.path.as_str();
                while let Some((above, _)) = group.rsplit_once('/') {
                    if same(above) {
                        return true;
                    }
                    group = above;
                }
                false
            })
    }

    /// The project of a path: in full, or that of one next to this.
    fn project(&self, path: Option<&str>) -> Option<&Project> {
        let Some(path) = path else {
            return self.world.projects.get(&self.project);
        };
        let full = match path.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None if path.contains('/') => path.to_owned(),
            None => {
                let here = &self.world.projects[&self.project].path;
                let above = here.rsplit_once('/').map_or("", |(above, _)| above);
                format!("{above}/{path}")
            }
        };
        let mut projects = self.world.projects.values();
        projects.find(|project| {
            let mut paths = std::iter::once(&project.path).chain(&project.old_paths);
            paths.any(|path| path.eq_ignore_ascii_case(&full))
        })
    }

    fn named(&self, found: &Found) -> Option<Named> {
        let project = self.project(found.path.as_deref())?;
        let id = project.id;
        let number = found.name.parse::<u64>().ok();
        match found.kind {
            Kind::Issue => {
                let number = number.filter(|number| project.issues.contains_key(number))?;
                Some(Named::Issue(id, number))
            }
            Kind::MergeRequest => {
                let number = number.filter(|number| project.merge_requests.contains(number))?;
                Some(Named::MergeRequest(id, number))
            }
            Kind::Commit => {
                let begins = found.name.to_ascii_lowercase();
                let mut commits = project.commits.iter();
                let commit = commits.find(|commit| commit.starts_with(&begins))?;
                Some(Named::Commit(id, commit.clone()))
            }
            Kind::Label => {
                let mut labels = project.labels.iter();
                let label =
                    labels.find(|label| label.name == found.name || Some(label.id) == number)?;
                Some(Named::Label(id, label.name.clone()))
            }
            Kind::Milestone => {
                let mut milestones = project.milestones.values();
                let milestone = milestones.find(|milestone| milestone.title == found.name)?;
                Some(Named::Milestone(id, milestone.title.clone()))
            }
            Kind::Ticket => project
                .is_told(&found.name)
                .then(|| Named::Ticket(id, found.name.clone())),
            // Nothing is known of these.
            Kind::Snippet | Kind::Epic | Kind::Iteration | Kind::Alert | Kind::Other => None,
        }
    }
}
