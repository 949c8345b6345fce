//! What happens to a test that lacks something.

use std::process::Command;

use testkit::requirement::{REQUIRE_ALL, missing};

/// Set in the process that lacks something, which runs the same test.
const LACKING: &str = "COUNTERSIGN_TEST_LACKING";

#[test]
fn what_is_missing_is_named_and_fails_where_all_is_required() {
    if std::env::var_os(LACKING).is_some() {
        return missing("A Certain Thing");
    }
    for (required, passes) in [(None, true), (Some("0"), true), (Some("1"), false)] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "what_is_missing_is_named_and_fails_where_all_is_required"]);
        command
            .env(LACKING, "1")
            .env_remove(REQUIRE_ALL)
            .envs(required.map(|value| (REQUIRE_ALL, value)));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.success(), passes, "{said}");
        assert!(said.contains("A Certain Thing"), "{said}");
        assert_eq!(said.contains("SKIPPED"), passes, "{said}");
    }
}
