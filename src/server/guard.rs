//! Around every request: its number, the host check, the time limit, headers, counters, the log.

use crate::app::App;
use crate::error::ServerError;
use crate::metrics::Kind;
use crate::respond::{self, header_text};
use crate::security;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, header};
use axum::middleware::Next;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outermost layer.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    let started = Instant::now();
    let request_id = app.request_ids().next();
    request.extensions_mut().insert(request_id);
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let method = request.method().clone();
    let refused = refuse(&app, &request);
    let answered = match refused {
        Some(error) => Err(error),
        None => tokio::time::timeout(app.settings().request_timeout, next.run(request))
            .await
            .map_err(|_| ServerError::TooSlow),
    };
    let mut response = match answered {
        Ok(response) => response,
        Err(error) => respond::error(&app, &error, request_id, &path, &headers),
    };
    security::add_headers(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    app.metrics().observe(Kind::of(&path), status, took);
    // The path names pages and reports, never persons; the parameters stay out of the log.
    tracing::info!(request = %request_id, %method, path, status, micros = took.as_micros() as u64, "answered");
    response
}

fn refuse(app: &App, request: &Request) -> Option<ServerError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(ServerError::Method);
    }
    let host = header_text(request.headers(), header::HOST).or_else(|| {
        request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str)
    });
    if app.settings().listen.ip().is_loopback() && !host.is_some_and(security::names_this_computer)
    {
        return Some(ServerError::ForeignHost);
    }
    let is_too_large =
        header_text(request.headers(), header::CONTENT_LENGTH).is_some_and(|length| {
            length
                .parse::<usize>()
                .map_or(true, |length| length > app.settings().body_limit)
        });
    is_too_large.then_some(ServerError::TooLarge)
}
