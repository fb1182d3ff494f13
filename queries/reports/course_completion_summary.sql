-- Purpose: Held hours of one course against its plan.
-- Title: Выполнение программы
-- Grain: one row per course
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: course int required "Журнальная страница"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: short_title text "Учреждение"
-- Column: course_title text "Программа"
-- Column: group_title text "Группа"
-- Column: teacher_name person "Педагог"
-- Column: from_on date "С"
-- Column: to_on date "По"
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
    and course_id = $course
    -- Topics without a date belong to the school year, too.
    and (day_on is null or day_on between $school_year_from and $school_year_to)
  group by course_id
)
select
  organisation.short_title,
  case
    when starts_with(study_group.group_title, course.subject) then study_group.group_title
    else concat(course.subject, ', ', study_group.group_title)
  end as course_title,
  study_group.group_title,
  course.main_teacher_id as teacher_name,
  $from as from_on,
  $to as to_on,
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
from stg_course as course
join stg_organisation as organisation on organisation.org_id = course.org_id
left join stg_study_group as study_group
  on study_group.org_id = course.org_id and study_group.group_id = course.group_id
left join units on units.course_id = course.course_id
where course.org_id = $org
  and course.course_id = $course
order by course.course_id
