//! svodka-chart
