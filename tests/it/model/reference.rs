//! The programme a second time, from its text (requirement matrix, 7.2, 7.3): flags and counters for one pupil's
//! whole history. It shares the words of the programme with `domain` and none of its functions, so that the two
//! can disagree.

use std::collections::BTreeSet;

use time::{Date, Duration, Month, Weekday, macros::date};
use waymark::domain::stage::{Ending, Entry, UpReason};

use super::actions::{Light, Meeting, Reasons, Record, Want, Wish};

/// School terms; between them are holidays. Nothing is known of a day outside them.
pub const TERMS: [(Date, Date); 12] = [
    (date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
    (date!(2026 - 11 - 02), date!(2026 - 12 - 18)),
    (date!(2027 - 01 - 04), date!(2027 - 02 - 12)),
    (date!(2027 - 02 - 22), date!(2027 - 03 - 25)),
    (date!(2027 - 04 - 12), date!(2027 - 05 - 28)),
    (date!(2027 - 06 - 07), date!(2027 - 07 - 21)),
    (date!(2027 - 09 - 02), date!(2027 - 10 - 22)),
    (date!(2027 - 11 - 01), date!(2027 - 12 - 17)),
    (date!(2028 - 01 - 04), date!(2028 - 02 - 11)),
    (date!(2028 - 02 - 21), date!(2028 - 03 - 31)),
    (date!(2028 - 04 - 18), date!(2028 - 05 - 26)),
    (date!(2028 - 06 - 05), date!(2028 - 07 - 21)),
];

/// The one training day of the model's calendar.
pub const TRAINING: Date = date!(2026 - 11 - 20);

/// Clauses by their ids.
pub type Clauses = BTreeSet<&'static str>;

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed, with the reasons kept, the reasons still owed, and the checklist items that go along open.
    Allowed { explained: Clauses, owed: Clauses, open: Clauses },
    /// Refused: what must be put right, and what asks for a reason.
    Refused { must: Clauses, why: Clauses },
}

