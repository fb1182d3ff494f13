-- Purpose: Classes, circles and quantums.
-- Title: Группы
-- Grain: one row per study group
select
  org_id,
  group_id,
  title as group_title,
  kind as group_kind,
  parallel,
  school_year
from study_group
