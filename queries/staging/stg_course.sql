-- Purpose: Journal pages with the teacher the load is assigned to.
-- Title: Журнальные страницы
-- Grain: one row per course
select
  org_id,
  course_id,
  group_id,
  programme_id,
  subject,
  nullif(main_teacher_id, 0) as main_teacher_id,
  hours_planned
from course
