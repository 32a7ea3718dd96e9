//! Parses the arguments, runs, exits: everything else is in the library.

fn main() {}
