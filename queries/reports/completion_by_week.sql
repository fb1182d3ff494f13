-- Purpose: Held and planned hours added up week by week in the school year that holds a day.
-- Title: План и факт нарастающим итогом
-- Grain: one row per week
-- Param: to date required "День учебного года"
-- Param: org int optional "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: week_on date "Неделя с"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_total hours "Проведено": нарастающим итогом; пусто для недель после выбранного дня
-- Column: planned_total hours "По плану": нарастающим итогом
with weeks as (
  select
    week_on,
    sum(hours) as hours,
    sum(planned_hours) as planned_hours
  from plan_and_fact
  where grain = 'institution'
    and ($org is null or org_id = $org)
    and day_on between $school_year_from and $school_year_to
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
