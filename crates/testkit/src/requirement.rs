//! What a test needs of the machine, and what happens when it is not there.

use std::io::Write;

/// When this is `1`, nothing may be skipped.
pub const REQUIRE_ALL: &str = "COUNTERSIGN_TEST_REQUIRE_ALL";

/// Something outside that a test cannot do without, and that this machine does not have; by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(pub &'static str);

/// Says on standard error that the present test is skipped because `requirement` is missing; the test should then return.
///
/// # Panics
///
/// When [`REQUIRE_ALL`] is set to `1`: a skipped test must not look like a passed one where everything is installed.
pub fn missing(requirement: &str) {
    let thread = std::thread::current();
    skip(thread.name().unwrap_or("a test"), requirement);
}

/// As [`missing`], for a test whose name is known.
pub(crate) fn skip(test: &str, requirement: &str) {
    assert!(
        std::env::var_os(REQUIRE_ALL).is_none_or(|value| value != "1"),
        "{test} needs {requirement}, which is missing, and {REQUIRE_ALL}=1 lets nothing be skipped"
    );
    // Not `eprintln!`: the test harness would swallow it, because the test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {requirement} is missing");
}
