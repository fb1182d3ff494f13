//! SQL text to a logical plan: one reading statement over known names, nothing else.

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, TableReference, plan_err};
use datafusion::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, LogicalPlan, ScalarUDF, TableProviderFilterPushDown,
    TableSource, WindowUDF,
};
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Longest statement that is read; a plan is walked recursively, so its depth must be bounded.
const MOST_TOKENS: usize = 4_000;
/// Operators in a row make a deep tree: `1 + 1 + 1 + …`.
const MOST_OPERATORS: usize = 400;

/// A lake table in a plan that is not bound to any session yet.
pub(crate) struct TemplateTable {
    pub(crate) name: &'static str,
    pub(crate) schema: SchemaRef,
}

impl TableSource for TemplateTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // Scans use filters to skip files, row groups and pages; the rows are filtered above.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

/// A file of staging or marts: its plan is put in place of its name.
pub(crate) struct ViewTable {
    plan: LogicalPlan,
    schema: SchemaRef,
}

impl ViewTable {
    pub(crate) fn new(plan: LogicalPlan) -> ViewTable {
        ViewTable {
            schema: Arc::clone(plan.schema().inner()),
            plan,
        }
    }
}

impl TableSource for ViewTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn get_logical_plan(&'_ self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }
}

/// Names that SQL may use.
#[derive(Clone, Default)]
pub(crate) struct Names {
    pub(crate) tables: FxHashMap<String, Arc<dyn TableSource>>,
}

struct Context<'a> {
    state: &'a SessionState,
    names: &'a Names,
    /// While a staging file is planned, its own name means the lake table beneath it.
    lake_only: Option<&'a Names>,
}

impl ContextProvider for Context<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let TableReference::Bare { table } = &name else {
            return plan_err!(
                "table \"{name}\" not found: there are no schemas here, only bare names"
            );
        };
        let names = self.lake_only.unwrap_or(self.names);
        match names.tables.get(table.as_ref()) {
            Some(source) => Ok(Arc::clone(source)),
            None => {
                let mut known: Vec<&str> = names.tables.keys().map(String::as_str).collect();
                known.sort_unstable();
                plan_err!(
                    "table \"{table}\" not found; there are: {}",
                    known.join(", ")
                )
            }
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.state.scalar_functions().get(name).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _variable_names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.state
            .higher_order_functions()
            .keys()
            .cloned()
            .collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}

/// The one reading statement of `sql`, or why it is none.
pub(crate) fn parse(sql: &str) -> Result<Statement, ParseError> {
    let dialect = PostgreSqlDialect {};
    let tokens = Tokenizer::new(&dialect, sql)
        .tokenize()
        .map_err(|error| ParseError::Sql(error.to_string()))?;
    let operators = tokens
        .iter()
        .filter(|token| match token {
            Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::Eq
            | Token::Lt
            | Token::Gt
            | Token::StringConcat
            | Token::LParen => true,
            Token::Word(word) => matches!(
                word.value.to_ascii_lowercase().as_str(),
                "and" | "or" | "not" | "union" | "except" | "intersect" | "join"
            ),
            _ => false,
        })
        .count();
    if tokens.len() > MOST_TOKENS || operators > MOST_OPERATORS {
        return Err(ParseError::Refused(format!(
            "the statement has {} words and {operators} operators; at most {MOST_TOKENS} and {MOST_OPERATORS} are read",
            tokens.len()
        )));
    }
    let mut statements = DFParser::parse_sql_with_dialect(sql, &dialect)
        .map_err(|error| ParseError::Sql(plain(&error)))?;
    let (Some(statement), None) = (statements.pop_front(), statements.pop_front()) else {
        return Err(ParseError::Refused(
            "exactly one statement is read at a time".to_owned(),
        ));
    };
    match &statement {
        Statement::Statement(inner) if matches!(inner.as_ref(), ast::Statement::Query(_)) => {
            Ok(statement)
        }
        _ => Err(ParseError::Refused(
            "only a statement that reads (select, with … select) is run here".to_owned(),
        )),
    }
}

/// Why a text is no statement that may run.
#[derive(Debug)]
pub(crate) enum ParseError {
    Refused(String),
    Sql(String),
}

/// A plan over `names`; parameters stay placeholders.
pub(crate) fn plan(
    state: &SessionState,
    names: &Names,
    lake_only: Option<&Names>,
    statement: Statement,
) -> Result<LogicalPlan> {
    let context = Context {
        state,
        names,
        lake_only,
    };
    let options = ParserOptions {
        map_string_types_to_utf8view: false,
        // Problems tell line and column.
        collect_spans: true,
        ..ParserOptions::default()
    };
    SqlToRel::new_with_options(&context, options).statement_to_plan(statement)
}

/// The text of an error without DataFusion's own wrapping.
pub(crate) fn plain(error: &DataFusionError) -> String {
    let text = error.find_root().strip_backtrace();
    let text = text
        .strip_prefix("Error during planning: ")
        .or_else(|| text.strip_prefix("Schema error: "))
        .or_else(|| text.strip_prefix("SQL error: "))
        .unwrap_or(&text);
    let text = text.split("\nbacktrace").next().unwrap_or(text);
    let text = text
        .trim()
        .replace(".\n", "; ")
        .replace("?\n", "? ")
        .replace('\n', ", ");
    ["ParserError(\"", "TokenizerError(\""]
        .iter()
        .find_map(|wrapping| text.strip_prefix(wrapping)?.strip_suffix("\")"))
        .map_or(text.clone(), str::to_owned)
}
