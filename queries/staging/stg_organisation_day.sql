-- Purpose: Roll-up of everything by institution and day.
-- Title: Учреждение за день
-- Grain: one row per institution and day
select
  org_id,
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
  delay_unknown,
  planned_hours,
  planned_lessons,
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
from organisation_day
