//! Hashes of passwords as other services write them: Argon2 is taken, the rest is named so that nobody has to guess why not.

use crypto::password_hasher::is_usable;
use domain::secret::PasswordHash;

const TAKEN: &str =
    "taken are Argon2 hashes in the PHC string format, which begin with $argon2id$, $argon2i$ or $argon2d$";

/// How formats begin that are not taken.
const OTHERS: [(&str, &str); 17] = [
    ("$2", "bcrypt"),
    ("$scrypt$", "scrypt"),
    ("$7$", "scrypt"),
    ("scrypt:", "scrypt"),
    ("$y$", "yescrypt"),
    ("$6$", "SHA-512 crypt"),
    ("$5$", "SHA-256 crypt"),
    ("$1$", "MD5 crypt"),
    ("$apr1$", "MD5 crypt"),
    ("$P$", "phpass"),
    ("$H$", "phpass"),
    ("$pbkdf2", "PBKDF2"),
    ("pbkdf2", "PBKDF2"),
    ("{PBKDF2", "PBKDF2"),
    ("{SSHA", "salted SHA"),
    ("{SHA", "SHA"),
    ("{bcrypt}", "bcrypt"),
];

/// Takes a hash that this service can compare passwords with.
pub(super) fn read(text: &str) -> Result<PasswordHash, String> {
    let algorithm = text.strip_prefix('$').and_then(|text| text.split('$').next());
    let Some(algorithm @ ("argon2id" | "argon2i" | "argon2d")) = algorithm else {
        return Err(refusal(text));
    };
    let hash = PasswordHash::from_phc(text.to_owned());
    if is_usable(&hash) {
        return Ok(hash);
    }
    Err(format!(
        "is an Argon2 hash that no password can be compared with: it is damaged (it must look like \
         ${algorithm}$v=19$m=19456,t=2,p=1$SALT$HASH, with a hash of 16 bytes or more), or costs more than 256 MiB, 16 passes or \
         16 lanes"
    ))
}

fn refusal(text: &str) -> String {
    if text.starts_with("argon2$") {
        return "is an Argon2 hash as Django writes it: leave out `argon2` at its front".to_owned();
    }
    let name = OTHERS
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map(|(_, name)| *name);
    match name {
        Some(name) => format!("is a {name} hash; {TAKEN}"),
        None => format!("is a hash of an unknown format; {TAKEN}"),
    }
}
