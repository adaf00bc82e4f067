//! Every number of the caseload's views and of the schools, counted a second time and slowly: from the marks, the
//! sheets, the suspended sessions and what each case owes as its own page says, over generated schools and over the demo
//! world. What is owed and when is tried in `domain/duties.rs`; here, that lists and counts keep to it.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};
use time::{Date, Duration};
use uuid::Uuid;
use waymark::{
    db::{Moment, calendar, case, duties},
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        duties::Owner,
        ids::{CaseId, SchoolId},
    },
};

use crate::{
    caseload::everything,
    exports::read_csv,
    overview_figures::{from_marks, half_days},
    support::{Person, Town},
};

/// An open case, as its rows say it stands.
#[expect(clippy::struct_excessive_bools, reason = "each is a view of its own")]
struct Stands {
    case: Uuid,
    school: Uuid,
    stage: i16,
    mine: bool,
    overdue: bool,
    unmarked: usize,
    near_limit: bool,
    waits_for_la: bool,
    last_marked: Option<Date>,
    /// Of the latest twenty recorded days: points, marks made.
    points: (i64, i64),
}

/// Whether a case is of a view.
type Is = fn(&Stands) -> bool;

/// Marks that count, day by day. The demo world has marks of its latest weeks; of the days before, the totals.
const MARKED: &str = "
    select on_date, count(*) from app.marks m
    where m.case_id = $1 and m.points is not null and not exists (
        select from app.day_reasons r where r.case_id = m.case_id and r.on_date = m.on_date and r.period = m.period
           and r.reason is not null)
    group by on_date
    union all
    select d.on_date, d.recorded from app.days d where d.case_id = $1 and d.recorded > 0
       and not exists (select from app.marks m where m.case_id = $1 and m.on_date = d.on_date)";

/// Whether marks were expected on a day: as its sheet says; without one, when a target was worked on in a school with
/// periods and nobody had said that the pupil would be away.
const EXPECTED: &str = "
    select coalesce(
        (select d.expected > 0 and d.reason is null from app.days d where d.case_id = $1 and d.on_date = $2),
        exists (select from app.targets t where t.case_id = $1 and t.starts_on <= $2
                   and (t.ended_on is null or t.ended_on >= $2))
        and exists (select from app.school_periods p join app.cases c on c.school_id = p.school_id
                    where c.id = $1 and p.from_on <= $2 and (p.to_on is null or p.to_on >= $2))
        and not exists (select from app.known_absences a where a.case_id = $1 and a.withdrawn_at is null
                           and a.periods is null and $2 between a.from_on and a.to_on))";

/// School days in a row before today, of the latest 31, on which marks were expected and nobody made any.
async fn unmarked(
    town: &mut Town,
    (case, opened_on): (Uuid, Date),
    marked: &BTreeMap<Date, i64>,
    calendar: &SchoolCalendar,
    today: Date,
) -> usize {
    let back = std::iter::successors(Some(today), |day| day.previous_day());
    let days = back.take(200).filter(|day| calendar.is_school_day(*day)).take(31);
    let mut row = 0;
    for day in days.filter(|day| *day < today && *day >= opened_on) {
        if marked.contains_key(&day) {
            break;
        }
        let expected: bool =
            sqlx::query_scalar(EXPECTED).bind(case).bind(day).fetch_one(&mut town.owner).await.unwrap();
        row += usize::from(expected);
    }
    row
}

