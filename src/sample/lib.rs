//! svodka-sample
