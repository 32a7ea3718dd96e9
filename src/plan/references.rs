//! Where the references of a text lead, and what stands for them on the target.

use super::draft::{self, Setting};
use crate::model::Spelling;
use crate::text::escape::{self, WORD_JOINER};
use crate::text::references::{Kind, Place, Reference};
use std::collections::BTreeMap;

/// Something that a text refers to, as it is named there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    kind: Kind,
    host: Option<String>,
    project: Option<String>,
    number: u64,
    comment: Option<u64>,
    /// A link leads there.
    linked: bool,
}

impl Named {
    /// What a reference names.
    pub fn by(refers: &Reference<'_>) -> Self {
        Self {
            kind: refers.kind,
            host: refers.host.map(str::to_owned),
            project: refers.project.as_deref().map(str::to_owned),
            number: refers.number,
            comment: refers.comment,
            linked: refers.place == Place::Destination,
        }
    }
}

/// Where a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To a counterpart.
    There {
        /// What stands in the brackets of a link to it.
        label: String,
        /// How the target refers to it.
        spelling: Spelling,
    },
    /// To what is on the target itself and has its counterpart on the source. It is to know nothing of
    /// that it is named, or it would change by its own mirror.
    Original {
        /// What stands in the brackets of a link to it.
        label: String,
        /// Where it is.
        address: String,
    },
    /// To the page of what is not mirrored.
    Source(String),
}

impl Lead {
    /// The address of what is on the target, or of a part of it, as a link holds it.
    pub fn address(&self, part: Option<&str>) -> Option<String> {
        let address = match self {
            Self::There { spelling, .. } => spelling.address.clone()?,
            Self::Original { address, .. } => unknown_to_its_server(address),
            Self::Source(_) => return None,
        };
        Some(match part {
            Some(part) => format!("{address}#{part}"),
            None => address,
        })
    }
}

/// Where the references of a text lead; what is not here stays what it is, without its meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leads {
    /// What is named.
    pub named: BTreeMap<Named, Lead>,
    /// Links to issues that are no addresses of pages, and where they lead on the target.
    pub links: BTreeMap<String, String>,
}

/// What decides how the references of a text are rewritten: nothing for a text without any.
pub(super) fn digested(leads: &Leads) -> impl Iterator<Item = String> + '_ {
    // Written out, because stores hold digests of it.
    let links = leads.links.iter().map(|(link, to)| format!("{link} {to}"));
    let named = leads.named.iter().map(|(named, lead)| {
        let to = match lead {
            Lead::There { spelling, .. } if !named.linked && spelling.short.is_some() => {
                &spelling.short
            }
            Lead::There { spelling, .. } => &spelling.address,
            Lead::Original { address: page, .. } | Lead::Source(page) => &Some(page.clone()),
        };
        format!(
            "{}/{}{}{}#{} {} {}",
            named.host.as_deref().unwrap_or_default(),
            named.project.as_deref().unwrap_or_default(),
            named.kind.sigil(),
            named.number,
            named.comment.unwrap_or_default(),
            if named.linked { "linked" } else { "named" },
            to.as_deref().unwrap_or_default(),
        )
    });
    links.chain(named)
}

/// Whether a reference leads to a counterpart.
pub(super) fn leads_there(refers: &Reference<'_>, leads: &Leads) -> bool {
    matches!(
        leads.named.get(&Named::by(refers)),
        Some(Lead::There { .. })
    )
}

/// What stands in a title instead of a reference; `None`: the same characters, without meaning. No link
/// can stand there but one that makes itself.
pub(super) fn in_title(refers: &Reference<'_>, leads: &Leads) -> Option<String> {
    let lead = leads.named.get(&Named::by(refers))?;
    match lead {
        Lead::There { spelling, .. } => match &spelling.short {
            Some(short) if spelling.native => Some(format!("{short}{}", refers.style.suffix())),
            Some(short) => Some(short.clone()),
            None => lead.address(refers.part).filter(|to| to.contains("://")),
        },
        Lead::Original { label, .. } => Some(unknown(label)),
        Lead::Source(_) => None,
    }
}

