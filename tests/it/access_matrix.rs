//! Every route, every kind of person, every relation: who gets in is worked out from the rights table the code
//! uses and the kinds of record named in the route's spec; nothing else gets in, nothing is changed by those
//! who may not, and no foreign school's words ever come back.

use axum::http::StatusCode;
use uuid::Uuid;
use waymark::{
    app,
    domain::people::Role,
    domain::permission::{Capability, RIGHTS, Reach},
    web::routes::{Audit, Gate, IdOf, Method, RouteSpec},
};

use crate::support::{Person, School, Town, day, grant, placement};

/// How a record stands to the person.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Own,
    OtherSchool,
    Shared,
    ShareEnded,
    OtherAuthority,
    NotThere,
}

/// Who asks.
#[derive(Clone, Debug)]
struct Asker {
    name: &'static str,
    role: Option<Role>,
    person: Person,
}

/// Words in a path that are no records: a week of the case, a leaflet, an alternative, a notice, a report, a list.
const WORDS: [(&str, &str); 8] = [
    ("{week}", "2026-11-16"),
    ("{audience}", "parents"),
    ("{language}", "pl"),
    ("{alternative}", "re_induction"),
    ("{item}", "risk"),
    ("{kind}", "board"),
    ("{report}", "outcomes"),
    ("{list}", "pupils"),
];

/// The pattern with its words in place; braces that are left stand for records.
fn worded(spec: &RouteSpec) -> String {
    WORDS.iter().fold(spec.pattern.to_owned(), |path, (name, word)| path.replace(name, word))
}

pub fn path(spec: &RouteSpec, school: &School, real: bool) -> String {
    let mut path = worded(spec);
    for (name, of) in spec.ids {
        let id = match of {
            IdOf::Case => school.case.case,
            IdOf::Pupil => school.case.pupil,
            IdOf::Contact => school.case.contact,
            IdOf::Target => school.case.targets[0],
            IdOf::Incident => school.case.incident,
            IdOf::Meeting => school.case.meeting,
            IdOf::Action => school.case.action,
            IdOf::Support => school.case.support,
            IdOf::Proposal => school.case.proposal,
            IdOf::Step => school.case.step,
            IdOf::Panel => school.case.panel,
            IdOf::Referral => school.case.referral,
            IdOf::Direction => school.case.direction,
            IdOf::Received => school.case.received,
            IdOf::Exclusion => school.case.exclusion,
            IdOf::Person => school.tutor.id,
            IdOf::Role => school.tutor.grant,
            IdOf::School => school.id,
            IdOf::Span => school.span,
            IdOf::Example => school.example,
            IdOf::PupilFile => school.pupil_file,
            // A number within one's own authority: there is a first version, and no version 999.
            IdOf::PolicyVersion => {
                path = path.replace(&format!("{{{name}}}"), if real { "1" } else { "999" });
                continue;
            }
            _ => Uuid::now_v7(),
        };
        let id = if real { id } else { Uuid::now_v7() };
        path = path.replace(&format!("{{{name}}}"), &id.to_string());
    }
    path
}

/// Query and body ids: what a spec names that is not in its path.
pub fn query(spec: &RouteSpec, school: &School, real: bool) -> String {
    let id = if real { school.case.pupil } else { Uuid::now_v7() };
    if spec.name == "case_form" { format!("?pupil={id}") } else { String::new() }
}

fn names_records(spec: &RouteSpec) -> bool {
    worded(spec).contains('{') || !query_ids(spec).is_empty()
}

fn query_ids(spec: &RouteSpec) -> Vec<&'static str> {
    spec.ids
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !spec.pattern.contains(&format!("{{{name}}}")))
        .collect()
}

/// It is about a person, a school or what belongs to one, not about a child.
fn of_administration(spec: &RouteSpec) -> bool {
    spec.ids
        .iter()
        .any(|(_, of)| matches!(of, IdOf::Person | IdOf::Role | IdOf::School | IdOf::Span | IdOf::Example))
}

/// What the rights table says about this route for this person and relation.
/// `sits`: on the panel at hand.
fn expected(spec: &RouteSpec, role: Option<Role>, relation: Relation, sits: bool) -> &'static [u16] {
    let Gate::Holds(capability) = spec.gate else { return &[200, 303, 422] };
    let Some(role) = role else { return &[303] };
    let reach = RIGHTS.iter().find(|(r, c, _)| *r == role && *c == capability).map(|(.., reach)| *reach);
    if capability == Capability::OwnAccount {
        return if spec.pattern.contains('{') { &[404] } else { &[200, 422] };
    }
    let Some(reach) = reach else { return &[403] };
    if !names_records(spec) {
        return &[200, 303, 404, 422];
    }
    let within = match reach {
        // Greenfield was allocated a pupil too.
        Reach::OwnSchool | Reach::AssignedSchools | Reach::Received => relation == Relation::Own,
        Reach::LiveShare => relation == Relation::Shared,
        // One panel member sits on the panel of Greenfield's referral.
        Reach::Agenda => sits && relation == Relation::Own,
        // What is administered is within when it is of any school of the authority; for the rest, whatever school's
        // case is at hand: it is about none.
        Reach::Authority if of_administration(spec) => {
            !matches!(relation, Relation::OtherAuthority | Relation::NotThere)
        }
        Reach::Authority => relation != Relation::NotThere,
        Reach::Oneself => false,
    };
    // Within reach: the page, or for a form without its fields a 4xx that is no refusal, or a saved change.
    if within { &[200, 303, 400, 404, 422] } else { &[403, 404] }
}

