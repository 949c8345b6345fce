//! Apache httpd with `mod_auth_openidc`, as a child process: it protects a page that shows what the module was told.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tests::wait::eventually;
use tests::{Client, Service};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::SCOPE;

/// Where Debian and Fedora put the modules.
const MODULE_FOLDERS: [&str; 2] = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules"];
const MODULES: [&str; 9] = [
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "mime",
    "dir",
    "filter",
    "include",
    "auth_openidc",
];
const PROTECTED: &str =
    "<!doctype html><title>Protected</title><link rel=icon href=data:,><pre id=told><!--#printenv --></pre>\n";
const GOODBYE: &str = "<!doctype html><title>Goodbye</title><link rel=icon href=data:,><p id=here>goodbye</p>\n";

/// A place for a server, before there is one: clients are registered with its addresses.
pub struct Place {
    program: &'static str,
    modules: &'static str,
    address: SocketAddr,
}

impl Place {
    /// A free port; `None`, and a note by name, if the server or the module is not installed.
    pub async fn find() -> Option<Self> {
        let with_module = |folder: &&str| Path::new(folder).join("mod_auth_openidc.so").exists();
        let modules = MODULE_FOLDERS.into_iter().find(with_module);
        let program = ["apache2", "httpd"].into_iter().find(|program| {
            let folders = ["/usr/sbin", "/usr/bin"];
            folders.iter().any(|folder| Path::new(folder).join(program).exists())
        });
        let (Some(modules), Some(program)) = (modules, program) else {
            testkit::requirement::missing("Apache httpd with mod_auth_openidc");
            return None;
        };
        // The port is free again for the server; nobody else is told of it meanwhile.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Some(Self {
            program,
            modules,
            address,
        })
    }

    /// A whole address at the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Starts the server as a relying party of this service, and waits until it answers.
    pub async fn start(self, service: &Service, client: &Client) -> Httpd {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("protected")).unwrap();
        std::fs::write(site.join("protected/index.shtml"), PROTECTED).unwrap();
        std::fs::write(site.join("goodbye.html"), GOODBYE).unwrap();
        let configuration = folder.path().join("httpd.conf");
        let text = self.configuration(folder.path(), service, client);
        std::fs::write(&configuration, text).unwrap();
        let child = Command::new(format!("/usr/sbin/{}", self.program))
            .arg("-f")
            .arg(&configuration)
            .arg("-DFOREGROUND")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let address = self.address;
        let httpd = Httpd { child, folder, address };
        eventually("Apache httpd listens", Duration::from_secs(20), || async {
            TcpStream::connect(address).await.is_ok()
        })
        .await;
        httpd
    }

    fn configuration(&self, folder: &Path, service: &Service, client: &Client) -> String {
        let (folder, modules, address) = (folder.display(), self.modules, self.address);
        let load = MODULES.map(|module| format!("LoadModule {module}_module {modules}/mod_{module}.so"));
        let load = load.join("\n");
        let (issuer, (id, secret)) = (service.issuer(), client.basic());
        let (callback, goodbye) = (self.url("/protected/callback"), self.url("/goodbye.html"));
        format!(
            "ServerRoot {folder}
ServerName 127.0.0.1
Listen {address}
PidFile {folder}/httpd.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel warn
# Only a server that is started by root asks for these.
User www-data
Group www-data
{load}
TypesConfig /dev/null
AddType text/html .html .shtml
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.shtml
DocumentRoot {folder}/site
<Directory {folder}/site>
    Options +Includes
    Require all granted
</Directory>
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCRedirectURI {callback}
OIDCDefaultLoggedOutURL {goodbye}
OIDCCryptoPassphrase for-this-run-only
OIDCScope \"{SCOPE}\"
OIDCPKCEMethod S256
OIDCPassClaimsAs environment
OIDCPassRefreshToken On
<Location /protected>
    AuthType openid-connect
    Require valid-user
</Location>
"
        )
    }
}

/// The server may become another user than the one who made the folder.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The running server.
pub struct Httpd {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Httpd {
    /// A whole address at it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it complained of.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Httpd {
    fn drop(&mut self) {
        // It ends its own children when it is asked to end; killed, it would leave them.
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.start_kill();
    }
}
