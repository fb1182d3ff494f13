-- Purpose: Marks of attendance of single pupils.
-- Title: Отметки посещаемости
-- Grain: one row per pupil expected at a held lesson
select
  org_id,
  lesson_id,
  pupil_id,
  group_id,
  course_id,
  held_on,
  month,
  status,
  reason,
  raw,
  import_id,
  sheet_no,
  row_no,
  col_no
from attendance