async fn askers(town: &mut Town) -> Vec<Asker> {
    let school = town.greenfield.clone();
    let mut askers = vec![
        Asker {
            name: "anonymous",
            role: None,
            person: Person { cookie: "a=b".to_owned(), ..school.lead.clone() },
        },
        Asker { name: "lead", role: Some(Role::SchoolLead), person: school.lead.clone() },
        Asker { name: "tutor", role: Some(Role::Staff), person: school.tutor.clone() },
        Asker { name: "head", role: Some(Role::Headteacher), person: school.head.clone() },
    ];
    for (name, role, at) in [
        ("head's delegate", Role::HeadDelegate, Some(school.id)),
        ("LA representative", Role::LaRepresentative, Some(school.id)),
        ("support service", Role::SupportService, None),
        ("panel member", Role::PanelMember, None),
        ("LA administrator", Role::LaAdministrator, None),
    ] {
        let person = town.person(role.as_str(), at).await;
        askers.push(Asker { name, role: Some(role), person });
    }
    // Roles that are over, or have not begun, are no roles.
    for (name, from, to) in
        [("ended lead", "2026-09-01", Some("2026-11-23")), ("future lead", "2026-11-25", None)]
    {
        let person = town.person("panel_member", None).await;
        grant(
            &mut town.owner,
            town.authority,
            person.id,
            "school_lead",
            Some(school.id),
            day(from),
            to.map(day),
        )
        .await;
        askers.push(Asker { name, role: Some(Role::PanelMember), person });
    }
    let disabled = town.person("school_lead", Some(school.id)).await;
    sqlx::query("update app.users set disabled_at = now() where id = $1")
        .bind(disabled.id)
        .execute(&mut town.owner)
        .await
        .unwrap();
    askers.push(Asker { name: "disabled lead", role: None, person: disabled });
    askers
}

