//! L2: result tables as workbooks and as PDF. The only crate that knows XLSX and typst.
//!
//! Owns: the look of downloads and prints: number formats, widths, print setup, stamps.
//! Must not know: SQL, HTTP, files, the clock. The same table and [`svodka_table::Meta`] give the
//! same bytes, so that a re-run report is identical.
//! Texts stay texts: a cell that looks like a formula is never one, and nothing a person typed is
//! read as typst markup.
//! When a unit is added to `table`: `xlsx.rs` needs its number format.

mod error;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(not(feature = "pdf"))]
#[path = "pdf_absent.rs"]
pub mod pdf;
pub mod xlsx;

pub use error::PrintError;

/// Whether this program was built with its PDF engine (cargo feature `pdf`).
pub const HAS_PDF: bool = cfg!(feature = "pdf");
