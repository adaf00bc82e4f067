//! Reports: every number is what a slow recount of every row comes to; nobody sees more than is theirs; small numbers
//! stay hidden from somebody who reads every page and takes one from another.

mod attack;
mod recount;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use recount::{Counts, recount};
use scraper::{Html, Selector};
use sqlx::{AssertSqlSafe, PgConnection};
use time::Date;
use uuid::Uuid;
use waymark::{
    db::{self, Moment, cluster::Cluster},
    domain::{
        ids::SchoolId,
        policy::ProgrammePolicy,
        report::{By, Counted, Range, Report, Year},
        support::SupportKind,
    },
    seed::{self, Size},
};

use crate::support::{NOW, Person, Town, day, grant, owner, person, scratch};

/// Reports read only the parts they say: no part more changes them, and without one of them they say something else.
#[test]
fn a_report_is_made_of_its_parts() {
    let school = SchoolId::from(Uuid::now_v7());
    let kinds: Vec<_> = SupportKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let parts: [(&str, &[&str], usize); 13] = [
        ("all", &[""], 4),
        ("in_view", &["yes", "no"], 4),
        ("send", &["none", "sen_support", "ehcp"], 4),
        ("looked_after", &["yes", "no"], 4),
        ("eal", &["yes", "no"], 4),
        ("year_group", &["7", "8", "9", "10", "11", "other"], 4),
        ("entered", &["1", "2", "3"], 3),
        ("moves", &["up_2", "up_3", "down", "progress", "otherwise"], 3),
        ("weeks", &["1", "2", "3"], 53),
        ("suspended", &[""], 7),
        ("recorded", &[""], 3),
        ("support", &kinds, 10),
        ("something_new", &[""], 4),
    ];
    let of = |(part, groups, width): &(&str, &[&str], usize)| {
        let counted = |group: &&str| Counted {
            school,
            part: (*part).to_owned(),
            group: (*group).to_owned(),
            counts: (0..*width).map(|n| 40 + 3 * u32::try_from(n).unwrap()).collect(),
        };
        groups.iter().map(counted).collect::<Vec<_>>()
    };
    let all: Vec<_> = parts.iter().flat_map(of).collect();
    let said = |report: Report, by: By, wanted: &dyn Fn(&str) -> bool| {
        let counted = all.iter().filter(|counted| wanted(&counted.part)).cloned().collect();
        let year = Year {
            first_year: 2026,
            schools: vec![(school, "Greenfield".to_owned())],
            counted,
            years: Vec::new(),
            progress_range: None,
            recorded_range: None,
        };
        format!("{:?}", report.sections(&year, by))
    };
    for report in Report::ALL {
        for by in By::ALL {
            let whole = said(report, by, &|_| true);
            let own = report.parts(by);
            assert_eq!(said(report, by, &|part| own.contains(&part)), whole, "{report:?} {by:?}");
            for without in own {
                let less = said(report, by, &|part| own.contains(&part) && part != *without);
                assert_ne!(less, whole, "{report:?} {by:?} without {without}");
            }
        }
    }
}

#[test]
fn a_school_is_placed_as_roughly_as_the_range_it_is_held_against() {
    let school = |made: u32| {
        let id = SchoolId::from(Uuid::now_v7());
        let counted = Counted {
            school: id,
            part: "recorded".to_owned(),
            group: String::new(),
            counts: vec![9, made, 1_000],
        };
        ((id, made.to_string()), counted)
    };
    let (schools, counted) = [924, 930, 970, 979, 980, 999].map(school).into_iter().unzip();
    let year = Year {
        first_year: 2026,
        schools,
        counted,
        years: Vec::new(),
        progress_range: None,
        recorded_range: Some(Range { low: 95, high: 95 }),
    };
    let section = Report::Recording.sections(&year, By::default()).remove(0);
    assert!(section.notes.iter().any(|note| note.contains("about 95% of the marks")), "{:?}", section.notes);
    let rows = section.grid.unwrap().rows;
    let said: Vec<_> = rows.iter().map(|(_, values)| (values[0].words(), values[3].words())).collect();
    for ((share, place), (percent, wanted)) in said.iter().zip([
        ("(92%)", "below"),
        ("(93%)", "in"),
        ("(97%)", "in"),
        ("(97%)", "in"),
        ("(98%)", "above"),
        // Not all of them: never a hundred.
        ("(99%)", "above"),
    ]) {
        assert!(
            share.ends_with(percent) && place.starts_with(wanted),
            "{share} {place}, not {percent} {wanted}"
        );
    }
}

