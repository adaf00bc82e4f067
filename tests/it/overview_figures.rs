//! Every number of the headteacher's overview, counted a second time and slowly: from the marks, the stages and the
//! suspended sessions themselves, over generated schools and over the demo world. And what governors see of it.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};
use sqlx::PgConnection;
use time::{Date, Duration, macros::date};
use uuid::Uuid;
use waymark::{
    db::{self, Moment, calendar, case, cluster::Cluster, duties, exclusions},
    domain::{
        duties::What,
        ids::{CaseId, SchoolId},
    },
    seed::{self, Size},
    web::session,
};

use crate::{
    caseload_figures,
    support::{self, NOW, Person, Town, scratch},
};

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn texts(html: &Html, css: &str) -> Vec<String> {
    html.select(&Selector::parse(css).unwrap()).map(text).collect()
}

async fn page(town: &Town, who: &Person, path: &str) -> Html {
    let answer = town.get(who, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    Html::parse_document(&answer.body)
}

/// The rows of a table, as text, with the row's heading first.
fn rows(html: &Html, table: &str) -> Vec<Vec<String>> {
    let cells = Selector::parse("th, td").unwrap();
    html.select(&Selector::parse(&format!("{table} tbody tr")).unwrap())
        .map(|row| row.select(&cells).map(text).collect())
        .collect()
}

/// Points and marks made of a case's latest twenty recorded days, from the marks themselves: a day is recorded when it
/// has a mark that counts. The demo world has marks of its latest weeks; of the days before them there are the totals.
pub async fn from_marks(owner: &mut PgConnection, case: Uuid) -> (i64, i64) {
    sqlx::query_as(
        "with counted as (select m.on_date, m.points from app.marks m
                          where m.case_id = $1 and m.points is not null
                            and not exists (select from app.day_reasons r where r.case_id = m.case_id and r.on_date = m.on_date
                                              and r.period = m.period and r.reason is not null)),
              by_day as (select on_date, sum(points) as points, count(*) as marks from counted group by on_date
                      union all
                      select d.on_date, d.points, d.recorded from app.days d
                      where d.case_id = $1 and d.recorded > 0
                        and not exists (select from app.marks m where m.case_id = $1 and m.on_date = d.on_date))
         select coalesce(sum(points), 0)::bigint, coalesce(sum(marks), 0)::bigint
         from (select points, marks from by_day order by on_date desc limit 20) latest",
    )
    .bind(case)
    .fetch_one(owner)
    .await
    .unwrap()
}

/// What is overdue at a school, reckoned case by case and counted day by day.
async fn overdue(owner: &mut PgConnection, school: Uuid, moment: Moment) -> usize {
    let id = SchoolId::from(school);
    let calendar = calendar::of_school(owner, id, moment.today).await.unwrap();
    let cases: Vec<Uuid> = sqlx::query_scalar(
        "select id from app.cases where school_id = $1 and (closed_on is null or closed_on > $2::date - 70)",
    )
    .bind(school)
    .bind(moment.today)
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    let mut count = 0;
    for case in cases {
        let case = case::of(owner, CaseId::from(case)).await.unwrap().unwrap();
        sqlx::query("update app.case_duties set reckoned_on = null where case_id = $1")
            .bind(case.id.uuid())
            .execute(&mut *owner)
            .await
            .unwrap();
        for duty in duties::of_case(owner, &case, moment).await.unwrap() {
            let days =
                std::iter::successors(Some(duty.due_on + Duration::DAY), |day| Some(*day + Duration::DAY));
            let since =
                days.take_while(|day| *day <= moment.today).filter(|day| calendar.is_school_day(*day));
            let late = duty.due_on < moment.today && since.count() > 0;
            count += usize::from(late && !matches!(duty.what, What::Exclusion { .. }));
        }
    }
    let owing = exclusions::owing(owner, &[id], moment).await.unwrap();
    count + owing.iter().flat_map(|of| &of.duties).filter(|duty| duty.due_on < moment.today).count()
}

