//! What stands in for the PDF engine in a build without the feature `pdf`: typst is a third of a
//! cold build, and the demo does not need it.

use crate::PrintError;
use svodka_table::{Meta, Table};

/// Says how to get a build that can print.
pub fn write(_table: &Table, _meta: &Meta) -> Result<Vec<u8>, PrintError> {
    Err(PrintError::NoPdfEngine)
}
