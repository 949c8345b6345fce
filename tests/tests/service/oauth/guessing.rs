//! Secrets of clients that were chosen, and may be guessable.

use std::time::Duration;

use application::clients::SecretChoice;
use domain::client::ClientAuthentication;
use domain::secret::Password;
use tests::Service;
use tests::crowd::{count, crowd};

use super::{draft, register};

const SECRET: &str = "summer2024";

async fn with_chosen_secret(service: &Service) {
    let choice = SecretChoice::Chosen(Password::new(SECRET).unwrap());
    register(service, "legacy", draft(ClientAuthentication::Secret), choice).await;
}

async fn tries(service: &Service, secret: &str) -> u16 {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "legacy"),
        ("client_secret", secret),
    ];
    service.post("/auth/token").form(&fields).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_guesses_are_evaluated_than_the_limit() {
    let (service, clock) = Service::with_clock().await;
    with_chosen_secret(&service).await;
    assert_eq!(tries(&service, SECRET).await, 200);
    // The right one is among them, after those that may be evaluated.
    for number in 0..5 {
        assert_eq!(tries(&service, &format!("guess {number}")).await, 401);
    }
    assert_eq!(
        tries(&service, SECRET).await,
        401,
        "the right one is a guess like any other now"
    );
    clock.advance(Duration::from_secs(61));
    assert_eq!(tries(&service, SECRET).await, 200);
    // A success clears what was charged.
    for number in 0..4 {
        assert_eq!(tries(&service, &format!("guess {number}")).await, 401);
    }
    assert_eq!(tries(&service, SECRET).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_guesses_is_bounded_too() {
    let service = Service::sqlite().await;
    with_chosen_secret(&service).await;
    let guess = |number: usize| {
        let secret = if number < 150 {
            format!("guess {number}")
        } else {
            SECRET.to_owned()
        };
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "legacy"),
            ("client_secret", secret.as_str()),
        ];
        service.post("/auth/token").form(&fields)
    };
    let answers = crowd((0..150).map(guess)).await;
    assert_eq!(count(&answers, 401), 150);
    let answers = crowd((150..160).map(guess)).await;
    assert_eq!(count(&answers, 401), 10, "the client is held");
    let admin = service.admin_token().await;
    let evaluated = service.events(&admin, "client.refused").await.len();
    assert_eq!(evaluated, 5, "what is not evaluated is not written down");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_machines_that_come_at_once_do_not_hold_each_other_up() {
    let service = Service::sqlite().await;
    with_chosen_secret(&service).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "legacy"),
        ("client_secret", SECRET),
    ];
    let answers = crowd((0..40).map(|_| service.post("/auth/token").form(&fields))).await;
    assert_eq!(count(&answers, 200), 40);
}
