//! What a header cell of a long file means: synonyms, and columns that are never read.

use crate::spelling::{header_key, tidy};

/// What a column of a long file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Organisation,
    Group,
    Subject,
    Date,
    LessonNo,
    StartsAt,
    Teacher,
    MainTeacher,
    Hours,
    Topic,
    Homework,
    RecordedAt,
    Status,
    Pupil,
    PupilId,
    Mark,
    Reason,
    Seq,
    PersonnelNo,
    Position,
    Rate,
    WeeklyHours,
    ProgrammeHours,
    Direction,
    ProgrammeKind,
    ShortTitle,
    Municipality,
    OrganisationKind,
    Regulation,
    WeekDays,
    TimeZone,
    FromOn,
    ToOn,
    Movement,
}

/// Headers by field, as `header_key` reduces them. The first is what findings call the column.
const SYNONYMS: &[(Field, &[&str])] = &[
    (
        Field::Organisation,
        &[
            "учреждение",
            "организация",
            "школа",
            "оу",
            "образовательная организация",
            "наименование учреждения",
        ],
    ),
    (
        Field::Group,
        &[
            "группа",
            "класс",
            "квантум",
            "учебная группа",
            "объединение",
            "класс группа",
        ],
    ),
    (
        Field::Subject,
        &[
            "предмет",
            "программа",
            "дисциплина",
            "курс",
            "учебный предмет",
            "наименование программы",
        ],
    ),
    (
        Field::Date,
        &[
            "дата",
            "дата урока",
            "дата занятия",
            "дата проведения",
            "дата проведения план",
        ],
    ),
    (
        Field::LessonNo,
        &[
            "урок",
            "номер урока",
            "№ урока",
            "занятие №",
            "номер занятия",
        ],
    ),
    (
        Field::StartsAt,
        &[
            "начало",
            "время начала",
            "начало урока",
            "начало занятия",
            "время",
        ],
    ),
    (
        Field::Teacher,
        &[
            "педагог",
            "учитель",
            "преподаватель",
            "провел",
            "провел занятие",
        ],
    ),
    (
        Field::MainTeacher,
        &[
            "основной педагог",
            "основной учитель",
            "основной преподаватель",
        ],
    ),
    (
        Field::Hours,
        &[
            "часы",
            "часов",
            "количество часов",
            "кол во часов",
            "число часов",
        ],
    ),
    (Field::Topic, &["тема", "тема урока", "тема занятия"]),
    (
        Field::Homework,
        &["домашнее задание", "дз", "задание на дом"],
    ),
    (
        Field::RecordedAt,
        &[
            "внесено",
            "дата внесения",
            "внесена",
            "время внесения",
            "записано",
        ],
    ),
    (
        Field::Status,
        &["статус", "статус урока", "статус занятия", "состояние"],
    ),
    (
        Field::Pupil,
        &[
            "обучающийся",
            "ученик",
            "учащийся",
            "воспитанник",
            "фио",
            "фио обучающегося",
            "фио ученика",
        ],
    ),
    (
        Field::PupilId,
        &[
            "id обучающегося",
            "id ученика",
            "id",
            "ид обучающегося",
            "код обучающегося",
        ],
    ),
    (
        Field::Mark,
        &[
            "отметка",
            "оценка",
            "посещаемость",
            "отметка о посещении",
            "присутствие",
        ],
    ),
    (
        Field::Reason,
        &["причина", "причина отсутствия", "причина пропуска"],
    ),
    (
        Field::Seq,
        &["№", "№ п п", "n", "номер", "номер темы", "№ темы"],
    ),
    (
        Field::PersonnelNo,
        &[
            "табельный номер",
            "табельный №",
            "таб номер",
            "таб №",
            "учетный номер",
        ],
    ),
    (Field::Position, &["должность", "должность профессия"]),
    (Field::Rate, &["ставка", "ставки"]),
    (
        Field::WeeklyHours,
        &[
            "часов в неделю",
            "часы в неделю",
            "нагрузка",
            "недельная нагрузка",
        ],
    ),
    (
        Field::ProgrammeHours,
        &[
            "часов по программе",
            "часы по программе",
            "часов в год",
            "всего часов",
        ],
    ),
    (Field::Direction, &["направление", "направленность"]),
    (Field::ProgrammeKind, &["вид программы", "тип программы"]),
    (
        Field::ShortTitle,
        &[
            "краткое название",
            "краткое наименование",
            "сокращенное название",
        ],
    ),
    (
        Field::Municipality,
        &[
            "муниципалитет",
            "муниципальное образование",
            "округ",
            "район",
        ],
    ),
    (
        Field::OrganisationKind,
        &["вид", "тип", "вид учреждения", "тип учреждения"],
    ),
    (Field::Regulation, &["акт", "локальный акт", "положение"]),
    (
        Field::WeekDays,
        &["рабочих дней в неделе", "рабочих дней", "дней в неделе"],
    ),
    (Field::TimeZone, &["часовой пояс", "время зона"]),
    (
        Field::FromOn,
        &[
            "с",
            "дата зачисления",
            "зачислен с",
            "начало обучения",
            "дата поступления",
        ],
    ),
    (
        Field::ToOn,
        &[
            "по",
            "дата отчисления",
            "дата выбытия",
            "окончание обучения",
        ],
    ),
    (Field::Movement, &["движение", "вид движения", "событие"]),
];

