//! For whom a session is opened, and what they may read.

use std::collections::BTreeSet;

/// Who asks. Built by whoever has checked the credentials, never from request parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Account or command, for the audit; no person's name.
    pub subject: String,
    pub scope: Scope,
    /// Whether columns declared `person` show names; otherwise they show numbers.
    pub may_see_names: bool,
}

/// Which rows exist for a principal. Applied below SQL, in every scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    All,
    /// Only rows of these institutions; an empty list sees nothing.
    Organisations(Vec<i32>),
}

impl Principal {
    /// The operator on the machine itself: everything, with names.
    #[must_use]
    pub fn operator() -> Principal {
        Principal {
            subject: "operator".to_owned(),
            scope: Scope::All,
            may_see_names: true,
        }
    }
}

impl Scope {
    /// The institutions, or none for everything.
    pub(crate) fn organisations(&self) -> Option<BTreeSet<i32>> {
        match self {
            Scope::All => None,
            Scope::Organisations(ids) => Some(ids.iter().copied().collect()),
        }
    }
}