type Session = (Uuid, Vec<Date>, Vec<Date>, Vec<Date>);

/// Half-days of the school year that pupils of a school lost, date by date; pupils of whom more is known than rows of
/// this school's suspensions that stand are left out.
pub async fn half_days(owner: &mut PgConnection, school: Uuid) -> BTreeMap<Uuid, usize> {
    let rows: Vec<Session> = sqlx::query_as(
        "select e.pupil_id, e.mornings, e.afternoons, e.lunchtimes from app.exclusions e
         where e.school_id = $1 and not exists (
             select from app.exclusions x where x.pupil_id = e.pupil_id
                and (x.cancelled_on is not null or x.kind = 'permanent' or x.school_id <> e.school_id))
           and not exists (select from app.exclusions_elsewhere o where o.pupil_id = e.pupil_id)",
    )
    .bind(school)
    .fetch_all(owner)
    .await
    .unwrap();
    let mut lost: BTreeMap<(Uuid, Date), BTreeSet<&str>> = BTreeMap::new();
    for (pupil, mornings, afternoons, lunchtimes) in &rows {
        for (name, days) in [("am", mornings), ("pm", afternoons), ("noon", lunchtimes)] {
            for day in days.iter().filter(|day| **day >= date!(2026 - 08 - 01)) {
                lost.entry((*pupil, *day)).or_default().insert(name);
            }
        }
    }
    let mut halves = BTreeMap::new();
    for ((pupil, _), parts) in lost {
        *halves.entry(pupil).or_default() += parts.len().min(2);
    }
    halves
}

async fn count(owner: &mut PgConnection, sql: &'static str, school: Uuid) -> usize {
    let count: i64 = sqlx::query_scalar(sql).bind(school).fetch_one(owner).await.unwrap();
    usize::try_from(count).unwrap()
}

/// Every number of the overview of this school against the rows.
async fn compare(town: &mut Town, head: &Person, school: Uuid, today: Date) {
    let moment = Moment { now: town.now(), today };
    let late = overdue(&mut town.owner, school, moment).await;
    let html = page(town, head, "/overview").await;
    let numbers: Vec<usize> =
        texts(&html, ".wm-numbers strong").iter().map(|number| number.parse().unwrap()).collect();
    let open = count(
        &mut town.owner,
        "select count(*) from app.cases where school_id = $1 and closed_on is null",
        school,
    )
    .await;
    let waiting = count(
        &mut town.owner,
        "select count(*) from app.proposals where school_id = $1 and answer is null",
        school,
    )
    .await;
    assert_eq!(numbers[..3], [open, late, waiting], "on the programme, overdue, waiting");

    // Each number leads to exactly what it counts.
    let mut listed = 0;
    let mut at = Some("/overview/pupils".to_owned());
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(path) = at {
        let html = page(town, head, &path).await;
        for row in rows(&html, "main table") {
            listed += 1;
            words.entry(row[0].clone()).or_default().push(format!("{} | {}", row[2], row[4]));
        }
        let next = html.select(&Selector::parse("main p a[href*='after=']").unwrap()).next();
        at = next.map(|link| link.value().attr("href").unwrap().to_owned());
    }
    assert_eq!(listed, open);
    let html_late = page(town, head, "/overview/overdue").await;
    let steps =
        rows(&html_late, "main table:not(.wm-late)").iter().map(|row| &row[3]).cloned().collect::<Vec<_>>();
    let steps: usize = steps
        .iter()
        .map(|by| by.trim_end_matches(" overdue").rsplit(' ').next().unwrap().parse::<usize>().unwrap_or(0))
        .sum();
    assert_eq!(rows(&html_late, ".wm-late").len() + steps, late);
    assert_eq!(rows(&html, ".wm-waiting").len(), waiting);

    // Who is at or above goal, from the marks.
    let cases: Vec<(Uuid, String, i16)> = sqlx::query_as(
        "select c.id, coalesce(p.known_as, p.given_name) || ' ' || p.family_name, s.goal_percent
         from app.cases c join app.pupils p on p.id = c.pupil_id join app.schools s on s.id = c.school_id
         where c.school_id = $1 and c.closed_on is null",
    )
    .bind(school)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    let (mut reached, mut without) = (0, 0);
    for (case, name, goal) in cases {
        let (points, marks) = from_marks(&mut town.owner, case).await;
        let is = marks > 0 && points * 100 >= i64::from(goal) * 2 * marks;
        reached += usize::from(is);
        without += usize::from(marks == 0);
        let (points, standing) = match (marks, is) {
            (0, _) => ("no points recorded".to_owned(), "Nothing recorded"),
            (_, true) => (format!("{points} of {} points", 2 * marks), "At or above goal"),
            (_, false) => (format!("{points} of {} points", 2 * marks), "Below goal"),
        };
        let said = words.get(&name).unwrap_or_else(|| panic!("{name} in {words:?}"));
        let right = said.iter().any(|words| words.contains(&points) && words.contains(standing));
        assert!(right, "{name}: {points}, {standing}, said {said:?}");
    }
    let title = texts(&html, ".wm-multiples figcaption").remove(0);
    let said: Vec<usize> =
        title.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let mut counted = vec![reached, open];
    counted.extend((without > 0).then_some(without));
    assert_eq!(said, if open == 0 { vec![] } else { counted }, "{title}");

    stages(town, &html, school).await;
    suspended(town, head, school, numbers[3]).await;
    let left: i64 = sqlx::query_scalar(
        "select count(*) from app.cases where school_id = $1 and closed_on >= '2026-08-01' and ended_as <> 'opened_in_error'",
    )
    .bind(school)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(
        rows(&page(town, head, "/overview/left").await, "main table").len(),
        usize::try_from(left).unwrap()
    );
}

