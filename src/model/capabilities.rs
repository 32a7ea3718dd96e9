use super::Field;

/// What a forge can hold and what it does with text, known before anything is planned.
///
/// The draft falls back by capability, never by the name of a forge: what is not held becomes a
/// footer line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The fields that the forge can hold at all.
    pub holds: &'static [Field],
    /// Those of them that the creating request can carry; the others follow in an update.
    pub on_create: &'static [Field],
    /// Issues can be hidden from the public.
    pub confidential: bool,
    /// Comments can be hidden from the public.
    pub internal_notes: bool,
    /// A leading `---` block of a description is taken for front matter.
    pub front_matter: bool,
    /// What the forge carries out when it finds it in a text.
    pub acts: Acts,
    /// How many issues may be worked on at once.
    pub concurrency: usize,
    /// Seconds that the server may go on working on a request whose answer was lost. A look-up
    /// that begins earlier and finds nothing proves nothing.
    pub settles_after_seconds: u32,
}

impl Capabilities {
    /// Whether the forge can hold a field.
    pub fn can_hold(&self, field: Field) -> bool {
        self.holds.contains(&field)
    }

    /// Whether a confidential issue is hidden from its first moment on.
    pub fn keeps_confidential(&self) -> bool {
        self.confidential && self.creates_with(Field::Confidential)
    }

    /// Whether the creating request can carry a field.
    pub fn creates_with(&self, field: Field) -> bool {
        self.on_create.contains(&field)
    }
}

/// What a forge carries out when it finds it in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acts {
    /// Lines such as `/close` are commands.
    pub quick_actions: bool,
    /// `@name` notifies somebody.
    pub mentions: bool,
    /// `#12` and its kin link, and leave a trace on what they name.
    pub references: bool,
}

impl Acts {
    /// A forge that carries out nothing.
    pub const NOTHING: Self = Self {
        quick_actions: false,
        mentions: false,
        references: false,
    };
    /// A forge that carries out everything.
    pub const EVERYTHING: Self = Self {
        quick_actions: true,
        mentions: true,
        references: true,
    };
}
