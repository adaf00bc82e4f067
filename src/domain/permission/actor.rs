//! Somebody acting: what they may do, and the proof of it.

use time::Date;

#[cfg(doc)]
use super::STAFF_DAYS;
use super::{Action, Capability, Denied, Permit, PermitInAuthority, PermitOver, RIGHTS, Reach};
use crate::domain::{
    ids::{AuthorityId, SchoolId, UserId},
    people::{Grant, Role},
};

/// The schools a right reaches that is held for schools of one's own or for the whole authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Every school, and what belongs to none.
    Authority,
    /// These.
    Schools(Vec<SchoolId>),
}

impl Over {
    /// Whether it reaches what belongs to this school, or, with none, to the authority itself.
    pub fn covers(&self, school: Option<SchoolId>) -> bool {
        match self {
            Self::Authority => true,
            Self::Schools(own) => school.is_some_and(|school| own.contains(&school)),
        }
    }

    /// The schools it is limited to; none: it is not.
    pub fn schools(&self) -> Option<&[SchoolId]> {
        match self {
            Self::Authority => None,
            Self::Schools(own) => Some(own),
        }
    }
}

/// The first page after sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPage {
    /// The day's monitoring.
    Today,
    /// How the school's cases stand, and what waits for a decision.
    Overview,
    /// Open cases in the order of concern.
    Caseload,
    /// The cases within reach.
    Cases,
    /// What is administered for the authority.
    Admin,
    /// The panels.
    Panels,
    /// One's own account.
    Account,
}

