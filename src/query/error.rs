//! What can go wrong with a question.
//!
//! | error | who sees its text | what they can do |
//! |---|---|---|
//! | `UnknownReport`, `Params` | the asker | ask for one that exists, correct the value |
//! | `Refused`, `Sql` | the writer of the SQL | write one reading statement; correct the place |
//! | `TooLarge` | the asker | narrow the question |
//! | `Lake`, `Vault` | the operator; the asker gets a request id | see the chain |
//! | `Engine` | the operator; the asker gets a request id | a fault of this program |
//! | `Scope` | the operator; the asker gets a request id | a plan that could read past the scope was stopped |

use crate::params::ParamError;
use svodka_lake::LakeError;

/// An error of a question. Texts hold no person's name.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("there is no report \"{name}\"{guess}")]
    UnknownReport { name: String, guess: String },
    #[error("{}", join(.0))]
    Params(Vec<ParamError>),
    #[error("refused: {reason}")]
    Refused { reason: String },
    #[error("{message}")]
    Sql { message: String },
    #[error("the question needs more memory than allowed; narrow the period or the institution")]
    TooLarge,
    #[error("the lake cannot be read")]
    Lake(#[from] LakeError),
    #[error("the vault cannot be read")]
    Vault(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("report \"{report}\" failed")]
    Engine {
        report: String,
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    #[error("a plan was stopped: {reason}")]
    Scope { reason: String },
}

impl QueryError {
    /// An error while answering `report`; memory limits are told apart.
    pub(crate) fn engine(report: &str, source: datafusion::error::DataFusionError) -> QueryError {
        if matches!(
            source.find_root(),
            datafusion::error::DataFusionError::ResourcesExhausted(_)
        ) {
            return QueryError::TooLarge;
        }
        QueryError::Engine {
            report: report.to_owned(),
            source: Box::new(source),
        }
    }
}

fn join(errors: &[ParamError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
