-- Purpose: Held hours against the plan to a day, for all institutions or one.
-- Title: Выполнение программ
-- Grain: one row
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int optional "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: short_title text "Учреждение"
-- Column: from_on date "С"
-- Column: to_on date "По"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_share share "Доля плана": hours / planned_hours
-- Column: behind_hours hours "Отставание": сумма положительных planned_hours - hours
-- Column: behind_courses count "Отстают программ"
-- Column: courses count "Программ"
-- Column: behind_organisations count "Отстают учреждений"
-- Column: organisations count "Учреждений"
-- Column: remaining_hours hours "Осталось по плану": часы плана после последнего дня до конца учебного года
-- Column: hours_year hours "Часов плана за год"
-- Column: forecast_hours hours "Прогноз на конец года": hours × hours_year / planned_hours
-- Column: forecast_share share "Прогноз выполнения": forecast_hours / hours_year

-- All institutions are compared by institution, one institution by course: whichever of the two
-- branches the question does not need is never read.
with units as (
  select
    org_id,
    cast(null as int) as course_id,
    sum(case when day_on between $from and $to then planned_hours end) as planned_hours,
    sum(case when day_on between $from and $to then hours end) as hours,
    sum(case when day_on > $to then planned_hours end) as remaining_hours,
    sum(planned_hours) as hours_year
  from plan_and_fact
  where grain = 'institution'
    and $org is null
    -- Topics without a date belong to the school year, too.
    and (day_on is null or day_on between $school_year_from and $school_year_to)
  group by org_id
  union all
  select
    org_id,
    course_id,
    sum(case when day_on between $from and $to then planned_hours end) as planned_hours,
    sum(case when day_on between $from and $to then hours end) as hours,
    sum(case when day_on > $to then planned_hours end) as remaining_hours,
    sum(planned_hours) as hours_year
  from plan_and_fact
  where grain = 'course'
    and org_id = $org
    -- Topics without a date belong to the school year, too.
    and (day_on is null or day_on between $school_year_from and $school_year_to)
  group by org_id, course_id
),
totals as (
  select
    sum(hours) as hours,
    sum(planned_hours) as planned_hours,
    sum(case when planned_hours > coalesce(hours, 0) then planned_hours - coalesce(hours, 0) end)
      as behind_hours,
    sum(case when planned_hours > coalesce(hours, 0) then 1 else 0 end) as behind_units,
    count(*) as units,
    sum(remaining_hours) as remaining_hours,
    sum(hours_year) as hours_year
  from units
),
named as (
  select max(short_title) as short_title from stg_organisation where org_id = $org
)
select
  named.short_title,
  $from as from_on,
  $to as to_on,
  hours,
  planned_hours,
  cast(hours as double) / nullif(cast(planned_hours as double), 0) as hours_share,
  behind_hours,
  case when $org is not null then behind_units end as behind_courses,
  case when $org is not null then units end as courses,
  case when $org is null then behind_units end as behind_organisations,
  case when $org is null then units end as organisations,
  remaining_hours,
  hours_year,
  cast(
    cast(hours as double) * cast(hours_year as double) / nullif(cast(planned_hours as double), 0)
    as decimal(17, 2)) as forecast_hours,
  cast(hours as double) / nullif(cast(planned_hours as double), 0) as forecast_share
from totals
cross join named
