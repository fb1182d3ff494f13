//! Titles: institutions of the invented municipality, subjects, programmes, topics.

use crate::world::Act;

const PLACES: &[&str] = &[
    "посёлка Берёзовый Бор",
    "села Тихая Заводь",
    "посёлка Светлый Яр",
    "деревни Рябиновка",
    "посёлка Белые Камни",
    "села Журавлиный Лог",
    "посёлка Ясный Ключ",
    "деревни Ольховая Гать",
    "посёлка Медвежий Ручей",
    "села Синий Мыс",
    "посёлка Дальние Сосны",
    "деревни Липовый Дол",
];
const STARS: &[&str] = &[
    "Вектор",
    "Квазар",
    "Спектр",
    "Импульс",
    "Орбита",
    "Меридиан",
    "Пульсар",
    "Горизонт",
];
const SHORES: &[&str] = &[
    "Сосновый Мыс",
    "Тёплый Берег",
    "Серебряный Плёс",
    "Зелёная Гавань",
    "Лунная Бухта",
];

/// Full and short title of the `round`-th institution of a kind.
pub fn institution(act: Act, round: usize) -> (String, String) {
    let place = |shift: usize| PLACES[(round * 3 + shift) % PLACES.len()];
    let numbered = |names: &[&str]| {
        let name = names[round % names.len()];
        if round < names.len() {
            name.to_owned()
        } else {
            format!("{name}-{}", round / names.len() + 1)
        }
    };
    match act {
        Act::A | Act::B | Act::C => {
            let (form, number, shift) = match act {
                Act::A => ("МОУ", 4, 0),
                Act::B => ("МБОУ", 7, 1),
                _ => ("МКОУ", 9, 2),
            };
            let number = number + round * 10;
            (
                format!("{form} «Школа № {number} {}»", place(shift)),
                format!("Школа № {number}"),
            )
        }
        Act::D => {
            let name = numbered(STARS);
            (
                format!("Детский технопарк «{name}» Приозёрского техникума"),
                format!("Технопарк «{name}»"),
            )
        }
        Act::E => {
            let name = numbered(SHORES);
            (
                format!("Центр реабилитации и образования «{name}»"),
                format!("Центр «{name}»"),
            )
        }
    }
}

/// How a subject is taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Whole,
    /// Two subgroups at the same time.
    Split,
    /// Two subgroups, each with two lessons in a row on a day of its own.
    SplitDouble,
}

