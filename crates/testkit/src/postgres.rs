//! A private PostgreSQL, started from installed binaries in a folder of its own.
//!
//! It never outlives the process that started it, however that ends: a shell watches over it whose standard input is a pipe
//! from this process. When the pipe closes, the shell stops the server and removes the folder.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test support: PostgreSQL that is installed and does not start is a failed test"
)]

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;

/// The name under which a test that needs PostgreSQL calls it missing.
pub const REQUIREMENT: &str = "PostgreSQL";

const USER: &str = "countersign";

/// How often another port is tried: between finding a free one and using it, somebody else may take it.
const TRIES: usize = 5;

/// Arguments: folder of the binaries, own folder, port, user. Everything that can be lost is lost with the folder, but a
/// commit is as durable as in production, because tests kill what writes to this server.
///
/// The locale orders text as people do, where the build can: so a query that relies on the order of bytes without asking for
/// it is found.
const WATCH: &str = r#"
bin=$1 home=$2 port=$3 user=$4
data=$home/data log=$home/log
clean_up() {
    "$bin/pg_ctl" stop -D "$data" -m immediate -w -t 20 >>"$log" 2>&1
    cd / && rm -rf "$home"
}
trap clean_up EXIT
cd "$home" || exit 1
init() {
    "$bin/initdb" -D "$data" -U "$user" -A trust -E UTF8 --no-sync --no-instructions "$@" >>"$log" 2>&1
}
init --locale=C --locale-provider=icu --icu-locale=en || { rm -rf "$data"; init --locale=C; } || {
    cat "$log"
    exit 1
}
cat >>"$data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 400
shared_buffers = 32MB
fsync = on
synchronous_commit = on
log_min_messages = warning
END
"$bin/pg_ctl" start -D "$data" -l "$home/server.log" -w -t 60 >>"$log" 2>&1 || {
    cat "$log" "$home/server.log"
    exit 1
}
echo ready
cat >/dev/null
"#;

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    home: PathBuf,
    port: u16,
    databases: AtomicU32,
    watch: Child,
}

impl Cluster {
    /// The one server of this process; `None` when PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// When it is installed and does not start.
    pub async fn shared() -> Option<&'static Self> {
        static SHARED: OnceCell<Option<Cluster>> = OnceCell::const_new();
        SHARED.get_or_init(async || Self::start().await).await.as_ref()
    }

    /// A server of its own, which stops when this is dropped; `None` when PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// When it is installed and does not start.
    pub async fn start() -> Option<Self> {
        let binaries = find_binaries()?;
        let (answer, started) = tokio::sync::oneshot::channel();
        // A thread of its own: starting blocks for seconds, and must not end with the runtime of the first test that asks.
        std::thread::spawn(move || answer.send(start_in(binaries)).map_err(drop));
        match started.await.expect("the starting thread answers") {
            Ok(cluster) => Some(cluster),
            Err(error) => panic!("PostgreSQL does not start: {error}"),
        }
    }

    /// Makes an empty database and returns its URL. Each call makes another one.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let output = tokio::process::Command::new(self.binaries.join("createdb"))
            .args([
                "--host=127.0.0.1",
                "--username",
                USER,
                "--template=template0",
                "--maintenance-db=postgres",
            ])
            .arg(format!("--port={}", self.port))
            .arg(&name)
            .env_remove("PGOPTIONS")
            .current_dir("/")
            .output()
            .await
            .expect("createdb runs");
        assert!(
            output.status.success(),
            "createdb: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        self.url(&name)
    }

    /// Runs SQL in the database of that URL, past every adapter: the answer, one line for each row, or what `psql` complains
    /// about.
    pub async fn sql(&self, url: &str, sql: &str) -> Result<String, String> {
        let mut command = tokio::process::Command::new(self.binaries.join("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .current_dir("/");
        let output = command.output().await.map_err(|error| error.to_string())?;
        let text = |bytes| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr))
        }
    }

    /// The database of that URL as `pg_dump` writes it.
    ///
    /// # Panics
    ///
    /// When it cannot be dumped.
    pub async fn dump(&self, url: &str) -> Vec<u8> {
        let mut command = tokio::process::Command::new(self.binaries.join("pg_dump"));
        let output = command.arg(url).current_dir("/").output().await.expect("pg_dump runs");
        assert!(
            output.status.success(),
            "pg_dump: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// The folder of the server; gone soon after it is dropped.
    pub fn home(&self) -> &Path {
        &self.home
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closing the pipe is the signal; waiting leaves no folder behind.
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The folder with the binaries: the newest of those under Debian's root, or the one in `PATH`.
fn find_binaries() -> Option<PathBuf> {
    let is_complete = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "postgres", "createdb", "psql", "pg_dump"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let version = |folder: &Path| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions
        .map(|entry| entry.path().join("bin"))
        .filter(is_complete)
        .collect();
    installed.sort_by_key(|folder| version(folder));
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(is_complete);
    installed.pop().or_else(in_path)
}

fn start_in(binaries: PathBuf) -> io::Result<Cluster> {
    let mut last = io::Error::other("it was not tried");
    for _ in 0..TRIES {
        match try_start(&binaries) {
            Ok((home, port, watch)) => {
                return Ok(Cluster {
                    binaries,
                    home,
                    port,
                    databases: AtomicU32::new(0),
                    watch,
                });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn try_start(binaries: &Path) -> io::Result<(PathBuf, u16, Child)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let folder = tempfile::Builder::new().prefix("countersign-postgres-").tempdir()?;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCH, "countersign-postgres"]);
    command.arg(binaries).arg(folder.path()).arg(port.to_string()).arg(USER);
    // A group of its own: an interrupt from the terminal must reach this process only, or nobody is left to clean up.
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for setting in [
        "PGDATA",
        "PGPORT",
        "PGHOST",
        "PGUSER",
        "PGOPTIONS",
        "PGDATABASE",
        "PGSERVICE",
    ] {
        command.env_remove(setting);
    }
    // PostgreSQL refuses to run as root.
    if folder.path().metadata()?.uid() == 0 {
        let (uid, gid) = unprivileged()?;
        chown(folder.path(), Some(uid), Some(gid))?;
        command.uid(uid).gid(gid);
    }
    let mut watch = command.spawn()?;
    // From here on the shell removes it.
    let home = folder.keep();
    let mut said = BufReader::new(watch.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?);
    let mut first = String::new();
    said.read_line(&mut first)?;
    if first.trim_end() == "ready" {
        return Ok((home, port, watch));
    }
    said.read_to_string(&mut first)?;
    drop(watch.stdin.take());
    watch.wait()?;
    Err(io::Error::other(first))
}

/// The numbers of the user `postgres`, whom the packages of most systems make.
fn unprivileged() -> io::Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let numbers = |line: &str| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = users.lines().find_map(numbers);
    found.ok_or_else(|| io::Error::other("as root, it needs a user `postgres` to run as"))
}
