//! Every page at both widths: accessible by the rules of WCAG 2.2 AA, no sideways scroll, no pupil's name in a
//! title or address; and the weights a slow line can bear.

use std::io::Write;

use time::macros::date;
use uuid::Uuid;
use waymark::{
    app,
    domain::{
        leaflet::Language,
        people::Role,
        permission::RIGHTS,
        report::{By, Report},
        step::{Audience, StepKind},
    },
    web::{
        routes::{Gate, IdOf, Method},
        urls,
    },
};

use super::{Browser, serve};
use crate::support::{NOW, Person, School, Town, placement, pupil};

pub const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/src/node_modules/axe-core/axe.min.js");

const RUN: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }) \
    .then(r => done({ found: r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120)).slice(0, 3).join(' | ')), \
    checked: r.passes.map(p => p.id) }))";

pub async fn check(browser: &Browser, axe: &str, place: &str, names: &[String], wrong: &mut Vec<String>) {
    browser.driver.execute(axe, vec![]).await.unwrap();
    let answer = browser.driver.execute_async(RUN, vec![]).await.unwrap().json().clone();
    for found in answer["found"].as_array().unwrap() {
        wrong.push(format!("{place}: {found}"));
    }
    assert!(answer["checked"].as_array().unwrap().len() > 10, "axe looked at nothing on {place}");
    let width = browser.script("return [document.documentElement.scrollWidth, window.innerWidth]").await;
    if width[0].as_i64() > width[1].as_i64() {
        wrong.push(format!("{place}: scrolls sideways, {width}"));
    }
    let title = browser.driver.title().await.unwrap();
    let url = browser.driver.current_url().await.unwrap().to_string();
    for name in names {
        if title.contains(name) || url.contains(name) {
            wrong.push(format!("{place}: a pupil’s name in the title or address"));
        }
    }
}

