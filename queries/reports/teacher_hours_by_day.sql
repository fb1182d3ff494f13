-- Purpose: Worked hours of one teacher day by day in the school year that holds a day.
-- Title: Часы педагога по дням учебного года
-- Grain: one row per day with lessons
-- Param: to date required "День учебного года"
-- Param: org int required "Учреждение"
-- Param: teacher int required "Педагог"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
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
  and held_on between $school_year_from and $school_year_to
group by held_on
having sum(lessons) > 0
order by held_on
