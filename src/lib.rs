//! `issue-mirror` mirrors issues between trackers, one incremental pass at a time.

pub mod config;
pub mod forge;
pub mod model;
pub mod plan;
pub mod report;
pub mod store;
pub mod sync;
pub mod text;
