//! Rows of a place elsewhere: a transfer with its papers on the agenda of a panel, an off-site direction, and a
//! transfer that a third school's pupil was allocated by.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{NOW, School, pupil};

/// A panel on Thursday 26 November 2026, which takes papers until Wednesday.
pub async fn panel(owner: &mut PgConnection, authority: Uuid, id: Uuid, by: Uuid) {
    sqlx::query(
        "insert into app.panels (id, authority_id, name, meets_on, starts_at, place, papers_close_on, made_at, made_by, changed_at,
                                 changed_by)
         values ($1, $2, 'PRRP', '2026-11-26', '13:30', 'Room 2', '2026-11-25', $4, $3, $4, $3)",
    )
    .bind(id)
    .bind(authority)
    .bind(by)
    .bind(NOW)
    .execute(owner)
    .await
    .unwrap();
}

/// Seats somebody on a panel.
pub async fn seat(owner: &mut PgConnection, authority: Uuid, panel: Uuid, user: Uuid) {
    sqlx::query(
        "insert into app.panel_members (authority_id, panel_id, user_id, named_at, named_by) values ($1, $2, $3, $4, $3)",
    )
    .bind(authority)
    .bind(panel)
    .bind(user)
    .bind(NOW)
    .execute(owner)
    .await
    .unwrap();
}

/// Whose papers these are.
struct Papers<'a> {
    school: Uuid,
    case: Uuid,
    pupil: Uuid,
    by: Uuid,
    words: &'a str,
}

/// A transfer with one section for the panel and one for the receiving school, on the agenda of a panel; when
/// `allocated`, a place at that school.
async fn transfer(
    owner: &mut PgConnection,
    authority: Uuid,
    (id, panel, referral): (Uuid, Uuid, Uuid),
    of: &Papers<'_>,
    allocated: Option<Uuid>,
) {
    let pack = Uuid::now_v7();
    let state = match allocated {
        None => {
            json!({"state": {"at": "papers_submitted", "version": 1, "panel": panel}, "since": "2026-11-23"})
        }
        Some(school) => {
            json!({"state": {"at": "panel_allocated", "version": 1, "panel": panel, "school": school},
                               "since": "2026-11-23"})
        }
    };
    let state = sqlx::types::Json(state);
    let standing = if allocated.is_some() { "panel_allocated" } else { "papers_submitted" };
    sqlx::query(
        "insert into app.transfers (id, authority_id, school_id, case_id, pupil_id, standing, state, version, receiving_id, opened_on,
                                    opened_at, opened_by, changed_at, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, 3, $8, '2026-11-20', $9, $10, $9, $10)",
    )
    .bind(id)
    .bind(authority)
    .bind(of.school)
    .bind(of.case)
    .bind(of.pupil)
    .bind(standing)
    .bind(state)
    .bind(allocated)
    .bind(NOW)
    .bind(of.by)
    .execute(&mut *owner)
    .await
    .unwrap();
    let named = "with o as (select $1::uuid id, $2::uuid authority, $3::uuid school, $4::uuid \"case\", $5::uuid pupil, $6::uuid pack,
        $7::uuid panel, $8::uuid referral, $9::uuid by_id, $10::text words, $11::timestamptz at) ";
    for sql in [
        "insert into app.transfer_events (transfer_id, seq, authority_id, school_id, case_id, kind, event, words, on_date, at, by_id)
         select id, 1, authority, school, \"case\", 'proposed', '{\"event\": \"proposed\"}', words, '2026-11-20', at, by_id from o",
        "insert into app.pack_items (transfer_id, item, authority_id, school_id, case_id, presence, words, share, version, changed_at,
                                     changed_by)
         select id, 'risk', authority, school, \"case\", 'present', words, 'panel', 1, at, by_id from o",
        "insert into app.packs (id, authority_id, school_id, case_id, transfer_id, pupil_id, version, name, about, schools, procedure,
                                reasons, submitted_on, submitted_at, submitted_by)
         select pack, authority, school, \"case\", id, pupil, 1, 'Sam ' || words, 'Year 9', '[]', 'x', '{}', '2026-11-23', at, by_id
         from o",
        "insert into app.pack_sections (pack_id, position, authority_id, school_id, case_id, transfer_id, item, audience, words)
         select pack, n, authority, school, \"case\", id, item, audience, words || ' for ' || audience
         from o, (values (1, 'risk', 'panel'), (2, 'parents', 'receiving')) as s (n, item, audience)",
        "update app.transfers t set pack_id = o.pack from o where t.id = o.id",
        "insert into app.referrals (id, authority_id, school_id, case_id, transfer_id, pack_id, panel_id, made_at, made_by, changed_at,
                                    changed_by)
         select referral, authority, school, \"case\", id, pack, panel, at, by_id, at, by_id from o",
    ] {
        sqlx::query(AssertSqlSafe(format!("{named}{sql}")))
            .bind(id)
            .bind(authority)
            .bind(of.school)
            .bind(of.case)
            .bind(of.pupil)
            .bind(pack)
            .bind(panel)
            .bind(referral)
            .bind(of.by)
            .bind(of.words)
            .bind(NOW)
            .execute(&mut *owner)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}

