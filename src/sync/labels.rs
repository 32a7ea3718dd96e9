//! Labels of the target: created before they are set, kept like those of the source.

use super::carry::Carrier;
use super::failure::{At, Trouble};
use super::tally::{Beside, named};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Digest, Field, Issue, Label, LabelOrigin, Lost, OurLabel, Stage};
use crate::plan::labels::{MIRRORED_FROM_COLOR, Wanted, on_target};
use crate::plan::lists::Lists;
use crate::text::escape::one_line;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

mod again;

/// The labels of both sides, read when they are first needed. The lock makes sure that two issues
/// do not create one label.
#[derive(Debug, Default)]
pub(super) struct LabelBook {
    known: Mutex<Option<Known>>,
    /// What may stand in the lists of the target.
    pub(super) lists: OnceCell<Lists>,
}

#[derive(Debug)]
struct Known {
    source: BTreeMap<String, Label>,
    /// By what titles have in common that are one.
    target: BTreeMap<String, There>,
    /// Those that can be read there.
    titles: Arc<BTreeSet<String>>,
}

impl Known {
    fn is_there(&mut self, key: String) {
        Arc::make_mut(&mut self.titles).insert(key.clone());
        self.target.insert(key, There::Open);
    }
}

/// A label of the target.
#[derive(Debug)]
enum There {
    /// It can be set.
    Open,
    /// It is put away; `true`: that was told.
    Archived(bool),
    /// It cannot be made.
    Refused,
}

/// Which labels the target has of those that are to be set.
#[derive(Debug, Default)]
pub(super) struct Available {
    /// These.
    pub(super) there: BTreeSet<String>,
}

impl Available {
    /// What is ours of the labels that were to be set, `added` among them.
    pub(super) fn ours(&self, ours: BTreeSet<OurLabel>, added: &[String]) -> BTreeSet<OurLabel> {
        let ours = ours.into_iter().map(|mut label| {
            let was_wanted = label.is_label_of_ours() && added.contains(&label.name);
            if was_wanted && !self.there.contains(&label.name) {
                label.origin = LabelOrigin::NotKept;
            }
            label
        });
        ours.collect()
    }
}

