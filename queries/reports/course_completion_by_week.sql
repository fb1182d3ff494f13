-- Purpose: Held and planned hours added up week by week in the school year that holds a day.
-- Title: План и факт программы нарастающим итогом
-- Grain: one row per week
-- Param: to date required "День учебного года"
-- Param: org int required "Учреждение"
-- Param: course int required "Журнальная страница"
-- Column: week_on date "Неделя с"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_total hours "Проведено нарастающим итогом": пусто для недель после выбранного дня
-- Column: planned_total hours "По плану нарастающим итогом"
with weeks as (
  select
    week_on,
    sum(hours) as hours,
    sum(planned_hours) as planned_hours
  from plan_and_fact
  where grain = 'course'
    and org_id = $org
    and course_id = $course
    -- The school year that $to lies in, from 1 September.
    and day_on >= make_date(cast(extract(year from $to) as int) - case when extract(month from $to) >= 9 then 0 else 1 end, 9, 1)
    and day_on < make_date(cast(extract(year from $to) as int) + case when extract(month from $to) >= 9 then 1 else 0 end, 9, 1)
  group by week_on
)
select
  week_on,
  hours,
  planned_hours,
  case when week_on <= $to then sum(hours) over (order by week_on) end as hours_total,
  sum(planned_hours) over (order by week_on) as planned_total
from weeks
order by week_on
