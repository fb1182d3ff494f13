//! The shape of one act. Every rule carries the clause it rests on.

use serde::{Deserialize, Serialize};

/// One local act: what an institution obliged itself to do, and until when.
///
/// A rule that an act does not have is `None`: nothing is demanded then, never a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulation {
    /// Version of the file format: 1.
    pub version: u8,
    /// Short id that `organisation.regulation_id` refers to, for example `A`.
    pub id: String,
    pub title: String,
    /// Number and date of the act.
    pub act: String,
    pub hours: Hours,
    /// Until when the worked hours of a month are handed over in the next one.
    pub due_day: DueDay,
    pub periods: Periods,
    /// Until when a lesson is recorded after it was held.
    pub lesson_record: Option<DaysAfter>,
    pub attendance_record: Option<DaysAfter>,
    pub substitution_record: Option<DaysAfter>,
    /// Until when homework is entered after the last lesson of the group on that day.
    pub homework: Option<MinutesAfter>,
    /// Until when marks of a work are entered.
    pub marks: Option<DaysAfter>,
    /// Until when the plans (КТП) are loaded.
    pub plan: Option<LoadedBy>,
    /// Until when the journal holds its base data.
    pub readiness: Option<LoadedBy>,
    /// When the journal is moved to the new school year.
    pub transfer: Option<Transfer>,
    /// How long before an iteration the load and the timetable are approved.
    pub iteration_start: Option<StartLead>,
    /// Days to sign the paper copy of the journal at the end of a period.
    pub signatures: Option<Signatures>,
    /// How often the keeping of the journal is analysed.
    pub analysis: Option<Repeated>,
    /// How often the report on teachers' work with the journal is due.
    pub report: Option<Repeated>,
}

/// How a lesson becomes credited hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub rule: HourRule,
    pub clause: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HourRule {
    /// One lesson is one hour, however long it is.
    #[serde(rename = "lesson")]
    Lesson,
    /// Academic hours.
    #[serde(rename = "minutes/45")]
    Minutes45,
    /// Astronomical hours.
    #[serde(rename = "minutes/60")]
    Minutes60,
}

impl HourRule {
    /// Hours of a lesson of that many minutes, in hundredths of an hour, half a hundredth up.
    #[must_use]
    pub const fn hundredths(self, minutes: u32) -> u32 {
        match self {
            HourRule::Lesson => 100,
            HourRule::Minutes45 => (minutes * 200 + 45) / 90,
            HourRule::Minutes60 => (minutes * 200 + 60) / 120,
        }
    }
}

/// The day of the month on which something is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDay {
    /// 1–31; a month that is shorter has it on its last day.
    pub day: u8,
    /// True: that day is still in time. False: the day before is the last one.
    pub inclusive: bool,
    /// What happens when it is no working day.
    pub shift: Shift,
    pub clause: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    None,
    /// To the next working day.
    Forward,
    /// To the working day before.
    Back,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysAfter {
    /// Calendar days; 0 is the same day.
    pub within_days: u16,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinutesAfter {
    pub within_minutes: u16,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadedBy {
    /// Last day in time, inclusive.
    pub loaded_by: MonthDay,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub from: MonthDay,
    pub to: MonthDay,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartLead {
    pub days_before: u16,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    pub subject_teacher_days: u16,
    pub class_teacher_days: u16,
    pub clause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    pub every: Every,
    pub clause: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Week,
    Month,
    Quarter,
    Iteration,
}

/// How the institution divides its year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Periods {
    pub scheme: Scheme,
    pub clause: String,
    /// Forms from this one on have half-years instead of quarters.
    pub half_year_from_form: Option<u8>,
    /// Length of a shift (заезд) in days, where the periods come one after another.
    pub shift_days: Option<u16>,
    /// The periods of one school year; September to August.
    #[serde(default)]
    pub spans: Vec<PeriodSpan>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    Month,
    Quarter,
    HalfYear,
    Iteration,
    Shift,
    Year,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodSpan {
    pub title: String,
    pub from: MonthDay,
    /// Last day, inclusive.
    pub to: MonthDay,
}

/// A day of any year, written `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    pub month: u8,
    pub day: u8,
}

impl MonthDay {
    /// That day in the school year which starts in September of `first_year`.
    #[must_use]
    pub fn in_school_year(self, first_year: i32) -> svodka_journal::Day {
        // June to August come before the September they prepare; plans are loaded in August.
        let year = if self.month >= 6 {
            first_year
        } else {
            first_year + 1
        };
        let last = svodka_journal::Month(year * 100 + i32::from(self.month)).last_day();
        svodka_journal::Day::from_civil(year, u32::from(self.month), u32::from(self.day))
            .unwrap_or(last)
    }
}

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<MonthDay, String> {
        let wrong =
            || format!("\"{text}\" is not a day of the year; expected MM-DD, for example 09-05");
        let (month, day) = text.split_once('-').ok_or_else(wrong)?;
        let number = |part: &str| -> Option<u8> {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())?
        };
        let (month, day) = (
            number(month).ok_or_else(wrong)?,
            number(day).ok_or_else(wrong)?,
        );
        // 2024 is a leap year: 29 February is a day of the year.
        match svodka_journal::Day::from_civil(2024, u32::from(month), u32::from(day)) {
            Some(_) => Ok(MonthDay { month, day }),
            None => Err(wrong()),
        }
    }
}

impl From<MonthDay> for String {
    fn from(value: MonthDay) -> String {
        format!("{:02}-{:02}", value.month, value.day)
    }
}
