//! Doubles of forges' APIs, with what surprises people who use the real ones: a double that is
//! kinder than the forge hides the bugs that a mirror must not have.
//!
//! It knows nothing of the program that it tests. [`Sim`] runs a server on 127.0.0.1 for as long as
//! it lives; tests look into its [`World`] and change it, move its [`Clock`], read its log and plan
//! faults. [`gitlab`] answers `/api/v4`.

pub mod clock;
pub mod faults;
pub mod gitlab;
pub mod people;
pub mod project;
mod request;
pub mod server;
mod tls;
pub mod world;

pub use clock::Clock;
pub use faults::{Fault, When};
pub use gitlab::{Link, Named, Piece, Reading, Reference, code};
pub use server::Sim;
pub use tls::AUTHORITY;
pub use world::{
    Event, Happened, Issue, IssueLink, Label, Logged, Milestone, Note, Project, Role, Token, User,
    World,
};
