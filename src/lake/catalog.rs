//! Opening a lake: the place, SQLite, the catalog's format and its tables.

use crate::snapshot::SnapshotCache;
use crate::store::sync_folder;
use crate::{LakeError, place, schema, stats};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use svodka_journal::contract::TABLES;

/// Format of the catalog's own tables that this program writes; it refuses newer ones.
pub const CATALOG_FORMAT: i64 = 1;

/// Version of the DuckLake specification that the catalog follows.
const DUCKLAKE_VERSION: &str = "1.0";

/// The oldest SQLite without the bug that corrupts a database while its log is reset.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// What a process may do with a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Creates the lake if there is none.
    ReadWrite,
    ReadOnly,
}

/// An open lake. Clones share one catalog connection pool and one cache.
#[derive(Debug, Clone)]
pub struct Lake {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub dir: PathBuf,
    pub catalog_path: PathBuf,
    pub access: Access,
    /// The clock: microseconds in UTC.
    pub now: fn() -> i64,
    pub pool: SqlitePool,
    /// DuckLake's id of each table, in the order of the contract; none for a table that an older
    /// program did not know and that nobody has written since.
    pub table_ids: Vec<Option<i64>>,
    pub cache: Mutex<SnapshotCache>,
    pub write_mutex: Arc<tokio::sync::Mutex<()>>,
}

impl Lake {
    /// Opens the lake in `dir`; `now` is the clock, microseconds in UTC.
    pub async fn open(dir: &Path, access: Access, now: fn() -> i64) -> Result<Lake, LakeError> {
        let catalog_path = dir.join("catalog.sqlite");
        if access == Access::ReadWrite {
            std::fs::create_dir_all(dir).map_err(|error| LakeError::io(dir, error))?;
        } else if !catalog_path.is_file() {
            return Err(LakeError::NoLake {
                path: dir.to_owned(),
            });
        }
        let dir = dir
            .canonicalize()
            .map_err(|error| LakeError::io(dir, error))?;
        refuse_network_file_system(&dir)?;
        let catalog_path = dir.join("catalog.sqlite");
        let wrap = |source| LakeError::catalog(&catalog_path, source);

        let pool = connect(&catalog_path, access).await.map_err(wrap)?;
        let version: String = sqlx::query_scalar("select sqlite_version()")
            .fetch_one(&pool)
            .await
            .map_err(wrap)?;
        check_sqlite_version(&version)?;
        if access == Access::ReadWrite {
            create_folders(&dir)?;
            create(&pool, &dir, &catalog_path, now()).await?;
        }
        let table_ids = check_catalog(&pool, &dir, &catalog_path).await?;
        Ok(Lake {
            inner: Arc::new(Inner {
                dir,
                catalog_path,
                access,
                now,
                pool,
                table_ids,
                cache: Mutex::default(),
                write_mutex: Arc::default(),
            }),
        })
    }

    /// The data directory, absolute.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }
}

impl Inner {
    pub(crate) fn sql(&self, source: sqlx::Error) -> LakeError {
        LakeError::catalog(&self.catalog_path, source)
    }
}

/// Whether this SQLite is free of the bug that corrupts catalogs; the error says what to do.
pub fn check_sqlite_version(version: &str) -> Result<(), LakeError> {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let found: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    if found < OLDEST_SQLITE {
        return Err(LakeError::OldSqlite {
            found: version.to_owned(),
        });
    }
    Ok(())
}

fn refuse_network_file_system(dir: &Path) -> Result<(), LakeError> {
    // Systems without this file (macOS, Windows) are not checked.
    let Ok(mountinfo) = std::fs::read_to_string("/proc/self/mountinfo") else {
        return Ok(());
    };
    match place::network_file_system(&mountinfo, dir) {
        Some(kind) => Err(LakeError::NetworkFileSystem {
            path: dir.to_owned(),
            kind,
        }),
        None => Ok(()),
    }
}

/// Creates the folders of the tables, and makes them durable: files are synced into them later.
fn create_folders(dir: &Path) -> Result<(), LakeError> {
    let files = dir.join("files");
    let missing: Vec<PathBuf> = TABLES
        .iter()
        .map(|table| files.join(table.name))
        .filter(|folder| !folder.is_dir())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for folder in &missing {
        std::fs::create_dir_all(folder).map_err(|error| LakeError::io(folder, error))?;
    }
    let above = dir.parent().unwrap_or(dir);
    for folder in [files.as_path(), dir, above] {
        sync_folder(folder).map_err(|error| LakeError::io(folder, error))?;
    }
    Ok(())
}

async fn connect(path: &Path, access: Access) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(60));
    let options = match access {
        Access::ReadWrite => options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full),
        Access::ReadOnly => options.read_only(true),
    };
    SqlitePoolOptions::new()
        .max_connections(4)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
}

