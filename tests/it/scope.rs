//! No list, count, chart, file or search reveals a child outside the viewer's scope. The strongest form of that: children
//! are added to another school, and not a byte of what the viewer gets changes, whatever they filter, sort, page, search
//! or take out; while those whose children they are see them everywhere.

use std::{collections::BTreeMap, io::Cursor};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use calamine::{Reader, Xlsx};
use scraper::{Html, Selector};
use time::Date;
use tower::ServiceExt;
use uuid::Uuid;
use waymark::{
    app,
    web::routes::{Gate, Method, RouteSpec},
};

use crate::{
    access_matrix, exports,
    support::{Person, School, Town, day, grant, placement, pupil},
};

/// Queries tried on each list, besides none.
const TRIES: usize = 4;

/// A die of our own: the same throws on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// Names and values that lists know, and some they do not. Ids of the other school are among them.
fn words(own: &School, other: &School) -> Vec<(&'static str, Vec<String>)> {
    let of = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let ids = |list: &[Uuid]| list.iter().map(Uuid::to_string).collect::<Vec<_>>();
    vec![
        ("view", of(&["all", "mine", "overdue", "stage-3", "no-marks", "near-45-days", "waiting-for-la"])),
        ("school", ids(&[own.id, other.id, other.id])),
        ("stage", of(&["1", "2", "3"])),
        ("year", of(&["7", "9", "11", "2025", "2026"])),
        ("send", of(&["none", "sen_support", "ehcp"])),
        ("looked-after", of(&["yes"])),
        ("sort", of(&["name", "-name", "concern", "-concern", "stage", "-due", "due", "marks", "-marks"])),
        ("size", of(&["50", "100"])),
        ("after", ids(&[own.case.case, other.case.case, own.case.pupil, other.case.pupil])),
        ("before", ids(&[own.case.incident, other.case.incident])),
        ("closed", of(&["1", "yes"])),
        ("by", of(&["school", "send", "looked_after", "eal", "year_group"])),
        ("date", of(&["2026-11-23", "2026-11-20"])),
        ("near", of(&["1"])),
        ("q", of(&["Aaa", "Quillfeather", "Hillside"])),
        ("case", ids(&[own.case.case, other.case.case])),
        ("pupil", ids(&[own.case.pupil, other.case.pupil])),
        ("of", ids(&[own.lead.id, other.lead.id])),
    ]
}

