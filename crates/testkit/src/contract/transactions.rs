//! Units of work over several repositories.

use application::ports::{Addition, ClientInsertion, Consumption, Insertion, OAuthRepositories, Rotation, Transaction};
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::device::{DeviceState, StoredDevice};
use domain::event::{EventHead, StoredEvent};
use domain::id::UserId;
use domain::lockout::{Budget, Tally};
use domain::revocation::{Revocation, Revoked};
use domain::signing_key::KeyState;

use super::SharedStore;
use super::race::{CROWD, Works, add_user, crowd, read, write};
use crate::builders::{
    aidbox_resource, attempt_key, auth_session, authenticator, authenticator_id, browser, client, client_id, code,
    completed_login, consent, device, digest, event, instant, later, logout_notice, opaque_token, password_reset,
    pushed_request, recovery_code, refresh_token, secret_key, session, session_id, signing_key, tally, token_id, user,
    user_id,
};

/// Writes into every repository, in their order: all of it about account 1, and nothing can be written twice.
async fn write_everywhere(tx: &mut dyn Transaction) {
    let owner = user_id(1);
    assert_eq!(tx.users().insert(&user(1)).await.works(), Insertion::Done);
    let key = attempt_key(owner, Budget::Password);
    tx.attempts().hold(&key).await.works();
    tx.attempts().record(&key, tally(1)).await.works();
    tx.secret_keys().insert(&secret_key(1, owner)).await.works();
    tx.authenticators().insert(&authenticator(1, owner)).await.works();
    tx.recovery_codes().insert(&recovery_code(1, owner)).await.works();
    tx.password_resets().put(&password_reset(1, owner)).await.works();
    let document = AidboxResource {
        account: Some(owner),
        ..aidbox_resource(ResourceKind::User, "a")
    };
    tx.aidbox_resources().put(&document).await.works();
    tx.auth_sessions().insert(&auth_session(1, owner)).await.works();
    tx.sessions().insert(&session(1, owner)).await.works();
    tx.browsers().insert(&browser(1, session_id(1))).await.works();
    tx.refresh_tokens()
        .insert(&refresh_token(1, session_id(1)))
        .await
        .works();
    write_of_client(tx.oauth(), owner).await;
    assert_eq!(
        tx.spent_tokens().spend(token_id(1), later()).await.works(),
        Consumption::First
    );
    assert_eq!(
        tx.signing_keys()
            .insert(&signing_key(1, KeyState::Active))
            .await
            .works(),
        Addition::Done
    );
    let revocation = Revocation {
        revoked: Revoked::Token(token_id(1)),
        expires_at: later(),
    };
    assert_eq!(tx.revocations().append(revocation).await.works(), 1);
    tx.events().hold_head().await.works();
    let entry = StoredEvent {
        position: 1,
        event: event(1),
        link: digest(1),
    };
    tx.events().append(&entry).await.works();
}

/// A client with what the account gave it, in the order of the repositories.
async fn write_of_client(oauth: &mut dyn OAuthRepositories, owner: UserId) {
    let added = oauth.clients().insert(&client(1)).await.works();
    assert_eq!(added, ClientInsertion::Done);
    oauth.consents().put(&consent(owner, 1)).await.works();
    oauth.codes().insert(&code(1, owner)).await.works();
    let approved = StoredDevice {
        state: DeviceState::Approved(completed_login(owner, None)),
        ..device(1)
    };
    assert!(oauth.devices().insert(&approved).await.works());
    oauth.pushed_requests().insert(&pushed_request(1)).await.works();
    let token = opaque_token(1, Some(session_id(1)));
    oauth.opaque_tokens().insert(&token).await.works();
    oauth.logout_notices().insert(&logout_notice(1)).await.works();
}

