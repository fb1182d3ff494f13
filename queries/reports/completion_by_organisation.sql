-- Purpose: Held hours against the plan by institution, the furthest behind first.
-- Title: Выполнение по учреждениям
-- Grain: one row per institution
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: org_id id "Учреждение №"
-- Column: short_title text "Учреждение"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_share share "Доля плана": hours / planned_hours
-- Column: behind_hours hours "Отставание": сумма положительных planned_hours - hours
-- Column: remaining_hours hours "Осталось по плану": часы плана после последнего дня до конца учебного года
-- Column: hours_year hours "Часов плана за год"
with units as (
  select
    org_id,
    sum(case when day_on between $from and $to then planned_hours end) as planned_hours,
    sum(case when day_on between $from and $to then hours end) as hours,
    sum(case when day_on > $to then planned_hours end) as remaining_hours,
    sum(planned_hours) as hours_year
  from plan_and_fact
  where grain = 'institution'
    -- Topics without a date belong to the school year, too.
    and (day_on is null or day_on between $school_year_from and $school_year_to)
  group by org_id
)
select
  units.org_id,
  organisation.short_title,
  coalesce(units.hours, cast(0 as decimal(17, 2))) as hours,
  units.planned_hours,
  cast(coalesce(units.hours, cast(0 as decimal(17, 2))) as double)
    / nullif(cast(units.planned_hours as double), 0) as hours_share,
  case
    when units.planned_hours > coalesce(units.hours, cast(0 as decimal(17, 2)))
      then units.planned_hours - coalesce(units.hours, cast(0 as decimal(17, 2)))
    else cast(0 as decimal(17, 2))
  end as behind_hours,
  units.remaining_hours,
  units.hours_year
from units
join stg_organisation as organisation on organisation.org_id = units.org_id
order by hours_share asc nulls last, short_title, org_id
