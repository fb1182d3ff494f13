//! svodka-table
