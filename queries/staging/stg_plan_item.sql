-- Purpose: Topics of the plan (КТП).
-- Title: Темы КТП
-- Grain: one row per planned topic
select
  org_id,
  course_id,
  group_id,
  seq,
  planned_on,
  month,
  hours,
  topic
from plan_item
