//! Where texts go: results to stdout, everything else to stderr.

use super::args::{Args, Color, Format};
use crate::report::exit::Exit;
use crate::report::style::{BAD, paint};
use anstream::{AutoStream, ColorChoice};
use std::io::{IsTerminal, Write};
use tracing_subscriber::filter::LevelFilter;

/// The two streams, with colours where they are wanted.
pub(super) struct Output {
    quiet: bool,
    color_on_stderr: bool,
}

impl Output {
    /// Settles colours and logs once, for the whole process.
    pub(super) fn new(args: &Args) -> Self {
        match args.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
        let color_on_stderr = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
        let level = match args.verbose {
            0 => LevelFilter::WARN,
            1 => LevelFilter::INFO,
            _ => LevelFilter::DEBUG,
        };
        let logs = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_target(false)
            .with_writer(|| Log);
        // A second subscriber in one process is no reason to fail.
        let _ = match args.log_format {
            Format::Text => logs.with_ansi(color_on_stderr).try_init(),
            Format::Json => logs.json().try_init(),
        };
        Self {
            quiet: args.quiet,
            color_on_stderr,
        }
    }

    /// Whether only failures are told.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether stderr takes colours.
    pub(super) fn color_on_stderr(&self) -> bool {
        self.color_on_stderr
    }

    /// A result. With `-q` it is told only of a run that did not succeed. Answers the exit of the
    /// run: one whose result nobody can read did not succeed.
    pub(super) fn result(&self, text: &str, exit: Exit) -> Exit {
        if self.quiet && exit == Exit::Success {
            return exit;
        }
        match tell(anstream::stdout().lock(), text) {
            Ok(()) => exit,
            Err(error) => {
                tell_error("", &format!("the result cannot be written: {error}."));
                Exit::merge([exit, Exit::Failed])
            }
        }
    }
}

/// Where logs go. A log that cannot be written is no reason to end a pass.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = std::io::stderr().lock().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = std::io::stderr().lock().flush();
        Ok(())
    }
}

/// Something that went wrong, below its details.
pub(super) fn tell_error(details: &str, text: &str) {
    let error = paint(BAD, "error:");
    // Where else could it be told?
    let _ = tell(
        anstream::stderr().lock(),
        &format!("{details}{error} {text}\n"),
    );
}

/// Writes everything. A reader that went away is no failure of ours.
fn tell(mut stream: impl Write, text: &str) -> std::io::Result<()> {
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        told => told,
    }
}

/// Whether somebody looks at stderr, so that a bar can be drawn.
pub(super) fn somebody_looks() -> bool {
    std::io::stderr().is_terminal()
}

/// How wide stdout is, if it is a terminal.
pub(super) fn width() -> Option<u16> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0)
}
