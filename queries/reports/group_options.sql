-- Purpose: Groups of one institution to choose from.
-- Title: Группы
-- Grain: one row per group
-- Param: org int required "Учреждение"
-- Column: value id "Значение"
-- Column: label text "Подпись"
select group_id as value, group_title as label
from stg_study_group
where org_id = $org
order by parallel nulls last, label, value
