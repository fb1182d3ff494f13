-- Purpose: Topics of a plan beside the lessons held, first to first.
-- Title: План и проведённые занятия
-- Grain: one row per topic or, beyond the plan, per lesson
-- Param: org int required "Учреждение"
-- Param: course int required "Журнальная страница"
-- Param: to date required "День учебного года"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: position number "№"
-- Column: planned_on date "По плану"
-- Column: planned_hours hours "Часов по плану"
-- Column: topic text "Тема по плану"
-- Column: held_on date "Дата"
-- Column: hours hours "Проведено часов"
-- Column: held_topic text "Тема занятия"
-- Column: lag_days number "Позже плана, дней"
with planned as (
  select
    row_number() over (order by seq) as position,
    planned_on,
    hours,
    topic
  from stg_plan_item
  where org_id = $org
    and course_id = $course
),
held as (
  select
    row_number() over (order by held_on, lesson_no, lesson_id) as position,
    held_on,
    hours,
    topic
  from stg_lesson
  where org_id = $org
    and course_id = $course
    and status in ('held', 'made_up')
    and held_on between $school_year_from and $school_year_to
)
select
  cast(coalesce(planned.position, held.position) as bigint) as position,
  planned.planned_on,
  planned.hours as planned_hours,
  planned.topic,
  held.held_on,
  held.hours,
  held.topic as held_topic,
  cast(held.held_on as int) - cast(planned.planned_on as int) as lag_days
from planned
full join held on held.position = planned.position
order by position
