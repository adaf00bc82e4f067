//! What the demo world holds of exclusions, transfers, off-site directions and panels: every kind the programme names,
//! and nothing the application itself would not have kept.

use std::fs;

use sqlx::{AssertSqlSafe, Connection, PgConnection, types::Json};
use time::{Date, OffsetDateTime, macros::datetime};
use uuid::Uuid;
use waymark::{
    db::{self, Moment, calendar, case, cluster::Cluster, direction, duties, exclusions, history, transfer},
    domain::{
        direction::{Directing, to_direct},
        duties::Duty,
        ids::{CaseId, PupilId, SchoolId},
        pack::{Item, Needs, Paper, Presence, Share},
        suspension::{change, record::Exclusion},
        transfer::{
            Event, ManagedMove, Route,
            rules::{self, Submission, Verdict, weigh},
        },
    },
    seed::{self, Size},
};

use crate::support::{NOW, scratch};

async fn demo(name: &str, now: OffsetDateTime) -> (Cluster, PgConnection, std::path::PathBuf) {
    let dir = scratch(name);
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    seed::world(&mut owner, Size::demo(), Moment { now, today: now.date() }).await.unwrap();
    // As somebody who sees every school.
    sqlx::query(
        "select set_config('app.authority', (select id::text from app.authorities), false),
                set_config('app.whole', (select array_agg(id)::text from app.schools), false)",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    (cluster, owner, dir)
}

async fn count(owner: &mut PgConnection, from: &str) -> i64 {
    let sql = format!("select count(*) from {from}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(owner).await.unwrap_or_else(|e| panic!("{from}: {e}"))
}

async fn cases(owner: &mut PgConnection, which: &str) -> Vec<case::CaseOf> {
    let sql = format!("select id from app.cases c where {which} order by number");
    let ids: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *owner).await.unwrap();
    let mut found = Vec::new();
    for id in ids {
        found.push(case::of(owner, CaseId::from(id)).await.unwrap().unwrap());
    }
    found
}

/// Every transfer is what its events come to, in the days they happened on.
async fn transfers_replay(owner: &mut PgConnection) {
    type Row = (Uuid, String, Json<ManagedMove>, i32, Option<Uuid>, Option<Date>, bool, Option<Uuid>);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, standing, state, version, receiving_id, on_roll_on, share_ended_at is not null, pack_id from app.transfers",
    )
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    for (id, standing, Json(state), version, receiving, on_roll, ended, pack) in rows {
        let events: Vec<(Json<Event>, Date, OffsetDateTime)> = sqlx::query_as(
            "select event, on_date, at from app.transfer_events where transfer_id = $1 order by seq",
        )
        .bind(id)
        .fetch_all(&mut *owner)
        .await
        .unwrap();
        assert!(events.is_sorted_by_key(|(_, _, at)| *at), "{standing}: in the order of time");
        let told = ManagedMove::replay(events.iter().map(|(event, on, _)| (&event.0, *on))).unwrap();
        assert_eq!(told, state, "{standing}");
        assert_eq!((state.state.as_str(), i32::try_from(events.len()).unwrap()), (&*standing, version));
        assert_eq!(state.receiving().map(SchoolId::uuid), receiving, "{standing}");
        assert_eq!(on_roll.is_some(), matches!(&*standing, "on_roll" | "closed"));
        assert_eq!((ended, pack.is_some()), (state.is_over(), standing != "proposed"), "{standing}");
    }
}

/// Every pupil's exclusions load, none is lost twice, no school year goes beyond 45 days, and what begins when another
/// ends says why.
async fn exclusions_are_lawful(owner: &mut PgConnection, today: Date) -> usize {
    let pupils: Vec<(Uuid, Uuid)> = sqlx::query_as("select distinct pupil_id, school_id from app.exclusions")
        .fetch_all(&mut *owner)
        .await
        .unwrap();
    for (pupil, school) in &pupils {
        let (pupil, school) = (PupilId::from(*pupil), SchoolId::from(*school));
        let history = exclusions::of_pupil(owner, pupil, school, None).await.unwrap();
        let calendar = calendar::of_school(owner, school, today).await.unwrap();
        for issued in &history.issued {
            assert!(issued.exclusion.decided_on() <= today);
            let weighed = history.weigh(issued, &calendar);
            assert_eq!(weighed.sum.lawful(), Ok(()), "{}", issued.title());
            history.owed(issued, &calendar);
            let Exclusion::Suspension(suspension) = &issued.exclusion else { continue };
            for day in suspension.decided().days() {
                assert!(calendar.is_school_day(day), "{day}");
            }
            let first = suspension.decided().sessions().first().copied();
            let straight = first.and_then(|first| history.ends_at(first, &calendar));
            let further: Option<(Uuid, String)> = sqlx::query_as(
                "select further_to, further_why from app.exclusions where id = $1 and further_to is not null",
            )
            .bind(issued.id.uuid())
            .fetch_optional(&mut *owner)
            .await
            .unwrap();
            assert_eq!(straight.map(|before| before.id.uuid()), further.as_ref().map(|(id, _)| *id));
            if let (Some(Exclusion::Suspension(before)), Some((_, why))) =
                (straight.map(|b| &b.exclusion), further)
            {
                change::may_follow(before, suspension, &why, &calendar).unwrap();
            }
        }
    }
    pupils.len()
}