impl Carrier<'_> {
    /// Sees to it that labels exist on the target. What may not be created is counted.
    pub(super) async fn ensure_labels(
        &self,
        issue: &Issue,
        names: &[String],
        wanted: &Wanted,
    ) -> Result<Available, Trouble> {
        let mut available = Available::default();
        let there = &mut available.there;
        if names.is_empty() {
            return Ok(available);
        }
        let number = issue.number;
        let mut guard = self.labels.known.lock().await;
        if guard.is_none() {
            *guard = Some(self.know().await?);
        }
        let Some(known) = guard.as_mut() else {
            return Ok(available);
        };
        let titles = wanted.titles;
        for name in names {
            match known.target.get_mut(&titles.key(name)) {
                Some(There::Open) => {
                    there.insert(name.clone());
                    continue;
                }
                Some(There::Archived(told)) => {
                    if !std::mem::replace(told, true) {
                        let name = named(issue, name, "a label");
                        let why = format!("{name} is archived on the target");
                        self.books
                            .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
                    }
                    continue;
                }
                Some(There::Refused) => continue,
                None => {}
            }
            let mut plain = false;
            let want = wanted.labels.get(name);
            let origin = want.map_or(LabelOrigin::Label, |want| want.origin);
            let is_made = origin != LabelOrigin::Label || self.pass.policy.label_auto_create;
            if issue.confidential && is_made {
                let lists = self.lists().await?;
                if lists != Lists::Closed && !want.is_some_and(|want| want.may_be_listed(lists)) {
                    if self.abilities.now().unlisted_labels {
                        let source = want.and_then(|want| want.source.as_ref());
                        self.is_unlisted(number, source.and_then(|title| known.source.get(title)));
                        there.insert(name.clone());
                    }
                    continue;
                }
                plain = lists == Lists::Open;
            }
            let made = self.new_label(issue, name, wanted, known, plain).await;
            if let Err(Trouble::Issue(_, error)) = &made
                && error.kind == ErrorKind::Denied
            {
                // Whoever may not make labels is no reason to do without the issue.
                self.not_kept(number, Lost::Field(Field::Labels)).await?;
                break;
            }
            if let Err(Trouble::Issue(_, error)) = &made
                && matches!(error.kind, ErrorKind::Unsupported | ErrorKind::Rejected)
            {
                let shown = named(issue, name, "of this title");
                let why = format!("the target takes no label {shown}: {}", error.said);
                self.books
                    .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
                known.target.insert(titles.key(name), There::Refused);
                continue;
            }
            if !made? {
                let name = named(issue, name, "such label");
                let why = format!("the target has no {name} and `label_auto_create` is off");
                self.books
                    .count(|tally| tally.not_carried(number, Field::Labels.word(), why));
                continue;
            }
            there.insert(name.clone());
        }
        Ok(available)
    }

    /// Brings the labels up to date that we created: once a pass, because no issue changes when a
    /// label does. Answers what was refused; the issues are in step nevertheless.
    pub(super) async fn refresh_labels(&self) -> Result<Vec<ForgeError>, Trouble> {
        let mut refused = Vec::new();
        if !self.pass.policy.labels {
            return Ok(refused);
        }
        let mut guard = self.labels.known.lock().await;
        if guard.is_none() {
            *guard = Some(self.know().await?);
        }
        let Some(known) = guard.as_ref() else {
            return Ok(refused);
        };
        let mut seen = None;
        let titles = self.abilities.now().label_titles;
        let mut done = BTreeSet::new();
        for label in known.source.values() {
            let Some(name) = on_target(&label.name, self.pass.policy) else {
                continue;
            };
            let name = titles.fitting(&one_line(&name));
            // Where two labels became one, the first decides how it looks.
            let key = titles.key(&name);
            if !known.target.contains_key(&key) || !done.insert(key) {
                continue;
            }
            let made = look(label);
            let before = self.pass.store.label(self.pair, &name)?;
            if before.is_none_or(|before| before == made) {
                continue;
            }
            if self.lists().await? == Lists::Open {
                let seen = match &mut seen {
                    Some(seen) => seen,
                    none => none.insert(self.pass.store.seen_labels(self.pair)?),
                };
                // What nobody sees at an issue tells nothing new either.
                if !seen.contains(&name) {
                    continue;
                }
            }
            if self.pass.options.dry_run {
                self.books.plan_beside(|beside| {
                    beside.changed_labels.insert(name);
                });
                continue;
            }
            let changed = Label {
                name: name.clone(),
                ..label.clone()
            };
            match self.pass.target.update_label(changed).await {
                Ok(()) => {
                    self.pass.store.put_label(self.pair, &name, made)?;
                    self.books.count(|tally| tally.labels_written += 1);
                }
                Err(error) => refused.push(error),
            }
        }
        Ok(refused)
    }

    /// Reads the labels of both sides.
    async fn know(&self) -> Result<Known, Trouble> {
        let source = self.pass.source.labels().await.at(Stage::Label)?;
        let target = self.pass.target.labels().await.at(Stage::Label)?;
        let titles = self.abilities.now().label_titles;
        let there = |label: &Label| {
            if label.archived {
                There::Archived(false)
            } else {
                There::Open
            }
        };
        let target: BTreeMap<String, There> = target
            .iter()
            .map(|label| (titles.key(&label.name), there(label)))
            .collect();
        Ok(Known {
            source: source
                .into_iter()
                .map(|label| (label.name.clone(), label))
                .collect(),
            titles: Arc::new(target.keys().cloned().collect()),
            target,
        })
    }

    /// The titles that can be read on the target, if they were asked for. `ask`: they are now.
    pub(super) async fn titles_there(
        &self,
        ask: bool,
    ) -> Result<Option<Arc<BTreeSet<String>>>, Trouble> {
        let mut guard = self.labels.known.lock().await;
        if guard.is_none() && ask {
            *guard = Some(self.know().await?);
        }
        Ok(guard.as_ref().map(|known| Arc::clone(&known.titles)))
    }

    /// Creates a label as the source has it; `false` if it may not be created. `plain`: only its title.
    async fn new_label(
        &self,
        issue: &Issue,
        name: &str,
        wanted: &Wanted,
        known: &mut Known,
        plain: bool,
    ) -> Result<bool, Trouble> {
        let want = wanted.labels.get(name);
        let origin = want.map_or(LabelOrigin::Label, |want| want.origin);
        if origin == LabelOrigin::Label && !self.pass.policy.label_auto_create {
            return Ok(false);
        }
        let original = want
            .and_then(|want| want.source.as_ref())
            .and_then(|title| known.source.get(title))
            .filter(|_| !plain);
        let label = match (original, origin) {
            (Some(original), _) => Label {
                name: name.to_owned(),
                archived: false,
                ..original.clone()
            },
            (None, LabelOrigin::MirroredFrom) => Label {
                name: name.to_owned(),
                color: Some(MIRRORED_FROM_COLOR.to_owned()),
                description: if self.pass.policy.opaque {
                    "Mirrored issue".to_owned()
                } else {
                    format!("Issue mirrored from {}", self.pass.source.project().host)
                },
                archived: false,
            },
            (None, _) => Label {
                name: name.to_owned(),
                color: None,
                description: String::new(),
                archived: false,
            },
        };
        if self.pass.options.dry_run {
            let is_told = !issue.confidential || origin == LabelOrigin::MirroredFrom;
            let hidden = (!is_told).then_some(issue.number);
            let new = |beside: &mut Beside| Beside::add(&mut beside.new_labels, name, hidden);
            self.books.plan_beside(new);
            known.is_there(wanted.titles.key(name));
            return Ok(true);
        }
        // Also where the source says nothing of it yet: it may later.
        let made = (origin == LabelOrigin::Label).then(|| look(&label));
        self.pass
            .target
            .create_label(label)
            .await
            .at(Stage::Label)?;
        if let Some(made) = made {
            self.pass.store.put_label(self.pair, name, made)?;
        }
        known.is_there(wanted.titles.key(name));
        self.books.count(|tally| tally.labels_written += 1);
        Ok(true)
    }
}

/// A digest of how a label looks.
fn look(label: &Label) -> Digest {
    Digest::of([
        label.color.as_deref().unwrap_or(""),
        label.description.as_str(),
    ])
}
