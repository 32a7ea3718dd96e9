//! Accounts, what opens them, and what they may do.

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's number.
    pub id: u64,
    /// Without `@`.
    pub username: String,
    /// As it is shown.
    pub name: String,
    /// The e-mail address that everybody sees; may be empty.
    pub public_email: String,
    /// May do everything.
    pub admin: bool,
}

/// What a header may say instead of a password.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose it is.
    pub user: u64,
    /// `api`, `read_api`, …
    pub scopes: Vec<&'static str>,
    /// Not any more.
    pub revoked: bool,
    /// Its time is over.
    pub expired: bool,
    /// When its time is over.
    pub expires_at: Option<jiff::civil::Date>,
}

/// What somebody may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads and opens issues.
    Guest,
    /// Plans: labels, milestones, dates, confidential issues.
    Planner,
    /// Reads everything.
    Reporter,
    /// Works on it.
    Developer,
    /// Edits what others wrote.
    Maintainer,
    /// Sets times.
    Owner,
}