/// Creates what the catalog lacks: everything, or tables that the contract gained.
async fn create(pool: &SqlitePool, dir: &Path, path: &Path, now: i64) -> Result<(), LakeError> {
    let wrap = |source| LakeError::catalog(path, source);
    let data_path = format!("{}/", dir.join("files").display());
    if is_created(pool).await.map_err(wrap)? {
        let missing = missing_tables(pool).await.map_err(wrap)?;
        let stored: Option<String> =
            sqlx::query_scalar("select value from ducklake_metadata where key = 'data_path'")
                .fetch_optional(pool)
                .await
                .map_err(wrap)?;
        // DuckDB wants an absolute path; a lake that was moved tells its new place here.
        if missing.is_empty() && stored.as_deref() == Some(data_path.as_str()) {
            return Ok(());
        }
        // A newer catalog is refused before anything is written to it.
        check_format(pool, path).await?;
    }
    let mut tx = pool.begin_with("begin immediate").await.map_err(wrap)?;
    if !is_created(&mut *tx).await.map_err(wrap)? {
        create_empty(&mut tx, now).await.map_err(wrap)?;
    }
    sqlx::query("delete from ducklake_metadata where key = 'data_path'")
        .execute(&mut *tx)
        .await
        .map_err(wrap)?;
    sqlx::query("insert into ducklake_metadata (key, value) values ('data_path', ?)")
        .bind(&data_path)
        .execute(&mut *tx)
        .await
        .map_err(wrap)?;
    let missing = missing_tables(&mut *tx).await.map_err(wrap)?;
    if !missing.is_empty() {
        add_tables(&mut tx, &missing, now).await.map_err(wrap)?;
    }
    tx.commit().await.map_err(wrap)
}

async fn is_created(executor: impl sqlx::SqliteExecutor<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select count(*) > 0 from sqlite_master where name = 'svodka_format'")
        .fetch_one(executor)
        .await
}

/// Positions in the contract of the tables that the catalog does not hold.
async fn missing_tables(
    executor: impl sqlx::SqliteExecutor<'_>,
) -> Result<Vec<usize>, sqlx::Error> {
    let known: Vec<String> =
        sqlx::query_scalar("select table_name from ducklake_table where end_snapshot is null")
            .fetch_all(executor)
            .await?;
    Ok((0..TABLES.len())
        .filter(|&at| !known.iter().any(|name| name == TABLES[at].name))
        .collect())
}

type Tx = sqlx::Transaction<'static, sqlx::Sqlite>;

async fn create_empty(tx: &mut Tx, now: i64) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(include_str!("catalog.sql"))
        .execute(&mut **tx)
        .await?;
    sqlx::query("insert into svodka_format values (?)")
        .bind(CATALOG_FORMAT)
        .execute(&mut **tx)
        .await?;
    for (key, value) in [
        ("version", DUCKLAKE_VERSION.to_owned()),
        (
            "created_by",
            format!("svodka {}", env!("CARGO_PKG_VERSION")),
        ),
        ("encrypted", "false".to_owned()),
        ("data_inlining_row_limit", "0".to_owned()),
    ] {
        sqlx::query("insert into ducklake_metadata (key, value) values (?, ?)")
            .bind(key)
            .bind(value)
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query("insert into ducklake_schema values (0, ?, 0, null, 'main', '', 1)")
        .bind(uuid())
        .execute(&mut **tx)
        .await?;
    insert_snapshot(tx, 0, now, 0, 1, "created_schema:\"main\"").await
}

async fn add_tables(tx: &mut Tx, missing: &[usize], now: i64) -> Result<(), sqlx::Error> {
    let (last, schema_version, mut catalog_id): (i64, i64, i64) = sqlx::query_as(
        "select snapshot_id, schema_version, next_catalog_id from ducklake_snapshot
         order by snapshot_id desc limit 1",
    )
    .fetch_one(&mut **tx)
    .await?;
    let (snapshot, schema_version) = (last + 1, schema_version + 1);
    let mut changes = Vec::new();
    for &at in missing {
        let table = &TABLES[at];
        sqlx::query("insert into ducklake_table values (?, ?, ?, null, 0, ?, ?, 1)")
            .bind(catalog_id)
            .bind(uuid())
            .bind(snapshot)
            .bind(table.name)
            .bind(format!("{}/", table.name))
            .execute(&mut **tx)
            .await?;
        for (position, column) in table.columns.iter().enumerate() {
            sqlx::query(
                "insert into ducklake_column values
                 (?, ?, null, ?, ?, ?, ?, null, 'NULL', ?, null, 'literal', 'duckdb')",
            )
            .bind(schema::column_id(position))
            .bind(snapshot)
            .bind(catalog_id)
            .bind(schema::column_id(position))
            .bind(column.name)
            .bind(schema::ducklake_type(column.kind))
            .bind(i64::from(column.is_nullable))
            .execute(&mut **tx)
            .await?;
        }
        sqlx::query("insert into ducklake_table_stats values (?, 0, 0, 0)")
            .bind(catalog_id)
            .execute(&mut **tx)
            .await?;
        sqlx::query("insert into ducklake_schema_versions values (?, ?, ?)")
            .bind(snapshot)
            .bind(schema_version)
            .bind(catalog_id)
            .execute(&mut **tx)
            .await?;
        changes.push(format!("created_table:\"main\".\"{}\"", table.name));
        catalog_id += 1;
    }
    insert_snapshot(
        tx,
        snapshot,
        now,
        schema_version,
        catalog_id,
        &changes.join(","),
    )
    .await
}

