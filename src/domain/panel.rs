//! The panel that allocates places (S3.08): its papers, its members, who abstains, and what an allocation asks.

use time::Date;

use super::{
    dates,
    ids::{SchoolId, UserId},
    people::Role,
    policy::ProgrammePolicy,
    rules::{Class, Fix, Requirement},
    stage::words,
    transfer::State,
};

/// Days after its meeting for which members can still open a panel's papers. `app.begin_as` holds the same number.
pub const PAPERS_DAYS: i64 = 28;

words! {
    /// What a member has an interest in (G21).
    Interest {
        /// The school the pupil comes from.
        HomeSchool = "home_school", "The school the pupil comes from";
        /// A school that could take the pupil.
        School = "school", "A school that could take the pupil";
        /// The pupil or the family.
        Family = "family", "The pupil or the family";
    }
}

words! {
    /// Whether a member was there.
    Attendance {
        /// In the room or by video.
        Present = "present", "Present";
        /// Not, and said so.
        Apologies = "apologies", "Apologies";
        /// Not.
        Absent = "absent", "Absent";
    }
}

words! {
    /// How a panel was done with a referral when no place came of it.
    Outcome {
        /// No place was found.
        NotPlaced = "not_placed", "No place found";
        /// Put off to another panel.
        PutOff = "put_off", "Put off to another panel";
        /// Sent back as incomplete.
        Returned = "returned", "Papers returned as incomplete";
        /// Stopped by the family or the school.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

words! {
    /// What the panel decides about a referral (S3.08).
    Verdict {
        /// A place.
        Allocate = "allocated", "Allocate a place";
        /// None.
        NotPlaced = "not_placed", "No place found";
        /// Later.
        PutOff = "put_off", "Put off to another panel";
    }
}

/// Where a referral on an agenda stands, in words. `state` is that of its transfer, while the panel still sees it.
pub const fn where_it_stands(outcome: Option<Outcome>, state: Option<&State>) -> &'static str {
    match (outcome, state) {
        (Some(outcome), _) => outcome.label(),
        (None, Some(State::PapersSubmitted { .. })) => "For decision",
        (None, Some(State::PanelAllocated { .. })) => "Place allocated, waiting for the school’s answer",
        (None, Some(State::ReceivingAccepted { .. })) => "Accepted, waiting for the first day",
        (None, Some(State::OnRoll { .. } | State::Closed { .. })) => "On the roll of the receiving school",
        (None, Some(State::None | State::Proposed | State::ParentAgreed | State::Withdrawn) | None) => {
            "Not on the agenda any more"
        }
    }
}

/// Papers are taken until the end of this day, 11:59pm.
pub fn takes_papers(papers_close_on: Date, cancelled: bool, today: Date) -> bool {
    !cancelled && today <= papers_close_on
}

/// Somebody who sits, and what ties them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Schools where they hold a role today.
    pub schools: Vec<SchoolId>,
    /// What they declared for this referral, and which school.
    pub interests: Vec<(Interest, Option<SchoolId>)>,
}

/// Why a member abstains (G21); none: they may decide. Whoever belongs to the home school or the receiving one, or
/// has declared an interest in either or in the family, abstains.
pub fn abstains(member: &Member, home: SchoolId, receiving: Option<SchoolId>) -> Option<&'static str> {
    let of = |school: SchoolId| member.schools.contains(&school);
    let declared = |interest: Interest| member.interests.iter().any(|(what, _)| *what == interest);
    let declared_at = |school: SchoolId| {
        member.interests.iter().any(|(what, at)| *what == Interest::School && *at == Some(school))
    };
    if of(home) {
        Some("belongs to the home school")
    } else if declared(Interest::HomeSchool) {
        Some("declared an interest in the home school")
    } else if declared(Interest::Family) {
        Some("declared an interest in the family")
    } else if receiving.is_some_and(of) {
        Some("belongs to the receiving school")
    } else if receiving.is_some_and(declared_at) {
        Some("declared an interest in the receiving school")
    } else {
        None
    }
}

/// A school as the panel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub school: SchoolId,
    /// Its name.
    pub name: String,
    /// It takes part in the programme.
    pub takes_part: bool,
    /// Places, pupils on roll, and the day of the count; none: not known.
    pub capacity: Option<(i32, i32, Date)>,
    /// Pupils it took through the panel this school year.
    pub taken: u32,
    /// Pupils that left it through the panel this school year.
    pub given: u32,
}

impl Place {
    /// Places less pupils on roll.
    pub fn free(&self) -> Option<i32> {
        self.capacity.map(|(places, roll, _)| places - roll)
    }
}

/// An allocation somebody wants to record.
#[derive(Clone, Debug)]
pub struct Allocating<'a> {
    /// The school the pupil comes from.
    pub home: SchoolId,
    /// The school chosen.
    pub to: &'a Place,
    /// Who records it, when they sit on this panel.
    pub by: Option<&'a Member>,
    /// The school said no to this pupil before.
    pub declined_before: bool,
    /// The school's objection, as the panel heard it.
    pub objection: Option<&'a str>,
    /// Why the family or the home school excluded this school.
    pub excluded: Option<&'a str>,
    /// The programme's numbers.
    pub policy: &'a ProgrammePolicy,
}

