//! The cases: texts as authors wrote them, and what they become on the target.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A text and what becomes of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    /// The name of the file that it stands in.
    pub(crate) topic: String,
    /// What it is about.
    pub(crate) name: String,
    /// As its author wrote it.
    pub(crate) before: String,
    /// On the target; `None` if nobody has looked at it yet.
    pub(crate) after: Option<String>,
    /// The same where the issues that it names are mirrored, if that is another text.
    pub(crate) leading: Option<String>,
    /// Something fires that should not, and why it is not mended.
    pub(crate) open: Option<String>,
    /// A reference leads nowhere on the target though what it names is mirrored, and why.
    pub(crate) lost: Option<String>,
    /// What looks like a reference leads nowhere on the target, and why that is right.
    pub(crate) inert: Option<String>,
    /// A reader sees something else than its author wrote, and why.
    pub(crate) differs: Option<String>,
    /// What is code is not what its author wrote, and why.
    pub(crate) code: Option<String>,
}

impl Case {
    pub(crate) fn is_title(&self) -> bool {
        self.topic == "titles"
    }

    /// What is said against it by a word.
    fn mark(&mut self, word: &str) -> Option<&mut Option<String>> {
        Some(match word {
            "open" => &mut self.open,
            "lost" => &mut self.lost,
            "inert" => &mut self.inert,
            "looks different" => &mut self.differs,
            "code" => &mut self.code,
            _ => return None,
        })
    }

    /// Topic and name, for messages.
    pub(crate) fn at(&self) -> String {
        format!("{}: {}", self.topic, self.name)
    }
}

/// What begins the parts of a case.
const BEFORE: &str = "▶";
const AFTER: &str = "▷";
const SAME: &str = "▷ the same";
const LEADING: &str = "▷ leading";

/// Characters that nobody would see, by their names.
const ODD: &[(&str, char)] = &[
    ("WJ", '\u{2060}'),
    ("ZWSP", '\u{200b}'),
    ("ZWNJ", '\u{200c}'),
    ("ZWJ", '\u{200d}'),
    ("NBSP", '\u{a0}'),
    ("BOM", '\u{feff}'),
    ("SHY", '\u{ad}'),
    ("RLM", '\u{200f}'),
    ("RLO", '\u{202e}'),
    ("PDF", '\u{202c}'),
    ("LS", '\u{2028}'),
    ("FF", '\u{c}'),
    ("VT", '\u{b}'),
    ("CR", '\r'),
    ("TAB", '\t'),
    ("NUL", '\0'),
];

fn real(line: &str) -> String {
    ODD.iter()
        .fold(line.replace("⟨SP⟩", " "), |line, (name, odd)| {
            line.replace(&format!("⟨{name}⟩"), &odd.to_string())
        })
}

/// A text with everything in it that nobody would see named.
fn readable(text: &str) -> String {
    let line = |line: &str| {
        let kept = line.trim_end_matches(' ');
        let blanks = "⟨SP⟩".repeat(line.len() - kept.len());
        // Emoji of several people hold together as they are.
        let mut shown = String::new();
        for c in kept.chars() {
            match ODD.iter().find(|(_, odd)| *odd == c) {
                Some((name, _)) => {
                    let _ = write!(shown, "⟨{name}⟩");
                }
                None => shown.push(c),
            }
        }
        shown + &blanks
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// Every case, by topic.
pub(crate) fn all() -> Vec<Case> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let topic = file.file_stem().unwrap().to_string_lossy().into_owned();
        cases.extend(read(&topic, &fs::read_to_string(&file).unwrap()));
    }
    cases
}

fn read(topic: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    // The lines of the part that is read, and which one it is.
    let mut part: Vec<String> = Vec::new();
    let mut which = BEFORE;
    let end = |cases: &mut Vec<Case>, part: &mut Vec<String>, which: &str| {
        let Some(case) = cases.last_mut() else {
            return;
        };
        let part = std::mem::take(part).join("\n");
        match which {
            BEFORE => case.before = part,
            AFTER => case.after = Some(part),
            LEADING => case.leading = Some(part),
            _ => case.after = Some(case.before.clone()),
        }
    };
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("▶ ") {
            end(&mut cases, &mut part, which);
            which = BEFORE;
            cases.push(Case {
                topic: topic.to_owned(),
                name: name.to_owned(),
                ..Case::default()
            });
            continue;
        }
        if [AFTER, SAME, LEADING].contains(&line) {
            end(&mut cases, &mut part, which);
            which = line;
            continue;
        }
        let Some(case) = cases.last_mut() else {
            panic!("{topic}: a case begins with ▶ and its name");
        };
        let mark = line
            .strip_prefix("· ")
            .and_then(|mark| mark.split_once(": "));
        match mark.and_then(|(word, why)| Some((case.mark(word)?, why))) {
            Some((mark, why)) => *mark = Some(why.to_owned()),
            None => part.push(real(line)),
        }
    }
    end(&mut cases, &mut part, which);
    cases
}

/// Writes the cases down as they are now; somebody must look at what changed.
pub(crate) fn bless(mut cases: Vec<Case>, now: impl Fn(&mut Case)) {
    let mut topics: Vec<String> = cases.iter().map(|case| case.topic.clone()).collect();
    topics.dedup();
    for topic in topics {
        let mut out = String::new();
        for case in cases.iter_mut().filter(|case| case.topic == topic) {
            now(case);
            let _ = writeln!(out, "▶ {}", case.name);
            for word in ["open", "lost", "inert", "looks different", "code"] {
                if let Some(Some(why)) = case.mark(word) {
                    let _ = writeln!(out, "· {word}: {why}");
                }
            }
            let _ = writeln!(out, "{}", readable(&case.before));
            match &case.after {
                Some(after) if *after != case.before => {
                    let _ = writeln!(out, "{AFTER}\n{}", readable(after));
                }
                _ => {
                    let _ = writeln!(out, "{SAME}");
                }
            }
            if let Some(leading) = &case.leading {
                let _ = writeln!(out, "{LEADING}\n{}", readable(leading));
            }
        }
        fs::write(folder().join(format!("{topic}.txt")), out).unwrap();
    }
}

/// The least of a text of which something is still true.
pub(crate) fn least(text: &str, is_true: impl Fn(&str) -> bool) -> String {
    let mut left: Vec<char> = text.chars().collect();
    let mut length = left.len() / 2;
    while length > 0 {
        let mut at = 0;
        while at < left.len() {
            let end = (at + length).min(left.len());
            let without: String = left[..at].iter().chain(&left[end..]).collect();
            if is_true(&without) {
                left = without.chars().collect();
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    left.into_iter().collect()
}