/// Parts of headers of columns that are dropped at the door: health, contacts, family, documents.
const NEVER_READ: &[&str] = &[
    "телефон",
    "тел ",
    "мобильн",
    "адрес",
    "прожива",
    "прописк",
    "регистрац",
    "почта",
    "email",
    "e mail",
    "мать",
    "матери",
    "отец",
    "отца",
    "родител",
    "представител",
    "опекун",
    "семь",
    "снилс",
    "паспорт",
    "свидетельств",
    "полис",
    "здоров",
    "диагноз",
    "заболев",
    "аллерг",
    "привив",
    "медицин",
    "инвалид",
    "овз",
    "справк",
    "национальн",
    "гражданств",
    "дата рождения",
    "день рождения",
    "место рождения",
    "фото",
];

/// What one header cell turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heading {
    Known(Field),
    /// Personal data that the product never stores.
    NeverRead,
    Unknown,
    Blank,
}

impl Heading {
    /// Recognises one header cell.
    pub fn of(text: &str) -> Heading {
        let key = header_key(text);
        if key.is_empty() {
            return Heading::Blank;
        }
        if let Some(&(field, _)) = SYNONYMS
            .iter()
            .find(|entry| entry.1.contains(&key.as_str()))
        {
            return Heading::Known(field);
        }
        let padded = format!("{key} ");
        if NEVER_READ.iter().any(|part| padded.contains(part)) {
            return Heading::NeverRead;
        }
        Heading::Unknown
    }
}

impl Field {
    /// The header as findings call it.
    pub fn title(self) -> String {
        let key = SYNONYMS
            .iter()
            .find(|entry| entry.0 == self)
            .map_or("", |entry| entry.1[0]);
        let mut letters = key.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    }
}

/// Which facts a header promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Attendance,
    Lessons,
    Plan,
    Staff,
    Organisations,
    Movement,
}

/// A header row that was understood.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub kind: Kind,
    pub headings: Vec<Heading>,
    /// Headers as written, for findings.
    pub titles: Vec<String>,
}

/// What a row that may be a header turned out to be.
pub(crate) enum HeaderGuess {
    Header(Header),
    /// Several known headers, yet no kind fits: the missing columns are named.
    Unclear(String),
    No,
}

impl Header {
    /// Recognises a header row.
    pub fn guess<'a>(cells: impl Iterator<Item = &'a str>) -> HeaderGuess {
        let titles: Vec<String> = cells.map(tidy).collect();
        let mut headings: Vec<Heading> = titles.iter().map(|title| Heading::of(title)).collect();
        while headings.last() == Some(&Heading::Blank) {
            headings.pop();
        }
        let has = |field: Field| headings.contains(&Heading::Known(field));
        let known = headings
            .iter()
            .filter(|heading| matches!(heading, Heading::Known(_)))
            .count();
        if known < 2 {
            return HeaderGuess::No;
        }
        use Field as F;
        let kind = if has(F::Pupil) && has(F::Mark) && has(F::Date) && has(F::Group) {
            Kind::Attendance
        } else if has(F::Pupil) && has(F::Group) && has(F::FromOn) {
            Kind::Movement
        } else if has(F::Pupil) {
            return HeaderGuess::Unclear(missing(
                &[F::Group, F::Date, F::Pupil, F::Mark],
                &headings,
            ));
        } else if has(F::Organisation)
            && has(F::OrganisationKind)
            && (has(F::Regulation) || has(F::Municipality))
        {
            Kind::Organisations
        } else if has(F::Teacher)
            && [
                F::PersonnelNo,
                F::Position,
                F::Rate,
                F::WeeklyHours,
                F::ProgrammeHours,
            ]
            .into_iter()
            .any(has)
        {
            Kind::Staff
        } else if has(F::Group) && has(F::Date) {
            let is_lesson = [
                F::LessonNo,
                F::Teacher,
                F::RecordedAt,
                F::Status,
                F::StartsAt,
                F::Homework,
            ]
            .into_iter()
            .any(has);
            match (is_lesson, has(F::Seq) && has(F::Topic)) {
                (true, _) => Kind::Lessons,
                (false, true) => Kind::Plan,
                (false, false) => {
                    return HeaderGuess::Unclear(
                        "для КТП столбец «№» и «Тема», для журнала «Урок», «Педагог» или «Внесено»"
                            .to_owned(),
                    );
                }
            }
        } else if has(F::Group) && has(F::Seq) && has(F::Topic) {
            Kind::Plan
        } else {
            return HeaderGuess::Unclear(
                "столбцы «Группа», «Дата», «Обучающийся», «Отметка»".to_owned(),
            );
        };
        HeaderGuess::Header(Header {
            kind,
            headings,
            titles,
        })
    }

    /// Column of that field, from 0.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.headings
            .iter()
            .position(|heading| *heading == Heading::Known(field))
    }
}

/// The missing ones of the columns, as a finding names them.
fn missing(fields: &[Field], headings: &[Heading]) -> String {
    let names: Vec<String> = fields
        .iter()
        .filter(|field| !headings.contains(&Heading::Known(**field)))
        .map(|field| format!("«{}»", field.title()))
        .collect();
    format!("столбцы {}", names.join(", "))
}
