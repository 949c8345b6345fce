//! Speed and memory of the service, each figure beside a reference that is measured in the same run.
//!
//! `just bench` builds the release binary and runs this. Load goes to loopback, is bounded in time, and stops by itself.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a program that measures: real time is its subject, and a surprise must end it"
)]

mod codes;
mod load;
mod oauth;
mod reference;
mod service;

use std::time::{Duration, Instant};

use codes::CodeAccount;
use domain::signing_key::Algorithm;
use load::{Measured, Request};
use service::Service;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(8);
/// How often the fast figures are taken, reference and service in turn; the best of each counts.
const ROUNDS: usize = 3;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("reference-server") {
        reference::serve();
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    println!("| what | measured | reference | ratio or bound |\n| --- | --- | --- | --- |");
    start_and_size();
    let service = Service::start();
    let idle = service.resident_mib();
    row("idle memory", &format!("{idle:.1} MiB"), "", "at most 40 MiB");
    let accounts = service.register(64).await;

    let logins = |count: usize| -> Vec<Request> { accounts[..count].iter().map(service::Account::login).collect() };
    for connections in [8, 64] {
        // Reference and service in turn, so that a neighbour's noise meets both.
        let before = reference::hash_rate(SPAN / 2);
        let measured = load::run(service.address, logins(connections), SPAN).await;
        let after = reference::hash_rate(SPAN / 2);
        let bare = f64::midpoint(before, after);
        measured.expect_all(200);
        let ratio = measured.rate() / bare;
        row(
            &format!("tokens issued, {connections} connections"),
            &format!("{:.1}/s, p50 {:.0} ms", measured.rate(), measured.quantile_ms(0.5)),
            &format!("{bare:.1} bare hashes/s"),
            &format!("{:.1} % (at least 90)", ratio * 100.0),
        );
    }
    let after_logins = service.resident_mib();
    row(
        "memory after 64 connections logged in",
        &format!("{after_logins:.1} MiB"),
        "",
        "threads x 19 MiB + base",
    );

    one_time_codes(&service).await;
    tokens_for_clients(&service, &accounts).await;

    let token = accounts[0].token(&service).await;
    resource(&service, &token).await;
    responsiveness(&service, &token, logins(64)).await;
}

/// Logins with password and one-time code beside the bare hash, and codes alone, where there is no hash to wait for.
async fn one_time_codes(service: &Service) {
    let accounts = CodeAccount::import(service, 64);
    for connections in [8, 64] {
        let before = reference::hash_rate(SPAN / 2);
        let scripts = accounts[..connections].iter().map(CodeAccount::logins).collect();
        let measured = load::run_scripts(service.address, scripts, SPAN).await;
        let after = reference::hash_rate(SPAN / 2);
        let bare = f64::midpoint(before, after);
        measured.expect_all(200);
        row(
            &format!("password and one-time code, {connections} connections"),
            &format!("{:.1}/s, p50 {:.0} ms", measured.rate(), measured.quantile_ms(0.5)),
            &format!("{bare:.1} bare hashes/s"),
            &format!("{:.1} % (at least 90)", measured.rate() / bare * 100.0),
        );
    }
    let scripts = accounts.iter().map(CodeAccount::codes_alone).collect();
    let measured = load::run_scripts(service.address, scripts, SPAN).await;
    measured.expect_all(200);
    row(
        "code alone (Orion `validate`, RS256), 64 connections",
        &format!(
            "{:.0}/s, p50 {:.0} ms, p99 {:.0} ms",
            measured.rate(),
            measured.quantile_ms(0.5),
            measured.quantile_ms(0.99)
        ),
        "",
        "no hash: three durable transactions and a signature",
    );
}

