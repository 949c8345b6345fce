//! The pages in a real Chromium, as people use them.

mod account;

use std::path::PathBuf;

/// Where pictures go, to be looked at by people.
fn picture(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    folder.join(format!("pages-{name}.png"))
}