/// What of it is there: one answer for each repository but those of spent tokens and of notices, which cannot be asked. First
/// what is the account's own, and then what is not.
async fn look_everywhere(tx: &mut dyn Transaction) -> [bool; 20] {
    let owner = user_id(1);
    [
        tx.users().find(owner).await.works().is_some(),
        !tx.attempts().of_account(owner).await.works().is_empty(),
        !tx.secret_keys().live_of(owner, instant(60)).await.works().is_empty(),
        !tx.authenticators().of_user(owner).await.works().is_empty(),
        !tx.recovery_codes()
            .unused_of(owner, instant(60))
            .await
            .works()
            .is_empty(),
        tx.auth_sessions().find(&digest(1), instant(60)).await.works().is_some(),
        tx.sessions().find(session_id(1), instant(60)).await.works().is_some(),
        tx.refresh_tokens().session_of(&digest(1)).await.works().is_some(),
        tx.password_resets()
            .find(&digest(1), instant(60))
            .await
            .works()
            .is_some(),
        tx.aidbox_resources().of_account(owner).await.works().is_some(),
        tx.browsers().session_of(&digest(1)).await.works().is_some(),
        !tx.oauth().consents().of_user(owner).await.works().is_empty(),
        tx.oauth().codes().find(&digest(1), instant(60)).await.works().is_some(),
        tx.oauth().devices().find(&digest(1)).await.works().is_some(),
        tx.oauth()
            .opaque_tokens()
            .find(&digest(1), instant(60))
            .await
            .works()
            .is_some(),
        tx.oauth().clients().find(&client_id(1)).await.works().is_some(),
        tx.oauth()
            .pushed_requests()
            .find(&digest(1), instant(60))
            .await
            .works()
            .is_some(),
        !tx.signing_keys().list(9).await.works().is_empty(),
        tx.revocations().position().await.works() == 1,
        tx.events().head().await.works() != EventHead::EMPTY,
    ]
}

pub async fn a_commit_keeps_everything(store: &SharedStore) {
    write(store, write_everywhere).await;
    assert_eq!(read(store, look_everywhere).await, [true; 20]);
    let again = write(store, async |tx| {
        tx.spent_tokens().spend(token_id(1), later()).await.works()
    })
    .await;
    assert_eq!(again, Consumption::Spent);
    let notices = write(store, async |tx| {
        let notices = tx.oauth().logout_notices();
        notices.lease(9, instant(60), later()).await.works()
    })
    .await;
    assert_eq!(notices.len(), 1);
}

pub async fn a_drop_keeps_nothing(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    write_everywhere(&mut *tx).await;
    drop(tx);
    assert_eq!(read(store, look_everywhere).await, [false; 20]);
    write(store, write_everywhere).await;
    assert_eq!(
        read(store, look_everywhere).await,
        [true; 20],
        "every name and place is free again"
    );
}

pub async fn a_transaction_sees_what_it_wrote(store: &SharedStore) {
    let seen = write(store, async |tx| {
        write_everywhere(tx).await;
        look_everywhere(tx).await
    })
    .await;
    assert_eq!(seen, [true; 20]);
}

pub async fn nobody_sees_or_waits_for_what_is_not_committed(store: &SharedStore) {
    let mut open = store.begin().await.works();
    write_everywhere(&mut *open).await;
    assert_eq!(read(store, look_everywhere).await, [false; 20]);
    open.commit().await.works();
    assert_eq!(read(store, look_everywhere).await, [true; 20]);
}

pub async fn a_transaction_that_did_nothing_can_be_committed_or_dropped(store: &SharedStore) {
    store.begin().await.works().commit().await.works();
    drop(store.begin().await.works());
    store.read().await.works().commit().await.works();
    drop(store.read().await.works());
    add_user(store, &user(1)).await;
}

pub async fn a_reading_transaction_that_is_dropped_harms_nobody(store: &SharedStore) {
    add_user(store, &user(1)).await;
    for _ in 0..64 {
        let mut reading = store.read().await.works();
        assert!(reading.users().find(user_id(1)).await.works().is_some());
        drop(reading);
    }
    add_user(store, &user(2)).await;
}

