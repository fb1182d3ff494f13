-- Purpose: Attendance week by week in the school year that holds a day.
-- Title: Посещаемость группы по неделям учебного года
-- Grain: one row per week
-- Param: to date required "День учебного года"
-- Param: org int required "Учреждение"
-- Param: group int required "Группа"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: week_on date "Неделя с"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: unrecorded count "Не отмечены"
select
  week_on,
  cast(sum(attended) as double) / nullif(sum(counted), 0) as attendance_share,
  cast(sum(attended) as double) / nullif(sum(due), 0) as share_low,
  cast(sum(attended) + sum(unrecorded) as double) / nullif(sum(due), 0) as share_high,
  sum(counted) as counted,
  sum(absent) as absent,
  sum(unrecorded) as unrecorded
from attendance_measures
where grain = 'course'
  and org_id = $org
  and group_id = $group
  and held_on between $school_year_from and $school_year_to
group by week_on
having sum(expected) > 0
order by week_on
