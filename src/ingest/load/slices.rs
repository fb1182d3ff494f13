//! Which export owns which part of a (course, month), whatever the order of loading.
//!
//! An export has a version: its export time, and the beginning of its digest for ties. The engine
//! with the latest version owns the slice; exports of another engine raise a floor under which
//! nothing of the owner counts. Within an engine the lesson list and the attendance are layers of
//! their own, and a workbook competes pupil by pupil and day by day.

use crate::export::LessonFields;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use svodka_journal::Day;
use svodka_lake::SliceState;

/// Which of two exports is the later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Version {
    /// µs UTC.
    pub at: i64,
    pub sha: String,
}

/// What a layer of a slice came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerMemo {
    pub version: Version,
    pub import: i32,
    pub told: LessonFields,
}

/// Days of a pupil that one export told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub from: i32,
    pub to: i32,
    pub version: Version,
}

/// What is remembered of a slice beside its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lessons: Option<LayerMemo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendance: Option<LayerMemo>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pupils: BTreeMap<i64, Vec<Span>>,
    /// Latest export of another engine; nothing up to it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Version>,
}

impl Memo {
    pub fn of(state: &SliceState) -> Memo {
        serde_json::from_str(&state.memo).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The latest export that still counts.
    pub fn latest(&self) -> Option<&Version> {
        let layers = [&self.lessons, &self.attendance]
            .into_iter()
            .flatten()
            .map(|layer| &layer.version);
        let spans = self.pupils.values().flatten().map(|span| &span.version);
        layers.chain(spans).max()
    }

    /// Whether an export up to the floor.
    pub fn is_below_floor(&self, version: &Version) -> bool {
        self.floor.as_ref().is_some_and(|floor| version <= floor)
    }

    /// Forgets what lies below a raised floor.
    pub fn raise(&mut self, floor: Version) {
        if self.is_below_floor(&floor) {
            return;
        }
        let is_dead = |version: &Version| *version <= floor;
        self.lessons = self.lessons.take().filter(|layer| !is_dead(&layer.version));
        self.attendance = self
            .attendance
            .take()
            .filter(|layer| !is_dead(&layer.version));
        for spans in self.pupils.values_mut() {
            spans.retain(|span| !is_dead(&span.version));
        }
        self.pupils.retain(|_, spans| !spans.is_empty());
        self.floor = Some(floor);
    }

    /// The latest export that told this day of the pupil.
    pub fn version_of(&self, pupil: i64, day: Day) -> Option<&Version> {
        self.pupils
            .get(&pupil)?
            .iter()
            .filter(|span| span.from <= day.0 && day.0 <= span.to)
            .map(|span| &span.version)
            .max()
    }

    /// Remembers the days that an export told; what it covers wholly and is older is forgotten.
    pub fn cover(&mut self, pupil: i64, from: Day, to: Day, version: &Version) {
        let spans = self.pupils.entry(pupil).or_default();
        let is_known = spans
            .iter()
            .any(|span| span.from <= from.0 && to.0 <= span.to && span.version >= *version);
        if is_known {
            return;
        }
        spans.retain(|span| !(from.0 <= span.from && span.to <= to.0 && span.version <= *version));
        spans.push(Span {
            from: from.0,
            to: to.0,
            version: version.clone(),
        });
        spans.sort_by(|one, two| (one.from, &one.version).cmp(&(two.from, &two.version)));
    }
}
