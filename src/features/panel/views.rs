//! What the pages of a panel show.

use time::{Date, Duration, Month, format_description::well_known::Iso8601};

use super::queries::{DecisionRow, MemberRow, PanelRow, PlaceRow, ReferralRow};
use crate::{
    domain::{
        dates,
        ids::{SchoolId, UserId},
        panel::{self, Attendance, Member, Outcome, Place, Verdict},
    },
    web::{pack::wishes, urls},
};

/// A member who sits, with what they declared for a referral.
pub fn member(row: &MemberRow, referral: Option<&ReferralRow>) -> Member {
    Member {
        user: row.user,
        name: row.name.clone(),
        schools: row.schools.iter().map(|id| SchoolId::from(*id)).collect(),
        interests: referral.map_or_else(Vec::new, |referral| {
            referral
                .interests
                .iter()
                .filter(|interest| interest.user == row.user)
                .map(|interest| (interest.interest, interest.school))
                .collect()
        }),
    }
}

/// Whether this person sits.
pub fn sits(members: &[MemberRow], user: UserId) -> bool {
    members.iter().any(|member| member.user == user)
}

/// "Thursday 3 December 2026, 1:30pm"
pub fn when(panel: &PanelRow) -> String {
    format!("{}, {}", dates::full(panel.meets_on), dates::time_of_day(panel.starts_at))
}

/// Until when it takes papers, or that it does not any more.
pub fn papers(row: &PanelRow, today: Date) -> String {
    if panel::takes_papers(row.papers_close_on, row.cancelled_on.is_some(), today) {
        format!("Papers close at 11:59pm on {}", dates::full(row.papers_close_on))
    } else {
        format!("Papers closed on {}", dates::full(row.papers_close_on))
    }
}

/// Why an agenda has no lines for this person: nothing came, or its papers are not theirs to read any more.
pub fn nothing(row: &PanelRow, prepares: bool, today: Date) -> String {
    if !prepares && row.meets_on + Duration::days(panel::PAPERS_DAYS) < today {
        format!(
            "Papers are open to the members until {} days after the panel. The agenda and the decisions are with the LA.",
            panel::PAPERS_DAYS
        )
    } else {
        "Nothing is on the agenda.".to_owned()
    }
}

/// A referral as a row of an agenda.
pub struct AgendaLine {
    /// The papers are theirs to read.
    pub shared: bool,
    pub name: String,
    pub about: String,
    pub from: String,
    pub preferred: String,
    pub excluded: String,
    pub tried: usize,
    pub conflicts: String,
    pub pack: String,
    pub standing: &'static str,
    pub colour: &'static str,
    pub href: Option<String>,
    pub decisions: Vec<DecisionLine>,
}

/// A decision in words.
pub struct DecisionLine {
    pub what: String,
    pub reasons: String,
    pub more: Vec<(&'static str, String)>,
}

/// A day as JSON from the database writes it.
fn day(text: &str) -> String {
    Date::parse(text, &Iso8601::DATE).map_or_else(|_| text.to_owned(), dates::long)
}

/// A decision in words.
pub fn decision(row: &DecisionRow) -> DecisionLine {
    let what = match (row.outcome, &row.to_name) {
        (Verdict::Allocate, Some(school)) => format!("Place allocated at {school}"),
        (verdict, _) => verdict.label().to_owned(),
    };
    let mut more = Vec::new();
    let mut add = |label, words: &Option<String>| {
        if let Some(words) = words {
            more.push((label, words.clone()));
        }
    };
    add("First day proposed", &row.starts_on.as_deref().map(day));
    add("Conditions", &row.conditions);
    add("Dissent", &row.dissent);
    add("Objection of the school", &row.objection);
    for (clause, reason) in &row.given {
        add("Why the panel went on", &Some(format!("{clause}: {reason}")));
    }
    add("Present", &Some(row.present.join(", ")));
    add("Abstained", &(!row.abstained.is_empty()).then(|| row.abstained.join("; ")));
    DecisionLine {
        what: format!("{what}, {} (recorded by {})", day(&row.on), row.by),
        reasons: row.reasons.clone(),
        more,
    }
}

/// Who abstains from a referral, and why: "A Price (belongs to the home school)".
pub fn abstaining(members: &[MemberRow], of: &ReferralRow, receiving: Option<SchoolId>) -> Vec<String> {
    members
        .iter()
        .filter_map(|row| {
            let why = panel::abstains(&member(row, Some(of)), of.home, receiving)?;
            Some(format!("{} ({why})", row.name))
        })
        .collect()
}

/// Where a referral stands.
pub fn standing(row: &ReferralRow) -> &'static str {
    let outcome = row.outcome.as_deref().and_then(Outcome::from_stored);
    panel::where_it_stands(outcome, row.state.as_ref().map(|state| &state.state))
}

