-- Purpose: Every mark belongs to a lesson of the same course and day.
-- Title: У каждой отметки есть занятие
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: lesson_id id "Занятие №"
-- Column: marks count "Отметок"
select mark.org_id, mark.lesson_id, count(*) as marks
from stg_attendance as mark
left join stg_lesson as lesson
  on lesson.org_id = mark.org_id
  and lesson.lesson_id = mark.lesson_id
  and lesson.course_id = mark.course_id
  and lesson.held_on = mark.held_on
where lesson.lesson_id is null
group by mark.org_id, mark.lesson_id
order by mark.org_id, mark.lesson_id
