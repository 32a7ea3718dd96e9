//! Trackers written and read the way a person would: this knows the format from README and nothing
//! of the program that writes it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A tracker on disk.
pub(crate) struct Tracker {
    root: PathBuf,
}

/// An issue as it lies on disk.
#[derive(Debug, PartialEq)]
pub(crate) struct Issue {
    pub(crate) head: Value,
    pub(crate) text: String,
    pub(crate) comments: Vec<Comment>,
}

/// A comment as it lies on disk.
#[derive(Debug, PartialEq)]
pub(crate) struct Comment {
    pub(crate) number: u64,
    pub(crate) head: Value,
    pub(crate) text: String,
}

impl Tracker {
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// A tracker with an identity, unless it has one already.
    pub(crate) fn begin(root: PathBuf, id: &str, name: &str) -> Self {
        let tracker = Self { root };
        if !tracker.root.join("tracker.yaml").exists() {
            tracker.write(
                "tracker.yaml",
                &format!("format: 1\nid: {id}\nname: {name}\n"),
            );
        }
        tracker
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes an issue. `head`: lines of YAML.
    pub(crate) fn issue(&self, number: u64, head: &str, text: &str) {
        self.write(&format!("issues/{number}/issue.md"), &file(head, text));
    }

    /// Writes a comment. `head`: lines of YAML.
    pub(crate) fn comment(&self, issue: u64, number: u64, head: &str, text: &str) {
        self.write(
            &format!("issues/{issue}/comment-{number:04}.md"),
            &file(head, text),
        );
    }

    /// Replaces a text in a file that must have it.
    pub(crate) fn edit(&self, relative: &str, from: &str, to: &str) {
        let before = fs::read_to_string(self.path(relative)).unwrap();
        assert!(
            before.contains(from),
            "{relative} has no {from:?}:\n{before}"
        );
        fs::write(self.path(relative), before.replacen(from, to, 1)).unwrap();
    }

    pub(crate) fn remove(&self, relative: &str) {
        fs::remove_file(self.path(relative)).unwrap();
    }

    pub(crate) fn content(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    /// Every issue by number.
    pub(crate) fn issues(&self) -> BTreeMap<u64, Issue> {
        let mut issues = BTreeMap::new();
        for folder in list(&self.root.join("issues")) {
            let number: u64 = folder
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .parse()
                .unwrap();
            issues.insert(number, self.read(number));
        }
        issues
    }

    /// One issue.
    pub(crate) fn read(&self, number: u64) -> Issue {
        let folder = self.root.join(format!("issues/{number}"));
        let (head, text) = parse(&fs::read_to_string(folder.join("issue.md")).unwrap());
        let mut comments = Vec::new();
        for path in list(&folder) {
            let name = path.file_name().unwrap().to_str().unwrap();
            if let Some(digits) = name.strip_prefix("comment-") {
                let (head, text) = parse(&fs::read_to_string(&path).unwrap());
                comments.push(Comment {
                    number: digits.strip_suffix(".md").unwrap().parse().unwrap(),
                    head,
                    text,
                });
            }
        }
        comments.sort_by_key(|comment| comment.number);
        Issue {
            head,
            text,
            comments,
        }
    }

    /// The numbers of its issues.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.issues().into_keys().collect()
    }

    /// Every file with its content, to see that nothing changed.
    pub(crate) fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root, &mut files);
        files
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for path in list(folder) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            let content = fs::read(&path).unwrap();
            files.insert(path, content);
        }
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file(head: &str, text: &str) -> String {
    let head: String = head.lines().map(|line| format!("{line}\n")).collect();
    format!("---\n{head}---\n\n{text}\n")
}

fn parse(content: &str) -> (Value, String) {
    let rest = content.strip_prefix("---\n").unwrap();
    let Some((head, text)) = rest.split_once("\n---\n") else {
        panic!("no head: {content}");
    };
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    (serde_yaml::from_str(head).unwrap(), text.to_owned())
}

impl Issue {
    /// A field of the head.
    pub(crate) fn field(&self, name: &str) -> &Value {
        &self.head[name]
    }

    /// Labels, sorted.
    pub(crate) fn labels(&self) -> Vec<&str> {
        self.head["labels"]
            .as_array()
            .map(|labels| labels.iter().map(|label| label.as_str().unwrap()).collect())
            .unwrap_or_default()
    }

    /// The author's text of a mirrored issue, in front of the rule and the lines that close what
    /// the text left open.
    pub(crate) fn mirrored_text(&self) -> &str {
        let at = self.text.rfind("\n\n[issue-mirror]: # (").unwrap();
        let before = &self.text[..at];
        let before = before
            .strip_suffix("---")
            .or_else(|| before.strip_suffix("***"))
            .unwrap();
        before.strip_suffix("\n\n").unwrap_or(before)
    }

    /// The footer of a mirrored issue, line by line.
    pub(crate) fn footer(&self) -> Vec<&str> {
        let at = self.text.rfind("[issue-mirror]: # (").unwrap();
        self.text[at..].lines().skip(2).collect()
    }
}

impl Comment {
    /// The first line of a mirrored comment.
    pub(crate) fn attribution(&self) -> &str {
        self.text.lines().next().unwrap()
    }

    /// The author's text of a mirrored comment.
    pub(crate) fn mirrored_text(&self) -> &str {
        let (_, rest) = self.text.split_once("\n\n").unwrap();
        let at = rest.rfind("[issue-mirror]: # (").unwrap();
        rest[..at].strip_suffix("\n\n").unwrap_or(&rest[..at])
    }
}
