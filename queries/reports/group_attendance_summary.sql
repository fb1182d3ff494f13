-- Purpose: Attendance of one group for a span of days against the span before.
-- Title: Посещаемость группы за период
-- Grain: one row
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int required "Учреждение"
-- Param: group int required "Группа"
-- Column: short_title text "Учреждение"
-- Column: group_title text "Группа"
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
-- Column: pupils count "Обучающихся"
with bounds as (
  select
    -- Whole months are compared with as many months before, any other span with as many days.
    case
      when extract(day from $from) = 1 and extract(day from $to + interval '1 day') = 1
        then make_date(
          (cast(extract(year from $from) as int) * 12 + cast(extract(month from $from) as int) * 2 - 2
            - cast(extract(month from $to) as int)
            - (cast(extract(year from $to) as int) - cast(extract(year from $from) as int)) * 12) / 12,
          (cast(extract(year from $from) as int) * 12 + cast(extract(month from $from) as int) * 2 - 2
            - cast(extract(month from $to) as int)
            - (cast(extract(year from $to) as int) - cast(extract(year from $from) as int)) * 12) % 12 + 1,
          1)
      else cast(2 * cast($from as int) - cast($to as int) - 1 as date)
    end as previous_from_on,
    cast(cast($from as int) - 1 as date) as previous_to_on
),
totals as (
  select
    sum(case when held_on >= $from then attended end) as attended,
    sum(case when held_on >= $from then counted end) as counted,
    sum(case when held_on >= $from then due end) as due,
    sum(case when held_on >= $from then expected end) as expected,
    sum(case when held_on >= $from then present end) as present,
    sum(case when held_on >= $from then absent end) as absent,
    sum(case when held_on >= $from then late end) as late,
    sum(case when held_on >= $from then exempt end) as exempt,
    sum(case when held_on >= $from then unrecorded end) as unrecorded,
    sum(case when held_on >= $from then illness end) as illness,
    sum(case when held_on >= $from then excused end) as excused,
    sum(case when held_on >= $from then unexcused end) as unexcused,
    sum(case when held_on >= $from then reason_unknown end) as reason_unknown,
    sum(case when held_on >= $from then lessons end) as lessons,
    sum(case when held_on >= $from then unrecorded_lessons end) as unrecorded_lessons,
    sum(case when held_on >= bounds.previous_from_on and held_on <= bounds.previous_to_on then attended end)
      as previous_attended,
    sum(case when held_on >= bounds.previous_from_on and held_on <= bounds.previous_to_on then counted end)
      as previous_counted
  from attendance_measures
  cross join bounds
  where grain = 'course'
    and org_id = $org
    and group_id = $group
    and held_on <= $to
),
named as (
  select max(organisation.short_title) as short_title, max(study_group.group_title) as group_title
  from stg_study_group as study_group
  join stg_organisation as organisation on organisation.org_id = study_group.org_id
  where study_group.org_id = $org and study_group.group_id = $group
),
roll as (
  select count(distinct pupil_id) as pupils
  from stg_attendance
  where org_id = $org and group_id = $group and held_on between $from and $to
)
select
  named.short_title,
  named.group_title,
  cast(attended as double) / nullif(counted, 0) as attendance_share,
  cast(attended as double) / nullif(due, 0) as share_low,
  cast(attended + unrecorded as double) / nullif(due, 0) as share_high,
  cast(previous_attended as double) / nullif(previous_counted, 0) as previous_share,
  cast(attended as double) / nullif(counted, 0)
    - cast(previous_attended as double) / nullif(previous_counted, 0) as change,
  bounds.previous_from_on,
  bounds.previous_to_on,
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
  roll.pupils
from totals
cross join bounds
cross join named
cross join roll