pub async fn a_deleted_account_takes_along_all_that_belongs_to_it(store: &SharedStore) {
    write(store, write_everywhere).await;
    add_user(store, &user(2)).await;
    let mut others = session(2, user_id(2));
    others.epoch = domain::user::Epoch(1);
    write(store, async |tx| {
        let of_network = application::ports::AttemptKey {
            network: "192.0.2.7".into(),
            ..attempt_key(user_id(1), Budget::KeyDuringHold)
        };
        for key in [&of_network, &attempt_key(user_id(2), Budget::Password)] {
            tx.attempts().hold(key).await.works();
            tx.attempts().record(key, tally(2)).await.works();
        }
        tx.secret_keys().insert(&secret_key(2, user_id(2))).await.works();
        tx.authenticators().insert(&authenticator(2, user_id(2))).await.works();
        tx.recovery_codes().insert(&recovery_code(2, user_id(2))).await.works();
        tx.auth_sessions().insert(&auth_session(2, user_id(2))).await.works();
        tx.sessions().insert(&others).await.works();
        tx.refresh_tokens()
            .insert(&refresh_token(2, session_id(2)))
            .await
            .works();
    })
    .await;
    assert!(write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await);
    let left = read(store, look_everywhere).await;
    let own = |place| place < 15;
    assert!(
        left.into_iter()
            .enumerate()
            .all(|(place, is_left)| is_left != own(place)),
        "what is not its own stays, and nothing else: {left:?}"
    );
    read(store, async |tx| {
        assert!(tx.users().find(user_id(2)).await.works() == Some(user(2)));
        assert_eq!(tx.attempts().of_account(user_id(2)).await.works().len(), 1);
        assert_eq!(tx.secret_keys().live_of(user_id(2), instant(60)).await.works().len(), 1);
        assert_eq!(tx.authenticators().of_user(user_id(2)).await.works().len(), 1);
        assert_eq!(
            tx.recovery_codes()
                .unused_of(user_id(2), instant(60))
                .await
                .works()
                .len(),
            1
        );
        assert!(tx.auth_sessions().find(&digest(2), instant(60)).await.works().is_some());
        assert_eq!(
            tx.sessions().find(session_id(2), instant(60)).await.works(),
            Some(others)
        );
    })
    .await;
    let rotated = write(store, async |tx| {
        tx.refresh_tokens().rotate(&digest(2), instant(60)).await.works()
    })
    .await;
    assert_eq!(rotated, Rotation::Rotated(session_id(2)));
    let tally = write(store, async |tx| {
        tx.attempts()
            .hold(&attempt_key(user_id(1), Budget::Password))
            .await
            .works()
    })
    .await;
    assert_eq!(tally, Tally::default());
    assert!(
        !write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await,
        "once"
    );
    add_user(store, &user(1)).await;
}

/// What a login writes, in the order of the repositories.
async fn log_in(tx: &mut dyn Transaction, number: u32) {
    let held = tx.users().hold(user_id(1)).await.works();
    assert!(held.is_some());
    let key = attempt_key(user_id(1), Budget::Password);
    let counted = tx.attempts().hold(&key).await.works().consecutive + 1;
    let tally = Tally {
        consecutive: counted,
        ..tally(1)
    };
    tx.attempts().record(&key, tally).await.works();
    let further = authenticator(1, user_id(1)).position.later(i64::from(counted));
    let accepted = tx.authenticators().advance(authenticator_id(1), further, later()).await;
    assert_eq!(accepted.works(), Consumption::First);
    let recovered = tx
        .recovery_codes()
        .spend(user_id(1), &digest(number), later())
        .await
        .works();
    assert_eq!(recovered, Consumption::First);
    tx.sessions().insert(&session(number, user_id(1))).await.works();
    tx.refresh_tokens()
        .insert(&refresh_token(number, session_id(number)))
        .await
        .works();
    let revocation = Revocation {
        revoked: Revoked::Session(session_id(number)),
        expires_at: later(),
    };
    let _ = tx.revocations().append(revocation).await.works();
    let head = tx.events().hold_head().await.works();
    let entry = StoredEvent {
        position: head.position + 1,
        event: event(number),
        link: digest(number),
    };
    tx.events().append(&entry).await.works();
}

pub async fn a_crowd_that_writes_in_the_order_of_repositories_gets_through(store: &SharedStore) {
    add_user(store, &user(1)).await;
    write(store, async |tx| {
        tx.authenticators().insert(&authenticator(1, user_id(1))).await.works();
        for number in 0..CROWD {
            tx.recovery_codes()
                .insert(&recovery_code(number, user_id(1)))
                .await
                .works();
        }
    })
    .await;
    crowd(store, |mut tx, number| async move {
        log_in(&mut *tx, number).await;
        tx.commit().await.works();
    })
    .await;
    read(store, async |tx| {
        let attempts = tx.attempts().of_account(user_id(1)).await.works();
        assert_eq!(attempts.first().map(|(_, tally)| tally.consecutive), Some(CROWD));
        let sessions = tx.sessions().live_of(user_id(1), instant(60)).await.works();
        assert_eq!(sessions.len(), CROWD as usize);
        assert_eq!(tx.revocations().position().await.works(), i64::from(CROWD));
        assert_eq!(tx.events().head().await.works().position, i64::from(CROWD));
    })
    .await;
}
