-- Purpose: Institutions to choose from.
-- Title: Учреждения
-- Grain: one row per institution
-- Column: value id "Значение"
-- Column: label text "Подпись"
select org_id as value, short_title as label
from stg_organisation
order by label, value