fn requirement(
    clause: &'static str,
    asks: &'static str,
    class: Class,
    met: bool,
    says: String,
) -> Requirement {
    Requirement { clause, asks, class, met, says, who: vec![Role::PanelMember], fix: Fix::Form }
}

/// S3.08: everything an allocation asks, musts first.
pub fn to_allocate(on: &Allocating<'_>) -> Vec<Requirement> {
    vec![
        s3_08_only_the_panel(on.by.is_some()),
        s3_08_not_home(on.home, on.to),
        s3_08_takes_part(on.to),
        s3_08_no_interest(on.by, on.home, Some(on.to.school)),
        s3_08_room(on.to),
        s3_08_recent(on.to, on.policy),
        s3_08_objection(on.declined_before, on.objection),
        s3_08_excluded(on.excluded),
    ]
}

/// S3.08: what deciding otherwise (no place, put off) asks.
pub fn to_decide_otherwise(by: Option<&Member>, home: SchoolId) -> Vec<Requirement> {
    vec![s3_08_only_the_panel(by.is_some()), s3_08_no_interest(by, home, None)]
}

/// S3.08: only a member who sits on this panel.
pub fn s3_08_only_the_panel(sits: bool) -> Requirement {
    let says = if sits { "You sit on this panel." } else { "You do not sit on this panel." };
    requirement("S3.08", "Decided by a member of this panel", Class::Must, sits, says.to_owned())
}

/// S3.08: decided at the panel, not before it.
pub fn s3_08_panel_met(meets_on: Date, today: Date) -> Requirement {
    let says = if meets_on <= today {
        format!("The panel met on {}.", dates::long(meets_on))
    } else {
        format!("The panel meets on {}.", dates::full(meets_on))
    };
    requirement("S3.08-day", "Decided when the panel has met", Class::Must, meets_on <= today, says)
}

/// S3.08: never the school the pupil comes from.
pub fn s3_08_not_home(home: SchoolId, to: &Place) -> Requirement {
    let met = to.school != home;
    let says = if met {
        format!("{} is another school.", to.name)
    } else {
        format!("The pupil comes from {}.", to.name)
    };
    requirement("S3.08-home", "Not the school the pupil comes from", Class::Must, met, says)
}

/// S3.08: a school of the partnership.
pub fn s3_08_takes_part(to: &Place) -> Requirement {
    let says = if to.takes_part {
        format!("{} takes part in the programme.", to.name)
    } else {
        format!("{} does not take part in the programme.", to.name)
    };
    requirement("S3.08-part", "A school that takes part", Class::Must, to.takes_part, says)
}

/// S3.08, G21: without an interest in the home school, the receiving one or the family.
pub fn s3_08_no_interest(by: Option<&Member>, home: SchoolId, receiving: Option<SchoolId>) -> Requirement {
    let tie = by.and_then(|member| abstains(member, home, receiving));
    let says = match tie {
        None => "You have no interest in it.".to_owned(),
        Some(why) => format!("You abstain: somebody who {why} does not decide."),
    };
    let asks = "Decided without an interest in either school or the family";
    requirement("S3.08-interest", asks, Class::Must, tie.is_none(), says)
}

/// S3.08: the receiving school has room.
pub fn s3_08_room(to: &Place) -> Requirement {
    let (met, says) = match to.capacity {
        Some((places, roll, on)) => (
            roll < places,
            format!("{roll} pupils on roll, {places} places, counted on {}.", dates::long(on)),
        ),
        None => (false, format!("How full {} is, is not known.", to.name)),
    };
    requirement("S3.08-room", "Room at the receiving school", Class::Should, met, says)
}

/// S3.08: it has not taken many pupils already.
pub fn s3_08_recent(to: &Place, policy: &ProgrammePolicy) -> Requirement {
    let says = match to.taken {
        0 => "It took nobody through the panel this school year.".to_owned(),
        1 => "It took 1 pupil through the panel this school year.".to_owned(),
        n => format!("It took {n} pupils through the panel this school year."),
    };
    let met = to.taken < policy.recent_intake_before_warning;
    requirement("S3.08-recent", "A fair share of the pupils who move", Class::Should, met, says)
}

/// S3.08: the receiving school has not objected.
pub fn s3_08_objection(declined_before: bool, objection: Option<&str>) -> Requirement {
    let (met, says) = match (declined_before, objection) {
        (true, _) => (false, "The school declined this pupil before.".to_owned()),
        (false, Some(words)) => (false, format!("The school objects: {words}")),
        (false, None) => (true, "No objection is known.".to_owned()),
    };
    requirement("S3.08-objected", "No objection of the receiving school", Class::Should, met, says)
}

/// S3.08: the family or the home school did not exclude it.
pub fn s3_08_excluded(excluded: Option<&str>) -> Requirement {
    let says = excluded.map_or_else(
        || "The papers do not exclude it.".to_owned(),
        |why| format!("The papers say that this school will not do: {why}"),
    );
    requirement("S3.08-excluded", "Not a school the papers exclude", Class::Should, excluded.is_none(), says)
}
