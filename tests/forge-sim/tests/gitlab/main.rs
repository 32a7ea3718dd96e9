//! Each surprise of GitLab's API, shown by the simulator: the numbers in the names of tests are those
//! of the list of surprises that it was written from.

mod assignees;
mod discussions;
mod faults;
mod files;
mod graphql;
mod imports;
mod integrations;
mod kinds;
mod lab;
mod labels;
mod limits;
mod links;
mod lists;
mod milestones;
mod readings;
mod rights;
mod texts;
mod times;
