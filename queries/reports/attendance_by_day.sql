-- Purpose: Attendance day by day in the school year that holds a day, for a calendar.
-- Title: Посещаемость по дням учебного года
-- Grain: one row per day with lessons
-- Param: to date required "День учебного года"
-- Param: org int optional "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: held_on date "Дата"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: unrecorded count "Не отмечены"
select
  held_on,
  cast(sum(attended) as double) / nullif(sum(counted), 0) as attendance_share,
  cast(sum(attended) as double) / nullif(sum(due), 0) as share_low,
  cast(sum(attended) + sum(unrecorded) as double) / nullif(sum(due), 0) as share_high,
  sum(counted) as counted,
  sum(absent) as absent,
  sum(unrecorded) as unrecorded
from attendance_measures
where grain = 'institution'
  and ($org is null or org_id = $org)
  and held_on between $school_year_from and $school_year_to
group by held_on
having sum(expected) > 0
order by held_on
