//! What a command line needs to draw a bar per file.

/// Called from the reading and the loading side; implementations must be cheap.
pub trait Progress: Sync {
    /// A file of that size begins to be read.
    fn file_started(&self, file: &str, bytes: u64);
    /// That many bytes of the file are behind us.
    fn bytes_done(&self, file: &str, bytes: u64);
    /// The file is loaded, unchanged or rejected.
    fn file_done(&self, file: &str, status: crate::ImportStatus);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn file_started(&self, _file: &str, _bytes: u64) {}
    fn bytes_done(&self, _file: &str, _bytes: u64) {}
    fn file_done(&self, _file: &str, _status: crate::ImportStatus) {}
}