const WORLD: &str = include_str!("reports/world.sql");

/// A world of random cases in an authority of its own.
async fn world(owner: &mut PgConnection, seed: u32) -> Uuid {
    let authority = Uuid::now_v7();
    let policy = serde_json::json!(ProgrammePolicy::first()).to_string().replace('\'', "''");
    let sql = WORLD
        .replace("$1", &format!("'{authority}'"))
        .replace("$2", &seed.to_string())
        .replace("$3", &format!("'{policy}'"));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
    authority
}

/// Counts every school and reads what is kept.
async fn counted(owner: &mut PgConnection, authority: Uuid, today: Date) -> Counts {
    sqlx::query("select app.report_refresh(id, $2, $3) from app.schools where authority_id = $1")
        .bind(authority)
        .bind(today)
        .bind(NOW)
        .execute(&mut *owner)
        .await
        .unwrap();
    let rows: Vec<(Uuid, i16, String, String, Vec<i64>)> = sqlx::query_as(
        "select school_id, school_year, part, grp, counts from app.report_counts where authority_id = $1",
    )
    .bind(authority)
    .fetch_all(owner)
    .await
    .unwrap();
    rows.into_iter().map(|(school, year, part, grp, counts)| ((school, year, part, grp), counts)).collect()
}

fn differences(kept: &Counts, slow: &Counts) -> Vec<String> {
    let keys: BTreeSet<_> = kept.keys().chain(slow.keys()).collect();
    keys.into_iter()
        .filter(|key| kept.get(*key) != slow.get(*key))
        .map(|key| format!("{key:?}: kept {:?}, recounted {:?}", kept.get(key), slow.get(key)))
        .collect()
}

#[tokio::test]
async fn the_counts_of_many_worlds_are_what_a_slow_recount_comes_to() {
    let _town = Town::new().await;
    let mut owner = owner().await;
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..worlds() {
        let authority = world(&mut owner, seed).await;
        let kept = counted(&mut owner, authority, NOW.date()).await;
        let slow = recount(&mut owner, authority, NOW.date()).await;
        let wrong = differences(&kept, &slow);
        assert!(wrong.is_empty(), "world {seed}:\n{}", wrong.join("\n"));
        for (_, _, part, _) in kept.into_keys() {
            *parts.entry(part).or_default() += 1;
        }
    }
    println!("{} worlds: {parts:?}", worlds());
    assert_eq!(parts.len(), 12, "every part was there to be compared: {parts:?}");
}