/// The table of the stages, from every row of every stage.
async fn stages(town: &mut Town, html: &Html, school: Uuid) {
    let rows_of: Vec<(i16, Date, Option<Date>)> = sqlx::query_as(
        "select t.stage, t.entered_on, t.left_on from app.case_stages t join app.cases c on c.id = t.case_id
         where c.school_id = $1 and (c.ended_as is null or c.ended_as <> 'opened_in_error')",
    )
    .bind(school)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    let drawn = rows(html, ".wm-chart--stacked table");
    assert!(drawn.len() <= 12 && !drawn.is_empty());
    for row in drawn {
        let words: Vec<_> = row[0].split(' ').collect();
        let month = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
        .iter()
        .position(|month| *month == words[2])
        .unwrap();
        let month = time::Month::try_from(u8::try_from(month + 1).unwrap()).unwrap();
        let day =
            Date::from_calendar_date(words[3].parse().unwrap(), month, words[1].parse().unwrap()).unwrap();
        let at = |stage: i16| {
            rows_of
                .iter()
                .filter(|(of, entered, left)| {
                    *of == stage && *entered <= day && left.is_none_or(|left| left > day)
                })
                .count()
        };
        let counted = [at(1), at(2), at(3)];
        let said: Vec<usize> = row[1..].iter().map(|number| number.parse().unwrap()).collect();
        assert_eq!(said[..3], counted, "{day}");
        assert_eq!(said[3], counted.iter().sum::<usize>());
    }
}

/// The bars of suspended days, from every session.
async fn suspended(town: &mut Town, head: &Person, school: Uuid, near: usize) {
    let html = page(town, head, "/overview/suspension-days").await;
    let links = Selector::parse("main tbody tr").unwrap();
    let link = Selector::parse("th a").unwrap();
    let words = Selector::parse(".wm-limit__words").unwrap();
    let mut said: BTreeMap<Uuid, f64> = BTreeMap::new();
    for row in html.select(&links) {
        let href = row.select(&link).next().unwrap().value().attr("href").unwrap();
        let pupil = href.trim_start_matches("/pupils/").split('/').next().unwrap().parse().unwrap();
        let days = text(row.select(&words).next().unwrap());
        said.insert(pupil, days.trim_end_matches(" of 45").parse().unwrap());
    }
    let counted = half_days(&mut town.owner, school).await;
    for (pupil, halves) in &counted {
        let days = f64::from(u32::try_from(*halves).unwrap()) / 2.0;
        let is = said.get(pupil).copied().unwrap_or(0.0);
        assert!((is - days).abs() < 0.01, "{pupil}: said {is}, counted {days}");
    }
    let close = said.values().filter(|days| **days >= 35.0).count();
    assert_eq!(near, close);
    assert_eq!(rows(&page(town, head, "/overview/suspension-days?near=1").await, "main table").len(), close);
}

