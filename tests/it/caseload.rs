//! The caseload: who sees which cases, in which order and why; its counts against a recount by hand; paging that neither
//! skips nor repeats; what is done to several cases at once; what the LA asks and the school answers.

use std::collections::BTreeSet;

use uuid::Uuid;
use waymark::domain::calendar::monday;

use crate::support::{Faster, NOW, Person, Town, day};

/// The ids of the cases on a page, in their order.
fn listed(body: &str) -> Vec<Uuid> {
    let rows = body.split("<th scope=\"row\"").skip(1);
    rows.filter_map(|row| row.split("href=\"/cases/").nth(1)?.get(..36)?.parse().ok()).collect()
}

/// Every page of the list, one after the other.
pub async fn everything(town: &Town, who: &Person, address: &str) -> Vec<Uuid> {
    let (mut all, mut address) = (Vec::new(), address.to_owned());
    for _ in 0..50 {
        let page = town.get(who, &address).await;
        assert_eq!(page.status, 200, "{address}");
        all.extend(listed(&page.body));
        let Some(next) = page.body.split("href=\"").find(|part| part.contains("\">Next page<")) else {
            return all;
        };
        address = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    }
    panic!("the list does not end");
}

/// Cases of every kind at Greenfield: stages, years, marks, needs, something overdue.
async fn varied(town: &mut Town) -> Vec<Uuid> {
    let cases = town.class(60, 2).await;
    for (n, case) in (0_i16..).zip(&cases) {
        let stage = n % 3 + 1;
        sqlx::query("update app.cases set stage = $2, last_marked_on = $3 where id = $1")
            .bind(case)
            .bind(stage)
            .bind((n % 4 != 0).then(|| day("2026-11-23") - time::Duration::days(i64::from(n % 9))))
            .execute(&mut town.owner)
            .await
            .unwrap();
        sqlx::query(
            "update app.pupils p set send = $2, looked_after = $3, born_on = $4 from app.cases c
             where c.id = $1 and p.id = c.pupil_id",
        )
        .bind(case)
        .bind(["none", "sen_support", "ehcp"][usize::try_from(n).unwrap() % 3])
        .bind(n % 7 == 0)
        .bind(day(["2015-01-15", "2014-08-31", "2013-09-01", "2012-03-03", "2010-12-25"]
            [usize::try_from(n).unwrap() % 5]))
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
    cases
}

/// Whether a case is of a view of this person.
type Is = fn(&Stood, Uuid) -> bool;

/// What the database keeps of a case, read as the owner.
#[derive(Debug, sqlx::FromRow)]
struct Stood {
    case_id: Uuid,
    school_id: Uuid,
    sort_name: String,
    stage: i16,
    concern: i16,
    overdue_days: i32,
    unmarked_days: i32,
    year_half_days: i32,
    waits_for_la: bool,
    next_due_on: Option<time::Date>,
    last_marked_on: Option<time::Date>,
    representative_id: Option<Uuid>,
    lead_id: Uuid,
}

async fn stood(town: &mut Town) -> Vec<Stood> {
    sqlx::query_as(
        "select d.* from app.case_duties d join app.cases c on c.id = d.case_id
         where d.authority_id = $1 and c.closed_on is null",
    )
    .bind(town.authority)
    .fetch_all(&mut town.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn everybody_sees_the_caseload_of_their_own_schools_and_no_other() {
    let mut town = Town::new().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let assigned = town.person("la_representative", Some(own.id)).await;
    let everywhere = town.person("la_representative", None).await;
    for who in [&own.lead, &own.head, &assigned] {
        let page = town.get(who, "/caseload").await;
        assert_eq!(listed(&page.body), [own.case.case], "{}", who.email);
        assert!(!page.body.contains(&other.sentinel) && !page.body.contains("Hillside"), "{}", page.body);
        assert!(page.body.contains("All open (1"), "{}", page.body);
        // Naming the other school in the address shows nothing of it.
        let asked = town.get(who, &format!("/caseload?school={}", other.id)).await;
        assert_eq!(listed(&asked.body), Vec::<Uuid>::new());
        assert!(asked.body.contains("No case fits these filters"), "{}", asked.body);
        assert!(!asked.body.contains("Hillside"), "{}", asked.body);
    }
    let both = town.get(&everywhere, "/caseload?sort=name").await;
    assert_eq!(
        listed(&both.body).into_iter().collect::<BTreeSet<_>>(),
        [own.case.case, other.case.case].into()
    );
    for who in
        [&own.tutor, &town.person("la_administrator", None).await, &town.person("panel_member", None).await]
    {
        assert_eq!(town.get(who, "/caseload").await.status, 403, "{}", who.email);
        assert_eq!(town.get(who, "/schools").await.status, 403, "{}", who.email);
    }
    // What was shown is in the audit trail, pupil by pupil.
    let rows = town
        .count(
            "select count(*) from app.audit_events where action = 'caseload' and outcome = 'allowed' and $1 = any (pupils)",
            other.case.pupil,
        )
        .await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn views_filters_and_counts_are_what_a_recount_says() {
    let mut town = Town::new().await;
    varied(&mut town).await;
    let la = town.person("la_representative", None).await;
    // Everything is reckoned on the way through all pages.
    everything(&town, &la, "/caseload?size=100").await;
    let (greenfield, la_id) = (town.greenfield.id, la.id);
    sqlx::query("update app.case_duties set year_half_days = 70 + stage where authority_id = $1 and sort_name like 'aaa1%'")
        .bind(town.authority)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let all = stood(&mut town).await;
    let page = town.get(&la, "/caseload").await;
    let views: [(&str, &str, Is); 7] = [
        ("all", "All open", |_, _| true),
        ("mine", "Mine", |of, who| of.representative_id == Some(who) || of.lead_id == who),
        ("overdue", "Overdue", |of, _| of.overdue_days > 0),
        ("stage-3", "Stage 3", |of, _| of.stage == 3),
        ("no-marks", "No marks for 3 days", |of, _| of.unmarked_days >= 3),
        ("near-45-days", "Near 45 days", |of, _| of.year_half_days >= 70),
        ("waiting-for-la", "Waiting for the LA", |of, _| of.waits_for_la),
    ];
    for (view, label, is) in views {
        let wanted: BTreeSet<_> = all.iter().filter(|of| is(of, la_id)).map(|of| of.case_id).collect();
        let found = everything(&town, &la, &format!("/caseload?view={view}")).await;
        assert_eq!(found.len(), wanted.len(), "{view}: each once");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted, "{view}");
        let link = format!("{label} ({}<", wanted.len());
        assert!(page.body.contains(&link), "{link}: {}", page.body);
    }
    assert!(all.iter().any(|of| of.overdue_days > 0) && all.iter().any(|of| of.unmarked_days >= 3));
    // Filters, alone and together, against the rows themselves.
    for (query, sql) in [
        ("stage=2", "c.stage = 2"),
        ("stage=1&stage=3", "c.stage in (1, 3)"),
        ("send=ehcp", "p.send = 'ehcp'"),
        ("send=ehcp&send=sen_support&looked-after=yes", "p.send <> 'none' and p.looked_after"),
        // Born on 31 August 2014: eleven on the last 31 August but one, so in Year 8; a day later would be Year 7.
        ("year=8", "p.born_on = '2014-08-31' or p.born_on = '2013-09-01'"),
        ("year=7", "p.born_on = '2015-01-15'"),
        ("year=11&stage=2", "p.born_on = '2010-12-25' and c.stage = 2"),
        ("year=7&stage=9&send=nonsense&colour=blue", "p.born_on = '2015-01-15'"),
    ] {
        let wanted: Vec<Uuid> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select c.id from app.cases c join app.pupils p on p.id = c.pupil_id
             where c.school_id = $1 and c.closed_on is null and ({sql}) and c.sort_name like 'aaa%'"
        )))
        .bind(greenfield)
        .fetch_all(&mut town.owner)
        .await
        .unwrap();
        let made: BTreeSet<Uuid> =
            all.iter().filter(|of| of.sort_name.starts_with("aaa")).map(|of| of.case_id).collect();
        let found: BTreeSet<_> = everything(&town, &la, &format!("/caseload?school={greenfield}&{query}"))
            .await
            .into_iter()
            .collect();
        assert_eq!(
            found.intersection(&made).copied().collect::<BTreeSet<_>>(),
            wanted.into_iter().collect(),
            "{query}"
        );
        // The page says how many there are, on the first of them and on a later one.
        let many = if found.len() == 1 { "1 case".to_owned() } else { format!("{} cases", found.len()) };
        let mut address = format!("/caseload?school={greenfield}&{query}");
        for _ in 0..2 {
            let page = town.get(&la, &address).await;
            assert!(
                page.body.contains(&format!("All open, filtered: {many}</h2>")),
                "{address}: {}",
                page.body
            );
            let Some((before, _)) = page.body.split_once("\">Next page</a>") else { break };
            address = before.rsplit('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        }
    }
}

#[tokio::test]
async fn every_order_goes_through_all_cases_once_and_stays_steady_under_change() {
    let mut town = Town::new().await;
    let cases = varied(&mut town).await;
    let lead = town.greenfield.lead.clone();
    everything(&town, &lead, "/caseload?size=100").await;
    let mut all = stood(&mut town).await;
    all.retain(|of| of.school_id == town.greenfield.id);
    let far = time::Date::MAX;
    for sort in ["concern", "name", "stage", "due", "marks"] {
        all.sort_by(|a, b| {
            let tie = || (&a.sort_name, a.case_id).cmp(&(&b.sort_name, b.case_id));
            match sort {
                "concern" => (b.concern, b.overdue_days).cmp(&(a.concern, a.overdue_days)),
                "stage" => b.stage.cmp(&a.stage),
                "due" => a.next_due_on.unwrap_or(far).cmp(&b.next_due_on.unwrap_or(far)),
                "marks" => a.last_marked_on.cmp(&b.last_marked_on),
                _ => std::cmp::Ordering::Equal,
            }
            .then_with(tie)
        });
        let wanted: Vec<_> = all.iter().map(|of| of.case_id).collect();
        assert_eq!(everything(&town, &lead, &format!("/caseload?sort={sort}")).await, wanted, "{sort}");
        let back: Vec<_> = wanted.into_iter().rev().collect();
        assert_eq!(everything(&town, &lead, &format!("/caseload?sort=-{sort}")).await, back, "-{sort}");
    }
    let page = town.get(&lead, "/caseload?sort=-name").await;
    assert!(page.body.contains("aria-sort=\"descending\""), "{}", page.body);
    // Between two pages one case of the first closes and one is added to it: nothing is skipped, nothing shown twice.
    let first = town.get(&lead, "/caseload?sort=name").await;
    let shown = listed(&first.body);
    assert_eq!(shown.len(), 25);
    sqlx::query("update app.cases set closed_on = '2026-11-24', ended_as = 'left' where id = $1")
        .bind(shown[3])
        .execute(&mut town.owner)
        .await
        .unwrap();
    let rest = everything(&town, &lead, &format!("/caseload?sort=name&after={}", shown[24])).await;
    let mut both: Vec<_> = shown.into_iter().chain(rest).collect();
    both.retain(|case| cases.contains(case));
    assert_eq!(both.len(), 60);
    assert_eq!(both.iter().collect::<BTreeSet<_>>().len(), 60);
    // The last case of a page is dealt with before the next page is asked for, and stands far below now: what came after
    // it when the page was read still comes.
    for sort in ["concern", "due", "stage", "marks", "-concern", "-due"] {
        let address = format!("/caseload?sort={sort}");
        let wanted = everything(&town, &lead, &address).await;
        let first = town.get(&lead, &address).await;
        let (shown, last) = (listed(&first.body), wanted[24]);
        let kept: (i16, i32, Option<time::Date>, i16, Option<time::Date>) = sqlx::query_as(
            "select concern, overdue_days, next_due_on, stage, last_marked_on from app.case_duties where case_id = $1",
        )
        .bind(last)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
        let (concern, overdue, due, stage) =
            if sort.starts_with('-') { (2_i16, 900, "2001-01-01", 3_i16) } else { (0, 0, "2040-01-01", 1) };
        let stand =
            "update app.case_duties set concern = $2, overdue_days = $3, next_due_on = $4, stage = $5,
                         last_marked_on = $6 where case_id = $1";
        sqlx::query(stand)
            .bind(last)
            .bind(concern)
            .bind(overdue)
            .bind(day(due))
            .bind(stage)
            .bind(day("2040-01-01"))
            .execute(&mut town.owner)
            .await
            .unwrap();
        let next = first.body.split("href=\"").find(|part| part.contains("\">Next page<")).unwrap();
        let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        let mut rest = everything(&town, &lead, &next).await;
        rest.retain(|case| *case != last);
        assert_eq!(shown, wanted[..25], "{sort}");
        assert_eq!(rest, wanted[25..], "{sort}");
        // As much of an address as is left of it still opens the list.
        let bare = next.split("&stood").next().unwrap();
        for odd in [
            "",
            "1;x",
            "--infinity",
            "2026-328",
            "20261124",
            "99999999999",
            "+12026-01-01",
            "-5",
            "2026-02-29",
        ] {
            let address = format!("{bare}&stood={odd}&stood={odd}").replace('+', "%2B");
            assert_eq!(town.get(&lead, &address).await.status, 200, "{address}");
        }
        sqlx::query(stand)
            .bind(last)
            .bind(kept.0)
            .bind(kept.1)
            .bind(kept.2)
            .bind(kept.3)
            .bind(kept.4)
            .execute(&mut town.owner)
            .await
            .unwrap();
    }
    // A page that begins after a case that is not there has an end, not an error.
    let nowhere = town.get(&lead, &format!("/caseload?after={}", Uuid::now_v7())).await;
    assert!(nowhere.body.contains("There are no more cases."), "{}", nowhere.body);
}

#[tokio::test]
async fn the_list_says_why_a_case_stands_where_it_does() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let page = town.get(&school.lead, "/caseload").await;
    // Opened on 2 November and nothing done since.
    for words in [
        "because: ",
        "school days overdue",
        "; no marks for 15 school days",
        "govuk-tag--red\">High",
        "no points recorded, too early to tell",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    // The LA representative reads of the next action and has no way to what is the school's to do.
    let la = town.person("la_representative", Some(school.id)).await;
    let theirs = town.get(&la, "/caseload").await;
    assert!(theirs.body.contains("Sign the review of the week of 2 Nov"), "{}", theirs.body);
    let review = format!("href=\"/cases/{}/reviews/2026-11-02\"", school.case.case);
    assert!(page.body.contains(&review) && !theirs.body.contains(&review), "{}", theirs.body);
    let select = "name=\"case\"";
    assert!(!page.body.contains(select) && theirs.body.contains(select), "only the LA selects");
    // Monitoring was recorded: the sign is gone at once.
    let monday_week = monday(NOW.date());
    assert_eq!(monday_week, day("2026-11-23"));
    for on in ["2026-11-18", "2026-11-19", "2026-11-23"] {
        let mark = format!("mark.{}.1", school.case.targets[0]);
        let seen = format!("seen.{}", school.case.case);
        let id = school.id.to_string();
        let fields = [("date", on), ("school", id.as_str()), (&*seen, "0"), (&*mark, "2")];
        let saved = town.post(&school.lead, "/today", &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
    }
    let page = town.get(&school.lead, "/caseload").await;
    let list = page.body.split("How this order is made").next().unwrap();
    assert!(!list.contains("no marks for"), "{list}");
    assert!(page.body.contains("Mon 23 Nov"), "{}", page.body);
}

#[tokio::test]
async fn who_looks_after_cases_is_said_for_several_at_once() {
    let mut town = Town::new().await;
    let class = town.class(3, 1).await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let la = town.person("la_representative", Some(own.id)).await;
    let colleague = town.person("la_representative", None).await;
    let elsewhere = town.person("la_representative", Some(other.id)).await;
    let (first, second) = (class[0].to_string(), class[1].to_string());
    // Nothing is selected.
    let nothing = town.post(&la, "/caseload/selected", &[("go", "name"), ("back", "view=overdue")]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("Select a case first"), "{}", nothing.body);
    let fields = [("case", &*first), ("case", &*second), ("go", "name"), ("back", "stage=1")];
    let asked = town.post(&la, "/caseload/selected", &fields).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("2 cases") && asked.body.contains("(nobody yet)"), "{}", asked.body);
    assert!(asked.body.contains(&colleague.id.to_string()), "somebody assigned to every school can");
    assert!(!asked.body.contains(&elsewhere.id.to_string()), "somebody of another school cannot");
    let named = town
        .count("select count(*) from app.case_representatives where authority_id = $1", town.authority)
        .await;
    assert_eq!(named, 0, "nothing is saved before the second press");
    // Without a person, with somebody who cannot, with a case of another school, as somebody who may not.
    let person = colleague.id.to_string();
    let without = town.post(&la, "/caseload/representative", &[("case", &first)]).await;
    assert_eq!(without.status, 422);
    assert!(without.body.contains("Select who looks after these cases"), "{}", without.body);
    assert_eq!(shown(&mut town, &la, class[0]).await, 2, "the page before, and this one: it names the pupil");
    let cannot = elsewhere.id.to_string();
    let refused = town.post(&la, "/caseload/representative", &[("case", &first), ("person", &cannot)]).await;
    assert_eq!(refused.status, 404);
    let foreign = other.case.case.to_string();
    let refused =
        town.post(&la, "/caseload/representative", &[("case", &foreign), ("person", &person)]).await;
    assert_eq!(refused.status, 404);
    let refused =
        town.post(&own.head, "/caseload/representative", &[("case", &first), ("person", &person)]).await;
    assert_eq!(refused.status, 403);
    // Beside cases within reach, one out of reach is left out without a word of it.
    let both = [
        ("case", &*first),
        ("case", &*second),
        ("case", &*foreign),
        ("person", &*person),
        ("back", "stage=1"),
    ];
    let saved = town.post(&la, "/caseload/representative", &both).await;
    assert_eq!((saved.status.as_u16(), saved.location.as_str()), (303, "/caseload?stage=1"));
    let now: Vec<Uuid> = sqlx::query_scalar(
        "select case_id from app.case_representatives where user_id = $1 and to_on is null order by case_id",
    )
    .bind(colleague.id)
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(now.iter().copied().collect::<BTreeSet<_>>(), [class[0], class[1]].into());
    let mine = town.get(&colleague, "/caseload?view=mine").await;
    assert_eq!(listed(&mine.body).into_iter().collect::<BTreeSet<_>>(), [class[0], class[1]].into());
    // Named anew on the same day: one stands, the other is history.
    let me = la.id.to_string();
    let saved = town.post(&la, "/caseload/representative", &[("case", &first), ("person", &me)]).await;
    assert_eq!(saved.status, 303);
    let rows: Vec<(Uuid, Option<time::Date>)> = sqlx::query_as(
        "select user_id, to_on from app.case_representatives where case_id = $1 order by named_at, id",
    )
    .bind(class[0])
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert_eq!(rows, [(colleague.id, Some(day("2026-11-23"))), (la.id, None)]);
    assert_eq!(listed(&town.get(&colleague, "/caseload?view=mine").await.body), [class[1]]);
    // Whoever holds the role no more looks after nothing any more.
    sqlx::query("update app.users set name = 'Quill Farewell' where id = $1")
        .bind(colleague.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert!(town.get(&own.head, "/caseload").await.body.contains("Quill Farewell"));
    sqlx::query("update app.grants set to_on = '2026-11-23' where user_id = $1")
        .bind(colleague.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    assert!(!town.get(&own.head, "/caseload").await.body.contains("Quill Farewell"));
}

/// How many pages of selected cases named the pupil of this case to somebody.
async fn shown(town: &mut Town, to: &Person, case: Uuid) -> i64 {
    sqlx::query_scalar(
        "select count(*) from app.audit_events a join app.cases c on c.id = $2
         where a.actor = $1 and a.outcome = 'allowed' and c.pupil_id = any (a.pupils)",
    )
    .bind(to.id)
    .bind(case)
    .fetch_one(&mut town.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_keeps_its_words_and_its_way_back() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", Some(own.id)).await;
    let case = own.case.case.to_string();
    let updates = format!("/cases/{case}/updates");
    // Too long, from the page of the case: back there it goes, and from there on when it is sent.
    let long = "How is lunch? ".repeat(100);
    let fields = [("case", &*case), ("back", "case"), ("words", &*long)];
    let answer = town.post(&la, "/caseload/updates", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("name=\"back\" value=\"case\""), "{}", answer.body);
    assert!(
        answer.body.contains(&format!("href=\"{updates}\" class=\"govuk-back-link\"")),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("How is lunch?"), "{}", answer.body);
    assert_eq!(shown(&mut town, &la, own.case.case).await, 1, "it names the pupil");
    // A colleague asks at the same moment, and is a little faster.
    let mut colleague = Faster::begins().await;
    sqlx::query(
        "insert into app.update_requests (id, authority_id, school_id, case_id, asked_on, asked_at, asked_by, due_on)
         values (gen_random_uuid(), $1, $2, $3, '2026-11-24', $4, $5, '2026-12-01')",
    )
    .bind(town.authority)
    .bind(own.id)
    .bind(own.case.case)
    .bind(NOW)
    .bind(la.id)
    .execute(&mut colleague.conn)
    .await
    .unwrap();
    let fields = [("case", &*case), ("back", "case"), ("words", "How is tea?")];
    let (answer, ()) =
        tokio::join!(town.post(&la, "/caseload/updates", &fields), colleague.commits_when_awaited());
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("A colleague asked about one of these a moment ago"), "{}", answer.body);
    assert!(answer.body.contains("asked already on 24 Nov 2026"), "{}", answer.body);
    assert!(answer.body.contains("How is tea?</textarea>"), "{}", answer.body);
    assert_eq!(shown(&mut town, &la, own.case.case).await, 2, "it names the pupil");
}

#[tokio::test]
async fn schools_are_asked_how_cases_stand_and_answer_once() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", Some(own.id)).await;
    let case = own.case.case.to_string();
    let page = format!("/cases/{case}/updates");
    assert!(town.get(&own.lead, &page).await.body.contains("has not asked how this case stands"));
    let asked = town.post(&la, "/caseload/selected", &[("case", &case), ("go", "ask")]).await;
    assert!(asked.body.contains("Ask about 1 case"), "{}", asked.body);
    let sent =
        town.post(&la, "/caseload/updates", &[("case", &case), ("words", "How is <b>lunch</b>?")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    // It is owed, by the lead, by five school days later: 20 November is a training day, 1 December is the fifth day.
    let owed = town.get(&own.lead, &format!("/cases/{case}")).await;
    assert!(owed.body.contains("Tell A la_representative how the case stands"), "{}", owed.body);
    assert!(owed.body.contains("Tuesday 1 December 2026"), "{}", owed.body);
    // Asked once more: it waits for an answer already.
    let again = town.post(&la, "/caseload/selected", &[("case", &case), ("go", "ask")]).await;
    assert!(again.body.contains("asked already on 24 Nov 2026"), "{}", again.body);
    let again = town.post(&la, "/caseload/updates", &[("case", &case), ("words", "And now?")]).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("And now?</textarea>") && again.body.contains("There is nobody to ask"),
        "{}",
        again.body
    );
    // Staff and the LA do not answer; the school does, once.
    assert_eq!(town.post(&own.tutor, &page, &[("words", "x")]).await.status, 403);
    assert_eq!(town.post(&la, &page, &[("words", "x")]).await.status, 403);
    assert_eq!(town.post(&town.hillside.lead, &page, &[("words", "x")]).await.status, 404);
    assert_eq!(town.post(&own.lead, &page, &[("words", "  ")]).await.status, 422);
    let answered = town.post(&own.lead, &page, &[("words", "Lunch is calm.")]).await;
    assert_eq!((answered.status.as_u16(), answered.location.as_str()), (303, page.as_str()));
    let late = town.post(&own.head, &page, &[("words", "Too late")]).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("Too late") && late.body.contains("a colleague answered"), "{}", late.body);
    let seen = town.get(&la, &page).await;
    assert!(
        seen.body.contains("Lunch is calm.") && seen.body.contains("How is &#60;b&#62;lunch"),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("Ask the school how it stands"), "now it can be asked again: {}", seen.body);
    let owed = town.get(&own.lead, &format!("/cases/{case}")).await;
    assert!(!owed.body.contains("how the case stands"), "{}", owed.body);
    // Where nobody leads the school, nobody is asked.
    sqlx::query("update app.grants set to_on = '2026-11-23' where school_id = $1 and role in ('school_lead', 'headteacher')")
        .bind(own.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let nobody = town.post(&la, "/caseload/selected", &[("case", &case), ("go", "ask")]).await;
    assert!(nobody.body.contains("nobody leads or heads the school today"), "{}", nobody.body);
}

#[tokio::test]
async fn views_are_kept_shared_and_forgotten() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", Some(own.id)).await;
    let colleague = town.person("la_representative", Some(town.hillside.id)).await;
    let query = format!("view=overdue&school={}&stage=2&junk=1", own.id);
    let unnamed = town.post(&la, "/caseload/views", &[("query", &query), ("name", " ")]).await;
    assert_eq!(unnamed.status, 422);
    assert!(
        unnamed.body.contains("Enter name of the view") || unnamed.body.contains("Enter"),
        "{}",
        unnamed.body
    );
    let fields = [("query", &*query), ("name", "Overdue at Stage 2"), ("shared", "yes")];
    let saved = town.post(&la, "/caseload/views", &fields).await;
    let kept = format!("/caseload?view=overdue&school={}&stage=2", own.id);
    assert_eq!(
        (saved.status.as_u16(), saved.location.as_str()),
        (303, kept.as_str()),
        "what is unknown is left out"
    );
    // The same name again replaces it.
    let fields = [("query", "stage=2"), ("name", "Overdue at Stage 2"), ("shared", "yes")];
    town.post(&la, "/caseload/views", &fields).await;
    assert!(town.get(&la, "/caseload").await.body.matches("Overdue at Stage 2").count() >= 1);
    let rows = town.count("select count(*) from app.saved_views where user_id = $1", la.id).await;
    assert_eq!(rows, 1);
    // A colleague sees it, with their own cases; a headteacher does not, and cannot share.
    let theirs = town.get(&colleague, "/caseload").await;
    assert!(
        theirs.body.contains("Overdue at Stage 2") && theirs.body.contains("shared by"),
        "{}",
        theirs.body
    );
    assert!(!town.get(&own.head, "/caseload").await.body.contains("Overdue at Stage 2"));
    town.post(
        &own.head,
        "/caseload/views",
        &[("query", "stage=3"), ("name", "Mine alone"), ("shared", "yes")],
    )
    .await;
    let shared =
        town.count("select count(*) from app.saved_views where user_id = $1 and shared", own.head.id).await;
    assert_eq!(shared, 0);
    // Only its owner removes it.
    let view: Uuid = sqlx::query_scalar("select id from app.saved_views where user_id = $1")
        .bind(la.id)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
    let place = format!("/caseload/views/{view}/remove");
    assert_eq!(town.post(&colleague, &place, &[]).await.status, 404);
    assert_eq!(town.post(&la, &place, &[]).await.status, 303);
    assert!(!town.get(&colleague, "/caseload").await.body.contains("Overdue at Stage 2"));
}

#[tokio::test]
async fn the_schools_show_what_is_recorded_and_what_is_overdue() {
    let mut town = Town::new().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", Some(own.id)).await;
    for (case, recorded, expected) in [(own.case.case, 30, 60), (town.class(1, 1).await[0], 15, 30)] {
        sqlx::query(
            "insert into app.case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded, expected)
             values ($1, $2, $3, '2026-11-16', 5, 10, $4 * 2, $4, $5), ($1, $2, $3, '2026-10-19', 5, 10, 20, 10, 99)",
        )
        .bind(town.authority)
        .bind(own.id)
        .bind(case)
        .bind(recorded)
        .bind(expected)
        .execute(&mut town.owner)
        .await
        .unwrap();
    }
    everything(&town, &la, "/caseload").await;
    let page = town.get(&la, "/schools").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Greenfield") && !page.body.contains("Hillside"), "{}", page.body);
    // Four weeks back is the week of 2 November: October does not count.
    assert!(page.body.contains("45 of 90 (50%)"), "{}", page.body);
    for cell in [">2<span class=\"govuk-visually-hidden\"> at Stage 1", "\"Stage 2\">0<", "\"Stage 3\">0<"] {
        assert!(page.body.contains(cell), "{cell}: {}", page.body);
    }
    assert!(page.body.contains("not yet") && page.body.contains("No marks"), "{}", page.body);
    assert!(page.body.contains("until 12 Feb 2027"), "{}", page.body);
    let overdue = format!("/caseload?view=overdue&#38;school={}", own.id);
    assert!(
        page.body.contains(&overdue) || page.body.contains(&overdue.replace("&#38;", "&amp;")),
        "{}",
        page.body
    );
    let theirs = town.get(&town.hillside.lead, "/schools").await;
    assert!(theirs.body.contains("Hillside") && !theirs.body.contains("Greenfield"), "{}", theirs.body);
}

#[tokio::test]
async fn papers_are_asked_for_a_panel_where_a_managed_move_is_agreed() {
    let mut town = Town::new().await;
    town.furnish().await;
    let own = town.greenfield.clone();
    let la = town.person("la_representative", Some(own.id)).await;
    sqlx::query("update app.update_requests set answer = 'x', answered_on = '2026-11-24', answered_at = asked_at, answered_by = asked_by where case_id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let case = own.case.case.to_string();
    // Its papers are with a panel already, or the case is at Stage 1: nothing to ask for.
    let select = [("case", &*case), ("go", "papers")];
    let shown = town.post(&la, "/caseload/selected", &select).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("a transfer can be agreed only at Stage 3"), "{}", shown.body);
    sqlx::query("update app.cases set stage = 3 where id = $1")
        .bind(own.case.case)
        .execute(&mut town.owner)
        .await
        .unwrap();
    let shown = town.post(&la, "/caseload/selected", &select).await;
    assert!(shown.body.contains("its papers are with the panel of"), "{}", shown.body);
    for sql in [
        "update app.referrals set outcome = 'returned' where case_id = $1",
        "update app.transfers set standing = 'parent_agreed' where case_id = $1 and standing = 'papers_submitted'",
    ] {
        sqlx::query(sql).bind(own.case.case).execute(&mut town.owner).await.unwrap();
    }
    let shown = town.post(&la, "/caseload/selected", &select).await;
    assert!(shown.body.contains("For which panel?"), "{}", shown.body);
    let panel = own.case.panel.to_string();
    let nobody = Uuid::now_v7().to_string();
    let without = town.post(&la, "/caseload/updates", &[("case", &case), ("go", "papers")]).await;
    assert!(
        without.status == 422 && without.body.contains("Select which panel the papers are for"),
        "{}",
        without.body
    );
    let unknown =
        town.post(&la, "/caseload/updates", &[("case", &case), ("go", "papers"), ("panel", &nobody)]).await;
    assert_eq!(unknown.status, 404);
    let sent =
        town.post(&la, "/caseload/updates", &[("case", &case), ("go", "papers"), ("panel", &panel)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let (words, due_on, closes): (String, time::Date, time::Date) = sqlx::query_as(
        "select q.words, q.due_on, p.papers_close_on from app.update_requests q, app.panels p
         where q.case_id = $1 and q.answer is null and p.id = $2",
    )
    .bind(own.case.case)
    .bind(own.case.panel)
    .fetch_one(&mut town.owner)
    .await
    .unwrap();
    assert!(words.starts_with("Please submit the papers of the managed move to the "), "{words}");
    assert_eq!(due_on, closes);
}