/// Worlds to make: two hundred, and more in the long run of the tests.
fn worlds() -> u32 {
    match std::env::var("WAYMARK_STORM") {
        Ok(_) => 2000,
        Err(_) => 200,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counts_of_the_demo_world_are_what_a_slow_recount_comes_to() {
    let dir = scratch("demo-reports");
    let cluster = Cluster::start(&dir).unwrap();
    let mut owner = db::owner(&cluster.owner()).await.unwrap();
    db::migrate(&mut owner).await.unwrap();
    seed::world(&mut owner, Size::demo(), Moment { now: NOW, today: NOW.date() }).await.unwrap();
    let authority = sqlx::query_scalar("select id from app.authorities").fetch_one(&mut owner).await.unwrap();
    let kept = counted(&mut owner, authority, NOW.date()).await;
    let wrong = differences(&kept, &recount(&mut owner, authority, NOW.date()).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kept.len() > 300, "{}", kept.len());
    drop(owner);
    drop(cluster);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_picture_says_what_the_table_says() {
    let town = Town::new().await;
    let mut owner = owner().await;
    let (mut shares, mut ranges) = (0, 0);
    for seed in 900..918 {
        let authority = world(&mut owner, seed).await;
        let admin = person(&mut owner, authority, "la_administrator", None).await;
        for page in
            ["/reports/outcomes?year=2025&by=eal", "/reports/recording?year=2025", "/reports/time?year=2025"]
        {
            let body = town.get(&admin, page).await.body;
            let cells: Vec<_> = tables(&body).into_iter().flat_map(|(_, _, rows)| rows).collect();
            let parsed = Html::parse_document(&body);
            for svg in parsed.select(&Selector::parse("svg[role=img]").unwrap()) {
                let described =
                    svg.select(&Selector::parse("desc").unwrap()).next().unwrap().text().collect::<String>();
                for said in described
                    .trim_end_matches(" The numbers are in the table.")
                    .trim_end_matches('.')
                    .split(". ")
                {
                    let (label, words) = said.split_once(": ").unwrap();
                    let (_, of) = cells
                        .iter()
                        .find(|(l, _)| l == label)
                        .unwrap_or_else(|| panic!("{label}: {cells:?}"));
                    if let Some(weeks) = words.strip_suffix(" weeks") {
                        for (word, cell) in weeks.split(", ").zip(&of[1..]) {
                            let n = word.rsplit(' ').next().unwrap();
                            let cell = if cell == "less than a week" {
                                "0"
                            } else {
                                cell.split(' ').next().unwrap()
                            };
                            assert!(n == cell || cell == "a", "{page}: {said}: {of:?}");
                        }
                        ranges += 1;
                    } else {
                        assert!(
                            cells.iter().any(|(l, of)| l == label && of.iter().any(|cell| cell == words)),
                            "{page}: {said}: {of:?}"
                        );
                        shares += 1;
                    }
                }
            }
        }
    }
    assert!(shares > 4 && ranges > 0, "{shares} {ranges}");
}

#[tokio::test]
async fn a_day_is_counted_once_and_the_next_day_anew() {
    let _town = Town::new().await;
    let mut owner = owner().await;
    let authority = world(&mut owner, 3).await;
    let kept = counted(&mut owner, authority, NOW.date()).await;
    sqlx::query("update app.pupils set send = 'ehcp' where authority_id = $1")
        .bind(authority)
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(counted(&mut owner, authority, NOW.date()).await, kept, "as of this morning");
    let tomorrow = NOW.date().next_day().unwrap();
    let anew = counted(&mut owner, authority, tomorrow).await;
    assert_ne!(anew, kept);
    assert!(differences(&anew, &recount(&mut owner, authority, tomorrow).await).is_empty());
}

/// The tables of a page: caption, headers, rows of label and cells.
type Tables = Vec<(String, Vec<String>, Vec<(String, Vec<String>)>)>;

fn tables(page: &str) -> Tables {
    let page = Html::parse_document(page);
    let all = |of: scraper::ElementRef<'_>, what: &str| -> Vec<String> {
        of.select(&Selector::parse(what).unwrap())
            .map(|e| e.text().collect::<String>().trim().to_owned())
            .collect()
    };
    page.select(&Selector::parse("table.wm-figures").unwrap())
        .map(|table| {
            let rows = table
                .select(&Selector::parse("tbody tr").unwrap())
                .map(|row| (all(row, "th").concat(), all(row, "td")))
                .collect();
            (all(table, "caption").concat(), all(table, "thead th"), rows)
        })
        .collect()
}

/// Sums of a part over some schools: by group.
fn sums(counts: &Counts, schools: &[Uuid], year: i16, part: &str) -> BTreeMap<String, Vec<i64>> {
    let mut sums: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for ((_, _, _, group), of) in
        counts.iter().filter(|((school, y, p, _), _)| schools.contains(school) && *y == year && p == part)
    {
        let sum = sums.entry(group.clone()).or_insert_with(|| vec![0; of.len()]);
        sum.iter_mut().zip(of).for_each(|(sum, n)| *sum += n);
    }
    sums
}

async fn schools(owner: &mut PgConnection, authority: Uuid) -> Vec<(Uuid, String)> {
    sqlx::query_as("select id, name from app.schools where authority_id = $1 order by name")
        .bind(authority)
        .fetch_all(owner)
        .await
        .unwrap()
}

const BREAKDOWNS: [(&str, &[(&str, &str)]); 4] = [
    (
        "send",
        &[
            ("none", "No special educational needs recorded"),
            ("sen_support", "SEN support"),
            ("ehcp", "Education, health and care plan"),
        ],
    ),
    ("looked_after", &[("yes", "Looked after"), ("no", "Not looked after")]),
    ("eal", &[("yes", "English as an additional language"), ("no", "Others")]),
    (
        "year_group",
        &[
            ("7", "Year 7"),
            ("8", "Year 8"),
            ("9", "Year 9"),
            ("10", "Year 10"),
            ("11", "Year 11"),
            ("other", "Other years"),
        ],
    ),
];

/// Compares a table's shown counts with the truth; how many there were.
fn compare(place: &str, rows: &[(String, Vec<String>)], truth: &BTreeMap<String, Vec<i64>>) -> usize {
    let mut shown = 0;
    for (label, cells) in rows {
        let of = truth.get(label).unwrap_or_else(|| panic!("{place}: no {label} in {truth:?}"));
        for (cell, n) in cells.iter().zip(of) {
            if cell != "hidden" {
                assert_eq!(cell, &n.to_string(), "{place}: {label}: {cells:?} for {of:?}");
                assert!(!(1..=4).contains(n), "{place}: {label} shows {n}");
                shown += 1;
            }
        }
    }
    shown
}

/// Began, on the programme, with progress, ended otherwise: as the page orders them.
fn as_shown(counts: &[i64]) -> Vec<i64> {
    vec![counts.iter().sum(), counts[0], counts[3], counts[1] + counts[2]]
}

/// Every count on the pages of a person who sees these schools equals the recount.
async fn pages_tell_the_truth(town: &Town, who: &Person, mine: &[(Uuid, String)], slow: &Counts) -> usize {
    let ids: Vec<_> = mine.iter().map(|(id, _)| *id).collect();
    let mut shown = 0;
    for year in 2024..=2026_i16 {
        let all = sums(slow, &ids, year, "all").remove("").unwrap_or_else(|| vec![0; 4]);
        for by in ["school", "send", "looked_after", "eal", "year_group"] {
            let place = format!("/reports/outcomes?year={year}&by={by}");
            let page = town.get(who, &place).await;
            assert_eq!(page.status, StatusCode::OK, "{place}");
            let mut truth = BTreeMap::from([("All".to_owned(), as_shown(&all))]);
            if by == "school" {
                for (id, name) in mine {
                    let of = sums(slow, &[*id], year, "all").remove("").unwrap_or_else(|| vec![0; 4]);
                    truth.insert(name.clone(), as_shown(&of));
                }
            } else {
                let kept = sums(slow, &ids, year, by);
                let (_, groups) = BREAKDOWNS.iter().find(|(one, _)| *one == by).unwrap();
                for (group, label) in *groups {
                    truth.insert(
                        (*label).to_owned(),
                        kept.get(*group).map_or_else(|| vec![0; 4], |of| as_shown(of)),
                    );
                }
                if let [(_, name)] = mine {
                    truth.insert(name.clone(), as_shown(&all));
                }
            }
            let found = tables(&page.body);
            if let Some((_, _, rows)) = found.iter().find(|(caption, ..)| caption.starts_with("Outcomes by"))
            {
                shown += compare(&place, rows, &truth);
            }
            if let Some((_, _, rows)) =
                found.iter().find(|(caption, ..)| caption == "Permanent exclusions avoided")
            {
                let view = sums(slow, &ids, year, "in_view").remove("yes").unwrap_or_else(|| vec![0; 4]);
                let truth = [
                    ("A permanent exclusion was in view, and they ended without one", view[1] + view[3]),
                    ("Ended otherwise than with progress: left the school or moved away", all[1]),
                    ("Ended otherwise than with progress: permanently excluded", all[2]),
                ];
                let truth = truth.map(|(label, n)| (label.to_owned(), vec![n]));
                shown += compare(&place, rows, &BTreeMap::from(truth));
            }
        }
        let place = format!("/reports/flow?year={year}");
        let found = tables(&town.get(who, &place).await.body);
        for (caption, _, rows) in &found {
            let (part, labels): (_, &[(&str, &str)]) = if caption == "Cases that began" {
                ("entered", &[("1", "Autumn"), ("2", "Spring"), ("3", "Summer")])
            } else {
                (
                    "moves",
                    &[
                        ("up_2", "Moved up to Stage 2"),
                        ("up_3", "Moved up to Stage 3"),
                        ("down", "Stepped down"),
                        ("progress", "Left with progress"),
                        ("otherwise", "Ended otherwise"),
                    ],
                )
            };
            let kept = sums(slow, &ids, year, part);
            let with_sum = |of: Vec<i64>| of.iter().copied().chain([of.iter().sum()]).collect::<Vec<_>>();
            let mut truth: BTreeMap<_, _> = labels
                .iter()
                .map(|(group, label)| {
                    ((*label).to_owned(), with_sum(kept.get(*group).cloned().unwrap_or_else(|| vec![0; 3])))
                })
                .collect();
            let columns = (0..3).map(|at| kept.values().map(|of| of[at]).sum()).collect();
            truth.insert("School year".to_owned(), with_sum(columns));
            // Ends are to the nearest five.
            let (ends, exact): (Vec<_>, Vec<_>) = rows
                .iter()
                .cloned()
                .partition(|(label, _)| ["Left with progress", "Ended otherwise"].contains(&label.as_str()));
            for (label, cells) in ends {
                for (cell, n) in cells.iter().zip(&truth[&label]) {
                    let near = cell.strip_prefix("about ").map(|about| about.parse::<i64>().unwrap());
                    assert!(
                        near.map_or((cell == "0") == (*n == 0) && *n < 8, |near| (near - n).abs() <= 2
                            && near % 5 == 0),
                        "{place}: {label}: {cell} for {n}"
                    );
                }
            }
            let rows = &exact;
            shown += compare(&place, rows, &truth);
        }
    }
    shown
}

#[tokio::test]
async fn pages_show_what_is_there_to_those_who_may_see_it() {
    let town = Town::new().await;
    let mut owner = owner().await;
    let (mut numbers, mut seeds) = (0, 0);
    for seed in 500..512 {
        let authority = world(&mut owner, seed).await;
        let schools = schools(&mut owner, authority).await;
        let slow = recount(&mut owner, authority, NOW.date()).await;
        let admin = person(&mut owner, authority, "la_administrator", None).await;
        let la = person(&mut owner, authority, "la_representative", None).await;
        let head = person(&mut owner, authority, "headteacher", Some(schools[0].0)).await;
        numbers += pages_tell_the_truth(&town, &admin, &schools, &slow).await;
        numbers += pages_tell_the_truth(&town, &la, &schools, &slow).await;
        numbers += pages_tell_the_truth(&town, &head, &schools[..1], &slow).await;
        // Other schools are never named to a headteacher.
        for page in
            ["/reports", "/reports/outcomes", "/reports/recording", "/reports/flow", "/reports/support"]
        {
            let body = town.get(&head, page).await.body;
            assert!(body.contains(&schools[0].1), "{page}");
            assert!(schools[1..].iter().all(|(_, name)| !body.contains(name)), "{page}");
        }
        seeds += 1;
    }
    println!("{numbers} numbers on the pages of {seeds} worlds");
    assert!(numbers > 2000, "{numbers}");
}

#[tokio::test]
async fn taking_one_page_from_another_reveals_nobody() {
    let town = Town::new().await;
    let mut owner = owner().await;
    let mut differences = 0;
    for seed in 700..715 {
        let authority = world(&mut owner, seed).await;
        let admin = person(&mut owner, authority, "la_administrator", None).await;
        for year in 2024..=2026 {
            // Column by column: what each page says of all, and of each of its groups.
            let mut all: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
            let mut parts: Vec<(String, Vec<Vec<Option<i64>>>)> = Vec::new();
            for by in ["school", "send", "looked_after", "eal", "year_group"] {
                let place = format!("/reports/outcomes?year={year}&by={by}");
                let found = tables(&town.get(&admin, &place).await.body);
                let Some((_, _, rows)) =
                    found.into_iter().find(|(caption, ..)| caption.starts_with("Outcomes by"))
                else {
                    continue;
                };
                // Where no column can be shown, the table has only the first.
                let numbers = |cells: &[String]| {
                    (0..4).map(|at| cells.get(at)?.parse().ok()).collect::<Vec<Option<i64>>>()
                };
                for (at, n) in numbers(&rows.last().unwrap().1).into_iter().enumerate() {
                    all.entry(at).or_default().extend(n);
                }
                parts.push((place, rows[..rows.len() - 1].iter().map(|(_, cells)| numbers(cells)).collect()));
            }
            for (at, totals) in &all {
                assert!(totals.len() <= 1, "pages of {year} disagree about column {at}: {totals:?}");
                let Some(total) = totals.first() else { continue };
                for (place, rows) in &parts {
                    for row in rows {
                        // One group taken from all.
                        let rest = row[*at].map_or(0, |n| total - n);
                        assert!(
                            !(1..=4).contains(&rest) || rows.iter().all(|row| row[*at].is_some()),
                            "{place}: {rest} of column {at}"
                        );
                        differences += 1;
                    }
                    // All the groups shown, taken from all.
                    let rest = total - rows.iter().filter_map(|row| row[*at]).sum::<i64>();
                    assert!(!(1..=4).contains(&rest), "{place}: {rest} left of column {at}");
                }
            }
        }
    }
    assert!(differences > 500, "{differences}");
}

#[tokio::test]
async fn reports_are_for_those_who_answer_for_the_programme() {
    let mut town = Town::new().await;
    let (lead, tutor, head) =
        (town.greenfield.lead.clone(), town.greenfield.tutor.clone(), town.greenfield.head.clone());
    let service = town.person("support_service", None).await;
    let admin = town.person("la_administrator", None).await;
    for who in [&lead, &tutor, &service] {
        for page in ["/reports", "/reports/outcomes", "/reports/outcomes/export"] {
            assert_eq!(town.get(who, page).await.status, StatusCode::FORBIDDEN, "{page}");
        }
    }
    for who in [&head, &admin] {
        for page in [
            "/reports",
            "/reports/outcomes",
            "/reports/flow",
            "/reports/time",
            "/reports/suspensions",
            "/reports/support",
            "/reports/recording",
        ] {
            let shown = town.get(who, page).await;
            assert_eq!(shown.status, StatusCode::OK, "{page}");
            assert!(!shown.body.contains(&town.greenfield.sentinel), "{page} names a child");
        }
        for page in [
            "/reports/nothing",
            "/reports?year=abc",
            "/reports?year=99999",
            "/reports/outcomes?by=name",
            "/reports/outcomes/export?table=x",
            "/reports/outcomes?year=-1",
        ] {
            assert_eq!(town.get(who, page).await.status, StatusCode::NOT_FOUND, "{page}");
        }
    }
    assert!(town.get(&admin, "/reports").await.body.contains("Counted on 24 November 2026 at 11:45am"));
    // One case began in each school: too few to say anything.
    let page = town.get(&admin, "/reports/outcomes").await.body;
    assert!(page.contains("Fewer than five cases began"), "{page}");
    assert!(tables(&page).iter().all(|(caption, ..)| !caption.starts_with("Outcomes by")));
}

#[tokio::test]
async fn an_authority_without_a_case_has_reports_that_say_so() {
    let town = Town::new().await;
    let mut owner = owner().await;
    let authority = Uuid::now_v7();
    sqlx::query("insert into app.authorities (id, name, la_code) values ($1, 'Empty', '803')")
        .bind(authority)
        .execute(&mut owner)
        .await
        .unwrap();
    let admin = person(&mut owner, authority, "la_administrator", None).await;
    let page = town.get(&admin, "/reports").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("No case began in the school year 2026 to 2027."), "{}", page.body);
    for report in ["outcomes", "flow", "time", "suspensions", "support", "recording"] {
        assert_eq!(town.get(&admin, &format!("/reports/{report}")).await.status, StatusCode::OK, "{report}");
        assert_eq!(
            town.get(&admin, &format!("/reports/{report}/export")).await.status,
            StatusCode::OK,
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_table_is_taken_out_with_a_reason() {
    let mut town = Town::new().await;
    let mut owner = owner().await;
    let authority = world(&mut owner, 42).await;
    let admin = person(&mut owner, authority, "la_administrator", None).await;
    let form = town.get(&admin, "/reports/outcomes/export?year=2025&by=school&table=years").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("names no child"), "{}", form.body);
    let fields = [("year", "2025"), ("by", "school"), ("table", "years"), ("format", "csv")];
    let refused = town.post(&admin, "/reports/outcomes/export", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut with_reason = fields.to_vec();
    with_reason.push(("why", "inspection"));
    let file = town.post(&admin, "/reports/outcomes/export", &with_reason).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    assert!(file.body.contains("School year,Began,") && file.body.contains("2025 to 2026,"), "{}", file.body);
    // The file says what the page says.
    let page = town.get(&admin, "/reports/outcomes?year=2025&by=school").await.body;
    let (_, _, rows) =
        tables(&page).into_iter().find(|(caption, ..)| caption == "School year by school year").unwrap();
    let lines: Vec<_> = file.body.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()).collect();
    assert_eq!(lines.len(), rows.len());
    for (line, (label, cells)) in lines.iter().zip(&rows) {
        assert_eq!(
            (line[0], &line[1..5]),
            (label.as_str(), &*cells[..4].iter().map(String::as_str).collect::<Vec<_>>())
        );
    }
    let (pupils, facts): (Vec<Uuid>, serde_json::Value) = sqlx::query_as(
        "select pupils, facts from app.audit_events where actor = $1 and action = 'export_report'",
    )
    .bind(admin.id)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert!(pupils.is_empty());
    assert_eq!((&facts["why"], &facts["table"]), (&"inspection".into(), &"years 2025 school".into()));
}

#[tokio::test]
async fn r1_01_what_came_of_the_cases_is_counted_and_names_nobody() {
    let mut town = Town::new().await;
    town.class(24, 1).await;
    let admin = town.person("la_administrator", None).await;
    // Of 26 cases of the authority: 8 ended with progress, 6 of them at Stage 3, 3 in an exclusion, 5 otherwise.
    for (n, ended, stage) in [(6, "progress", 3), (2, "progress", 1), (3, "excluded", 3), (5, "left", 1)] {
        sqlx::query(
            "update app.cases set closed_on = '2026-11-23', ended_as = $2, stage = $3
             where id in (select id from app.cases where authority_id = $1 and not closed order by id limit $4)",
        )
        .bind(town.authority)
        .bind(ended)
        .bind(stage)
        .bind(i64::from(n))
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
    let page = town.get(&admin, "/reports/outcomes?by=eal").await.body;
    assert!(page.contains("Of the 16 that have ended, 8 left with progress (50%)."), "{page}");
    let found = tables(&page);
    let row = |caption: &str, label: &str| {
        let (_, _, rows) = found.iter().find(|(c, ..)| c == caption).unwrap();
        rows.iter().find(|(l, _)| l == label).unwrap_or_else(|| panic!("{label}: {rows:?}")).1.clone()
    };
    let outcomes = "Outcomes by English as an additional language";
    assert_eq!(row(outcomes, "All"), ["26", "10", "8", "8", "8 of 16 (50%)"]);
    let avoided = "Permanent exclusions avoided";
    assert_eq!(row(avoided, "A permanent exclusion was in view, and they ended without one"), ["6"]);
    assert_eq!(
        row(avoided, "Ended otherwise than with progress: permanently excluded"),
        ["hidden"],
        "3 could point at a child"
    );
    assert_eq!(row(avoided, "Ended otherwise than with progress: left the school or moved away"), ["hidden"]);
    // Nobody else gets the counts.
    assert_eq!(town.get(&town.greenfield.lead, "/reports").await.status, StatusCode::FORBIDDEN);
}

/// An authority whose schools were counted today: of ten cases that ended at each, so many left with progress.
async fn counted_schools(owner: &mut PgConnection, progress: &[i64]) -> (Uuid, Vec<Uuid>) {
    let authority = Uuid::now_v7();
    sqlx::query("insert into app.authorities (id, name, la_code) values ($1, 'Counted', '803')")
        .bind(authority)
        .execute(&mut *owner)
        .await
        .unwrap();
    let mut schools = Vec::new();
    for (n, progress) in (0..).zip(progress) {
        let school = Uuid::now_v7();
        for sql in [
            "insert into app.schools (id, authority_id, name, urn, establishment, phase)
             values ($1, $2, 'Academy ' || chr(65 + $3::integer), (910000 + $3)::text, '4900', 'secondary')",
            "insert into app.report_runs (authority_id, school_id, counted_on, counted_at)
             select $2, $1, '2026-11-24', '2026-11-24 06:00Z' where $3::integer is not null",
        ] {
            sqlx::query(sql).bind(school).bind(authority).bind(n).execute(&mut *owner).await.unwrap();
        }
        sqlx::query(
            "insert into app.report_counts (authority_id, school_id, school_year, part, grp, counts)
             values ($1, $2, 2026, 'all', '', $3)",
        )
        .bind(authority)
        .bind(school)
        .bind(vec![0, 10 - progress, 0, *progress])
        .execute(&mut *owner)
        .await
        .unwrap();
        schools.push(school);
    }
    (authority, schools)
}

#[tokio::test]
async fn a_headteacher_sees_where_the_school_stands_and_no_other_school() {
    let town = Town::new().await;
    let mut owner = owner().await;
    let (authority, schools) = counted_schools(&mut owner, &[1, 2, 3, 4, 5, 6, 7, 8]).await;
    let head = person(&mut owner, authority, "headteacher", Some(schools[4])).await;
    let page = town.get(&head, "/reports/outcomes").await.body;
    assert!(page.contains("30% to 60% left with progress, to the nearest 5%"), "{page}");
    let (_, _, rows) =
        tables(&page).into_iter().find(|(caption, ..)| caption == "Outcomes by school").unwrap();
    let stands = "in the middle half of schools";
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].0, "Academy E");
    assert_eq!(rows[0].1, ["10", "0", "5", "5", "5 of 10 (50%)", stands]);
    for other in ["A", "B", "C", "D", "F", "G", "H"] {
        assert!(!page.contains(&format!("Academy {other}")), "names Academy {other}");
    }
    // Who leads cases at another school reads no report of it, in no table.
    grant(&mut owner, authority, head.id, "school_lead", Some(schools[7]), day("2026-09-01"), None).await;
    let page = town.get(&head, "/reports/outcomes").await.body;
    let years = tables(&page).into_iter().find(|(_, heads, _)| heads[0] == "School year").unwrap();
    assert_eq!(years.2[0].1[0], "10", "{years:?}");
    // Of fewer than five schools nothing is said.
    let (authority, schools) = counted_schools(&mut owner, &[5, 5, 5, 5]).await;
    let head = person(&mut owner, authority, "headteacher", Some(schools[0])).await;
    let page = town.get(&head, "/reports/outcomes").await.body;
    assert!(page.contains("Academy A") && !page.contains("middle half"), "{page}");
}
