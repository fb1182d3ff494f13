-- Purpose: Lessons with the teacher who taught them, the delay of the entry and the cell they came from.
-- Title: Занятия с педагогом и ячейкой выгрузки
-- Grain: one row per planned or held lesson
-- Method: Педагог занятия: кто провёл; иначе основной педагог занятия; иначе основной педагог журнальной страницы.
--   Задержка записи — дней от дня занятия до дня внесения по часам учреждения.
-- Column: org_id id "Учреждение №"
-- Column: lesson_id id "Занятие №"
-- Column: course_id id "Журнальная страница №"
-- Column: group_id id "Группа №"
-- Column: held_on date "Дата"
-- Column: lesson_no number "Урок"
-- Column: subject text "Предмет"
-- Column: teacher_id id "Педагог №"
-- Column: is_substitution bool "Замена"
-- Column: hours hours "Часы"
-- Column: topic text "Тема"
-- Column: status text "Статус"
-- Column: delay_days number "Задержка записи, дней"
-- Column: file_name text "Файл"
-- Column: sheet_title text "Лист"
-- Column: row_no number "Строка"
-- Column: col_no number "Столбец"
select
  lesson.org_id,
  lesson.lesson_id,
  lesson.course_id,
  lesson.group_id,
  lesson.held_on,
  lesson.lesson_no,
  course.subject,
  coalesce(lesson.taught_by_id, lesson.main_teacher_id, course.main_teacher_id) as teacher_id,
  coalesce(lesson.taught_by_id <> coalesce(lesson.main_teacher_id, course.main_teacher_id), false)
    as is_substitution,
  lesson.hours,
  lesson.topic,
  lesson.status,
  -- Whole hours since 1970 by the institution's clock, then whole days.
  (cast(lesson.recorded_at as bigint) / 3600000000 + organisation.utc_hours) / 24
    - cast(lesson.held_on as int) as delay_days,
  import.file_name,
  sheet.sheet_title,
  lesson.row_no,
  lesson.col_no
from stg_lesson as lesson
left join stg_course as course
  on course.org_id = lesson.org_id and course.course_id = lesson.course_id
left join stg_organisation as organisation
  on organisation.org_id = lesson.org_id
left join stg_import as import
  on import.import_id = lesson.import_id
left join stg_import_sheet as sheet
  on sheet.import_id = lesson.import_id and sheet.sheet_no = lesson.sheet_no
