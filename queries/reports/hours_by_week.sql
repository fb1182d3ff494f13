-- Purpose: Worked and planned hours week by week in the school year that holds a day.
-- Title: Часы по неделям учебного года
-- Grain: one row per week
-- Param: to date required "День учебного года"
-- Param: org int optional "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: week_on date "Неделя с"
-- Column: hours hours "Проведено": пусто для недель без занятий после выбранного дня
-- Column: planned_hours hours "По плану"
-- Column: lessons count "Занятий"
-- Column: substituted_hours hours "Часов по замене"
select
  week_on,
  -- Weeks to come are no weeks without work.
  case when week_on <= $to or sum(lessons) > 0 then sum(hours) end as hours,
  sum(planned_hours) as planned_hours,
  sum(lessons) as lessons,
  sum(substituted_hours) as substituted_hours
from hours_measures
where grain = 'institution'
  and ($org is null or org_id = $org)
  and held_on between $school_year_from and $school_year_to
group by week_on
order by week_on
