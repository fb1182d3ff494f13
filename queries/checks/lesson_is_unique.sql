-- Purpose: A lesson stands in the lake once.
-- Title: Занятие записано один раз
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: lesson_id id "Занятие №"
-- Column: rows count "Строк"
select org_id, lesson_id, count(*) as rows
from stg_lesson
group by org_id, lesson_id
having count(*) > 1
order by org_id, lesson_id
