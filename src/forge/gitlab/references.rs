//! How texts name what is on a server, and where it is.

use super::Gitlab;
use super::project::host_of;
use crate::model::{CommentId, IssueNumber, Numbered, Spelling};
use std::cmp::Reverse;
use url::Url;

impl Gitlab {
    pub(super) fn meant(&self, host: Option<&str>, project: Option<&str>) -> Option<String> {
        let own = &self.project.name;
        let Some(host) = host else {
            return Some(match project {
                None => own.clone(),
                // A neighbour in the same group.
                Some(project) if !project.contains('/') => match own.rsplit_once('/') {
                    Some((group, _)) => format!("{group}/{project}"),
                    None => project.to_owned(),
                },
                Some(project) => project.to_owned(),
            });
        };
        // Who writes the port that is the usual one means the same.
        let usual = host.strip_suffix(":443").or(host.strip_suffix(":80"));
        let project = project?;
        let inside = |host: &str| self.inside(&format!("{host}/{project}"));
        inside(host).or_else(|| inside(usual?))
    }

    /// What stands behind the address of this server, whatever name of it that is: what it says that
    /// its pages have, what it is asked at, or any that it had before.
    fn inside(&self, address: &str) -> Option<String> {
        let written = |url: &Url| {
            let path = url.path().trim_matches('/');
            let whole = format!("{}/{path}", host_of(url));
            whole.trim_end_matches('/').to_owned()
        };
        let now = [written(&self.pages()), written(self.client.base())];
        let mut names: Vec<&String> = now.iter().chain(&self.aliases).collect();
        // One may be below another.
        names.sort_by_key(|name| Reverse(name.len()));
        names.into_iter().find_map(|name| {
            let (server, rest) = address.split_at_checked(name.len())?;
            let inside = rest.strip_prefix('/')?;
            server.eq_ignore_ascii_case(name).then(|| inside.to_owned())
        })
    }

    pub(super) fn web_page(
        &self,
        project: &str,
        group: Option<&str>,
        of: Numbered,
    ) -> Option<String> {
        let below = |path: &str| {
            let pages = self.pages();
            format!("{}/{path}", pages.as_str().trim_end_matches('/'))
        };
        Some(match of {
            Numbered::Issue(number, comment) => {
                let anchor = comment.map_or_else(String::new, |comment| format!("#note_{comment}"));
                below(&format!("{project}/-/issues/{number}{anchor}"))
            }
            Numbered::MergeRequest(number) => {
                below(&format!("{project}/-/merge_requests/{number}"))
            }
            Numbered::Snippet(number) => below(&format!("{project}/-/snippets/{number}")),
            Numbered::Epic(number) => {
                let group = match group {
                    Some(group) => group,
                    None => project.rsplit_once('/')?.0,
                };
                below(&format!("groups/{group}/-/epics/{number}"))
            }
        })
    }

    pub(super) fn spelled(
        &self,
        project: Option<&str>,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Spelling {
        let name = project.unwrap_or(&self.project.name);
        // A comment has no spelling of its own but its address.
        let short = format!("{}#{number}", project.unwrap_or_default());
        Spelling {
            short: comment.is_none().then_some(short),
            native: true,
            address: self.web_page(name, None, Numbered::Issue(number, comment)),
        }
    }
}
