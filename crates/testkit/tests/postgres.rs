//! The private PostgreSQL.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use testkit::postgres::{Cluster, REQUIREMENT};
use testkit::requirement::missing;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test(flavor = "multi_thread")]
async fn each_database_is_new_and_empty_and_durable() {
    let Some(cluster) = Cluster::shared().await else {
        return missing(REQUIREMENT);
    };
    let (one, other) = tokio::join!(cluster.create_database(), cluster.create_database());
    assert_ne!(one, other);
    cluster.sql(&one, "CREATE TABLE things (id int)").await.unwrap();
    assert!(cluster.sql(&other, "SELECT * FROM things").await.is_err());
    assert_eq!(cluster.sql(&one, "SHOW fsync").await.unwrap(), "on");
    assert_eq!(cluster.sql(&one, "SHOW server_encoding").await.unwrap(), "UTF8");
    assert!(
        cluster
            .sql(&one, "SHOW max_connections")
            .await
            .unwrap()
            .parse::<u32>()
            .unwrap()
            >= 300
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_ordered_as_people_do_unless_bytes_are_asked_for() {
    let Some(cluster) = Cluster::shared().await else {
        return missing(REQUIREMENT);
    };
    let url = cluster.create_database().await;
    assert_eq!(
        cluster
            .sql(&url, "SELECT 'b' < 'Z', 'b' COLLATE \"C\" < 'Z'")
            .await
            .unwrap(),
        "t|f"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_server_leaves_nothing() {
    let Some(cluster) = Cluster::start().await else {
        return missing(REQUIREMENT);
    };
    let (home, url) = (cluster.home().to_owned(), cluster.create_database().await);
    assert!(home.exists());
    assert_eq!(cluster.sql(&url, "SELECT 1").await.unwrap(), "1");
    tokio::task::block_in_place(|| drop(cluster));
    assert!(!home.exists());
    let address = url.split(['@', '/']).nth(3).unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

/// Set in the process that is killed, which runs the same test.
const VICTIM: &str = "COUNTERSIGN_TEST_VICTIM";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_outlive_a_killed_process() {
    let Some(cluster) = Cluster::shared().await else {
        return missing(REQUIREMENT);
    };
    if std::env::var_os(VICTIM).is_some() {
        println!("home={}=", cluster.home().display());
        return std::future::pending().await;
    }
    let mut victim = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_does_not_outlive_a_killed_process", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let home = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the victim says where its server lives");
        if let Some(home) = line.split('=').nth(1) {
            break PathBuf::from(home);
        }
    };
    assert!(home.exists());
    victim.kill().await.unwrap();
    let gone = async {
        while home.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), gone)
        .await
        .expect("the server stops and its folder goes");
}
