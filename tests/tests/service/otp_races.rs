//! One code, sent by everybody at once: in one authentication session and in as many as there are callers, on both databases,
//! on one node and on two. One of them gets a token, each time.

use std::sync::Arc;
use std::time::Duration;

use application::sign_in::{LoginName, LoginOutcome, LoginTerms, PasswordLogin};
use application::tokens::TokenForm;
use domain::claims::Use;
use domain::secret::Password;
use domain::session::Origin;
use domain::username::Username;
use serde_json::json;
use testkit::clock::ManualClock;
use tests::crowd::{crowd, one_winner};
use tests::nodes::PUBLIC_URL;
use tests::service::on_postgres;
use tests::{Person, Phone, Service, Setup};

const CROWD: usize = 200;
const ROUNDS: usize = 50;

/// Nodes of one service, with a clock that the test moves.
struct Nodes {
    nodes: Vec<Service>,
    clock: Arc<ManualClock>,
}

impl Nodes {
    async fn start(setup: Setup, count: usize) -> Self {
        let clock = Arc::new(ManualClock::default());
        let setup = setup.clock(&clock).set("http.public_url", PUBLIC_URL);
        let mut nodes = Vec::new();
        for _ in 0..count {
            nodes.push(setup.start().await);
        }
        Self { nodes, clock }
    }

    async fn sqlite(count: usize) -> Self {
        Self::start(Setup::default(), count).await
    }

    async fn postgres(count: usize) -> Option<Self> {
        let setup = on_postgres(Setup::default()).await?;
        Some(Self::start(setup.set("database.max_connections", "16"), count).await)
    }

    fn node(&self, number: usize) -> &Service {
        &self.nodes[number % self.nodes.len()]
    }

    async fn auth_session(&self, number: usize, person: &Person) -> String {
        let login = PasswordLogin {
            name: LoginName::Username(Username::new(&person.username).unwrap()),
            password: Password::new(&person.password).unwrap(),
            second: None,
            terms: LoginTerms {
                scopes: None,
                usage: Use::Many,
                form: TokenForm::AccessToken,
                client: None,
                otp: None,
                origin: Origin::default(),
                network: "192.0.2.1".to_owned(),
            },
        };
        match self.node(number).app().sign_in.with_password(login).await {
            Ok(LoginOutcome::SecondFactorNeeded {
                auth_session: Some(handle),
                ..
            }) => handle.expose().to_owned(),
            _ => panic!("a right password opens an authentication session"),
        }
    }

    /// `sessions` is how many of them the crowd has.
    async fn one_code_gives_one_token(&self, sessions: usize) {
        let alice = self.node(0).register("alice").await;
        let phone = Phone::import(self.node(0).app(), &alice, "Phone").await;
        let mut handles = Vec::new();
        for round in 0..ROUNDS {
            // Those that lost are still good, for ten minutes.
            if round % 8 == 0 {
                handles.clear();
            }
            for number in handles.len()..sessions {
                handles.push(self.auth_session(number, &alice).await);
            }
            let otp = phone.code(self.node(0).now());
            let calls = (0..CROWD).map(|number| {
                let body = json!({"auth_session": handles[number % sessions], "otp": otp});
                self.node(number).post("/v1/token").json(&body)
            });
            let answers = crowd(calls).await;
            let winner = one_winner(&answers, 401, "invalid_credentials").json();
            assert_eq!(winner["token_type"], "Bearer", "round {round}");
            let place = answers.iter().position(|answer| answer.status == 200);
            handles.swap_remove(place.unwrap() % sessions);
            // Past the step, and past the wait that the losers' attempts began.
            self.clock.advance(Duration::from_secs(61));
        }
    }
}

macro_rules! races {
    ($($name:ident: $nodes:literal, $sessions:expr;)*) => {
        mod on_sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::Nodes::sqlite($nodes).await.one_code_gives_one_token($sessions).await;
            }
        )*}

        mod on_postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(nodes) = super::Nodes::postgres($nodes).await {
                    nodes.one_code_gives_one_token($sessions).await;
                }
            }
        )*}
    };
}

races! {
    one_session_on_one_node: 1, 1;
    one_session_on_two_nodes: 2, 1;
    as_many_sessions_as_callers_on_one_node: 1, super::CROWD;
    as_many_sessions_as_callers_on_two_nodes: 2, super::CROWD;
}
