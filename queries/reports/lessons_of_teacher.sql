-- Purpose: Lessons that one teacher taught.
-- Title: Занятия педагога
-- Grain: one row per lesson
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: teacher int required "Педагог"
-- Column: lesson_id id "Занятие №"
-- Column: held_on date "Дата"
-- Column: lesson_no number "Урок"
-- Column: group_id id "Группа №"
-- Column: group_title text "Группа"
-- Column: subject text "Предмет"
-- Column: topic text "Тема"
-- Column: hours hours "Проведено часов"
-- Column: status text "Статус"
-- Column: is_substitution bool "Замена"
-- Column: delay_days number "Задержка записи, дней"
-- Column: file_name source "Файл"
-- Column: sheet_title source "Лист"
-- Column: cell source "Ячейка"
select
  lesson.lesson_id,
  lesson.held_on,
  lesson.lesson_no,
  lesson.group_id,
  study_group.group_title,
  lesson.subject,
  lesson.topic,
  lesson.hours,
  case lesson.status
    when 'planned' then 'запланировано'
    when 'held' then 'проведено'
    when 'cancelled' then 'отменено'
    when 'made_up' then 'восполнено'
  end as status,
  lesson.is_substitution,
  lesson.delay_days,
  lesson.file_name,
  lesson.sheet_title,
  -- The letters of a spreadsheet column: 1 is A, 27 is AA, 703 is AAA.
  case
    when lesson.col_no <= 0 then concat('строка ', cast(lesson.row_no as varchar))
    else concat(
      case when lesson.col_no > 702 then chr(cast(64 + (lesson.col_no - 703) / 676 + 1 as bigint)) else '' end,
      case when lesson.col_no > 26 then chr(cast(65 + (lesson.col_no - 27) / 26 % 26 as bigint)) else '' end,
      chr(cast(65 + (lesson.col_no - 1) % 26 as bigint)),
      cast(lesson.row_no as varchar))
  end as cell
from lesson_taught as lesson
left join stg_study_group as study_group
  on study_group.org_id = lesson.org_id and study_group.group_id = lesson.group_id
where lesson.org_id = $org
  and lesson.teacher_id = $teacher
  and lesson.held_on between $from and $to
order by held_on, lesson_no, lesson_id
