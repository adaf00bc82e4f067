//! Who may look after whose account and roles. An LA administrator looks after everybody of the authority; a
//! headteacher after the leads and staff of their own school. Nobody after themselves.

use time::Date;

use super::{
    ids::{SchoolId, UserId},
    people::{Grant, Role},
    permission::Over,
    text,
};

/// Somebody who looks after people, on a day.
#[derive(Clone, Copy, Debug)]
pub struct Manager<'a> {
    /// Who.
    pub user: UserId,
    /// How far they reach.
    pub over: &'a Over,
    /// The day.
    pub today: Date,
}

/// Why somebody's account or role is not theirs to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It is their own.
    Oneself,
    /// The person holds a role that a headteacher does not give: whoever gets into the account would have it.
    RoleElsewhere,
    /// A headteacher does not give or end this role.
    NotByHead(Role),
    /// The headteacher names who decides in their place, with the overview.
    NamedByHead,
    /// The role is over.
    Over,
}

impl Hindrance {
    /// For the person who wanted to change it.
    pub fn message(self) -> String {
        match self {
            Self::Oneself => "You cannot change your own account or roles here. Ask somebody else who looks after \
                              people"
                .to_owned(),
            Self::RoleElsewhere => {
                "This person also has a role that you do not give. Ask an LA administrator to change the account"
                    .to_owned()
            }
            Self::NotByHead(role) => {
                format!("Only an LA administrator gives or ends the role of {}", text::within(role.label()))
            }
            Self::NamedByHead => {
                "The headteacher names and ends who decides in their place, on their overview".to_owned()
            }
            Self::Over => "This role is over".to_owned(),
        }
    }
}

impl Manager<'_> {
    /// Whether this person's account is theirs: a way in, stopping it, letting it in again.
    pub fn account(&self, person: UserId, held: &[Grant]) -> Result<(), Hindrance> {
        if person == self.user {
            return Err(Hindrance::Oneself);
        }
        let theirs = |grant: &Grant| {
            matches!(grant.role, Role::SchoolLead | Role::Staff | Role::HeadDelegate)
                && self.over.covers(grant.school)
        };
        match self.over {
            Over::Authority => Ok(()),
            Over::Schools(_) if held.iter().all(|grant| grant.over_by(self.today) || theirs(grant)) => Ok(()),
            Over::Schools(_) => Err(Hindrance::RoleElsewhere),
        }
    }

    /// The roles they give, in the order of the programme.
    pub fn gives(&self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| self.role(*role).is_ok()).collect()
    }

    /// Whether a role is theirs to give and to end.
    fn role(&self, role: Role) -> Result<(), Hindrance> {
        match (role, self.over) {
            (Role::HeadDelegate, _) => Err(Hindrance::NamedByHead),
            (_, Over::Authority) | (Role::SchoolLead | Role::Staff, Over::Schools(_)) => Ok(()),
            (
                Role::Headteacher
                | Role::LaRepresentative
                | Role::SupportService
                | Role::PanelMember
                | Role::LaAdministrator,
                Over::Schools(_),
            ) => Err(Hindrance::NotByHead(role)),
        }
    }

    /// Whether they may give this person a role at this school (none: in the authority).
    pub fn give(&self, person: UserId, role: Role, school: Option<SchoolId>) -> Result<(), Hindrance> {
        if person == self.user {
            return Err(Hindrance::Oneself);
        }
        self.role(role)?;
        if self.over.covers(school) { Ok(()) } else { Err(Hindrance::NotByHead(role)) }
    }

    /// Whether they may end this role of the person.
    pub fn end(&self, person: UserId, grant: &Grant) -> Result<(), Hindrance> {
        if grant.over_by(self.today) {
            Err(Hindrance::Over)
        } else {
            self.give(person, grant.role, grant.school)
        }
    }
}

/// Whether a role goes with the place typed: a school role needs a school, an LA representative may have one, the
/// other roles are the authority's. The message for the school's field otherwise.
pub fn place_fits(role: Role, school: Option<SchoolId>) -> Result<(), String> {
    match (role, school) {
        (Role::LaRepresentative, _) => Ok(()),
        (role, Some(_)) if role.is_school_role() => Ok(()),
        (role, None) if role.is_school_role() => Err("Select the school".to_owned()),
        (role, None) if !role.is_school_role() => Ok(()),
        (role, _) => Err(format!("Leave the school out: {} is a role in the whole authority", role.label())),
    }
}

/// The days of a new role: from today or later, at most a year ahead, with an end after that or none. Field and message
/// otherwise.
pub fn new_days(from: Date, to: Option<Date>, today: Date) -> Result<(), (&'static str, &'static str)> {
    if from < today {
        Err(("from_on", "First day must be today or later"))
    } else if from > today + time::Duration::days(366) {
        Err(("from_on", "First day must be within a year from today"))
    } else if to.is_some_and(|to| to < from) {
        Err(("to_on", "Last day must not be before the first day"))
    } else {
        Ok(())
    }
}

/// The last day of a role that is ended: yesterday at the earliest, because what was done under it stays as it was. A
/// role that begins later than the day typed never begins. The message otherwise.
pub fn last_day(typed: Date, grant: &Grant, today: Date) -> Result<Date, &'static str> {
    let yesterday = today.previous_day().unwrap_or(today);
    let before_it_begins = grant.from_on.previous_day().unwrap_or(grant.from_on);
    if typed < yesterday {
        Err("Last day must be yesterday or later: what was done under the role stays as it was")
    } else {
        Ok(typed.max(before_it_begins))
    }
}

/// Whether somebody can go on leading cases at a school when one of their roles (`ending`) ends on `last_day`: with
/// another role there that they hold today and after it.
pub fn leads_on(held: &[Grant], ending: usize, school: SchoolId, last_day: Date, today: Date) -> bool {
    held.iter().enumerate().any(|(at, grant)| {
        at != ending
            && matches!(grant.role, Role::SchoolLead | Role::Staff | Role::Headteacher)
            && grant.school == Some(school)
            && grant.live_on(today)
            && grant.to_on.is_none_or(|to| to > last_day)
    })
}