/// A subject of the school plan: title, department, hours a week, forms from and to, way.
pub struct Subject(pub &'static str, pub u8, pub u8, pub u8, pub u8, pub Way);

/// Position of a school teacher by department.
pub const DEPARTMENTS: &[&str] = &[
    "Учитель начальных классов",
    "Учитель русского языка и литературы",
    "Учитель математики",
    "Учитель истории и обществознания",
    "Учитель географии и биологии",
    "Учитель физики и информатики",
    "Учитель химии",
    "Учитель английского языка",
    "Учитель физической культуры",
    "Учитель труда (технологии)",
    "Учитель музыки и изобразительного искусства",
];

pub const SUBJECTS: &[Subject] = &[
    Subject("Русский язык", 0, 5, 1, 4, Way::Whole),
    Subject("Математика", 0, 4, 1, 4, Way::Whole),
    Subject("Литературное чтение", 0, 4, 1, 4, Way::Whole),
    Subject("Окружающий мир", 0, 2, 1, 4, Way::Whole),
    Subject("Русский язык", 1, 4, 5, 9, Way::Whole),
    Subject("Русский язык", 1, 2, 10, 11, Way::Whole),
    Subject("Литература", 1, 3, 5, 11, Way::Whole),
    Subject("Математика", 2, 5, 5, 6, Way::Whole),
    Subject("Алгебра", 2, 3, 7, 11, Way::Whole),
    Subject("Геометрия", 2, 2, 7, 11, Way::Whole),
    Subject("История", 3, 2, 5, 11, Way::Whole),
    Subject("Обществознание", 3, 1, 6, 11, Way::Whole),
    Subject("География", 4, 1, 5, 6, Way::Whole),
    Subject("География", 4, 2, 7, 9, Way::Whole),
    Subject("Биология", 4, 1, 5, 7, Way::Whole),
    Subject("Биология", 4, 2, 8, 11, Way::Whole),
    Subject("Физика", 5, 2, 7, 9, Way::Whole),
    Subject("Физика", 5, 3, 10, 11, Way::Whole),
    Subject("Информатика", 5, 1, 7, 11, Way::Whole),
    Subject("Химия", 6, 2, 8, 11, Way::Whole),
    Subject("Английский язык", 7, 3, 2, 11, Way::Split),
    Subject("Физическая культура", 8, 2, 1, 11, Way::Whole),
    Subject("Труд (технология)", 9, 2, 5, 8, Way::SplitDouble),
    Subject("Музыка", 10, 1, 1, 7, Way::Whole),
    Subject("Изобразительное искусство", 10, 1, 1, 7, Way::Whole),
];

/// A supplementary programme: title, direction, lessons a week, minutes and hundredths of an hour
/// of one lesson.
pub struct Programme(pub &'static str, pub &'static str, pub u8, pub u16, pub i32);

/// Direction whose lessons a pupil may be exempt from.
pub const SPORT: &str = "Физкультурно-спортивное";

pub const CIRCLES: &[Programme] = &[
    Programme("Робототехника", "Техническое", 2, 90, 200),
    Programme("Хоровое пение", "Художественное", 2, 45, 100),
    Programme("Юный эколог", "Естественно-научное", 1, 90, 200),
    Programme("Шахматы", "Физкультурно-спортивное", 2, 68, 150),
    Programme("Театр «Лад»", "Художественное", 2, 90, 200),
    Programme("Краеведение", "Туристско-краеведческое", 1, 68, 150),
    Programme("Волейбол", "Физкультурно-спортивное", 3, 45, 100),
    Programme("Школа вожатых", "Социально-гуманитарное", 1, 45, 100),
    Programme("Гончарная мастерская", "Художественное", 2, 68, 150),
    Programme("Программирование", "Техническое", 2, 90, 200),
];

pub const QUANTUMS: &[Programme] = &[
    Programme("Промробоквантум", "Техническое", 2, 90, 200),
    Programme("IT-квантум", "Техническое", 2, 90, 200),
    Programme("Биоквантум", "Естественно-научное", 2, 90, 200),
    Programme("Аэроквантум", "Техническое", 2, 68, 151),
    Programme("Хайтек", "Техническое", 2, 90, 200),
    Programme("Промышленный дизайн", "Техническое", 2, 90, 200),
];

/// What a shift of a centre is taught: title, lessons a week, supplementary direction.
pub const SHIFT_COURSES: &[(&str, u8, Option<&str>)] = &[
    ("Русский язык", 3, None),
    ("Математика", 4, None),
    ("Литература", 2, None),
    ("Окружающий мир", 2, None),
    ("Английский язык", 2, None),
    ("Мастерская ремёсел", 2, Some("Художественное")),
    ("Подвижные игры", 3, Some("Физкультурно-спортивное")),
    ("Студия «Радуга»", 2, Some("Художественное")),
];

/// Topics of a plan follow each other in circles; one holds quotes and the delimiter on purpose.
pub const SUPPLEMENTARY_TOPICS: &[&str] = &[
    "Вводное занятие",
    "Знакомство с материалом",
    "Практическая работа",
    "Основные приёмы",
    "Работа в парах",
    "Проект \"Первый шаг\"; замысел",
    "Сборка и проверка",
    "Разбор ошибок",
    "Повторение",
    "Подготовка к показу",
    "Показ работ",
    "Самостоятельная работа",
    "Игра",
    "Итоги раздела",
];

pub const SCHOOL_TOPICS: &[&str] = &[
    "Повторение изученного",
    "Новый материал",
    "Закрепление",
    "Решение задач",
    "Практическая работа",
    "Проверочная работа",
    "Анализ работы",
    "Обобщение",
    "Урок-практикум",
    "Контрольная работа",
    "Работа над ошибками",
    "Проект",
];