/// What stands on the target instead of a reference; `None`: the same characters, without meaning.
pub(super) fn instead(
    refers: &Reference<'_>,
    leads: &Leads,
    setting: Setting<'_>,
) -> Option<String> {
    let lead = leads.named.get(&Named::by(refers))?;
    let address = lead.address(refers.part);
    match lead {
        Lead::There { label, spelling } => there(refers, label, spelling, address, setting),
        Lead::Original { label, .. } => match refers.place {
            Place::Destination => address,
            _ => Some(link(refers, label, &address?, setting)),
        },
        // Anything else is an address already, or may be no reference.
        Lead::Source(page) if refers.host.is_none() && !refers.named => {
            let page = if setting.ends.on_one_instance() {
                unknown_to_its_server(page)
            } else {
                page.clone()
            };
            if refers.place == Place::Destination {
                return Some(page);
            }
            let project = refers.project.as_deref().unwrap_or_default();
            let (sigil, zeros) = (refers.kind.sigil(), "0".repeat(refers.zeros));
            let label = format!("{project}{sigil}{zeros}{}", refers.number);
            Some(link(refers, &label, &page, setting))
        }
        Lead::Source(_) => None,
    }
}

fn there(
    refers: &Reference<'_>,
    label: &str,
    spelling: &Spelling,
    address: Option<String>,
    setting: Setting<'_>,
) -> Option<String> {
    if refers.place == Place::Destination {
        return address;
    }
    let is_part = refers.part.is_some() && address.is_some();
    if let Some(short) = spelling.short.as_ref().filter(|_| !is_part) {
        let style = if spelling.native {
            refers.style.suffix()
        } else {
            ""
        };
        return Some(format!("{short}{style}"));
    }
    let address = address?;
    let is_address = spelling.native && address.contains("://");
    Some(match (is_address, refers.markup) {
        // It makes a link by itself.
        (true, false) => format!("<{address}>"),
        // The target shows such a link as the reference that it is.
        (true, true) => markup(&address, &address),
        (false, _) => link(refers, label, &address, setting),
    })
}

/// A link that stands where a reference stood.
fn link(refers: &Reference<'_>, label: &str, to: &str, setting: Setting<'_>) -> String {
    if !refers.markup {
        return format!("[{}]({to})", draft::defuse(setting, &escape::inline(label)));
    }
    if setting.target.acts.references {
        markup(&unknown(label), to)
    } else {
        markup(label, to)
    }
}

/// What a reference is called, without its meaning.
fn unknown(label: &str) -> String {
    let number = label.trim_start_matches(|c: char| !"#!&$".contains(c));
    let behind = label.len() - number.len() + number.len().min(1);
    let mut label = label.to_owned();
    label.insert(behind, WORD_JOINER);
    label
}

/// A link in raw HTML.
fn markup(label: &str, to: &str) -> String {
    let [label, to] = [label, to].map(escape::html);
    format!("<a href=\"{to}\">{label}</a>")
}