impl Verdict {
    pub const fn allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// What is not met, by class.
#[derive(Clone, Debug, Default)]
struct Unmet {
    must: Clauses,
    should: Clauses,
    check: Clauses,
}

/// A target.
#[derive(Clone, Debug)]
pub struct Target {
    pub from: Date,
    pub written: Date,
    pub last: Option<Date>,
    pub light: Option<Light>,
}

/// A meeting.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are the style of the reference")]
pub struct Met {
    pub kind: Meeting,
    pub held: bool,
    pub signed: bool,
    pub service: bool,
    pub says_why_no_service: bool,
}

/// One case.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are the style of the reference")]
pub struct Case {
    pub open: bool,
    pub stage: u8,
    pub entry: u8,
    pub since: Date,
    pub extensions: u32,
    pub ended: Option<(Date, &'static str)>,
    pub targets: Vec<Target>,
    pub meetings: Vec<Met>,
    pub services: bool,
    /// The school's own or a service's; first and last day.
    pub support: Vec<(bool, Date, Option<Date>)>,
    excused: BTreeSet<Date>,
    reviewed: Option<Date>,
    early_help: [bool; 4],
    told_parents: bool,
    told_pupil: bool,
    told_by_la_or_why: bool,
    leaflet_parents: bool,
    leaflet_pupil: bool,
    contract: bool,
    restorative: bool,
    recognition: bool,
    sanctions_parents: bool,
    sanctions_pupil: bool,
    said_improves: bool,
    said_fails: bool,
    reminded_parents: bool,
    reminded_pupil: bool,
    considered_3: bool,
    /// Entries to Stage 3 at which every alternative was looked at, by their day.
    looked: BTreeSet<Date>,
    not_applicable: Clauses,
}

/// One pupil.
#[derive(Clone, Debug)]
pub struct Pupil {
    pub today: Date,
    pub year: i16,
    pub on_roll: bool,
    pub incidents: u32,
    /// The latest incident is serious or very serious.
    pub latest_grave: bool,
    pub cases: Vec<Case>,
}

fn monday(day: Date) -> Date {
    day - Duration::days(i64::from(day.weekday().number_days_from_monday()))
}

fn weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn known(day: Date) -> bool {
    day >= TERMS[0].0 && day <= TERMS[TERMS.len() - 1].1
}

/// Pupils are in.
pub fn school_day(day: Date) -> bool {
    weekday(day) && day != TRAINING && TERMS.iter().any(|(from, to)| (*from..=*to).contains(&day))
}

/// Days after `from` up to `to`.
fn days_after(from: Date, to: Date) -> impl Iterator<Item = Date> {
    (1..=(to - from).whole_days()).map(move |n| from + Duration::days(n))
}

/// School weeks after the week of `from` with a school day up to `to`; none: the calendar does not say.
fn school_weeks_after(from: Date, to: Date) -> Option<usize> {
    let mut weeks = BTreeSet::new();
    for day in days_after(monday(from) + Duration::days(6), to).filter(|day| weekday(*day)) {
        if !known(day) {
            return None;
        }
        if school_day(day) {
            weeks.insert(monday(day));
        }
    }
    Some(weeks.len())
}

/// "Soon": the day itself, or until the first school day after it.
fn soon_after(ended: Date, today: Date) -> bool {
    today == ended
        || days_after(ended, today - Duration::DAY).all(|day| known(day) && !school_day(day)) && {
            // The calendar reaches as far as the first school day.
            days_after(ended, ended + Duration::days(70)).take_while(|day| known(*day)).any(school_day)
        }
}

fn school_year(day: Date) -> i32 {
    day.year() - i32::from(day.month() < Month::September)
}

impl Case {
    /// A case that begins.
    fn begins(stage: u8, today: Date) -> Self {
        Self {
            open: true,
            stage,
            entry: stage,
            since: today,
            extensions: 0,
            ended: None,
            targets: Vec::new(),
            meetings: Vec::new(),
            services: false,
            support: Vec::new(),
            excused: BTreeSet::new(),
            reviewed: None,
            early_help: [false; 4],
            told_parents: false,
            told_pupil: false,
            told_by_la_or_why: false,
            leaflet_parents: false,
            leaflet_pupil: false,
            contract: false,
            restorative: false,
            recognition: false,
            sanctions_parents: false,
            sanctions_pupil: false,
            said_improves: false,
            said_fails: false,
            reminded_parents: false,
            reminded_pupil: false,
            considered_3: false,
            looked: BTreeSet::new(),
            not_applicable: Clauses::new(),
        }
    }

    /// Targets worked on today.
    pub fn live(&self, today: Date) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.last.is_none_or(|last| last >= today))
    }

    /// Targets nobody ended.
    pub fn standing(&self) -> usize {
        self.targets.iter().filter(|target| target.last.is_none()).count()
    }

    /// The meeting of this kind that is planned or held and not signed.
    pub fn unsigned(&mut self, kind: Meeting) -> Option<&mut Met> {
        self.meetings.iter_mut().find(|met| met.kind == kind && !met.signed)
    }

    fn signed(&self, kind: Meeting) -> Option<&Met> {
        self.meetings.iter().rfind(|met| met.kind == kind && met.signed)
    }

    fn own_support(&self, today: Date) -> bool {
        self.support.iter().any(|(own, from, to)| *own && *from <= today && to.is_none_or(|to| to >= today))
    }

    fn explained(&self) -> bool {
        self.told_parents && self.told_pupil && self.told_by_la_or_why
    }

