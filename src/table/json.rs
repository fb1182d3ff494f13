//! Tables as one JSON document for programs.
//!
//! Shares stay 0 to 1, days are `YYYY-MM-DD`, instants RFC 3339 in UTC, missing values `null`.
//! Quirk: whole numbers beyond ±(2^53 − 1) are written as strings, because readers that keep
//! numbers as doubles would change their last digits.

use crate::csv::{decimal_text, iso_timestamp};
use crate::{Meta, Table, Value};
use std::io::{self, Write};

const LARGEST_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// Writes `{"report","title","snapshot_id","as_of","parameters","columns","rows"}`.
pub fn write(table: &Table, meta: &Meta, out: &mut impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"{\"report\":")?;
    write_string(&mut out, &meta.report)?;
    out.write_all(b",\"title\":")?;
    write_string(&mut out, &meta.title)?;
    write!(out, ",\"snapshot_id\":{},\"as_of\":", meta.snapshot_id)?;
    match meta.data_as_of {
        Some(micros) => write_string(&mut out, &iso_timestamp(micros))?,
        None => out.write_all(b"null")?,
    }
    out.write_all(b",\"parameters\":{")?;
    for (place, (name, text)) in meta.parameters.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        write_string(&mut out, name)?;
        out.write_all(b":")?;
        write_string(&mut out, text)?;
    }
    out.write_all(b"},\"columns\":")?;
    serde_json::to_writer(&mut out, &table.columns)?;
    out.write_all(b",\"rows\":[")?;
    // Names repeat in every row: escape each once.
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| serde_json::to_string(&column.name))
        .collect::<Result<_, _>>()?;
    for (row_no, row) in table.rows.iter().enumerate() {
        out.write_all(if row_no > 0 { b",\n{" } else { b"\n{" })?;
        for (place, (name, value)) in names.iter().zip(row).enumerate() {
            if place > 0 {
                out.write_all(b",")?;
            }
            out.write_all(name.as_bytes())?;
            out.write_all(b":")?;
            write_value(&mut out, value)?;
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"]}\n")?;
    out.flush()
}

fn write_value(out: &mut impl Write, value: &Value) -> io::Result<()> {
    if value.is_null() {
        return out.write_all(b"null");
    }
    match value {
        Value::Null => out.write_all(b"null"),
        Value::Text(text) => write_string(out, text),
        Value::Int(number) if number.unsigned_abs() > LARGEST_EXACT_INTEGER => {
            write!(out, "\"{number}\"")
        }
        Value::Int(number) => write!(out, "{number}"),
        Value::Decimal { units, scale } => out.write_all(decimal_text(*units, *scale).as_bytes()),
        Value::Float(number) => {
            serde_json::to_writer(out, number)?;
            Ok(())
        }
        Value::Bool(flag) => write!(out, "{flag}"),
        Value::Date(day) => write!(out, "\"{day}\""),
        Value::Timestamp(micros) => write_string(out, &iso_timestamp(*micros)),
    }
}

fn write_string(out: &mut impl Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text)?;
    Ok(())
}
