//! The server: sockets, faults, the log. What is answered is the business of [`crate::gitlab`].

use crate::faults::{Fault, When};
use crate::gitlab;
pub(crate) use crate::request::Request;
use crate::request::read;
use crate::tls::{self, Guarded};
use crate::world::{Logged, World};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::Listener;
use futures_util::stream::{self, StreamExt};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// Answered without being counted: see [`Sim::settle`].
const SETTLED: &str = "/-/settled";

/// A server that runs for as long as this lives.
pub struct Sim {
    address: SocketAddr,
    scheme: &'static str,
    world: Arc<Mutex<World>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// An answer in the making.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// So many zeros instead of a body.
    pub(crate) zeros: u64,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
            zeros: 0,
        }
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), kind.into())],
            body: body.as_bytes().to_vec(),
            zeros: 0,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sets a field of an object, or of each object of a list.
    fn with_field(mut self, name: &str, value: &Value) -> Self {
        let Ok(mut body) = serde_json::from_slice(&self.body) else {
            return self;
        };
        let objects = match &mut body {
            Value::Array(rows) => rows.iter_mut().collect(),
            other => vec![other],
        };
        for object in objects.into_iter().filter_map(Value::as_object_mut) {
            object.insert(name.to_owned(), value.clone());
        }
        self.body = body.to_string().into_bytes();
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
        let mut world = world;
        if world.web_address.is_empty() {
            world.web_address = format!("{scheme}://{address}{}", world.relative_url);
        }
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
                let app = Router::new()
                    .fallback(serve)
                    // Archives are larger than what it takes by itself.
                    .layer(DefaultBodyLimit::disable())
                    .with_state(shared);
                let serving = async {
                    match tls {
                        None => connections(listener, app).await,
                        Some(tls) => connections(Guarded::new(listener, tls), app).await,
                    }
                };
                tokio::select! {
                    _ = stopped => {}
                    () = serving => {}
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

    /// Waits until everything that was sent before is read: a process that ended may have left requests
    /// in its sockets, and connections are served in the order in which they were made.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub fn settle(&self) {
        let mut line = std::net::TcpStream::connect(self.address).expect("a connection");
        let request = format!("GET {SETTLED} HTTP/1.0\r\nhost: settled\r\n\r\n");
        line.write_all(request.as_bytes()).expect("a request");
        line.read_to_end(&mut Vec::new()).expect("an answer");
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

/// Accepts connections and answers what comes on them, for as long as it is polled.
async fn connections(mut listener: impl Listener<Io: Unpin>, app: Router) {
    // A forge carries out what it was sent, also when nobody waits for the answer any more.
    let mut http = http1::Builder::new();
    http.half_close(true);
    loop {
        let (stream, _) = listener.accept().await;
        let service = TowerToHyperService::new(app.clone());
        let connection = http.serve_connection(TokioIo::new(stream), service);
        // It fails when the client goes away or a fault closes it.
        tokio::spawn(async move { connection.await.ok() });
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
    if request.uri().path() == SETTLED {
        return finish(Answer::text(200, "text/plain", "settled"), None);
    }
    if stalls(&world, &request) {
        // Until the client goes away.
        std::future::pending::<()>().await;
    }
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
    // A timer takes a millisecond at least.
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if let Some(Fault::Delay(by)) = &fault {
        tokio::time::sleep(*by).await;
    }
    let mut world = lock();
    let date = world.clock.date_header();
    let answer = match &fault {
        None | Some(Fault::Delay(_) | Fault::CutBody) => answered(&mut world, &request),
        Some(Fault::HalfBody) => {
            let mut answer = answered(&mut world, &request);
            answer.body.truncate(answer.body.len() / 2);
            answer
        }
        Some(Fault::Field(name, value)) => {
            let answer = answered(&mut world, &request);
            answer.with_field(name, value)
        }
        Some(Fault::Fields(fields)) => {
            let answer = answered(&mut world, &request);
            let set =
                |answer: Answer, (name, value): &(&str, Value)| answer.with_field(name, value);
            fields.iter().fold(answer, set)
        }
        Some(Fault::CloseBefore | Fault::Stall) => {
            drop(world);
            close()
        }
        Some(Fault::DropAnswer) => {
            answered(&mut world, &request);
            drop(world);
            close()
        }
        Some(Fault::Kill { after }) => {
            if *after {
                answered(&mut world, &request);
            }
            world.kill_victim();
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
        Some(Fault::StatusWith(status, headers)) => {
            let answer = gitlab::refused(*status, headers);
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
    let answer = match &world.moved_to {
        Some((status, origin)) => {
            let to = format!("{origin}{}", request.target);
            Answer::text(*status, "text/html", "<html>Moved</html>").with("location", to)
        }
        None => gitlab::answer(world, request),
    };
    log(world, request, answer.status);
    answer
}

fn log(world: &mut World, request: &Request, status: u16) {
    let user = gitlab::user_of(world, request);
    let body = match &request.file {
        // Of a large one the beginning is enough to know it by.
        Some((name, content)) => {
            let begins = &content[..content.len().min(1024)];
            format!("{name}: {}", String::from_utf8_lossy(begins))
        }
        None => String::from_utf8_lossy(&request.body).into_owned(),
    };
    world.log.push(Logged {
        method: request.method.clone(),
        target: request.target.clone(),
        status,
        body,
        user,
        with_token: gitlab::has_token(request),
    });
}

/// Whether nothing of what a request carries is to be read.
fn stalls(world: &Mutex<World>, request: &axum::extract::Request) -> bool {
    let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
    let (method, path) = (request.method().as_str(), request.uri().path());
    let stalls = world.faults.iter().any(|(when, fault)| {
        matches!((when, fault), (When::Every(of, end), Fault::Stall) if *of == method && path.ends_with(end))
    });
    world.received += u64::from(stalls);
    stalls
}

/// The fault that this request is to meet.
fn due(world: &mut World, request: &Request) -> Option<Fault> {
    world.received += 1;
    world.since_planned.0 += 1;
    let is_write = request.method != "GET";
    world.since_planned.1 += u64::from(is_write);
    let (requests, writes) = world.since_planned;
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

fn finish(answer: Answer, cut: Option<()>) -> Response {
    let length = answer.body.len();
    let zeros = answer.zeros;
    let body = match cut {
        None if zeros > 0 => {
            const PIECE: u64 = 64 * 1024;
            let whole = (0..zeros / PIECE).map(|_| PIECE).chain([zeros % PIECE]);
            let pieces = whole.map(|length| {
                Ok::<_, std::io::Error>(vec![0; usize::try_from(length).unwrap_or(0)])
            });
            Body::from_stream(stream::iter(pieces))
        }
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
    if zeros > 0 {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, zeros.into());
    }
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
