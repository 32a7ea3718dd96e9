//! A server with one project, and requests as they go over the wire.

use forge_sim::{Role, Sim, World};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// An answer, or nothing if the connection was closed.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A server with one project and people of every kind.
pub(crate) struct Lab {
    pub(crate) sim: Sim,
    pub(crate) project: u64,
    pub(crate) alice: u64,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::of(World::default())
    }

    /// The same on a server with other habits.
    pub(crate) fn of(mut world: World) -> Self {
        world.web_address = "https://gitlab.example.com".to_owned();
        let alice = world.add_user("alice");
        let project = world.add_project("group/project");
        for (name, role) in [
            ("guest", Role::Guest),
            ("reporter", Role::Reporter),
            ("maintainer", Role::Maintainer),
            ("owner", Role::Owner),
        ] {
            let user = world.add_user(name);
            world.add_token(name, user);
            world.set_role(project, user, role);
        }
        Self {
            sim: Sim::start(world),
            project,
            alice,
        }
    }

    pub(crate) fn open(&self, title: &str, text: &str) -> u64 {
        let mut world = self.sim.world();
        world.open_issue(self.project, self.alice, title, text)
    }

    /// A request below the project, as JSON.
    pub(crate) fn ask(
        &self,
        token: &str,
        method: &str,
        below: &str,
        body: &Value,
    ) -> Option<Answer> {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let path = format!("/api/v4/projects/group%2Fproject{below}");
        let head = format!("content-type: application/json\r\nprivate-token: {token}");
        self.send(method, &path, &head, text.as_bytes())
    }

    pub(crate) fn get(&self, below: &str) -> Answer {
        self.ask("owner", "GET", below, &Value::Null).unwrap()
    }

    /// A POST of the owner's below the project.
    pub(crate) fn post(&self, below: &str, body: &Value) -> Answer {
        self.ask("owner", "POST", below, body).unwrap()
    }

    /// A PUT of the owner's below the project.
    pub(crate) fn put(&self, below: &str, body: &Value) -> Answer {
        self.ask("owner", "PUT", below, body).unwrap()
    }

    pub(crate) fn send(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.sim.port())).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: h.example\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&answer[..at]).into_owned();
        Some(Answer {
            status: head.split(' ').nth(1)?.parse().ok()?,
            body: answer[at + 4..].to_vec(),
            head,
        })
    }

    pub(crate) fn updated_at(&self, iid: u64) -> String {
        self.get(&format!("/issues/{iid}")).json()["updated_at"].to_string()
    }
}
