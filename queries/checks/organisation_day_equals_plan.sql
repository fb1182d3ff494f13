-- Purpose: Planned hours of the roll-up by institution equal the plan.
-- Title: План учреждения за день равен КТП
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: held_on date "Дата"
-- Column: rolled hours "В своде учреждения"
-- Column: counted hours "По КТП"
with days as (
  select org_id, planned_on as held_on, sum(hours) as hours
  from stg_plan_item
  where planned_on is not null
  group by org_id, planned_on
)
select
  coalesce(days.org_id, day.org_id) as org_id,
  coalesce(days.held_on, day.held_on) as held_on,
  coalesce(day.planned_hours, cast(0 as decimal(17, 2))) as rolled,
  coalesce(days.hours, cast(0 as decimal(17, 2))) as counted
from days
full join stg_organisation_day as day
  on day.org_id = days.org_id and day.held_on = days.held_on
where coalesce(days.hours, cast(0 as decimal(17, 2)))
  <> coalesce(day.planned_hours, cast(0 as decimal(17, 2)))
order by org_id, held_on