/// Small numbers that look thrown, the same every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Case, day, points, marks made, marks expected.
type Days = (Vec<Uuid>, Vec<Date>, Vec<i16>, Vec<i16>, Vec<i16>);

/// Case, target, day, period, points.
type Marks = (Vec<Uuid>, Vec<Uuid>, Vec<Date>, Vec<i16>, Vec<i16>);

/// The rows of a world, column by column, to be written at once.
#[derive(Default)]
struct Rows {
    days: Days,
    /// Case, day, period.
    excused: (Vec<Uuid>, Vec<Date>, Vec<i16>),
    marks: Marks,
    /// Case, stage, from, to.
    stages: (Vec<Uuid>, Vec<i16>, Vec<Date>, Vec<Option<Date>>),
}

/// Other days, marks, stages, ends and suspensions for every case of Greenfield.
async fn shuffle(town: &mut Town, dice: &mut Dice, cases: &[Uuid]) {
    let (authority, school, lead) = (town.authority, town.greenfield.id, town.greenfield.lead.id);
    sqlx::query("begin").execute(&mut town.owner).await.unwrap();
    for sql in [
        "delete from app.marks where case_id = any ($1)",
        "delete from app.day_reasons where case_id = any ($1)",
        "delete from app.days where case_id = any ($1)",
        "delete from app.case_stages where case_id = any ($1)",
    ] {
        sqlx::query(sql).bind(cases).execute(&mut town.owner).await.unwrap();
    }
    let targets: Vec<(Uuid, Uuid)> =
        sqlx::query_as("select case_id, id from app.targets where case_id = any ($1)")
            .bind(cases)
            .fetch_all(&mut town.owner)
            .await
            .unwrap();
    let mut rows = Rows::default();
    for case in cases {
        let of_case: Vec<_> = targets.iter().filter(|(of, _)| of == case).map(|(_, id)| *id).collect();
        throw_days(dice, *case, &of_case, &mut rows);
        lives(town, dice, *case, &mut rows).await;
    }
    let Rows { days, excused, marks, stages } = rows;
    sqlx::query(
        "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                               first_saved_at, saved_at, saved_by, entered_late)
         select $1, $2, c, d, 1, p, 2 * r, r, e, $8, $8, $9, false
         from unnest($3::uuid[], $4::date[], $5::smallint[], $6::smallint[], $7::smallint[]) x (c, d, p, r, e)",
    )
    .bind(authority)
    .bind(school)
    .bind(days.0)
    .bind(days.1)
    .bind(days.2)
    .bind(days.3)
    .bind(days.4)
    .bind(NOW)
    .bind(lead)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.day_reasons (authority_id, school_id, case_id, on_date, period, reason, version, marked_at, marked_by)
         select $1, $2, c, d, p, 'exam', 1, $6, $7 from unnest($3::uuid[], $4::date[], $5::smallint[]) x (c, d, p)",
    )
    .bind(authority)
    .bind(school)
    .bind(excused.0)
    .bind(excused.1)
    .bind(excused.2)
    .bind(NOW)
    .bind(lead)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.marks (authority_id, school_id, case_id, target_id, on_date, period, points, source, version,
                                marked_at, marked_by)
         select $1, $2, c, t, d, p, n, 'single', 1, $8, $9
         from unnest($3::uuid[], $4::uuid[], $5::date[], $6::smallint[], $7::smallint[]) x (c, t, d, p, n)",
    )
    .bind(authority)
    .bind(school)
    .bind(marks.0)
    .bind(marks.1)
    .bind(marks.2)
    .bind(marks.3)
    .bind(marks.4)
    .bind(NOW)
    .bind(lead)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by, left_on)
         select gen_random_uuid(), $1, $2, c, s, f, $7, $8, t
         from unnest($3::uuid[], $4::smallint[], $5::date[], $6::date[]) x (c, s, f, t)",
    )
    .bind(authority)
    .bind(school)
    .bind(stages.0)
    .bind(stages.1)
    .bind(stages.2)
    .bind(stages.3)
    .bind(NOW)
    .bind(lead)
    .execute(&mut town.owner)
    .await
    .unwrap();
    kept_with(town, cases).await;
    sqlx::query("commit").execute(&mut town.owner).await.unwrap();
}

