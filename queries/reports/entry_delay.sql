-- Purpose: How long after the lesson it was entered.
-- Title: Задержка записи
-- Grain: one row per step of delay
-- Param: from date required "Первый день"
-- Param: to date required "Последний день"
-- Param: org int optional "Учреждение"
-- Column: step id "Шаг №"
-- Column: delay text "Когда внесено"
-- Column: lessons count "Занятий"
with totals as (
  select
    sum(delay_0) as delay_0,
    sum(delay_1) as delay_1,
    sum(delay_2) as delay_2,
    sum(delay_3) as delay_3,
    sum(delay_more) as delay_more,
    sum(delay_unknown) as delay_unknown
  from hours_measures
  where grain = 'institution'
    and ($org is null or org_id = $org)
    and held_on between $from and $to
),
steps as (
  select *
  from (values
    (0, 'в тот же день'),
    (1, 'через день'),
    (2, 'через 2 дня'),
    (3, 'через 3 дня'),
    (4, 'позже'),
    (5, 'неизвестно')
  ) as step_names (step, delay)
)
select
  steps.step,
  steps.delay,
  coalesce(
    case steps.step
      when 0 then totals.delay_0
      when 1 then totals.delay_1
      when 2 then totals.delay_2
      when 3 then totals.delay_3
      when 4 then totals.delay_more
      else totals.delay_unknown
    end, 0) as lessons
from steps
cross join totals
order by steps.step
