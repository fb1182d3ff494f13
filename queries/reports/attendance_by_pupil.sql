-- Purpose: Attendance of the pupils of one group.
-- Title: Посещаемость обучающихся группы
-- Grain: one row per pupil with lessons in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: group int required "Группа"
-- Column: pupil_id id "Обучающийся №"
-- Column: pupil_name person "Обучающийся"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: illness count "По болезни"
-- Column: excused count "По уважительной причине"
-- Column: unexcused count "Без уважительной причины"
-- Column: reason_unknown count "Причина не указана"
-- Column: late count "Опоздали"
-- Column: exempt count "Освобождены"
-- Column: unrecorded count "Не отмечены"
-- Column: days_missed count "Пропущено дней полностью": дни, в которые пропущены все занятия
-- Sort: pupil_name, pupil_id
with days as (
  select
    pupil_id,
    held_on,
    count(*) as expected,
    sum(case when status in ('present', 'late') then 1 else 0 end) as attended,
    sum(case when status = 'absent' then 1 else 0 end) as absent,
    sum(case when status = 'late' then 1 else 0 end) as late,
    sum(case when status = 'exempt' then 1 else 0 end) as exempt,
    sum(case when status = 'unrecorded' then 1 else 0 end) as unrecorded,
    sum(case when status = 'absent' and reason = 'illness' then 1 else 0 end) as illness,
    sum(case when status = 'absent' and reason = 'excused' then 1 else 0 end) as excused,
    sum(case when status = 'absent' and reason = 'unexcused' then 1 else 0 end) as unexcused,
    sum(case when status = 'absent' and coalesce(reason, 'unknown') = 'unknown' then 1 else 0 end)
      as reason_unknown
  from stg_attendance
  where org_id = $org
    and group_id = $group
    and held_on between $from and $to
  group by pupil_id, held_on
)
select
  pupil_id,
  pupil_id as pupil_name,
  cast(sum(attended) as double) / nullif(sum(expected - exempt - unrecorded), 0) as attendance_share,
  sum(expected - exempt - unrecorded) as counted,
  sum(absent) as absent,
  sum(illness) as illness,
  sum(excused) as excused,
  sum(unexcused) as unexcused,
  sum(reason_unknown) as reason_unknown,
  sum(late) as late,
  sum(exempt) as exempt,
  sum(unrecorded) as unrecorded,
  sum(case when absent = expected then 1 else 0 end) as days_missed
from days
group by pupil_id
order by pupil_id
