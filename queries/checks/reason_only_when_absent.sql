-- Purpose: Only an absence has a reason.
-- Title: Причина бывает только у пропуска
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: status text "Статус"
-- Column: reason text "Причина"
-- Column: marks count "Отметок"
select org_id, status, reason, count(*) as marks
from stg_attendance
where reason is not null and status <> 'absent'
group by org_id, status, reason
order by org_id, status, reason
