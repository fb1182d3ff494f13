//! L0: local acts of institutions as data, and the production calendar behind their due days.
//!
//! Owns: the shape of a regulation ([`Regulation`]), the five acts that come with the program
//! (`acts/*.toml`), the production calendar ([`ProductionCalendar`]) and due days.
//! Must not know: the lake, SQL, institutions themselves, the current date.
//! When a rule is added here: give it a clause in every act that has it, describe it in the
//! example act of the README, and let `queries/` read it as a column of `organisation`.

mod act;
mod calendar;
mod due;
mod load;

pub use act::{
    DaysAfter, DueDay, Every, HourRule, Hours, LoadedBy, MinutesAfter, MonthDay, PeriodSpan,
    Periods, Regulation, Repeated, Scheme, Shift, Signatures, StartLead, Transfer,
};
pub use calendar::{CalendarError, ProductionCalendar, Week};
pub use due::due_day;
pub use load::{Problem, embedded, load, parse};
