//! `check`: what each pair will be able to carry, before anything is written.

use super::args::{Args, Check, Format};
use super::output::Output;
use super::{Refusal, chosen, configuration, connections, row_of, runtime};
use crate::config::{Config, End, Kind, Pair};
use crate::connect::{self, Connections};
use crate::model::{Capabilities, Inspection, Side};
use crate::plan::policy::AssigneeStrategy;
use crate::report::check::{
    CheckReport, EndRow, Former, Found, InstanceRow, PairRow, render, render_json,
};
use crate::report::exit::Exit;
use crate::store::{Store, StoreError};
use crate::sync::{ErrorKind, Forge, ForgeError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) fn run(args: &Args, command: &Check, output: &Output) -> Result<Exit, Refusal> {
    let config = configuration(args, output)?;
    let pairs = chosen(&config, &command.pairs)?;
    let connections = connections(&config, &pairs, &Arc::default())?;
    // Nothing is created by looking.
    let store = Store::look(&config.state)?;
    let look = Look {
        config: &config,
        connections: &connections,
        store: store.as_ref(),
    };
    let runtime = runtime()?;
    let report = runtime.block_on(look.everything(&pairs))?;
    let exit = if report.every_pair_can_run() {
        Exit::Success
    } else {
        Exit::Failed
    };
    let text = match command.output {
        Format::Json => render_json(&report, exit),
        Format::Text => render(&report),
    };
    Ok(output.result(&text, exit))
}

struct Look<'a> {
    config: &'a Config,
    connections: &'a Connections<'a>,
    store: Option<&'a Store>,
}

impl Look<'_> {
    async fn everything(&self, pairs: &[&Pair]) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport {
            instances: self.instances(pairs).await,
            pairs: Vec::new(),
        };
        for &pair in pairs {
            let row = self.pair(pair, &report.instances).await?;
            report.pairs.push(row);
        }
        Ok(report)
    }

    /// Every instance of a pair that is enabled, asked once.
    async fn instances(&self, pairs: &[&Pair]) -> BTreeMap<String, InstanceRow> {
        let enabled = pairs.iter().filter(|pair| pair.enabled);
        let ends = enabled.flat_map(|pair| [&pair.source, &pair.target]);
        let names: BTreeSet<&str> = ends.map(|end| end.instance.as_str()).collect();
        let mut instances = BTreeMap::new();
        for name in names {
            let place = match self.config.instances.get(name).map(|found| &found.kind) {
                Some(Kind::Directory { path }) => path.display().to_string(),
                Some(Kind::Gitlab(server)) => server.url.as_str().trim_end_matches('/').to_owned(),
                None => continue,
            };
            let server = self.connections.inspect(name).await;
            instances.insert(name.to_owned(), InstanceRow { place, server });
        }
        instances
    }

    async fn pair(
        &self,
        pair: &Pair,
        instances: &BTreeMap<String, InstanceRow>,
    ) -> Result<PairRow, StoreError> {
        let mut row = PairRow {
            name: pair.name.clone(),
            enabled: pair.enabled,
            policy: pair.policy.clone(),
            source: EndRow::new(&pair.source.instance, &pair.source.project),
            target: EndRow::new(&pair.target.instance, &pair.target.project),
            former: None,
        };
        // What is refused anyway is not asked for: who is refused often is locked out.
        let works = |end: &End| match instances.get(&end.instance).map(|row| &row.server) {
            Some(Ok(Some(server))) => server.token.as_ref().is_none_or(|token| token.reads),
            Some(Ok(None)) => true,
            Some(Err(_)) | None => false,
        };
        if pair.enabled && works(&pair.source) {
            let found = self.end(pair, Side::Source).await?;
            row.source.found = Some(found.map(|(found, _)| found));
        }
        if pair.enabled && works(&pair.target) {
            row.target.found = Some(match self.end(pair, Side::Target).await? {
                Ok((found, forge)) => {
                    if matches!(found.inspection, Inspection::Project(_)) {
                        row.former = self.former(pair, &*forge).await?;
                    }
                    Ok(found)
                }
                Err(error) => Err(error),
            });
        }
        Ok(row)
    }

    /// Opens an end as a trial pass would, and looks around.
    async fn end(
        &self,
        pair: &Pair,
        side: Side,
    ) -> Result<Result<(Found, Box<dyn Forge>), ForgeError>, StoreError> {
        let end = match side {
            Side::Source => &pair.source,
            Side::Target => &pair.target,
        };
        let place = match connect::place(self.config, end) {
            Ok(place) => place,
            Err(error) => return Ok(Err(error)),
        };
        let known = match self.store {
            Some(store) => store.project_at(&place)?,
            None => None,
        };
        let opened = match side {
            Side::Source => self.connections.source(end, known.clone()).await,
            Side::Target => self.connections.target(end, true, known.clone()).await,
        };
        let forge = match opened {
            Ok(forge) => forge,
            Err(error) => return Ok(Err(error)),
        };
        let (inspection, members) = match look(pair, &*forge, side).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let mut capabilities = forge.capabilities().clone();
        if side == Side::Target
            && let Some(store) = self.store
            && let Some(row) = row_of(self.config, store, pair)?
        {
            let lost = store.lost(row.id)?.into_iter().map(|(lost, _)| lost);
            capabilities = lost.fold(capabilities, Capabilities::without);
        }
        let found = Found {
            project: forge.project().clone(),
            inspection,
            capabilities,
            members,
            before: known.map(|known| known.key),
        };
        Ok(Ok((found, forge)))
    }

    /// Who wrote the newest counterpart that a pair made. One that cannot be read tells nothing.
    async fn former(&self, pair: &Pair, target: &dyn Forge) -> Result<Option<Former>, StoreError> {
        let Some(store) = self.store else {
            return Ok(None);
        };
        let Some(row) = row_of(self.config, store, pair)? else {
            return Ok(None);
        };
        for (link, number) in store
            .sample_links(row.id, &BTreeSet::new())?
            .into_iter()
            .rev()
        {
            // Somebody else wrote it, and a person joined it.
            if store.issue_link(link)?.theirs {
                continue;
            }
            let Ok(mut read) = target.read(vec![number]).await else {
                return Ok(None);
            };
            return Ok(match read.pop() {
                Some(Ok(thread)) => Some(Former {
                    account: thread.issue.author.username,
                    trusted: thread.issue.ours,
                }),
                _ => None,
            });
        }
        Ok(None)
    }
}

/// What an end is like, and who can be assigned there if that is to be done.
async fn look(
    pair: &Pair,
    forge: &dyn Forge,
    side: Side,
) -> Result<(Inspection, Option<Vec<String>>), ForgeError> {
    let inspection = forge.inspect(side).await?;
    let policy = &pair.policy;
    let assigns = policy.assignees && policy.assignee_strategy != AssigneeStrategy::AsLabel;
    let members = match side {
        // Who may not ask finds nobody.
        Side::Target if assigns => match forge.members().await {
            Err(error) if error.kind == ErrorKind::Denied => Some(Vec::new()),
            answer => answer?,
        },
        Side::Source | Side::Target => None,
    };
    Ok((inspection, members))
}
