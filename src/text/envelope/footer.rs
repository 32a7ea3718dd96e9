//! The lines of a footer: what they can say, and how we know ours.

/// One line of a footer. The name is in bold, so a person finds it, and known, so that we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterLine {
    /// What it says something about.
    pub name: FooterName,
    /// What it says: Markdown on one line, escaped by whoever made it.
    pub value: String,
}

/// What a footer can say, in the order in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FooterName {
    /// Where the original is.
    Source,
    /// The whole title, where the target takes only a part of it.
    Title,
    /// Who wrote it and when.
    Author,
    /// When it was written, where nothing says by whom.
    Created,
    /// Who closed it and when.
    Closed,
    /// Its milestone.
    Milestone,
    /// Its iteration.
    Iteration,
    /// Its epic.
    Epic,
    /// Who is to work on it.
    Assignees,
    /// Its labels, where the target has none.
    Labels,
    /// Its kind, where the target has none.
    Type,
    /// Only members comment on it, where the target cannot keep others from it.
    Locked,
    /// Its weight, where the target has none.
    Weight,
    /// Its due date, where the target has none.
    DueDate,
    /// Its estimate, where the target has none.
    TimeEstimate,
    /// Its time spent, where the target has none.
    TimeSpent,
    /// The day work on it begins.
    StartDate,
    /// How it goes.
    Health,
    /// What people think of it.
    Reactions,
    /// What people should know before they edit.
    Notice,
}

impl FooterName {
    const ALL: [Self; 20] = [
        Self::Source,
        Self::Title,
        Self::Author,
        Self::Created,
        Self::Closed,
        Self::Milestone,
        Self::Iteration,
        Self::Epic,
        Self::Assignees,
        Self::Labels,
        Self::Type,
        Self::Locked,
        Self::Weight,
        Self::DueDate,
        Self::TimeEstimate,
        Self::TimeSpent,
        Self::StartDate,
        Self::Health,
        Self::Reactions,
        Self::Notice,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Title => "Title",
            Self::Author => "Author",
            Self::Created => "Created",
            Self::Closed => "Closed",
            Self::Milestone => "Milestone",
            Self::Iteration => "Iteration",
            Self::Epic => "Epic",
            Self::Assignees => "Assignees",
            Self::Labels => "Labels",
            Self::Type => "Type",
            Self::Locked => "Locked",
            Self::Weight => "Weight",
            Self::DueDate => "Due date",
            Self::TimeEstimate => "Time estimate",
            Self::TimeSpent => "Time spent",
            Self::StartDate => "Start date",
            Self::Health => "Health status",
            Self::Reactions => "Reactions",
            Self::Notice => "Note",
        }
    }
}

impl FooterLine {
    pub(super) fn render(&self) -> String {
        format!("- **{}:** {}", self.name.word(), self.value)
    }
}

/// Whether a line could have been written by [`FooterLine::render`].
pub(super) fn is_footer_line(line: &str) -> bool {
    line.strip_prefix("- **")
        .and_then(|rest| rest.split_once(":** "))
        .is_some_and(|(name, _)| FooterName::ALL.iter().any(|known| known.word() == name))
}
