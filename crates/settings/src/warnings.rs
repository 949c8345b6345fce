//! What is allowed and still worth a word.

use std::time::Duration;

use ipnet::IpNet;

use crate::{FirstFactor, PublicUrl, Role, SecondFactor, Settings};

/// Each warning names the setting that would end it.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let Settings {
        http,
        tls,
        metrics,
        accounts,
        factors,
        totp,
        rate_limit,
        revocations,
        compat,
        ..
    } = settings;
    let exposed = !http.listen.ip().is_loopback();
    let plain = tls.files.is_none();
    let lonely = http.trusted_proxies.is_empty();
    let everybody = |network: &IpNet| network.prefix_len() == 0;
    let public = http.public_url.as_ref();
    let orion = &compat.orion;
    let has_key = |factors: &[SecondFactor]| factors.contains(&SecondFactor::SecretKey);
    let has_codes =
        |factors: &[SecondFactor]| factors.contains(&SecondFactor::Totp) || factors.contains(&SecondFactor::Hotp);
    let roles = [factors.user.as_slice(), factors.admin.as_slice()];

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
            accounts.first_factor == FirstFactor::SecretKey && !roles.into_iter().all(has_key),
            "accounts.first_factor is secret_key, and factors.user or factors.admin is without it: a new account of that role \
             has nothing to complete its login with",
        ),
        (
            accounts.first_factor == FirstFactor::Enrolment && !roles.into_iter().all(has_codes),
            "accounts.first_factor is enrolment, and factors.user or factors.admin has neither totp nor hotp: a new account of \
             that role has nothing to complete its login with",
        ),
        (
            has_key(&factors.admin) && !factors.better_than_key.contains(&Role::Admin),
            "factors.better_than_key is without \"admin\": a secret key, which can be copied, is enough for an administrator \
             who has an authenticator",
        ),
        (
            totp.past_steps > 1,
            "totp.past_steps is above 1: codes are good for longer than RFC 6238 section 5.2 recommends",
        ),
        (
            !rate_limit.enabled,
            "rate_limit.enabled is false: something in front must hold guessing back",
        ),
        (
            revocations.stale_after > Duration::from_secs(1),
            "revocations.stale_after is above 1s: a revoked token may live that long while the database is away",
        ),
        (
            orion.enabled && orion.allow_code_only,
            "one factor is enough at the Orion profile: compat.orion.allow_code_only is true, so a one-time code opens an \
             account without its password",
        ),
    ];
    let found = found
        .into_iter()
        .chain(logins_and_deliveries(settings, exposed))
        .filter(|(holds, _)| *holds)
        .map(|(_, warning)| warning.to_owned());
    settings.found_while_loading.iter().cloned().chain(found).collect()
}

/// What browsers may do for longer, and requests to others in more places, than they should.
fn logins_and_deliveries(settings: &Settings, exposed: bool) -> [(bool, &'static str); 4] {
    let Settings { browser, delivery, .. } = settings;
    [
        (
            browser.session_idle > Duration::from_hours(1),
            "browser.session_idle is above 1h: NIST SP 800-63B-4 section 2.2.3 recommends that an unused browser is logged out",
        ),
        (
            browser.session_lifetime > Duration::from_hours(24),
            "browser.session_lifetime is above 24h: NIST SP 800-63B-4 section 2.2.3 recommends a new login each day",
        ),
        (
            exposed && delivery.allow_private_networks,
            "delivery.allow_private_networks is true: whoever may name an address can make the service call what only it can \
             reach",
        ),
        (
            exposed && delivery.allow_http,
            "delivery.allow_http is true: one-time codes can be read on their way",
        ),
    ]
}
