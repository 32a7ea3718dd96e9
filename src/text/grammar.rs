//! What a forge acts on when it finds it in a text, as a table.
//!
//! Another forge is another table. The table of GitLab is what its own patterns match, made a little
//! wider where its versions differ: what is taken for a reference here and is none there gets an
//! invisible character and nothing else.

mod addresses;
mod beginnings;
mod commits;
mod find;
mod keys;

pub(super) use addresses::addresses;
pub use beginnings::Beginnings;
pub use find::Found;
use std::borrow::Cow;

/// What a forge acts on.
#[derive(Clone, Copy, Debug)]
pub struct Grammar<'a> {
    /// What names people and things. Those that begin alike stand together.
    pub forms: &'static [Form],
    /// With which bytes these begin.
    pub begins: &'static Beginnings,
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
    /// What stands in an address in front of the number of what the address names.
    pub numbered: &'static [&'static str],
    /// What stands in an address in front of the name of what the address names.
    pub named: &'static [&'static str],
    /// What stands in front of a dash and a number in the name of an issue of another tracker, such as
    /// `ABC` in `ABC-12`: those that are to be no names of any.
    pub keys: &'a [String],
}

impl Grammar<'_> {
    /// A text as the forge takes it, before it is read: perhaps without carriage returns.
    pub fn taken<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.drops_returns && text.contains('\r') {
            Cow::Owned(text.replace('\r', ""))
        } else {
            Cow::Borrowed(text)
        }
    }
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

const GITLAB_FORMS: &[Form] = &[
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
];

/// What GitLab acts on, from its reference patterns (`app/models`, `lib/banzai/filter/references`).
///
/// Which keys name something in another tracker only that knows: to the pattern (`jira_issue_key_regex`)
/// `UTF-8` is one, too, so somebody has to say them.
pub static GITLAB: Grammar<'static> = Grammar {
    forms: GITLAB_FORMS,
    begins: {
        static BEGINS: Beginnings = Beginnings::of(GITLAB_FORMS);
        &BEGINS
    },
    escaped: "$%#&@!~^",
    drops_returns: true,
    refuses_nul: true,
    commits: Some(7),
    projects: true,
    // `link_reference_pattern` of each model.
    numbered: &[
        "alert_management",
        "epics",
        "feature_flags",
        "incident",
        "issues",
        "iterations",
        "merge_requests",
        "milestones",
        "snippets",
        "test_cases",
        "vulnerabilities",
        "work_items",
    ],
    named: &["commit", "compare", "designs"],
    keys: &[],
};

/// What acts on nothing, and names people all the same.
pub static NOTHING: Grammar<'static> = Grammar {
    forms: &[SOMEBODY],
    begins: {
        static BEGINS: Beginnings = Beginnings::of(&[SOMEBODY]);
        &BEGINS
    },
    escaped: "@",
    drops_returns: false,
    refuses_nul: false,
    commits: None,
    projects: false,
    numbered: &[],
    named: &[],
    keys: &[],
};
