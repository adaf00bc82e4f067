//! Stage 3 of the demo's cases: what brought them there, the review meeting, every alternative, and what parents
//! answered.

use time::{Date, Duration};

use super::{
    copy::Table,
    meetings::{Asked, Meeting},
    out::of_case,
    placement,
    programme::Story,
    world::{Maker, afternoon, morning},
};
use crate::domain::{
    ids::IncidentId,
    meeting::Minutes,
    stage_3::{Alternative, Answer, Route, Status},
    step::{EarlyHelp, Step},
};

impl Maker {
    pub(super) fn stage_3(&mut self, story: &Story<'_>) {
        let Some(on) = story.day_of(3, 0) else { return };
        let incident = self.incident(
            story,
            on,
            "very_serious",
            "Hit another pupil with a chair; both were seen by the nurse.",
        );
        let step = Step::Stage3Considered {
            incident: IncidentId::from(incident),
            move_to_3: true,
            why:
                "A permanent exclusion was considered. The headteacher would rather try what Stage 3 offers."
                    .to_owned(),
        };
        self.step(story, on, &step);
        if story.neglected() {
            return;
        }
        if of_case(story.n).is_empty() && !story.behind(on, true) {
            let why = "Days at home would have taken the pupil out of the one lesson that goes well.";
            self.step(story, on, &Step::NotApplicable { clause: "S3.01".to_owned(), reason: why.to_owned() });
        }
        if let Some(held) = story.day_of(3, 4) {
            self.review_meeting(story, held);
        }
        if let Some(day) = story.day_of(3, 5) {
            let step = Step::EarlyHelp {
                decision: EarlyHelp::AlreadyOpen,
                why: Some("Looked at again; the family worker stays.".to_owned()),
                reference: None,
                lead_professional: Some("Family support worker".to_owned()),
            };
            self.step(story, day, &step);
            self.alternatives(story, (on, day));
        }
    }

    fn review_meeting(&mut self, story: &Story<'_>, on: Date) {
        let (lead, la, head) = (story.school.lead.clone(), self.la.clone(), story.school.head.clone());
        let la_came = story.n / 12 % 4 != 3;
        let minutes = Minutes {
            notes: Some("Everybody said what they had seen, the pupil first.".to_owned()),
            decisions: Some(
                "Each alternative was gone through; the outcome is on the Stage 3 page.".to_owned(),
            ),
            without_parent: Some("Invited twice; asked for a telephone call instead.".to_owned()),
            without_la_representative: (!la_came)
                .then(|| "Asked on two days, at a tribunal on both.".to_owned()),
            ..Minutes::default()
        };
        let people = [
            ("pupil", story.pupil.given.as_str(), None, None, Some("present")),
            ("lead", lead.1.as_str(), Some(lead.0), None, Some("present")),
            ("headteacher", head.1.as_str(), Some(head.0), None, Some("present")),
            (
                "la_representative",
                la.1.as_str(),
                Some(la.0),
                None,
                Some(if la_came { "video" } else { "apologies" }),
            ),
            ("support_service", "Behaviour Support Team", None, None, Some("written")),
        ];
        let parent =
            ("parent", story.pupil.parent.as_str(), None, Some(story.pupil.contact), Some("did_not_come"));
        let people: Vec<Asked<'_>> =
            people.into_iter().chain((!story.pupil.barred).then_some(parent)).collect();
        let sent = (!story.behind(on, true)).then(|| on + Duration::days(4));
        let agreed = [("Send the plan to every teacher", &lead, on + Duration::days(5), sent)];
        self.meeting(story, &Meeting::held("stage_3", on, &minutes, &people, &agreed));
    }

    /// Every alternative the programme names; one of them, another with each case, is chosen.
    fn alternatives(&mut self, story: &Story<'_>, (entered_on, day): (Date, Date)) {
        // A place elsewhere where the demo shows one; otherwise one of two others, another with each case.
        let route = placement::course(story.n).and_then(placement::Course::route);
        let chosen = match route {
            Some(_) => Alternative::SupportedTransfer,
            None => [Alternative::ReInduction, Alternative::JointPlanning][story.n / 24 % 2],
        };
        let answer = match (route, story.n / 12 % 4) {
            (Some(_), _) | (None, 0 | 1) => Answer::Agreed,
            (None, 2) => Answer::WantsTime,
            (None, _) => Answer::Declined,
        };
        let agreed = answer == Answer::Agreed && !story.pupil.barred;
        for kind in Alternative::ALL.iter().filter(|kind| kind.named()) {
            let id = self.id();
            let is_chosen = *kind == chosen;
            let status = match (is_chosen, agreed) {
                (true, true) => Status::Agreed,
                (true, false) => Status::Proposed,
                (false, _) => Status::NotChosen,
            };
            let transfer = is_chosen && *kind == Alternative::SupportedTransfer;
            let why = match (is_chosen, kind.key_stage_4_only()) {
                (true, _) => "It is what everybody at the meeting thought could still work.",
                (false, true) => "Not before Year 10.",
                (false, false) => "It was tried, or would not change what happened.",
            };
            let (decided, starts) = (agreed && is_chosen, day + Duration::days(14));
            self.copy.add(
                Table::Alternatives,
                &[
                    &id,
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &entered_on,
                    &kind.as_str(),
                    &true,
                    &Some("Wants to stay with friends, and knows that it cannot go on like this."),
                    &Some("Want to be told every week how it goes."),
                    &why,
                    &status.as_str(),
                    &is_chosen.then_some("Two mornings a week with one named person, reviewed together."),
                    &route.filter(|_| transfer).map(Route::as_str),
                    &transfer.then_some(
                        "The pupil who was hurt is in every class; nothing else keeps them apart.",
                    ),
                    &is_chosen.then_some(starts),
                    &is_chosen.then_some(starts + Duration::days(35)),
                    &decided.then_some(day),
                    &decided.then_some(afternoon(day).min(self.now)),
                    &decided.then_some(story.school.head.0),
                    &morning(day),
                    &story.school.lead.0,
                    &(if decided { afternoon(day).min(self.now) } else { morning(day) }),
                    &(if decided { story.school.head.0 } else { story.school.lead.0 }),
                ],
            );
            if is_chosen && !story.pupil.barred {
                let again = (answer == Answer::WantsTime).then_some(day + Duration::days(7));
                let agreement = self.id();
                self.copy.add(
                    Table::Agreements,
                    &[
                        &agreement,
                        &self.authority,
                        &story.school.id,
                        &story.id,
                        &id,
                        &story.pupil.contact,
                        &day,
                        &"in_person",
                        &true,
                        &true,
                        &answer.as_str(),
                        &Some(day),
                        &Some(story.school.head.1.as_str()),
                        &Some("Asked what the mornings would be like."),
                        &again,
                        &true,
                        &day,
                        &morning(day),
                        &story.school.lead.0,
                    ],
                );
            }
        }
    }
}
