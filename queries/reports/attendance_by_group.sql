-- Purpose: Attendance by group of one institution, the lowest first.
-- Title: Посещаемость по группам
-- Grain: one row per group with lessons in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Column: group_id id "Группа №"
-- Column: group_title text "Группа"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: illness count "По болезни"
-- Column: unexcused count "Без уважительной причины"
-- Column: late count "Опоздали"
-- Column: unrecorded count "Не отмечены"
select
  measures.group_id,
  study_group.group_title,
  cast(sum(attended) as double) / nullif(sum(counted), 0) as attendance_share,
  cast(sum(attended) as double) / nullif(sum(due), 0) as share_low,
  cast(sum(attended) + sum(unrecorded) as double) / nullif(sum(due), 0) as share_high,
  sum(counted) as counted,
  sum(absent) as absent,
  sum(illness) as illness,
  sum(unexcused) as unexcused,
  sum(late) as late,
  sum(unrecorded) as unrecorded
from attendance_measures as measures
join stg_study_group as study_group
  on study_group.org_id = measures.org_id and study_group.group_id = measures.group_id
where measures.grain = 'course'
  and measures.org_id = $org
  and measures.held_on between $from and $to
group by measures.group_id, study_group.group_title
order by attendance_share asc nulls last, group_title, group_id
