-- Purpose: Attendance by institution, the lowest first.
-- Title: Посещаемость по учреждениям
-- Grain: one row per institution with lessons in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Column: org_id id "Учреждение №"
-- Column: short_title text "Учреждение"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absent count "Отсутствовали"
-- Column: illness count "По болезни"
-- Column: unexcused count "Без уважительной причины"
-- Column: late count "Опоздали"
-- Column: unrecorded count "Не отмечены"
-- Column: unrecorded_lessons count "Не отмечено занятий"
-- Column: lessons count "Занятий"
select
  measures.org_id,
  organisation.short_title,
  cast(sum(attended) as double) / nullif(sum(counted), 0) as attendance_share,
  cast(sum(attended) as double) / nullif(sum(due), 0) as share_low,
  cast(sum(attended) + sum(unrecorded) as double) / nullif(sum(due), 0) as share_high,
  sum(counted) as counted,
  sum(absent) as absent,
  sum(illness) as illness,
  sum(unexcused) as unexcused,
  sum(late) as late,
  sum(unrecorded) as unrecorded,
  sum(measures.unrecorded_lessons) as unrecorded_lessons,
  sum(measures.lessons) as lessons
from attendance_measures as measures
join stg_organisation as organisation on organisation.org_id = measures.org_id
where measures.grain = 'institution'
  and measures.held_on between $from and $to
group by measures.org_id, organisation.short_title
order by attendance_share asc nulls last, short_title, org_id
