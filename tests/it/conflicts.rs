//! Two people change the same thing: whoever is second finds every word they typed beside what stands now, and nothing
//! of it is kept.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::support::{Faster, Person, Town};

/// A form that changes a version nobody has any more, and what of it the page must repeat.
struct Second {
    who: Person,
    path: String,
    fields: Vec<(&'static str, &'static str)>,
    /// What a choice or a date is repeated as; everything else is repeated as it was typed.
    says: &'static [&'static str],
    /// Fields of which `says` speaks.
    chosen: &'static [&'static str],
}

async fn one(town: &mut Town, sql: &'static str, of: Uuid) -> Uuid {
    sqlx::query_scalar(sql).bind(of).fetch_one(&mut town.owner).await.unwrap()
}

async fn all(town: &mut Town) -> Vec<Second> {
    let own = town.greenfield.clone();
    let admin = town.person("la_administrator", None).await;
    let contact = one(town, "select id from app.contacts where pupil_id = $1 limit 1", own.case.pupil).await;
    let added = [
        ("place", "authority"),
        ("theme", "Arriving"),
        ("words", "Be there before the bell"),
        ("criterion", "Four days of five"),
    ];
    assert_eq!(town.post(&admin, "/admin/targets/new", &added).await.status, StatusCode::SEE_OTHER);
    let example =
        "select id from app.bank_targets where authority_id = $1 and words = 'Be there before the bell'";
    let example = one(town, example, town.authority).await;
    vec![
        Second {
            who: own.lead.clone(),
            path: format!("/pupils/{}/edit", own.case.pupil),
            fields: vec![
                ("given_name", "Zofia"),
                ("family_name", "Zyskowska"),
                ("known_as", "Zosia"),
                ("pronouns", "they/them"),
                ("born_on.day", "24"),
                ("born_on.month", "12"),
                ("born_on.year", "2012"),
                ("year_group", "8"),
                ("year_reason", "Came in the middle of a year"),
                ("upn", ""),
                ("no_upn_reason", "Came from Spain"),
                ("send", "ehcp"),
                ("looked_after", "yes"),
                ("eal", "yes"),
            ],
            says: &["24 December 2012", "-1 from the usual year", "Education, health and care plan", "Yes"],
            chosen: &[
                "born_on.day",
                "born_on.month",
                "born_on.year",
                "year_group",
                "send",
                "looked_after",
                "eal",
            ],
        },
        Second {
            who: own.lead.clone(),
            path: format!("/pupils/{}/contacts/{contact}", own.case.pupil),
            fields: vec![
                ("name", "Zenobia Ash"),
                ("relationship", "Great-aunt"),
                ("parental_responsibility", "yes"),
                ("contact_order", "7"),
                ("phone", "0117 496 0000"),
                ("email", "zenobia@example.org"),
                ("address", "1 Far Away Road"),
                ("address_confidential", "yes"),
                ("no_contact", "yes"),
                ("no_contact_reason", "Order of the family court of May 2025"),
                ("language", "Polish"),
            ],
            says: &["Yes"],
            chosen: &["parental_responsibility", "address_confidential", "no_contact"],
        },
        Second {
            who: admin.clone(),
            path: format!("/admin/schools/{}/edit", own.id),
            fields: vec![
                ("name", "Greenfield Renamed"),
                ("urn", "654321"),
                ("establishment", "4321"),
                ("phase", "studio"),
                ("takes_part", "yes"),
                ("word.0", "Nowhere"),
                ("word.1", "Halfway"),
                ("word.2", "There"),
                ("goal", "73"),
                ("letterhead", "Greenfield House, Far Road"),
            ],
            says: &["Studio school", "The same in both: Takes part."],
            chosen: &["phase", "takes_part"],
        },
        Second {
            who: admin,
            path: format!("/admin/targets/{example}"),
            fields: vec![
                ("theme", "Punctual"),
                ("words", "Sit down when the bell goes"),
                ("criterion", "Nine of ten"),
            ],
            says: &[],
            chosen: &[],
        },
    ]
}

#[tokio::test]
async fn whoever_is_second_finds_every_word_they_typed() {
    let mut town = Town::new().await;
    for Second { who, path, mut fields, says, chosen } in all(&mut town).await {
        let before = town.digest().await;
        fields.push(("version", "99"));
        let answer = town.post(&who, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.body);
        assert_eq!(before, town.digest().await, "{path}: nothing is kept");
        let typed = fields.iter().filter(|(name, _)| *name != "version" && !chosen.contains(name));
        for words in typed.map(|(_, words)| words).chain(says) {
            assert!(answer.body.contains(words), "{path}: {words}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn two_overlapping_terms_at_once_are_one_and_the_second_is_told() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    // A colleague adds a term at the same moment, and is a little faster.
    let mut colleague = Faster::begins().await;
    sqlx::query(
        "insert into app.calendar_spans (id, authority_id, school_id, kind, name, from_on, to_on, changed_at, changed_by)
         values (gen_random_uuid(), $1, $2, 'term', 'Faster', '2028-01-04', '2028-03-31', now(), $3)",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(own.head.id)
    .execute(&mut colleague.conn)
    .await
    .unwrap();
    let term = [
        ("kind", "term"),
        ("name", "Slower"),
        ("from.day", "6"),
        ("from.month", "1"),
        ("from.year", "2028"),
        ("to.day", "24"),
        ("to.month", "3"),
        ("to.year", "2028"),
        ("go", "save"),
    ];
    let path = format!("/admin/calendars/{}/spans/new", own.id);
    let (answer, ()) = tokio::join!(town.post(&own.head, &path, &term), colleague.commits_when_awaited());
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(
        answer.body.contains("terms must not overlap")
            && answer.body.contains("Slower: 6 January to 24 March 2028"),
        "{}",
        answer.body
    );
    let kept = town
        .count(
            "select count(*) from app.calendar_spans where school_id = $1 and from_on >= '2028-01-01'",
            own.id,
        )
        .await;
    assert_eq!(kept, 1);
}
