-- Purpose: What attendance means, once for all reports; sums of it may be divided, shares may not be averaged.
-- Title: Посещаемость: слагаемые
-- Grain: one row per institution and day (grain 'institution'), one per course and day (grain 'course'); a report takes one grain
-- Method: Посещаемость = (присутствовали + опоздали) / (должны быть − освобождены − не отмечены).
--   Нижняя граница считает всех неотмеченных отсутствующими, верхняя — присутствующими:
--   нижняя = (присутствовали + опоздали) / (должны быть − освобождены),
--   верхняя = (присутствовали + опоздали + не отмечены) / (должны быть − освобождены).
--   Считаются отметки «обучающийся на занятии»; доли за период — отношение сумм, а не среднее долей.
-- Column: grain text "Подробность": institution or course
-- Column: org_id id "Учреждение №"
-- Column: group_id id "Группа №"
-- Column: course_id id "Журнальная страница №"
-- Column: held_on date "Дата"
-- Column: month month "Месяц"
-- Column: week_on date "Неделя с"
-- Column: weekday weekday "День недели"
-- Column: lessons count "Занятий": only in grain institution
-- Column: unrecorded_lessons count "Не отмечено занятий": only in grain institution
-- Column: expected count "Должны быть"
-- Column: present count "Присутствовали"
-- Column: absent count "Отсутствовали"
-- Column: late count "Опоздали"
-- Column: exempt count "Освобождены"
-- Column: unrecorded count "Не отмечены"
-- Column: excused count "По уважительной причине"
-- Column: unexcused count "Без уважительной причины"
-- Column: illness count "По болезни"
-- Column: reason_unknown count "Причина не указана"
-- Column: attended count "Были на занятии": present + late
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: due count "Отметок без освобождённых": expected - exempt
with every_grain as (
  select
    'institution' as grain, org_id, cast(null as int) as group_id, cast(null as int) as course_id,
    held_on, month, weekday, lessons, unrecorded_lessons,
    expected, present, absent, late, exempt, unrecorded,
    excused, unexcused, illness, reason_unknown
  from stg_organisation_day
  union all
  select
    'course' as grain, org_id, group_id, course_id,
    held_on, month, weekday, cast(null as int) as lessons, cast(null as int) as unrecorded_lessons,
    expected, present, absent, late, exempt, unrecorded,
    excused, unexcused, illness, reason_unknown
  from stg_attendance_day
)
select
  grain,
  org_id,
  group_id,
  course_id,
  held_on,
  month,
  cast(cast(held_on as int) - cast(weekday as int) + 1 as date) as week_on,
  weekday,
  lessons,
  unrecorded_lessons,
  expected,
  present,
  absent,
  late,
  exempt,
  unrecorded,
  excused,
  unexcused,
  illness,
  reason_unknown,
  present + late as attended,
  expected - exempt - unrecorded as counted,
  expected - exempt as due
from every_grain
