-- Purpose: Posts of teachers.
-- Title: Ставки педагогов
-- Grain: one row per post of a teacher
select
  org_id,
  teacher_id,
  post_no,
  personnel_no,
  position,
  rate,
  weekly_hours,
  from_on,
  to_on
from staff
