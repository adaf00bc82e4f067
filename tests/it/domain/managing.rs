use time::macros::date;
use uuid::Uuid;
use waymark::domain::{
    ids::{SchoolId, UserId},
    managing::{Hindrance, Manager, last_day, leads_on, new_days, place_fits},
    people::{Grant, Role},
    permission::Over,
};

const TODAY: time::Date = date!(2026 - 11 - 24);

fn school(n: u128) -> SchoolId {
    SchoolId::from(Uuid::from_u128(n))
}

fn user(n: u128) -> UserId {
    UserId::from(Uuid::from_u128(n))
}

fn held(role: Role, at: Option<u128>, from_on: time::Date, to_on: Option<time::Date>) -> Grant {
    Grant { role, school: at.map(school), school_name: None, from_on, to_on }
}

fn now(role: Role, at: Option<u128>) -> Grant {
    held(role, at, date!(2026 - 09 - 01), None)
}

#[test]
fn a_headteacher_gives_and_ends_the_roles_of_leads_and_staff_at_the_own_school() {
    let over = Over::Schools(vec![school(1)]);
    let head = Manager { user: user(1), over: &over, today: TODAY };
    assert_eq!(head.gives(), [Role::SchoolLead, Role::Staff]);
    for role in Role::ALL {
        let may = matches!(role, Role::SchoolLead | Role::Staff);
        assert_eq!(head.give(user(2), role, Some(school(1))).is_ok(), may, "{role:?}");
        assert!(head.give(user(2), role, Some(school(2))).is_err(), "{role:?} elsewhere");
        assert!(head.give(user(2), role, None).is_err(), "{role:?} in the authority");
        assert_eq!(head.give(user(1), role, Some(school(1))), Err(Hindrance::Oneself), "{role:?}");
        assert_eq!(head.end(user(2), &now(role, Some(1))).is_ok(), may, "{role:?}");
    }
    let over_already = held(Role::Staff, Some(1), date!(2026 - 09 - 01), Some(date!(2026 - 11 - 23)));
    assert_eq!(head.end(user(2), &over_already), Err(Hindrance::Over));
}

#[test]
fn an_administrator_gives_every_role_but_that_of_a_delegate() {
    let over = Over::Authority;
    let admin = Manager { user: user(1), over: &over, today: TODAY };
    for role in Role::ALL {
        assert_eq!(admin.give(user(2), role, None).is_ok(), role != Role::HeadDelegate, "{role:?}");
    }
    assert!(admin.give(user(1), Role::Staff, Some(school(1))).is_err(), "never to oneself");
}

#[test]
fn a_headteacher_opens_no_account_that_holds_more_than_they_give() {
    let over = Over::Schools(vec![school(1)]);
    let head = Manager { user: user(1), over: &over, today: TODAY };
    let (ended, begins) = (Some(date!(2026 - 11 - 23)), date!(2026 - 12 - 01));
    for (grants, may) in [
        (vec![now(Role::Staff, Some(1))], true),
        (vec![now(Role::SchoolLead, Some(1)), now(Role::HeadDelegate, Some(1))], true),
        (vec![now(Role::Staff, Some(1)), now(Role::Headteacher, Some(1))], false),
        (vec![now(Role::Staff, Some(1)), now(Role::Staff, Some(2))], false),
        (vec![now(Role::Staff, Some(1)), now(Role::LaAdministrator, None)], false),
        (vec![now(Role::Staff, Some(1)), now(Role::LaRepresentative, Some(1))], false),
        // A role elsewhere that is over opens nothing; one that will begin does.
        (vec![now(Role::Staff, Some(1)), held(Role::Staff, Some(2), date!(2025 - 09 - 01), ended)], true),
        (vec![now(Role::Staff, Some(1)), held(Role::Staff, Some(2), begins, None)], false),
        // Taken back before it began: held on no day.
        (vec![now(Role::Staff, Some(1)), held(Role::Staff, Some(2), begins, begins.previous_day())], true),
    ] {
        assert_eq!(head.account(user(2), &grants).is_ok(), may, "{grants:?}");
        assert_eq!(head.account(user(1), &grants), Err(Hindrance::Oneself));
    }
    let over = Over::Authority;
    let admin = Manager { user: user(1), over: &over, today: TODAY };
    assert!(admin.account(user(2), &[now(Role::LaAdministrator, None)]).is_ok());
    assert!(admin.account(user(1), &[]).is_err());
}

#[test]
fn roles_go_with_their_place() {
    for role in Role::ALL {
        let at_school = place_fits(role, Some(school(1))).is_ok();
        let in_authority = place_fits(role, None).is_ok();
        let either = role == Role::LaRepresentative;
        assert_eq!(at_school, role.is_school_role() || either, "{role:?}");
        assert_eq!(in_authority, !role.is_school_role() || either, "{role:?}");
    }
}

#[test]
fn days_of_roles() {
    let (yesterday, tomorrow) = (date!(2026 - 11 - 23), date!(2026 - 11 - 25));
    assert!(new_days(TODAY, None, TODAY).is_ok() && new_days(TODAY, Some(TODAY), TODAY).is_ok());
    assert_eq!(new_days(yesterday, None, TODAY).unwrap_err().0, "from_on");
    assert_eq!(new_days(date!(2027 - 12 - 01), None, TODAY).unwrap_err().0, "from_on");
    assert_eq!(new_days(tomorrow, Some(TODAY), TODAY).unwrap_err().0, "to_on");

    let grant = now(Role::Staff, Some(1));
    assert_eq!(last_day(yesterday, &grant, TODAY), Ok(yesterday), "it stops now");
    assert_eq!(last_day(tomorrow, &grant, TODAY), Ok(tomorrow));
    assert!(last_day(date!(2026 - 11 - 22), &grant, TODAY).is_err(), "what was done stays");
    let future = held(Role::Staff, Some(1), date!(2026 - 12 - 10), None);
    assert_eq!(last_day(TODAY, &future, TODAY), Ok(date!(2026 - 12 - 09)), "it never begins");
    let today = held(Role::Staff, Some(1), TODAY, None);
    assert_eq!(last_day(yesterday, &today, TODAY), Ok(yesterday));
}

#[test]
fn somebody_goes_on_leading_with_another_role_at_the_school() {
    let lead = now(Role::SchoolLead, Some(1));
    let until = |day| held(Role::Staff, Some(1), date!(2026 - 09 - 01), Some(day));
    for (other, on) in [
        (now(Role::Staff, Some(1)), true),
        (now(Role::Headteacher, Some(1)), true),
        (now(Role::Staff, Some(2)), false),
        (now(Role::HeadDelegate, Some(1)), false),
        (now(Role::LaRepresentative, Some(1)), false),
        (until(date!(2026 - 12 - 18)), true),
        (until(TODAY), false),
        (held(Role::Staff, Some(1), date!(2026 - 12 - 01), None), false),
    ] {
        let grants = [lead.clone(), other.clone()];
        assert_eq!(leads_on(&grants, 0, school(1), TODAY, TODAY), on, "{other:?}");
    }
    assert!(!leads_on(std::slice::from_ref(&lead), 0, school(1), TODAY, TODAY));
}
