-- Purpose: Absences by reason, month by month in the school year that holds a day.
-- Title: Причины пропусков по месяцам учебного года
-- Grain: one row per month
-- Param: to date required "День учебного года"
-- Param: org int optional "Учреждение"
-- Param: school_year_from date derived "Начало учебного года"
-- Param: school_year_to date derived "Конец учебного года"
-- Column: month month "Месяц"
-- Column: illness count "По болезни"
-- Column: excused count "По уважительной причине"
-- Column: unexcused count "Без уважительной причины"
-- Column: reason_unknown count "Причина не указана"
-- Column: absent count "Отсутствовали"
-- Column: counted count "Отметок в расчёте": expected - exempt - unrecorded
-- Column: absence_share share "Доля пропусков": absent / counted
select
  month,
  sum(illness) as illness,
  sum(excused) as excused,
  sum(unexcused) as unexcused,
  sum(reason_unknown) as reason_unknown,
  sum(absent) as absent,
  sum(counted) as counted,
  cast(sum(absent) as double) / nullif(sum(counted), 0) as absence_share
from attendance_measures
where grain = 'institution'
  and ($org is null or org_id = $org)
  and held_on between $school_year_from and $school_year_to
group by month
having sum(expected) > 0
order by month
