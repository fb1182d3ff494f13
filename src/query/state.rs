//! DataFusion's own state: functions and rules without any way to reach a file by name.

use datafusion::execution::SessionStateDefaults;
use datafusion::execution::context::SessionState;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::combine_partial_final_agg::CombinePartialFinalAggregate;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::join_selection::JoinSelection;
use datafusion::physical_optimizer::limit_pushdown::LimitPushdown;
use datafusion::physical_optimizer::output_requirements::OutputRequirements;
use datafusion::physical_optimizer::projection_pushdown::ProjectionPushdown;
use datafusion::prelude::SessionConfig;
use std::sync::Arc;

/// Memory that all questions together may use for grouping, sorting and joining, bytes.
const MEMORY_LIMIT: usize = 512 * 1024 * 1024;
/// Footers and page indexes of Parquet files kept in memory, bytes.
const METADATA_CACHE: usize = 32 * 1024 * 1024;

/// One runtime for all sessions.
pub(crate) fn runtime() -> Result<Arc<RuntimeEnv>, datafusion::error::DataFusionError> {
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(MEMORY_LIMIT)))
        // Nothing spills: a question that needs more is refused, the disk stays the lake's.
        .with_disk_manager_builder(
            DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
        )
        .with_metadata_cache_limit(METADATA_CACHE)
        .build_arc()
}

/// State for plans that run on `partitions` threads. It has functions and rules; it has no table
/// factories, no file formats, no table functions and no catalog, so `COPY`, `CREATE EXTERNAL
/// TABLE` and the like have nothing to stand on even before they are refused.
pub(crate) fn session_state(runtime: Arc<RuntimeEnv>, partitions: usize) -> SessionState {
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .with_collect_statistics(false)
        .with_repartition_file_scans(partitions > 1)
        .with_parquet_page_index_pruning(true)
        .with_parquet_bloom_filter_pruning(false)
        .with_batch_size(8192);
    let options = config.options_mut();
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.parquet.schema_force_view_types = false;
    options.optimizer.max_passes = 2;
    options.optimizer.skip_failed_rules = false;
    options.explain.logical_plan_only = false;
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions());
    if partitions == 1 {
        builder.with_physical_optimizer_rules(short_rules()).build()
    } else {
        builder.build()
    }
}

/// What a plan over few rows needs to be right and quick. The full list has thirty rules; over a
/// few thousand rows they take longer than the rows.
fn short_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OutputRequirements::new_add_mode()),
        Arc::new(JoinSelection::new()),
        Arc::new(EnsureRequirements::new()),
        Arc::new(CombinePartialFinalAggregate::new()),
        Arc::new(ProjectionPushdown::new()),
        Arc::new(OutputRequirements::new_remove_mode()),
        Arc::new(LimitPushdown::new()),
    ]
}
