-- Purpose: The roll-up by institution equals the roll-up by course.
-- Title: Свод учреждения равен своду журнальных страниц
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: held_on date "Дата"
-- Column: rolled count "В своде учреждения"
-- Column: counted count "По журнальным страницам"
with days as (
  select
    org_id,
    held_on,
    sum(expected) as expected,
    sum(present) as present,
    sum(absent) as absent,
    sum(late) as late,
    sum(exempt) as exempt,
    sum(unrecorded) as unrecorded
  from stg_attendance_day
  group by org_id, held_on
)
select
  coalesce(days.org_id, day.org_id) as org_id,
  coalesce(days.held_on, day.held_on) as held_on,
  coalesce(day.expected, 0) as rolled,
  coalesce(days.expected, 0) as counted
from days
full join stg_organisation_day as day
  on day.org_id = days.org_id and day.held_on = days.held_on
where coalesce(days.expected, 0) <> coalesce(day.expected, 0)
  or coalesce(days.present, 0) <> coalesce(day.present, 0)
  or coalesce(days.absent, 0) <> coalesce(day.absent, 0)
  or coalesce(days.late, 0) <> coalesce(day.late, 0)
  or coalesce(days.exempt, 0) <> coalesce(day.exempt, 0)
  or coalesce(days.unrecorded, 0) <> coalesce(day.unrecorded, 0)
order by org_id, held_on
