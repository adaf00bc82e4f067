//! Suspensions and permanent exclusions of the demo, issued as the law allows and with what was done about each: most
//! kept well, a few behind. What the law refuses on the day the demo begins is left out.

mod steps;

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    copy::Table,
    out::{Kept, Odd, Spell, of_case, others, recent},
    placement,
    world::{Maker, Pupil, School, clock},
};
use crate::domain::{
    dates,
    ids::ExclusionId,
    pupil::YearGroup,
    suspension::{
        Half, HalfDays, Refused, Session,
        count::{Addend, Place},
        guidance,
        history::{History, Issued, Link},
        lost::Lost,
        notices::About,
        record::{Away, Exclusion, Permanent, Plan, Suspension},
        run::Leaver,
        terms::Window,
    },
};

/// The place, from the last, of the pupil of the first school who came from a school outside the authority.
pub(super) const NEWCOMER: usize = 4;
/// School days ago on which they came.
pub(super) const NEWCOMER_SINCE: u32 = 30;
/// Half-days they were out before that.
const NEWCOMER_HALF_DAYS: u32 = 13;

/// A case as an exclusion sees it: id, first and last day.
pub(super) type OfCase = (Uuid, Date, Option<Date>);

/// Whom it is about.
struct Who<'a> {
    school: &'a School,
    pupil: &'a Pupil,
    case: Option<OfCase>,
    /// Has a social worker, and lives in another authority.
    in_care_elsewhere: bool,
}

