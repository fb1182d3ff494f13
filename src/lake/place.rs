//! Where a lake may live: not on a network file system.

use std::path::{Path, PathBuf};

/// File systems of other machines, as `/proc/self/mountinfo` names them.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "sshfs",
];

/// Programs behind `fuse.<name>` that reach over the network.
const NETWORK_FUSE: &[&str] = &[
    "ceph-fuse",
    "curlftpfs",
    "davfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "mfs",
    "moosefs",
    "rclone",
    "s3fs",
    "seaweedfs",
    "smbnetfs",
    "sshfs",
    "juicefs",
];

/// The type of the network file system that holds `path`, or none when it is local or unknown.
///
/// `mountinfo` is the text of `/proc/self/mountinfo`; `path` is absolute and free of links.
#[must_use]
pub fn network_file_system(mountinfo: &str, path: &Path) -> Option<String> {
    let mut deepest: Option<(usize, &str)> = None;
    for line in mountinfo.lines() {
        // 36 35 98:0 /root /mount/point options optional… - type source super-options
        let Some((before, after)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(mount_point), Some(kind)) = (before.split(' ').nth(4), after.split(' ').next())
        else {
            continue;
        };
        let mount_point = unescape(mount_point);
        if path.starts_with(&mount_point) {
            let depth = mount_point.components().count();
            // A later mount over the same point hides the earlier one.
            if deepest.is_none_or(|(known, _)| depth >= known) {
                deepest = Some((depth, kind));
            }
        }
    }
    let kind = deepest?.1;
    let is_network = NETWORK.contains(&kind)
        || kind
            .strip_prefix("fuse.")
            .is_some_and(|program| NETWORK_FUSE.contains(&program));
    is_network.then(|| kind.to_owned())
}

/// Undoes the octal escapes (`\040` is a space) of a mount point.
fn unescape(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'\\')
            .then(|| text.get(at + 1..at + 4))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = escaped {
            plain.push(byte);
            at += 4;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    PathBuf::from(String::from_utf8_lossy(&plain).into_owned())
}
