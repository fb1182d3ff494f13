//! What a cell of the journal says: one code table per engine, as data.
//!
//! The same letter means different things in different engines, so there is no common table.
//! What the table does not hold is never guessed: the entry stays unrecorded with its raw text.

use crate::spelling::code_key;
use svodka_journal::{AbsenceReason, AttendanceStatus};

/// The meaning of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub status: AttendanceStatus,
    pub reason: Option<AbsenceReason>,
    /// The cell as written; none where it was empty.
    pub raw: Option<Box<str>>,
    pub marks: Vec<MarkValue>,
    pub(crate) problem: Option<CodeProblem>,
}

/// One mark in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkValue {
    pub text: Box<str>,
    /// Hundredths.
    pub hundredths: Option<i32>,
}

/// Why a cell needs a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeProblem {
    /// Holds something the table does not know.
    Unknown,
    /// Two codes exclude each other.
    Contradiction,
    /// A Latin letter stands for its Cyrillic twin; read as meant.
    LatinTwin,
    /// The reason column says what its list does not hold.
    UnknownReason,
}

/// What codes and empty cells mean in one engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeTable {
    /// Codes in capitals.
    codes: &'static [(&'static str, AttendanceStatus, Option<AbsenceReason>)],
    /// What a cell without a text means.
    empty: AttendanceStatus,
    /// What a finding says is expected.
    pub expected: &'static str,
}

/// Reasons of absence as a column of their own tells them.
const REASONS: &[(&str, AbsenceReason)] = &[
    ("УВАЖИТЕЛЬНАЯ", AbsenceReason::Excused),
    ("УВАЖИТЕЛЬНАЯ ПРИЧИНА", AbsenceReason::Excused),
    ("ПО УВАЖИТЕЛЬНОЙ ПРИЧИНЕ", AbsenceReason::Excused),
    ("НЕУВАЖИТЕЛЬНАЯ", AbsenceReason::Unexcused),
    ("НЕУВАЖИТЕЛЬНАЯ ПРИЧИНА", AbsenceReason::Unexcused),
    ("ПО НЕУВАЖИТЕЛЬНОЙ ПРИЧИНЕ", AbsenceReason::Unexcused),
    ("БОЛЕЗНЬ", AbsenceReason::Illness),
    ("ПО БОЛЕЗНИ", AbsenceReason::Illness),
    ("БОЛЕЕТ", AbsenceReason::Illness),
    ("НЕИЗВЕСТНА", AbsenceReason::Unknown),
    ("НЕИЗВЕСТНО", AbsenceReason::Unknown),
    ("ПРИЧИНА НЕИЗВЕСТНА", AbsenceReason::Unknown),
];

pub(crate) const EXPECTED_REASON: &str = "уважительная, неуважительная, болезнь или неизвестна";

/// Largest mark taken for a mark: a ten-point scale. «55» is rather a slip for «5 5».
const LARGEST_MARK: i32 = 10;

pub(crate) const SCHOOL_WORKBOOK: CodeTable = CodeTable {
    codes: &[
        (
            "Н",
            AttendanceStatus::Absent,
            Some(AbsenceReason::Unexcused),
        ),
        ("Б", AttendanceStatus::Absent, Some(AbsenceReason::Illness)),
        ("У", AttendanceStatus::Absent, Some(AbsenceReason::Excused)),
        ("О", AttendanceStatus::Late, None),
    ],
    // An empty text: the lesson was held, the pupil was there, no mark.
    empty: AttendanceStatus::Present,
    expected: "отметка от 0 до 10, Н, Б, У, О или пустая ячейка",
};

