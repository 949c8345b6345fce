//! The private PostgreSQL.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use testkit::postgres::{Cluster, REQUIREMENT};
use testkit::requirement::missing;
use tokio::io::{AsyncBufReadExt, BufReader};

async fn query(url: &str, sql: &str) -> Output {
    tokio::process::Command::new("psql")
        .args(["-X", "-A", "-t", "-d", url, "-c", sql])
        .output()
        .await
        .unwrap()
}

async fn answer(url: &str, sql: &str) -> String {
    let output = query(url, sql).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_database_is_new_and_empty_and_durable() {
    let Some(cluster) = Cluster::shared().await else {
        return missing(REQUIREMENT);
    };
    let (one, other) = tokio::join!(cluster.create_database(), cluster.create_database());
    assert_ne!(one, other);
    answer(&one, "CREATE TABLE things (id int)").await;
    assert!(!query(&other, "SELECT * FROM things").await.status.success());
    assert_eq!(answer(&one, "SHOW fsync").await, "on");
    assert_eq!(answer(&one, "SHOW server_encoding").await, "UTF8");
    assert!(answer(&one, "SHOW max_connections").await.parse::<u32>().unwrap() >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_ordered_as_people_do_unless_bytes_are_asked_for() {
    let Some(cluster) = Cluster::shared().await else {
        return missing(REQUIREMENT);
    };
    let url = cluster.create_database().await;
    assert_eq!(answer(&url, "SELECT 'b' < 'Z', 'b' COLLATE \"C\" < 'Z'").await, "t|f");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_server_leaves_nothing() {
    let Some(cluster) = Cluster::start().await else {
        return missing(REQUIREMENT);
    };
    let (home, url) = (cluster.home().to_owned(), cluster.create_database().await);
    assert!(home.exists());
    assert_eq!(answer(&url, "SELECT 1").await, "1");
    tokio::task::block_in_place(|| drop(cluster));
    assert!(!home.exists());
    assert!(!query(&url, "SELECT 1").await.status.success());
}

/// Not a test: the process that [`a_server_does_not_outlive_a_killed_process`] kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test, as a process of its own"]
async fn victim() {
    let cluster = Cluster::shared().await.unwrap();
    println!("home={}=", cluster.home().display());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_outlive_a_killed_process() {
    if Cluster::shared().await.is_none() {
        return missing(REQUIREMENT);
    }
    let mut victim = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored", "--nocapture"])
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
    tokio::time::timeout(Duration::from_secs(60), gone)
        .await
        .expect("the server stops and its folder goes");
}
