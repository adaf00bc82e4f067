//! Lists as files: what a spreadsheet reads back is what was there, nothing in a file is a formula, and each file
//! leaves a row that says who took it, why, and whom it names.

use std::io::Cursor;

use axum::http::{StatusCode, header};
use calamine::{Data, Reader, Xlsx};
use proptest::prelude::*;
use time::{Date, macros::date};
use uuid::Uuid;
use waymark::web::export::{Cell, Column, Kind, Table, csv, xlsx};

use crate::support::{Person, Town, day};

fn table(rows: Vec<Vec<Cell>>) -> Table {
    let columns = vec![
        Column::new("Words", Kind::Text),
        Column::new("Number", Kind::Number),
        Column::new("Day", Kind::Date),
        Column::new("Percent", Kind::Percent),
    ];
    Table { name: "test", columns, rows }
}

/// The cells of a CSV file, below the header.
pub fn read_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').expect("begins with the mark");
    let mut reader = ::csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn read_xlsx(bytes: &[u8]) -> (Vec<Vec<Data>>, usize) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let name = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&name).unwrap().used_cells().count();
    let rows = book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect();
    (rows, formulas)
}

const ATTACKS: [&str; 12] = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+44 20 7946 0000",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "=HYPERLINK(\"http://x.example\",\"look\")",
    "\"; =1+1; \"",
    "https://x.example/?a=1",
];

