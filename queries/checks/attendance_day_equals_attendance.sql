-- Purpose: The roll-up by course and day equals the marks it sums.
-- Title: Свод за день равен отметкам
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: course_id id "Журнальная страница №"
-- Column: held_on date "Дата"
-- Column: rolled count "В своде"
-- Column: counted count "По отметкам"
with marks as (
  select
    org_id,
    course_id,
    held_on,
    count(*) as expected,
    sum(case when status = 'present' then 1 else 0 end) as present,
    sum(case when status = 'absent' then 1 else 0 end) as absent,
    sum(case when status = 'late' then 1 else 0 end) as late,
    sum(case when status = 'exempt' then 1 else 0 end) as exempt,
    sum(case when status = 'unrecorded' then 1 else 0 end) as unrecorded,
    sum(case when status = 'absent' and reason = 'illness' then 1 else 0 end) as illness,
    sum(case when status = 'absent' and reason = 'excused' then 1 else 0 end) as excused,
    sum(case when status = 'absent' and reason = 'unexcused' then 1 else 0 end) as unexcused
  from stg_attendance
  group by org_id, course_id, held_on
)
select
  coalesce(marks.org_id, day.org_id) as org_id,
  coalesce(marks.course_id, day.course_id) as course_id,
  coalesce(marks.held_on, day.held_on) as held_on,
  coalesce(day.expected, 0) as rolled,
  coalesce(marks.expected, 0) as counted
from marks
full join stg_attendance_day as day
  on day.org_id = marks.org_id and day.course_id = marks.course_id and day.held_on = marks.held_on
where coalesce(marks.expected, 0) <> coalesce(day.expected, 0)
  or coalesce(marks.present, 0) <> coalesce(day.present, 0)
  or coalesce(marks.absent, 0) <> coalesce(day.absent, 0)
  or coalesce(marks.late, 0) <> coalesce(day.late, 0)
  or coalesce(marks.exempt, 0) <> coalesce(day.exempt, 0)
  or coalesce(marks.unrecorded, 0) <> coalesce(day.unrecorded, 0)
  or coalesce(marks.illness, 0) <> coalesce(day.illness, 0)
  or coalesce(marks.excused, 0) <> coalesce(day.excused, 0)
  or coalesce(marks.unexcused, 0) <> coalesce(day.unexcused, 0)
order by org_id, course_id, held_on
