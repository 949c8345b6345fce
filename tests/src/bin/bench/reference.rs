//! What the figures are compared with: the bare hash, a bare route, bare signatures, and bare commits.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use application::ports::TokenKeys as _;
use argon2::{Argon2, Block, Params, Version};
use crypto::token_keys::JwsKeys;
use domain::claims::ClientClaims;
use domain::client::ClientId;
use domain::id::TokenId;
use domain::scope::Scopes;
use domain::signing_key::{Algorithm, Kid};
use domain::time::Timestamp;
use poem::EndpointExt as _;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use sea_orm::ConnectionTrait as _;

/// Hashes per second of the default parameters, with as many threads as cores and memory that is used again.
pub fn hash_rate(span: Duration) -> f64 {
    let threads = std::thread::available_parallelism().unwrap().get();
    let began = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                let params = Params::new(19_456, 2, 1, Some(32)).unwrap();
                let mut memory = vec![Block::default(); params.block_count()];
                let argon2 = Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params);
                let (mut output, mut count) = ([0_u8; 32], 0_u32);
                while began.elapsed() < span {
                    argon2
                        .hash_password_into_with_memory(
                            b"correct horse battery staple",
                            b"sixteen byte salt",
                            &mut output,
                            &mut memory,
                        )
                        .unwrap();
                    count += 1;
                }
                count
            })
        })
        .collect();
    let total: u32 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    f64::from(total) / began.elapsed().as_secs_f64()
}

/// Signatures of tokens per second with one new key of this algorithm, with as many threads as cores.
pub async fn signing_rate(algorithm: Algorithm, span: Duration) -> f64 {
    let kid = Kid::from_random([1; 16]);
    let material = JwsKeys.generate(algorithm).await.unwrap();
    let key = JwsKeys.signing(&kid, algorithm, &material.private_der).unwrap();
    let at = Timestamp::from_seconds(1_800_000_000);
    let claims = ClientClaims {
        issuer: "https://auth.example.org".to_owned(),
        client: ClientId::parse("bench").unwrap(),
        audience: vec!["https://auth.example.org".to_owned()],
        scopes: Scopes::parse("openid profile").unwrap(),
        token: TokenId::from_random([2; 16]),
        issued_at: at,
        not_before: at,
        expires_at: at.after(Duration::from_mins(10)),
    };
    let threads = std::thread::available_parallelism().unwrap().get();
    let began = Instant::now();
    let total: u32 = std::thread::scope(|scope| {
        let sign = || {
            let mut count = 0;
            while began.elapsed() < span {
                key.sign_client(&claims).unwrap();
                count += 1;
            }
            count
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(sign)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    f64::from(total) / began.elapsed().as_secs_f64()
}

/// Durable inserts per second: one row a commit, through the one writing connection that SQLite has, with so many callers that
/// wait for it. The same journal and the same synchronisation as the service's own database.
pub async fn insert_rate(callers: usize, span: Duration) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut options =
        sea_orm::ConnectOptions::new(format!("sqlite://{}?mode=rwc", folder.path().join("bare.db").display()));
    options.max_connections(1).sqlx_logging(false);
    let database = sea_orm::Database::connect(options).await.unwrap();
    for statement in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, at INTEGER, kind TEXT, subject TEXT, details TEXT)",
    ] {
        database.execute_unprepared(statement).await.unwrap();
    }
    let began = Instant::now();
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let database = database.clone();
        work.spawn(async move {
            let mut count = 0_u32;
            while began.elapsed() < span {
                let statement = sea_orm::Statement::from_sql_and_values(
                    sea_orm::DbBackend::Sqlite,
                    "INSERT INTO bare (at, kind, subject, details) VALUES (?, ?, ?, ?)",
                    [
                        1_800_000_000_i64.into(),
                        "token.refreshed".into(),
                        "bench".into(),
                        "session".into(),
                    ],
                );
                database.execute_raw(statement).await.unwrap();
                count += 1;
            }
            count
        });
    }
    let mut total = 0;
    while let Some(count) = work.join_next().await {
        total += count.unwrap();
    }
    f64::from(total) / began.elapsed().as_secs_f64()
}

/// A bare poem route that answers a fixed body, in a process of its own.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(body: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("reference-server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{body}").unwrap();
        child.stdin = Some(input);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            child,
            address: line.trim().parse().unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The child's part: reads the body from standard input, serves it, prints the address.
pub fn serve() {
    let mut body = String::new();
    std::io::stdin().read_line(&mut body).unwrap();
    let body: &'static str = Box::leak(body.trim_end().to_owned().into_boxed_str());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
        println!("{address}");
        let route = poem::Route::new().at(
            "/",
            poem::get(poem::endpoint::make_sync(move |_| {
                poem::Response::builder()
                    .content_type("application/json; charset=utf-8")
                    .body(body)
            })),
        );
        poem::Server::new_with_acceptor(acceptor)
            .run(route.boxed())
            .await
            .unwrap();
    });
}