/// Every open case of a school, from its rows.
async fn stands(town: &mut Town, la: &Person, school: Uuid, today: Date) -> Vec<Stands> {
    let moment = Moment { now: town.now(), today };
    let calendar = calendar::of_school(&mut town.owner, SchoolId::from(school), today).await.unwrap();
    let lost = half_days(&mut town.owner, school).await;
    let open: Vec<(Uuid, Uuid, i16, Date, Uuid, i32)> = sqlx::query_as(
        "select c.id, c.pupil_id, c.stage, c.opened_on, c.lead_id, d.year_half_days
         from app.cases c join app.case_duties d on d.case_id = c.id where c.school_id = $1 and c.closed_on is null",
    )
    .bind(school)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    let mut all = Vec::new();
    for (id, pupil, stage, opened_on, lead, kept) in open {
        let of = case::of(&mut town.owner, CaseId::from(id)).await.unwrap().unwrap();
        sqlx::query("update app.case_duties set reckoned_on = null where case_id = $1")
            .bind(id)
            .execute(&mut town.owner)
            .await
            .unwrap();
        let owed = duties::of_case(&mut town.owner, &of, moment).await.unwrap();
        let late = |due: Date| {
            let after = std::iter::successors(due.next_day(), |day| day.next_day());
            after.take_while(|day| *day <= today).any(|day| calendar.is_school_day(day))
        };
        let marked: Vec<(Date, i64)> =
            sqlx::query_as(MARKED).bind(id).fetch_all(&mut town.owner).await.unwrap();
        let marked: BTreeMap<_, _> = marked.into_iter().collect();
        let looks_after: bool = sqlx::query_scalar(
            "select exists (select from app.case_representatives r where r.case_id = $1 and r.user_id = $2 and r.to_on is null)",
        )
        .bind(id)
        .bind(la.id)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
        // Of a pupil with more than rows of this school's suspensions that stand, as it is kept.
        let halves = lost.get(&pupil).copied().unwrap_or_else(|| usize::try_from(kept).unwrap());
        all.push(Stands {
            case: id,
            school,
            stage,
            mine: looks_after || lead == la.id,
            overdue: owed.iter().any(|duty| late(duty.due_on)),
            unmarked: unmarked(town, (id, opened_on), &marked, &calendar, today).await,
            near_limit: halves >= 70,
            waits_for_la: owed.iter().any(|duty| duty.what.owner() == Owner::LaRepresentative),
            last_marked: marked.last_key_value().map(|(day, _)| *day),
            points: from_marks(&mut town.owner, id).await,
        });
    }
    all
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first number of some words, without its commas.
fn number(words: &str) -> usize {
    words.split(' ').next().unwrap().replace(',', "").parse().unwrap_or_else(|_| panic!("{words}"))
}

/// Every number an LA representative for all schools sees of the caseload and of the schools, against the rows.
pub async fn compare(town: &mut Town, la: &Person, today: Date) {
    let schools: Vec<(Uuid, String)> = sqlx::query_as(
        "select s.id, s.name from app.schools s join app.users u on u.authority_id = s.authority_id and u.id = $1 order by s.name",
    )
    .bind(la.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    let mut all = Vec::new();
    for (school, _) in &schools {
        all.extend(stands(town, la, *school, today).await);
    }
    let page = town.get(la, "/caseload").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let views: [(&str, &str, Is); 7] = [
        ("all", "All open", |_| true),
        ("mine", "Mine", |of| of.mine),
        ("overdue", "Overdue", |of| of.overdue),
        ("stage-3", "Stage 3", |of| of.stage == 3),
        ("no-marks", "No marks for 3 days", |of| of.unmarked >= 3),
        ("near-45-days", "Near 45 days", |of| of.near_limit),
        ("waiting-for-la", "Waiting for the LA", |of| of.waits_for_la),
    ];
    for (view, label, is) in views {
        let wanted: BTreeSet<_> = all.iter().filter(|of| is(of)).map(|of| of.case).collect();
        let link = format!("{label} ({}<", wanted.len());
        assert!(page.body.contains(&link), "{link}: {}", page.body);
        let listed = everything(town, la, &format!("/caseload?view={view}&size=100")).await;
        assert_eq!(listed.len(), wanted.len(), "{view}: each once");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), wanted, "{view}");
    }
    lines(town, la, &all).await;
    let answer = town.get(la, "/schools").await;
    let html = Html::parse_document(&answer.body);
    let (row, cell) = (Selector::parse("main tbody tr").unwrap(), Selector::parse("th, td").unwrap());
    let rows: Vec<Vec<String>> = html.select(&row).map(|row| row.select(&cell).map(text).collect()).collect();
    assert_eq!(rows.len(), schools.len());
    for (row, (school, name)) in rows.iter().zip(&schools) {
        assert!(row[0].starts_with(name.as_str()), "{row:?}");
        let here: Vec<_> = all.iter().filter(|of| of.school == *school).collect();
        let at = |stage| here.iter().filter(|of| of.stage == stage).count();
        let counted = [here.len(), at(1), at(2), at(3), here.iter().filter(|of| of.overdue).count()];
        let said: Vec<_> = row[1..6].iter().map(|words| number(words)).collect();
        assert_eq!(said, counted, "{row:?}: open, by stage, overdue");
        recorded(town, row, *school, today).await;
        let last = here.iter().filter_map(|of| of.last_marked).max();
        let calendar = calendar::of_school(&mut town.owner, SchoolId::from(*school), today).await.unwrap();
        let Some(last) = last else {
            assert!(row[7].starts_with("not yet"), "{row:?}");
            continue;
        };
        assert!(row[7].starts_with(&dates::short(last)), "{row:?}: {last}");
        let since = std::iter::successors(last.next_day(), |day| day.next_day());
        let since = since.take_while(|day| *day < today).filter(|day| calendar.is_school_day(*day)).count();
        let words = match since {
            0 => None,
            1 => Some(", 1 school day since".to_owned()),
            n => Some(format!(", {n} school days since")),
        };
        assert_eq!(words.is_some_and(|words| row[7].contains(&words)), since > 0, "{row:?}: {since}");
        assert_eq!(row[7].contains("No marks"), since >= 3 && !here.is_empty(), "{row:?}: {since}");
    }
}