pub(crate) const LONG: CodeTable = CodeTable {
    codes: &[
        ("+", AttendanceStatus::Present, None),
        ("ПРИСУТСТВОВАЛ", AttendanceStatus::Present, None),
        ("ПРИСУТСТВОВАЛА", AttendanceStatus::Present, None),
        ("ПРИСУТСТВОВАЛ(А)", AttendanceStatus::Present, None),
        ("Н", AttendanceStatus::Absent, Some(AbsenceReason::Unknown)),
        (
            "ОТСУТСТВОВАЛ",
            AttendanceStatus::Absent,
            Some(AbsenceReason::Unknown),
        ),
        (
            "ОТСУТСТВОВАЛА",
            AttendanceStatus::Absent,
            Some(AbsenceReason::Unknown),
        ),
        ("ОП", AttendanceStatus::Late, None),
        ("ОПОЗДАЛ", AttendanceStatus::Late, None),
        ("ОПОЗДАЛА", AttendanceStatus::Late, None),
        ("ОСВ", AttendanceStatus::Exempt, None),
        ("ОСВОБОЖДЕН", AttendanceStatus::Exempt, None),
        ("ОСВОБОЖДЕНА", AttendanceStatus::Exempt, None),
        ("ОСВОБОЖДЁН", AttendanceStatus::Exempt, None),
    ],
    empty: AttendanceStatus::Unrecorded,
    expected: "+, н, оп, осв, отметка от 0 до 10 или пусто",
};

impl CodeTable {
    /// Reads a cell and, where the engine has one, the cell of its reason column.
    pub fn read(&self, cell: &str, reason: &str) -> Verdict {
        let raw = cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
        let mut verdict = Verdict {
            status: self.empty,
            reason: None,
            raw: (!raw.is_empty()).then(|| raw.into()),
            marks: Vec::new(),
            problem: None,
        };
        let mut found: Option<(AttendanceStatus, Option<AbsenceReason>)> = None;
        let mut is_unknown = false;
        let mut is_contradiction = false;
        for token in raw.split(|letter: char| letter.is_whitespace() || letter == '/') {
            let token = token.trim_matches(',');
            if token.is_empty() {
                continue;
            }
            if token.bytes().all(|byte| byte.is_ascii_digit()) {
                match token.parse::<i32>() {
                    Ok(number) if number <= LARGEST_MARK => verdict.marks.push(MarkValue {
                        text: token.into(),
                        hundredths: Some(number * 100),
                    }),
                    _ => is_unknown = true,
                }
                continue;
            }
            let (key, has_twin) = code_key(token);
            let Some(&(_, status, why)) = self.codes.iter().find(|code| code.0 == key) else {
                is_unknown = true;
                continue;
            };
            if has_twin && verdict.problem.is_none() {
                verdict.problem = Some(CodeProblem::LatinTwin);
            }
            found = match found {
                None => Some((status, why)),
                Some(before) if before == (status, why) => Some(before),
                Some((AttendanceStatus::Absent, _)) if status == AttendanceStatus::Absent => {
                    is_contradiction = true;
                    Some((AttendanceStatus::Absent, Some(AbsenceReason::Unknown)))
                }
                Some(_) => {
                    is_contradiction = true;
                    Some((AttendanceStatus::Unrecorded, None))
                }
            };
        }
        match found {
            Some((status, why)) => {
                verdict.status = status;
                verdict.reason = why;
            }
            None if !verdict.marks.is_empty() => verdict.status = AttendanceStatus::Present,
            None => {}
        }
        if is_unknown {
            verdict.status = AttendanceStatus::Unrecorded;
            verdict.reason = None;
            verdict.problem = Some(CodeProblem::Unknown);
        } else if is_contradiction {
            verdict.problem = Some(CodeProblem::Contradiction);
        }
        self.add_reason(&mut verdict, reason);
        verdict
    }

    /// Takes the reason column into account; it says nothing of pupils who were there.
    fn add_reason(&self, verdict: &mut Verdict, reason: &str) {
        let reason = reason.trim();
        if reason.is_empty() || verdict.status != AttendanceStatus::Absent {
            return;
        }
        let key = crate::spelling::title_key(reason);
        match REASONS.iter().find(|known| known.0 == key) {
            Some(&(_, why)) => verdict.reason = Some(why),
            None => verdict.problem = verdict.problem.or(Some(CodeProblem::UnknownReason)),
        }
    }
}
