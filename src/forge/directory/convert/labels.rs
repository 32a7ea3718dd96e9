//! The bytes of `labels.yaml`.

use crate::forge::directory::fields::Fields;
use crate::forge::directory::front_matter::{self, FileProblem, Head};
use crate::model::Label;
use crate::text::yaml::{self, Value};

/// Reads `labels.yaml`: one entry per label, `name: {color: "#rrggbb", description: …}`.
pub(in crate::forge::directory) fn parse_labels(content: &str) -> Result<Vec<Label>, FileProblem> {
    front_matter::file(content)?
        .into_iter()
        .map(|(key, node)| {
            let entries = match node.value {
                Value::Map(entries) => entries,
                Value::Null => Vec::new(),
                other => {
                    return Err(FileProblem::new(
                        node.place.line,
                        format!(
                            "expected `{{color: …, description: …}}`, found {}.",
                            other.kind()
                        ),
                    ));
                }
            };
            let mut fields = Fields::new(entries);
            let label = Label {
                name: key.name,
                color: fields.text("color")?,
                description: fields.text("description")?.unwrap_or_default(),
                archived: false,
            };
            fields.nothing_else()?;
            Ok(label)
        })
        .collect()
}

/// Writes `labels.yaml`, by name.
pub(in crate::forge::directory) fn render_labels(labels: &[Label]) -> String {
    let mut sorted: Vec<&Label> = labels.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut head = Head::default();
    for label in sorted {
        let mut parts = Vec::new();
        if let Some(color) = &label.color {
            parts.push(format!("color: {}", yaml::scalar(color)));
        }
        if !label.description.is_empty() {
            parts.push(format!("description: {}", yaml::scalar(&label.description)));
        }
        head.raw(
            &yaml::scalar(&label.name),
            &format!("{{{}}}", parts.join(", ")),
        );
    }
    head.into_yaml()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_they_are_written() {
        let labels = vec![
            Label {
                name: "a: b, {c}".into(),
                color: Some("#0052CC".into()),
                description: String::new(),
                archived: false,
            },
            Label {
                name: "bug".into(),
                color: None,
                description: "It's \"broken\"".into(),
                archived: false,
            },
        ];
        assert_eq!(parse_labels(&render_labels(&labels)).unwrap(), labels);
    }
}
