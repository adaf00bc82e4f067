//! What the pages of a case share: its head.

use time::Date;

use super::queries::CaseHead;
use crate::{
    domain::{
        dates,
        permission::{Actor, Capability},
        pupil::{YearGroup, display_name},
    },
    web::urls,
};

/// The top of every page of a case.
pub struct Identity {
    pub name: String,
    pub about: String,
    pub sections: Vec<(&'static str, String, bool)>,
}

impl Identity {
    /// The head of `page` ("Overview", "Targets", ...) for this person.
    pub fn of(head: &CaseHead, actor: &Actor, today: Date, page: &str) -> Self {
        let year = YearGroup::actual(head.born_on, head.year_offset, today);
        let mut about = vec![year.to_string(), head.school_name.clone(), format!("case {}", head.number)];
        let whole = actor.may_at(Capability::SeeWholeCase, head.school);
        if let (true, Some(upn)) = (whole, &head.upn) {
            about.push(format!("UPN ending {}", upn.get(9..).unwrap_or_default()));
        }
        let name = display_name(&head.given_name, head.known_as.as_deref(), &head.family_name);
        let mut sections = vec![
            ("Overview", urls::case(head.id)),
            ("Targets", urls::targets(head.id)),
            ("Daily marks", urls::monitoring(head.id)),
        ];
        if whole {
            sections.push(("Timeline", format!("{}/timeline", urls::case(head.id))));
        }
        if actor.may_at(Capability::PlanAbsences, head.school) {
            sections.push(("Known absences", urls::absences(head.id)));
        }
        if whole {
            sections.push(("Pupil’s record", urls::pupil(head.pupil)));
        }
        Self {
            name: match &head.pronouns {
                Some(pronouns) => format!("{name} ({pronouns})"),
                None => name,
            },
            about: about.join(" · "),
            sections: sections.into_iter().map(|(text, href)| (text, href, text == page)).collect(),
        }
    }
}

/// "3 of 5 points (60%)" and so on for a week's rollup; words when nothing is recorded this week.
pub fn week_words(week_on: Option<Date>, points: i32, possible: i32, today: Date) -> String {
    let this_week = crate::domain::calendar::monday(today);
    if week_on == Some(this_week) {
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        crate::domain::monitoring::share(number(points), number(possible))
    } else {
        "no points this week".to_owned()
    }
}

/// "Tues 24 Nov", or that there is none.
pub fn last_marked(day: Option<Date>) -> String {
    day.map_or_else(
        || "not yet".to_owned(),
        |day| format!("{} {}", dates::weekday_short(day), dates::day_month(day)),
    )
}
