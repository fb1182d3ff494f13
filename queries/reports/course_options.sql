-- Purpose: Courses of one institution to choose from.
-- Title: Программы
-- Grain: one row per course
-- Param: org int required "Учреждение"
-- Column: value id "Значение"
-- Column: label text "Подпись"
select
  course.course_id as value,
  case
    when starts_with(study_group.group_title, course.subject) then study_group.group_title
    else concat(course.subject, ', ', study_group.group_title)
  end as label
from stg_course as course
join stg_study_group as study_group
  on study_group.org_id = course.org_id and study_group.group_id = course.group_id
where course.org_id = $org
order by label, value
