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
    /// Something fires that should not, and why it is not mended.
    pub(crate) open: Option<String>,
    /// A reference leads nowhere on the target though what it names is mirrored, and why.
    pub(crate) lost: Option<String>,
    /// A reader sees something else than its author wrote, and why.
    pub(crate) differs: Option<String>,
}

impl Case {
    pub(crate) fn is_title(&self) -> bool {
        self.topic == "titles"
    }

    /// Topic and name, for messages.
    pub(crate) fn at(&self) -> String {
        format!("{}: {}", self.topic, self.name)
    }
}

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
    let mut after: Option<String> = None;
    let mut before: Vec<String> = Vec::new();
    let end = |cases: &mut Vec<Case>, before: &mut Vec<String>, after: &mut Option<String>| {
        if let Some(case) = cases.last_mut() {
            case.before = std::mem::take(before).join("\n");
            case.after = after.take();
            if case.after.as_deref() == Some("▷ the same") {
                case.after = Some(case.before.clone());
            }
        }
    };
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("▶ ") {
            end(&mut cases, &mut before, &mut after);
            cases.push(Case {
                topic: topic.to_owned(),
                name: name.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            panic!("{topic}: a case begins with ▶ and its name");
        };
        if let Some(why) = line.strip_prefix("· open: ") {
            case.open = Some(why.to_owned());
        } else if let Some(why) = line.strip_prefix("· lost: ") {
            case.lost = Some(why.to_owned());
        } else if let Some(why) = line.strip_prefix("· looks different: ") {
            case.differs = Some(why.to_owned());
        } else if line == "▷ the same" {
            after = Some(line.to_owned());
        } else if line == "▷" {
            after = Some("▷".to_owned());
        } else {
            match after.as_mut() {
                None => before.push(real(line)),
                Some(after) if after == "▷" => *after = real(line),
                Some(after) => {
                    after.push('\n');
                    after.push_str(&real(line));
                }
            }
        }
    }
    end(&mut cases, &mut before, &mut after);
    cases
}

/// Writes the cases down as they are now; somebody must look at what changed.
pub(crate) fn bless(mut cases: Vec<Case>, now: impl Fn(&mut Case) -> String) {
    let mut topics: Vec<String> = cases.iter().map(|case| case.topic.clone()).collect();
    topics.dedup();
    for topic in topics {
        let mut out = String::new();
        for case in cases.iter_mut().filter(|case| case.topic == topic) {
            let after = now(case);
            let _ = writeln!(out, "▶ {}", case.name);
            for (word, why) in [
                ("open", &case.open),
                ("lost", &case.lost),
                ("looks different", &case.differs),
            ] {
                if let Some(why) = why {
                    let _ = writeln!(out, "· {word}: {why}");
                }
            }
            let _ = writeln!(out, "{}", readable(&case.before));
            if after == case.before {
                out.push_str("▷ the same\n");
            } else {
                let _ = writeln!(out, "▷\n{}", readable(&after));
            }
        }
        fs::write(folder().join(format!("{topic}.txt")), out).unwrap();
    }
}