fn asked(words: &[(&'static str, Vec<String>)], dice: &mut Dice) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for _ in 0..=dice.below(4) {
        let (name, values) = &words[dice.below(words.len())];
        query.append_pair(name, &values[dice.below(values.len())]);
    }
    query.finish()
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    Page(String),
    Form(String, Vec<(&'static str, String)>),
}

/// Everything there is to ask for: each page without an id, plain and with queries; each page of the own school's records;
/// searches; each list as a file of both kinds.
fn everything(own: &School, other: &School) -> Vec<Ask> {
    let (words, mut dice, mut all) = (words(own, other), Dice(803), Vec::new());
    let registry = app::registry();
    let pages = registry
        .specs()
        .iter()
        .filter(|spec| spec.method == Method::Get && !matches!(spec.gate, Gate::Public(_)));
    for spec in pages.clone() {
        let path =
            format!("{}{}", access_matrix::path(spec, own, true), access_matrix::query(spec, own, true));
        let (list, joint) = (is_a_list(spec), if path.contains('?') { '&' } else { '?' });
        all.push(Ask::Page(path.clone()));
        for _ in 0..if list { TRIES } else { 0 } {
            all.push(Ask::Page(format!("{path}{joint}{}", asked(&words, &mut dice))));
        }
    }
    all.push(Ask::Page("/cases?closed=1".to_owned()));
    for sought in
        ["Aaa00", "aaa", "Robin", "Sam", "robbin", "Quillfeather", "quilfether", "Hillside", "case 1", "6049"]
    {
        for closed in [false, true] {
            let mut fields = vec![("sought", sought.to_owned())];
            fields.extend(closed.then(|| ("closed", "yes".to_owned())));
            all.push(Ask::Form("/search".to_owned(), fields));
        }
    }
    for format in ["csv", "xlsx"] {
        let file = |more: &[(&'static str, &str)]| {
            let fixed = [("format", format), ("why", "meeting"), ("words", "x")];
            fixed.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>()
        };
        for more in [&[][..], &[("stage", "1")], &[("closed", "1")]] {
            all.push(Ask::Form("/cases/export".to_owned(), file(more)));
        }
        for (path, table) in REPORTS {
            for by in ["school", "send"] {
                all.push(Ask::Form(path.to_owned(), file(&[("year", "2026"), ("by", by), ("table", table)])));
            }
        }
        for school in [own.id, other.id] {
            all.push(Ask::Form("/pupils/export".to_owned(), file(&[("school", &school.to_string())])));
        }
        for list in exports::OVERVIEW {
            all.push(Ask::Form(format!("/overview/{list}/export"), file(&[])));
        }
        for _ in 0..TRIES {
            let query = asked(&words, &mut dice);
            all.push(Ask::Form("/caseload/export".to_owned(), file(&[("query", &query)])));
        }
        // And every other file there is.
        for spec in registry.specs().iter().filter(|spec| spec.name.starts_with("export_")) {
            all.push(Ask::Form(access_matrix::path(spec, own, true), file(&[])));
        }
    }
    all
}

/// The tables of the reports that can be taken out.
const REPORTS: [(&str, &str); 9] = [
    ("/reports/outcomes/export", "outcomes"),
    ("/reports/outcomes/export", "avoided"),
    ("/reports/outcomes/export", "years"),
    ("/reports/flow/export", "began"),
    ("/reports/flow/export", "moves"),
    ("/reports/time/export", "time"),
    ("/reports/suspensions/export", "suspensions"),
    ("/reports/support/export", "support"),
    ("/reports/recording/export", "recording"),
];

/// A page whose address names no record.
fn is_a_list(spec: &RouteSpec) -> bool {
    !spec.pattern.contains('{') || spec.pattern == "/reports/{report}"
}

/// What comes back, without what is different each time by design: the key of a form, the time a workbook was made.
async fn get(town: &Town, who: &Person, ask: &Ask) -> (StatusCode, String) {
    let request = match ask {
        Ask::Page(path) => Request::get(path).header(header::COOKIE, &who.cookie).body(Body::empty()),
        Ask::Form(path, fields) => {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.append_pair("form_key", &Uuid::new_v4().to_string()).extend_pairs(fields);
            Request::post(path)
                .header(header::COOKIE, &who.cookie)
                .header(header::HOST, "localhost:8080")
                .header(header::ORIGIN, "http://localhost:8080")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body.finish()))
        }
    };
    let response = town.app.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let place = response.headers().get(header::LOCATION).map(|to| format!("{to:?}")).unwrap_or_default();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = if bytes.starts_with(b"PK") {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
        let sheets: Vec<_> = book
            .worksheets()
            .into_iter()
            .map(|(name, of)| (name, of.rows().map(<[_]>::to_vec).collect::<Vec<_>>()))
            .collect();
        format!("{sheets:?}")
    } else {
        String::from_utf8_lossy(&bytes).into_owned()
    };
    (status, format!("{place}{}", without_keys(&body)))
}

fn without_keys(body: &str) -> String {
    let mut parts = body.split("name=\"form_key\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut all, part| {
        all.push_str("name=\"form_key\" value=\"");
        all.push_str(part.get(36..).unwrap_or(part));
        all
    })
}

type Answers = BTreeMap<Ask, (StatusCode, String)>;

async fn all(town: &Town, who: &Person, asks: &[Ask]) -> Answers {
    let mut answers = Answers::new();
    for ask in asks {
        let answer = get(town, who, ask).await;
        assert!(!answer.0.is_server_error(), "{}: {ask:?}: {}", who.email, answer.0);
        answers.insert(ask.clone(), answer);
    }
    answers
}

/// What was counted for today is counted anew at the next look.
async fn forget_counts(town: &mut Town) {
    for sql in [
        "delete from app.report_runs where authority_id = $1",
        "delete from app.report_counts where authority_id = $1",
    ] {
        sqlx::query(sql).bind(town.authority).execute(&mut town.owner).await.unwrap();
    }
}

/// Children of Hillside with everything a case can have, and some whose names those of Greenfield have too.
async fn more_children(town: &mut Town) {
    let hillside = town.hillside.clone();
    for _ in 0..3 {
        let of = town.another(&hillside).await;
        sqlx::query("update app.cases set stage = 3, last_marked_on = '2026-11-10' where id = $1")
            .bind(of.case.case)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    let closed = town.another(&hillside).await;
    sqlx::query("update app.cases set closed_on = '2026-11-20', ended_as = 'progress' where id = $1")
        .bind(closed.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    for family in ["Aaa00", "Aaa01", "Quillfeather", "Aaabb"].into_iter().cycle().take(60) {
        pupil(&mut town.owner, town.authority, hillside.id, hillside.lead.id, family).await;
    }
}

/// A town with a class of Greenfield, everything furnished, and everybody who may look.
async fn town() -> (Town, Vec<(&'static str, Person)>) {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    for (n, case) in (0_i16..).zip(town.class(6, 2).await) {
        sqlx::query("update app.cases set stage = $2, last_marked_on = $3::date where id = $1")
            .bind(case)
            .bind(n % 3 + 1)
            .bind((n % 2 == 0).then(|| day("2026-11-20")))
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    let mut people =
        vec![("lead", own.lead.clone()), ("staff", own.tutor.clone()), ("headteacher", own.head.clone())];
    for (name, role, at) in [
        ("delegate", "head_delegate", Some(own.id)),
        ("LA representative", "la_representative", Some(own.id)),
        ("support service", "support_service", None),
        ("panel member", "panel_member", None),
    ] {
        people.push((name, town.person(role, at).await));
    }
    let (service, member) = (people[5].1.id, people[6].1.id);
    placement::seat(&mut town.owner, town.authority, own.case.panel, member).await;
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at,
                                      made_by)
         values ($1, $2, $3, $4, $5, $6, 'test', '2026-11-01', $7, $8)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(own.id)
    .bind(own.case.case)
    .bind(own.case.pupil)
    .bind(service)
    .bind(town.now())
    .bind(own.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
    (town, people)
}

/// Somebody of the LA who works with both schools.
async fn of_both(town: &mut Town) -> Person {
    let person = town.person("la_representative", Some(town.greenfield.id)).await;
    let (authority, other) = (town.authority, town.hillside.id);
    grant(&mut town.owner, authority, person.id, "la_representative", Some(other), day("2026-09-01"), None)
        .await;
    person
}

/// Two texts where they part.
fn parting(before: &str, after: &str) -> String {
    let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| {
        let bytes = &text.as_bytes()[at.saturating_sub(120).min(text.len())..(at + 120).min(text.len())];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("…{}… became …{}…", part(before), part(after))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_of_another_school_change_not_a_byte() {
    let (mut town, people) = town().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let asks = everything(&own, &other);
    // Those whose scope the children are in: their pages must change, or nothing is shown by pages that do not.
    let both = of_both(&mut town).await;
    let controls = [("their own headteacher", other.head.clone()), ("LA representative of both", both)];
    // The first look leaves its traces: an inbox that was opened, duties that were reckoned.
    let plain = |ask: &&Ask| matches!(ask, Ask::Page(path) if !path.contains('?'));
    let first: Vec<_> = asks.iter().filter(plain).cloned().collect();
    for (_, who) in people.iter().chain(&controls) {
        all(&town, who, &first).await;
    }
    forget_counts(&mut town).await;
    let mut before = BTreeMap::new();
    for (name, who) in people.iter().chain(&controls) {
        before.insert(*name, all(&town, who, &asks).await);
    }
    more_children(&mut town).await;
    forget_counts(&mut town).await;
    let (mut wrong, mut shown) = (Vec::new(), 0);
    for (name, who) in &people {
        let after = all(&town, who, &asks).await;
        for (ask, (status, body)) in &before[name] {
            shown += usize::from(*status == StatusCode::OK);
            let (now, anew) = &after[ask];
            if (status, body) != (now, anew) {
                wrong.push(format!("{name}: {ask:?} {status}, {now}: {}", parting(body, anew)));
            }
            if anew.contains(&other.sentinel) || anew.contains(&other.sentinel.to_lowercase()) {
                wrong.push(format!("{name}: {ask:?} shows the other school's words"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} answers:\n{}", wrong.len(), shown, wrong.join("\n"));
    for (name, who) in &controls {
        let after = all(&town, who, &asks).await;
        let changed: Vec<_> =
            before[name].iter().filter(|(ask, of)| after[*ask] != **of).map(|(ask, _)| ask).collect();
        let pupils = if *name == "their own headteacher" { "/pupils" } else { "/cases?closed=1" };
        for page in ["/caseload", "/cases", "/schools", pupils] {
            let page = Ask::Page(page.to_owned());
            assert!(changed.contains(&&page), "{name} sees no more of {page:?}: {changed:?}");
        }
        let forms = |wanted: &str| {
            changed.iter().filter(|ask| matches!(ask, Ask::Form(path, _) if path == wanted)).count()
        };
        let (files, searches) = (forms("/cases/export") + forms("/caseload/export"), forms("/search"));
        assert!(files >= 6 && searches >= 8, "{name}: {files} files, {searches} searches changed");
        println!("{name}: {} of {} answers changed", changed.len(), after.len());
    }
    println!("{} questions, {shown} answers of {} people unchanged", asks.len(), people.len());
    assert!(shown > 800, "{shown}");
}

#[tokio::test]
async fn who_administers_reads_of_no_child() {
    let (mut town, _) = town().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    more_children(&mut town).await;
    let administrator = town.person("la_administrator", None).await;
    for ask in everything(&own, &other) {
        let (_, body) = get(&town, &administrator, &ask).await;
        let body = body.to_lowercase();
        for school in [&own, &other] {
            assert!(!body.contains(&school.sentinel.to_lowercase()), "{ask:?}");
        }
    }
}

async fn open_cases(town: &mut Town, schools: &[Uuid]) -> i64 {
    sqlx::query_scalar("select count(*) from app.cases where school_id = any ($1) and closed_on is null")
        .bind(schools)
        .fetch_one(&mut town.owner)
        .await
        .unwrap()
}

async fn roll(town: &mut Town, schools: &[Uuid], on: Date) -> i64 {
    sqlx::query_scalar(
        "select count(*) from app.enrolments where school_id = any ($1) and from_on <= $2 and (to_on is null or to_on >= $2)",
    )
    .bind(schools)
    .bind(on)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

/// The number in brackets after these words.
fn number_after(body: &str, words: &str) -> Option<i64> {
    let (_, rest) = body.split_once(words)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[tokio::test]
async fn counts_are_those_of_the_viewers_own_schools() {
    let (mut town, people) = town().await;
    more_children(&mut town).await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let both = of_both(&mut town).await;
    let of = |wanted: &str| people.iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
    for (who, schools) in [
        (of("lead"), vec![own.id]),
        (of("headteacher"), vec![own.id]),
        (of("LA representative"), vec![own.id]),
        (other.head.clone(), vec![other.id]),
        (both, vec![own.id, other.id]),
    ] {
        let (open, pupils) =
            (open_cases(&mut town, &schools).await, roll(&mut town, &schools, day("2026-11-24")).await);
        let caseload = town.get(&who, "/caseload").await.body;
        assert_eq!(number_after(&caseload, "All open ("), Some(open), "{}", who.email);
        let file = [("format", "csv"), ("why", "meeting"), ("words", "x")];
        let file = town.post(&who, "/cases/export", &file).await.body;
        assert_eq!(i64::try_from(file.lines().count()).unwrap() - 1, open, "{}", who.email);
        let listed = town.get(&who, "/schools").await.body;
        let rows = Html::parse_document(&listed).select(&Selector::parse("main tbody tr").unwrap()).count();
        assert_eq!(rows, schools.len(), "{}", who.email);
        assert!(pupils >= open);
    }
    let overview = town.get(&own.head, "/overview").await.body;
    let numbers: Vec<String> = Html::parse_document(&overview)
        .select(&Selector::parse(".wm-numbers strong").unwrap())
        .map(|number| number.text().collect())
        .collect();
    assert_eq!(numbers[0].trim(), open_cases(&mut town, &[own.id]).await.to_string());
}
