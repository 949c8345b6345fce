//! What the figures are compared with: the bare hash, and a bare route.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use poem::EndpointExt as _;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};

/// Hashes per second of the default parameters, with as many threads as cores and memory that is used again.
pub fn hash_rate(span: Duration) -> f64 {
    let threads = std::thread::available_parallelism().unwrap().get();
    let began = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                let params = Params::new(19_456, 2, 1, Some(32)).unwrap();
                let mut memory = vec![Block::default(); params.block_count()];
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
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
