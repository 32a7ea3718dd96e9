//! How texts name what is on a server, and where it is.

use super::Gitlab;
use super::project::shown_host;
use crate::model::{CommentId, IssueNumber, Numbered, Spelling};

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
        let path = self.client.base().path().trim_matches('/');
        let now = [shown_host(&self.client), path.to_owned()];
        let now = now.join("/");
        let address = format!("{host}/{}", project?);
        // Whatever it is called now: texts may have its first address.
        let first = self.project.key.0.rsplit_once(':').map(|(host, _)| host);
        let mut hosts = [Some(now.trim_end_matches('/')), first].into_iter();
        hosts.find_map(|host| {
            let (server, rest) = address.split_at_checked(host?.len())?;
            let inside = rest.strip_prefix('/')?;
            server
                .eq_ignore_ascii_case(host?)
                .then(|| inside.to_owned())
        })
    }

    pub(super) fn web_page(
        &self,
        project: &str,
        group: Option<&str>,
        of: Numbered,
    ) -> Option<String> {
        let below = |path: &str| {
            let base = self.client.base().as_str().trim_end_matches('/');
            format!("{base}/{path}")
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