/// Every line of the caseload as its file has it: when the case was last marked, and its latest twenty recorded days.
async fn lines(town: &mut Town, la: &Person, all: &[Stands]) {
    let answers = [("query", ""), ("format", "csv"), ("why", "meeting"), ("words", "recount")];
    let file = town.post(la, "/caseload/export", &answers).await;
    let numbers: Vec<(Uuid, i64)> = sqlx::query_as("select id, number from app.cases where id = any ($1)")
        .bind(all.iter().map(|of| of.case).collect::<Vec<_>>())
        .fetch_all(&mut town.owner)
        .await
        .unwrap();
    let numbers: BTreeMap<_, _> = numbers.into_iter().collect();
    let rows: BTreeMap<i64, Vec<String>> =
        read_csv(file.body.as_bytes()).into_iter().map(|row| (row[0].parse().unwrap(), row)).collect();
    assert_eq!(rows.len(), all.len());
    for of in all {
        let row = &rows[&numbers[&of.case]];
        let (points, marks) = of.points;
        let last = of.last_marked.map_or_else(String::new, |day| day.to_string());
        assert_eq!(row[7..10], [last, points.to_string(), (2 * marks).to_string()], "{row:?}");
    }
}

/// What a school recorded of what was expected since the Monday three weeks before this one, sheet by sheet and mark by
/// mark.
async fn recorded(town: &mut Town, row: &[String], school: Uuid, today: Date) {
    let since = monday(today) - Duration::weeks(3);
    let (made, expected): (i64, i64) = sqlx::query_as(
        "select coalesce(sum(made), 0)::bigint, coalesce(sum(expected), 0)::bigint
         from (select d.expected, (select count(*) from app.marks m
                                   where m.case_id = d.case_id and m.on_date = d.on_date and m.points is not null
                                     and not exists (select from app.day_reasons r
                                                     where r.case_id = m.case_id and r.on_date = m.on_date and r.period = m.period
                                                       and r.reason is not null)) as made
               from app.days d where d.school_id = $1 and d.on_date >= $2) x",
    )
    .bind(school)
    .bind(since)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    if expected == 0 {
        assert_eq!(row[6], "no marks expected");
        return;
    }
    let said: Vec<_> = row[6].split(" of ").map(number).collect();
    let counted = [made, expected].map(|n| usize::try_from(n).unwrap());
    assert_eq!(said, counted, "{row:?}");
    let percent = (f64::from(i32::try_from(made).unwrap()) * 100.0
        / f64::from(i32::try_from(expected).unwrap()))
    .round();
    assert!(row[6].ends_with(&format!("({percent}%)")), "{row:?}");
}
