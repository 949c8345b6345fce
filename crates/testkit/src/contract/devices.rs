//! Requests of devices without a browser.

use std::time::Duration;

use application::ports::Transaction;
use domain::authorization::CompletedLogin;
use domain::device::{DeviceState, StoredDevice};
use domain::factor::{FactorType, Proved};
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{Works, add_clients, add_user, read, write};
use crate::builders::{
    bare_client_request, client_id, completed_login, device, digest, instant, later, session, session_id, user,
    user_code, user_id,
};

/// Two accounts, each with the session of its number, and two clients, of which the first has the device 1.
pub(super) async fn prepare(store: &SharedStore) {
    add_clients(store, 2).await;
    for number in [1, 2] {
        add_user(store, &user(number)).await;
        let session = session(number, user_id(number));
        write(store, async |tx| tx.sessions().insert(&session).await.works()).await;
    }
    assert!(add(store, &device(1)).await);
}

async fn add(store: &SharedStore, device: &StoredDevice) -> bool {
    write(store, async |tx| tx.oauth().devices().insert(device).await.works()).await
}

pub(super) async fn find(store: &SharedStore, number: u32) -> Option<StoredDevice> {
    read(store, async |tx| {
        tx.oauth().devices().find(&digest(number)).await.works()
    })
    .await
}

async fn find_by_user_code(store: &SharedStore, number: u32, now: Timestamp) -> Option<StoredDevice> {
    read(store, async |tx| {
        tx.oauth()
            .devices()
            .find_by_user_code(&user_code(number), now)
            .await
            .works()
    })
    .await
}

/// A login of the account in the browser with the session of that number.
pub(super) fn login_of(number: u32) -> CompletedLogin {
    completed_login(user_id(number), Some(session_id(number)))
}

/// What it is when the account of that number has approved it.
pub(super) fn approved_by(number: u32) -> DeviceState {
    DeviceState::Approved(login_of(number))
}

pub(super) async fn decide(tx: &mut dyn Transaction, state: &DeviceState, now: Timestamp) -> bool {
    tx.oauth().devices().decide(&digest(1), state, now).await.works()
}

pub(super) async fn redeem(tx: &mut dyn Transaction, now: Timestamp) -> Option<CompletedLogin> {
    tx.oauth().devices().redeem(&digest(1), now).await.works()
}

pub(super) async fn decide_at_once(store: &SharedStore, state: &DeviceState, now: Timestamp) -> bool {
    write(store, async |tx| decide(tx, state, now).await).await
}

pub(super) async fn redeem_at_once(store: &SharedStore, now: Timestamp) -> Option<CompletedLogin> {
    write(store, async |tx| redeem(tx, now).await).await
}

pub async fn a_request_of_a_device_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    let mut bare = StoredDevice {
        request: bare_client_request(),
        interval: Duration::ZERO,
        polled_at: Some(instant(61)),
        ..device(2)
    };
    bare.request.client = client_id(2);
    let denied = StoredDevice {
        state: DeviceState::Denied,
        ..device(3)
    };
    let mut expected = vec![device(1), bare, denied];
    for (number, factor) in (4..).zip(FactorType::ALL) {
        let mut login = login_of(1);
        login.proved = Proved::new(vec![FactorType::Password, factor], instant(4));
        login.authenticator = None;
        expected.push(StoredDevice {
            state: DeviceState::Approved(login),
            ..device(number)
        });
    }
    for device in expected.iter().skip(1) {
        assert!(add(store, device).await);
    }
    for (number, expected) in (1..).zip(&expected) {
        assert!(find(store, number).await.as_ref() == Some(expected), "number {number}");
    }
}

pub async fn a_request_of_a_device_is_found_expired_or_not(store: &SharedStore) {
    prepare(store).await;
    let expired = StoredDevice {
        expires_at: instant(-1),
        ..device(2)
    };
    assert!(add(store, &expired).await);
    assert!(find(store, 2).await == Some(expired));
    assert!(find(store, 9).await.is_none());
}

pub async fn a_user_code_finds_what_is_pending_and_has_not_expired(store: &SharedStore) {
    prepare(store).await;
    let end = device(1).expires_at;
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(find_by_user_code(store, 1, just_before).await == Some(device(1)));
    assert!(find_by_user_code(store, 1, end).await.is_none());
    assert!(find_by_user_code(store, 2, later()).await.is_none());
    for (number, state) in [(2, approved_by(1)), (3, DeviceState::Denied)] {
        let decided = StoredDevice {
            state,
            ..device(number)
        };
        assert!(add(store, &decided).await);
        assert!(find_by_user_code(store, number, later()).await.is_none());
    }
}

pub async fn a_user_code_is_given_once_and_the_transaction_goes_on(store: &SharedStore) {
    prepare(store).await;
    let same = StoredDevice {
        user_code: user_code(1),
        ..device(2)
    };
    let (taken, free) = write(store, async |tx| {
        let devices = tx.oauth().devices();
        let taken = devices.insert(&same).await.works();
        (taken, devices.insert(&device(3)).await.works())
    })
    .await;
    assert_eq!((taken, free), (false, true));
    assert!(find(store, 2).await.is_none());
    assert!(find_by_user_code(store, 1, later()).await == Some(device(1)));
}

