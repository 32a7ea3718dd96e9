//! TLS with a certificate of an authority of its own, as companies have it inside.

use axum::serve::Listener;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// The certificate of the authority, as PEM. Its own key was thrown away: it vouches for one key,
/// which is no secret, for 127.0.0.1 and for nothing else.
pub const AUTHORITY: &str = include_str!("../tls/ca.pem");

pub(crate) fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../tls/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tls/server.key"));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.expect("a certificate")],
            key.expect("a key"),
        )
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(config))
}

/// Accepts connections and shakes hands.
pub(crate) struct Guarded {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl Guarded {
    pub(crate) fn new(listener: TcpListener, tls: TlsAcceptor) -> Self {
        Self { listener, tls }
    }
}

impl Listener for Guarded {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = Listener::accept(&mut self.listener).await;
            // Whoever does not trust the certificate goes away in the middle of the handshake.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
