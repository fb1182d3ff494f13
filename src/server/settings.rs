//! What the operator may set about serving; every value has a name in `svodka.toml`.

use std::net::SocketAddr;
use std::time::Duration;

/// Limits of the server. Keys of `svodka.toml` in brackets.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address to listen on (`listen`); loopback only until accounts exist.
    pub listen: SocketAddr,
    /// Longest wait for a request's headers (`header_timeout_seconds`).
    pub header_timeout: Duration,
    /// Longest pause between two pieces of a request's body (`body_timeout_seconds`).
    pub body_timeout: Duration,
    /// Longest work on one request (`request_timeout_seconds`).
    pub request_timeout: Duration,
    /// Largest request body in bytes; pages are only read, so it is small.
    pub body_limit: usize,
    /// Memory for finished pages in bytes (`page_cache_mb`).
    pub page_cache_bytes: usize,
    /// How long open requests may finish after SIGTERM (`shutdown_seconds`).
    pub shutdown: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        ServerSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            body_limit: 64 * 1024,
            page_cache_bytes: 32 * 1024 * 1024,
            shutdown: Duration::from_secs(10),
        }
    }
}
