//! Several nodes of one service: one PostgreSQL database, one master key, one address by which callers know them.

use std::sync::Arc;

use testkit::clock::ManualClock;

use crate::service::{Service, Setup, on_postgres};

/// The address by which callers know all nodes.
pub const PUBLIC_URL: &str = "https://countersign.example";

/// The setup of each of them; start it as often as there shall be nodes. `None`, and a note by name, if there is no
/// PostgreSQL.
pub async fn setup() -> Option<Setup> {
    // A folder of its own for each node would be truer; nothing is in it, because database and key are elsewhere.
    let setup = on_postgres(Setup::default()).await?;
    Some(
        setup
            .set("http.public_url", PUBLIC_URL)
            .set("database.max_connections", "8"),
    )
}

/// Two nodes whose clocks the test moves together, so that "within a second" is a second of that clock.
pub async fn pair() -> Option<(Service, Service, Arc<ManualClock>)> {
    let clock = Arc::new(ManualClock::default());
    let setup = setup().await?.clock(&clock);
    Some((setup.start().await, setup.start().await, clock))
}
