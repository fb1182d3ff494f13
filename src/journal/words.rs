//! The closed sets of the journal, with the spelling that the lake stores.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants are stored as text and counted as small integers.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant = $code,)+ }

        impl $name {
            /// Every value, in the order of its code.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The text stored in the lake.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// The small integer stored beside the text where pages group by it.
            #[must_use]
            pub const fn code(self) -> u8 { self as u8 }

            /// The value spelled `text` in the lake, if there is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }

            /// The value with that code, if there is one.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<$name> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

closed_set! {
    /// What the journal says of one pupil at one held lesson.
    ///
    /// Identity that holds everywhere: expected = present + absent + late + exempt + unrecorded.
    AttendanceStatus {
        Present = 1 "present",
        Absent = 2 "absent",
        /// Came late: not absent, and counted apart.
        Late = 3 "late",
        Exempt = 4 "exempt",
        /// Nobody recorded the lesson: neither presence nor absence, the fault of the journal.
        Unrecorded = 5 "unrecorded",
    }
}

closed_set! {
    /// Why a pupil was absent, as far as the journal tells.
    AbsenceReason {
        Excused = 1 "excused",
        Unexcused = 2 "unexcused",
        Illness = 3 "illness",
        Unknown = 4 "unknown",
    }
}

closed_set! {
    /// What became of a lesson.
    LessonStatus {
        Planned = 1 "planned",
        Held = 2 "held",
        Cancelled = 3 "cancelled",
        MadeUp = 4 "made_up",
    }
}

closed_set! {
    /// What kind of institution keeps the journal.
    OrganisationKind {
        School = 1 "school",
        Supplementary = 2 "supplementary",
        Technopark = 3 "technopark",
        Rehabilitation = 4 "rehabilitation",
    }
}

closed_set! {
    /// What kind of study group it is.
    GroupKind {
        Class = 1 "class",
        Subgroup = 2 "subgroup",
        Circle = 3 "circle",
        Quantum = 4 "quantum",
    }
}

closed_set! {
    /// What ended or began a pupil's stay in a group.
    Movement {
        Enrolled = 1 "enrolled",
        Transferred = 2 "transferred",
        Departed = 3 "departed",
    }
}

closed_set! {
    /// How an organisation divides its year.
    PeriodScheme {
        Month = 1 "month",
        Quarter = 2 "quarter",
        HalfYear = 3 "half_year",
        Iteration = 4 "iteration",
        Shift = 5 "shift",
        Year = 6 "year",
    }
}

closed_set! {
    /// How a pupil ended a course.
    ResultOutcome {
        Completed = 1 "completed",
        NotCompleted = 2 "not_completed",
        InProgress = 3 "in_progress",
    }
}