    /// Whether it could be recorded at all: there is something to change, and its form takes it.
    fn can_hold(&self, record: &Record, today: Date) -> bool {
        let unsigned = |kind: &Meeting| self.meetings.iter().any(|met| met.kind == *kind && !met.signed);
        match record {
            Record::TargetAnew | Record::TargetEnds => self.standing() > 0,
            Record::Excused(ago) => school_day(today - Duration::days(*ago)),
            Record::Planned(kind) => !unsigned(kind),
            Record::Held(kind, _) => {
                self.meetings.iter().any(|met| met.kind == *kind && !met.signed && !met.held)
            }
            Record::Signed(kind) => unsigned(kind),
            Record::SupportEnds => self.support.iter().any(|(_, _, to)| to.is_none()),
            Record::Reviewed(_) => self.live(today).next().is_some(),
            // The form wants somebody told or what was tried, and why it was not the LA representative.
            Record::Explanation { by_la, why_not_la, parents, pupil, attempts } => {
                (*by_la || *why_not_la) && (*parents || *pupil || *attempts)
            }
            Record::SanctionsAdvised { parents, pupil } => *parents || *pupil,
            Record::OutcomesReminded { improves, fails, parents, pupil } => {
                (*improves || *fails) && (*parents || *pupil)
            }
            // Only what is on the list and open can be said not to apply.
            Record::NotApplicable(clause) => self.open_items(self.stage, today).contains(clause),
            // They are looked at once at each entry, and only there.
            Record::Looked => self.stage == 3 && !self.looked.contains(&self.since),
            // S1.08: the day sheet holds five.
            Record::Target => self.standing() < 5,
            Record::Support { .. }
            | Record::EarlyHelp
            | Record::Leaflet { .. }
            | Record::Contract
            | Record::Restorative { .. }
            | Record::Recognition
            | Record::Stage3Considered
            | Record::Participation
            | Record::Services { .. } => true,
        }
    }

    /// Keeps a record.
    pub fn record(&mut self, record: &Record, today: Date) {
        match record {
            Record::Target => {
                self.targets.push(Target { from: today, written: today, last: None, light: None });
            }
            Record::TargetAnew => {
                if let Some(target) = self.targets.iter_mut().find(|target| target.last.is_none()) {
                    target.written = today;
                }
            }
            Record::TargetEnds => {
                if let Some(target) = self.targets.iter_mut().find(|target| target.last.is_none()) {
                    target.last = Some(today);
                }
            }
            Record::Excused(ago) => {
                self.excused.insert(today - Duration::days(*ago));
            }
            Record::Planned(kind) => self.meetings.push(Met {
                kind: *kind,
                held: false,
                signed: false,
                service: false,
                says_why_no_service: false,
            }),
            Record::Held(kind, service) => {
                if let Some(met) = self.unsigned(*kind) {
                    (met.held, met.service) = (true, *service);
                }
            }
            Record::Signed(kind) => {
                let services = self.services;
                if let Some(met) = self.unsigned(*kind) {
                    (met.held, met.signed) = (true, true);
                    met.says_why_no_service = services && !met.service;
                }
            }
            Record::Support { own } => self.support.push((*own, today, None)),
            Record::SupportEnds => {
                if let Some((_, _, to)) = self.support.iter_mut().find(|(_, _, to)| to.is_none()) {
                    *to = Some(today);
                }
            }
            Record::Reviewed(light) => {
                self.reviewed = Some(monday(today));
                for target in &mut self.targets {
                    if target.last.is_none_or(|last| last >= today) {
                        target.light = Some(*light);
                    }
                }
            }
            Record::EarlyHelp => self.early_help[usize::from(self.stage)] = true,
            Record::Explanation { by_la, why_not_la, parents, pupil, attempts } => {
                self.told_parents |= *parents || *attempts;
                self.told_pupil |= pupil;
                self.told_by_la_or_why |= *by_la || *why_not_la;
            }
            Record::Leaflet { to_pupil: true } => self.leaflet_pupil = true,
            Record::Leaflet { to_pupil: false } => self.leaflet_parents = true,
            Record::Contract => self.contract = true,
            Record::Restorative { .. } => self.restorative = true,
            Record::Recognition => self.recognition = true,
            Record::SanctionsAdvised { parents, pupil } => {
                self.sanctions_parents |= parents;
                self.sanctions_pupil |= pupil;
            }
            Record::OutcomesReminded { improves, fails, parents, pupil } => {
                self.said_improves |= improves;
                self.said_fails |= fails;
                self.reminded_parents |= parents;
                self.reminded_pupil |= pupil;
            }
            Record::Stage3Considered => self.considered_3 = true,
            Record::Looked => {
                self.looked.insert(self.since);
            }
            Record::Participation => {}
            Record::Services { any } => self.services = *any,
            Record::NotApplicable(clause) => {
                self.not_applicable.insert(clause);
            }
        }
    }