/// The papers that were submitted were complete, to a panel that took them, with a parent's agreement.
async fn papers_were_complete(owner: &mut PgConnection) {
    type Row = (String, String, Option<String>, Option<String>, String, Option<Date>);
    for case in cases(owner, "c.id in (select case_id from app.packs) and c.closed_on is null").await {
        let row = transfer::of_case(owner, case.id, case.school).await.unwrap().unwrap();
        let papers: Vec<Row> = sqlx::query_as(
            "select item, presence, words, reason, share, told_on from app.pack_items where transfer_id = $1",
        )
        .bind(row.id.uuid())
        .fetch_all(&mut *owner)
        .await
        .unwrap();
        let papers: Vec<Paper> = papers
            .into_iter()
            .map(|(item, presence, words, reason, share, told_on)| Paper {
                item: Item::from_stored(&item).unwrap(),
                presence: Presence::from_stored(&presence).unwrap(),
                words,
                reason,
                share: Share::from_stored(&share).unwrap(),
                told_on,
            })
            .collect();
        let (today, papers_close_on): (Date, Date) = sqlx::query_as(
            "select k.submitted_on, n.papers_close_on from app.packs k join app.referrals r on r.pack_id = k.id
             join app.panels n on n.id = r.panel_id where k.transfer_id = $1",
        )
        .bind(row.id.uuid())
        .fetch_one(&mut *owner)
        .await
        .unwrap();
        let ground = transfer::ground(owner, &case).await.unwrap();
        let asked = rules::to_submit(&Submission {
            ground: &ground,
            papers: &papers,
            pupil: Needs { ehcp: case.send == "ehcp", looked_after: case.looked_after },
            by_headteacher: true,
            papers_close_on: Some(papers_close_on),
            today,
        });
        assert_eq!(weigh(&asked, &std::collections::BTreeMap::new()), Verdict::Goes, "{asked:?}");
        assert_eq!(ground.agreed.map(|(route, _)| route), Some(Route::ManagedMove));
        assert!(ground.agreed.unwrap().1 <= today);
    }
}

async fn directions_were_allowed(owner: &mut PgConnection, today: Date) {
    for case in cases(owner, "c.id in (select case_id from app.directions)").await {
        let calendar = calendar::of_school(owner, case.school, today).await.unwrap();
        let ground = transfer::ground(owner, &case).await.unwrap();
        for row in direction::of_case(owner, case.id, case.school).await.unwrap() {
            let notice_on = row.notice_on.unwrap();
            assert!(notice_on <= today);
            let asked = to_direct(&Directing {
                ground: &ground,
                decided_on: row.decided_on,
                notice_on,
                starts_on: row.starts_on,
                ends_on: row.ends_on,
                ehcp: case.send == "ehcp",
                la_told: row.la_told,
                headteacher: true,
                calendar: &calendar,
                policy: &case.policy,
            });
            assert_eq!(weigh(&asked, &std::collections::BTreeMap::new()), Verdict::Goes, "{asked:?}");
        }
    }
}

/// What every case owes can be reckoned.
async fn duties_can_be_reckoned(owner: &mut PgConnection, moment: Moment) {
    for case in cases(owner, "true").await {
        duties::of_case(owner, &case, moment).await.unwrap();
    }
    assert_eq!(history::replay(owner).await.unwrap().wrong, Vec::<String>::new());
}

