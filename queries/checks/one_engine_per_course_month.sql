-- Purpose: A month of a course was read by one engine.
-- Title: Месяц журнальной страницы прочитан одним способом
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: course_id id "Журнальная страница №"
-- Column: month month "Месяц"
-- Column: engines count "Способов"
select lesson.org_id, lesson.course_id, lesson.month, count(distinct import.engine) as engines
from stg_lesson as lesson
join stg_import as import on import.import_id = lesson.import_id
group by lesson.org_id, lesson.course_id, lesson.month
having count(distinct import.engine) > 1
order by lesson.org_id, lesson.course_id, lesson.month