    /// The checklist of the stages up to `stage`: what is open.
    fn open_items(&self, stage: u8, today: Date) -> Clauses {
        let service_came_or_why = |met: &Met| !self.services || met.service || met.says_why_no_service;
        let mut list = vec![
            (1, "S1.02", self.signed(Meeting::Stage1).is_some()),
            (1, "S1.02-contract", self.contract),
            (1, "S1.03", self.early_help.contains(&true)),
            (1, "S1.04", self.explained()),
            (1, "S1.05", self.leaflet_parents && self.leaflet_pupil),
            (
                1,
                "S1.06",
                self.restorative
                    || self.meetings.iter().any(|met| met.kind == Meeting::Restorative && met.held),
            ),
            (1, "S1.07", self.own_support(today)),
            (1, "S1.09", self.recognition),
            (2, "S2.01", self.signed(Meeting::Stage2).is_some_and(service_came_or_why)),
            (2, "S2.02", self.early_help[2]),
            (2, "S2.03", self.sanctions_parents && self.sanctions_pupil),
            (
                2,
                "S2.04",
                self.said_improves && self.said_fails && self.reminded_parents && self.reminded_pupil,
            ),
            // Nobody is suspended here, so the reason why not is all there can be.
            (3, "S3.01", false),
            (3, "S3.03", self.signed(Meeting::Stage3).is_some()),
            // The same people are asked to every meeting.
            (
                3,
                "S3.03-input",
                !self.meetings.iter().any(|met| met.kind != Meeting::Stage3 && met.held)
                    || self.meetings.iter().any(|met| met.kind == Meeting::Stage3),
            ),
            (3, "S3.04", self.looked.contains(&self.since)),
            // None is chosen in these stories.
            (3, "S3.05-sought", false),
            (3, "S3.06", self.early_help[3]),
        ];
        list.retain(|(of, clause, done)| *of <= stage && !done && !self.not_applicable.contains(clause));
        list.into_iter().map(|(_, clause, _)| clause).collect()
    }

    /// Expected monitoring days of the stage so far, today left out; none: the calendar does not say.
    fn monitored(&self, today: Date) -> Option<usize> {
        let worked_on = |day: &Date| {
            self.targets.iter().any(|target| (target.from..=target.last.unwrap_or(today)).contains(day))
        };
        let days = days_after(self.since - Duration::DAY, today - Duration::DAY).filter(worked_on);
        let mut count = 0;
        for day in days {
            if !known(day) {
                return None;
            }
            count += usize::from(school_day(day) && !self.excused.contains(&day));
        }
        Some(count)
    }
}

impl Pupil {
    /// A pupil nothing is known of yet.
    pub const fn new(today: Date, year: i16) -> Self {
        Self { today, year, on_roll: true, incidents: 0, latest_grave: false, cases: Vec::new() }
    }

    /// Days pass, and with September the year.
    pub fn wait(&mut self, days: i64) {
        let before = school_year(self.today);
        self.today += Duration::days(days);
        self.year += i16::from(school_year(self.today) > before);
    }

    /// The case a wish is about: the latest, or the one before it.
    pub fn about(&self, want: &Want) -> Option<usize> {
        let back = if matches!(want, Want::Reopen { earlier: true, .. }) { 2 } else { 1 };
        self.cases.len().checked_sub(back)
    }

    /// Whether the latest case can hold a record: it is open, and what the record rests on is there.
    pub fn can_hold(&self, record: &Record) -> bool {
        let rests = !matches!(record, Record::Stage3Considered) || self.incidents > 0;
        rests && self.cases.last().is_some_and(|case| case.open && case.can_hold(record, self.today))
    }

    /// What the programme would answer if the headteacher asked.
    pub fn verdict_for_head(&self, wish: &Wish) -> Verdict {
        self.answer(&wish.what, true, &wish.reasons)
    }

