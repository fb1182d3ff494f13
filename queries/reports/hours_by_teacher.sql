-- Purpose: Worked hours of the teachers of one institution against their load.
-- Title: Часы по педагогам
-- Grain: one row per teacher with a load or a lesson in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Column: teacher_id id "Педагог №"
-- Column: teacher_name person "Педагог"
-- Column: position text "Должность"
-- Column: hours hours "Проведено часов"
-- Column: assigned_hours hours "Нагрузка за период": weekly_hours × учебных недель (дней с занятиями / рабочих дней в неделе)
-- Column: difference hours "Разница с нагрузкой": hours - assigned_hours
-- Column: assigned_share share "Доля нагрузки": hours / assigned_hours
-- Column: weekly_hours hours "Нагрузка в неделю"
-- Column: lessons count "Занятий"
-- Column: substituted_hours hours "Часов по замене"
-- Column: unrecorded_lessons count "Не отмечено занятий"
-- Column: no_topic_lessons count "Занятий без темы"
-- Column: late_lessons count "Внесено позже дня занятия"
-- Column: same_day_share share "Внесено в день занятия": delay_0 / delay_known
-- Sort: teacher_name, teacher_id
with worked as (
  select
    teacher_id,
    sum(lessons) as lessons,
    sum(hours) as hours,
    sum(substituted_hours) as substituted_hours,
    sum(unrecorded_lessons) as unrecorded_lessons,
    sum(no_topic_lessons) as no_topic_lessons,
    sum(late_lessons) as late_lessons,
    sum(delay_0) as delay_0,
    sum(delay_known) as delay_known
  from hours_measures
  where grain = 'teacher'
    and org_id = $org
    and held_on between $from and $to
  group by teacher_id
),
load as (
  select
    teacher_id,
    min(position) as position,
    sum(weekly_hours) as weekly_hours
  from stg_staff
  where org_id = $org
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
side_by_side as (
  select
    -- Lessons without any teacher stand in a row of their own.
    coalesce(worked.teacher_id, load.teacher_id, 0) as teacher_id,
    load.position,
    coalesce(worked.hours, cast(0 as decimal(17, 2))) as hours,
    cast(load.weekly_hours * weeks.weeks as decimal(17, 2)) as assigned_hours,
    load.weekly_hours,
    coalesce(worked.lessons, 0) as lessons,
    coalesce(worked.substituted_hours, cast(0 as decimal(17, 2))) as substituted_hours,
    coalesce(worked.unrecorded_lessons, 0) as unrecorded_lessons,
    coalesce(worked.no_topic_lessons, 0) as no_topic_lessons,
    coalesce(worked.late_lessons, 0) as late_lessons,
    cast(worked.delay_0 as double) / nullif(worked.delay_known, 0) as same_day_share
  from worked
  full join load on load.teacher_id = worked.teacher_id
  cross join weeks
)
select
  teacher_id,
  teacher_id as teacher_name,
  position,
  hours,
  assigned_hours,
  hours - assigned_hours as difference,
  cast(hours as double) / nullif(cast(assigned_hours as double), 0) as assigned_share,
  weekly_hours,
  lessons,
  substituted_hours,
  unrecorded_lessons,
  no_topic_lessons,
  late_lessons,
  same_day_share
from side_by_side
order by teacher_id
