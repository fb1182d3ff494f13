//! The style sheet, the script and the icon, carried in the program.
//!
//! Addresses hold a hash of the bytes, so browsers may keep them for good.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

/// One file that pages refer to.
pub struct Asset {
    pub name: &'static str,
    pub content_type: &'static str,
    own: &'static str,
}

/// Every file under `/assets/`.
pub const ASSETS: &[Asset] = &[
    Asset {
        name: "style.css",
        content_type: "text/css; charset=utf-8",
        own: include_str!("assets/style.css"),
    },
    Asset {
        name: "hover.js",
        content_type: "text/javascript; charset=utf-8",
        own: include_str!("assets/hover.js"),
    },
    Asset {
        name: "icon.svg",
        content_type: "image/svg+xml",
        own: include_str!("assets/icon.svg"),
    },
];

impl Asset {
    /// The whole text: the style sheet of the pictures stands below that of the pages.
    #[must_use]
    pub fn text(&self) -> String {
        match self.name {
            "style.css" => format!("{}\n{}", self.own, svodka_chart::CSS),
            _ => self.own.to_owned(),
        }
    }
}

/// Changes whenever one of the files does.
#[must_use]
pub fn version() -> u64 {
    static VERSION: OnceLock<u64> = OnceLock::new();
    *VERSION.get_or_init(|| {
        let mut hasher = DefaultHasher::new();
        for asset in ASSETS {
            asset.text().hash(&mut hasher);
        }
        hasher.finish()
    })
}
