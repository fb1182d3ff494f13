-- Purpose: Attendance by subject of one institution, the lowest first.
-- Title: Посещаемость по предметам
-- Grain: one row per subject with lessons in the span
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Column: subject text "Предмет"
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
  course.subject,
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
join stg_course as course
  on course.org_id = measures.org_id and course.course_id = measures.course_id
where measures.grain = 'course'
  and measures.org_id = $org
  and measures.held_on between $from and $to
group by course.subject
order by attendance_share asc nulls last, subject
