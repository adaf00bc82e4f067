//! What a search shows of each pupil.

use time::Date;

use super::queries::Found;
use crate::{
    domain::{
        pupil::{YearGroup, display_name},
        search::FoundBy,
    },
    web::urls,
};

/// One line of what was found.
pub struct Line {
    pub href: String,
    pub name: String,
    pub year: String,
    pub school: String,
    pub programme: String,
    pub lead: String,
    pub why: &'static str,
}

impl Line {
    /// As the page says it.
    pub fn of(found: &Found, today: Date) -> Self {
        let open = found.closed == Some(false);
        let programme = match (found.stage, found.closed) {
            (Some(stage), Some(false)) => format!("Stage {stage}"),
            (Some(_), _) => "left the programme".to_owned(),
            (None, _) => "not on the programme".to_owned(),
        };
        Self {
            href: match found.case {
                Some(case) if found.reads_case && (open || !found.has_record) => urls::case(case),
                _ if found.has_record => urls::pupil(found.pupil),
                _ => format!("/today?school={}", found.school),
            },
            name: display_name(&found.given_name, found.known_as.as_deref(), &found.family_name),
            year: YearGroup::actual(found.born_on, found.year_offset, today).to_string(),
            school: found.school_name.clone(),
            programme: match (found.on_roll, found.has_record) {
                (_, false) | (true, _) => programme,
                (false, true) => format!("{programme}, left the school"),
            },
            lead: match &found.lead {
                Some(lead) if open => lead.clone(),
                _ => "none".to_owned(),
            },
            why: FoundBy::from_stored(&found.why).map_or("name", FoundBy::label),
        }
    }
}

/// "12 pupils", or that there are more than the page shows.
pub fn count_words(shown: usize, more: bool) -> String {
    match (shown, more) {
        (shown, true) => format!("The first {shown} pupils"),
        (1, false) => "1 pupil".to_owned(),
        (shown, false) => format!("{shown} pupils"),
    }
}
