//! Tests of the whole program: the real binary in a directory of its own with a cleared
//! environment, its output, exit status, store and trackers compared.

// A test fails loudly, also in what its helpers do.
#![allow(clippy::unwrap_used)]

mod acting;
mod architecture;
mod arrives;
mod assignees;
mod attachments;
mod attack;
mod budgets;
mod by_hand;
mod canaries;
mod carried;
mod chance;
mod check;
mod commands;
mod configured;
mod contract;
mod corpus;
mod deletions;
mod documents;
mod doubt;
mod drift;
mod env;
mod faulty;
mod flips;
mod fresh;
mod gitlab;
mod graphs;
mod heard;
mod hidden;
mod kinds;
mod lab;
mod labels;
mod large;
mod lists;
mod locked;
mod long;
mod machine;
mod mapped;
mod matrix;
mod mentions;
mod milestones;
mod names;
mod numbers;
mod odd;
mod once;
mod opaque;
mod privacy;
mod queue;
mod rebuild;
mod references;
mod refused;
mod relations;
mod replay;
mod selection;
mod servers;
mod states;
mod stores;
mod threads;
mod titles;
mod tracker;
mod uploads;
mod waits;
mod withdrawn;
