-- Purpose: Roll-up of lessons by teacher, course and day; no teacher where the export names none.
-- Title: Занятия педагога за день
-- Grain: one row per teacher, course and day
select
  org_id,
  nullif(teacher_id, 0) as teacher_id,
  group_id,
  course_id,
  held_on,
  month,
  weekday,
  lessons,
  hours,
  substituted_lessons,
  substituted_hours,
  unrecorded_lessons,
  cancelled_lessons,
  no_topic_lessons,
  delay_0,
  delay_1,
  delay_2,
  delay_3,
  delay_more,
  delay_unknown
from lesson_day
