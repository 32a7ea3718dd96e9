//! The directory in which the program runs, the store in it, and passes against a world of their own.

use super::life;
use crate::env::Env;
use forge_sim::{Sim, World};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

/// How a pass ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Exited(i32),
    Killed,
}

/// The world and the store at one moment.
pub(super) struct Moment {
    pub(super) world: World,
    pub(super) store: Option<Vec<u8>>,
}

/// A directory in which the program runs.
pub(super) struct Place {
    pub(super) env: Env,
}

impl Place {
    pub(super) fn new() -> Self {
        let env = Env::empty();
        env.write(
            "mirror.yaml",
            &format!(
                "instances:
  prod: {{ forge: gitlab, url: 'http://gitlab.test', token_env: READER }}
  backup: {{ forge: gitlab, url: 'http://gitlab.test', token_env: WRITER, timeout_seconds: 30 }}
pairs:
  - name: app
    source: {{ instance: prod, project: {} }}
    target: {{ instance: backup, project: {} }}
    sync_existing_issues: true
    sync_closed_issues: true
",
                life::SOURCE,
                life::TARGET
            ),
        );
        Self { env }
    }

    pub(super) fn store(&self) -> Option<Vec<u8>> {
        // Whoever opens and closes it leaves one file, also behind a pass that was killed.
        let path = self.env.path("issue-mirror.db");
        if path.metadata().is_ok_and(|meta| meta.len() > 0) {
            self.on_store("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        fs::read(path).ok()
    }

    pub(super) fn put_store(&self, store: Option<&[u8]>) {
        self.env.lose_store();
        if let Some(store) = store {
            fs::write(self.env.path("issue-mirror.db"), store).unwrap();
        }
    }

    /// Whether the store has an issue of which only a person can tell what its counterpart is.
    pub(super) fn has_contested(&self) -> bool {
        let store = Connection::open(self.env.path("issue-mirror.db")).unwrap();
        let sql = "SELECT 1 FROM issue_link WHERE state = 'contested'";
        store.prepare(sql).unwrap().exists([]).unwrap()
    }

    /// Changes the store, if there is one.
    pub(super) fn on_store(&self, sql: &str) {
        let path = self.env.path("issue-mirror.db");
        if let Ok(store) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            // One of a pass that was killed at once has no tables yet.
            let _ = store.execute_batch(sql);
        }
    }

    /// A pass in this world, what became of it, how the pass ended and what it said.
    pub(super) fn pass(&self, mut world: World) -> (World, Ended, String) {
        // Worlds are compared, whatever port they are at.
        "http://gitlab.test".clone_into(&mut world.web_address);
        let sim = Sim::start(world);
        let mut command = self.env.command(&["sync", "--output", "json"]);
        command
            .env("READER", "reader")
            .env("WRITER", "writer")
            .env("http_proxy", sim.url())
            // Certificates take longer to read than the pass, and http needs none.
            .env("SSL_CERT_FILE", "/dev/null")
            .env("SSL_CERT_DIR", "/nowhere")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let (mut stdout, child) = {
            // Nothing is answered before the server knows whom to kill.
            let mut world = sim.world();
            let mut child = command.spawn().unwrap();
            let stdout = child.stdout.take().unwrap();
            let child = Arc::new(Mutex::new(child));
            world.victim = Some(Arc::clone(&child));
            (stdout, child)
        };
        let mut said = String::new();
        // Its end is the end of the process, and until then the server may need the child.
        stdout.read_to_string(&mut said).unwrap();
        let status = child.lock().unwrap().wait().unwrap();
        let mut world = std::mem::take(&mut *sim.world());
        world.victim = None;
        world.faults.clear();
        (
            world,
            status.code().map_or(Ended::Killed, Ended::Exited),
            said,
        )
    }
}
