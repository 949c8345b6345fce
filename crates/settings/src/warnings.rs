//! What is allowed and still worth a word.

use std::time::Duration;

use ipnet::IpNet;

use crate::{PublicUrl, Settings};

/// Each warning names the setting that would end it.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let Settings {
        http,
        tls,
        metrics,
        rate_limit,
        revocations,
        ..
    } = settings;
    let exposed = !http.listen.ip().is_loopback();
    let plain = tls.files.is_none();
    let lonely = http.trusted_proxies.is_empty();
    let everybody = |network: &IpNet| network.prefix_len() == 0;
    let public = http.public_url.as_ref();

    let found = [
        (
            public.is_none() && exposed,
            "http.public_url is empty: tokens name the listening address as their issuer, which callers may not know",
        ),
        (
            public.is_some_and(|url| !url.is_secure() && !url.is_loopback()),
            "http.public_url is not https: passwords and tokens can be read on their way",
        ),
        (
            exposed && plain && lonely,
            "http.listen is open to other machines, without TLS and without http.trusted_proxies",
        ),
        (
            public.is_some_and(PublicUrl::is_secure) && plain && lonely,
            "http.public_url is https and neither tls nor http.trusted_proxies is set: all callers seem to be one proxy, \
             and share its rate limit",
        ),
        (
            http.trusted_proxies.iter().any(everybody),
            "http.trusted_proxies trusts everybody: callers choose their own address, and rate limits do not hold",
        ),
        (
            metrics.enabled && !metrics.listen.ip().is_loopback(),
            "metrics.listen is open to other machines, and asks nobody for a token",
        ),
        (
            !rate_limit.enabled,
            "rate_limit.enabled is false: something in front must hold guessing back",
        ),
        (
            revocations.stale_after > Duration::from_secs(1),
            "revocations.stale_after is above 1s: a revoked token may live that long while the database is away",
        ),
    ];
    let found = found
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, warning)| warning.to_owned());
    settings.found_while_loading.iter().cloned().chain(found).collect()
}
