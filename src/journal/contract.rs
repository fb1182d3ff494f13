//! The storage contract: every table of the lake with its grain, order and columns.
//!
//! Names are a public contract: queries, the SQL endpoint, tests and users rely on them. Columns
//! may be added; a rename needs a new catalog format.

/// What a column holds. `lake` turns each kind into one Arrow, one Parquet and one DuckLake type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Int8,
    Int16,
    Int32,
    Int64,
    Bool,
    /// Calendar day.
    Date,
    /// Instant in UTC, microseconds.
    Timestamp,
    /// Hours, rates and marks as decimal(7,2): fixed point, never floating.
    Hours,
    /// One of a closed set, spelled as in [`crate::words`](crate), dictionary-encoded.
    Enum,
    /// A short text with few distinct values, dictionary-encoded.
    Code,
    /// Free text.
    Text,
    /// Random 63-bit id of a person given by the vault.
    PersonId,
}

/// How the files of a table are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// Each file holds rows of one organisation: the large tables.
    Organisation,
    /// Files hold rows of all organisations: small tables that every page reads.
    Global,
}

/// One column of a table.
#[derive(Debug, Clone, Copy)]
pub struct ColumnContract {
    pub name: &'static str,
    pub kind: ColumnKind,
    pub is_nullable: bool,
    /// What it means, and in which unit; empty where the name says it all.
    pub meaning: &'static str,
}

/// One table of the lake.
#[derive(Debug, Clone, Copy)]
pub struct TableContract {
    pub name: &'static str,
    /// What one row stands for.
    pub grain: &'static str,
    pub partition: Partition,
    /// Integer columns that name the unit of replacement: a commit drops the live rows whose
    /// values it touches and adds its own.
    pub replace_key: &'static [&'static str],
    /// Order of the rows inside each file.
    pub sort: &'static [&'static str],
    pub columns: &'static [ColumnContract],
}

impl TableContract {
    /// Position of the column called `name`.
    #[must_use]
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// The table called `name`.
#[must_use]
pub fn table(name: &str) -> Option<&'static TableContract> {
    TABLES.iter().find(|table| table.name == name)
}

const fn required(name: &'static str, kind: ColumnKind, meaning: &'static str) -> ColumnContract {
    ColumnContract {
        name,
        kind,
        is_nullable: false,
        meaning,
    }
}

const fn nullable(name: &'static str, kind: ColumnKind, meaning: &'static str) -> ColumnContract {
    ColumnContract {
        name,
        kind,
        is_nullable: true,
        meaning,
    }
}

use ColumnKind::{
    Bool, Code, Date, Enum, Hours, Int8, Int16, Int32, Int64, PersonId, Text, Timestamp,
};

