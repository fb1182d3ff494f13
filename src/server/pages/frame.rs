//! What stands around every page: menu, notice of broken files, stamp.

use crate::data::{Data, Stamp};
use crate::filters::Filters;
use std::collections::BTreeMap;
use svodka_catalog::Dashboard;

/// The frame of a page.
#[derive(Debug, Default)]
pub struct Frame {
    pub title: String,
    pub menu: Vec<MenuItem>,
    /// Number of mistakes in query and page files.
    pub problems: usize,
    pub stamp: String,
    pub assets: String,
    pub version: &'static str,
}

#[derive(Debug)]
pub struct MenuItem {
    pub text: String,
    pub href: String,
    pub is_current: bool,
}

/// A step of the trail above the title; the last one leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub text: String,
    pub href: String,
}

impl Crumb {
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Crumb {
        Crumb {
            text: text.into(),
            href: href.into(),
        }
    }
}

/// The frame; `current` is a path of the menu.
#[must_use]
pub fn frame(data: &Data, title: &str, current: &str, stamp: Option<&Stamp>) -> Frame {
    let (live, problems) = data.live_and_problems();
    let mut menu = vec![MenuItem {
        text: "Начало".to_owned(),
        href: "/".to_owned(),
        is_current: current == "/",
    }];
    for dashboard in menu_dashboards(&live.catalog.dashboards) {
        let href = format!("/dashboards/{}", dashboard.name);
        menu.push(MenuItem {
            text: dashboard.short_title.clone(),
            is_current: current == href,
            href,
        });
    }
    menu.push(MenuItem {
        text: "Загрузки".to_owned(),
        href: "/findings".to_owned(),
        is_current: current == "/findings",
    });
    Frame {
        title: title.to_owned(),
        menu,
        problems: problems.len(),
        stamp: stamp.map(Stamp::text).unwrap_or_default(),
        assets: format!("{:x}", crate::assets::version()),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Dashboards with a place in the menu, in its order.
#[must_use]
pub fn menu_dashboards(all: &BTreeMap<String, Dashboard>) -> Vec<&Dashboard> {
    let mut top: Vec<&Dashboard> = all
        .values()
        .filter(|dashboard| dashboard.order.is_some())
        .collect();
    top.sort_by_key(|dashboard| (dashboard.order, dashboard.name.clone()));
    top
}

/// From the dashboard down to its root: names of the pages above, nearest first.
#[must_use]
pub fn ancestors<'a>(
    all: &'a BTreeMap<String, Dashboard>,
    dashboard: &'a Dashboard,
) -> Vec<&'a Dashboard> {
    let mut found = Vec::new();
    let mut next = dashboard.parent.as_deref();
    // A circle of parents is refused by the catalog; the bound keeps even a broken one finite.
    while let Some(parent) = next.and_then(|name| all.get(name)) {
        if found.len() > 8 {
            break;
        }
        found.push(parent);
        next = parent.parent.as_deref();
    }
    found
}

/// The trail: start page, the pages above, this page. A page that a filter opens is called by what
/// was chosen there: «Лицей «Квант»», «5Б».
#[must_use]
pub fn crumbs(
    all: &BTreeMap<String, Dashboard>,
    dashboard: &Dashboard,
    filters: &Filters,
    title: &str,
) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb::new("Начало", "/")];
    let mut chain = ancestors(all, dashboard);
    chain.reverse();
    chain.push(dashboard);
    for (place, page) in chain.iter().enumerate() {
        let above = place.checked_sub(1).map(|above| chain[above]);
        let opened_by = above.and_then(|above| {
            let filter = above
                .filters
                .iter()
                .find(|filter| filter.opens.as_ref() == Some(&page.name))?;
            filters
                .get(&filter.name)
                .filter(|filter| filter.value.is_some())
        });
        let text = match opened_by {
            Some(filter) => filter.text.clone(),
            None if page.short_title.is_empty() => title.to_owned(),
            None => page.short_title.clone(),
        };
        let values = crate::filters::kept_by(page, &filters.values);
        crumbs.push(Crumb::new(
            text,
            crate::address::link(&format!("/dashboards/{}", page.name), &values),
        ));
    }
    // The page itself is no link.
    if let Some(last) = crumbs.last_mut() {
        last.href = String::new();
    }
    crumbs
}
