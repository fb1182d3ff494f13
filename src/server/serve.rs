//! Listening: limits on slow clients, a graceful end on SIGTERM and Ctrl+C.

use crate::app::App;
use crate::routes::router;
use std::io;
use std::net::{SocketAddr, TcpListener};
use tokio::signal::unix::{SignalKind, signal};

/// Binds `wanted`; where its port is busy and `may_move`, the next free one of the following 20.
pub fn bind(wanted: SocketAddr, may_move: bool) -> io::Result<TcpListener> {
    let mut address = wanted;
    loop {
        match TcpListener::bind(address) {
            Err(error)
                if may_move
                    && error.kind() == io::ErrorKind::AddrInUse
                    && wanted.port() != 0
                    && address.port() < wanted.port().saturating_add(20) =>
            {
                address.set_port(address.port() + 1);
            }
            other => return other,
        }
    }
}

/// Serves until SIGTERM or Ctrl+C; open requests may finish within the settings' time.
pub async fn serve(listener: TcpListener, app: App) -> io::Result<()> {
    let settings = app.settings().clone();
    let handle = axum_server::Handle::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn({
        let handle = handle.clone();
        async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("shutting down");
            handle.graceful_shutdown(Some(settings.shutdown));
        }
    });
    let mut server = axum_server::from_tcp(listener)?
        .http1_only()
        .first_request_timeout(settings.header_timeout)
        .handle(handle);
    server
        .http_builder()
        .http1()
        .keep_alive(true)
        .max_buf_size(64 * 1024)
        .header_read_timeout(settings.header_timeout);
    server.serve(router(app).into_make_service()).await
}
