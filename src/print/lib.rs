//! svodka-print
