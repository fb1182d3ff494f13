-- Purpose: Worked hours of a span of days, for all institutions or one.
-- Title: Часы за период
-- Grain: one row
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int optional "Учреждение"
-- Column: short_title text "Учреждение"
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
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_share share "Доля плана": hours / planned_hours
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
    cast(sum(delay_0) as double) / nullif(sum(delay_known), 0) as same_day_share,
    sum(planned_hours) as planned_hours,
    cast(sum(hours) as double) / nullif(cast(sum(planned_hours) as double), 0) as hours_share
  from hours_measures
  where grain = 'institution'
    and ($org is null or org_id = $org)
    and held_on between $from and $to
),
named as (
  select max(short_title) as short_title from stg_organisation where org_id = $org
)
select named.short_title, totals.*
from totals
cross join named
