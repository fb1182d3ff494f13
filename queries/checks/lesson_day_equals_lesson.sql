-- Purpose: Held hours of the roll-up by teacher equal the lessons it sums.
-- Title: Свод часов равен занятиям
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: course_id id "Журнальная страница №"
-- Column: held_on date "Дата"
-- Column: rolled hours "В своде"
-- Column: counted hours "По занятиям"
with held as (
  select org_id, course_id, held_on, count(*) as lessons, sum(hours) as hours
  from stg_lesson
  where status in ('held', 'made_up')
  group by org_id, course_id, held_on
),
rolled as (
  select org_id, course_id, held_on, sum(lessons) as lessons, sum(hours) as hours
  from stg_lesson_day
  group by org_id, course_id, held_on
)
select
  coalesce(held.org_id, rolled.org_id) as org_id,
  coalesce(held.course_id, rolled.course_id) as course_id,
  coalesce(held.held_on, rolled.held_on) as held_on,
  coalesce(rolled.hours, cast(0 as decimal(17, 2))) as rolled,
  coalesce(held.hours, cast(0 as decimal(17, 2))) as counted
from held
full join rolled
  on rolled.org_id = held.org_id
  and rolled.course_id = held.course_id
  and rolled.held_on = held.held_on
where coalesce(held.lessons, 0) <> coalesce(rolled.lessons, 0)
  or coalesce(held.hours, cast(0 as decimal(17, 2))) <> coalesce(rolled.hours, cast(0 as decimal(17, 2)))
order by org_id, course_id, held_on
