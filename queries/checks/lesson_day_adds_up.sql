-- Purpose: Held lessons are split by delay without rest; parts are never larger than the whole.
-- Title: Занятия за день делятся без остатка
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: course_id id "Журнальная страница №"
-- Column: held_on date "Дата"
-- Column: lessons count "Занятий"
-- Column: delays count "Сумма по задержкам"
select org_id, course_id, held_on, lessons, delays
from (
  select
    org_id,
    course_id,
    held_on,
    lessons,
    delay_0 + delay_1 + delay_2 + delay_3 + delay_more + delay_unknown as delays,
    substituted_lessons,
    unrecorded_lessons,
    no_topic_lessons
  from stg_lesson_day
) as sums
where lessons <> delays
  or substituted_lessons > lessons
  or unrecorded_lessons > lessons
  or no_topic_lessons > lessons
order by org_id, course_id, held_on
