use super::{Field, IssueType};

/// What a target was found not to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// A field.
    Field(Field),
    /// A kind of issue; others it keeps.
    Type(IssueType),
    /// More than one label of a scope, as in `a::b`.
    SecondOfScope,
}

impl Lost {
    /// The word for it in the store.
    pub fn word(self) -> String {
        match self {
            Self::Field(field) => field.word().to_owned(),
            Self::Type(kind) => format!("{}{}", Self::TYPE, kind.word()),
            Self::SecondOfScope => Self::SCOPES.to_owned(),
        }
    }

    /// Reads [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        if word == Self::SCOPES {
            return Some(Self::SecondOfScope);
        }
        match word.strip_prefix(Self::TYPE) {
            Some(kind) => IssueType::from_word(kind).map(Self::Type),
            None => Field::from_word(word).map(Self::Field),
        }
    }

    const TYPE: &'static str = "type:";
    const SCOPES: &'static str = "label_scopes";
}

/// A set of kinds of issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// Whether a kind is one of them.
    pub fn contains(self, kind: IssueType) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// The same with one more.
    #[must_use]
    pub fn with(self, kind: IssueType) -> Self {
        Self(self.0 | Self::bit(kind))
    }

    fn bit(kind: IssueType) -> u8 {
        1 << (kind as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_again() {
        let fields = Field::ALL.map(Lost::Field);
        let kinds = IssueType::WORDS.map(|(_, kind)| Lost::Type(kind));
        for lost in fields.into_iter().chain(kinds).chain([Lost::SecondOfScope]) {
            assert_eq!(Lost::from_word(&lost.word()), Some(lost));
        }
        assert_eq!(Lost::from_word("type:else"), None);
    }
}
