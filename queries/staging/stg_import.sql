-- Purpose: Imports: which file brought a row.
-- Title: Загрузки
-- Grain: one row per import
select
  import_id,
  org_id,
  file_name,
  engine,
  exported_at,
  imported_at
from import
