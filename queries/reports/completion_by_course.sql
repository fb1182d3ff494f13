-- Purpose: Held hours against the plan by course of one institution, the furthest behind first.
-- Title: Выполнение по программам
-- Grain: one row per course with a plan or lessons in the school year
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: course_id id "Журнальная страница №"
-- Column: course_title text "Программа"
-- Column: teacher_name person "Педагог"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_share share "Доля плана": hours / planned_hours
-- Column: behind_hours hours "Отставание": сумма положительных planned_hours - hours
-- Column: remaining_hours hours "Осталось по плану": часы плана после последнего дня до конца учебного года
-- Column: hours_year hours "Часов плана за год"
-- Column: forecast_hours hours "Прогноз на конец года": hours × hours_year / planned_hours
with units as (
  select
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
  group by course_id
)
select
  units.course_id,
  case
    when starts_with(study_group.group_title, course.subject) then study_group.group_title
    else concat(course.subject, ', ', study_group.group_title)
  end as course_title,
  course.main_teacher_id as teacher_name,
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
  units.hours_year,
  cast(
    cast(units.hours as double) * cast(units.hours_year as double)
      / nullif(cast(units.planned_hours as double), 0)
    as decimal(17, 2)) as forecast_hours
from units
join stg_course as course on course.org_id = $org and course.course_id = units.course_id
left join stg_study_group as study_group
  on study_group.org_id = $org and study_group.group_id = course.group_id
order by hours_share asc nulls last, course_title, course_id