/// One exclusion on its way.
struct Issuing<'a> {
    exclusion: Exclusion,
    incident: Option<Uuid>,
    /// What a further one follows, and why.
    further: Option<(Uuid, &'a str)>,
    stage_3_considered: bool,
    kept: Kept,
    /// Reasons and words.
    why: (&'a [&'a str], &'a str),
    /// The day it was cancelled, and why.
    cancelled: Option<(Date, &'a str)>,
    represented: bool,
}

/// Lessons a pupil is out of on a day, and why.
pub(super) type AwayOn = BTreeMap<Date, (std::ops::RangeInclusive<i16>, &'static str)>;

impl Maker {
    /// What a case's pupil was suspended for, the oldest first: nothing that the calendar does not allow.
    pub(super) fn suspensions_of(&self, n: usize, pupil: &Pupil) -> Vec<Suspension> {
        let mut all = Vec::new();
        if !pupil.barred {
            for spell in of_case(n) {
                let laid_out = self.lay_out(spell, all.last());
                all.extend(laid_out.ok().map(|suspension| self.as_it_stands(spell, suspension)));
            }
        }
        all
    }

    /// The lessons a case's pupil misses by suspensions and off-site directions.
    pub(super) fn away(&self, n: usize, pupil: &Pupil) -> AwayOn {
        let mut away = AwayOn::new();
        for suspension in self.suspensions_of(n, pupil) {
            let lost = suspension.lost();
            for day in lost.days() {
                let out = |half| lost.sessions().contains(&Session { on: day, half });
                let lessons = match (out(Half::Morning), out(Half::Afternoon)) {
                    (true, true) => 1..=6,
                    (true, false) => 1..=4,
                    (false, true) => 5..=6,
                    (false, false) => continue,
                };
                away.insert(day, (lessons, "suspended"));
            }
        }
        if let Some((from, to)) = self.off_site_days(n) {
            let mut day = from;
            while day <= to.min(self.today) {
                away.insert(day, (1..=6, "off_site"));
                day = day.next_day().unwrap_or(Date::MAX);
            }
        }
        away
    }

    /// A suspension with its sessions. A further one begins when the one before it ends.
    fn lay_out(&self, spell: &Spell, before: Option<&Suspension>) -> Result<Suspension, Refused> {
        let calendar = &self.calendar;
        let first = match (before, spell.odd) {
            (Some(before), Odd::Further(_)) => before.back(calendar)?,
            _ => Session { on: self.school_day(spell.ago), half: spell.half },
        };
        // Decided in the morning, out from the afternoon; decided in the afternoon, out from the next morning.
        let decided_on = match first.half {
            Half::Morning => calendar.nth_school_day_before(first.on, 1)?,
            Half::Afternoon => first.on,
        };
        let mut lunchtimes = Vec::new();
        for n in 0..spell.lunchtimes {
            lunchtimes.push(if n == 0 { first.on } else { calendar.nth_school_day_after(first.on, n)? });
        }
        let away = (spell.half_days > 0).then_some(Away { first, half_days: HalfDays(spell.half_days) });
        Plan { decided_on, away, lunchtimes }.lay_out(calendar)
    }

    /// Cancelled, the pupil is back in the afternoon of the second day.
    fn as_it_stands(&self, spell: &Spell, suspension: Suspension) -> Suspension {
        match (spell.odd, self.calendar.nth_school_day_after(suspension.starts_on(), 1)) {
            (Odd::Cancelled(_), Ok(second)) if second <= self.today => {
                suspension.cancelled_from(Session::afternoon(second))
            }
            _ => suspension,
        }
    }

    /// The suspensions of a case's pupil.
    pub(super) fn out_of_case(&mut self, n: usize, school: &School, pupil: &Pupil, case: OfCase) {
        if pupil.barred {
            return;
        }
        let who = Who { school, pupil, case: Some(case), in_care_elsewhere: false };
        let mut history = History::default();
        self.suspend(&who, of_case(n), &mut history);
    }

    /// 7.2 A20: the case of the demo that ended in a permanent exclusion, for an incident of that day.
    pub(super) fn excluded(&mut self, (school, pupil): (&School, &Pupil), case: OfCase, incident: Uuid) {
        let Some(decided_on) = case.2 else { return };
        let who = Who { school, pupil, case: Some(case), in_care_elsewhere: false };
        let first = self.calendar.nth_school_day_after(decided_on, 1).map(Session::morning);
        let permanent =
            first.map_err(Refused::from).and_then(|first| Permanent::new(decided_on, first, &self.calendar));
        let Ok(permanent) = permanent else { return };
        let issuing = Issuing {
            exclusion: Exclusion::Permanent(permanent),
            incident: Some(incident),
            further: None,
            stage_3_considered: true,
            kept: Kept::Well,
            why: (
                &["PA", "DM"],
                "Struck a member of staff who stepped between two pupils, and broke a window.",
            ),
            cancelled: None,
            represented: true,
        };
        self.issue(&who, &mut History::default(), issuing);
    }

    /// Exclusions of pupils without a case.
    pub fn others_out(&mut self, schools: &[School], pupils: &[Vec<Pupil>]) {
        let free = |place: usize, k: usize| {
            let all = pupils.get(place)?;
            // A court order keeps nobody's only parent away here.
            (k..all.len()).step_by(20).map(|k| &all[all.len() - k]).find(|pupil| !pupil.barred)
        };
        for (place, k, spells) in others(schools.len()) {
            let (Some(school), Some(pupil)) = (schools.get(place), free(place, k)) else { continue };
            let who = Who { school, pupil, case: None, in_care_elsewhere: false };
            let mut history = History::default();
            if (place, k) == (0, 1) {
                self.nearly_45(&who, &mut history);
            }
            if (place, k) == (0, NEWCOMER) {
                history.given.push(self.elsewhere(&who));
            }
            self.suspend(&who, spells, &mut history);
        }
        if let (Some(school), Some(pupil)) = (schools.get(1), free(1, 1)) {
            let who = Who { school, pupil, case: None, in_care_elsewhere: false };
            self.excluded_lately(&who);
        }
        // Looked after by an authority elsewhere, with a special educational need.
        let in_care = schools.iter().zip(pupils).find_map(|(school, all)| {
            let from = all.len().saturating_sub(50);
            let found =
                all[from..].iter().rev().skip(16).find(|p| p.looked_after && p.send != "none" && !p.barred);
            Some(Who { school, pupil: found?, case: None, in_care_elsewhere: true })
        });
        if let Some(who) = in_care {
            self.suspend(&who, recent(), &mut History::default());
        }
    }

    /// Half of the days of a pupil who is two days below the ceiling: excluded for good, and back after fourteen days.
    fn nearly_45(&mut self, who: &Who<'_>, history: &mut History) {
        let (first, back) = (self.school_day(49), self.school_day(35));
        let (Ok(decided_on), Ok(cancelled_on)) =
            (self.calendar.nth_school_day_before(first, 1), self.calendar.nth_school_day_before(back, 1))
        else {
            return;
        };
        let cancelled = Permanent::new(decided_on, Session::morning(first), &self.calendar)
            .and_then(|permanent| Ok(permanent.cancelled_from(Session::morning(back), &self.calendar)?));
        let Ok(permanent) = cancelled else { return };
        let why = "A witness came forward: another pupil had brought the knife and hidden it in the bag.";
        let issuing = Issuing {
            exclusion: Exclusion::Permanent(permanent),
            incident: None,
            further: None,
            stage_3_considered: false,
            kept: Kept::Well,
            why: (&["OW"], "A knife was found in the pupil’s bag during a search."),
            cancelled: Some((cancelled_on, why)),
            represented: true,
        };
        self.issue(who, history, issuing);
    }

    /// The governing board's clock runs, and nobody has said yet why Stage 3 was not considered first (P2.03a).
    fn excluded_lately(&mut self, who: &Who<'_>) {
        let decided_on = self.school_day(5);
        let first = Session::morning(self.school_day(4));
        let Ok(permanent) = Permanent::new(decided_on, first, &self.calendar) else { return };
        let issuing = Issuing {
            exclusion: Exclusion::Permanent(permanent),
            incident: None,
            further: None,
            stage_3_considered: false,
            kept: Kept::Well,
            why: (&["DA"], "Sold cannabis to younger pupils behind the sports hall, on two days."),
            cancelled: None,
            represented: false,
        };
        self.issue(who, &mut History::default(), issuing);
    }

    /// R-45b: days at a school that keeps no records here, as somebody gave them.
    fn elsewhere(&mut self, who: &Who<'_>) -> Addend {
        let came = self.school_day(NEWCOMER_SINCE);
        let (year, term) = (dates::first_year(came), Window::of(came).term);
        let id = self.id();
        let half_days = i16::try_from(NEWCOMER_HALF_DAYS).unwrap_or_default();
        self.copy.add(
            Table::DaysElsewhere,
            &[
                &id,
                &self.authority,
                &who.school.id,
                &who.pupil.id,
                &i16::try_from(year).unwrap_or_default(),
                &term.as_str(),
                &half_days,
                &"The school before, in Wiltshire, by letter of its headteacher",
                &came,
                &clock(came, 10, 5),
                &who.school.lead.0,
            ],
        );
        Addend { place: Place::Elsewhere, year, term: Some(term), half_days: HalfDays(NEWCOMER_HALF_DAYS) }
    }

    fn suspend(&mut self, who: &Who<'_>, spells: &[Spell], history: &mut History) {
        let mut before: Option<(Uuid, Suspension)> = None;
        for spell in spells {
            let Ok(suspension) = self.lay_out(spell, before.as_ref().map(|(_, suspension)| suspension))
            else {
                continue;
            };
            let stands = self.as_it_stands(spell, suspension);
            let cancelled = match (spell.odd, stands.cancelled()) {
                (Odd::Cancelled(why), Some(back)) => Some((back.on, why)),
                _ => None,
            };
            let further = match (spell.odd, &before) {
                (Odd::Further(why), Some((id, _))) => Some((*id, why)),
                _ => None,
            };
            let issuing = Issuing {
                exclusion: Exclusion::Suspension(stands.clone()),
                incident: None,
                further,
                stage_3_considered: false,
                kept: spell.kept,
                why: spell.why(),
                cancelled,
                represented: spell.odd == Odd::Represented,
            };
            if let Some(id) = self.issue(who, history, issuing) {
                before = Some((id, stands));
            }
        }
    }

    /// Issues an exclusion the law allows, with what was done about it. None: the law does not allow it.
    fn issue(&mut self, who: &Who<'_>, history: &mut History, issuing: Issuing<'_>) -> Option<Uuid> {
        let exclusion = &issuing.exclusion;
        let (decided_on, born_on) = (exclusion.decided_on(), who.pupil.born_on);
        let about = About {
            lives_elsewhere: who.in_care_elsewhere,
            looked_after: who.pupil.looked_after,
            social_worker: who.in_care_elsewhere,
            ..About::default()
        };
        let leaver = Leaver { year: YearGroup::actual(born_on, 0, decided_on), exams_left: true };
        let weighed = history.weigh_new(exclusion, None, leaver, &self.calendar).ok()?;
        let suspension = matches!(exclusion, Exclusion::Suspension(_));
        if suspension && weighed.sum.lawful().and_then(|()| history.is_free(&exclusion.decided())).is_err() {
            return None;
        }
        let issued = Issued {
            id: ExclusionId::from(self.id()),
            link: Link::NoCase,
            incident: None,
            exclusion: issuing.exclusion.clone(),
            about: about.born(born_on, decided_on),
            exam: None,
            leaver,
            cancelled_on: issuing.cancelled.map(|(on, _)| on),
            stage_3_settled: issuing.stage_3_considered,
            records: Vec::new(),
        };
        self.row(who, &issued, &issuing);
        self.excuse(who, &issued, &issuing);
        history.issued.push(issued.clone());
        self.done(who, history, &issued, &issuing).ok()?;
        Some(issued.id.uuid())
    }

    fn row(&mut self, who: &Who<'_>, issued: &Issued, issuing: &Issuing<'_>) {
        let exclusion = &issued.exclusion;
        let (decided_on, head) = (exclusion.decided_on(), who.school.head.0);
        let sessions = |lost: &Lost, half| -> Vec<Date> {
            lost.sessions().iter().filter(|session| session.half == half).map(|session| session.on).collect()
        };
        let decided = exclusion.decided();
        let lunchtimes: Vec<Date> = decided.lunchtimes().iter().copied().collect();
        let first = match exclusion {
            Exclusion::Permanent(permanent) => Some(permanent.first()),
            Exclusion::Suspension(_) => None,
        };
        let (cancelled, back) = (issuing.cancelled, exclusion.cancelled());
        let out = first.and(back).map(|_| exclusion.lost());
        let (reasons, words) = issuing.why;
        let case = of_that_day(who, decided_on);
        self.copy.add(
            Table::Exclusions,
            &[
                &issued.id.uuid(),
                &self.authority,
                &who.school.id,
                &who.pupil.id,
                &who.pupil.enrolment,
                &case,
                &issuing.incident,
                &if first.is_some() { "permanent" } else { "suspension" },
                &decided_on,
                &"headteacher",
                &head,
                &sessions(&decided, Half::Morning),
                &sessions(&decided, Half::Afternoon),
                &lunchtimes,
                &first.map(|session| session.on),
                &first.map(|session| session.half.as_str()),
                &reasons.to_vec(),
                &words,
                &true,
                &issuing.further.map(|(id, _)| id),
                &issuing.further.map(|(_, why)| why),
                &issuing.stage_3_considered,
                &guidance(decided_on).unwrap_or("The statutory guidance of that day"),
                &who.pupil.send,
                &issued.about.looked_after,
                &issued.about.social_worker,
                &issued.about.lives_elsewhere,
                &decided_on,
                &self.issued_at(exclusion),
                &cancelled.map(|(on, _)| on),
                &cancelled.map(|(on, _)| clock(on, 11, 50).min(self.now)),
                &cancelled.map(|_| head),
                &cancelled.map(|(_, why)| why),
                &back.map(|session| session.on),
                &back.map(|session| session.half.as_str()),
                &out.as_ref().map(|lost| sessions(lost, Half::Morning)),
                &out.as_ref().map(|lost| sessions(lost, Half::Afternoon)),
            ],
        );
    }

    fn issued_at(&self, exclusion: &Exclusion) -> OffsetDateTime {
        let decided_on = exclusion.decided_on();
        let before_noon = exclusion.starts_on() == decided_on;
        let (hour, minute) = if before_noon { (11, 35) } else { (15, 10) };
        clock(decided_on, hour, minute).min(self.now)
    }

    /// S1.11: whole days out ask for no marks.
    fn excuse(&mut self, who: &Who<'_>, issued: &Issued, issuing: &Issuing<'_>) {
        let Some(case) = of_that_day(who, issued.exclusion.decided_on()) else { return };
        if issued.exclusion.is_permanent() {
            return;
        }
        let at = self.issued_at(&issued.exclusion);
        let cancelled = issuing.cancelled.map(|(on, _)| clock(on, 11, 50).min(self.now));
        let mut kept = vec![(issued.exclusion.decided(), at, cancelled)];
        // What was out before the pupil was back stays excused.
        kept.extend(cancelled.map(|at| (issued.exclusion.lost(), at, None)));
        for (lost, at, withdrawn) in kept {
            for (from, to) in lost.whole_days(&self.calendar) {
                let id = self.id();
                let none: Option<String> = None;
                self.copy.add(
                    Table::KnownAbsences,
                    &[
                        &id,
                        &self.authority,
                        &who.school.id,
                        &case,
                        &"suspended",
                        &from,
                        &to,
                        &none,
                        &"Suspension",
                        &at,
                        &who.school.head.0,
                        &withdrawn,
                        &Some(issued.id.uuid()),
                    ],
                );
            }
        }
    }
}

/// The case that was open when something was decided.
fn of_that_day(who: &Who<'_>, day: Date) -> Option<Uuid> {
    let (case, opened_on, closed_on) = who.case?;
    (opened_on <= day && closed_on.is_none_or(|closed| day <= closed)).then_some(case)
}

/// What the papers of a transfer say of the suspensions decided before a day.
pub(super) fn summary(all: &[Suspension], before: Date) -> String {
    let known: Vec<_> = all.iter().filter(|suspension| suspension.decided_on() < before).collect();
    if known.is_empty() {
        return "No suspension this school year or last. No day of the 45 is used.".to_owned();
    }
    let lines = known.iter().map(|suspension| {
        format!("Suspension of {}: {}", dates::long(suspension.decided_on()), suspension.lost().half_days())
    });
    let total: HalfDays = known.iter().map(|suspension| suspension.lost().half_days()).sum();
    format!("{}\nIn all {total} of 45. No permanent exclusion.", lines.collect::<Vec<_>>().join("\n"))
}

/// Whether the case of that number ended in a permanent exclusion.
pub(super) fn ends_in_one(n: usize) -> bool {
    placement::course(n).is_some_and(|course| course.kind == placement::Kind::Excluded)
}
