use super::{Field, IssueType, LabelTitles, Lost, Types};

/// What a forge can hold and what it does with text, known before anything is planned.
///
/// The draft falls back by capability, never by the name of a forge: what is not held becomes a
/// footer line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The fields that the forge can hold at all.
    pub holds: &'static [Field],
    /// Those of them that it keeps only from some accounts, or with some licences, and drops from
    /// others without a word.
    pub needs: &'static [(Field, Need)],
    /// What it can do beside holding fields, and what each of it takes.
    pub offers: &'static [(Extra, Need)],
    /// Those fields that it was found not to keep: as if it could not hold them.
    pub lost: Fields,
    /// Kinds of issues that it keeps only from some accounts, or with some licences.
    pub type_needs: &'static [(IssueType, Need)],
    /// Kinds of issues that it was found not to keep.
    pub lost_types: Types,
    /// What it takes for the title of a label.
    pub label_titles: LabelTitles,
    /// An issue can have a label that the project does not list.
    pub unlisted_labels: bool,
    /// A file is reached by whoever has its link, whatever becomes of the text that had it.
    pub files_by_link: bool,
    /// It was found to keep one label of a scope, as in `a::b`.
    pub one_of_a_scope: bool,
    /// Those of them that the creating request can carry; the others follow in an update.
    pub on_create: &'static [Field],
    /// Issues can be hidden from the public.
    pub confidential: bool,
    /// Comments can be hidden from the public.
    pub internal_notes: bool,
    /// Comments belong together in threads.
    pub threads: bool,
    /// A leading `---` block of a description is taken for front matter.
    pub front_matter: bool,
    /// What begins with `: ` or `~ ` is details of the paragraph in front of it.
    pub description_lists: bool,
    /// What the forge carries out when it finds it in a text.
    pub acts: Acts,
    /// How long titles and texts may be.
    pub longest: Lengths,
    /// How many issues may be worked on at once.
    pub concurrency: usize,
    /// Seconds that the server may go on working on a request whose answer was lost. A look-up
    /// that begins earlier and finds nothing proves nothing.
    pub settles_after_seconds: u32,
}

impl Capabilities {
    /// Whether the forge can hold a field.
    pub fn can_hold(&self, field: Field) -> bool {
        self.holds.contains(&field) && !self.lost.contains(field)
    }

    /// What it takes to have a field kept, if that is not granted to everybody.
    pub fn need(&self, field: Field) -> Option<Need> {
        let mut needs = self.needs.iter();
        needs.find(|(of, _)| *of == field).map(|(_, need)| *need)
    }

    /// What it takes to have something beside the fields; `None` if that is not to be had.
    pub fn offer(&self, extra: Extra) -> Option<Need> {
        let mut offers = self.offers.iter();
        offers.find(|(of, _)| *of == extra).map(|(_, need)| *need)
    }

    /// What it takes to have something kept that was found not to be.
    pub fn need_of(&self, lost: Lost) -> Option<Need> {
        match lost {
            Lost::Field(field) => self.need(field),
            Lost::Type(kind) => {
                let mut needs = self.type_needs.iter();
                needs.find(|(of, _)| *of == kind).map(|(_, need)| *need)
            }
            Lost::SecondOfScope => None,
        }
    }

    /// Whether something that is not kept is not kept of anything in the pair, so that it need not be
    /// tried again each time.
    pub fn is_lost_for_all(&self, lost: Lost) -> bool {
        !matches!(lost, Lost::Field(_)) || self.need_of(lost).is_some()
    }

    /// Whether the forge can hold a kind of issue.
    pub fn can_be(&self, kind: IssueType) -> bool {
        self.can_hold(Field::Type) && !self.lost_types.contains(kind)
    }

    /// Whether it is known that something is not kept.
    pub fn lacks(&self, lost: Lost) -> bool {
        match lost {
            Lost::Field(field) => self.lost.contains(field),
            Lost::Type(kind) => self.lost_types.contains(kind),
            Lost::SecondOfScope => self.one_of_a_scope,
        }
    }

    /// The same without something that was found not to be kept.
    #[must_use]
    pub fn without(mut self, lost: Lost) -> Self {
        match lost {
            Lost::Field(field) => self.lost = self.lost.with(field),
            Lost::Type(kind) => self.lost_types = self.lost_types.with(kind),
            Lost::SecondOfScope => self.one_of_a_scope = true,
        }
        self
    }

    /// Whether a confidential issue is hidden from its first moment on.
    pub fn keeps_confidential(&self) -> bool {
        self.confidential && self.creates_with(Field::Confidential)
    }

