//! What a person sees when a request cannot be answered.

use crate::data::Data;
use crate::error::{ServerError, WayOut};
use crate::pages::frame::{Frame, frame};
use crate::request_id::RequestId;
use askama::Template as _;

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    heading: &'static str,
    detail: String,
    choices: Vec<WayOut>,
    request_id: String,
}

/// The page; plain text where even the page cannot be drawn.
#[must_use]
pub fn render(data: &Data, error: &ServerError, request_id: RequestId) -> String {
    let page = ErrorPage {
        frame: frame(data, error.heading(), "", None),
        heading: error.heading(),
        detail: error.client_text(),
        choices: error.ways_out().to_vec(),
        request_id: request_id.to_string(),
    };
    page.render().unwrap_or_else(|_| error.client_text())
}