/// Somebody acting, with the roles that are live on the day.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their authority.
    pub authority: AuthorityId,
    /// Roles live today; nothing else.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Somebody acting on `today`: roles that are not live are left out.
    pub fn new(user: UserId, name: String, authority: AuthorityId, grants: Vec<Grant>, today: Date) -> Self {
        let grants = grants.into_iter().filter(|grant| grant.live_on(today)).collect();
        Self { user, name, authority, grants }
    }

    const fn own(&self) -> (UserId, AuthorityId) {
        (self.user, self.authority)
    }

    /// Holds the capability somewhere. One's own account is everybody's.
    pub fn may(&self, capability: Capability) -> bool {
        capability == Capability::OwnAccount || self.holding(capability).next().is_some()
    }

    fn holding(&self, capability: Capability) -> impl Iterator<Item = (&Grant, Reach)> {
        self.grants.iter().filter_map(move |grant| {
            RIGHTS
                .iter()
                .find(|(role, c, _)| *role == grant.role && *c == capability)
                .map(|(.., reach)| (grant, *reach))
        })
    }

    /// Holds the capability for this school.
    pub fn may_at(&self, capability: Capability, school: SchoolId) -> bool {
        self.holding(capability).any(|(grant, reach)| match reach {
            Reach::OwnSchool => grant.school == Some(school),
            Reach::AssignedSchools => grant.school.is_none_or(|assigned| assigned == school),
            Reach::LiveShare | Reach::Authority | Reach::Agenda | Reach::Received | Reach::Oneself => false,
        })
    }

    /// Holds the capability for a case of this school, or, when the case is shared with them, by the share.
    pub fn may_for(&self, capability: Capability, school: SchoolId, shared: bool) -> bool {
        self.may_at(capability, school)
            || (shared && self.holding(capability).any(|(_, reach)| reach == Reach::LiveShare))
    }

    /// Proof that the action is allowed for a case of this school, or who could do it.
    pub fn permit_for<A: Action>(&self, school: SchoolId, shared: bool) -> Result<Permit<A>, Denied> {
        if self.may_for(A::CAPABILITY, school, shared) {
            Ok(Permit::new(self.own(), school))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed for a referral of this school's pupil on the agenda of a panel the person sits
    /// for, or who could do it.
    pub fn permit_on_agenda<A: Action>(&self, home: SchoolId, sits: bool) -> Result<Permit<A>, Denied> {
        if sits && self.holding(A::CAPABILITY).any(|(_, reach)| reach == Reach::Agenda) {
            Ok(Permit::new(self.own(), home))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed for a pupil of `home` whom a panel allocated to `receiving`, or who could do
    /// it. The proof names the home school, where the record is kept.
    pub fn permit_received<A: Action>(
        &self,
        home: SchoolId,
        receiving: SchoolId,
    ) -> Result<Permit<A>, Denied> {
        let at =
            |(grant, reach): (&Grant, Reach)| reach == Reach::Received && grant.school == Some(receiving);
        if home != receiving && self.holding(A::CAPABILITY).any(at) {
            Ok(Permit::new(self.own(), home))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Refuses unless the capability is held for a case of this school.
    pub fn require_for(&self, capability: Capability, school: SchoolId, shared: bool) -> Result<(), Denied> {
        if self.may_for(capability, school, shared) { Ok(()) } else { Err(Denied { capability }) }
    }

    /// Proof that the action is allowed for the whole authority, or who could do it.
    pub fn permit_in_authority<A: Action>(&self) -> Result<PermitInAuthority<A>, Denied> {
        if self.holding(A::CAPABILITY).any(|(_, reach)| reach == Reach::Authority) {
            Ok(PermitInAuthority::new(self.own()))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// How far a right reaches that is held for one's own schools or for the whole authority.
    pub fn over(&self, capability: Capability) -> Over {
        let mut own = Vec::new();
        for (grant, reach) in self.holding(capability) {
            match (reach, grant.school) {
                (Reach::Authority, _) => return Over::Authority,
                (Reach::OwnSchool, Some(school)) if !own.contains(&school) => own.push(school),
                _ => {}
            }
        }
        Over::Schools(own)
    }

    /// Proof that the action is allowed to what belongs to this school, or, with none, to the authority itself, or who
    /// could do it.
    pub fn permit_over<A: Action>(&self, school: Option<SchoolId>) -> Result<PermitOver<A>, Denied> {
        if self.over(A::CAPABILITY).covers(school) {
            Ok(PermitOver::new(self.own(), school))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Proof that the action is allowed at this school, or who could do it.
    pub fn permit<A: Action>(&self, school: SchoolId) -> Result<Permit<A>, Denied> {
        if self.may_at(A::CAPABILITY, school) {
            Ok(Permit::new(self.own(), school))
        } else {
            Err(Denied { capability: A::CAPABILITY })
        }
    }

    /// Refuses unless the capability is held for this school.
    pub fn require(&self, capability: Capability, school: SchoolId) -> Result<(), Denied> {
        if self.may_at(capability, school) { Ok(()) } else { Err(Denied { capability }) }
    }

    /// The schools the capability is held for, each once, by name; none: every school of the authority.
    pub fn schools_with(&self, capability: Capability) -> Option<Vec<(SchoolId, String)>> {
        let mut schools = Vec::new();
        for (grant, reach) in self.holding(capability) {
            match (reach, grant.school) {
                (Reach::AssignedSchools, None) => return None,
                (_, Some(school)) => schools.push((grant.school_name.clone().unwrap_or_default(), school)),
                _ => {}
            }
        }
        schools.sort();
        schools.dedup();
        Some(schools.into_iter().map(|(name, school)| (school, name)).collect())
    }

    /// The role under which something was done at this school, for the audit trail.
    pub fn role_at(&self, school: SchoolId) -> Option<Role> {
        let at = |role: Role| {
            self.grants.iter().any(|grant| grant.role == role && grant.school.is_none_or(|s| s == school))
        };
        [
            Role::SchoolLead,
            Role::Headteacher,
            Role::HeadDelegate,
            Role::Staff,
            Role::LaRepresentative,
            Role::SupportService,
            Role::PanelMember,
        ]
        .into_iter()
        .find(|role| at(*role))
    }

    /// Any role, for the audit trail of pages that span schools.
    pub fn first_role(&self) -> Option<Role> {
        self.grants.first().map(|grant| grant.role)
    }

    /// The school's name when all the person's roles are at one school.
    pub fn only_school_name(&self) -> Option<String> {
        let mut names = self.grants.iter().map(|grant| grant.school_name.as_deref());
        let first = names.next()??;
        names.all(|name| name == Some(first)).then(|| first.to_owned())
    }

    /// Staff and nothing more at this school: sees the last [`STAFF_DAYS`] school days.
    pub fn sees_recent_days_only(&self, school: SchoolId) -> bool {
        !self.may_at(Capability::SeeWholeCase, school)
    }

    /// Where the person begins: leads and staff with the day, headteachers (and those who only decide in their
    /// place) with their overview, LA representatives with their caseload, others with cases or what they administer,
    /// the rest with their account.
    pub fn first_page(&self) -> FirstPage {
        let marks_days = self.grants.iter().any(|grant| matches!(grant.role, Role::SchoolLead | Role::Staff));
        if marks_days && self.may(Capability::SeeToday) {
            FirstPage::Today
        } else if self.may(Capability::SeeOverview) {
            FirstPage::Overview
        } else if self.may(Capability::SeeCaseload) {
            FirstPage::Caseload
        } else if self.may(Capability::SeeCases) {
            FirstPage::Cases
        } else if self.may(Capability::SeePanel) {
            FirstPage::Panels
        } else if self.may(Capability::PublishPolicy) {
            FirstPage::Admin
        } else {
            FirstPage::Account
        }
    }
}
