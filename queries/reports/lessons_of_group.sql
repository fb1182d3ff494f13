-- Purpose: Lessons of one group with counts by status, delay of the entry and source.
-- Title: Занятия группы
-- Grain: one row per lesson
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: group int required "Группа"
-- Column: lesson_id id "Занятие №"
-- Column: held_on date "Дата"
-- Column: lesson_no number "Урок"
-- Column: group_id id "Группа №"
-- Column: group_title text "Группа"
-- Column: subject text "Предмет"
-- Column: teacher_name person "Педагог"
-- Column: topic text "Тема"
-- Column: hours hours "Проведено часов"
-- Column: status text "Статус"
-- Column: is_substitution bool "Замена"
-- Column: expected count "Должны быть"
-- Column: present count "Присутствовали"
-- Column: absent count "Отсутствовали"
-- Column: late count "Опоздали"
-- Column: exempt count "Освобождены"
-- Column: unrecorded count "Не отмечены"
-- Column: delay_days number "Задержка записи, дней"
-- Column: file_name source "Файл"
-- Column: sheet_title source "Лист"
-- Column: cell source "Ячейка"
with marks as (
  select
    lesson_id,
    count(*) as expected,
    sum(case when status = 'present' then 1 else 0 end) as present,
    sum(case when status = 'absent' then 1 else 0 end) as absent,
    sum(case when status = 'late' then 1 else 0 end) as late,
    sum(case when status = 'exempt' then 1 else 0 end) as exempt,
    sum(case when status = 'unrecorded' then 1 else 0 end) as unrecorded
  from stg_attendance
  where org_id = $org
    and group_id = $group
    and held_on between $from and $to
  group by lesson_id
)
select
  lesson.lesson_id,
  lesson.held_on,
  lesson.lesson_no,
  lesson.group_id,
  study_group.group_title,
  lesson.subject,
  lesson.teacher_id as teacher_name,
  lesson.topic,
  lesson.hours,
  case lesson.status
    when 'planned' then 'запланировано'
    when 'held' then 'проведено'
    when 'cancelled' then 'отменено'
    when 'made_up' then 'восполнено'
  end as status,
  lesson.is_substitution,
  coalesce(marks.expected, 0) as expected,
  coalesce(marks.present, 0) as present,
  coalesce(marks.absent, 0) as absent,
  coalesce(marks.late, 0) as late,
  coalesce(marks.exempt, 0) as exempt,
  coalesce(marks.unrecorded, 0) as unrecorded,
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
left join marks on marks.lesson_id = lesson.lesson_id
where lesson.org_id = $org
  and lesson.group_id = $group
  and lesson.held_on between $from and $to
order by held_on, lesson_no, lesson_id
