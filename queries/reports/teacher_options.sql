-- Purpose: Teachers of one institution to choose from.
-- Title: Педагоги
-- Grain: one row per teacher
-- Param: org int required "Учреждение"
-- Column: value id "Значение"
-- Column: label person "Педагог"
-- Sort: label, value
with known as (
  select teacher_id from stg_staff where org_id = $org
  union
  select main_teacher_id as teacher_id from stg_course where org_id = $org
)
select teacher_id as value, teacher_id as label
from known
where teacher_id is not null and teacher_id <> 0
order by value
