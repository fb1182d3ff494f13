-- Purpose: Planned and held hours side by side, once for all reports on completion.
-- Title: План и факт: слагаемые
-- Grain: one row per institution and day (grain 'institution'), or rows of a course and day (grain 'course'); a report takes one grain
-- Method: План на дату — часы тем КТП с датой не позже неё; факт — проведённые и восполненные часы.
--   Отставание = план на дату − факт, если оно больше нуля. Темы без даты входят только в итог года.
--   Прогноз по простому темпу: факт × (часы плана за год / план на дату).
-- Column: grain text "Подробность": institution or course
-- Column: org_id id "Учреждение №"
-- Column: group_id id "Группа №"
-- Column: course_id id "Журнальная страница №"
-- Column: day_on date "Дата": null for topics without a date
-- Column: week_on date "Неделя с"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours hours "Проведено часов"
with every_grain as (
  select
    'institution' as grain, org_id, cast(null as int) as group_id, cast(null as int) as course_id,
    held_on as day_on, planned_hours, hours
  from stg_organisation_day
  union all
  select
    'course' as grain, org_id, group_id, course_id,
    planned_on as day_on, hours as planned_hours, cast(0 as decimal(7, 2)) as hours
  from stg_plan_item
  union all
  select
    'course' as grain, org_id, group_id, course_id,
    held_on as day_on, cast(0 as decimal(7, 2)) as planned_hours, hours
  from stg_lesson_day
)
select
  grain,
  org_id,
  group_id,
  course_id,
  day_on,
  -- 1970-01-01 was a Thursday; 3 days earlier a week began.
  cast(cast(day_on as int) - (cast(day_on as int) + 3) % 7 as date) as week_on,
  planned_hours,
  hours
from every_grain