/// Every page there is, filled with this school's records, each with the first of these people who may see it.
fn registered(school: &School, people: &[(Role, &Person)]) -> Vec<(String, Person)> {
    app::registry()
        .specs()
        .iter()
        .filter(|spec| spec.method == Method::Get && !["/live", "/ready", "/"].contains(&spec.pattern))
        // A calendar file is no page, nor is one to fill in.
        .filter(|spec| !spec.pattern.contains(".ics") && !spec.pattern.contains(".csv"))
        .filter(|spec| !matches!(spec.ids, [(_, IdOf::Draft)]))
        .map(|spec| {
            let path = spec
                .pattern
                .replace("{case}", &school.case.case.to_string())
                .replace("{pupil}", &school.case.pupil.to_string())
                .replace("{contact}", &school.case.contact.to_string())
                .replace("{target}", &school.case.targets[0].to_string())
                .replace("{incident}", &school.case.incident.to_string())
                .replace("{meeting}", &school.case.meeting.to_string())
                .replace("{action}", &school.case.action.to_string())
                .replace("{support}", &school.case.support.to_string())
                .replace("{proposal}", &school.case.proposal.to_string())
                .replace("{step}", &school.case.step.to_string())
                .replace("{exclusion}", &school.case.exclusion.to_string())
                .replace("{transfer}", &school.case.received.to_string())
                .replace("{panel}", &school.case.panel.to_string())
                .replace("{referral}", &school.case.referral.to_string())
                .replace("{direction}", &school.case.direction.to_string())
                .replace("{item}", "risk")
                .replace("{kind}", "board")
                .replace("{report}", "outcomes")
                .replace("{list}", "overdue")
                .replace("{person}", &school.tutor.id.to_string())
                .replace("{role}", &school.tutor.grant.to_string())
                .replace("{school}", &school.id.to_string())
                .replace("{place}", &school.id.to_string())
                .replace("{span}", &school.span.to_string())
                .replace("{example}", &school.example.to_string())
                .replace("{file}", &school.pupil_file.to_string())
                .replace("{other}", &school.case.pupil.to_string())
                .replace("{version}", "1")
                .replace("{week}", "2026-11-16")
                .replace("{alternative}", "re_induction")
                .replace("{audience}", "parents")
                .replace("{language}", "ar");
            let who = match spec.gate {
                Gate::Public(_) => people[0].1,
                Gate::Holds(needed) => {
                    let may = |role| RIGHTS.iter().any(|(r, c, _)| *r == role && *c == needed);
                    people.iter().find(|(role, _)| may(*role)).unwrap().1
                }
            };
            let query = match spec.name {
                "case_form" => format!("?pupil={}", school.case.pupil),
                _ => String::new(),
            };
            (format!("{path}{query}"), who.clone())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_at_both_widths() {
    let mut town = Town::new().await;
    town.class(3, 4).await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let browser = Browser::open(&serve(&town).await, true).await;
    let axe = std::fs::read_to_string(AXE).expect("axe-core is fetched by make assets");
    let admin = town.person("la_administrator", None).await;
    let la = town.person("la_representative", None).await;
    let member = town.person("panel_member", None).await;
    placement::seat(&mut town.owner, town.authority, school.case.panel, member.id).await;
    let people = [
        (Role::SchoolLead, &school.lead),
        (Role::Headteacher, &school.head),
        (Role::LaRepresentative, &la),
        (Role::PanelMember, &member),
        (Role::LaAdministrator, &admin),
    ];
    let mut pages = registered(&school, &people);
    pages.extend(
        [
            "/today?period=2",
            "/today?date=2026-11-22",
            "/today?gaps=1",
            "/cases?closed=1",
            "/cases?stage=3",
            "/nowhere",
        ]
        .map(|page| (page.to_owned(), school.lead.clone())),
    );
    for kind in StepKind::ALL {
        let page = format!("/cases/{}/steps/new?kind={}", school.case.case, kind.as_str());
        pages.push((page, school.lead.clone()));
    }
    // Administration as the headteacher has it, with cases to hand over; and a link that works.
    for page in [String::new(), format!("/{}", school.lead.id), format!("/{}/disable", school.lead.id)] {
        pages.push((format!("/admin/people{page}"), school.head.clone()));
    }
    pages.extend(of_pupils(&mut town).await);
    pages.push(("/admin/calendars/model".to_owned(), admin.clone()));
    pages.push((format!("/admin/people/{}/roles/{}/end", school.lead.id, school.lead.grant), admin.clone()));
    pages.push((crate::people::link_of(&mut town, school.tutor.id).await, school.lead.clone()));
    pages.extend(of_exclusions(school.case.exclusion).map(|page| (page, school.lead.clone())));
    let panel = format!("/panel/{}", school.case.panel);
    for page in ["", &format!("/referrals/{}", school.case.referral)] {
        pages.push((format!("{panel}{page}"), member.clone()));
    }
    pages.push((
        format!("/cases/{}/timeline?kind=incidents&kind=meetings", school.case.case),
        school.lead.clone(),
    ));
    pages.push((format!("/cases/{}/transfer/items/schools", school.case.case), school.lead.clone()));
    for to in ["up3", "extend", "exit", "excluded"] {
        pages.push((format!("/cases/{}/stage/move?to={to}", school.case.case), school.head.clone()));
    }
    let names = [school.sentinel.clone(), "Robin".to_owned()];
    let mut wrong = Vec::new();
    for width in [1280, 320] {
        browser.width(width).await;
        for (page, who) in &pages {
            browser.as_person(who).await;
            browser.go(page).await;
            check(&browser, &axe, &format!("{page} at {width}"), &names, &mut wrong).await;
        }
        browser.as_person(&school.lead).await;
        // Forms sent empty: the page with its errors.
        for (page, button, says) in [
            ("/pupils/new".to_owned(), "Add pupil", "There is a problem"),
            ("/pupils/import".to_owned(), "Check the file", "There is a problem"),
            (format!("/pupils/import/{}", school.pupil_file), "Save these pupils", "There is a problem"),
            (format!("/cases/{}/targets/new", school.case.case), "Set target", "There is a problem"),
            ("/account/password".to_owned(), "Change password", "There is a problem"),
            ("/search".to_owned(), "Search", "There is a problem"),
            (format!("/pupils/{}/contacts/new", school.case.pupil), "Save contact", "There is a problem"),
            (format!("/today/notes/{}", school.case.case), "Add note", "There is a problem"),
            (format!("/cases/{}/absences", school.case.case), "Add", "There is a problem"),
            (format!("/cases/new?pupil={}", school.case.pupil), "Open case", "The case cannot be opened yet"),
        ] {
            browser.go(&page).await;
            browser
                .script("document.querySelectorAll('main input[type=text]').forEach(i => { i.value = '' })")
                .await;
            browser.press_exactly(button).await;
            browser.wait_for(says).await;
            check(&browser, &axe, &format!("{page} with errors at {width}"), &names, &mut wrong).await;
        }
        // Pupils found, and nobody.
        for (sought, says) in [("robin", "3 pupils"), ("xanthippe", "0 pupils")] {
            browser.go("/search").await;
            browser.fill("sought", sought).await;
            browser.press_exactly("Search").await;
            browser.wait_for(says).await;
            check(&browser, &axe, &format!("{says} found at {width}"), &names, &mut wrong).await;
        }
        // Names hidden: a list, and a page that does not open meanwhile.
        browser.press("Hide names").await;
        for page in ["/cases".to_owned(), format!("/pupils/{}/edit", school.case.pupil)] {
            browser.go(&page).await;
            browser.wait_for("Names of pupils are hidden").await;
            check(&browser, &axe, &format!("{page} with names hidden at {width}"), &names, &mut wrong).await;
        }
        browser.press("Show names").await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn gzip(bytes: &[u8]) -> usize {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap().len()
}

fn brotli(bytes: &[u8]) -> usize {
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    out.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_light() {
    let mut town = Town::new().await;
    town.class(29, 3).await;
    let tutor = town.greenfield.tutor.clone();
    for view in ["/today", "/today?period=3"] {
        let page = town.get(&tutor, view).await;
        assert_eq!(page.body.matches("data-case=").count(), 30);
        let weight = gzip(page.body.as_bytes());
        println!("{view} for 30 pupils: {weight} bytes gzip");
        assert!(weight <= 20_000, "{view} weighs {weight}");
    }
    for (name, most) in [("app.css", 15_000), ("app.js", 16_000)] {
        let file = format!("{}/static/dist/{name}", env!("CARGO_MANIFEST_DIR"));
        let weight = brotli(&std::fs::read(file).unwrap());
        println!("{name}: {weight} bytes brotli");
        assert!(weight <= most, "{name} weighs {weight}");
    }
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&tutor).await;
    browser.go("/today").await;
    let requests = browser.script("return performance.getEntriesByType('resource').length + 1").await;
    assert!(requests.as_i64().unwrap() <= 4, "{requests} requests");
}

/// The pages of a PDF: each is an object of its own in the file the browser writes.
fn sheets(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page\n").count()
}

/// Each page of a PDF is as high and wide as this, in millimetres.
fn is_of(pdf: &[u8], width: f64, height: f64) -> bool {
    let text = String::from_utf8_lossy(pdf);
    let boxes: Vec<Vec<f64>> = text
        .split("/MediaBox [")
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .map(|numbers| numbers.split_whitespace().filter_map(|n| n.parse().ok()).collect())
        .collect();
    let near = |points: f64, millimetres: f64| (points / 72.0 * 25.4 - millimetres).abs() < 1.0;
    !boxes.is_empty() && boxes.iter().all(|b| near(b[2], width) && near(b[3], height))
}

/// A pupil without a case beside the one with: what can be ticked, and two records side by side.
async fn of_pupils(town: &mut Town) -> Vec<(String, Person)> {
    let school = town.greenfield.clone();
    let family = format!("{}s", school.sentinel);
    let (second, _) = pupil(&mut town.owner, town.authority, school.id, school.lead.id, &family).await;
    [
        format!("/pupils/{}/merge/{second}", school.case.pupil),
        format!("/pupils/{second}/leave"),
        "/pupils/new-year?year=8".to_owned(),
        "/pupils?left=1".to_owned(),
    ]
    .map(|page| (page, school.lead.clone()))
    .into()
}

/// The forms of the steps after an exclusion, and the calculator with an answer.
fn of_exclusions(id: Uuid) -> impl Iterator<Item = String> {
    let steps = ["told&told=letter&to=parents", "education", "representations", "board_met", "board_decided"];
    let reckoned = "decided.day=24&decided.month=11&decided.year=2026&first.day=25&first.month=11&first.year=2026\
                    &first_session=morning&length=6";
    steps
        .into_iter()
        .map(move |step| format!("/suspensions/{id}/steps?step={step}"))
        .chain([format!("/suspensions/calculator?{reckoned}")])
}

/// A permanent exclusion with as much to say as there can be.
async fn full_exclusion(town: &mut Town) -> Uuid {
    let (id, school) = (Uuid::now_v7(), town.greenfield.clone());
    let words = "The pupil came back after the bell and did it again, as two teachers saw and wrote down. "
        .repeat(12);
    sqlx::query(
        "insert into app.exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, kind, decided_on, issuer,
                                     issued_by, first_on, first_half, reasons, words, exam_on, exam_half, exam_words, exams_left,
                                     guidance, send, looked_after, social_worker, lives_elsewhere, recorded_on, recorded_at)
         select $1, authority_id, school_id, pupil_id, enrolment_id, id, 'permanent', '2026-11-24', 'teacher_in_charge', $3,
                '2026-11-25', 'morning', '{PH,OW,VA}', $4, '2026-11-26', 'afternoon', 'GCSE English literature, second paper',
                true, 'Test', 'ehcp', true, true, true, '2026-11-24', $5
         from app.cases where id = $2",
    )
    .bind(id)
    .bind(school.case.case)
    .bind(school.head.id)
    .bind(words.trim_end().chars().take(1000).collect::<String>())
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, provider, address,
                                          times, person, starts_on, recorded_on, recorded_at, recorded_by)
         select $1, authority_id, school_id, pupil_id, id, 'education', '2026-11-24', 'Pathways Learning Centre',
                'The Old School House, 14 Long Lane, Some Village near Some Town', '9:15am to 2:45pm with a break at noon',
                'Ms Bell at the front desk', '2026-12-02', '2026-11-24', $4, $3
         from app.exclusions where id = $2",
    )
    .bind(Uuid::now_v7())
    .bind(id)
    .bind(school.lead.id)
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_promised_on_one_page_prints_on_one() {
    let mut town = Town::new().await;
    // As full as it gets: five targets, and a lead who writes as much as fits the letter.
    town.class(0, 5).await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let (case, meeting) = (school.case.case, school.case.meeting);
    let excluded = full_exclusion(&mut town).await;
    // The longest letterhead there can be.
    sqlx::query("update app.schools set letterhead = $2 where id = $1")
        .bind(school.id)
        .bind("14 Long Lane near Some Town ".repeat(7))
        .execute(&mut town.owner)
        .await
        .unwrap();
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&school.lead).await;
    let (a4, a5) = ((210.0, 297.0), (148.0, 210.0));
    let mut pages = vec![
        (urls::letter(case.into(), date!(2026 - 11 - 16), school.case.contact.into()), a4),
        (format!("/cases/{case}/meetings/{meeting}/print"), a4),
        (format!("/today/cards/{case}"), a5),
        (format!("/suspensions/{excluded}/letter"), a4),
        (format!("/suspensions/{excluded}/notices/board"), a4),
    ];
    for audience in Audience::ALL {
        for language in Language::ALL {
            pages.push((format!("/leaflets/{}/{}", audience.as_str(), language.as_str()), a4));
        }
    }
    let mut wrong = Vec::new();
    for (page, (width, height)) in pages {
        browser.go(&page).await;
        assert!(
            browser.script("return document.querySelectorAll('[data-print]').length").await == 1,
            "{page}"
        );
        let pdf = browser.printed().await;
        if sheets(&pdf) != 1 {
            wrong.push(format!("{page} prints on {} pages", sheets(&pdf)));
        }
        if !is_of(&pdf, width, height) {
            wrong.push(format!("{page} is not of {width} by {height} mm"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A page that goes on is counted as more than one: the test can fail.
    browser.go("/today").await;
    browser.script("document.querySelector('main').append(...Array.from({ length: 200 }, () => Object.assign(document.createElement('p'), { textContent: 'More' })))").await;
    assert!(sheets(&browser.printed().await) > 1);
}

/// Counts of both schools in two school years, large enough that nothing is hidden.
async fn counted(town: &mut Town) {
    let (schools, today) = (vec![town.greenfield.id, town.hillside.id], NOW.date());
    sqlx::query(
        "with parts (part, grp, width) as (
             select p.part, g.grp, p.width
             from (values ('all', '{\"\"}'::text[], 4), ('in_view', '{yes,no}', 4), ('send', '{none,sen_support,ehcp}', 4),
                          ('looked_after', '{yes,no}', 4), ('eal', '{yes,no}', 4), ('year_group', '{7,8,9,10,11}', 4),
                          ('entered', '{1,2,3}', 3), ('moves', '{up_2,up_3,down,progress,otherwise}', 3),
                          ('weeks', '{1,2,3}', 53), ('suspended', '{\"\"}', 7), ('recorded', '{\"\"}', 3),
                          ('support', '{mentor,restorative,behaviour_support}', 10)) p (part, groups, width),
                  unnest(p.groups) g (grp))
         insert into app.report_counts (authority_id, school_id, school_year, part, grp, counts)
         select $1, s, y, part, grp, array(select 60 + 7 * n from generate_series(1, width) n)
         from parts, unnest($2::uuid[]) s, unnest(array[2025, 2026]) y",
    )
    .bind(town.authority)
    .bind(&schools)
    .execute(&mut town.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into app.report_runs (authority_id, school_id, counted_on, counted_at)
         select $1, s, $3, $4 from unnest($2::uuid[]) s",
    )
    .bind(town.authority)
    .bind(&schools)
    .bind(today)
    .bind(NOW)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

/// A school on its first day: nothing to list yet, and every page says so instead of showing an empty table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_over_many_cases_before_there_is_one_at_both_widths() {
    let mut town = Town::new().await;
    let school = Uuid::now_v7();
    sqlx::query(
        "insert into app.schools (id, authority_id, name, urn, establishment, phase)
         values ($1, $2, 'New School', '900021', '4902', 'secondary')",
    )
    .bind(school)
    .bind(town.authority)
    .execute(&mut town.owner)
    .await
    .unwrap();
    let lead = town.person("school_lead", Some(school)).await;
    let head = town.person("headteacher", Some(school)).await;
    let tutor = town.person("staff", Some(school)).await;
    let la = town.person("la_representative", Some(school)).await;
    let browser = Browser::open(&serve(&town).await, true).await;
    let axe = std::fs::read_to_string(AXE).expect("axe-core is fetched by make assets");
    let pages = [
        (&lead, "/today", "was on the programme on this day"),
        (&lead, "/week", "Nothing is owed this week"),
        (&lead, "/reviews/run", "No review is owed for this week."),
        (&lead, "/cases", "No cases are open."),
        (&lead, "/pupils", "Nobody is on this school’s roll yet."),
        (&lead, "/caseload", "No cases are open."),
        (&lead, "/received", "No pupil is allocated"),
        (&tutor, "/today", "was on the programme on this day"),
        (&head, "/overview", "Nothing waits for a decision."),
        (&head, "/overview/pupils", "0 pupils"),
        (&head, "/overview/overdue", "Nothing is overdue"),
        (&head, "/overview/suspension-days", "0 pupils"),
        (&head, "/overview/left", "Nobody"),
        (&head, "/overview/inbox", "Nothing"),
        (&head, "/overview/governors", "None."),
        (&head, "/overview/weeks/2026-11-16", "Nothing else was recorded"),
        (&la, "/caseload", "No cases are open."),
        (&la, "/caseload?view=overdue", "Nothing is overdue."),
        (&la, "/caseload?stage=2", "No case fits these filters."),
        (&la, "/schools", "no marks expected"),
        (&la, "/panel", "No panel is planned"),
        (&la, "/reports", "No case began"),
        (&la, "/reports/flow", "No case began"),
    ];
    let (mut wrong, mut unsaid) = (Vec::new(), Vec::new());
    for width in [1280, 320] {
        browser.width(width).await;
        for (who, page, says) in pages {
            browser.as_person(who).await;
            browser.go(page).await;
            let main = browser.find("main").await.text().await.unwrap();
            if !main.contains(says) {
                unsaid.push(format!("{page}: {main}"));
            }
            check(&browser, &axe, &format!("{page} at {width}"), &[], &mut wrong).await;
        }
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_report_with_its_pictures_at_both_widths() {
    let mut town = Town::new().await;
    counted(&mut town).await;
    let la = town.person("la_representative", None).await;
    let browser = Browser::open(&serve(&town).await, true).await;
    let axe = std::fs::read_to_string(AXE).expect("axe-core is fetched by make assets");
    browser.as_person(&la).await;
    let mut pages: Vec<_> =
        Report::ALL.iter().map(|report| format!("/reports/{}", report.as_str())).collect();
    pages.extend(By::ALL.map(|by| format!("/reports/outcomes?by={}", by.as_str())));
    let (mut wrong, mut pictures) = (Vec::new(), 0);
    for width in [1280, 320] {
        browser.width(width).await;
        for page in &pages {
            browser.go(page).await;
            let drawn = browser.script("return document.querySelectorAll('main svg').length").await;
            pictures += drawn.as_u64().unwrap();
            check(&browser, &axe, &format!("{page} at {width}"), &[], &mut wrong).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pictures > 20, "{pictures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_paper_no_link_tells_its_address_and_the_tables_of_charts_are_open() {
    let mut town = Town::new().await;
    town.class(3, 2).await;
    town.furnish().await;
    let head = town.greenfield.head.clone();
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&head).await;
    let addresses = "return [...document.querySelectorAll('main a')].filter(a => a.checkVisibility() \
        && getComputedStyle(a, '::after').content.includes(a.getAttribute('href'))).length";
    let tables = "const all = [...document.querySelectorAll('.wm-chart details:not([open]) table')]; \
        return [all.length, all.filter(table => table.checkVisibility({ contentVisibilityAuto: true }) \
        && table.getBoundingClientRect().height > 0).length]";
    for page in ["/overview", "/caseload"] {
        browser.go(page).await;
        browser.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "print" })).await;
        assert!(browser.script("return document.querySelectorAll('main a').length").await != 0, "{page}");
        assert_eq!(browser.script(addresses).await, 0, "{page}");
        let found = browser.script(tables).await;
        assert_eq!(found[0], found[1], "{page}");
        browser.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "" })).await;
        if page == "/overview" {
            let shown = browser.script(tables).await;
            assert!(found[0] != 0 && shown[1] == 0, "on a screen they are closed: {shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn governors_get_the_overview_on_paper_without_names() {
    let mut town = Town::new().await;
    town.class(12, 2).await;
    town.furnish().await;
    let school = town.greenfield.clone();
    let browser = Browser::open(&serve(&town).await, true).await;
    browser.as_person(&school.head).await;
    browser.go("/overview").await;
    browser.press("For governors, without names").await;
    browser.wait_for("This page names nobody.").await;
    let words = browser.script("return document.querySelector('main').innerText").await;
    let words = words.as_str().unwrap();
    assert!(words.contains("Pupils on the programme by stage"), "{words}");
    assert!(!words.contains(&school.sentinel) && !words.contains("Robin"), "{words}");
    // On paper stand the figures, and nothing that is pressed.
    let pdf = browser.printed().await;
    assert!((1..=3).contains(&sheets(&pdf)), "{} sheets", sheets(&pdf));
    assert!(is_of(&pdf, 210.0, 297.0));
    browser
        .driver
        .cdp()
        .send_raw("Emulation.setEmulatedMedia", serde_json::json!({ "media": "print" }))
        .await
        .unwrap();
    let pressed = "return [...document.querySelectorAll('a, button, summary')]
                   .filter(one => one.checkVisibility() && !one.closest('main')).map(one => one.innerText)";
    assert_eq!(browser.script(pressed).await, serde_json::json!([]));
}
