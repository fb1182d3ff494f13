//! Where rows came from, written in the same transaction: slices, imports, findings, identities.

use crate::catalog::Inner;
use crate::commit::NewKeys;
use crate::record::{Record, Tx, insert};
use crate::records::Sequence;
use crate::{ImportRecord, ImportStatus, LakeError};
use serde_json::json;
use std::collections::BTreeMap;

impl Record<'_> {
    pub(crate) async fn insert_slices(
        &self,
        tx: &mut Tx,
        snapshot: i64,
    ) -> Result<(), sqlx::Error> {
        let slices = &self.commit.slices;
        let keys = slices
            .iter()
            .map(|slice| json!([slice.course_id, slice.month]))
            .collect::<Vec<_>>();
        insert(
            tx,
            "update svodka_slice set end_snapshot = (select max(snapshot_id) from ducklake_snapshot)
             from json_each(?) new
             where end_snapshot is null and course_id = new.value ->> 0
               and month = new.value ->> 1",
            keys,
        )
        .await?;
        let rows = slices
            .iter()
            .map(|slice| {
                json!([
                    slice.course_id,
                    slice.month,
                    slice.import_id,
                    slice.exported_at,
                    slice.engine,
                    slice.memo,
                    snapshot
                ])
            })
            .collect();
        insert(
            tx,
            "insert into svodka_slice
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, null
             from json_each(?)",
            rows,
        )
        .await
    }

    pub(crate) async fn insert_import(
        &self,
        tx: &mut Tx,
        snapshot: i64,
        import: &ImportRecord,
    ) -> Result<(), LakeError> {
        let wrap = |error| self.inner.sql(error);
        let earlier: Option<(i32, String)> =
            sqlx::query_as("select import_id, status from svodka_import where sha256 = ?")
                .bind(&import.sha256)
                .fetch_optional(&mut **tx)
                .await
                .map_err(wrap)?;
        if let Some((import_id, status)) = earlier {
            if status == ImportStatus::Loaded.as_str() {
                return Err(LakeError::AlreadyImported { import_id });
            }
            // Rejected bytes may be tried again; only the last try is remembered.
            for statement in [
                "delete from svodka_finding where import_id = ?",
                "delete from svodka_import where import_id = ?",
            ] {
                sqlx::query(statement)
                    .bind(import_id)
                    .execute(&mut **tx)
                    .await
                    .map_err(wrap)?;
            }
        }
        sqlx::query("insert into svodka_import values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(import.import_id)
            .bind(&import.sha256)
            .bind(&import.file_name)
            .bind(import.file_bytes)
            .bind(&import.engine)
            .bind(import.org_id)
            .bind(import.exported_at)
            .bind(import.imported_at)
            .bind(import.status.as_str())
            .bind(json!(import.rows).to_string())
            .bind(json!(import.sheets).to_string())
            .bind(snapshot)
            .execute(&mut **tx)
            .await
            .map_err(wrap)?;
        let findings = self
            .commit
            .findings
            .iter()
            .map(|finding| {
                json!([
                    import.import_id,
                    finding.severity.as_str(),
                    finding.code,
                    finding.sheet,
                    finding.cell,
                    finding.found,
                    finding.expected,
                    finding.hint
                ])
            })
            .collect();
        insert(
            tx,
            "insert into svodka_finding
             (import_id, severity, code, sheet, cell, found, expected, hint)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, value ->> 7
             from json_each(?)",
            findings,
        )
        .await
        .map_err(wrap)
    }
}

/// Numbers and identities that the writer gave out.
pub(crate) async fn insert_keys(
    inner: &Inner,
    tx: &mut Tx,
    sequences: &BTreeMap<Sequence, i64>,
    keys: &NewKeys,
) -> Result<(), LakeError> {
    let sequences = sequences
        .iter()
        .map(|(sequence, next)| json!([sequence.as_str(), next]))
        .collect();
    insert(
        tx,
        "insert into svodka_sequence select value ->> 0, value ->> 1 from json_each(?)
         where true on conflict (name) do update set next_id = excluded.next_id",
        sequences,
    )
    .await
    .map_err(|error| inner.sql(error))?;
    let keys = keys
        .iter()
        .map(|(kind, org_id, natural, id)| json!([kind.as_str(), org_id, natural, id]))
        .collect();
    insert(
        tx,
        "insert into svodka_key
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?)",
        keys,
    )
    .await
    .map_err(|error| inner.sql(error))
}
