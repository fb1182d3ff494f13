-- Purpose: Worked hours of one teacher day by day in the school year that holds a day.
-- Title: Часы педагога по дням учебного года
-- Grain: one row per day with lessons
-- Param: to date required "День учебного года"
-- Param: org int required "Учреждение"
-- Param: teacher int required "Педагог"
-- Column: held_on date "Дата"
-- Column: hours hours "Проведено часов"
-- Column: lessons count "Занятий"
-- Column: substituted_hours hours "Часов по замене"
select
  held_on,
  sum(hours) as hours,
  sum(lessons) as lessons,
  sum(substituted_hours) as substituted_hours
from hours_measures
where grain = 'teacher'
  and org_id = $org
  and teacher_id = $teacher
  -- The school year that $to lies in, from 1 September.
  and held_on >= make_date(cast(extract(year from $to) as int) - case when extract(month from $to) >= 9 then 0 else 1 end, 9, 1)
  and held_on < make_date(cast(extract(year from $to) as int) + case when extract(month from $to) >= 9 then 1 else 0 end, 9, 1)
group by held_on
having sum(lessons) > 0
order by held_on
