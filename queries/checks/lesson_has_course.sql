-- Purpose: Every lesson belongs to a course and a group that are known.
-- Title: У каждого занятия есть журнальная страница и группа
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: course_id id "Журнальная страница №"
-- Column: group_id id "Группа №"
-- Column: lessons count "Занятий"
select lesson.org_id, lesson.course_id, lesson.group_id, count(*) as lessons
from stg_lesson as lesson
left join stg_course as course
  on course.org_id = lesson.org_id and course.course_id = lesson.course_id
left join stg_study_group as study_group
  on study_group.org_id = lesson.org_id and study_group.group_id = lesson.group_id
where course.course_id is null or study_group.group_id is null or course.group_id <> lesson.group_id
group by lesson.org_id, lesson.course_id, lesson.group_id
order by lesson.org_id, lesson.course_id, lesson.group_id
