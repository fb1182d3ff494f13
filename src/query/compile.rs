//! The catalog as plans: SQL is parsed and planned once, when the catalog changes.

use crate::bind::{Shape, inferred_types, shaped};
use crate::headers;
use crate::planner::{self, Names, ParseError, TemplateTable, ViewTable, plain};
use crate::records::Record;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use svodka_catalog::{Catalog, Folder, Problem, QueryFile};
use svodka_journal::contract::TABLES;

/// A catalog whose every file has a plan, or a problem.
pub(crate) struct Compiled {
    pub(crate) catalog: Arc<Catalog>,
    /// Reports and checks by name; parameters are placeholders, tables are templates.
    plans: FxHashMap<String, LogicalPlan>,
    /// Optimised plans by report and by which optional parameters are given.
    shaped: Mutex<FxHashMap<(String, Shape), Arc<Shaped>>>,
    /// What a free statement may name.
    pub(crate) names: Names,
    pub(crate) problems: Vec<Problem>,
}

/// An optimised plan and the types of the placeholders left in it.
pub(crate) struct Shaped {
    pub(crate) plan: LogicalPlan,
    pub(crate) types: BTreeMap<String, DataType>,
}

impl Compiled {
    pub(crate) fn new(state: &SessionState, catalog: Arc<Catalog>) -> Compiled {
        let mut lake_names = Names::default();
        for table in TABLES {
            lake_names.tables.insert(
                table.name.to_owned(),
                template(table.name, svodka_lake::arrow_schema(table)),
            );
        }
        for record in Record::ALL {
            lake_names.tables.insert(
                record.name().to_owned(),
                template(record.name(), record.schema()),
            );
        }
        let mut compiled = Compiled {
            names: lake_names.clone(),
            plans: FxHashMap::default(),
            shaped: Mutex::default(),
            problems: Vec::new(),
            catalog: Arc::clone(&catalog),
        };
        for file in catalog.staging.values() {
            compiled.add(state, file, Some(&lake_names));
        }
        for file in in_order(&catalog.marts, &mut compiled.problems) {
            compiled.add(state, file, None);
        }
        for file in catalog.reports.values().chain(catalog.checks.values()) {
            compiled.add(state, file, None);
        }
        compiled.problems.sort();
        compiled
    }

    /// The optimised plan of a report or a check for parameters of this shape; none if the file
    /// has problems. Worked out once: it depends neither on values nor on data.
    pub(crate) fn plan(
        &self,
        state: &SessionState,
        file: &QueryFile,
        shape: Shape,
    ) -> Result<Option<Arc<Shaped>>, DataFusionError> {
        let Some(template) = self.plans.get(&file.name) else {
            return Ok(None);
        };
        let key = (file.name.clone(), shape);
        if let Some(known) = self.known().get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let plan = shaped(template.clone(), file, shape)?;
        let plan = state.optimize(&plan)?;
        let plan = Arc::new(Shaped {
            types: inferred_types(&plan)?,
            plan,
        });
        self.known().insert(key, Arc::clone(&plan));
        Ok(Some(plan))
    }

    fn known(&self) -> MutexGuard<'_, FxHashMap<(String, Shape), Arc<Shaped>>> {
        // The map holds only whole plans, so a panic elsewhere cannot have left it half-written.
        self.shaped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&mut self, state: &SessionState, file: &QueryFile, lake_only: Option<&Names>) {
        let statement = match planner::parse(&file.text) {
            Ok(statement) => statement,
            Err(ParseError::Refused(message)) => {
                return self.problem(file, sql_line(file), 1, message);
            }
            Err(ParseError::Sql(message)) => {
                let (line, column) = place_in(&message).unwrap_or((sql_line(file), 1));
                let message = message.split(" at Line: ").next().unwrap_or(&message);
                return self.problem(file, line, column, message.to_owned());
            }
        };
        let plan = match planner::plan(state, &self.names, lake_only, statement) {
            Ok(plan) => plan,
            Err(error) => {
                let (line, column) = place_of(&error).unwrap_or((sql_line(file), 1));
                return self.problem(file, line, column, plain(&error));
            }
        };
        for (line, message) in headers::compare(state, file, &plan) {
            self.problem(file, line, 1, message);
        }
        match file.folder {
            Folder::Staging | Folder::Marts => {
                self.names
                    .tables
                    .insert(file.name.clone(), Arc::new(ViewTable::new(plan)));
            }
            Folder::Reports | Folder::Checks => {
                self.plans.insert(file.name.clone(), plan);
            }
        }
    }

    fn problem(&mut self, file: &QueryFile, line: u32, column: u32, message: String) {
        self.problems.push(Problem {
            file: file.path.clone(),
            line,
            column,
            message,
        });
    }
}

fn template(name: &'static str, schema: SchemaRef) -> Arc<dyn TableSource> {
    Arc::new(TemplateTable { name, schema })
}

/// Marts in the order in which they stand on each other; circles are problems.
fn in_order<'a>(
    marts: &'a BTreeMap<String, QueryFile>,
    problems: &mut Vec<Problem>,
) -> Vec<&'a QueryFile> {
    let mut ordered: Vec<&QueryFile> = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&QueryFile> = marts.values().collect();
    while !waiting.is_empty() {
        let (ready, blocked): (Vec<&QueryFile>, Vec<&QueryFile>) =
            waiting.iter().partition(|file| {
                file.words
                    .iter()
                    .filter(|word| **word != file.name && marts.contains_key(*word))
                    .all(|word| done.contains(word.as_str()))
            });
        if ready.is_empty() {
            for file in blocked {
                problems.push(Problem {
                    file: file.path.clone(),
                    line: sql_line(file),
                    column: 1,
                    message: "marts stand on each other in a circle".to_owned(),
                });
            }
            break;
        }
        done.extend(ready.iter().map(|file| file.name.as_str()));
        ordered.extend(ready);
        waiting = blocked;
    }
    ordered
}

/// The line where the SQL starts.
fn sql_line(file: &QueryFile) -> u32 {
    let header = file.text.len() - file.sql().len();
    let lines = file.text[..header].bytes().filter(|byte| *byte == b'\n');
    u32::try_from(lines.count()).map_or(1, |count| count + 1)
}

/// The place a diagnostic of the planner points to.
fn place_of(error: &DataFusionError) -> Option<(u32, u32)> {
    let mut found = None;
    let mut current: Option<&DataFusionError> = Some(error);
    while let Some(error) = current {
        match error {
            DataFusionError::Diagnostic(diagnostic, inner) => {
                if let Some(span) = diagnostic.span {
                    found = Some((
                        u32::try_from(span.start.line).ok()?,
                        u32::try_from(span.start.column).ok()?,
                    ));
                }
                current = Some(inner);
            }
            DataFusionError::Context(_, inner) => current = Some(inner),
            DataFusionError::Collection(errors) => current = errors.first(),
            _ => current = None,
        }
    }
    found
}

/// `… at Line: 12, Column: 7` of the parser's message.
fn place_in(message: &str) -> Option<(u32, u32)> {
    let (_, rest) = message.split_once("Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.trim().parse().ok()?, column.parse().ok()?))
}
