//! What every page of a case has: its head, its sections, and the way to it past the right.

use time::Date;

use super::{
    error::Error,
    extract::{Posted, Visit},
    urls,
};
use crate::{
    db::{
        ScopedTx,
        case::{self, CaseOf},
    },
    domain::{
        ids::CaseId,
        permission::{Action, Actor, Capability, Permit},
    },
};

/// The top of every page of a case.
#[derive(Debug)]
pub struct Identity {
    /// The pupil's name and pronouns.
    pub name: String,
    /// Year, school, case number.
    pub about: String,
    /// Sections this person may open: words, address, whether it is this one.
    pub sections: Vec<(&'static str, String, bool)>,
    /// Where what this page lists is taken out as a file, by somebody who may.
    pub export: Option<String>,
}

/// The kind of happenings that a page of a case lists, as the timeline names it.
fn listed(page: &str) -> Option<&'static str> {
    Some(match page {
        "Targets" => "targets",
        "Weekly reviews" => "reviews",
        "Meetings" => "meetings",
        "Support" => "support",
        "Incidents" => "incidents",
        "Transfer" | "Off-site direction" => "places",
        "Known absences" => "absences",
        "Updates" => "updates",
        _ => return None,
    })
}

impl Identity {
    /// The head of `page` ("Overview", "Targets", ...) for this person.
    pub fn of(case: &CaseOf, actor: &Actor, today: Date, page: &str) -> Self {
        let mut about =
            vec![case.year(today).to_string(), case.school_name.clone(), format!("case {}", case.number)];
        let may = |capability| actor.may_for(capability, case.school, case.shared);
        if let (true, Some(upn)) = (may(Capability::SeeWholeCase), &case.upn) {
            about.push(format!("UPN ending {}", upn.get(9..).unwrap_or_default()));
        }
        let sections = [
            ("Overview", urls::case(case.id), Capability::SeeCases),
            ("Stage", urls::stage(case.id), Capability::SeeWholeCase),
            ("Stage 3", urls::stage_3(case.id), Capability::SeeWholeCase),
            ("Targets", urls::targets(case.id), Capability::SeeCases),
            ("Daily marks", urls::monitoring(case.id), Capability::SeeCases),
            ("Weekly reviews", urls::reviews(case.id), Capability::SeeWholeCase),
            ("Meetings", urls::meetings(case.id), Capability::SeeWholeCase),
            ("Support", urls::support(case.id), Capability::SeeSupport),
            ("Incidents", urls::incidents(case.id), Capability::SeeWholeCase),
            ("Transfer", urls::transfer(case.id), Capability::SeeWholeCase),
            ("Off-site direction", urls::directions(case.id), Capability::SeeWholeCase),
            ("Suspensions", urls::suspensions(case.pupil), Capability::SeeWholeCase),
            ("Known absences", urls::absences(case.id), Capability::PlanAbsences),
            ("Updates", urls::updates(case.id), Capability::SeeWholeCase),
            ("Timeline", urls::timeline(case.id), Capability::SeeWholeCase),
            ("Pupil’s record", urls::pupil(case.pupil), Capability::SeeWholeCase),
        ];
        // A case that never came to Stage 3 has nothing to show there. An off-site direction made at another stage
        // is found by its duties, and begun from the support.
        let reached_3 = case.stages.0.iter().any(|row| row.stage == 3);
        let name = case.name();
        let export = listed(page)
            .filter(|_| actor.may_at(Capability::ExportCases, case.school))
            .map(|kind| format!("{}?kind={kind}", urls::export_timeline(case.id)));
        Self {
            export,
            name: match &case.pronouns {
                Some(pronouns) => format!("{name} ({pronouns})"),
                None => name,
            },
            about: about.join(" · "),
            sections: sections
                .into_iter()
                .filter(|(text, ..)| {
                    !["Stage 3", "Transfer", "Off-site direction"].contains(text)
                        || reached_3
                        || *text == page
                })
                .filter(|(.., capability)| may(*capability))
                .map(|(text, href, _)| (text, href, text == page))
                .collect(),
        }
    }
}

/// The pupil's earlier and later case at the school, for somebody who may see every section of them: words and
/// address. A re-entry is a new case, linked to the one before (S1.14).
pub fn episodes(case: &CaseOf, actor: &Actor) -> Vec<(&'static str, String)> {
    if !actor.may_at(Capability::SeeWholeCase, case.school) {
        return Vec::new();
    }
    [("Earlier case", case.before), ("Later case", case.later)]
        .into_iter()
        .filter_map(|(words, id)| Some((words, urls::case(id?))))
        .collect()
}

async fn seen(tx: &mut ScopedTx, id: CaseId, needs: Capability) -> Result<CaseOf, Error> {
    let of = case::of(tx.conn(), id).await?.ok_or(Error::NotFound)?;
    tx.actor().require_for(needs, of.school, of.shared)?;
    Ok(of)
}

impl Visit {
    /// The case, for somebody who may see it and holds `needs` for it: 404 or 403 otherwise.
    pub async fn case(&mut self, id: CaseId, needs: Capability) -> Result<CaseOf, Error> {
        seen(&mut self.tx, id, needs).await
    }
}

impl Posted {
    /// The case, for something that is read by a form: as [`Visit::case`].
    pub async fn case_with(&mut self, id: CaseId, needs: Capability) -> Result<CaseOf, Error> {
        seen(&mut self.tx, id, needs).await
    }

    /// The case with the proof that `A` is allowed for it: 404 or 403 otherwise.
    pub async fn case<A: Action>(&mut self, id: CaseId) -> Result<(CaseOf, Permit<A>), Error> {
        let of = case::of(self.tx.conn(), id).await?.ok_or(Error::NotFound)?;
        let permit = self.actor().permit_for(of.school, of.shared)?;
        Ok((of, permit))
    }

    /// The same for a case that is still open. What a closed case holds stays as it was.
    pub async fn open_case<A: Action>(&mut self, id: CaseId) -> Result<(CaseOf, Permit<A>), Error> {
        let (of, permit) = self.case(id).await?;
        if of.closed_on.is_some() {
            return Err(Error::BadRequest("The case is closed, and what it holds stays as it was."));
        }
        Ok((of, permit))
    }
}