/// A transfer for the case of this school, on the agenda of its panel.
pub async fn refer(owner: &mut PgConnection, authority: Uuid, school: &School) {
    let (case, by) = (&school.case, school.lead.id);
    let papers =
        Papers { school: school.id, case: case.case, pupil: case.pupil, by, words: &school.sentinel };
    transfer(owner, authority, (case.transfer, case.panel, case.referral), &papers, None).await;
}

/// One row of everything about a place elsewhere, for the case of this school; and a transfer to it from a third one.
pub async fn furnish(owner: &mut PgConnection, authority: Uuid, school: &School) {
    let (case, by) = (&school.case, school.lead.id);
    panel(owner, authority, case.panel, by).await;
    refer(owner, authority, school).await;
    for sql in [
        "insert into app.panel_interests (id, authority_id, school_id, case_id, transfer_id, referral_id, user_id, interest, words,
                                          declared_on, declared_at)
         select gen_random_uuid(), $1, $2, $3, t.id, r.id, $4, 'family', $5, '2026-11-24', $6
         from app.transfers t join app.referrals r on r.transfer_id = t.id where t.case_id = $3",
        "insert into app.allocations (id, authority_id, school_id, case_id, transfer_id, referral_id, panel_id, outcome, reasons,
                                      protocol, given, present, abstained, decided_on, decided_at, decided_by)
         select gen_random_uuid(), $1, $2, $3, t.id, r.id, r.panel_id, 'not_placed', $5, 'x', '{}', '[]', '[]', '2026-11-24', $6, $4
         from app.transfers t join app.referrals r on r.transfer_id = t.id where t.case_id = $3",
        "insert into app.direction_reviews (id, authority_id, school_id, case_id, direction_id, held_on, kind, people, words,
                                            recorded_at, recorded_by)
         select gen_random_uuid(), $1, $2, $3, d.id, '2026-11-20', 'planned', '{head}', $5, $6, $4 from app.directions d
         where d.case_id = $3",
        "insert into app.direction_requests (id, authority_id, school_id, case_id, direction_id, asked_on, asked_by, recorded_at,
                                             recorded_by)
         select gen_random_uuid(), $1, $2, $3, d.id, '2026-11-18', $5, $6, $4 from app.directions d where d.case_id = $3",
    ] {
        if sql.contains("direction_reviews") {
            direction(owner, authority, school).await;
        }
        sqlx::query(sql)
            .bind(authority)
            .bind(school.id)
            .bind(case.case)
            .bind(by)
            .bind(&school.sentinel)
            .bind(NOW)
            .execute(&mut *owner)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    received(owner, authority, school).await;
}

async fn direction(owner: &mut PgConnection, authority: Uuid, school: &School) {
    sqlx::query(
        "insert into app.directions (id, authority_id, school_id, case_id, decided_on, decided_for, place, address, report_to, times,
                                     reasons, objectives, starts_on, ends_on, la_told, given, notice_on, notice_how, made_at, made_by,
                                     changed_at, changed_by)
         values ($1, $2, $3, $4, '2026-11-02', 'The board', $5, 'Road', 'A person', '9am', 'x', 'x', '2026-11-09', '2026-12-11', false,
                 '{}', '2026-11-03', 'By hand', $6, $7, $6, $7)",
    )
    .bind(school.case.direction)
    .bind(authority)
    .bind(school.id)
    .bind(school.case.case)
    .bind(&school.sentinel)
    .bind(NOW)
    .bind(school.lead.id)
    .execute(owner)
    .await
    .unwrap();
}

/// A pupil of a third school, allocated to this one.
async fn received(owner: &mut PgConnection, authority: Uuid, school: &School) {
    let (third, by) = (Uuid::now_v7(), school.lead.id);
    let urn = if school.sentinel.starts_with("Greenfield") { "900011" } else { "900012" };
    sqlx::query(
        "insert into app.schools (id, authority_id, name, urn, establishment, phase)
         values ($1, $2, 'Third School', $3, '4901', 'secondary')",
    )
    .bind(third)
    .bind(authority)
    .bind(urn)
    .execute(&mut *owner)
    .await
    .unwrap();
    let (pupil, enrolment) = pupil(owner, authority, third, by, "Elsewhere").await;
    let case = Uuid::now_v7();
    sqlx::query(
        "insert into app.cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at, opened_by,
                                rationale, stage, lead_id, sort_name)
         select $1, $2, $3, $4, $5, p.id, '2026-11-02', $6, $7, 'x', 3, $7, 'elsewhere' from app.policies p
         where p.authority_id = $2 order by p.version limit 1",
    )
    .bind(case)
    .bind(authority)
    .bind(third)
    .bind(pupil)
    .bind(enrolment)
    .bind(NOW)
    .bind(by)
    .execute(&mut *owner)
    .await
    .unwrap();
    let their_panel = Uuid::now_v7();
    panel(owner, authority, their_panel, by).await;
    let papers = Papers { school: third, case, pupil, by, words: "Elsewhere" };
    let ids = (school.case.received, their_panel, Uuid::now_v7());
    transfer(owner, authority, ids, &papers, Some(school.id)).await;
}
