//! Reports worked out by hand, scope, parameters, refusals, time travel.

#[path = "query/world.rs"]
mod world;

use svodka_catalog::Source;
use world::{answer, lines, text_of, world};

const OCTOBER: [(&str, &str); 2] = [("from", "2025-10-01"), ("to", "2025-10-31")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    OCTOBER.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn every_file_of_the_repository_is_whole() {
    let (catalog, problems) = svodka_catalog::load(&Source::embedded());
    let world = world().await;
    let mut texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    texts.extend(world.engine.check(&catalog).iter().map(ToString::to_string));
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}
