//! Hashes of passwords as other services write them: Argon2 is taken, the rest is named so that nobody has to guess why not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
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

/// Checks the form. Whether its cost is one that this service would pay is for the use case.
pub(super) fn read(text: &str) -> Result<PasswordHash, String> {
    let Some((algorithm, rest)) = text.strip_prefix('$').and_then(|text| text.split_once('$')) else {
        return Err(refusal(text));
    };
    if !["argon2id", "argon2i", "argon2d"].contains(&algorithm) {
        return Err(refusal(text));
    }
    if is_sound(rest) {
        Ok(PasswordHash::from_phc(text.to_owned()))
    } else {
        Err(format!(
            "is a damaged Argon2 hash: it must look like ${algorithm}$v=19$m=19456,t=2,p=1$SALT$HASH"
        ))
    }
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

/// `v=19$m=..,t=..,p=..$SALT$HASH`; version 16 is the one that is left out.
fn is_sound(rest: &str) -> bool {
    let mut parts: Vec<_> = rest.split('$').collect();
    if matches!(parts.first(), Some(&("v=19" | "v=16"))) {
        parts.remove(0);
    }
    let [parameters, salt, hash] = parts.as_slice() else {
        return false;
    };
    let is_number = |name: &str| {
        let values = parameters.split(',').filter_map(|pair| pair.split_once('='));
        let mut values = values.filter(|(key, _)| *key == name).map(|(_, value)| value);
        // `parse` takes a plus sign.
        let is_plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit());
        match (values.next(), values.next()) {
            (Some(value), None) => is_plain(value) && value.parse::<u32>().is_ok(),
            _ => false,
        }
    };
    let is_base64 = |text: &str| STANDARD_NO_PAD.decode(text).is_ok_and(|bytes| !bytes.is_empty());
    ["m", "t", "p"].into_iter().all(is_number) && is_base64(salt) && is_base64(hash)
}
