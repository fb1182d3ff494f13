-- Purpose: Lessons; a teacher of 0 means that the export names none.
-- Title: Занятия
-- Grain: one row per planned or held lesson
select
  org_id,
  lesson_id,
  course_id,
  group_id,
  held_on,
  month,
  lesson_no,
  hours,
  topic,
  homework,
  nullif(main_teacher_id, 0) as main_teacher_id,
  nullif(taught_by_id, 0) as taught_by_id,
  status,
  recorded_at,
  import_id,
  sheet_no,
  row_no,
  col_no
from lesson