async fn share(town: &mut Town, school: &School, with: Uuid, to: Option<&str>) {
    sqlx::query(
        "insert into app.case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, to_on, made_at,
                                      made_by)
         values ($1, $2, $3, $4, $5, $6, 'test', '2026-11-01', $7, now(), $8)",
    )
    .bind(Uuid::now_v7())
    .bind(town.authority)
    .bind(school.id)
    .bind(school.case.case)
    .bind(school.case.pupil)
    .bind(with)
    .bind(to.map(day))
    .bind(school.lead.id)
    .execute(&mut town.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn every_route_for_everybody() {
    let (mut town, mut elsewhere) = (Town::new().await, Town::new().await);
    town.furnish().await;
    elsewhere.furnish().await;
    let askers = askers(&mut town).await;
    let service = askers.iter().find(|asker| asker.role == Some(Role::SupportService)).unwrap().person.id;
    // On the panel of Greenfield's referral sits one member, on that of Hillside's nobody.
    let member = askers.iter().find(|asker| asker.name == "panel member").unwrap().person.id;
    placement::seat(&mut town.owner, town.authority, town.greenfield.case.panel, member).await;
    let registry = app::registry();
    let mut cells = 0;
    let mut wrong = Vec::new();
    for relation in [
        Relation::Own,
        Relation::OtherSchool,
        Relation::Shared,
        Relation::ShareEnded,
        Relation::OtherAuthority,
        Relation::NotThere,
    ] {
        let school = match relation {
            Relation::OtherSchool => town.hillside.clone(),
            Relation::OtherAuthority => elsewhere.greenfield.clone(),
            _ => town.greenfield.clone(),
        };
        match relation {
            Relation::Shared => share(&mut town, &school, service, None).await,
            Relation::ShareEnded => {
                sqlx::query("update app.case_shares set to_on = '2026-11-23' where with_user = $1")
                    .bind(service)
                    .execute(&mut town.owner)
                    .await
                    .unwrap();
            }
            _ => {}
        }
        for asker in &askers {
            // A share is not for those of the school itself.
            let relation = match relation {
                Relation::Shared | Relation::ShareEnded if asker.role != Some(Role::SupportService) => {
                    Relation::Own
                }
                other => other,
            };
            for spec in registry.specs() {
                if matches!(spec.gate, Gate::Public(_)) {
                    continue;
                }
                let real = relation != Relation::NotThere;
                let address = format!("{}{}", path(spec, &school, real), query(spec, &school, real));
                let before = if spec.method == Method::Post { town.digest().await } else { String::new() };
                let answer = match spec.method {
                    Method::Get => town.get(&asker.person, &address).await,
                    Method::Post => {
                        let chosen = if real { school.case.case } else { Uuid::now_v7() }.to_string();
                        let selects = spec.fields.contains(&"case+");
                        let fields: &[_] = if selects { &[("case", chosen.as_str())] } else { &[] };
                        town.post(&asker.person, &address, fields).await
                    }
                };
                cells += 1;
                let sits = asker.name == "panel member";
                let allowed = expected(spec, asker.role, relation, sits);
                let mut problem = None;
                if !allowed.contains(&answer.status.as_u16()) {
                    problem = Some(format!("wanted one of {allowed:?}"));
                }
                let reachable = allowed.contains(&200) && names_records(spec);
                if spec.method == Method::Get
                    && reachable
                    && answer.status != StatusCode::OK
                    && relation == Relation::Own
                {
                    problem = Some("should have been shown".to_owned());
                }
                for foreign in [&town.hillside.sentinel, &elsewhere.greenfield.sentinel] {
                    if answer.body.contains(foreign.as_str()) {
                        problem = Some("shows another school’s words".to_owned());
                    }
                }
                if allowed == [403, 404] || allowed == [403] {
                    if answer.body.contains(&school.sentinel) {
                        problem = Some("shows what it refuses".to_owned());
                    }
                    if spec.method == Method::Post && before != town.digest().await {
                        problem = Some("changed something it refuses".to_owned());
                    }
                }
                if let Some(problem) = problem {
                    wrong.push(format!("{} {relation:?} {address} {}: {problem}", asker.name, answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    println!("access matrix: {} routes, {} people, {cells} cells", registry.specs().len(), askers.len());
}

#[tokio::test]
async fn what_is_seen_and_what_is_refused_is_in_the_audit_trail() {
    let mut town = Town::new().await;
    town.furnish().await;
    let (own, other) = (town.greenfield.clone(), town.hillside.clone());
    let member = town.person("panel_member", None).await;
    placement::seat(&mut town.owner, town.authority, own.case.panel, member.id).await;
    // A form that shows pupils without saving anything is told of in the stories of its room.
    let pages = |spec: &&&RouteSpec| spec.audit == Audit::Read && spec.method == Method::Get;
    for spec in app::registry().specs().iter().filter(pages) {
        let address = format!("{}{}", path(spec, &own, true), query(spec, &own, true));
        // What is not the lead's to see is the headteacher's.
        let may = |role| {
            RIGHTS.iter().any(|(r, c, _)| *r == role && matches!(spec.gate, Gate::Holds(of) if of == *c))
        };
        let who = if may(Role::SchoolLead) {
            &own.lead
        } else if may(Role::Headteacher) {
            &own.head
        } else {
            &member
        };
        let shown = town.get(who, &address).await;
        assert_eq!(shown.status, StatusCode::OK, "{address}");
        if !shown.body.contains(&own.sentinel) {
            continue;
        }
        let rows: i64 = sqlx::query_scalar(
            "select count(*) from app.audit_events where actor = $1 and action = $2 and outcome = 'allowed' and $3 = any (pupils)",
        )
        .bind(who.id)
        .bind(spec.name)
        .bind(own.case.pupil)
        .fetch_one(&mut town.owner)
        .await
        .unwrap();
        assert!(rows > 0, "{address} showed a pupil and left no row");
    }
    let refused = town.get(&own.lead, &format!("/cases/{}", other.case.case)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let missing = town.get(&own.lead, &format!("/cases/{}", Uuid::now_v7())).await;
    assert_eq!(refused.body, missing.body, "another school’s case looks like one that does not exist");
    let rows = town
        .count(
            "select count(*) from app.audit_events where subject = $1 and outcome = 'refused'",
            other.case.case,
        )
        .await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn no_form_takes_a_column_it_does_not_have() {
    let mut town = Town::new().await;
    let school = town.greenfield.clone();
    let columns: Vec<String> = sqlx::query_scalar(
        "select distinct column_name::text from information_schema.columns where table_schema = 'app' order by 1",
    )
    .fetch_all(&mut town.owner)
    .await
    .unwrap();
    assert!(columns.iter().any(|column| column == "authority_id") && columns.len() > 80);
    let before = town.digest().await;
    let mut sent = 0;
    for spec in app::registry().specs().iter().filter(|spec| spec.method == Method::Post) {
        let Gate::Holds(_) = spec.gate else { continue };
        let address = path(spec, &school, true);
        for column in &columns {
            let known = spec.fields.iter().any(|field| {
                let bare = field.trim_end_matches(['+', '*', '@', '!']);
                if field.ends_with('*') { column.starts_with(bare) } else { bare == column }
            });
            if known {
                continue;
            }
            let answer = town.post(&school.lead, &address, &[(column, "1")]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address} took {column}: {}", answer.body);
            sent += 1;
        }
    }
    assert!(sent > 1000, "{sent}");
    assert_eq!(before, town.digest().await);
}
