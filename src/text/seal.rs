//! Markers that tell whoever lacks the secret nothing of where a text came from.
//!
//! A sealed marker has `src=opaque:<seal>.<tag><hidden>`, no id and no baseline; its lineage has
//! `opaque:<seal>.<salt>.<digest>` for each project. What is hidden is number, id and baseline of the
//! original; the tag is a keyed digest of them, of the source and of the key of the marker, so that
//! no two markers have anything in common but the seal, which names the secret and not what it is.

use super::marker::Marker;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What a sealed value begins with.
const FORM: &str = "opaque:";
/// How many bytes of a digest stand in a marker.
const TAG: usize = 12;
/// Number and id.
const FIXED: usize = 16;
const BLOCK: usize = 64;

/// A secret by which markers are sealed and opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal {
    name: String,
    secret: [u8; 32],
}

/// Says which secret it is, and nothing of it.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({})", self.name)
    }
}

impl Seal {
    /// The seal of a secret that somebody chose.
    pub fn new(secret: &str) -> Self {
        let secret: [u8; 32] = Sha256::digest(format!("issue-mirror {secret}")).into();
        let name = hex(&mac(&secret, &[b"name"])[..4]);
        Self { name, secret }
    }

    /// Which secret it is, to be compared with another one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The marker as others may see it. One that is sealed already stays as it is.
    #[must_use]
    pub fn close(&self, marker: &Marker) -> Marker {
        let lineage = marker.lineage.iter();
        let lineage = lineage
            .map(|hop| self.close_hop(hop, &marker.key))
            .collect();
        let Some((project, number)) = marker.origin().filter(|_| !is_sealed(&marker.source)) else {
            return Marker {
                lineage,
                ..marker.clone()
            };
        };
        let mut open = number.to_be_bytes().to_vec();
        open.extend(marker.source_id.to_be_bytes());
        open.extend(marker.baseline.as_bytes());
        let tag = self.tag(marker, project, &open);
        let hidden = self.turn(&tag, &open);
        Marker {
            source: format!("{FORM}{}.{}{}", self.name, hex(&tag), hex(&hidden)),
            source_id: 0,
            baseline: String::new(),
            lineage,
            ..marker.clone()
        }
    }

    /// The marker as it was before it was closed; `None` if that was by another secret, for another
    /// source or target, or somebody changed it. The lineage stays sealed.
    #[must_use]
    pub fn open(&self, marker: &Marker, source: &str) -> Option<Marker> {
        let sealed = marker.source.strip_prefix(FORM)?;
        let bytes = bytes(sealed.strip_prefix(&self.name)?.strip_prefix('.')?)?;
        let (tag, hidden) = bytes.split_at_checked(TAG)?;
        let open = self.turn(tag, hidden);
        if self.tag(marker, source, &open) != tag {
            return None;
        }
        let (fixed, baseline) = open.split_at_checked(FIXED)?;
        let number = u64::from_be_bytes(fixed[..8].try_into().ok()?);
        Some(Marker {
            source: format!("{source}:{number}"),
            source_id: u64::from_be_bytes(fixed[8..].try_into().ok()?),
            baseline: String::from_utf8(baseline.to_vec()).ok()?,
            ..marker.clone()
        })
    }

    /// Whether a hop of a lineage is this project; `None` if another secret sealed it.
    pub fn names(&self, hop: &str, project: &str) -> Option<bool> {
        let Some(sealed) = hop.strip_prefix(FORM) else {
            return Some(hop == project);
        };
        let rest = sealed.strip_prefix(&self.name)?.strip_prefix('.')?;
        let (salt, _) = rest.split_once('.')?;
        Some(hop == self.hop(project, salt))
    }

    fn close_hop(&self, hop: &str, key: &str) -> String {
        if is_sealed(hop) {
            return hop.to_owned();
        }
        let salt = hex(&self.mac(&[b"salt", key.as_bytes()])[..4]);
        self.hop(hop, &salt)
    }

    fn hop(&self, project: &str, salt: &str) -> String {
        let digest = self.mac(&[b"hop", salt.as_bytes(), project.as_bytes()]);
        format!("{FORM}{}.{salt}.{}", self.name, hex(&digest[..TAG]))
    }

    fn tag(&self, marker: &Marker, source: &str, open: &[u8]) -> Vec<u8> {
        let parts = [
            b"tag".as_slice(),
            marker.key.as_bytes(),
            marker.target.as_bytes(),
            source.as_bytes(),
            open,
        ];
        self.mac(&parts)[..TAG].to_vec()
    }

    /// Hides what is open, or opens what is hidden.
    fn turn(&self, tag: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut turned = Vec::with_capacity(bytes.len());
        for (block, chunk) in (0_u64..).zip(bytes.chunks(32)) {
            let stream = self.mac(&[b"stream", tag, &block.to_be_bytes()]);
            turned.extend(chunk.iter().zip(stream).map(|(byte, mask)| byte ^ mask));
        }
        turned
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.secret, parts)
    }
}

/// Whether a value of a marker tells nothing to whoever lacks its secret.
pub fn is_sealed(value: &str) -> bool {
    value.starts_with(FORM)
}