/// Weeks and last marked days of these cases, as every save of a sheet keeps them.
async fn kept_with(town: &mut Town, cases: &[Uuid]) {
    for sql in [
        "delete from app.case_weeks where case_id = any ($1)",
        "insert into app.case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded, expected)
         select authority_id, school_id, case_id, date_trunc('week', on_date)::date, count(*), sum(points), sum(possible),
                sum(recorded), sum(expected)
         from app.days where case_id = any ($1) group by 1, 2, 3, 4",
        "update app.cases c set last_marked_on = (select max(d.on_date) from app.days d where d.case_id = c.id and d.recorded > 0)
         where c.id = any ($1)",
    ] {
        sqlx::query(sql).bind(cases).execute(&mut town.owner).await.unwrap();
    }
}

/// Days with their marks for a case.
fn throw_days(dice: &mut Dice, case: Uuid, targets: &[Uuid], rows: &mut Rows) {
    let mood = dice.throw(4);
    // Some are away from some day on: their sheets are saved with nothing on them.
    let away = if dice.throw(3) == 0 { dice.throw(10) } else { u64::MAX };
    for n in 0..dice.throw(30) {
        let day = date!(2026 - 10 - 20) + Duration::days(i64::try_from(n).unwrap());
        if dice.throw(6) == 0 {
            continue;
        }
        let excused = (dice.throw(5) == 0).then(|| i16::try_from(1 + dice.throw(6)).unwrap());
        let (mut points, mut recorded, mut expected) = (0_i16, 0_i16, 0_i16);
        for target in targets {
            for period in 1..=6_i16 {
                let mark = (dice.throw(9) > 0 && n < away)
                    .then(|| i16::try_from((dice.throw(4) + mood).min(4) / 2).unwrap());
                if let Some(mark) = mark {
                    rows.marks.0.push(case);
                    rows.marks.1.push(*target);
                    rows.marks.2.push(day);
                    rows.marks.3.push(period);
                    rows.marks.4.push(mark);
                }
                if excused != Some(period) {
                    expected += 1;
                    recorded += i16::from(mark.is_some());
                    points += mark.unwrap_or(0);
                }
            }
        }
        rows.days.0.push(case);
        rows.days.1.push(day);
        rows.days.2.push(points);
        rows.days.3.push(recorded);
        rows.days.4.push(expected);
        if let Some(period) = excused {
            rows.excused.0.push(case);
            rows.excused.1.push(day);
            rows.excused.2.push(period);
        }
    }
}

