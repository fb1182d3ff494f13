-- Purpose: Hours and lessons of the roll-up by institution equal those by teacher and course.
-- Title: Часы учреждения равны часам педагогов
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: held_on date "Дата"
-- Column: rolled hours "В своде учреждения"
-- Column: counted hours "По педагогам"
with days as (
  select
    org_id,
    held_on,
    sum(lessons) as lessons,
    sum(hours) as hours,
    sum(substituted_hours) as substituted_hours,
    sum(unrecorded_lessons) as unrecorded_lessons,
    sum(cancelled_lessons) as cancelled_lessons
  from stg_lesson_day
  group by org_id, held_on
)
select
  coalesce(days.org_id, day.org_id) as org_id,
  coalesce(days.held_on, day.held_on) as held_on,
  coalesce(day.hours, cast(0 as decimal(17, 2))) as rolled,
  coalesce(days.hours, cast(0 as decimal(17, 2))) as counted
from days
full join stg_organisation_day as day
  on day.org_id = days.org_id and day.held_on = days.held_on
where coalesce(days.lessons, 0) <> coalesce(day.lessons, 0)
  or coalesce(days.hours, cast(0 as decimal(17, 2))) <> coalesce(day.hours, cast(0 as decimal(17, 2)))
  or coalesce(days.substituted_hours, cast(0 as decimal(17, 2)))
    <> coalesce(day.substituted_hours, cast(0 as decimal(17, 2)))
  or coalesce(days.unrecorded_lessons, 0) <> coalesce(day.unrecorded_lessons, 0)
  or coalesce(days.cancelled_lessons, 0) <> coalesce(day.cancelled_lessons, 0)
order by org_id, held_on