async fn as_the_application_keeps_it(owner: &mut PgConnection, now: OffsetDateTime) -> usize {
    let today = now.date();
    transfers_replay(owner).await;
    papers_were_complete(owner).await;
    directions_were_allowed(owner, today).await;
    duties_can_be_reckoned(owner, Moment { now, today }).await;
    exclusions_are_lawful(owner, today).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_holds_every_kind_of_exclusion_and_place_and_all_of_it_is_lawful() {
    let (cluster, mut owner, dir) = demo("demo", NOW).await;
    let owner_ref = &mut owner;
    let pupils = as_the_application_keeps_it(owner_ref, NOW).await;
    assert!((35..=60).contains(&pupils), "{pupils} pupils");
    for (from, least) in [
        ("app.exclusions where kind = 'suspension'", 50),
        ("app.exclusions where kind = 'permanent'", 3),
        ("app.exclusions where kind = 'permanent' and cancelled_on is not null", 1),
        ("app.exclusions where kind = 'suspension' and cancelled_on is not null", 1),
        ("app.exclusions where further_to is not null", 1),
        ("app.exclusions where looked_after and social_worker and send <> 'none'", 1),
        ("app.exclusions where cardinality(lunchtimes) > 0 and cardinality(mornings) = 0", 3),
        ("app.exclusions where '2026-11-24' = any (mornings) and case_id is not null", 1),
        (
            "app.exclusions e where not exists (select from app.exclusion_steps s where s.exclusion_id = e.id)",
            1,
        ),
        ("app.exclusion_steps where kind = 'board_decided'", 1),
        ("app.exclusion_steps where kind = 'representations'", 1),
        ("app.exclusion_steps where kind = 'education'", 1),
        ("app.exclusions_elsewhere", 1),
        ("app.cases c join app.exclusions e on e.case_id = c.id where c.ended_as = 'excluded'", 1),
        ("app.known_absences where reason = 'suspended' and withdrawn_at is null", 10),
        ("app.known_absences where reason = 'off_site' and source like 'Off-site%'", 3),
        ("app.days where reason = 'suspended' and recorded = 0", 10),
        ("app.panels where meets_on < '2026-11-24'", 2),
        ("app.panels where papers_close_on > '2026-11-24'", 1),
        ("app.panel_minutes", 1),
        ("app.referrals r join app.panels p on p.id = r.panel_id where p.meets_on > '2026-11-24'", 2),
        ("app.panel_interests", 1),
        ("app.allocations where outcome = 'not_placed'", 1),
        ("app.directions where ended_on is null and starts_on <= '2026-11-24'", 1),
        ("app.directions where starts_on > '2026-11-24'", 1),
        ("app.directions where ended_as = 'planned_return'", 1),
        ("app.direction_reviews", 3),
        ("app.direction_requests", 1),
        ("app.schools s where exists (select from app.school_places p where p.school_id = s.id)", 17),
        // Greenfield's lead has a pupil to answer for, and one who arrived.
        ("app.transfers t join app.schools s on s.id = t.receiving_id where s.name = 'Greenfield School'", 2),
    ] {
        let found = count(owner_ref, from).await;
        assert!(found >= least, "{from}: {found}");
    }
    for standing in [
        "proposed",
        "parent_agreed",
        "papers_submitted",
        "panel_allocated",
        "receiving_accepted",
        "on_roll",
        "closed",
        "withdrawn",
    ] {
        assert!(
            count(owner_ref, &format!("app.transfers where standing = '{standing}'")).await > 0,
            "{standing}"
        );
    }
    // Half-days of the autumn, the highest of each kind that the law draws a line at.
    let days: Vec<i64> = sqlx::query_scalar(
        "select sum(cardinality(mornings) + cardinality(afternoons) + coalesce(cardinality(out_mornings), 0)
                    + coalesce(cardinality(out_afternoons), 0))
         from app.exclusions where decided_on >= '2026-09-01' group by pupil_id",
    )
    .fetch_all(&mut *owner_ref)
    .await
    .unwrap();
    for half_days in [9, 28, 34, 86] {
        assert!(days.contains(&half_days), "{half_days}: {days:?}");
    }
    // A review of the direction that runs is behind, and what the pupil moved by is on both rolls in turn.
    let mut behind = 0;
    for case in cases(owner_ref, "c.id in (select case_id from app.directions where ended_on is null)").await
    {
        let owed = duties::of_case(owner_ref, &case, Moment { now: NOW, today: NOW.date() }).await.unwrap();
        let words = |duty: &&Duty| duty.what.words().starts_with("Review the off-site direction");
        behind += owed.iter().filter(words).filter(|duty| duty.due_on < NOW.date()).count();
    }
    assert_eq!(behind, 1);
    let moved = "app.transfers t join app.pupils p on p.id = t.pupil_id and p.school_id = t.receiving_id
                 join app.enrolments e on e.pupil_id = p.id and e.school_id = p.school_id and e.from_on = t.on_roll_on";
    assert_eq!(count(owner_ref, moved).await, 2);
    owner.close().await.unwrap();
    drop(cluster);
    fs::remove_dir_all(dir).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_begun_on_another_day_is_lawful_too() {
    for (n, now) in [datetime!(2026-08-12 09:30 UTC), datetime!(2027-01-06 08:20 UTC)].into_iter().enumerate()
    {
        let (cluster, mut owner, dir) = demo(&format!("demo-{n}"), now).await;
        assert!(as_the_application_keeps_it(&mut owner, now).await >= 35, "{now}");
        owner.close().await.unwrap();
        drop(cluster);
        fs::remove_dir_all(dir).unwrap();
    }
}