/// A way through the stages, an end for some, and a suspension for some.
async fn lives(town: &mut Town, dice: &mut Dice, case: Uuid, rows: &mut Rows) {
    let lead = town.greenfield.lead.id;
    let mut day = date!(2026 - 08 - 20);
    let mut moves = Vec::new();
    for stage in 1..=i16::try_from(1 + dice.throw(3)).unwrap() {
        day += Duration::days(i64::try_from(dice.throw(28)).unwrap());
        moves.push((stage, day));
    }
    let ended = (dice.throw(4) == 0).then(|| day + Duration::days(i64::try_from(dice.throw(10)).unwrap()));
    let how = ["progress", "left", "excluded", "opened_in_error"][usize::try_from(dice.throw(4)).unwrap()];
    for (at, (stage, entered)) in moves.iter().enumerate() {
        rows.stages.0.push(case);
        rows.stages.1.push(*stage);
        rows.stages.2.push(*entered);
        rows.stages.3.push(moves.get(at + 1).map(|(_, next)| *next).or(ended));
    }
    sqlx::query(
        "update app.cases set stage = $2, opened_on = $3, closed_on = $4, ended_as = $5 where id = $1",
    )
    .bind(case)
    .bind(moves.last().unwrap().0)
    .bind(moves[0].1)
    .bind(ended)
    .bind(ended.map(|_| how))
    .execute(&mut town.owner)
    .await
    .unwrap();
    // What was issued is never taken away: suspensions only add up.
    if dice.throw(7) == 0 {
        let first = date!(2026 - 09 - 07) + Duration::weeks(i64::try_from(dice.throw(6)).unwrap());
        let length = i64::try_from(dice.throw(30)).unwrap();
        let days: Vec<Date> = (0..=length)
            .map(|n| first + Duration::days(n))
            .filter(|day| day.weekday().number_days_from_monday() < 5)
            .filter(|day| !(date!(2026 - 10 - 24)..=date!(2026 - 11 - 01)).contains(day))
            .collect();
        let afternoons = days[..days.len() - usize::try_from(dice.throw(2)).unwrap()].to_vec();
        sqlx::query(
            "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, kind, decided_on, issuer,
                                         issued_by, mornings, afternoons, reasons, words, exams_left, guidance, send, looked_after,
                                         social_worker, lives_elsewhere, recorded_on, recorded_at)
             select $1, authority_id, school_id, pupil_id, enrolment_id, id, 'suspension', $3, 'headteacher', $4, $5, $6, '{PA}', 'x',
                    true, 'Test', 'none', false, false, false, $3, $7
             from app.cases where id = $2",
        )
        .bind(Uuid::now_v7())
        .bind(case)
        .bind(first)
        .bind(lead)
        .bind(&days)
        .bind(&afternoons)
        .bind(NOW)
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
}

/// Worlds made and counted again: two hundred in all, in two halves beside each other; `PROPTEST_CASES` asks for another
/// number.
fn worlds() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse::<u32>().ok());
    asked.unwrap_or(200).div_ceil(2)
}

/// Worlds of one town: what was issued is never taken away, so that suspensions add up from one to the next.
const WORLDS_OF_A_TOWN: u32 = 10;

async fn recounted(seed: u64) {
    let mut dice = Dice(seed);
    let mut left = worlds();
    while left > 0 {
        let mut town = Town::new().await;
        let mut cases = town.class(8, 2).await;
        cases.push(town.greenfield.case.case);
        // Names tell the pupils of the list apart.
        sqlx::query("update app.pupils set given_name = 'P' || substr(id::text, 30) where school_id = $1")
            .bind(town.greenfield.id)
            .execute(&mut town.owner)
            .await
            .unwrap();
        let (head, school) = (town.greenfield.head.clone(), town.greenfield.id);
        let la = town.person("la_representative", None).await;
        represented(&mut town, &la, &cases[..3]).await;
        for _ in 0..left.min(WORLDS_OF_A_TOWN) {
            shuffle(&mut town, &mut dice, &cases).await;
            compare(&mut town, &head, school, NOW.date()).await;
            governors(&mut town, &head, school).await;
            caseload_figures::compare(&mut town, &la, NOW.date()).await;
        }
        left = left.saturating_sub(WORLDS_OF_A_TOWN);
        town.state.db.close().await;
    }
}

