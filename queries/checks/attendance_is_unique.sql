-- Purpose: A pupil has one mark of attendance at a lesson.
-- Title: Один обучающийся — одна отметка на занятии
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: lesson_id id "Занятие №"
-- Column: pupil_id id "Обучающийся №"
-- Column: marks count "Отметок"
select org_id, lesson_id, pupil_id, count(*) as marks
from stg_attendance
group by org_id, lesson_id, pupil_id
having count(*) > 1
order by org_id, lesson_id, pupil_id
