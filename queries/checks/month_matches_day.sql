-- Purpose: Stored months and weekdays agree with the days.
-- Title: Месяц и день недели соответствуют дате
-- Grain: one row per violation
-- Column: source_table text "Таблица"
-- Column: rows count "Строк"
with days as (
  select 'lesson_day' as source_table, held_on, month, weekday from stg_lesson_day
  union all
  select 'attendance_day' as source_table, held_on, month, weekday from stg_attendance_day
  union all
  select 'organisation_day' as source_table, held_on, month, weekday from stg_organisation_day
)
select source_table, count(*) as rows
from days
where month <> cast(extract(year from held_on) as int) * 100 + cast(extract(month from held_on) as int)
  or cast(weekday as int) <> (cast(held_on as int) + 3) % 7 + 1
group by source_table
order by source_table
