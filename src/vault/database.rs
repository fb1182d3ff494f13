//! The database of the vault: one file, readable by its owner only.

use crate::VaultError;
use crate::names::NameCache;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Format of the database that this program writes; it refuses newer ones.
const FORMAT: i64 = 1;

const TABLES: &str = "
create table if not exists person (
    person_id integer primary key,
    org_id integer not null,
    kind text not null,
    name text not null
);
create table if not exists alias (
    org_id integer not null,
    kind text not null,
    alias text not null,
    person_id integer not null references person (person_id),
    primary key (org_id, kind, alias)
) without rowid;
create table if not exists person_merge (
    person_id integer primary key,
    into_id integer not null
);
create table if not exists revision (
    id integer primary key check (id = 1),
    number integer not null
);
insert or ignore into revision values (1, 0);
";

/// Names of persons. Clones share one connection pool and one cache.
#[derive(Clone)]
pub struct Vault {
    pub(crate) path: Arc<PathBuf>,
    pub(crate) pool: SqlitePool,
    pub(crate) cache: Arc<Mutex<NameCache>>,
}

/// Says where the vault is, never what is in it.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("path", &self.path).finish()
    }
}

impl Vault {
    /// Opens `dir/vault.sqlite`, creating it if there is none.
    pub async fn open(dir: &Path) -> Result<Vault, VaultError> {
        std::fs::create_dir_all(dir).map_err(|error| VaultError::io(dir, error))?;
        let path = dir.join("vault.sqlite");
        create_private(&path).map_err(|error| VaultError::io(&path, error))?;
        let wrap = |error| VaultError::database(&path, error);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // A name that is deleted leaves no trace in free pages.
            .pragma("secure_delete", "on")
            .busy_timeout(Duration::from_secs(60));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await
            .map_err(wrap)?;
        let found: i64 = sqlx::query_scalar("pragma user_version")
            .fetch_one(&pool)
            .await
            .map_err(wrap)?;
        if found > FORMAT {
            return Err(VaultError::NewerFormat {
                path,
                found,
                known: FORMAT,
            });
        }
        if found < FORMAT {
            let mut tx = pool.begin_with("begin immediate").await.map_err(wrap)?;
            sqlx::raw_sql(TABLES)
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
            sqlx::raw_sql("pragma user_version = 1")
                .execute(&mut *tx)
                .await
                .map_err(wrap)?;
            tx.commit().await.map_err(wrap)?;
            // The file's own name survives a power cut from here on.
            std::fs::File::open(dir)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| VaultError::io(dir, error))?;
        }
        Ok(Vault {
            path: Arc::new(path),
            pool,
            cache: Arc::default(),
        })
    }

    pub(crate) fn sql(&self, error: sqlx::Error) -> VaultError {
        VaultError::database(&self.path, error)
    }
}

/// Creates the file before SQLite does, so that nobody but its owner may read it.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}
