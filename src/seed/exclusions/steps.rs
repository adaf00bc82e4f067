//! What was done about an exclusion: who was told, the work, the governing board.

use time::Date;

use super::{Issuing, Who};
use crate::{
    domain::{
        calendar::NotLoaded,
        suspension::{
            history::{History, Issued},
            notices::{self, By, NoticeKind},
            run::SixthDay,
            tiers::{Deadline, Tier},
        },
    },
    seed::{
        copy::Table,
        out::Kept,
        programme,
        world::{Maker, clock},
    },
};

/// School days the governing board took where it had to consider.
const BOARD_TOOK: u32 = 11;

impl Maker {
    /// What was done about an exclusion, as far as its school got.
    pub(super) fn done(
        &mut self,
        who: &Who<'_>,
        history: &History,
        issued: &Issued,
        issuing: &Issuing<'_>,
    ) -> Result<(), NotLoaded> {
        let exclusion = &issued.exclusion;
        let decided_on = exclusion.decided_on();
        let situation = history.situation(issued, &self.calendar);
        let mut steps = Vec::new();
        for notice in notices::notices(exclusion, issued.about, &situation.duty, situation.sixth) {
            let first_words = matches!(notice.kind, NoticeKind::Word | NoticeKind::Letter);
            let on = match notice.by {
                By::SameDay(_) | By::AfternoonSession(_) | By::TwoDaysBefore(_) => Some(decided_on),
                By::Termly(window) => {
                    self.calendar.latest_school_day(window.to).filter(|_| window.to < self.today)
                }
            };
            let told = match issuing.kept {
                Kept::Well => true,
                Kept::Behind => first_words,
                Kept::Nothing => false,
            };
            if let Some(on) = on.filter(|_| told) {
                steps.push(Done::told(on, notice.kind, notice.to.as_str()));
            }
        }
        if issuing.kept == Kept::Well {
            let out = exclusion.is_permanent() || !exclusion.lost().sessions().is_empty();
            if out && exclusion.starts_on() <= self.today {
                steps.push(Done::plain("work_set", exclusion.starts_on()));
            }
            if let SixthDay::Owed { on: Deadline::Computed(sixth), .. } = situation.sixth
                && sixth <= self.today
                && issuing.cancelled.is_none_or(|(on, _)| sixth <= on)
            {
                let on = self.calendar.nth_school_day_before(sixth, 2)?.max(decided_on);
                steps.push(Done { starts_on: Some(sixth), ..Done::plain("education", on) });
            }
            if issuing.represented {
                let on = self.calendar.nth_school_day_after(decided_on, 3)?;
                let words = "They say it was provoked, and ask that the whole afternoon be looked at again.";
                steps.push(Done { words: Some(words), ..Done::plain("representations", on) });
            }
            self.considered(&mut steps, issuing, situation.duty.tier, decided_on)?;
            if let Some((on, _)) = issuing.cancelled {
                for notice in notices::of_cancellation(exclusion, on, issued.about) {
                    steps.push(Done::told(on, notice.kind, notice.to.as_str()));
                }
                steps.push(Done { how: Some("phone"), ..Done::plain("meeting_offered", on) });
            }
        }
        let today = self.today;
        for step in steps.iter().filter(|step| step.on <= today) {
            self.exclusion_step(who, issued, step);
        }
        Ok(())
    }

    /// 2.5: the governing board has considered it once its days are past.
    fn considered(
        &self,
        steps: &mut Vec<Done>,
        issuing: &Issuing<'_>,
        tier: Tier,
        decided_on: Date,
    ) -> Result<(), NotLoaded> {
        let met = self.calendar.nth_school_day_after(decided_on, BOARD_TOOK)?;
        let due = self.calendar.nth_school_day_after(decided_on, 15)?;
        let must = matches!(tier, Tier::C | Tier::D | Tier::E);
        if must && due < self.today && issuing.cancelled.is_none() {
            steps.push(Done { at: Some(programme::at(17, 0)), ..Done::plain("board_met", met) });
            steps.push(Done { outcome: Some("upheld"), ..Done::plain("board_decided", met) });
            let told_on = self.calendar.nth_school_day_after(met, 1)?;
            steps.push(Done { how: Some("letter"), ..Done::plain("decision_told", told_on) });
        }
        Ok(())
    }

    fn exclusion_step(&mut self, who: &Who<'_>, issued: &Issued, step: &Done) {
        let id = self.id();
        let education = |text: &'static str| (step.kind == "education").then_some(text);
        let at = clock(step.on, 18, 20).min(self.now);
        self.copy.add(
            Table::ExclusionSteps,
            &[
                &id,
                &self.authority,
                &who.school.id,
                &who.pupil.id,
                &issued.id.uuid(),
                &step.kind,
                &step.on,
                &step.at,
                &step.notice,
                &step.to,
                &step.how,
                &step.words,
                &step.outcome,
                &education("The Bridge Centre"),
                &education("14 Invented Lane"),
                &education("9:15am to 2:45pm, lunch at 12 noon"),
                &education("The centre’s duty teacher"),
                &step.starts_on,
                &step.on,
                &at,
                &who.school.lead.0,
            ],
        );
    }
}

/// Something that was done.
struct Done {
    kind: &'static str,
    on: Date,
    at: Option<time::Time>,
    notice: Option<&'static str>,
    to: Option<&'static str>,
    how: Option<&'static str>,
    words: Option<&'static str>,
    outcome: Option<&'static str>,
    starts_on: Option<Date>,
}

impl Done {
    fn plain(kind: &'static str, on: Date) -> Self {
        Self {
            kind,
            on,
            at: None,
            notice: None,
            to: None,
            how: None,
            words: None,
            outcome: None,
            starts_on: None,
        }
    }

    fn told(on: Date, kind: NoticeKind, to: &'static str) -> Self {
        let how = match kind {
            NoticeKind::Word => "phone",
            NoticeKind::Letter
            | NoticeKind::PublicPlace
            | NoticeKind::SixthDay
            | NoticeKind::Cancellation => "letter",
            NoticeKind::Authority | NoticeKind::Carer | NoticeKind::Board | NoticeKind::BoardTermly => {
                "email"
            }
        };
        Self { notice: Some(kind.as_str()), to: Some(to), how: Some(how), ..Self::plain("told", on) }
    }
}
