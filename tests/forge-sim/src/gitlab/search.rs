//! `search=` on a project's issues: PostgreSQL's index of words, not the text (reference §8.5).

use crate::world::Issue;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Runs of this length are blanked before they are indexed.
const LONGEST_WORD: usize = 49;

/// What is looked for, and where.
#[derive(Clone, Debug)]
pub(super) struct Search {
    terms: Vec<String>,
    /// A character stands in it that the index does not know: the text itself is looked through.
    plainly: bool,
    in_title: bool,
    in_description: bool,
}

impl Search {
    /// `text`: the value of `search`; `places`: those of `in`, or nothing for both.
    pub(super) fn new(text: &str, places: Option<&[String]>) -> Self {
        let is_in = |name: &str| places.is_none_or(|p| p.iter().any(|place| place == name));
        let plainly = text.chars().any(|c| !is_indexed(c));
        let terms = if plainly {
            text.split_whitespace().map(str::to_lowercase).collect()
        } else {
            words(text).into_iter().collect()
        };
        Self {
            terms,
            plainly,
            in_title: is_in("title"),
            in_description: is_in("description"),
        }
    }

    /// Whether each term is in an issue.
    pub(super) fn finds(&self, issue: &Issue) -> bool {
        let title = issue.title.as_str();
        let description = issue.description.as_deref().unwrap_or("");
        let places = [(self.in_title, title), (self.in_description, description)];
        let texts: Vec<&str> = places
            .into_iter()
            .filter_map(|(is_in, text)| is_in.then_some(text))
            .collect();
        if self.plainly {
            let text = texts.join("\n").to_lowercase();
            return self.terms.iter().all(|term| text.contains(term));
        }
        let indexed = words(&seen_by_the_index(&texts.join("\n")));
        let is_there = |term: &String| indexed.iter().any(|word| word.starts_with(term));
        self.terms.iter().all(is_there)
    }
}

/// The characters for which the index of words is asked.
fn is_indexed(c: char) -> bool {
    matches!(c, '\0'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{2070}'..='\u{218f}')
}

/// A text without what the index drops: comments and tags of HTML, and runs that are no words.
fn seen_by_the_index(text: &str) -> String {
    static HTML: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)<!--.*?-->|</?[A-Za-z][^<>]*>").expect("a pattern"));
    static RUN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/@]+").expect("a pattern"));
    let text = HTML.replace_all(text, " ");
    let blanked = RUN.replace_all(&text, |found: &regex::Captures<'_>| {
        if found[0].len() > LONGEST_WORD {
            " ".to_owned()
        } else {
            found[0].to_owned()
        }
    });
    blanked.into_owned()
}

/// Words as the index has them: of letters and digits, in lower case, plurals as their singulars.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            match word.strip_suffix('s') {
                Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
                _ => word,
            }
        })
        .collect()
}
