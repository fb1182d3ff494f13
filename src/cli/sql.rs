//! `svodka sql`: a question of one's own, reading only.

use crate::arguments::{SqlArguments, SqlFormat};
use crate::outcome::{CliError, Ending};
use crate::{output, stores};
use svodka_table::Meta;
use svodka_table::csv::CsvStyle;

/// Prints the answer.
pub async fn run(data: &std::path::Path, arguments: &SqlArguments) -> Result<Ending, CliError> {
    let (engine, _) = stores::engine(data).await?;
    let session = stores::session(&engine, arguments.as_of).await?;
    let file = arguments.output.as_deref();
    let mut bytes = Vec::new();
    if arguments.format == SqlFormat::Parquet {
        output::refuse_terminal("a Parquet file", file)?;
        bytes = session.sql_parquet(&arguments.sql).await?.to_vec();
    } else {
        let table = session.sql(&arguments.sql).await?;
        match arguments.format {
            SqlFormat::Csv => svodka_table::csv::write(&table, CsvStyle::API, &mut bytes)?,
            SqlFormat::Json => {
                let meta = Meta {
                    report: "sql".to_owned(),
                    snapshot_id: session.snapshot_id(),
                    data_as_of: session.data_as_of(),
                    ..Meta::default()
                };
                svodka_table::json::write(&table, &meta, &mut bytes)?;
            }
            SqlFormat::Table | SqlFormat::Parquet => svodka_table::text::write(&table, &mut bytes)?,
        }
    }
    output::write(&bytes, file)?;
    Ok(Ending::Done)
}