/// A referral as a row of the agenda.
pub fn line(panel: &PanelRow, row: &ReferralRow, members: &[MemberRow]) -> AgendaLine {
    let schools = row.schools.as_ref().map_or(&[][..], |schools| schools.0.as_slice());
    let standing = standing(row);
    AgendaLine {
        shared: row.name.is_some(),
        name: row.name.clone().unwrap_or_else(|| "No longer shared".to_owned()),
        about: row.about.clone().unwrap_or_default(),
        from: row.home_name.clone(),
        preferred: wishes(schools, "preferred"),
        excluded: wishes(schools, "excluded"),
        tried: row.state.as_ref().map_or(0, |state| state.declined.len()),
        conflicts: abstaining(members, row, None).join("; "),
        pack: match (row.received_on, row.pack_version) {
            (Some(on), Some(version)) => {
                format!("Version {version}, complete on {}", dates::day_month(on))
            }
            (None, Some(version)) => format!("Version {version}, not checked yet"),
            (_, None) => "Not shared".to_owned(),
        },
        standing,
        colour: if standing == "For decision" { "yellow" } else { "blue" },
        href: row.name.is_some().then(|| urls::referral(panel.id, row.id)),
        decisions: row.decisions.iter().map(decision).collect(),
    }
}

/// The first day of the school year a day is in.
pub fn year_began(today: Date) -> Date {
    Date::from_calendar_date(dates::first_year(today), Month::September, 1).unwrap_or(today)
}

/// A school as the rules see it.
pub fn place(row: &PlaceRow) -> Place {
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        school: row.school,
        name: row.name.clone(),
        takes_part: row.takes_part,
        capacity: row.places.zip(row.roll).zip(row.as_of).map(|((places, roll), on)| (places, roll, on)),
        taken: number(row.taken),
        given: number(row.given),
    }
}

/// A school on the capacity strip.
pub struct PlaceLine {
    pub name: String,
    pub count: String,
    pub free: String,
    pub moved: String,
}

/// The capacity strip: numbers, school by school.
pub fn strip(rows: &[PlaceRow]) -> Vec<PlaceLine> {
    rows.iter()
        .map(|row| {
            let place = place(row);
            PlaceLine {
                name: place.name.clone(),
                count: place.capacity.map_or_else(
                    || "Not counted yet".to_owned(),
                    |(places, roll, on)| format!("{roll} on roll, {places} places, on {}", dates::short(on)),
                ),
                free: place.free().map_or_else(String::new, |free| match free {
                    0 => "Full".to_owned(),
                    n if n < 0 => format!("{} over", -n),
                    n => format!("{n} free"),
                }),
                moved: format!("Took {}, gave {}", place.taken, place.given),
            }
        })
        .collect()
}

/// A member with whether they came.
pub struct MemberLine {
    pub name: String,
    /// None: not recorded, or not yet.
    pub came: Option<&'static str>,
    pub field: String,
    pub value: String,
}

/// The members, with the field that says whether they came.
pub fn member_lines(members: &[MemberRow]) -> Vec<MemberLine> {
    members
        .iter()
        .map(|row| MemberLine {
            name: row.name.clone(),
            came: row.attendance.as_deref().and_then(Attendance::from_stored).map(Attendance::label),
            field: format!("came.{}", row.user),
            value: row.attendance.clone().unwrap_or_default(),
        })
        .collect()
}
