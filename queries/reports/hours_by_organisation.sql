-- Purpose: Worked hours by institution, the furthest below the plan first.
-- Title: Часы по учреждениям
-- Grain: one row per institution with days in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Column: org_id id "Учреждение №"
-- Column: short_title text "Учреждение"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: hours_share share "Доля плана": hours / planned_hours
-- Column: lessons count "Занятий"
-- Column: substituted_hours hours "Часов по замене"
-- Column: substituted_share share "Доля замен": substituted_hours / hours
-- Column: cancelled_lessons count "Отменено занятий"
-- Column: no_topic_lessons count "Занятий без темы"
-- Column: late_lessons count "Внесено позже дня занятия"
-- Column: same_day_share share "Внесено в день занятия": delay_0 / delay_known
select
  measures.org_id,
  organisation.short_title,
  sum(measures.hours) as hours,
  sum(measures.planned_hours) as planned_hours,
  cast(sum(measures.hours) as double) / nullif(cast(sum(measures.planned_hours) as double), 0) as hours_share,
  sum(measures.lessons) as lessons,
  sum(measures.substituted_hours) as substituted_hours,
  cast(sum(measures.substituted_hours) as double) / nullif(cast(sum(measures.hours) as double), 0)
    as substituted_share,
  sum(measures.cancelled_lessons) as cancelled_lessons,
  sum(measures.no_topic_lessons) as no_topic_lessons,
  sum(measures.late_lessons) as late_lessons,
  cast(sum(measures.delay_0) as double) / nullif(sum(measures.delay_known), 0) as same_day_share
from hours_measures as measures
join stg_organisation as organisation on organisation.org_id = measures.org_id
where measures.grain = 'institution'
  and measures.held_on between $from and $to
group by measures.org_id, organisation.short_title
order by hours_share asc nulls last, short_title, org_id
