//! From an answer to a response: tags, compression, problems for programs, pages for people.

use crate::app::App;
use crate::cache::Finished;
use crate::error::ServerError;
use crate::etag;
use crate::pages::error_page;
use crate::request_id::RequestId;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bodies below this many bytes are sent as they are.
const WORTH_COMPRESSING: usize = 1024;

/// Makes an answer ready to be kept and sent.
#[must_use]
pub fn finish(content_type: &'static str, file_name: Option<String>, body: Vec<u8>) -> Finished {
    let is_packed = matches!(
        content_type,
        crate::formats::XLSX | crate::formats::PDF | crate::formats::PARQUET
    );
    let gzip = (!is_packed && body.len() >= WORTH_COMPRESSING)
        .then(|| compress(&body))
        .flatten();
    Finished {
        content_type,
        file_name,
        plain: Bytes::from(body),
        gzip,
    }
}

fn compress(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(3));
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Sends a finished answer.
#[must_use]
pub fn send(finished: &Finished, tag: Option<&str>, request: &HeaderMap) -> Response<Body> {
    let takes_gzip = header_text(request, header::ACCEPT_ENCODING)
        .is_some_and(|accepted| accepted.split(',').any(|one| takes(one, "gzip")));
    let mut response = match (&finished.gzip, takes_gzip) {
        (Some(gzip), true) => {
            let mut response = Response::new(Body::from(gzip.clone()));
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        (_, _) => Response::new(Body::from(finished.plain.clone())),
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(finished.content_type),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Encoding"),
    );
    if let Some(name) = &finished.file_name {
        insert(
            headers,
            header::CONTENT_DISPOSITION,
            &crate::address::attachment(name),
        );
    }
    if let Some(tag) = tag {
        insert(headers, header::ETAG, tag);
    }
    response
}

/// Whether one entry of `Accept-Encoding` takes `coding` with a weight above zero.
fn takes(entry: &str, coding: &str) -> bool {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    (name.eq_ignore_ascii_case(coding) || name == "*")
        && !parts.any(|part| {
            part.strip_prefix("q=")
                .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        })
}

/// What computing an answer came to.
pub enum Computed {
    /// An answer that may be kept under its key.
    Keep(Finished),
    /// Another address of ours says it better.
    Redirect(String),
}

/// Answers from the tag, from memory or by computing, in this order.
pub async fn cached<F>(
    app: &App,
    depends: &etag::Depends<'_>,
    request: &HeaderMap,
    compute: F,
) -> Result<Response<Body>, ServerError>
where
    F: Future<Output = Result<Computed, ServerError>>,
{
    let tag = depends.tag();
    if etag::matches(header_text(request, header::IF_NONE_MATCH), &tag) {
        app.metrics().not_modified.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        insert(response.headers_mut(), header::ETAG, &tag);
        response.headers_mut().insert(
            header::VARY,
            HeaderValue::from_static("Accept, Accept-Encoding"),
        );
        return Ok(response);
    }
    let key = depends.key();
    if let Some(finished) = app.cache().get(&key) {
        app.metrics().cache_hits.fetch_add(1, Ordering::Relaxed);
        return Ok(send(&finished, Some(&tag), request));
    }
    app.metrics().cache_misses.fetch_add(1, Ordering::Relaxed);
    let finished = match compute.await? {
        Computed::Keep(finished) => Arc::new(finished),
        Computed::Redirect(href) => return Ok(redirect(&href)),
    };
    app.cache().put(key, Arc::clone(&finished));
    Ok(send(&finished, Some(&tag), request))
}

/// The text of a header, if it is one line of ASCII.
#[must_use]
pub fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn redirect(href: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    insert(response.headers_mut(), header::LOCATION, href);
    response
}

/// Tells an error: `application/problem+json` for programs, a page for people; logs it.
#[must_use]
pub fn error(
    app: &App,
    error: &ServerError,
    request_id: RequestId,
    path: &str,
    request: &HeaderMap,
) -> Response<Body> {
    let status = error.status();
    if status >= 500 {
        tracing::error!(request = %request_id, path, status, error = %error.log_text(), "request failed");
    } else {
        tracing::info!(request = %request_id, path, status, error = %error.log_text(), "request refused");
    }
    let wants_page = !path.starts_with("/api/")
        && header_text(request, header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let (content_type, body) = if wants_page {
        (
            "text/html; charset=utf-8",
            error_page::render(app.data(), error, request_id),
        )
    } else {
        ("application/problem+json", problem_json(error, request_id))
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == 405 {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    if status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// The document of RFC 9457.
fn problem_json(error: &ServerError, request_id: RequestId) -> String {
    serde_json::json!({
        "type": format!("urn:svodka:problem:{}", error.code()),
        "title": error.heading(),
        "status": error.status(),
        "detail": error.client_text(),
        "instance": format!("urn:svodka:request:{request_id}"),
    })
    .to_string()
}