    /// Whether an internal comment stays internal from its first moment on.
    pub fn keeps_internal(&self) -> bool {
        self.internal_notes && !self.lost.contains(Field::Confidential)
    }

    /// Whether the creating request can carry a field.
    pub fn creates_with(&self, field: Field) -> bool {
        self.on_create.contains(&field) && !self.lost.contains(field)
    }
}

/// What a forge can do beside holding the fields of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extra {
    /// Who wrote and who closed something is kept as the original has it.
    Authors,
    /// So is when it was written.
    Times,
    /// An issue gets the number that is asked for.
    Numbers,
    /// Milestones are created.
    Milestones,
    /// More than one account is assigned.
    SeveralAssignees,
    /// One issue blocks another.
    Blocks,
    /// Comments are hidden from the public.
    InternalNotes,
    /// An issue that is there is hidden, or shown again.
    Hiding,
    /// Comments that another account wrote are edited.
    OthersComments,
    /// Files that texts link to are fetched.
    Downloads,
}

/// What it takes for a forge to keep a field, or to do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// The least role of the account, such as `Planner or Reporter`.
    pub role: Option<&'static str>,
    /// The least licence, such as `GitLab Premium`.
    pub licence: Option<&'static str>,
    /// The least version of the server.
    pub version: Option<(u32, u32)>,
}

impl Need {
    /// Nothing: everybody has it.
    pub const NOTHING: Self = Self {
        role: None,
        licence: None,
        version: None,
    };

    /// A role.
    pub const fn role(least: &'static str) -> Self {
        Self {
            role: Some(least),
            ..Self::NOTHING
        }
    }

    /// A licence, whatever the role is.
    pub const fn licence(least: &'static str) -> Self {
        Self {
            licence: Some(least),
            ..Self::NOTHING
        }
    }

    /// Whether it is met by everybody.
    pub fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }

    /// In words that go on after "it takes".
    pub fn words(self) -> String {
        let role = self.role.map(|role| format!("the role {role}"));
        let version = self
            .version
            .map(|(major, minor)| format!("version {major}.{minor}"));
        let parts = [role, self.licence.map(str::to_owned), version];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "nothing".to_owned()
        } else {
            parts.join(", and ")
        }
    }
}

/// How long titles and texts may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// The title of an issue.
    pub title: Longest,
    /// The description of an issue with everything around it.
    pub text: Longest,
    /// A comment with everything around it.
    pub comment: Longest,
}

impl Lengths {
    /// How long a text with everything around it may be. `first`: it is the description of an issue.
    pub fn of_text(self, first: bool) -> Longest {
        if first { self.text } else { self.comment }
    }

    /// The same where a text may be as long as that.
    #[must_use]
    pub fn with_text(self, first: bool, longest: Longest) -> Self {
        if first {
            Self {
                text: longest,
                ..self
            }
        } else {
            Self {
                comment: longest,
                ..self
            }
        }
    }
}

/// How long something may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Longest {
    /// As long as it likes.
    #[default]
    Any,
    /// So many characters.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u64);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// Whether a field is one of them.
    pub fn contains(self, field: Field) -> bool {
        self.0 & Self::bit(field) != 0
    }

    /// The same with one more.
    #[must_use]
    pub fn with(self, field: Field) -> Self {
        Self(self.0 | Self::bit(field))
    }

    fn bit(field: Field) -> u64 {
        1 << (field as u64)
    }
}

impl FromIterator<Field> for Fields {
    fn from_iter<T: IntoIterator<Item = Field>>(fields: T) -> Self {
        fields.into_iter().fold(Self::default(), Self::with)
    }
}

/// What a forge carries out when it finds it in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acts {
    /// Lines such as `/close` are commands.
    pub quick_actions: bool,
    /// They are also in blocks of code and of HTML.
    pub anywhere: bool,
    /// `@name` notifies somebody.
    pub mentions: bool,
    /// `#12` and its kin link, and leave a trace on what they name.
    pub references: bool,
    /// How people and things are named in it.
    pub reads: Reads,
}

/// By whose rules a forge reads names in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// It reads none.
    #[default]
    Nothing,
    /// GitLab's.
    GitLab,
}

impl Acts {
    /// A forge that carries out nothing.
    pub const NOTHING: Self = Self {
        quick_actions: false,
        anywhere: false,
        mentions: false,
        references: false,
        reads: Reads::Nothing,
    };
    /// A forge that carries out everything that GitLab does.
    pub const EVERYTHING: Self = Self {
        quick_actions: true,
        anywhere: false,
        mentions: true,
        references: true,
        reads: Reads::GitLab,
    };
}
