-- Purpose: Roll-up of attendance by course and day.
-- Title: Посещаемость журнальной страницы за день
-- Grain: one row per course and day
select
  org_id,
  group_id,
  course_id,
  held_on,
  month,
  weekday,
  expected,
  present,
  absent,
  late,
  exempt,
  unrecorded,
  excused,
  unexcused,
  illness,
  reason_unknown
from attendance_day