/// HMAC-SHA256 over a list of parts, each with its length.
fn mac(secret: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        for (byte, of_secret) in block.iter_mut().zip(secret) {
            *byte ^= of_secret;
        }
        block
    };
    let mut inner = Sha256::new();
    inner.update(pad(0x36));
    for part in parts {
        inner.update((part.len() as u64).to_be_bytes());
        inner.update(part);
    }
    let mut outer = Sha256::new();
    outer.update(pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::marker::Role;
    use proptest::prelude::*;

    const SOURCE: &str = "gitlab.example.com:278964";

    fn marker() -> Marker {
        Marker {
            key: "imk7f3a9c2d4e".into(),
            source: format!("{SOURCE}:123"),
            source_id: 9913,
            target: "directory:q1w2".into(),
            baseline: "i120".into(),
            written: "0a1b.2c3d".into(),
            lineage: vec!["o.example:1".into(), SOURCE.into()],
            ..Marker::default()
        }
    }

    fn seal() -> Seal {
        Seal::new("a secret of some length")
    }

    #[test]
    fn a_sealed_marker_tells_nothing_and_is_opened_by_its_secret_alone() {
        let closed = seal().close(&marker());
        let line = closed.render();
        for told in [
            "gitlab", "example", "278964", "123", "9913", "i120", "secret",
        ] {
            assert!(!line.contains(told), "{told}: {line}");
        }
        let read = Marker::parse(&line).unwrap();
        assert_eq!(read, closed);
        let opened = seal().open(&read, SOURCE).unwrap();
        let plain = marker();
        assert_eq!(
            (opened.source, opened.source_id, opened.baseline),
            (plain.source, plain.source_id, plain.baseline)
        );
        assert_eq!(seal().open(&read, "gitlab.example.com:278965"), None);
        assert_eq!(Seal::new("another secret").open(&read, SOURCE), None);
        assert_eq!(seal().open(&marker(), SOURCE), None, "nothing is closed");
    }

    #[test]
    fn what_somebody_changed_is_not_opened() {
        let closed = seal().close(&marker());
        for changed in [
            Marker {
                key: "imkother12345".into(),
                ..closed.clone()
            },
            Marker {
                target: "directory:other".into(),
                ..closed.clone()
            },
            Marker {
                source: closed.source.replace('a', "b").replace('1', "2"),
                ..closed.clone()
            },
            Marker {
                source: closed.source[..40].to_owned(),
                ..closed.clone()
            },
            Marker {
                source: format!("{}é", closed.source),
                ..closed.clone()
            },
        ] {
            assert_eq!(seal().open(&changed, SOURCE), None, "{}", changed.source);
        }
        // What it says of what it stands in changes, and what was written too.
        let parted = Marker {
            role: Role::Parted,
            written: "1.2".into(),
            ..closed
        };
        assert!(seal().open(&parted, SOURCE).is_some());
    }

    #[test]
    fn two_markers_of_one_issue_have_nothing_in_common() {
        let other = Marker {
            key: "imk0000000000".into(),
            ..marker()
        };
        let (one, other) = (seal().close(&marker()), seal().close(&other));
        let tail = |marker: &Marker| marker.source.rsplit_once('.').unwrap().1.to_owned();
        assert_ne!(tail(&one)[..24], tail(&other)[..24]);
        assert_ne!(tail(&one)[24..], tail(&other)[24..]);
        assert_ne!(one.lineage, other.lineage);
        assert_eq!(one, seal().close(&one), "closed once");
    }

    #[test]
    fn a_sealed_lineage_is_asked_for_a_project() {
        let closed = seal().close(&marker());
        let named = |project: &str| {
            let hops = closed.lineage.iter();
            hops.map(|hop| seal().names(hop, project))
                .collect::<Vec<_>>()
        };
        assert_eq!(named("o.example:1"), [Some(true), Some(false)]);
        assert_eq!(named(SOURCE), [Some(false), Some(true)]);
        let other = Seal::new("another secret");
        assert_eq!(other.names(&closed.lineage[0], SOURCE), None);
        assert_eq!(other.names(SOURCE, SOURCE), Some(true), "it is not sealed");
    }

    proptest! {
        #[test]
        fn whatever_is_closed_is_opened_again(
            number: u64, id: u64, baseline in "\\PC{0,40}", secret in "\\PC{1,40}"
        ) {
            let seal = Seal::new(&secret);
            let marker = Marker {
                source: format!("{SOURCE}:{number}"), source_id: id, baseline, ..marker()
            };
            let read = Marker::parse(&seal.close(&marker).render()).unwrap();
            let opened = seal.open(&read, SOURCE).unwrap();
            prop_assert_eq!(opened.source, marker.source);
            prop_assert_eq!(opened.source_id, marker.source_id);
            prop_assert_eq!(opened.baseline, marker.baseline);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let sealed = Marker { source: format!("opaque:{}.{text}", seal().name()), ..marker() };
            prop_assert_eq!(seal().open(&sealed, SOURCE), None);
            let _ = seal().names(&sealed.source, SOURCE);
        }
    }
}