    /// What the programme answers.
    pub fn verdict(&self, wish: &Wish) -> Verdict {
        self.answer(&wish.what, wish.by_head, &wish.reasons)
    }

    fn answer(&self, want: &Want, by_head: bool, reasons: &Reasons) -> Verdict {
        let unmet = self.unmet(want, by_head);
        let (explained, owed): (Clauses, Clauses) =
            unmet.should.iter().copied().partition(|clause| reasons.explains(clause));
        // Principle one: a statutory power, or the fact that the pupil has gone, waits for no reason.
        let statutory = matches!(want, Want::Close(Ending::Excluded | Ending::Left | Ending::MovedOut));
        let completes = matches!(want, Want::Exit { .. });
        let mut must = unmet.must;
        if completes {
            must.extend(&unmet.check);
        }
        if must.is_empty() && (owed.is_empty() || statutory) {
            // A reason may also be kept beside an open checklist item.
            let beside = unmet.check.iter().copied().filter(|clause| reasons.explains(clause));
            let explained = explained.iter().copied().chain(beside).collect();
            Verdict::Allowed { explained, owed, open: unmet.check }
        } else {
            Verdict::Refused { must, why: owed }
        }
    }

    #[expect(clippy::too_many_lines, reason = "what each step asks, one after the other as in the text")]
    fn unmet(&self, want: &Want, by_head: bool) -> Unmet {
        let mut unmet = Unmet::default();
        let mut must = |clause, met: bool| {
            if !met {
                unmet.must.insert(clause);
            }
        };
        let mut should = |clause, met: bool| {
            if !met {
                unmet.should.insert(clause);
            }
        };
        let case = self.about(want).map(|n| &self.cases[n]);
        let today = self.today;
        let other_open = self.cases.iter().enumerate().any(|(n, other)| {
            other.open && (matches!(want, Want::Open { .. }) || Some(n) != self.about(want))
        });
        let in_programme = self.on_roll && (7..=11).contains(&self.year);
        // 7.3: what there is from here.
        must(
            "7.3",
            match (want, case) {
                (Want::Open { .. }, _) => true,
                (Want::Up { to, .. }, Some(case)) => case.open && *to > case.stage,
                (Want::Down { to }, Some(case)) => case.open && *to < case.stage,
                (Want::Extend { .. } | Want::Exit { .. } | Want::Close(_), Some(case)) => case.open,
                (Want::Reopen { stage, .. }, Some(case)) => match case.ended {
                    Some((_, "excluded")) => *stage == 3,
                    Some((on, _)) => *stage == case.stage && soon_after(on, today),
                    None => false,
                },
                (_, None) => false,
            },
        );
        match (want, case) {
            (Want::Open { stage, reason, incident, in_view, lead, rationale, tried }, _) => {
                let serious = *reason == Entry::SeriousIncident;
                must("T.01", in_programme);
                must("A16", !other_open);
                must("S1.01", *lead);
                must("R1.04", *rationale);
                // A serious incident is the reason by itself where it leads straight to a higher stage.
                should("R1.03", *tried || (serious && *stage > 1));
                must("A8", *stage == 1 || by_head);
                // "Only with entry reason serious incident. Entry at 2 for other reasons: WARN"; A17 lets a
                // continuation choose.
                let only = serious || *reason == Entry::Continuation || *stage == 1;
                if *stage == 3 {
                    must("A1", only);
                } else {
                    should("A1", only);
                }
                if serious || *stage == 3 {
                    must("S3.00", self.rests_on(*incident, serious));
                }
                must("S3.00-HT", *stage < 3 || *in_view);
            }
            (Want::Up { to, reason, incident, in_view }, Some(case)) => {
                let serious = *reason == UpReason::SeriousIncident;
                let from = case.stage;
                must("A8", by_head);
                if serious || *to == 3 {
                    must("S3.00", self.rests_on(*incident, serious));
                }
                must("S3.00-HT", *to < 3 || *in_view);
                let mut open = case.open_items(from, today);
                if from == 1 {
                    // To leave Stage 1 upward.
                    should("S1.07", case.own_support(today));
                    open.remove("S1.07");
                }
                if (from, *to) == (1, 2) {
                    let enough = case.monitored(today).is_some_and(|days| days >= 20);
                    should("S1.15", *reason != UpReason::NotImproving || enough);
                    should("S1.04", case.explained());
                    open.remove("S1.04");
                }
                if (from, *to) == (1, 3) {
                    should("A5", serious);
                }
                if from == 2 {
                    let minutes = case.signed(Meeting::Stage2).is_some();
                    if serious {
                        should("S2.05", minutes);
                    } else {
                        must("S2.05", minutes);
                    }
                }
                unmet.check = open;
            }
            (Want::Down { .. }, Some(case)) => {
                must("A8", by_head);
                must("A4", case.live(today).any(|target| today - target.written <= Duration::days(14)));
                unmet.check = case.open_items(case.stage, today);
            }
            (Want::Extend { days }, Some(case)) => {
                must("S1.14-date", *days > 0);
                should("S1.14", case.extensions < 2);
                must("S1.10", *days >= 0);
                let weeks = school_weeks_after(today, today + Duration::days(*days));
                should("S1.10", *days < 0 || weeks.is_some_and(|weeks| weeks <= 6));
            }
            (Want::Exit { parents, pupil, recognised }, Some(case)) => {
                must("A8", by_head);
                let lights: Vec<_> = case.live(today).map(|target| target.light).collect();
                must("S1.14-rated", !lights.is_empty() && lights.iter().all(Option::is_some));
                let final_review = case.reviewed.and_then(|week| school_weeks_after(week, today));
                must("S1.14-review", final_review.is_some_and(|weeks| weeks <= 1));
                must("S1.14-told", *parents && *pupil);
                must("S1.14-recognised", *recognised);
                should("S1.14-met", lights.iter().all(|light| *light == Some(Light::Green)));
                should("S1.14-week", case.monitored(today).is_some_and(|days| days >= 5));
                // Stage 2 cannot be completed without its minutes, whatever its checklist says.
                must("S2.05", case.stage != 2 || case.signed(Meeting::Stage2).is_some());
                unmet.check = case.open_items(case.stage, today);
            }
            (Want::Close(ending), Some(case)) => {
                should("P2.03a", *ending != Ending::Excluded || case.stage == 3 || case.considered_3);
                should("A17", *ending != Ending::OpenedInError);
            }
            (Want::Reopen { .. }, Some(_)) => {
                must("A8", by_head);
                must("T.01", in_programme);
                must("A16", !other_open);
            }
            (_, None) => {}
        }
        unmet
    }