pub async fn a_poll_changes_its_instant_and_the_interval_only(store: &SharedStore) {
    prepare(store).await;
    assert!(add(store, &device(2)).await);
    let interval = Duration::from_micros(10_000_009);
    let poll = async |number| {
        write(store, async |tx| {
            tx.oauth()
                .devices()
                .polled(&digest(number), later(), interval)
                .await
                .works();
        })
        .await;
    };
    poll(1).await;
    poll(9).await;
    let expected = StoredDevice {
        polled_at: Some(later()),
        interval,
        ..device(1)
    };
    assert!(find(store, 1).await == Some(expected));
    assert!(find(store, 2).await == Some(device(2)), "another one is as it was");
}

pub async fn a_request_of_a_device_is_decided_once(store: &SharedStore) {
    prepare(store).await;
    assert!(decide_at_once(store, &approved_by(1), later()).await);
    for other in [DeviceState::Denied, approved_by(2), DeviceState::Pending] {
        assert!(!decide_at_once(store, &other, later()).await);
    }
    let expected = StoredDevice {
        state: approved_by(1),
        ..device(1)
    };
    assert!(find(store, 1).await == Some(expected));
}

pub async fn a_refused_request_of_a_device_stays_refused(store: &SharedStore) {
    prepare(store).await;
    assert!(decide_at_once(store, &DeviceState::Denied, later()).await);
    assert!(!decide_at_once(store, &approved_by(1), later()).await);
    assert_eq!(redeem_at_once(store, later()).await, None);
    assert!(
        find(store, 1)
            .await
            .is_some_and(|device| device.state == DeviceState::Denied)
    );
}

pub async fn an_expired_request_of_a_device_is_not_decided(store: &SharedStore) {
    prepare(store).await;
    let end = device(1).expires_at;
    assert!(!decide_at_once(store, &approved_by(1), end).await);
    assert!(find(store, 1).await == Some(device(1)));
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(
        decide_at_once(store, &approved_by(1), just_before).await,
        "to the microsecond"
    );
    assert_eq!(redeem_at_once(store, end).await, None);
    assert_eq!(redeem_at_once(store, just_before).await, Some(login_of(1)));
}

pub async fn an_approved_request_of_a_device_is_redeemed_once(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(redeem_at_once(store, later()).await, None, "nobody has approved it");
    assert!(decide_at_once(store, &approved_by(1), later()).await);
    assert_eq!(redeem_at_once(store, later()).await, Some(login_of(1)));
    assert_eq!(redeem_at_once(store, later()).await, None);
    assert!(find(store, 1).await.is_none());
}

pub async fn a_request_of_a_device_is_deleted_once(store: &SharedStore) {
    prepare(store).await;
    assert!(add(store, &device(2)).await);
    let delete = async || write(store, async |tx| tx.oauth().devices().delete(&digest(1)).await.works()).await;
    assert!(delete().await);
    assert!(!delete().await);
    assert!(find(store, 1).await.is_none());
    assert!(find(store, 2).await.is_some());
}

pub async fn an_approved_request_of_a_device_goes_with_its_login(store: &SharedStore) {
    prepare(store).await;
    for (number, state) in [(2, approved_by(1)), (3, approved_by(2)), (4, DeviceState::Denied)] {
        let decided = StoredDevice {
            state,
            ..device(number)
        };
        assert!(add(store, &decided).await);
    }
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert!(find(store, 2).await.is_none(), "with the session of its browser");
    assert!(find(store, 3).await.is_some());
    assert!(write(store, async |tx| tx.users().delete(user_id(2)).await.works()).await);
    assert!(find(store, 3).await.is_none(), "and with its account");
    assert!(find(store, 1).await.is_some(), "nobody has decided this one");
    assert!(find(store, 4).await.is_some());
}

pub async fn a_request_of_a_device_needs_its_client_and_its_login(store: &SharedStore) {
    prepare(store).await;
    let mut of_no_client = device(2);
    of_no_client.request.client = client_id(9);
    let mut tx = store.begin().await.works();
    assert!(tx.oauth().devices().insert(&of_no_client).await.is_err());
    drop(tx);
    let without_browser = DeviceState::Approved(completed_login(user_id(9), None));
    let of_no_session = DeviceState::Approved(completed_login(user_id(1), Some(session_id(9))));
    for state in [without_browser, of_no_session] {
        let mut tx = store.begin().await.works();
        assert!(tx.oauth().devices().decide(&digest(1), &state, later()).await.is_err());
        drop(tx);
    }
    assert!(find(store, 1).await == Some(device(1)));
}

pub async fn purging_forgets_requests_of_devices_that_expired_before_the_cutoff(store: &SharedStore) {
    prepare(store).await;
    for (number, seconds) in [(2, 9), (3, 10), (4, 11)] {
        let expiring = StoredDevice {
            expires_at: instant(seconds),
            ..device(number)
        };
        assert!(add(store, &expiring).await);
    }
    let purge = async || write(store, async |tx| tx.oauth().devices().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (1, 0));
    assert!(find(store, 2).await.is_none());
    assert!(find(store, 3).await.is_some());
    assert!(find(store, 4).await.is_some());
    let again = StoredDevice {
        user_code: user_code(2),
        ..device(5)
    };
    assert!(add(store, &again).await, "the user code is free again");
}