#[test]
fn nothing_is_a_formula_in_either_file() {
    let table = table(ATTACKS.map(|words| vec![Cell::from(words)]).to_vec());
    let mut full = table.clone();
    full.rows.iter_mut().for_each(|row| row.resize(4, Cell::Empty));
    for (row, attack) in read_csv(&csv(&full).unwrap()).iter().zip(ATTACKS) {
        assert!(!row[0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{:?}", row[0]);
        assert_eq!(row[0].strip_prefix('\'').unwrap_or(&row[0]), attack);
    }
    let (rows, formulas) = read_xlsx(&xlsx(&full).unwrap());
    assert_eq!(formulas, 0);
    for (row, attack) in rows.iter().skip(1).zip(ATTACKS) {
        assert!(matches!(&row[0], Data::String(words) if words.trim() == attack.trim()), "{row:?}");
    }
}

#[test]
fn a_long_text_is_cut_where_a_cell_ends_and_says_so() {
    for (words, kept) in [
        ("é".repeat(32_000), "é".repeat(32_000)),
        ("é".repeat(32_001), format!("{}…", "é".repeat(32_000))),
        ("🙂".repeat(16_001), format!("{}…", "🙂".repeat(16_000))),
    ] {
        let row = vec![Cell::from(words), Cell::Empty, Cell::Empty, Cell::Empty];
        let (rows, _) = read_xlsx(&xlsx(&table(vec![row])).unwrap());
        assert!(rows[1][0] == Data::String(kept));
    }
}

#[test]
fn a_file_holds_what_the_list_held() {
    let odd = "O’Brien, \"Bo\"\nsecond line; 🙂 é";
    let day = date!(2026 - 11 - 24);
    let row = vec![Cell::from(odd), Cell::Number(-1_234_567), Cell::Date(day), Cell::Percent(74)];
    let table = table(vec![row, vec![Cell::Empty, Cell::from("fewer than 5"), Cell::Empty, Cell::Empty]]);
    let bytes = csv(&table).unwrap();
    assert!(bytes.windows(2).filter(|pair| pair == b"\r\n").count() == 3, "each line ends as RFC 4180 says");
    let rows = read_csv(&bytes);
    assert_eq!(rows[0], [odd, "-1234567", "2026-11-24", "74%"]);
    assert_eq!(rows[1], ["", "fewer than 5", "", ""]);
    let (rows, _) = read_xlsx(&xlsx(&table).unwrap());
    assert_eq!(rows[0][0], Data::String("Words".to_owned()));
    assert_eq!(rows[1][0], Data::String(odd.to_owned()));
    assert_eq!(rows[1][1], Data::Float(-1_234_567.0));
    assert!(
        matches!(&rows[1][2], Data::DateTime(at) if (at.as_f64() - 46_350.0).abs() < 0.001),
        "{:?}",
        rows[1][2]
    );
    assert_eq!(rows[1][3], Data::Float(0.74));
    assert_eq!(rows[2][1], Data::String("fewer than 5".to_owned()));
}

#[test]
fn the_header_stays_in_view() {
    let bytes = xlsx(&table(Vec::new())).unwrap();
    let sheet = first_sheet(&bytes);
    assert!(sheet.contains("ySplit=\"1\"") && sheet.contains("state=\"frozen\""), "{sheet}");
}

/// The first sheet's XML. A workbook is a ZIP archive; its entries follow their names.
fn first_sheet(bytes: &[u8]) -> String {
    let name = b"xl/worksheets/sheet1.xml";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    let head = &bytes[at - 30..];
    let extra = u16::from_le_bytes(head[28..30].try_into().unwrap()) as usize;
    // What follows the end of the stream is not read.
    let body = &head[30 + name.len() + extra..];
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::DeflateDecoder::new(body), &mut text).unwrap();
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_words_come_back(words in prop::collection::vec("\\PC{0,40}|[=+@-].{0,20}|.{0,10}\n.{0,10}", 1..40)) {
        let rows = words.iter().map(|words| vec![Cell::from(words.as_str()), Cell::Empty, Cell::Empty, Cell::Empty]);
        let table = table(rows.collect());
        let back = read_csv(&csv(&table).unwrap());
        prop_assert_eq!(back.len(), words.len());
        for (row, typed) in back.iter().zip(&words) {
            let guarded = typed.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
            let want = if guarded { format!("'{typed}") } else { typed.clone() };
            prop_assert_eq!(&row[0], &want);
        }
        let (rows, formulas) = read_xlsx(&xlsx(&table).unwrap());
        prop_assert_eq!(formulas, 0);
        for row in rows.iter().skip(1) {
            prop_assert!(matches!(&row[0], Data::String(_) | Data::Empty));
        }
    }
}

/// Memory this program holds now, in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn twenty_thousand_rows_fit() {
    let row = |n: i64| {
        let name = format!("Pupil Number {n}");
        vec![
            name.into(),
            Cell::Number(n),
            Cell::Date(Date::from_julian_day(2_461_000).unwrap()),
            Cell::Percent(50),
        ]
    };
    let table = table((0..20_000).map(row).collect());
    let before = resident();
    let book = xlsx(&table).unwrap();
    let grown = resident().saturating_sub(before);
    println!(
        "a workbook of 20,000 rows: {} bytes, {} MB while it was written",
        book.len(),
        grown / 1_000_000
    );
    assert!(grown < 120_000_000, "{grown}");
    assert_eq!(read_xlsx(&book).0.len(), 20_001);
    assert_eq!(read_csv(&csv(&table).unwrap()).len(), 20_000);
}

