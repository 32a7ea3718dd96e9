//! What stands in a text, as its source reads it.

use super::actions;
use super::cells::Cells;
use super::files;
use super::finding;
use super::grammar::{Found, GITLAB};
use super::matter::{self, Matter};
use super::nul;
use super::references::Reference;
use super::returns;
use super::spaced;
use super::structure::{self, Reading, Structure};
use super::wiki;
use std::borrow::Cow;

/// A text as its source reads it, to be asked what stands in it.
#[derive(Debug)]
pub struct Read<'a> {
    text: Cow<'a, str>,
    known: Known,
}

impl<'a> Read<'a> {
    /// Reads a Markdown text.
    pub fn of(text: &'a str) -> Self {
        let text = nul::shown(text);
        let known = Known::of(&text, Matter::Any);
        Self { text, known }
    }

    /// The destinations of every link and image, then those with a blank, the addresses of files that
    /// stand in the text as they are, and links to pages of a wiki with their brackets.
    pub fn destinations(&self) -> Vec<&str> {
        self.known.destinations(&self.text)
    }

    /// Everything that refers to something and may become something else, in any order.
    pub fn references(&self) -> Vec<Reference<'_>> {
        self.known.references(&self.text)
    }

    /// The accounts that are named outside code, in order, those in cells behind the others.
    pub fn mentions(&self) -> Vec<&str> {
        self.known.mentions(&self.text)
    }
}

/// What is known of a text.
#[derive(Debug)]
struct Known {
    structure: Structure,
    /// What is no code in tables that are written as data.
    cells: Option<Box<Cells<Self>>>,
}

impl Known {
    fn of(text: &str, matter: Matter) -> Self {
        let structure = structure(text, matter);
        let tables = &structure.tables;
        let cells = || Cells::of(text, tables, &[], |cell| Self::of(cell, Matter::None));
        let cells = (!tables.is_empty()).then(|| Box::new(cells()));
        Self { structure, cells }
    }

    fn destinations<'a>(&'a self, text: &'a str) -> Vec<&'a str> {
        let bare = files::bare(text, &self.structure).into_iter();
        let found = self.structure.destinations.iter().cloned();
        let spaced = spaced::links(text, &self.structure).map(|link| link.to);
        let pages = wiki::links(text, &self.structure).map(|link| link.whole);
        let all = found
            .chain(spaced)
            .chain(bare.map(|(_, address)| address))
            .chain(pages);
        let mut all: Vec<&str> = all.map(|range| &text[range]).collect();
        if let Some(cells) = &self.cells {
            // No link stands in words.
            let words = |_, _| Vec::new();
            all.extend(cells.all(text, words, |cell, known| known.destinations(cell)));
        }
        all
    }

    fn references<'a>(&'a self, text: &'a str) -> Vec<Reference<'a>> {
        let structure = &self.structure;
        let mut found: Vec<_> = finding::shown(text, structure).collect();
        let destinations = structure.destinations.iter();
        found.extend(destinations.filter_map(|range| finding::destination(text, range, structure)));
        let autolinks = structure.autolinks.iter();
        found.extend(autolinks.filter_map(|range| finding::autolink(text, range)));
        if let Some(cells) = &self.cells {
            let words = |text, words| {
                let shown = finding::shown(text, words);
                shown.map(|refers| (refers.range.start, refers)).collect()
            };
            found.extend(cells.all(text, words, |cell, known| known.references(cell)));
        }
        found
    }

    fn mentions<'a>(&'a self, text: &'a str) -> Vec<&'a str> {
        let named = |(_, name)| name;
        let found = mentions(text, &self.structure).into_iter();
        let mut found: Vec<_> = found.map(named).collect();
        if let Some(cells) = &self.cells {
            found.extend(cells.all(text, mentions, |cell, known| known.mentions(cell)));
        }
        found
    }
}

/// The structure of a text as its source reads it.
fn structure(text: &str, matter: Matter) -> Structure {
    // A carriage return ends no line of settings.
    let (settings, rest) = text.split_at(matter::end(text, matter));
    let matter = if settings.is_empty() {
        Matter::None
    } else {
        matter
    };
    let reading = Reading {
        matter,
        formulas: true,
        escaped: GITLAB.escaped,
    };
    let lines = match returns::as_line_feeds(rest) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(rest) => Cow::Owned(settings.to_owned() + &rest),
    };
    structure::read(&lines, reading)
}

/// The accounts that are named in what a text shows, and where.
fn mentions<'a>(text: &'a str, structure: &Structure) -> Vec<(usize, &'a str)> {
    let flow = &structure.flow;
    let found = GITLAB.find(flow).filter_map(|found| match found {
        Found::Somebody(range, behind) => flow.source(text, &(behind..range.end)),
        _ => None,
    });
    found.map(|name| (name.start, &text[name])).collect()
}

/// Whether a text has what would be a command if commands were looked for anywhere.
pub fn has_commands_anywhere(text: &str) -> bool {
    // As all forges read it that know commands.
    let text = nul::shown(text);
    let text = GITLAB.taken(&text);
    let Some(first) = actions::known(&text).next() else {
        return false;
    };
    let structure = structure(&text, Matter::Any);
    std::iter::once(first)
        .chain(actions::known(&text))
        .any(|slash| !structure.is_prose(&slash))
}