/// Tokens for client applications, beside what their signatures and commits cost alone.
async fn tokens_for_clients(service: &Service, accounts: &[service::Account]) {
    let client = std::sync::Arc::new(oauth::Client::register(service).await);
    let es256 = reference::signing_rate(Algorithm::Es256, SPAN / 4).await;
    let rs256 = reference::signing_rate(Algorithm::Rs256, SPAN / 4).await;
    for connections in [8, 64] {
        let inserts = reference::insert_rate(connections, SPAN / 2).await;
        let references = format!("{es256:.0} ES256 and {rs256:.0} RS256 signatures/s, {inserts:.0} durable inserts/s");
        let scripts = (0..connections).map(|_| client.credentials()).collect();
        let measured = load::run_scripts(service.address, scripts, SPAN).await;
        measured.expect_all(200);
        against_inserts("client credentials", connections, &measured, &references, inserts);
        for (what, scope) in [
            ("refreshes", "profile"),
            ("refreshes with an ID token", "openid+profile"),
        ] {
            let mut scripts = Vec::new();
            for account in &accounts[..connections] {
                scripts.push(client.refreshes(service, account, scope).await);
            }
            let measured = load::run_scripts(service.address, scripts, SPAN).await;
            measured.expect_all(200);
            against_inserts(what, connections, &measured, &references, inserts);
        }
    }
}

fn against_inserts(what: &str, connections: usize, measured: &Measured, references: &str, inserts: f64) {
    row(
        &format!("{what}, {connections} connections"),
        &format!(
            "{:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
            measured.rate(),
            measured.quantile_ms(0.5),
            measured.quantile_ms(0.99)
        ),
        references,
        &format!("{:.0} % of the inserts", measured.rate() / inserts * 100.0),
    );
}

async fn resource(service: &Service, token: &str) {
    let request = Request::get("/v1/resource", &[("Authorization", &format!("Bearer {token}"))]);
    let body = load::once(service.address, &request).await;
    let reference = reference::Server::start(&body);
    let (mut bare, mut ours): (f64, f64) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let plain = load::run(reference.address, vec![Request::get("/", &[]); 64], SPAN / 2).await;
        plain.expect_all(200);
        let measured = load::run(service.address, vec![request.clone(); 64], SPAN / 2).await;
        measured.expect_all(200);
        (bare, ours) = (bare.max(plain.rate()), ours.max(measured.rate()));
    }
    row(
        "GET /v1/resource, 64 connections",
        &format!("{ours:.0}/s"),
        &format!("{bare:.0}/s, a bare poem route with the same body"),
        &format!("{:.0} % (at least 60)", ours / bare * 100.0),
    );
}

/// The latency of cheap requests while logins saturate the cores.
async fn responsiveness(service: &Service, token: &str, logins: Vec<Request>) {
    let bearer = format!("Bearer {token}");
    let address = service.address;
    let saturation = tokio::spawn(async move { load::run(address, logins, SPAN + Duration::from_secs(1)).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let probe = |request: Request| load::paced(address, request, Duration::from_millis(5), SPAN);
    let (resource, livez) = tokio::join!(
        probe(Request::get("/v1/resource", &[("Authorization", &bearer)])),
        probe(Request::get("/livez", &[])),
    );
    saturation.await.unwrap().expect_all(200);
    for (name, measured) in [("GET /v1/resource", resource), ("GET /livez", livez)] {
        measured.expect_all(200);
        row(
            &format!("{name} while logins saturate the cores"),
            &format!(
                "p50 {:.1} ms, p99 {:.1} ms",
                measured.quantile_ms(0.5),
                measured.quantile_ms(0.99)
            ),
            "",
            "p99 below 50 ms",
        );
    }
}

fn start_and_size() {
    let size = std::fs::metadata(service::binary()).unwrap().len() as f64 / 1_048_576.0;
    row("release binary", &format!("{size:.1} MiB"), "", "at most 30 MiB");
    let data = tempfile::tempdir().unwrap();
    drop(Service::start_in(data.path()));
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let service = Service::start_in(data.path());
        fastest = fastest.min(began.elapsed());
        drop(service);
    }
    row(
        "start to ready, existing database",
        &format!("{} ms", fastest.as_millis()),
        "",
        "at most 200 ms",
    );
}

fn row(what: &str, measured: &str, reference: &str, bound: &str) {
    println!("| {what} | {measured} | {reference} | {bound} |");
}

impl Measured {
    fn expect_all(&self, status: u16) {
        assert!(
            self.others(status) == 0,
            "{} answers were not {status}: {:?}",
            self.others(status),
            self.statuses()
        );
    }
}