async fn insert_snapshot(
    tx: &mut Tx,
    snapshot: i64,
    now: i64,
    schema_version: i64,
    next_catalog_id: i64,
    changes: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into ducklake_snapshot
         select ?1, ?2, ?3, ?4, coalesce((select max(next_file_id) from ducklake_snapshot), 0)",
    )
    .bind(snapshot)
    .bind(stats::instant_text(now))
    .bind(schema_version)
    .bind(next_catalog_id)
    .execute(&mut **tx)
    .await?;
    sqlx::query("insert into ducklake_snapshot_changes (snapshot_id, changes_made) values (?, ?)")
        .bind(snapshot)
        .bind(changes)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "insert into svodka_snapshot (snapshot_id, at_us, data_as_of)
         select ?1, ?2, (select max(data_as_of) from svodka_snapshot)",
    )
    .bind(snapshot)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn check_format(pool: &SqlitePool, path: &Path) -> Result<(), LakeError> {
    let wrap = |source| LakeError::catalog(path, source);
    if !is_created(pool).await.map_err(wrap)? {
        return Err(LakeError::Foreign {
            path: path.to_owned(),
            reason: "this catalog was not made by svodka".to_owned(),
        });
    }
    let format: i64 = sqlx::query_scalar("select max(format) from svodka_format")
        .fetch_one(pool)
        .await
        .map_err(wrap)?;
    if format > CATALOG_FORMAT {
        return Err(LakeError::NewerFormat {
            path: path.to_owned(),
            found: format,
            known: CATALOG_FORMAT,
        });
    }
    let version: String =
        sqlx::query_scalar("select value from ducklake_metadata where key = 'version'")
            .fetch_one(pool)
            .await
            .map_err(wrap)?;
    if version != DUCKLAKE_VERSION {
        return Err(LakeError::Foreign {
            path: path.to_owned(),
            reason: format!(
                "the catalog follows DuckLake {version}, svodka follows {DUCKLAKE_VERSION}"
            ),
        });
    }
    Ok(())
}

/// Checks format and columns; returns DuckLake's id of each table of the contract.
async fn check_catalog(
    pool: &SqlitePool,
    dir: &Path,
    path: &Path,
) -> Result<Vec<Option<i64>>, LakeError> {
    check_format(pool, path).await?;
    let rows: Vec<(String, i64, String, String)> = sqlx::query_as(
        "select t.table_name, t.table_id, c.column_name, c.column_type
         from ducklake_table t join ducklake_column c using (table_id)
         where t.end_snapshot is null and c.end_snapshot is null
         order by t.table_id, c.column_order",
    )
    .fetch_all(pool)
    .await
    .map_err(|source| LakeError::catalog(path, source))?;
    let mut ids = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let stored: Vec<_> = rows.iter().filter(|row| row.0 == table.name).collect();
        ids.push(stored.first().map(|row| row.1));
        let expected = table
            .columns
            .iter()
            .map(|column| (column.name, schema::ducklake_type(column.kind)));
        let differs = |difference: String| LakeError::OtherContract {
            path: dir.to_owned(),
            table: table.name.to_owned(),
            difference,
        };
        if stored.is_empty() {
            continue;
        }
        if stored.len() != table.columns.len() {
            return Err(differs(format!(
                "{} columns instead of {}",
                stored.len(),
                table.columns.len()
            )));
        }
        for (row, (name, kind)) in stored.iter().zip(expected) {
            if row.2 != name || row.3 != kind {
                return Err(differs(format!(
                    "column {} {} instead of {name} {kind}",
                    row.2, row.3
                )));
            }
        }
    }
    Ok(ids)
}

/// A random identifier in the shape DuckLake expects (UUID version 4).
fn uuid() -> String {
    let bits = (rand::random::<u128>() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}
