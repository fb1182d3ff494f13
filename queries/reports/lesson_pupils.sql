-- Purpose: Pupils of one lesson with what was recorded and the cell it was read from.
-- Title: Обучающиеся на занятии
-- Grain: one row per pupil
-- Param: org int required "Учреждение"
-- Param: group int required "Группа"
-- Param: lesson int required "Занятие"
-- Column: pupil_id id "Обучающийся №"
-- Column: pupil_name person "Обучающийся"
-- Column: status text "Отметка"
-- Column: reason text "Причина"
-- Column: raw text "В ячейке"
-- Column: file_name source "Файл"
-- Column: sheet_title source "Лист"
-- Column: cell source "Ячейка"
-- Sort: pupil_name, pupil_id
select
  mark.pupil_id,
  mark.pupil_id as pupil_name,
  case mark.status
    when 'present' then 'присутствовал'
    when 'absent' then 'отсутствовал'
    when 'late' then 'опоздал'
    when 'exempt' then 'освобождён'
    when 'unrecorded' then 'не отмечен'
  end as status,
  case mark.reason
    when 'illness' then 'болезнь'
    when 'excused' then 'уважительная'
    when 'unexcused' then 'неуважительная'
    when 'unknown' then 'не указана'
  end as reason,
  mark.raw,
  import.file_name,
  sheet.sheet_title,
  -- The letters of a spreadsheet column: 1 is A, 27 is AA, 703 is AAA.
  case
    when mark.col_no <= 0 then concat('строка ', cast(mark.row_no as varchar))
    else concat(
      case when mark.col_no > 702 then chr(cast(64 + (mark.col_no - 703) / 676 + 1 as bigint)) else '' end,
      case when mark.col_no > 26 then chr(cast(65 + (mark.col_no - 27) / 26 % 26 as bigint)) else '' end,
      chr(cast(65 + (mark.col_no - 1) % 26 as bigint)),
      cast(mark.row_no as varchar))
  end as cell
from stg_attendance as mark
left join stg_import as import on import.import_id = mark.import_id
left join stg_import_sheet as sheet
  on sheet.import_id = mark.import_id and sheet.sheet_no = mark.sheet_no
where mark.org_id = $org
  and mark.group_id = $group
  and mark.lesson_id = $lesson
order by pupil_id
