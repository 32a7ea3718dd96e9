//! What a forge acts on when it finds it in a text, as a table.
//!
//! Another forge is another table. The table of GitLab is what its own patterns match, made a little
//! wider where its versions differ: what is taken for a reference here and is none there gets an
//! invisible character and nothing else.

mod addresses;
mod commits;
mod find;

pub(super) use addresses::addresses;
pub use find::Found;

/// What a forge acts on.
#[derive(Debug)]
pub struct Grammar {
    /// What names people and things. Those that begin alike stand together.
    pub forms: &'static [Form],
    /// Characters that mean nothing behind a backslash. Behind others it means nothing itself.
    pub escaped: &'static str,
    /// Carriage returns are taken out before a text is read.
    pub drops_returns: bool,
    /// No text may have a character that is nothing.
    pub refuses_nul: bool,
    /// Words of hexadecimal digits name commits, from this length on.
    pub commits: Option<usize>,
    /// `group/project>` names a project.
    pub projects: bool,
}

/// How something is named.
#[derive(Debug)]
pub struct Form {
    /// How it begins. A word joiner behind that takes its meaning away.
    pub opens: &'static str,
    /// What must follow.
    pub follows: Follows,
    /// What becomes of it.
    pub names: Names,
}

/// What must stand behind the beginning of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// A digit.
    Number,
    /// The path of an account or a group, and no word in front of the beginning.
    Path,
    /// A name of one word, a number or a quote.
    Word,
    /// Anything that could be a title, or a quote.
    Title,
    /// Anything but an end.
    Anything,
}

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// An account or a group, which is notified.
    Somebody,
    /// A thing, which is linked.
    Something,
}

const fn something(opens: &'static str, follows: Follows) -> Form {
    Form {
        opens,
        follows,
        names: Names::Something,
    }
}

const SOMEBODY: Form = Form {
    opens: "@",
    follows: Follows::Path,
    names: Names::Somebody,
};

/// What GitLab acts on, from its reference patterns (`app/models`, `lib/banzai/filter/references`).
pub static GITLAB: Grammar = Grammar {
    forms: &[
        SOMEBODY,
        // Issues, tasks, alerts (`^alert#1`), in this project or behind the path of another.
        something("#", Follows::Number),
        something("!", Follows::Number),
        something("&", Follows::Number),
        something("$", Follows::Number),
        something("~", Follows::Word),
        something("%", Follows::Title),
        something("GL-", Follows::Number),
        something("*iteration:", Follows::Anything),
        something("[issue:", Follows::Anything),
        something("[work_item:", Follows::Anything),
        something("[epic:", Follows::Anything),
        something("[cadence:", Follows::Anything),
        something("[vulnerability:", Follows::Anything),
        something("[feature_flag:", Follows::Anything),
        something("[wiki_page:", Follows::Anything),
        something("[contact:", Follows::Anything),
        something("[\"contact:", Follows::Anything),
    ],
    escaped: "$%#&@!~^",
    drops_returns: true,
    refuses_nul: true,
    commits: Some(7),
    projects: true,
};

/// What acts on nothing, and names people all the same.
pub static NOTHING: Grammar = Grammar {
    forms: &[SOMEBODY],
    escaped: "@",
    drops_returns: false,
    refuses_nul: false,
    commits: None,
    projects: false,
};
