use time::macros::date;
use uuid::Uuid;
use waymark::domain::{
    ids::{AuthorityId, SchoolId, UserId},
    people::{Grant, Role},
    permission::{
        Actor, Allocate, AnswerPlacement, Capability, FirstPage, LogMarks, OpenCase, OpenNotices,
        PublishPolicy, RIGHTS, Reach, SetTargets, SubmitToPanel,
    },
};

fn actor(role: Role, school: Option<u128>) -> Actor {
    let grant = Grant {
        role,
        school: school.map(|n| SchoolId::from(Uuid::from_u128(n))),
        school_name: school.map(|n| format!("School {n}")),
        from_on: date!(2026 - 09 - 01),
        to_on: None,
    };
    let (user, authority) = (UserId::from(Uuid::nil()), AuthorityId::from(Uuid::nil()));
    Actor::new(user, "A".to_owned(), authority, vec![grant], date!(2026 - 11 - 24))
}

fn school(n: u128) -> SchoolId {
    SchoolId::from(Uuid::from_u128(n))
}

#[test]
fn what_the_table_does_not_list_is_refused() {
    let all = RIGHTS.iter().map(|(_, capability, _)| *capability).filter(|c| *c != Capability::OwnAccount);
    for role in Role::ALL {
        let actor = actor(role, role.is_school_role().then_some(1));
        for capability in all.clone() {
            let listed =
                RIGHTS.iter().find(|(r, c, _)| *r == role && *c == capability).map(|(.., reach)| *reach);
            assert_eq!(actor.may(capability), listed.is_some(), "{role:?} {capability:?}");
            let own = matches!(listed, Some(Reach::OwnSchool));
            let assigned = matches!(listed, Some(Reach::AssignedSchools));
            assert_eq!(actor.may_at(capability, school(1)), own || assigned, "{role:?} {capability:?}");
            assert_eq!(actor.may_at(capability, school(2)), assigned, "{role:?} {capability:?} elsewhere");
        }
    }
}

#[test]
fn permits_are_for_one_school() {
    let lead = actor(Role::SchoolLead, Some(1));
    assert_eq!(lead.permit::<OpenCase>(school(1)).unwrap().school(), school(1));
    let denied = lead.permit::<OpenCase>(school(2)).unwrap_err();
    assert!(denied.to_string().contains("School lead or Headteacher"), "{denied}");
    let tutor = actor(Role::Staff, Some(1));
    assert!(tutor.permit::<LogMarks>(school(1)).is_ok() && tutor.permit::<SetTargets>(school(1)).is_err());
}

#[test]
fn ended_and_future_roles_are_nothing() {
    let mut grant = actor(Role::SchoolLead, Some(1)).grants.remove(0);
    for (from, to, live) in [
        (date!(2026 - 09 - 01), Some(date!(2026 - 11 - 23)), false),
        (date!(2026 - 09 - 01), Some(date!(2026 - 11 - 24)), true),
        (date!(2026 - 11 - 25), None, false),
    ] {
        (grant.from_on, grant.to_on) = (from, to);
        let (user, authority) = (UserId::from(Uuid::nil()), AuthorityId::from(Uuid::nil()));
        let actor = Actor::new(user, String::new(), authority, vec![grant.clone()], date!(2026 - 11 - 24));
        assert_eq!(actor.may(Capability::SeeToday), live, "{from} to {to:?}");
    }
}

#[test]
fn everybody_has_a_first_page() {
    let first = Role::ALL.map(|role| actor(role, role.is_school_role().then_some(1)).first_page());
    assert_eq!(
        first,
        [
            FirstPage::Today,
            FirstPage::Today,
            FirstPage::Overview,
            FirstPage::Overview,
            FirstPage::Caseload,
            FirstPage::Cases,
            FirstPage::Panels,
            FirstPage::Admin,
        ]
    );
    assert_eq!(Actor { grants: Vec::new(), ..actor(Role::Staff, Some(1)) }.first_page(), FirstPage::Account);
}

#[test]
fn who_marks_days_begins_with_the_day_whatever_else_they_are() {
    for other in [Role::Headteacher, Role::HeadDelegate, Role::LaRepresentative] {
        for marking in [Role::SchoolLead, Role::Staff] {
            let mut both = actor(other, Some(1));
            both.grants.extend(actor(marking, Some(1)).grants);
            assert_eq!(both.first_page(), FirstPage::Today, "{other:?} and {marking:?}");
        }
    }
    let mut both = actor(Role::LaAdministrator, None);
    both.grants.extend(actor(Role::LaRepresentative, None).grants);
    assert_eq!(both.first_page(), FirstPage::Caseload);
}

#[test]
fn publishing_is_for_the_authority_and_a_refusal_says_so() {
    let admin = actor(Role::LaAdministrator, None);
    assert!(admin.permit_in_authority::<PublishPolicy>().is_ok());
    assert!(admin.permit::<PublishPolicy>(school(1)).is_err(), "of no school");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::LaAdministrator) {
        let denied = actor(role, Some(1)).permit_in_authority::<PublishPolicy>().unwrap_err();
        assert!(denied.to_string().contains("LA administrator, for their own authority"), "{denied}");
    }
}

#[test]
fn p2_01_only_the_headteacher_opens_what_they_are_told() {
    assert!(actor(Role::Headteacher, Some(1)).permit::<OpenNotices>(school(1)).is_ok());
    assert!(actor(Role::Headteacher, Some(1)).permit::<OpenNotices>(school(2)).is_err());
    assert!(actor(Role::HeadDelegate, Some(1)).permit::<OpenNotices>(school(1)).is_err());
}

#[test]
fn s3_08_deciding_is_for_a_panel_member_who_sits_and_for_nobody_else() {
    let member = actor(Role::PanelMember, None);
    assert!(member.permit_on_agenda::<Allocate>(school(1), true).is_ok());
    assert!(member.permit_on_agenda::<Allocate>(school(1), false).is_err(), "does not sit");
    assert!(member.permit::<Allocate>(school(1)).is_err(), "of no school");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::PanelMember) {
        let denied = actor(role, Some(1)).permit_on_agenda::<Allocate>(school(2), true).unwrap_err();
        assert!(denied.to_string().contains("Panel member, for panels of their own"), "{denied}");
    }
}

#[test]
fn s3_07_submitting_is_for_the_headteacher_and_whom_they_named() {
    for role in Role::ALL {
        let may = actor(role, Some(1)).permit::<SubmitToPanel>(school(1));
        assert_eq!(may.is_ok(), matches!(role, Role::Headteacher | Role::HeadDelegate), "{role:?}");
        assert!(actor(role, Some(1)).permit::<SubmitToPanel>(school(2)).is_err());
    }
}

#[test]
fn s3_08_answering_is_for_the_receiving_school_about_a_pupil_of_another() {
    for role in Role::ALL {
        let may = actor(role, Some(1)).permit_received::<AnswerPlacement>(school(2), school(1));
        assert_eq!(may.is_ok(), matches!(role, Role::SchoolLead | Role::Headteacher), "{role:?}");
        assert!(actor(role, Some(1)).permit_received::<AnswerPlacement>(school(2), school(3)).is_err());
        assert!(actor(role, Some(1)).permit_received::<AnswerPlacement>(school(1), school(1)).is_err());
    }
}
