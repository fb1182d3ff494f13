-- Purpose: Sheets of imported workbooks, or files of a bundle.
-- Title: Листы загрузок
-- Grain: one row per sheet of an import
select
  import_id,
  org_id,
  sheet_no,
  title as sheet_title
from import_sheet
