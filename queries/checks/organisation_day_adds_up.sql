-- Purpose: Expected is the sum of the states, and absent the sum of the reasons, in every row of stg_organisation_day.
-- Title: Состояния складываются в «должны быть» за день учреждения
-- Grain: one row per violation
-- Column: org_id id "Учреждение №"
-- Column: held_on date "Дата"
-- Column: expected count "Должны быть"
-- Column: states count "Сумма состояний"
-- Column: absent count "Отсутствовали"
-- Column: reasons count "Сумма причин"
select *
from (
  select
    org_id, held_on,
    expected,
    present + absent + late + exempt + unrecorded as states,
    absent,
    excused + unexcused + illness + reason_unknown as reasons
  from stg_organisation_day
) as sums
where expected <> states or absent <> reasons
order by org_id, held_on