/// Says who looks after these cases.
async fn represented(town: &mut Town, la: &Person, cases: &[Uuid]) {
    sqlx::query(
        "insert into app.case_representatives (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)
         select gen_random_uuid(), authority_id, school_id, id, $2, '2026-11-02', $3, $2 from app.cases where id = any ($1)",
    )
    .bind(cases)
    .bind(la.id)
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn every_number_equals_a_slow_recount_of_the_rows() {
    recounted(20_261_124).await;
}

#[tokio::test]
async fn every_number_equals_a_slow_recount_of_other_rows() {
    recounted(803).await;
}

/// What governors see: nobody's name, no number of pupils under five, and none that the others give back.
async fn governors(town: &mut Town, head: &Person, school: Uuid) {
    let answer = town.get(head, "/overview/governors").await;
    let html = Html::parse_document(&answer.body);
    let main = texts(&html, "main").remove(0);
    let names: Vec<String> = sqlx::query_scalar("select given_name from app.pupils where school_id = $1")
        .bind(school)
        .fetch_all(&mut town.owner)
        .await
        .unwrap();
    for name in names {
        assert!(!main.contains(&name), "{name} is named");
    }
    let tables = Selector::parse("main table").unwrap();
    for table in html.select(&tables) {
        let table = Html::parse_fragment(&table.html());
        let of_rows: Vec<Vec<String>> =
            rows(&table, "table").into_iter().map(|row| row[1..].to_vec()).collect();
        let wholes: Vec<Vec<String>> =
            if of_rows[0].len() == 1 { vec![of_rows.into_iter().flatten().collect()] } else { of_rows };
        for whole in wholes {
            let (total, parts) = whole.split_last().unwrap();
            let shown: Vec<u32> = parts.iter().filter_map(|number| number.parse().ok()).collect();
            // Nought names nobody; from one to four could.
            assert!(shown.iter().all(|number| *number == 0 || *number >= 5), "{whole:?}");
            match total.parse::<u32>() {
                Ok(total) => {
                    let rest = total - shown.iter().sum::<u32>();
                    let hidden = parts.len() - shown.len();
                    assert!(
                        hidden == 0 && rest == 0 || hidden > 1 && rest >= 5,
                        "{whole:?} gives {rest} away"
                    );
                }
                Err(_) => assert!(shown.is_empty(), "{whole:?}"),
            }
        }
    }
}

/// The headteacher of the demo world's Greenfield, signed in.
async fn demo_head(town: &mut Town) -> (Person, Uuid) {
    let (id, school): (Uuid, Uuid) = sqlx::query_as(
        "select u.id, g.school_id from app.users u join app.grants g on g.user_id = u.id
         where u.email = 'head@greenfield.example' and g.role = 'headteacher'",
    )
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    let token = session::new_token();
    sqlx::query(
        "insert into app.sessions (id, token_hash, user_id, made_at, seen_at, ends_at) values ($1, $2, $3, $4, $4, $5)",
    )
    .bind(Uuid::now_v7())
    .bind(session::hash_of(&token).as_slice())
    .bind(id)
    .bind(NOW)
    .bind(NOW + Duration::hours(12))
    .execute(&mut town.owner)
    .await
    .unwrap();
    let person = Person {
        id,
        email: "head@greenfield.example".to_owned(),
        cookie: format!("waymark-session={token}"),
        grant: Uuid::nil(),
    };
    (person, school)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_of_the_demo_world_equals_a_slow_recount() {
    let dir = scratch("figures");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    seed::world(&mut owner, Size::demo(), Moment { now: NOW, today: NOW.date() }).await.unwrap();
    let mut town = Town::at(cluster.web(), owner).await;
    let (head, school) = demo_head(&mut town).await;
    compare(&mut town, &head, school, NOW.date()).await;
    let before = page(&town, &head, "/overview/weeks/2026-11-16").await;
    governors(&mut town, &head, school).await;
    let again = page(&town, &head, "/overview/weeks/2026-11-16").await;
    let lines = |html: &Html| texts(html, "main table tr, main dl");
    assert_eq!(lines(&before), lines(&again));
    let authority = sqlx::query_scalar("select authority_id from app.schools where id = $1")
        .bind(school)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let la = support::person(&mut town.owner, authority, "la_representative", None).await;
    caseload_figures::compare(&mut town, &la, NOW.date()).await;
    town.state.db.close().await;
    drop(town);
    drop(cluster);
    std::fs::remove_dir_all(dir).unwrap();
}
