# The verbs of the project. `just` lists them.

default:
    @just --list

# The main job, in one command.
demo:
    cargo run --release -- demo

# The service for development: loopback, open registration, printed credentials.
serve:
    cargo run -- serve --dev

# Everything but the slow half: format, lints, tests.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace

# All tests; what cannot run here is named.
test *ARGS:
    cargo test --workspace {{ ARGS }}

# Writes the API document that the tests compare with.
openapi:
    cargo run --quiet -- openapi > openapi/v1.json.new
    mv openapi/v1.json.new openapi/v1.json

# Figures for the README: the service beside its references, measured in one run.
bench:
    cargo build --release -p server -p tests --bins
    ./target/release/bench

# Relying parties of others, for the tests that log in with them.
peers:
    bash .ci/peers

# What CI runs.
ci:
    bash .ci/run

# Licences, duplicate versions, sources.
deny:
    cargo deny check bans licenses sources
