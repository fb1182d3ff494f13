//! What can go wrong when a table is printed.
//!
//! | error | whose fault | who sees it |
//! |---|---|---|
//! | `TooManyRows`, `TooManyColumns`, `TooLongForPdf` | the question asked for too much | the reader, as it stands |
//! | `NoPdfEngine` | nobody's: the build was made without it | the reader, as it stands |
//! | `Workbook`, `Typesetting` | ours | the log |

use thiserror::Error;

/// A table that could not be printed.
#[derive(Debug, Error)]
pub enum PrintError {
    /// More rows than a worksheet can hold.
    #[error("{rows} rows do not fit into a worksheet of {most}; narrow the report or take csv")]
    TooManyRows {
        /// Rows of the table.
        rows: usize,
        /// Rows of a worksheet.
        most: usize,
    },
    /// More columns than can be printed.
    #[error("{columns} columns cannot be printed, the most is {most}; take csv")]
    TooManyColumns {
        /// Columns of the table.
        columns: usize,
        /// The most that can be printed.
        most: usize,
    },
    /// More cells than can be typeset in reasonable time and memory.
    #[error(
        "{cells} cells are too many for a pdf of at most {most}; narrow the report or take xlsx"
    )]
    TooLongForPdf {
        /// Cells of the table.
        cells: usize,
        /// The most that is typeset.
        most: usize,
    },
    /// The build lacks the feature `pdf`.
    #[error(
        "this build has no pdf engine; build with `cargo build --release --features pdf`, or take xlsx"
    )]
    NoPdfEngine,
    /// The workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The page could not be typeset.
    #[error("the pdf could not be typeset: {0}")]
    Typesetting(String),
}