    /// The incident a move rests on is there, and one that is called serious is recorded so.
    fn rests_on(&self, named: bool, serious: bool) -> bool {
        named && self.incidents > 0 && (self.latest_grave || !serious)
    }

    /// What is then the case.
    pub fn happens(&mut self, want: &Want) {
        let (about, today) = (self.about(want), self.today);
        let case = about.map(|n| &mut self.cases[n]);
        match (want, case) {
            (Want::Open { stage, .. }, _) => self.cases.push(Case::begins(*stage, today)),
            (
                Want::Up { to: stage, .. } | Want::Down { to: stage } | Want::Reopen { stage, .. },
                Some(case),
            ) => {
                (case.open, case.stage, case.since, case.ended) = (true, *stage, today, None);
                case.extensions = 0;
            }
            (Want::Extend { .. }, Some(case)) => case.extensions += 1,
            (Want::Exit { .. }, Some(case)) => {
                (case.open, case.ended) = (false, Some((today, "progress")));
            }
            (Want::Close(ending), Some(case)) => {
                let how = match ending {
                    Ending::MovedOut => "moved_out",
                    Ending::Left => "left",
                    Ending::Excluded => "excluded",
                    Ending::OpenedInError => "opened_in_error",
                };
                (case.open, case.ended) = (false, Some((today, how)));
            }
            (_, None) => {}
        }
    }
}
