//! What depends on the version of a server. <https://docs.gitlab.com/api/metadata/>

use super::{Gitlab, wire};
use crate::forge::http::Call;
use crate::forge::{ErrorKind, ForgeError};

impl Gitlab {
    /// Whether the server looks for commands in code and HTML too, as all before 16.8 do. One that does
    /// not tell what it is may be one of them.
    pub(super) async fn looks_anywhere(&self) -> Result<bool, ForgeError> {
        // With some releases to spare: what it costs is a character that nobody sees.
        const SURELY_NOT: (u64, u64) = (17, 0);
        let reply = self.send(Call::get(vec!["api", "v4", "metadata"])).await;
        match reply.and_then(|reply| reply.read::<wire::Metadata>()) {
            Ok(metadata) => Ok(!at_least(&metadata.version, SURELY_NOT)),
            // It is older than 15.2.
            Err(error) if error.kind == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// Whether a version such as `18.3.0-ee` is at least this one.
pub(super) fn at_least(version: &str, least: (u64, u64)) -> bool {
    let mut parts = version
        .split(['.', '-'])
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, expected) in [
            ("18.3.0-ee", true),
            ("18.10.1", true),
            ("19.0.0-pre", true),
            ("18.2.9-ee", false),
            ("9.5", false),
            ("?", false),
        ] {
            assert_eq!(at_least(version, (18, 3)), expected, "{version}");
        }
    }
}
