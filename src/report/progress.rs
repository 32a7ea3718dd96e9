//! Shows that something happens, on a terminal; silent elsewhere.

use super::style::plain;
use crate::sync::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;
use std::sync::PoisonError;

const READING: &str = "{spinner} {prefix}: reading what changed";
const CARRYING: &str = "{prefix}: {wide_bar} {pos}/{len} issues, {eta} left";

/// A bar, or nothing. Whoever reports events need not know.
pub struct Progress(Option<Mutex<ProgressBar>>);

impl Progress {
    /// A bar on the terminal that stderr is, or nothing.
    pub fn new(visible: bool) -> Self {
        Self(visible.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            Mutex::new(bar.with_style(style(READING)))
        }))
    }

    /// Shows what happened.
    pub fn event(&self, event: Event<'_>) {
        let Some(bar) = &self.0 else {
            return;
        };
        let bar = bar.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Begun { pair } => {
                bar.set_style(style(READING));
                bar.set_prefix(plain(pair));
                bar.reset();
                bar.enable_steady_tick(std::time::Duration::from_millis(120));
            }
            Event::Discovered { issues: 0 } => {}
            Event::Discovered { issues } => {
                bar.set_style(style(CARRYING));
                bar.set_length(issues);
            }
            Event::Done { .. } => bar.inc(1),
            Event::Finished => bar.finish_and_clear(),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
