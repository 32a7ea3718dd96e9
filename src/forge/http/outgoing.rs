//! A file on its way to a server: read piece by piece, and given up once nothing of it is accepted any
//! more, however long the whole may take.

use reqwest::{Body, multipart};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So much of a file is in memory at once.
const PIECE: usize = 64 * 1024;
/// What arrived is stored by the server at this pace at least, before it answers.
const STORED_A_SECOND: u64 = 1024 * 1024;

/// A form with one file.
#[derive(Debug)]
pub(in crate::forge) struct Outgoing {
    pub(super) form: multipart::Form,
    pub(super) progress: Arc<Progress>,
}

/// How far a file has come.
#[derive(Debug)]
pub(super) struct Progress {
    moved: Mutex<Instant>,
    all_is_gone: AtomicBool,
    size: u64,
}

impl Outgoing {
    /// A file by the name that it is to have there.
    pub(in crate::forge) fn new(path: &Path, name: String) -> io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let progress = Arc::new(Progress {
            moved: Mutex::new(Instant::now()),
            all_is_gone: AtomicBool::new(false),
            size,
        });
        let pieces = Pieces {
            file,
            progress: Arc::clone(&progress),
        };
        let body = Body::wrap_stream(futures_util::stream::iter(pieces));
        let part = multipart::Part::stream_with_length(body, size).file_name(name);
        Ok(Self {
            form: multipart::Form::new().part("file", part),
            progress,
        })
    }
}

/// The pieces of a file; each is asked for when the one before it was accepted.
struct Pieces {
    file: File,
    progress: Arc<Progress>,
}

impl Iterator for Pieces {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.progress.moves();
        let mut piece = vec![0; PIECE];
        match self.file.read(&mut piece) {
            Ok(0) => {
                self.progress.all_is_gone.store(true, Ordering::Relaxed);
                None
            }
            Ok(length) => {
                piece.truncate(length);
                Some(Ok(piece))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl Progress {
    /// It moves now; waiting for its turn before it leaves is no standing still.
    pub(super) fn moves(&self) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = Instant::now();
    }

    /// Waits until nothing moved for as long as this, and longer where all of it is gone and the
    /// server stores it.
    pub(super) async fn stalls(&self, timeout: Duration) {
        loop {
            let stores = Duration::from_secs(self.size / STORED_A_SECOND);
            let patience = if self.all_is_gone.load(Ordering::Relaxed) {
                timeout + stores
            } else {
                timeout
            };
            let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
            let left = patience.saturating_sub(moved.elapsed());
            if left.is_zero() {
                return;
            }
            // It may move meanwhile, and be gone earlier than that.
            tokio::time::sleep(left.min(timeout)).await;
        }
    }
}
