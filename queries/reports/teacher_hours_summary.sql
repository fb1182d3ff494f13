-- Purpose: Worked hours of one teacher against the load.
-- Title: Часы педагога за период
-- Grain: one row
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: teacher int required "Педагог"
-- Column: short_title text "Учреждение"
-- Column: teacher_name person "Педагог"
-- Column: lessons count "Занятий"
-- Column: hours hours "Проведено часов"
-- Column: substituted_lessons count "Занятий по замене"
-- Column: substituted_hours hours "Часов по замене"
-- Column: substituted_share share "Доля замен": substituted_hours / hours
-- Column: cancelled_lessons count "Отменено занятий"
-- Column: unrecorded_lessons count "Не отмечено занятий"
-- Column: no_topic_lessons count "Занятий без темы"
-- Column: late_lessons count "Внесено позже дня занятия"
-- Column: delay_known count "Занятий с известным временем записи"
-- Column: same_day_share share "Внесено в день занятия": delay_0 / delay_known
-- Column: weekly_hours hours "Нагрузка в неделю"
-- Column: assigned_hours hours "Нагрузка за период": weekly_hours × учебных недель (дней с занятиями / рабочих дней в неделе)
with totals as (
  select
    sum(lessons) as lessons,
    sum(hours) as hours,
    sum(substituted_lessons) as substituted_lessons,
    sum(substituted_hours) as substituted_hours,
    cast(sum(substituted_hours) as double) / nullif(cast(sum(hours) as double), 0) as substituted_share,
    sum(cancelled_lessons) as cancelled_lessons,
    sum(unrecorded_lessons) as unrecorded_lessons,
    sum(no_topic_lessons) as no_topic_lessons,
    sum(late_lessons) as late_lessons,
    sum(delay_known) as delay_known,
    cast(sum(delay_0) as double) / nullif(sum(delay_known), 0) as same_day_share
  from hours_measures
  where grain = 'teacher'
    and org_id = $org
    and teacher_id = $teacher
    and held_on between $from and $to
),
load as (
  select
    teacher_id,
    min(position) as position,
    sum(weekly_hours) as weekly_hours
  from stg_staff
  where org_id = $org
    and teacher_id = $teacher
    and (from_on is null or from_on <= $to)
    and (to_on is null or to_on >= $from)
  group by teacher_id
),
-- Weeks of teaching: holidays are no load.
weeks as (
  select
    cast(count(case when day.lessons > 0 then 1 end) as decimal(10, 4))
      / cast(max(organisation.week_days) as decimal(10, 4)) as weeks
  from stg_organisation_day as day
  join stg_organisation as organisation on organisation.org_id = day.org_id
  where day.org_id = $org
    and day.held_on between $from and $to
),
assigned as (
  select sum(weekly_hours) as weekly_hours from load
),
named as (
  select max(short_title) as short_title from stg_organisation where org_id = $org
)
select
  named.short_title,
  $teacher as teacher_name,
  totals.*,
  assigned.weekly_hours,
  cast(assigned.weekly_hours * weeks.weeks as decimal(17, 2)) as assigned_hours
from totals
cross join assigned
cross join weeks
cross join named
