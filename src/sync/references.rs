//! Where the references of texts lead: to counterparts on the server of the target, else to the source. What
//! refers to something that is mirrored, or taken away, later than itself is put right then (`put_right`).

mod put_right;

pub(super) use put_right::put_right;

use super::carry::{Carrier, Way};
use crate::model::{CommentId, IssueNumber, LinkId, Numbered, Spelling};
use crate::plan::draft::{CommentDraft, Draft};
use crate::plan::references::{Lead, Leads, Named};
use crate::store::{Counterpart, Referred, StoreError};
use crate::text::read::Read;
use crate::text::references::{Kind, Place, Reference};
use crate::text::title;
use std::collections::{BTreeMap, BTreeSet};

/// So many different references of one text lead somewhere, and so many links to issues; no author
/// names more.
const MOST: usize = 5000;

/// What is said of those that do.
const MORE: &str = "a text names more than 5000 different issues and the like; those behind them stand there as text, and links to them as they are";

/// What is known of the references of a text.
#[derive(Default)]
struct LookedUp {
    /// Where they lead.
    leads: Leads,
    /// Which issues and comments they name.
    referred: BTreeSet<Referred>,
    /// It has more than are looked up.
    more: bool,
}

impl Carrier<'_> {
    /// Says in the draft of an issue where its references lead now.
    pub(super) fn lead(&self, number: IssueNumber, draft: &mut Draft) -> Result<(), StoreError> {
        let title = self.look_up_title(&draft.titled.source)?.leads;
        let text = self.leads(number, &draft.text.source)?;
        draft.lead(title, text, self.setting());
        Ok(())
    }

    /// The same for comments.
    pub(super) fn lead_comments(
        &self,
        number: IssueNumber,
        comments: &mut [CommentDraft],
    ) -> Result<(), StoreError> {
        for comment in comments {
            comment.lead(self.leads(number, &comment.text.source)?, self.pass.policy);
        }
        Ok(())
    }

    /// Where the references of a text of an issue lead now.
    pub(super) fn leads(&self, number: IssueNumber, text: &str) -> Result<Leads, StoreError> {
        self.look_up(number, text).map(|found| found.leads)
    }

    /// Remembers what the texts of a counterpart refer to, which were just brought up to date. What
    /// leads elsewhere meanwhile is put right later.
    pub(super) fn note_references(&self, link: LinkId, way: &Way<'_>) -> Result<(), StoreError> {
        let mut all = BTreeMap::new();
        let (number, title) = (way.thread.issue.number, &way.draft.titled);
        let mut note = |found: LookedUp, then: &Leads| {
            let elsewhere = found.leads != *then;
            for referred in found.referred {
                *all.entry(referred).or_insert(false) |= elsewhere;
            }
            if found.more {
                self.books
                    .count(|tally| tally.not_carried(number, "references", MORE));
            }
        };
        note(self.look_up_title(&title.source)?, &title.references);
        let comments = way.comments.iter().map(|comment| &comment.text);
        for text in std::iter::once(&way.draft.text).chain(comments) {
            note(self.look_up(number, &text.source)?, &text.references);
        }
        let all: Vec<(Referred, bool)> = all.into_iter().collect();
        self.pass.store.set_references(link, &all)
    }

    /// Where the references of a text of an issue lead, and which issues and comments they name.
    fn look_up(&self, number: IssueNumber, text: &str) -> Result<LookedUp, StoreError> {
        // Most texts have none.
        if !text.contains(['#', '!', '&', '$', '%', '[', '<'])
            && !["GL-", "://"].iter().any(|s| text.contains(s))
        {
            return Ok(LookedUp::default());
        }
        let read = Read::of(text);
        let mut found = self.look_up_all(read.references())?;
        let mut links = BTreeSet::new();
        for link in read.destinations() {
            if links.contains(link) {
                continue;
            }
            let Some((to, referred)) = self.look_up_link(number, link)? else {
                continue;
            };
            if links.len() >= MOST {
                found.more = true;
                continue;
            }
            links.insert(link);
            let leads = &mut found.leads.links;
            leads.extend(to.map(|to| (link.to_owned(), to)));
            found.referred.insert(referred);
        }
        Ok(found)
    }

    /// Where a link leads on the target that is no whole address and leads to an issue or a comment, and
    /// to which.
    fn look_up_link(
        &self,
        number: IssueNumber,
        link: &str,
    ) -> Result<Option<(Option<String>, Referred)>, StoreError> {
        let source = self.pass.source;
        if let Some((number, comment)) = source.linked_to(link) {
            let project = source.project().key.0.clone();
            let lead = self.look_up_issue(&project, number, comment)?;
            let to = lead.and_then(|lead| lead.address(None));
            let referred = Referred {
                project,
                number,
                comment,
            };
            return Ok(Some((to, referred)));
        }
        let Some(address) = source.absolute(number, link) else {
            return Ok(None);
        };
        let Some(refers) = Reference::address(&address, 0, true) else {
            return Ok(None);
        };
        let (lead, referred) = self.look_up_one(&refers)?;
        let to = lead.and_then(|lead| lead.address(refers.part));
        Ok(referred.map(|referred| (to, referred)))
    }

    /// The same of a title.
    fn look_up_title(&self, title: &str) -> Result<LookedUp, StoreError> {
        let mut found = self.look_up_all(title::references(title))?;
        // No link can stand there.
        let named = &mut found.leads.named;
        named.retain(|_, lead| !matches!(lead, Lead::Source(_)));
        Ok(found)
    }

    fn look_up_all(&self, refers: Vec<Reference<'_>>) -> Result<LookedUp, StoreError> {
        let mut found = LookedUp::default();
        let mut looked_up = BTreeSet::new();
        for refers in refers {
            let named = Named::by(&refers);
            if looked_up.contains(&named) {
                continue;
            }
            if looked_up.len() >= MOST {
                found.more = true;
                continue;
            }
            let (lead, referred) = self.look_up_one(&refers)?;
            looked_up.insert(named.clone());
            found.leads.named.extend(lead.map(|lead| (named, lead)));
            found.referred.extend(referred);
        }
        Ok(found)
    }

    /// The counterpart of an issue or comment, if it has one, or its original on the target.
    fn look_up_issue(
        &self,
        project: &str,
        number: IssueNumber,
        comment: Option<CommentId>,
    ) -> Result<Option<Lead>, StoreError> {
        if let Some(counterpart) = self.counterpart(project, number)? {
            return self.there(&counterpart, comment);
        }
        if project != self.pass.source.project().key.0 {
            return Ok(None);
        }
        let original = self.pass.store.original(self.pair, number, comment)?;
        Ok(original.and_then(|(number, comment)| {
            let address = self.pass.target.spelling(None, number, comment).address?;
            Some(Lead::Original {
                label: format!("#{number}"),
                address,
            })
        }))
    }

    fn look_up_one(
        &self,
        refers: &Reference<'_>,
    ) -> Result<(Option<Lead>, Option<Referred>), StoreError> {
        let source = self.pass.source;
        // No forge counts from there: it is a color or a price.
        if refers.number == 0 {
            return Ok((None, None));
        }
        // `C#7`, `PR!5`, `US$5`: far more often than not this names no project.
        let bare = refers.project.as_deref();
        let bare = bare.filter(|name| refers.host.is_none() && !name.contains('/'));
        let of = match refers.kind {
            Kind::Issue => {
                Numbered::Issue(IssueNumber(refers.number), refers.comment.map(CommentId))
            }
            Kind::MergeRequest => Numbered::MergeRequest(refers.number),
            // Far more often it is a price.
            Kind::Snippet if refers.project.is_none() && refers.place == Place::Text => {
                return Ok((None, None));
            }
            Kind::Snippet => Numbered::Snippet(refers.number),
            Kind::Epic => {
                // It belongs to a group, and that is what stands before it.
                let group = refers.project.as_deref();
                let own = source.project().name.split('/').next();
                let is_own = |name: &str| own.is_some_and(|own| own.eq_ignore_ascii_case(name));
                if !bare.is_none_or(is_own) {
                    return Ok((None, None));
                }
                let page = source.means(None, None).and_then(|project| {
                    source.page_of(&project, group, Numbered::Epic(refers.number))
                });
                return Ok((self.to_source(refers, page), None));
            }
        };
        let Some(project) = source.means(refers.host, refers.project.as_deref()) else {
            return Ok((None, None));
        };
        // A store keeps no greater number, and nothing has it.
        let too_great = |number: u64| i64::try_from(number).is_err();
        if too_great(refers.number) || refers.comment.is_some_and(too_great) {
            return Ok((None, None));
        }
        let referred = Referred {
            project: self.pass.store.project_named(source.project(), &project)?,
            number: IssueNumber(refers.number),
            comment: refers.comment.map(CommentId),
        };
        if bare.is_some() && !referred.is_found() {
            // Once there is such a project, it is put right, whatever of it is named.
            return Ok((None, Some(referred)));
        }
        let page = || self.to_source(refers, source.page_of(&project, None, of));
        let Numbered::Issue(number, comment) = of else {
            return Ok((page(), None));
        };
        let lead = self.look_up_issue(&referred.project, number, comment)?;
        Ok((lead.or_else(page), Some(referred)))
    }

    /// A link to what is not mirrored, where there is no address already and the target may know of
    /// the source.
    fn to_source(&self, refers: &Reference<'_>, page: Option<String>) -> Option<Lead> {
        // A link to a part of a file looks the same.
        let is_file = refers.place == Place::Destination
            && refers.project.as_deref().is_some_and(|path| {
                let last = path.rsplit('/').next();
                last.is_some_and(|name| name.contains('.'))
            });
        let is_known = refers.host.is_none() && !refers.named;
        page.filter(|_| is_known && !is_file && !self.pass.policy.opaque)
            .map(Lead::Source)
    }

    /// The counterpart that texts of the target are to lead to. Of an issue of this pair's own source
    /// it is this pair's own, or none: what this target must not have is not to be found through
    /// another one. Of another project it is one on the same server.
    fn counterpart(
        &self,
        project: &str,
        number: IssueNumber,
    ) -> Result<Option<Counterpart>, StoreError> {
        let target = &self.pass.target.project().key;
        let mut all = self.pass.store.counterparts(self.pair, project, number)?;
        if project == self.pass.source.project().key.0 {
            all.retain(|counterpart| counterpart.pair == self.pair);
        } else if project == target.0 {
            // It is there itself, and is to know nothing of it.
            all.clear();
        }
        // Who may know of this target need not know of another server; and what says where it comes
        // from would tell it of what leads there.
        let opaque = self.pass.policy.opaque;
        all.retain(|other| other.pair == self.pair || !opaque && self.is_near(other));
        Ok(all.into_iter().min_by_key(|other| other.project != *target))
    }

    /// Whether a counterpart is on the server of the target.
    fn is_near(&self, counterpart: &Counterpart) -> bool {
        let server = |key: &str| key.rsplit_once(':').map(|(server, _)| server.to_owned());
        server(&counterpart.project.0) == server(&self.pass.target.project().key.0)
    }

    fn there(
        &self,
        counterpart: &Counterpart,
        comment: Option<CommentId>,
    ) -> Result<Option<Lead>, StoreError> {
        let (target, number) = (self.pass.target, counterpart.number);
        let comment = match comment {
            Some(comment) => {
                let there = self
                    .pass
                    .store
                    .comment_counterpart(counterpart.link, comment)?;
                // The issue alone would not be what was meant.
                let Some(there) = there else {
                    return Ok(None);
                };
                Some(there)
            }
            None => None,
        };
        let (label, mut spelling) = if counterpart.project == target.project().key {
            let spelling = target.spelling(None, number, comment);
            (format!("#{number}"), spelling)
        } else {
            let name = counterpart.name.as_deref();
            let spelling = name
                .filter(|_| self.is_near(counterpart))
                .map(|name| target.spelling(Some(name), number, comment));
            let label = format!("{}#{number}", name.unwrap_or_default());
            (label, spelling.unwrap_or_default())
        };
        if spelling.address.is_none() && counterpart.location.starts_with("http") {
            spelling = Spelling {
                address: Some(counterpart.location.clone()),
                ..Spelling::default()
            };
        }
        let leads = spelling.short.is_some() || spelling.address.is_some();
        Ok(leads.then_some(Lead::There { label, spelling }))
    }
}
