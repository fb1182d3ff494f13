-- Purpose: What worked hours mean, once for all reports.
-- Title: Часы: слагаемые
-- Grain: one row per institution and day (grain 'institution'), one per teacher, course and day (grain 'teacher'); a report takes one grain
-- Method: Часы — проведённые и восполненные занятия по правилу часов учреждения.
--   Занятие засчитывается тому, кто его провёл; если замены нет, — основному педагогу журнальной страницы.
--   Замена — занятие провёл не основной педагог. Отменённые занятия в часы не входят.
--   «Внесено позже» — запись сделана не в день занятия; занятия без времени записи в расчёт не входят.
-- Column: grain text "Подробность": institution or teacher
-- Column: org_id id "Учреждение №"
-- Column: teacher_id id "Педагог №"
-- Column: group_id id "Группа №"
-- Column: course_id id "Журнальная страница №"
-- Column: held_on date "Дата"
-- Column: month month "Месяц"
-- Column: week_on date "Неделя с"
-- Column: weekday weekday "День недели"
-- Column: lessons count "Проведено занятий"
-- Column: hours hours "Проведено часов"
-- Column: substituted_lessons count "Занятий по замене"
-- Column: substituted_hours hours "Часов по замене"
-- Column: unrecorded_lessons count "Не отмечено занятий"
-- Column: cancelled_lessons count "Отменено занятий"
-- Column: no_topic_lessons count "Без темы"
-- Column: delay_0 count "Внесено в тот же день"
-- Column: delay_1 count "Через день"
-- Column: delay_2 count "Через два дня"
-- Column: delay_3 count "Через три дня"
-- Column: delay_more count "Позже трёх дней"
-- Column: delay_unknown count "Время записи неизвестно"
-- Column: late_lessons count "Внесено позже дня занятия": delay_1 + delay_2 + delay_3 + delay_more
-- Column: delay_known count "Занятий с известным временем записи": delay_0 + late_lessons
-- Column: planned_lessons count "Занятий по плану": only in grain institution
-- Column: planned_hours hours "Часов по плану": only in grain institution
with every_grain as (
  select
    'institution' as grain, org_id, cast(null as bigint) as teacher_id,
    cast(null as int) as group_id, cast(null as int) as course_id, held_on, month, weekday,
    lessons, hours, substituted_lessons, substituted_hours, unrecorded_lessons,
    cancelled_lessons, no_topic_lessons,
    delay_0, delay_1, delay_2, delay_3, delay_more, delay_unknown,
    planned_lessons, planned_hours
  from stg_organisation_day
  union all
  select
    'teacher' as grain, day.org_id, coalesce(day.teacher_id, course.main_teacher_id) as teacher_id,
    day.group_id, day.course_id, day.held_on, day.month, day.weekday,
    day.lessons, day.hours, day.substituted_lessons, day.substituted_hours, day.unrecorded_lessons,
    day.cancelled_lessons, day.no_topic_lessons,
    day.delay_0, day.delay_1, day.delay_2, day.delay_3, day.delay_more, day.delay_unknown,
    cast(null as int) as planned_lessons, cast(null as decimal(7, 2)) as planned_hours
  from stg_lesson_day as day
  left join stg_course as course
    on course.org_id = day.org_id and course.course_id = day.course_id
)
select
  grain,
  org_id,
  teacher_id,
  group_id,
  course_id,
  held_on,
  month,
  cast(cast(held_on as int) - cast(weekday as int) + 1 as date) as week_on,
  weekday,
  lessons,
  hours,
  substituted_lessons,
  substituted_hours,
  unrecorded_lessons,
  cancelled_lessons,
  no_topic_lessons,
  delay_0,
  delay_1,
  delay_2,
  delay_3,
  delay_more,
  delay_unknown,
  delay_1 + delay_2 + delay_3 + delay_more as late_lessons,
  delay_0 + delay_1 + delay_2 + delay_3 + delay_more as delay_known,
  planned_lessons,
  planned_hours
from every_grain
