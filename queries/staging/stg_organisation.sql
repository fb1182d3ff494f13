-- Purpose: Institutions as reports name them, with the offset of their clocks.
-- Title: Учреждения
-- Grain: one row per institution
select
  org_id,
  title,
  short_title,
  municipality,
  kind,
  regulation_id,
  cast(week_days as int) as week_days,
  -- Russian time zones keep one offset all year round.
  case time_zone
    when 'Europe/Kaliningrad' then 2
    when 'Europe/Samara' then 4
    when 'Europe/Saratov' then 4
    when 'Europe/Astrakhan' then 4
    when 'Europe/Ulyanovsk' then 4
    when 'Asia/Yekaterinburg' then 5
    when 'Asia/Omsk' then 6
    when 'Asia/Novosibirsk' then 7
    when 'Asia/Barnaul' then 7
    when 'Asia/Tomsk' then 7
    when 'Asia/Novokuznetsk' then 7
    when 'Asia/Krasnoyarsk' then 7
    when 'Asia/Irkutsk' then 8
    when 'Asia/Chita' then 9
    when 'Asia/Yakutsk' then 9
    when 'Asia/Vladivostok' then 10
    when 'Asia/Magadan' then 11
    when 'Asia/Sakhalin' then 11
    when 'Asia/Kamchatka' then 12
    when 'Asia/Anadyr' then 12
    else 3
  end as utc_hours
from organisation
