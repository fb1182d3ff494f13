-- Purpose: Attendance of a span of days against the span before, for all institutions or one.
-- Title: Посещаемость за период
-- Grain: one row
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int optional "Учреждение"
-- Param: previous_from date derived "Первый день предыдущего периода"
-- Param: previous_to date derived "Последний день предыдущего периода"
-- Column: short_title text "Учреждение"
-- Column: attendance_share share "Посещаемость": attended / counted
-- Column: share_low share "Нижняя граница": attended / due: все неотмеченные отсутствовали
-- Column: share_high share "Верхняя граница": (attended + unrecorded) / due: все неотмеченные присутствовали
-- Column: previous_share share "Посещаемость в предыдущем периоде"
-- Column: change points "Изменение к предыдущему периоду": attendance_share - previous_share
-- Column: previous_from_on date "Предыдущий период с"
-- Column: previous_to_on date "Предыдущий период по"
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: expected count "Должны быть"
-- Column: attended count "Были на занятии": present + late
-- Column: present count "Присутствовали"
-- Column: absent count "Отсутствовали"
-- Column: late count "Опоздали"
-- Column: exempt count "Освобождены"
-- Column: unrecorded count "Не отмечены"
-- Column: illness count "По болезни"
-- Column: excused count "По уважительной причине"
-- Column: unexcused count "Без уважительной причины"
-- Column: reason_unknown count "Причина не указана"
-- Column: absence_share share "Доля пропусков": absent / counted
-- Column: illness_share share "Доля пропусков по болезни": illness / counted
-- Column: unexcused_share share "Доля пропусков без уважительной причины": unexcused / counted
-- Column: lessons count "Занятий"
-- Column: unrecorded_lessons count "Не отмечено занятий"
with totals as (
  select
    sum(attended) as attended,
    sum(counted) as counted,
    sum(due) as due,
    sum(expected) as expected,
    sum(present) as present,
    sum(absent) as absent,
    sum(late) as late,
    sum(exempt) as exempt,
    sum(unrecorded) as unrecorded,
    sum(illness) as illness,
    sum(excused) as excused,
    sum(unexcused) as unexcused,
    sum(reason_unknown) as reason_unknown,
    sum(lessons) as lessons,
    sum(unrecorded_lessons) as unrecorded_lessons
  from attendance_measures
  where grain = 'institution'
    and ($org is null or org_id = $org)
    and held_on between $from and $to
),
previous as (
  select
    sum(attended) as previous_attended,
    sum(counted) as previous_counted
  from attendance_measures
  where grain = 'institution'
    and ($org is null or org_id = $org)
    and held_on between $previous_from and $previous_to
),
named as (
  select max(short_title) as short_title from stg_organisation where org_id = $org
)
select
  named.short_title,
  cast(attended as double) / nullif(counted, 0) as attendance_share,
  cast(attended as double) / nullif(due, 0) as share_low,
  cast(attended + unrecorded as double) / nullif(due, 0) as share_high,
  cast(previous_attended as double) / nullif(previous_counted, 0) as previous_share,
  cast(attended as double) / nullif(counted, 0)
    - cast(previous_attended as double) / nullif(previous_counted, 0) as change,
  $previous_from as previous_from_on,
  $previous_to as previous_to_on,
  counted,
  expected,
  attended,
  present,
  absent,
  late,
  exempt,
  unrecorded,
  illness,
  excused,
  unexcused,
  reason_unknown,
  cast(absent as double) / nullif(counted, 0) as absence_share,
  cast(illness as double) / nullif(counted, 0) as illness_share,
  cast(unexcused as double) / nullif(counted, 0) as unexcused_share,
  lessons,
  unrecorded_lessons
from totals
cross join previous
cross join named
