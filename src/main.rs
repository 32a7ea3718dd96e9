//! Parses the arguments, runs, exits: everything else is in the library.

fn main() -> std::process::ExitCode {
    issue_mirror::cli::run()
}
