-- Purpose: Worked and planned hours week by week in the school year that holds a day.
-- Title: Часы по неделям учебного года
-- Grain: one row per week
-- Param: to date required "День учебного года"
-- Param: org int optional "Учреждение"
-- Column: week_on date "Неделя с"
-- Column: hours hours "Проведено часов"
-- Column: planned_hours hours "Часов по плану"
-- Column: lessons count "Занятий"
-- Column: substituted_hours hours "Часов по замене"
select
  week_on,
  sum(hours) as hours,
  sum(planned_hours) as planned_hours,
  sum(lessons) as lessons,
  sum(substituted_hours) as substituted_hours
from hours_measures
where grain = 'institution'
  and ($org is null or org_id = $org)
  -- The school year that $to lies in, from 1 September.
  and held_on >= make_date(cast(extract(year from $to) as int) - case when extract(month from $to) >= 9 then 0 else 1 end, 9, 1)
  and held_on < make_date(cast(extract(year from $to) as int) + case when extract(month from $to) >= 9 then 1 else 0 end, 9, 1)
group by week_on
order by week_on
