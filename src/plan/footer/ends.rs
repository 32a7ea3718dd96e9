//! The two projects of a pair, as far as a text names them, and links from one to the other.

use crate::model::Project;
use crate::text::escape;

/// The two projects of a pair, as far as a text names them.
#[derive(Clone, Copy, Debug)]
pub struct Ends<'a> {
    /// Where the original is.
    pub source: &'a Project,
    /// Where the counterpart is.
    pub target: &'a Project,
}

impl Ends<'_> {
    /// A plain link to the source would be a change to the source.
    pub(in crate::plan) fn on_one_instance(&self) -> bool {
        self.source.is_beside(self.target)
    }

    /// A link to the original that leaves no trace there.
    pub fn link(&self, label: &str, url: &str) -> String {
        let pointed = url
            .replace('<', "%3C")
            .replace('>', "%3E")
            .replace(' ', "%20");
        if url.is_empty() {
            escape::code(label)
        } else if self.on_one_instance() {
            escape::code(url)
        } else {
            format!("[{}](<{pointed}>)", escape::inline(label))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::ends;

    #[test]
    fn on_one_instance_links_leave_no_trace() {
        let (source, other) = ends();
        let neighbour = Project {
            host: source.host.clone(),
            ..other
        };
        let asked_elsewhere = Project {
            host: "internal.example:8443".into(),
            pages: Some("https://S.example/git".into()),
            ..neighbour.clone()
        };
        for target in [&neighbour, &asked_elsewhere] {
            let ends = Ends {
                source: &source,
                target,
            };
            assert_eq!(
                ends.link("p#1", "https://s.example/1"),
                "`https://s.example/1`"
            );
        }
    }
}
