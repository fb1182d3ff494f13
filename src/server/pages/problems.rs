//! What is wrong with query and dashboard files, all at once, with file and line.

use crate::data::Data;
use crate::error::ServerError;
use crate::pages::frame::{Frame, frame};
use askama::Template as _;
use svodka_catalog::Problem;

#[derive(askama::Template)]
#[template(path = "problems.html")]
struct ProblemsPage {
    frame: Frame,
    problems: Vec<Problem>,
}

/// The page.
pub fn render(data: &Data) -> Result<String, ServerError> {
    let (_, mut problems) = data.live_and_problems();
    problems.sort();
    let mut frame = frame(data, "Что не так в файлах", "/problems", None);
    // The page itself says it: no notice above it.
    frame.problems = 0;
    ProblemsPage { frame, problems }
        .render()
        .map_err(ServerError::internal)
}