/// Every table of the lake, reference tables first, roll-ups last.
pub const TABLES: &[TableContract] = &[
    TableContract {
        name: "organisation",
        grain: "one row per institution",
        partition: Partition::Global,
        replace_key: &["org_id"],
        sort: &["org_id"],
        columns: &[
            required("org_id", Int32, "Institution."),
            required("title", Text, "Full title."),
            required("short_title", Text, "Short title for tables."),
            nullable("municipality", Text, "Municipality."),
            required(
                "kind",
                Enum,
                "school, supplementary, technopark, rehabilitation.",
            ),
            required("regulation_id", Text, "Act that the institution follows."),
            required("week_days", Int16, "5 or 6 working days a week."),
            required("time_zone", Text, "IANA time zone."),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "period",
        grain: "one row per reporting period of an organisation",
        partition: Partition::Global,
        replace_key: &["org_id", "period_id"],
        sort: &["org_id", "starts_on", "period_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("period_id", Int32, ""),
            required(
                "scheme",
                Enum,
                "month, quarter, half_year, iteration, shift, year.",
            ),
            required("title", Text, ""),
            required("starts_on", Date, ""),
            required("ends_on", Date, "Last day, inclusive."),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "study_group",
        grain: "one row per class, circle or quantum",
        partition: Partition::Global,
        replace_key: &["group_id"],
        sort: &["org_id", "group_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("group_id", Int32, ""),
            required("title", Text, ""),
            required("kind", Enum, "class, subgroup, circle, quantum."),
            nullable("parallel", Int16, "Form 1–11 of a class."),
            required("school_year", Int16, "First year of the school year."),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "programme",
        grain: "one row per programme or subject",
        partition: Partition::Global,
        replace_key: &["programme_id"],
        sort: &["org_id", "programme_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("programme_id", Int32, ""),
            required("title", Text, ""),
            required("kind", Enum, "basic, supplementary."),
            nullable("direction", Text, "Direction of a supplementary programme."),
            nullable("hours_total", Hours, "Hours of the whole programme."),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "course",
        grain: "one row per journal page: a programme delivered to a group",
        partition: Partition::Global,
        replace_key: &["course_id"],
        sort: &["org_id", "group_id", "course_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("course_id", Int32, ""),
            required("group_id", Int32, ""),
            nullable("programme_id", Int32, ""),
            required(
                "subject",
                Text,
                "Subject or programme as the journal page is titled.",
            ),
            nullable(
                "main_teacher_id",
                PersonId,
                "Teacher the load is assigned to.",
            ),
            nullable("hours_planned", Hours, "Hours planned for the school year."),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "staff",
        grain: "one row per teacher's post in a period of time",
        partition: Partition::Global,
        replace_key: &["org_id", "teacher_id", "post_no"],
        sort: &["org_id", "teacher_id", "post_no"],
        columns: &[
            required("org_id", Int32, ""),
            required("teacher_id", PersonId, ""),
            required(
                "post_no",
                Int16,
                "Ordinal of the person's posts in this organisation.",
            ),
            nullable("personnel_no", Text, "Учётный (табельный) номер."),
            nullable("position", Text, ""),
            nullable("rate", Hours, "Ставка: part of a full post."),
            nullable("weekly_hours", Hours, "Assigned hours a week."),
            nullable("from_on", Date, ""),
            nullable("to_on", Date, ""),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "enrolment",
        grain: "one row per stay of a pupil in a group",
        partition: Partition::Global,
        replace_key: &["group_id", "pupil_id", "from_on"],
        sort: &["org_id", "group_id", "pupil_id", "from_on"],
        columns: &[
            required("org_id", Int32, ""),
            required("pupil_id", PersonId, ""),
            required("group_id", Int32, ""),
            required(
                "from_on",
                Date,
                "First day of the stay that the exports tell.",
            ),
            nullable("to_on", Date, "Last day; null while the stay goes on."),
            required("movement", Enum, "enrolled, transferred, departed."),
            required(
                "is_exact",
                Bool,
                "True: told by a list of movement; false: first and last day seen in journals.",
            ),
            required(
                "exported_at",
                Timestamp,
                "Export time of the file that last told this row.",
            ),
        ],
    },
    TableContract {
        name: "plan_item",
        grain: "one row per planned topic (КТП)",
        partition: Partition::Organisation,
        replace_key: &["course_id"],
        sort: &["org_id", "course_id", "seq"],
        columns: &[
            required("org_id", Int32, ""),
            required("course_id", Int32, ""),
            required("group_id", Int32, ""),
            required("seq", Int32, "Ordinal of the topic in the plan."),
            nullable("planned_on", Date, ""),
            nullable("month", Int32, "Month of planned_on, yyyymm."),
            required("hours", Hours, ""),
            nullable("topic", Text, ""),
            nullable("loaded_at", Timestamp, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "lesson",
        grain: "one row per planned or held lesson",
        partition: Partition::Organisation,
        replace_key: &["course_id", "month"],
        sort: &["org_id", "group_id", "held_on", "lesson_no", "lesson_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("lesson_id", Int64, "Sequential; stable across re-exports."),
            required("course_id", Int32, ""),
            required("group_id", Int32, ""),
            required("held_on", Date, ""),
            required("month", Int32, "Month of held_on, yyyymm."),
            required("weekday", Int8, "Monday 1 … Sunday 7."),
            nullable(
                "lesson_no",
                Int16,
                "Number of the lesson in the day; may be 0.",
            ),
            nullable("starts_at", Timestamp, ""),
            nullable("ends_at", Timestamp, ""),
            required("hours", Hours, "Credited hours by the organisation's rule."),
            nullable("topic", Text, ""),
            nullable("homework", Text, ""),
            nullable(
                "main_teacher_id",
                PersonId,
                "Null: the course's main teacher.",
            ),
            nullable("taught_by_id", PersonId, "Null: the main teacher taught."),
            required("status", Enum, "planned, held, cancelled, made_up."),
            nullable(
                "recorded_at",
                Timestamp,
                "Moment of entry, where the export tells.",
            ),
            nullable(
                "recorded_after",
                Timestamp,
                "Lower bound of the moment of entry.",
            ),
            nullable("homework_at", Timestamp, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "attendance",
        grain: "one row per pupil expected at a held lesson",
        partition: Partition::Organisation,
        replace_key: &["course_id", "month"],
        sort: &["org_id", "group_id", "pupil_id", "held_on", "lesson_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("lesson_id", Int64, ""),
            required("pupil_id", PersonId, ""),
            required("group_id", Int32, ""),
            required("course_id", Int32, ""),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            required("status", Enum, "present, absent, late, exempt, unrecorded."),
            nullable(
                "reason",
                Enum,
                "excused, unexcused, illness, unknown; only for absent.",
            ),
            nullable("raw", Code, "What the cell held, for example «Н 4»."),
            nullable("recorded_at", Timestamp, ""),
            nullable("recorded_after", Timestamp, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "mark",
        grain: "one row per mark of a pupil at a lesson",
        partition: Partition::Organisation,
        replace_key: &["course_id", "month"],
        sort: &[
            "org_id",
            "group_id",
            "pupil_id",
            "held_on",
            "lesson_id",
            "seq",
        ],
        columns: &[
            required("org_id", Int32, ""),
            required("lesson_id", Int64, ""),
            required("pupil_id", PersonId, ""),
            required("group_id", Int32, ""),
            required("course_id", Int32, ""),
            required("seq", Int16, "Ordinal of the mark in its cell."),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            required("value", Code, "As written."),
            nullable("value_num", Hours, "Number of the mark, if it is one."),
            nullable("weight", Hours, ""),
            nullable("work_kind", Code, ""),
            nullable("due_on", Date, ""),
            nullable("recorded_at", Timestamp, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "result",
        grain: "one row per final result of a pupil",
        partition: Partition::Organisation,
        replace_key: &["course_id", "period_id"],
        sort: &["org_id", "course_id", "period_id", "pupil_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("pupil_id", PersonId, ""),
            required("course_id", Int32, ""),
            required("period_id", Int32, ""),
            nullable("value", Code, ""),
            required("outcome", Enum, "completed, not_completed, in_progress."),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "substitution",
        grain: "one row per line of the substitution log",
        partition: Partition::Organisation,
        replace_key: &["org_id", "month"],
        sort: &["org_id", "held_on", "group_id", "lesson_no"],
        columns: &[
            required("org_id", Int32, ""),
            required("substitution_id", Int64, ""),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            nullable("lesson_no", Int16, ""),
            nullable("group_id", Int32, ""),
            nullable("absent_teacher_id", PersonId, ""),
            nullable("substitute_id", PersonId, ""),
            nullable("reason", Text, ""),
            required("is_justified", Bool, ""),
            nullable("order_no", Text, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "staff_absence",
        grain: "one row per teacher's absence by document",
        partition: Partition::Organisation,
        replace_key: &["org_id", "teacher_id"],
        sort: &["org_id", "teacher_id", "from_on"],
        columns: &[
            required("org_id", Int32, ""),
            required("teacher_id", PersonId, ""),
            required("code", Code, ""),
            required("from_on", Date, ""),
            required("to_on", Date, ""),
            nullable("document_no", Text, ""),
            required("import_id", Int32, "Import that brought the row."),
            required("sheet_no", Int16, "Sheet or file of the bundle, from 1."),
            required(
                "row_no",
                Int32,
                "Row, line or ordinal of the record, from 1.",
            ),
            required(
                "col_no",
                Int16,
                "Column or field from 1; 0 for a whole record.",
            ),
        ],
    },
    TableContract {
        name: "attendance_day",
        grain: "roll-up: one row per course (of a group) and day",
        partition: Partition::Organisation,
        replace_key: &["course_id", "month"],
        sort: &["org_id", "group_id", "held_on", "course_id"],
        columns: &[
            required("org_id", Int32, ""),
            required("group_id", Int32, ""),
            required("course_id", Int32, ""),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            required("weekday", Int8, ""),
            required("expected", Int32, "Pupils expected, over the lessons."),
            required("present", Int32, "Of them present."),
            required("absent", Int32, "Of them absent."),
            required("late", Int32, "Of them late: not absent, counted apart."),
            required("exempt", Int32, "Of them exempt."),
            required("unrecorded", Int32, "Of them not recorded."),
            required("excused", Int32, "Of the absent: excused."),
            required("unexcused", Int32, "Of the absent: unexcused."),
            required("illness", Int32, "Of the absent: ill."),
            required("reason_unknown", Int32, "Of the absent: no reason told."),
        ],
    },
    TableContract {
        name: "lesson_day",
        grain: "roll-up: one row per teacher, course and day",
        partition: Partition::Organisation,
        replace_key: &["course_id", "month"],
        sort: &["org_id", "teacher_id", "held_on", "course_id"],
        columns: &[
            required("org_id", Int32, ""),
            required(
                "teacher_id",
                PersonId,
                "Who taught; 0: the course's main teacher, not named by the export.",
            ),
            required("group_id", Int32, ""),
            required("course_id", Int32, ""),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            required("weekday", Int8, ""),
            required("lessons", Int32, "Lessons held or made up."),
            required("hours", Hours, "Hours of these lessons."),
            required(
                "substituted_lessons",
                Int32,
                "Of them taught by someone other than the main teacher.",
            ),
            required(
                "substituted_hours",
                Hours,
                "Hours of the substituted lessons.",
            ),
            required(
                "unrecorded_lessons",
                Int32,
                "Of them with at least one pupil unrecorded, or with no attendance at all.",
            ),
            required(
                "cancelled_lessons",
                Int32,
                "Lessons cancelled; not among `lessons`.",
            ),
            required("no_topic_lessons", Int32, "Held lessons without a topic."),
            required("delay_0", Int32, "Held lessons recorded on the day."),
            required("delay_1", Int32, "… one calendar day later."),
            required("delay_2", Int32, "… two days later."),
            required("delay_3", Int32, "… three days later."),
            required("delay_more", Int32, "… more than three days later."),
            required(
                "delay_unknown",
                Int32,
                "… whose moment of entry the export does not tell.",
            ),
        ],
    },
    TableContract {
        name: "organisation_day",
        grain: "roll-up: one row per institution and day",
        partition: Partition::Global,
        replace_key: &["org_id", "month"],
        sort: &["org_id", "held_on"],
        columns: &[
            required("org_id", Int32, ""),
            required("held_on", Date, ""),
            required("month", Int32, ""),
            required("weekday", Int8, ""),
            required("lessons", Int32, "Lessons held or made up."),
            required("hours", Hours, "Hours of these lessons."),
            required(
                "substituted_lessons",
                Int32,
                "Of them taught by someone other than the main teacher.",
            ),
            required(
                "substituted_hours",
                Hours,
                "Hours of the substituted lessons.",
            ),
            required(
                "unrecorded_lessons",
                Int32,
                "Of them with at least one pupil unrecorded, or with no attendance at all.",
            ),
            required(
                "cancelled_lessons",
                Int32,
                "Lessons cancelled; not among `lessons`.",
            ),
            required("no_topic_lessons", Int32, "Held lessons without a topic."),
            required("delay_0", Int32, "Held lessons recorded on the day."),
            required("delay_1", Int32, "… one calendar day later."),
            required("delay_2", Int32, "… two days later."),
            required("delay_3", Int32, "… three days later."),
            required("delay_more", Int32, "… more than three days later."),
            required(
                "delay_unknown",
                Int32,
                "… whose moment of entry the export does not tell.",
            ),
            required(
                "planned_hours",
                Hours,
                "Hours of the plan items of this day.",
            ),
            required("planned_lessons", Int32, "Plan items of this day."),
            required("expected", Int32, "Pupils expected, over the lessons."),
            required("present", Int32, "Of them present."),
            required("absent", Int32, "Of them absent."),
            required("late", Int32, "Of them late: not absent, counted apart."),
            required("exempt", Int32, "Of them exempt."),
            required("unrecorded", Int32, "Of them not recorded."),
            required("excused", Int32, "Of the absent: excused."),
            required("unexcused", Int32, "Of the absent: unexcused."),
            required("illness", Int32, "Of the absent: ill."),
            required("reason_unknown", Int32, "Of the absent: no reason told."),
        ],
    },
];
