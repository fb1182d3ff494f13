//! The vault: one person stays one person, and names leave it only when asked for.

use std::path::Path;
use svodka_vault::{PersonKey, PersonKind, Vault, VaultError, normalised_name};
use tempfile::TempDir;

fn by_name(group: &str, name: &str) -> PersonKey {
    PersonKey {
        engine_id: None,
        group: Some(group.to_owned()),
        name: name.to_owned(),
    }
}

fn by_id(engine_id: &str, name: &str) -> PersonKey {
    PersonKey {
        engine_id: Some(engine_id.to_owned()),
        group: None,
        name: name.to_owned(),
    }
}

async fn open(dir: &Path) -> Vault {
    Vault::open(dir).await.unwrap()
}

#[test]
fn spellings_of_one_name() {
    let check = |left: &str, right: &str, is_same: bool| {
        let (left_plain, right_plain) = (normalised_name(left), normalised_name(right));
        assert_eq!(
            left_plain == right_plain,
            is_same,
            "{left_plain} / {right_plain}"
        );
    };
    check("Берёзов Артём", "Березов Артем", true);
    check("  Берёзов   Артём ", "берёзов артём", true);
    check("Берёзов\u{a0}Артём", "Берёзов Артём", true);
    // Latin B, e, o and a in Cyrillic words.
    check("Bетров Ивaн", "Ветров Иван", true);
    check("Ветрoв И. О.", "Ветров И.О.", true);
    check("Луг\u{ad}овая-Полева", "Луговая‑Полева", true);
    check("Луговая - Полева", "Луговая-Полева", true);
    check("Ученик 1", "Ученик 2", false);
    check("Берёзов Артём", "Берёзова Артём", false);
    // A Latin name stays Latin.
    check("Pavel Oreх", "Pavel Orex", false);
    assert_eq!(normalised_name("Pavel Orex"), "pavel orex");
}

#[tokio::test]
async fn the_same_person_gets_the_same_id_for_ever() {
    let dir = TempDir::new().unwrap();
    let keys = [
        by_name("5Б", "Берёзов Артём"),
        by_name("5Б", "БЕРЕЗОВ  Артем"),
        by_name("5А", "Берёзов Артём"),
        by_id("17", "Берёзов Артём"),
    ];
    let first = open(dir.path())
        .await
        .resolve(1, PersonKind::Pupil, &keys)
        .await
        .unwrap();
    assert_eq!(first[0], first[1]);
    assert_ne!(first[0], first[2], "another group, another namesake");
    assert_ne!(
        first[0], first[3],
        "an id of the journal tells a person apart"
    );
    assert!(first.iter().all(|&id| id > 0));

    // Another process, another order, the same ids.
    let vault = open(dir.path()).await;
    let reversed: Vec<PersonKey> = keys.iter().rev().cloned().collect();
    let second = vault
        .resolve(1, PersonKind::Pupil, &reversed)
        .await
        .unwrap();
    assert_eq!(second, first.iter().rev().copied().collect::<Vec<_>>());

    // Another institution, or a teacher of that name, is somebody else.
    let elsewhere = vault
        .resolve(2, PersonKind::Pupil, &keys[..1])
        .await
        .unwrap();
    let teacher = vault
        .resolve(1, PersonKind::Teacher, &keys[..1])
        .await
        .unwrap();
    assert_ne!(elsewhere[0], first[0]);
    assert_ne!(teacher[0], first[0]);
}

#[tokio::test]
async fn a_name_may_change_while_the_id_stays() {
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    let other_process = open(dir.path()).await;
    let before = vault
        .resolve(1, PersonKind::Pupil, &[by_id("17", "Берёзова  Вера")])
        .await
        .unwrap();
    assert_eq!(
        other_process.names(&before).await.unwrap()[&before[0]],
        "Берёзова Вера"
    );
    let after = vault
        .resolve(1, PersonKind::Pupil, &[by_id("17", "Ученик 1")])
        .await
        .unwrap();
    assert_eq!(before, after);
    // The other process had the old name in its cache.
    assert_eq!(
        other_process.names(&before).await.unwrap()[&before[0]],
        "Ученик 1"
    );
    // A file without the name does not take it away.
    vault
        .resolve(1, PersonKind::Pupil, &[by_id("17", " ")])
        .await
        .unwrap();
    assert_eq!(vault.names(&before).await.unwrap()[&before[0]], "Ученик 1");
}

#[tokio::test]
async fn unknown_ids_have_no_name() {
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    assert!(vault.names(&[0, 1, 2]).await.unwrap().is_empty());
    assert!(
        vault
            .resolve(1, PersonKind::Pupil, &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn merged_persons_are_one() {
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    let keys = [
        by_name("5Б", "Ученик 1"),
        by_name("5Б", "Берёзов Артём"),
        by_name("5Б", "Березов А."),
    ];
    let ids = vault.resolve(1, PersonKind::Pupil, &keys).await.unwrap();
    vault.merge(ids[0], ids[2]).await.unwrap();
    vault.merge(ids[2], ids[1]).await.unwrap();
    let now = vault.resolve(1, PersonKind::Pupil, &keys).await.unwrap();
    assert_eq!(now, [ids[1], ids[1], ids[1]]);
    let names = vault.names(&ids).await.unwrap();
    assert!(names.values().all(|name| name == "Берёзов Артём"));
    // Merging back into a merged person changes nothing.
    vault.merge(ids[1], ids[0]).await.unwrap();
    assert_eq!(
        vault.resolve(1, PersonKind::Pupil, &keys).await.unwrap(),
        now
    );
    assert!(matches!(
        vault.merge(ids[0], 5).await.unwrap_err(),
        VaultError::NoPerson { person_id: 5 }
    ));
}

#[tokio::test]
async fn thousands_are_resolved_at_once_in_the_order_asked() {
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    let keys: Vec<PersonKey> = (0..20_000)
        .map(|number| by_id(&(number % 10_000).to_string(), &format!("Имя {number}")))
        .collect();
    let ids = vault.resolve(1, PersonKind::Pupil, &keys).await.unwrap();
    assert_eq!(ids.len(), 20_000);
    assert_eq!(ids[..10_000], ids[10_000..]);
    let distinct: std::collections::BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), 10_000);
    assert_eq!(vault.names(&ids).await.unwrap().len(), 10_000);
}

#[tokio::test]
async fn no_name_is_printed_by_accident() {
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    let key = by_id("17", "Берёзов Артём");
    assert!(!format!("{key:?} {vault:?}").contains("Артём"));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let vault = open(dir.path()).await;
    vault
        .resolve(1, PersonKind::Pupil, &[by_id("1", "Имя")])
        .await
        .unwrap();
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"] {
        let mode = std::fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