/// An address that leads to the same place, and of which its own server takes no note.
pub fn unknown_to_its_server(page: &str) -> String {
    page.replacen("://", &format!("://{WORD_JOINER}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Acts, Capabilities};
    use crate::plan::fixtures::{ends, target};
    use crate::plan::footer::Ends;
    use crate::plan::policy::Policy;
    use crate::text::read::Read;

    fn counterpart(spelling: Spelling) -> Lead {
        Lead::There {
            label: "#34".into(),
            spelling,
        }
    }

    fn known() -> Lead {
        counterpart(Spelling {
            short: Some("#34".into()),
            native: true,
            address: Some("https://t.example/m/-/issues/34".into()),
        })
    }

    /// A text where everything leads to one place.
    fn rendered(text: &str, lead: &Lead, acts: Acts, one_instance: bool) -> String {
        let read = Read::of(text);
        let refers = read.references();
        let named = refers
            .iter()
            .map(|refers| (Named::by(refers), lead.clone()));
        let leads = Leads {
            named: named.collect(),
            ..Leads::default()
        };
        let (source, mut other) = ends();
        if one_instance {
            other.host.clone_from(&source.host);
        }
        let target = Capabilities { acts, ..target() };
        let policy = Policy::default();
        let setting = Setting {
            policy: &policy,
            target: &target,
            ends: Ends {
                source: &source,
                target: &other,
            },
        };
        let mut refers = refers;
        refers.sort_by_key(|refers| std::cmp::Reverse(refers.range.start));
        let mut text = text.to_owned();
        for refers in &refers {
            if let Some(now) = instead(refers, &leads, setting) {
                text.replace_range(refers.range.clone(), &now);
            }
        }
        text.replace(WORD_JOINER, "·")
    }

    #[test]
    fn a_counterpart_is_spelled_as_the_target_spells_it() {
        let text = "#12 g/p#12+ [x](https://s.example/g/p/-/issues/12+s) <https://s.example/g/p/-/issues/12+s>";
        assert_eq!(
            rendered(text, &known(), Acts::EVERYTHING, false),
            "#34 #34+ [x](https://t.example/m/-/issues/34) #34+s"
        );
    }

    #[test]
    fn what_has_no_short_spelling_becomes_an_address_or_a_link() {
        let address = Some("https://t.example/m/-/issues/34#note_5".to_owned());
        let comment = counterpart(Spelling {
            short: None,
            native: true,
            address: address.clone(),
        });
        let url = "https://s.example/g/p/-/issues/12#note_9";
        assert_eq!(
            rendered(&format!("{url}."), &comment, Acts::EVERYTHING, false),
            "<https://t.example/m/-/issues/34#note_5>."
        );
        let part = "https://s.example/g/p/-/issues/12#related-issues";
        assert_eq!(
            rendered(
                &format!("[x]({part}) {part}"),
                &known(),
                Acts::EVERYTHING,
                false
            ),
            "[x](https://t.example/m/-/issues/34#related-issues) <https://t.example/m/-/issues/34#related-issues>"
        );
        let elsewhere = counterpart(Spelling {
            short: None,
            native: false,
            address,
        });
        assert_eq!(
            rendered("#12+", &elsewhere, Acts::EVERYTHING, false),
            "[#·34](https://t.example/m/-/issues/34#note_5)"
        );
        let file = counterpart(Spelling {
            short: None,
            native: true,
            address: Some("../34/comment-0009.md".into()),
        });
        assert_eq!(
            rendered(&format!("see {url}"), &file, Acts::NOTHING, false),
            "see [#34](../34/comment-0009.md)"
        );
    }

    #[test]
    fn p8_a_link_to_the_source_leaves_no_trace_there() {
        let page = Lead::Source("https://s.example/g/p/-/issues/12".into());
        let text = "#12+ a_b/c#12 !012 https://s.example/g/p/-/issues/12";
        assert_eq!(
            rendered(text, &page, Acts::EVERYTHING, false),
            "[#·12](https://s.example/g/p/-/issues/12) [a_b/c#·12](https://s.example/g/p/-/issues/12) [!·012](https://s.example/g/p/-/issues/12) https://s.example/g/p/-/issues/12"
        );
        assert_eq!(
            rendered("#12", &page, Acts::EVERYTHING, true),
            "[#·12](https://·s.example/g/p/-/issues/12)"
        );
    }

    #[test]
    fn p5_a_link_to_an_original_leaves_no_trace_there() {
        let original = Lead::Original {
            label: "#34".into(),
            address: "https://t.example/m/-/issues/34".into(),
        };
        let text = "#12+ https://s.example/g/p/-/issues/12#note_5 [x](https://s.example/g/p/-/issues/12#top)\n\n<p>#12</p>";
        assert_eq!(
            rendered(text, &original, Acts::EVERYTHING, false),
            "[#·34](https://·t.example/m/-/issues/34) [#·34](https://·t.example/m/-/issues/34) [x](https://·t.example/m/-/issues/34#top)\n\n<p><a href=\"https://·t.example/m/-/issues/34\">#·34</a></p>"
        );
        assert!(rendered("#12", &original, Acts::NOTHING, false).starts_with("[#34]("));
    }

    #[test]
    fn p4_only_what_is_used_of_a_lead_is_digested() {
        let text = "#12";
        let read = Read::of(text);
        let refers = read.references().into_iter();
        let leads = Leads {
            named: refers.map(|refers| (Named::by(&refers), known())).collect(),
            ..Leads::default()
        };
        let digested: Vec<String> = digested(&leads).collect();
        assert_eq!(digested, ["/#12#0 named #34"]);
        assert_eq!(super::digested(&Leads::default()).count(), 0);
    }
}
