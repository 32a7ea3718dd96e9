//! What stands in a text, as its source reads it.

use super::actions;
use super::cells;
use super::files;
use super::finding;
use super::grammar::{Found, GITLAB};
use super::matter::Matter;
use super::references::Reference;
use super::returns;
use super::spaced;
use super::structure::{self, Reading, Structure};
use super::wiki;
use std::borrow::Cow;

/// A text as its source reads it, to be asked what stands in it.
#[derive(Debug)]
pub struct Read<'a> {
    text: &'a str,
    structure: Structure,
    /// What is no code in tables that are written as data.
    cells: Vec<Self>,
}

impl<'a> Read<'a> {
    /// Reads a Markdown text.
    pub fn of(text: &'a str) -> Self {
        Self::with(text, Matter::Any)
    }

    fn with(text: &'a str, matter: Matter) -> Self {
        let reading = Reading {
            matter,
            formulas: true,
            escaped: GITLAB.escaped,
        };
        let structure = structure::read(&returns::as_line_feeds(text), reading);
        let cells = cells::plain(text, &structure);
        let cells = cells
            .map(|cell| Self::with(&text[cell], Matter::None))
            .collect();
        Self {
            text,
            structure,
            cells,
        }
    }

    /// The destinations of every link and image, then those with a blank, the addresses of files that
    /// stand in the text as they are, and links to pages of a wiki with their brackets.
    pub fn destinations(&self) -> Vec<&'a str> {
        let bare = files::bare(self.text, &self.structure).into_iter();
        let found = self.structure.destinations.iter().cloned();
        let spaced = spaced::links(self.text, &self.structure).map(|link| link.to);
        let pages = wiki::links(self.text, &self.structure).map(|link| link.whole);
        found
            .chain(spaced)
            .chain(bare.map(|(_, address)| address))
            .chain(pages)
            .map(|range| &self.text[range])
            .chain(self.cells.iter().flat_map(Self::destinations))
            .collect()
    }

    /// Everything that refers to something and may become something else, in any order.
    pub fn references(&self) -> Vec<Reference<'a>> {
        let Self {
            text,
            structure,
            cells,
        } = self;
        let mut found: Vec<_> = finding::shown(text, structure).collect();
        let destinations = structure.destinations.iter();
        found.extend(destinations.filter_map(|range| finding::destination(text, range, structure)));
        let autolinks = structure.autolinks.iter();
        found.extend(autolinks.filter_map(|range| finding::autolink(text, range)));
        found.extend(cells.iter().flat_map(Self::references));
        found
    }

    /// The accounts that are named outside code, in order, those in cells behind the others.
    pub fn mentions(&self) -> Vec<&'a str> {
        let flow = &self.structure.flow;
        let found = GITLAB.find(flow);
        found
            .filter_map(|found| match found {
                Found::Somebody(range, behind) => flow.source(self.text, &(behind..range.end)),
                _ => None,
            })
            .map(|range| &self.text[range])
            .chain(self.cells.iter().flat_map(Self::mentions))
            .collect()
    }
}

/// Whether a text has what would be a command if commands were looked for anywhere.
pub fn has_commands_anywhere(text: &str) -> bool {
    // As all forges read it that know commands.
    let text = if GITLAB.drops_returns && text.contains('\r') {
        Cow::Owned(text.replace('\r', ""))
    } else {
        Cow::Borrowed(text)
    };
    let Some(first) = actions::known(&text).next() else {
        return false;
    };
    let Read { structure, .. } = Read::of(&text);
    std::iter::once(first)
        .chain(actions::known(&text))
        .any(|slash| !structure.is_prose(&slash))
}
