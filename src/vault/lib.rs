//! svodka-vault
