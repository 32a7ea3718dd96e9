//! The server: sockets, faults, the log. What is answered is the business of [`crate::gitlab`].

use crate::faults::{Fault, When};
use crate::gitlab;
use crate::tls::{self, Guarded};
use crate::world::{Logged, World};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A server that runs for as long as this lives.
pub struct Sim {
    address: SocketAddr,
    scheme: &'static str,
    world: Arc<Mutex<World>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A request as the answering code sees it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Parts of the path below the relative address, decoded.
    pub(crate) path: Vec<String>,
    /// The query, decoded; a name may stand there several times.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// The file of a form: its name and content.
    pub(crate) file: Option<(String, Vec<u8>)>,
    /// Path and query as they came.
    pub(crate) target: String,
}

/// An answer in the making.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
        }
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), kind.into())],
            body: body.as_bytes().to_vec(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

impl Sim {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn start(world: World) -> Self {
        Self::start_at(world, 0)
    }

    /// Starts a server on this port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn start_at(world: World, port: u16) -> Self {
        Self::serving(world, port, None)
    }

    /// Starts a server on a free port of 127.0.0.1 that speaks TLS, with a certificate that
    /// [`crate::AUTHORITY`] vouches for and nobody else.
    ///
    /// # Panics
    ///
    /// If the system refuses.
    pub fn start_tls(world: World) -> Self {
        Self::serving(world, 0, Some(tls::acceptor()))
    }

    fn serving(world: World, port: u16, tls: Option<TlsAcceptor>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a port");
        listener.set_nonblocking(true).expect("a port");
        let address = listener.local_addr().expect("a port");
        let world = Arc::new(Mutex::new(world));
        let shared = Arc::clone(&world);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a port");
                let app = Router::new().fallback(serve).with_state(shared);
                let serving = async {
                    match tls {
                        None => axum::serve(listener, app).await,
                        Some(tls) => axum::serve(Guarded::new(listener, tls), app).await,
                    }
                };
                tokio::select! {
                    _ = stopped => {}
                    served = serving => served.expect("a server"),
                }
            });
        });
        Self {
            address,
            scheme,
            world,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT`, or https, with the relative address if there is one.
    pub fn url(&self) -> String {
        let relative = &self.world().relative_url;
        format!("{}://{}{relative}", self.scheme, self.address)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What is on the server, to be looked at and changed. No request is answered meanwhile.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass on the server.
    pub fn advance(&self, seconds: i64) {
        let mut world = self.world();
        world
            .clock
            .advance(jiff::SignedDuration::from_secs(seconds));
        gitlab::carry_out_later(&mut world);
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Closes the connection without an answer. Hyper drops a connection whose handler unwinds, and
/// unwinding like this says nothing on the terminal.
fn close() -> ! {
    std::panic::resume_unwind(Box::new("the connection was to be closed"))
}

async fn serve(
    State(world): State<Arc<Mutex<World>>>,
    request: axum::extract::Request,
) -> Response {
    let Some(request) = read(request).await else {
        return finish(Answer::text(400, "text/plain", "Bad Request"), None);
    };
    let lock = || world.lock().unwrap_or_else(PoisonError::into_inner);
    let (fault, latency) = {
        let mut world = lock();
        world.clock.tick();
        gitlab::carry_out_later(&mut world);
        (due(&mut world, &request), world.latency)
    };
    tokio::time::sleep(latency).await;
    if let Some(Fault::Delay(by)) = &fault {
        tokio::time::sleep(*by).await;
    }
    let mut world = lock();
    let date = world.clock.date_header();
    let answer = match &fault {
        None | Some(Fault::Delay(_) | Fault::CutBody) => answered(&mut world, &request),
        Some(Fault::CloseBefore) => {
            drop(world);
            close()
        }
        Some(Fault::DropAnswer) => {
            answered(&mut world, &request);
            drop(world);
            close()
        }
        Some(Fault::ApplyLater(by)) => {
            let at = world.clock.now().saturating_add(*by);
            world
                .later
                .push((at.unwrap_or(jiff::Timestamp::MAX), request.clone()));
            drop(world);
            close()
        }
        Some(Fault::Status(status)) => {
            let answer = gitlab::broken(*status);
            log(&mut world, &request, answer.status);
            answer
        }
        Some(Fault::Limited(seconds)) => {
            let answer = gitlab::broken(429).with("retry-after", seconds);
            log(&mut world, &request, answer.status);
            answer
        }
        Some(Fault::StatusAfter(status)) => {
            answered(&mut world, &request);
            gitlab::broken(*status)
        }
        Some(Fault::Html) => {
            let answer = Answer::text(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><title>Sign in</title>",
            );
            log(&mut world, &request, answer.status);
            answer
        }
    };
    drop(world);
    let cut = fault == Some(Fault::CutBody);
    finish(answer.with("date", date), cut.then_some(()))
}

/// Answers a request and writes it down.
pub(crate) fn answered(world: &mut World, request: &Request) -> Answer {
    let answer = gitlab::answer(world, request);
    log(world, request, answer.status);
    answer
}

fn log(world: &mut World, request: &Request, status: u16) {
    let user = gitlab::user_of(world, request);
    world.log.push(Logged {
        method: request.method.clone(),
        target: request.target.clone(),
        status,
        body: String::from_utf8_lossy(&request.body).into_owned(),
        user,
    });
}

/// The fault that this request is to meet.
fn due(world: &mut World, request: &Request) -> Option<Fault> {
    world.received += 1;
    world.counted.0 += 1;
    let is_write = request.method != "GET";
    world.counted.1 += u64::from(is_write);
    let (requests, writes) = world.counted;
    for change in world.hooks.take(requests) {
        change(world);
    }
    let path = request.target.split('?').next().unwrap_or("");
    let at = world.faults.iter().position(|(when, _)| match when {
        When::Request(at) => *at == requests,
        When::Write(at) => is_write && *at == writes,
        When::Every(method, end) => request.method == *method && path.ends_with(end),
    })?;
    if matches!(world.faults[at].0, When::Every(..)) {
        return Some(world.faults[at].1.clone());
    }
    Some(world.faults.remove(at).1)
}

async fn read(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query()?.to_string();
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let kind = headers.get("content-type").map_or("", String::as_str);
    let mut file = None;
    let mut bytes = Bytes::new();
    if kind.starts_with("multipart/form-data") {
        let again = axum::extract::Request::from_parts(parts.clone(), body);
        let mut form = Multipart::from_request(again, &()).await.ok()?;
        while let Some(field) = form.next_field().await.ok()? {
            let name = field.file_name().unwrap_or("").to_owned();
            file = Some((name, field.bytes().await.ok()?.to_vec()));
        }
    } else {
        bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.ok()?;
    }
    let query = parts.uri.query().unwrap_or("");
    Some(Request {
        method: parts.method.to_string(),
        path: parts.uri.path().split('/').skip(1).map(decode).collect(),
        query: query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (
                    decode(&name.replace('+', " ")),
                    decode(&value.replace('+', " ")),
                )
            })
            .collect(),
        headers,
        body: bytes.to_vec(),
        file,
        target,
    })
}

/// Undoes percent-encoding.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn finish(answer: Answer, cut: Option<()>) -> Response {
    let length = answer.body.len();
    let body = match cut {
        None => Body::from(answer.body),
        Some(()) => {
            let half = Bytes::from(answer.body[..length / 2].to_vec());
            let broken = std::io::Error::other("cut");
            // The first half is on its way before the connection breaks.
            let broken = async move {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Err(broken)
            };
            let half = stream::once(async move { Ok(half) });
            Body::from_stream(half.chain(stream::once(broken)))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (
            name.parse::<header::HeaderName>(),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