async fn events(town: &mut Town, who: &Person) -> Vec<(Vec<Uuid>, serde_json::Value)> {
    sqlx::query_as(
        "select pupils, facts from app.audit_events where actor = $1 and action = 'export_cases' and outcome = 'allowed'
         order by id",
    )
    .bind(who.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_list_of_cases_is_taken_out_with_a_reason() {
    let mut town = Town::new().await;
    let (lead, tutor, own) =
        (town.greenfield.lead.clone(), town.greenfield.tutor.clone(), town.greenfield.clone());
    let list = town.get(&lead, "/cases").await;
    assert!(list.body.contains("href=\"/cases/export\""));
    let form = town.get(&lead, "/cases/export").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("leaves Waymark’s protection") && !form.body.contains(&own.sentinel));
    // Without a reason there is no file and no row.
    let refused = town.post(&lead, "/cases/export", &[("format", "csv"), ("why", "meeting")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("There is a problem"));
    for fields in [[("format", "exe"), ("why", "meeting")], [("format", "csv"), ("why", "curious")]] {
        let mut fields = fields.to_vec();
        fields.push(("words", "x"));
        assert_eq!(town.post(&lead, "/cases/export", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(events(&mut town, &lead).await.is_empty());

    let words = "Governors’ meeting'); drop table app.cases; --\\x \"quoted\"";
    let answers = [("format", "csv"), ("why", "meeting"), ("words", words)];
    let file = town.post(&lead, "/cases/export", &answers).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    let head = |name| file.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(head(header::CONTENT_DISPOSITION), "attachment; filename=\"open-cases-2026-11-24.csv\"");
    assert_eq!(head(header::CACHE_CONTROL), "no-store");
    assert!(file.body.contains(&own.sentinel) && !file.body.contains(&town.hillside.sentinel));
    let rows = read_csv(file.body.as_bytes());
    assert_eq!((rows.len(), &*rows[0][2], &*rows[0][6]), (1, "Year 9", "2026-11-02"));
    let kept = events(&mut town, &lead).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0, [own.case.pupil]);
    let facts = serde_json::json!({ "why": "meeting", "words": words, "file": "csv", "rows": "1" });
    assert_eq!(kept[0].1, facts);
    // Another file is another row, also from the same page.
    let key = Uuid::new_v4().to_string();
    for format in ["xlsx", "xlsx", "csv"] {
        let fields = [("format", format), ("why", "meeting"), ("words", "again"), ("form_key", &*key)];
        assert_eq!(town.post_exactly(&lead, "/cases/export", &fields, &[]).await.status, StatusCode::OK);
    }
    assert_eq!(events(&mut town, &lead).await.len(), 4);

    // The filter holds, and an empty list is no file.
    let none = town.get(&lead, "/cases/export?stage=3&closed=1").await;
    assert!(none.body.contains("closed cases at Stage 3") && none.body.contains("nothing to export"));
    let mut of_stage = answers.to_vec();
    of_stage.push(("stage", "3"));
    assert_eq!(town.post(&lead, "/cases/export", &of_stage).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Who sees no list takes none out; a share is no list.
    let service = town.person("support_service", None).await;
    for who in [&tutor, &service] {
        assert_eq!(town.get(who, "/cases/export").await.status, StatusCode::FORBIDDEN);
        assert_eq!(town.post(who, "/cases/export", &answers).await.status, StatusCode::FORBIDDEN);
    }
    // An LA representative of both schools gets both; of one school, one.
    let la = town.person("la_representative", None).await;
    let both = read_csv(town.post(&la, "/cases/export", &answers).await.body.as_bytes());
    assert_eq!(both.len(), 2);
    let la = town.person("la_representative", Some(town.hillside.id)).await;
    let one = town.post(&la, "/cases/export", &answers).await.body;
    assert!(one.contains(&town.hillside.sentinel) && !one.contains(&own.sentinel));
}

/// The lists of children of the overview; the last is the lead's too.
pub const OVERVIEW: [&str; 9] = [
    "pupils",
    "overdue",
    "suspension-days",
    "left",
    "inbox",
    "waiting",
    "exclusions",
    "week-of-2026-11-23",
    "week",
];

/// Every list of children that can be taken out, but that of cases: where, and the fields that say which.
fn lists(own: &crate::support::School) -> Vec<(String, Vec<(&'static str, String)>)> {
    let case = own.case.case;
    let mut all = vec![
        ("/caseload/export".to_owned(), vec![("query", "sort=name".to_owned())]),
        ("/schools/export".to_owned(), Vec::new()),
        ("/pupils/export".to_owned(), vec![("school", own.id.to_string())]),
        (format!("/cases/{case}/timeline/export"), Vec::new()),
        (format!("/cases/{case}/monitoring/export"), Vec::new()),
        (format!("/pupils/{}/suspensions/export", own.case.pupil), Vec::new()),
        (format!("/cases/{case}/support/{}/export", own.case.support), Vec::new()),
        ("/received/export".to_owned(), Vec::new()),
    ];
    for list in OVERVIEW {
        all.push((format!("/overview/{list}/export"), Vec::new()));
    }
    all
}

#[tokio::test]
async fn every_list_becomes_a_file_of_its_own_rows_with_a_recorded_reason() {
    let mut town = Town::new().await;
    town.class(3, 2).await;
    town.furnish().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let (lead, head, tutor) = (own.lead.clone(), own.head.clone(), own.tutor.clone());
    let (mut empty, mut taken) = (std::collections::BTreeSet::new(), 0_i64);
    for (address, which) in lists(&own) {
        let mut fields: Vec<(&str, &str)> =
            which.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let asked = format!("{address}?{query}");
        let heads_alone = address.starts_with("/overview/") && !address.contains("/week/");
        if heads_alone {
            // Who does not see the list does not take it out, though they take out others.
            let la = town.person("la_representative", None).await;
            for who in [&lead, &la] {
                assert_eq!(town.get(who, &asked).await.status, StatusCode::NOT_FOUND, "{asked}");
            }
        }
        for who in if heads_alone { vec![&head] } else { vec![&lead, &head] } {
            let form = town.get(who, &asked).await;
            assert_eq!(form.status, StatusCode::OK, "{asked}");
            assert!(!form.body.contains(&own.sentinel), "{asked} names nobody before it is taken");
            let refused = town.post(who, &address, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
            if form.body.contains("nothing to export") {
                empty.insert(address.clone());
                continue;
            }
            let mut answers = fields.clone();
            answers.extend([("why", "meeting"), ("words", "for the meeting of the governors")]);
            let counted: usize = form
                .body
                .split("Rows")
                .nth(1)
                .unwrap()
                .split("value\">")
                .nth(1)
                .unwrap()
                .trim()
                .split('<')
                .next()
                .unwrap()
                .trim()
                .replace(',', "")
                .parse()
                .unwrap();
            for format in ["csv", "xlsx"] {
                let mut answers = answers.clone();
                answers.push(("format", format));
                let file = town.post(who, &address, &answers).await;
                assert_eq!(file.status, StatusCode::OK, "{asked} {}", file.body);
                taken += 1;
                if format == "csv" {
                    assert!(!file.body.contains(&other.sentinel), "{asked} stays within the school");
                    assert_eq!(read_csv(file.body.as_bytes()).len(), counted, "{asked}");
                } else {
                    assert!(file.body.starts_with("PK"), "{asked} is a workbook");
                }
            }
        }
        // Who sees no list takes none out, whatever is asked.
        fields.extend([("why", "meeting"), ("words", "x"), ("format", "csv")]);
        assert_eq!(town.get(&tutor, &asked).await.status, StatusCode::FORBIDDEN, "{asked}");
        assert_eq!(town.post(&tutor, &address, &fields).await.status, StatusCode::FORBIDDEN, "{asked}");
    }
    let files: i64 = sqlx::query_scalar(
        "select count(*) from app.audit_events where actor = any ($1) and action like 'export%' and outcome = 'allowed'
         and facts->>'why' = 'meeting' and facts->>'words' = 'for the meeting of the governors'",
    )
    .bind([lead.id, head.id])
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(files, taken, "a row for each file");
    // Nobody left here, nothing was marked, and what was received is not accepted yet.
    let nothing =
        ["/overview/left/export", "/received/export", &format!("/cases/{}/monitoring/export", own.case.case)];
    assert!(empty.iter().all(|list| nothing.contains(&&**list)), "{empty:?}");

    // Another school's case and pupils do not exist for them; nor does a list that is none.
    let answers = [("why", "meeting"), ("words", "x"), ("format", "csv")];
    for address in [
        format!("/cases/{}/timeline/export", other.case.case),
        format!("/cases/{}/monitoring/export", other.case.case),
        format!("/pupils/{}/suspensions/export", other.case.pupil),
        format!("/cases/{}/support/{}/export", own.case.case, other.case.support),
        "/overview/everything/export".to_owned(),
    ] {
        assert_eq!(town.get(&lead, &address).await.status, StatusCode::NOT_FOUND, "{address}");
        assert_eq!(town.post(&lead, &address, &answers).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    // A week is named by its Monday, and has begun.
    for (week, status) in [("2026-11-23", 200), ("2026-11-24", 404), ("2026-11-30", 404), ("x", 404)] {
        let form = town.get(&head, &format!("/overview/week-of-{week}/export")).await;
        assert_eq!(form.status.as_u16(), status, "{week}");
    }
    let theirs = format!("/pupils/export?school={}", other.id);
    assert_eq!(town.get(&lead, &theirs).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_caseload_is_taken_out_as_it_is_narrowed() {
    let mut town = Town::new().await;
    town.class(5, 2).await;
    let la = town.person("la_representative", None).await;
    let answers = |query: &str| {
        vec![
            ("query".to_owned(), query.to_owned()),
            ("why".to_owned(), "meeting".to_owned()),
            ("words".to_owned(), "review of the caseload".to_owned()),
            ("format".to_owned(), "csv".to_owned()),
        ]
    };
    let own = town.greenfield.id;
    for query in ["", "sort=name&size=25", &format!("school={own}"), "stage=1&sort=-name"] {
        let fields = answers(query);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let file = town.post(&la, "/caseload/export", &fields).await;
        assert_eq!(file.status, StatusCode::OK, "{query}");
        let rows = read_csv(file.body.as_bytes());
        let listed: Vec<String> = {
            let page = town.get(&la, &format!("/caseload?{query}&size=100")).await;
            let rows = page.body.split("<th scope=\"row\"").skip(1);
            rows.map(|row| row.split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect()
        };
        let taken: Vec<String> = rows.iter().map(|row| row[1].clone()).collect();
        assert_eq!(taken, listed, "{query}: the rows of the list, in its order");
    }
    let none = town.get(&la, "/caseload/export?stage=3").await;
    assert!(none.body.contains("nothing to export"));
}

#[tokio::test]
async fn what_is_overdue_is_in_its_file_once() {
    let mut town = Town::new().await;
    let class = town.class(2, 1).await;
    let head = town.greenfield.head.clone();
    town.suspend(class[0], day("2026-11-12"), day("2026-11-12")).await;
    let page = town.get(&head, "/overview/overdue").await;
    let heading = page.body.split("<h1 class=\"govuk-heading-l\">").nth(1).unwrap();
    let counted: usize = heading.split(' ').next().unwrap().parse().unwrap();
    let answers = [("why", "meeting"), ("words", "x"), ("format", "csv")];
    let file = town.post(&head, "/overview/overdue/export", &answers).await;
    let rows = read_csv(file.body.as_bytes());
    assert_eq!(rows.len(), counted, "{rows:?}");
    let steps: Vec<_> = rows.iter().filter(|row| row[2].starts_with("Suspension of 12 Nov")).collect();
    assert!(!steps.is_empty() && steps.len() < counted, "{rows:?}");
    for step in steps {
        assert!(step[5].parse::<u32>().unwrap() > 0, "{step:?}");
    }
}

#[tokio::test]
async fn the_file_of_the_caseload_says_how_fresh_each_row_is() {
    let mut town = Town::new().await;
    let class = town.class(2, 1).await;
    let sql = "update app.case_duties set reckoned_on = $2 where case_id = $1";
    for (case, on) in [(class[0], Some(day("2026-11-20"))), (class[1], None)] {
        sqlx::query(sql).bind(case).bind(on).execute(&mut town.owner).await.unwrap();
    }
    let answers = [("query", "sort=name"), ("why", "meeting"), ("words", "x"), ("format", "csv")];
    let file = town.post(&town.greenfield.lead, "/caseload/export", &answers).await;
    let header = file.body.lines().next().unwrap();
    assert!(header.trim_end().ends_with("Reckoned on"), "{header}");
    let rows = read_csv(file.body.as_bytes());
    let fresh: Vec<_> =
        rows.iter().filter(|row| row[1].contains("Aaa")).map(|row| row.last().unwrap().as_str()).collect();
    assert_eq!(fresh, ["2026-11-20", ""], "{rows:?}");
}

#[tokio::test]
async fn people_are_taken_out_by_those_who_look_after_them() {
    let mut town = Town::new().await;
    let admin = town.person("la_administrator", None).await;
    let head = town.greenfield.head.clone();
    let answers = [("standing", "here"), ("why", "inspection"), ("format", "csv")];
    let all = read_csv(town.post(&admin, "/admin/people/export", &answers).await.body.as_bytes());
    let own = read_csv(town.post(&head, "/admin/people/export", &answers).await.body.as_bytes());
    let named = |rows: &[Vec<String>], person: &Person| rows.iter().any(|row| row[1] == person.email);
    assert!(named(&all, &town.hillside.lead) && named(&all, &town.greenfield.lead));
    assert!(named(&own, &town.greenfield.lead) && !named(&own, &town.hillside.lead), "a head has their own");
    let lead = town.greenfield.lead.clone();
    assert_eq!(town.post(&lead, "/admin/people/export", &answers).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_a_page_of_a_case_lists_is_taken_out_from_there() {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    let case = format!("/cases/{}", own.case.case);
    let service = town.person("support_service", None).await;
    let mut found = std::collections::BTreeMap::new();
    for page in [
        "targets",
        "reviews",
        "meetings",
        "support",
        "incidents",
        "transfer",
        "direction",
        "absences",
        "updates",
    ] {
        let body = town.get(&own.lead, &format!("{case}/{page}")).await.body;
        let href = body.split("href=\"").find(|part| part.contains(">Export this list<"));
        let href = href.unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap().to_owned();
        let kind = href.split("?kind=").nth(1).unwrap().to_owned();
        // Narrowed to this kind, and back to the timeline so narrowed: the kind is one of the timeline's.
        let form = town.get(&own.lead, &href).await;
        assert!(form.body.contains(&format!("{case}/timeline?kind={kind}")), "{page}: {}", form.body);
        let fields = [("kind", &*kind), ("format", "csv"), ("why", "meeting"), ("words", "x")];
        let file = town.post(&own.lead, &format!("{case}/timeline/export"), &fields).await;
        if file.status == StatusCode::OK {
            found.insert(kind, read_csv(file.body.as_bytes()).len());
        } else {
            assert!(form.body.contains("nothing to export"), "{page}: {}", file.body);
        }
        for who in [&own.tutor, &service] {
            let other = town.get(who, &format!("{case}/{page}")).await.body;
            assert!(!other.contains("Export this list"), "{page} for {}", who.email);
        }
    }
    assert!(found.len() >= 6, "{found:?}");
}

#[tokio::test]
async fn settings_are_taken_out_by_those_who_keep_them() {
    let mut town = Town::new().await;
    let admin = town.person("la_administrator", None).await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let (head, lead) = (own.head.clone(), own.lead.clone());
    let example = [
        ("place", own.id.to_string()),
        ("theme", "=Lessons".to_owned()),
        ("words", "Arrive on time".to_owned()),
        ("criterion", "4 of 5 days".to_owned()),
    ];
    let example: Vec<_> = example.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(town.post(&head, "/admin/targets/new", &example).await.status.is_redirection());
    let span = [
        ("kind", "inset"),
        ("name", "Training, \"whole\" day"),
        ("from.day", "4"),
        ("from.month", "1"),
        ("from.year", "2027"),
        ("go", "save"),
    ];
    let calendar = format!("/admin/calendars/{}", own.id);
    assert!(town.post(&head, &format!("{calendar}/spans/new"), &span).await.status.is_redirection());

    let (place, theirs) = (own.id.to_string(), other.id.to_string());
    let reason = [("why", "inspection"), ("format", "csv")];
    let with = |place: &'static str, value| [vec![(place, value)], reason.to_vec()].concat();
    for (page, address, fields, holds) in [
        ("/admin/schools".to_owned(), "/admin/schools/export".to_owned(), reason.to_vec(), "Greenfield"),
        (calendar.clone(), format!("{calendar}/export"), reason.to_vec(), "2027-01-04"),
        (
            format!("/admin/targets?place={place}"),
            "/admin/targets/export".to_owned(),
            with("place", &*place),
            "'=Lessons",
        ),
    ] {
        let listed = town.get(&head, &page).await.body;
        let link = listed.split("href=\"").find(|part| part.contains(">Export this ")).expect(&page);
        let form = town.get(&head, link.split('"').next().unwrap()).await;
        assert!(form.body.contains("names no child"), "{page}: {}", form.body);
        let file = town.post(&head, &address, &fields).await;
        assert_eq!(file.status, StatusCode::OK, "{page}: {}", file.body);
        assert!(file.body.contains(holds), "{page}: {}", file.body);
        let unsaid = &fields[..fields.len() - 2];
        assert_eq!(town.post(&head, &address, unsaid).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(town.post(&lead, &address, &fields).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    // A head keeps one school; whoever keeps the authority has all of them, and the model.
    let schools = |body: &str| read_csv(body.as_bytes()).len();
    assert_eq!(schools(&town.post(&head, "/admin/schools/export", &reason).await.body), 1);
    assert!(schools(&town.post(&admin, "/admin/schools/export", &reason).await.body) >= 2);
    let of_other = format!("/admin/calendars/{theirs}/export");
    for (who, address, fields) in [
        (&head, &*of_other, reason.to_vec()),
        (&head, "/admin/calendars/model/export", reason.to_vec()),
        (&head, "/admin/targets/export", with("place", &*theirs)),
        (&head, "/admin/targets/export", with("place", "authority")),
    ] {
        assert_eq!(town.post(who, address, &fields).await.status, StatusCode::NOT_FOUND, "{address}");
    }

    // What one school takes out, another brings in as it is.
    let file = town.post(&head, &format!("{calendar}/export"), &reason).await.body;
    let bring = [("file", &*file), ("go", "save")];
    let into = format!("/admin/calendars/{theirs}/import");
    let brought = town.post(&other.head, &into, &bring).await;
    assert!(brought.status.is_redirection(), "{}", brought.body);
    let copy = town.post(&other.head, &of_other, &reason).await.body;
    assert_eq!(read_csv(copy.as_bytes()), read_csv(file.as_bytes()));
}

#[tokio::test]
async fn an_agenda_is_taken_out_by_who_prepares_it_as_far_as_their_schools_go() {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    let (everywhere, elsewhere) = (
        town.person("la_representative", None).await,
        town.person("la_representative", Some(town.hillside.id)).await,
    );
    let member = town.person("panel_member", None).await;
    crate::support::placement::seat(&mut town.owner, town.authority, own.case.panel, member.id).await;
    let page = format!("/panel/{}", own.case.panel);
    let address = format!("{page}/export");
    assert!(town.get(&everywhere, &page).await.body.contains(&format!("href=\"{address}\"")));
    let answers = [("why", "meeting"), ("words", "for the panel"), ("format", "csv")];
    let file = town.post(&everywhere, &address, &answers).await;
    let rows = read_csv(file.body.as_bytes());
    assert_eq!(rows.len(), 1, "{}", file.body);
    assert!(rows[0][0].contains(&own.sentinel), "{rows:?}");
    let named: Vec<Uuid> = sqlx::query_scalar(
        "select unnest(pupils) from app.audit_events where actor = $1 and action = 'export_agenda' and outcome = 'allowed'",
    )
    .bind(everywhere.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(named, [own.case.pupil]);
    // Of other schools only, the agenda has nothing for them to take.
    let theirs = town.get(&elsewhere, &address).await;
    assert!(theirs.body.contains("nothing to export"), "{}", theirs.body);
    assert_eq!(town.post(&elsewhere, &address, &answers).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A member reads the papers and takes none out; nor does a school.
    let read = town.get(&member, &page).await.body;
    assert!(read.contains(&own.sentinel) && !read.contains("Export this list"), "{read}");
    assert_eq!(town.post(&member, &address, &answers).await.status, StatusCode::FORBIDDEN);
    for who in [&own.lead, &own.head] {
        assert_eq!(town.get(who, &address).await.status, StatusCode::FORBIDDEN);
        assert_eq!(town.post(who, &address, &answers).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn lists_of_the_authority_are_taken_out_as_their_pages_show_them() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (admin, la) =
        (town.person("la_administrator", None).await, town.person("la_representative", None).await);
    let (head, lead) = (town.greenfield.head.clone(), town.greenfield.lead.clone());
    let answers = [("why", "inspection"), ("format", "csv")];
    for (who, page, holds) in [
        (&admin, "/admin/policy", "Lowest year of the programme"),
        (&admin, "/admin/calendars", "The authority’s model"),
        (&head, "/admin/calendars", "Greenfield"),
        (&la, "/panel", "2026-"),
        (&la, "/panel/places", "Hillside"),
    ] {
        let address = format!("{page}/export");
        assert!(town.get(who, page).await.body.contains(&format!("href=\"{address}\"")), "{page}");
        let form = town.get(who, &address).await.body;
        assert!(form.contains("names no child") && !form.contains(&town.greenfield.sentinel), "{page}");
        assert_eq!(town.post(who, &address, &answers[1..]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let file = town.post(who, &address, &answers).await;
        assert_eq!(file.status, StatusCode::OK, "{page}: {}", file.body);
        assert!(file.body.contains(holds), "{page}: {}", file.body);
        assert!(!file.body.contains(&town.greenfield.sentinel), "{page}: {}", file.body);
        assert_eq!(town.post(&lead, &address, &answers).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    let own = read_csv(town.post(&head, "/admin/calendars/export", &answers).await.body.as_bytes());
    assert_eq!(own.len(), 1, "a head keeps one: {own:?}");
    let numbers = town.post(&admin, "/admin/policy/export", &answers).await.body;
    let columns = numbers.lines().next().unwrap().matches(',').count();
    assert!(columns >= 20, "every number of a version stands beside it: {numbers}");
}

#[tokio::test]
async fn the_file_for_governors_has_the_numbers_of_their_page_and_nobody_s_name() {
    let mut town = Town::new().await;
    let class = town.class(20, 1).await;
    // With Greenfield's own: 13 at Stage 1, 2 at Stage 2, which hides another stage with it, 6 at Stage 3.
    for (stage, cases) in [(2_i16, &class[..2]), (3, &class[2..8])] {
        sqlx::query("update app.cases set stage = $2 where id = any ($1)")
            .bind(cases)
            .bind(stage)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    for case in &class[..7] {
        town.suspend(*case, day("2026-11-12"), day("2026-11-12")).await;
    }
    let (own, head) = (town.greenfield.clone(), town.greenfield.head.clone());
    let page = town.get(&head, "/overview/governors").await.body;
    assert!(page.contains("href=\"/overview/governors/export\""));
    let form = town.get(&head, "/overview/governors/export").await.body;
    assert!(form.contains("numbers from 1 to 4 stay hidden"), "{form}");
    let answers = [("why", "inspection"), ("format", "csv")];
    let file = town.post(&head, "/overview/governors/export", &answers).await;
    assert!(!file.body.contains(&own.sentinel) && !file.body.contains("Aaa"), "{}", file.body);
    let rows = read_csv(file.body.as_bytes());
    // Table by table and row by row, the file says what the page says.
    let html = scraper::Html::parse_document(&page);
    let css = |css: &str| scraper::Selector::parse(css).unwrap();
    let text = |of: scraper::ElementRef<'_>| of.text().collect::<String>().trim().to_owned();
    let mut compared = 0;
    for table in html.select(&css("main > table")) {
        let caption = text(table.select(&css("caption")).next().unwrap());
        for row in table.select(&css("tbody tr")) {
            let cells: Vec<_> = row.select(&css("th, td")).map(text).collect();
            let [which, number] = &*cells else { continue };
            let said = rows.iter().find(|row| row[0] == caption && row[1] == *which);
            assert_eq!(&said.unwrap_or_else(|| panic!("{caption}, {which}: {rows:?}"))[2], number);
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared}: {page}");
    let number = |what: &str, which: &str| {
        rows.iter()
            .find(|row| row[0] == what && row[1] == which)
            .unwrap_or_else(|| panic!("{what}: {rows:?}"))[2]
            .clone()
    };
    assert_eq!(number("Pupils on the programme by stage", "Stage 2"), "hidden");
    assert_eq!(number("Pupils on the programme by stage", "All"), "21");
    assert_eq!(number("Pupils suspended this school year, by days", "All"), "7");
    assert_eq!(number("Moves that wait for the headteacher’s decision", "All"), "0");
    for row in &rows {
        assert!(!row[2].parse::<u32>().is_ok_and(|n| (1..5).contains(&n)), "{row:?}");
    }
    // One row in the audit trail, which says what was taken and names nobody.
    let kept: Vec<(Vec<Uuid>, String)> = sqlx::query_as(
        "select pupils, facts->>'list' from app.audit_events
         where actor = $1 and action = 'export_overview' and outcome = 'allowed'",
    )
    .bind(head.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(kept, [(Vec::new(), "governors".to_owned())]);
}
