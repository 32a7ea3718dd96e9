//! The bytes of `comment-0001.md`.

use super::{CommentFile, nobody, person, written};
use crate::forge::directory::fields::Fields;
use crate::forge::directory::front_matter::{self, FileProblem, Head};
use crate::model::CommentId;

impl CommentFile {
    /// Reads a file; what is wrong with it is said with its line.
    pub(in crate::forge::directory) fn parse(content: &str) -> Result<Self, FileProblem> {
        let parts = front_matter::parse(content)?;
        let mut fields = Fields::new(parts.fields);
        let file = Self {
            text: parts.body.to_owned(),
            author: fields.person("author")?.unwrap_or_else(nobody),
            posted_by: fields.text("posted_by")?,
            created_at: fields.time("created_at")?,
            internal: fields.bool("internal")?.unwrap_or(false),
            reply_to: fields.number("reply_to")?.map(CommentId),
        };
        fields.nothing_else()?;
        Ok(file)
    }

    /// Writes a file: the same bytes for the same content.
    pub(in crate::forge::directory) fn render(&self) -> String {
        let mut head = Head::default();
        head.raw("author", &person(&self.author));
        written(&mut head, self.posted_by.as_deref(), self.created_at);
        if self.internal {
            head.raw("internal", "true");
        }
        if let Some(first) = self.reply_to {
            head.raw("reply_to", &first.to_string());
        }
        head.with_body(&self.text)
    }
}
