-- Purpose: Attendance by day of the week.
-- Title: Посещаемость по дням недели
-- Grain: one row per day of the week with lessons
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int optional "Учреждение"
-- Column: weekday weekday "День недели"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: unrecorded count "Не отмечены"
select
  weekday,
  cast(sum(attended) as double) / nullif(sum(counted), 0) as attendance_share,
  cast(sum(attended) as double) / nullif(sum(due), 0) as share_low,
  cast(sum(attended) + sum(unrecorded) as double) / nullif(sum(due), 0) as share_high,
  sum(counted) as counted,
  sum(absent) as absent,
  sum(unrecorded) as unrecorded
from attendance_measures
where grain = 'institution'
  and ($org is null or org_id = $org)
  and held_on between $from and $to
group by weekday
having sum(expected) > 0
order by weekday
