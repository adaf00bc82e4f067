//! The law of exclusions a second time, from its text (domain 2): sets of half-days, counted one by one. It shares no
//! function with `domain`, so that the two can disagree.

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Duration, Month, macros::date};

use super::super::reference::school_day;

/// A part of a day: the morning, the lunchtime, the afternoon.
pub type Part = (Date, u8);
pub const MORNING: u8 = 0;
pub const LUNCH: u8 = 1;
pub const AFTERNOON: u8 = 2;

/// What is wrong with this copy of the law; for finding out that a wrong law is noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bent {
    Nothing,
    /// T9: three parts of a day make a day and a half.
    DayHasThreeHalves,
    /// T5: exactly 45 days are refused.
    CeilingBelow45,
    /// R-45b: the count begins anew at another school.
    OwnSchoolOnly,
    /// 2.1: the year's days in place of the legal term's decide the tier.
    TierOfTheYear,
    /// T3: 15 days are tier C.
    FifteenDaysAreC,
    /// R-45d, R-45e: days out before a cancellation count no more.
    CancelledCountsNot,
    /// T10: each exclusion has its own six days.
    RunOfOneOnly,
    /// T13: a meeting of the board stops no cancellation.
    NoBarOfTheBoard,
    /// T12: nor do the 45 days.
    NoBarOf45,
    /// T16: what begins when another ends needs no reason.
    FurtherWithoutReason,
    /// N5: the authority where the pupil lives hears of suspensions too.
    HomeHearsOfAll,
    /// N9: the social worker hears of no cancellation.
    CancelledQuietly,
    /// 2.6: the board still considers what was cancelled.
    BoardGoesOn,
    /// T11: a missed exam changes nothing.
    ExamIsNothing,
}

/// Laws with one thing wrong, each of which a story shows.
pub const BENT: [Bent; 14] = [
    Bent::DayHasThreeHalves,
    Bent::CeilingBelow45,
    Bent::OwnSchoolOnly,
    Bent::TierOfTheYear,
    Bent::FifteenDaysAreC,
    Bent::CancelledCountsNot,
    Bent::RunOfOneOnly,
    Bent::NoBarOfTheBoard,
    Bent::NoBarOf45,
    Bent::FurtherWithoutReason,
    Bent::HomeHearsOfAll,
    Bent::CancelledQuietly,
    Bent::BoardGoesOn,
    Bent::ExamIsNothing,
];

/// A step about an exclusion: its kind, and of a notice which, to whom.
pub type Step = (&'static str, &'static str, &'static str);

/// Something done.
#[derive(Clone, Debug)]
pub struct Done {
    pub step: Step,
    pub on: Date,
    pub upheld: bool,
    pub taken_back: bool,
}

/// An exclusion.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are the style of the reference")]
pub struct One {
    pub decided: Date,
    /// Of a permanent one.
    pub from: Option<Part>,
    pub lost: BTreeSet<Part>,
    pub exam: Option<Part>,
    pub carer: bool,
    pub away: bool,
    pub no_exams_left: bool,
    pub settled: bool,
    pub ended_case: bool,
    /// The day it was cancelled, and the first session back.
    pub cancelled: Option<(Date, Part)>,
    pub done: Vec<Done>,
}

/// Something owed: its row, what in words, its last day, and the step that does it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owed {
    pub clause: &'static str,
    pub words: String,
    pub due: Option<Date>,
    pub step: Step,
}

/// One pupil's exclusions and what stands around them.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are the style of the reference")]
pub struct Law {
    pub bent: Bent,
    pub today: Date,
    pub year_11: bool,
    pub looked_after: bool,
    pub all: Vec<One>,
    /// Numbers of other schools: school year, legal term, half-days; taken back or not.
    pub given: Vec<(i32, Option<&'static str>, u32, bool)>,
    /// Days at a school of the authority the pupil was at before.
    pub before: BTreeSet<Part>,
    pub case_open: bool,
    pub at_stage_3: bool,
}

pub fn next_school_day(after: Date) -> Date {
    nth_school_day(after, 1)
}

pub fn nth_school_day(after: Date, n: u32) -> Date {
    let (mut day, mut left) = (after, n);
    while left > 0 {
        day += Duration::DAY;
        left -= u32::from(school_day(day));
    }
    day
}

fn school_day_before(day: Date) -> Date {
    let mut day = day - Duration::DAY;
    while !school_day(day) {
        day -= Duration::DAY;
    }
    day
}

pub fn session_after((day, part): Part) -> Part {
    if part == MORNING { (day, AFTERNOON) } else { (next_school_day(day), MORNING) }
}

/// So many sessions in a row.
pub fn sessions(first: Part, count: u32) -> BTreeSet<Part> {
    std::iter::successors(Some(first), |at| Some(session_after(*at))).take(count as usize).collect()
}

/// Only its sessions.
fn of_sessions(parts: &BTreeSet<Part>) -> BTreeSet<Part> {
    parts.iter().copied().filter(|(_, part)| *part != LUNCH).collect()
}

fn dates(parts: &BTreeSet<Part>) -> BTreeSet<Date> {
    parts.iter().map(|(day, _)| *day).collect()
}

/// The school year of the 45 days, by the day its first term begins (2.1).
pub fn school_year(day: Date) -> i32 {
    if day < date!(2027 - 09 - 02) { 2026 } else { 2027 }
}

/// The legal term a day is in: its name, its last day (2.1).
pub fn legal_term(day: Date) -> (&'static str, Date) {
    let easter_monday = if day.year() == 2027 { date!(2027 - 03 - 29) } else { date!(2028 - 04 - 17) };
    if day.month() >= Month::August {
        ("autumn", Date::from_calendar_date(day.year(), Month::December, 31).unwrap())
    } else if day < easter_monday {
        ("spring", easter_monday - Duration::DAY)
    } else {
        ("summer", Date::from_calendar_date(day.year(), Month::July, 31).unwrap())
    }
}

fn august_year(day: Date) -> i32 {
    day.year() - i32::from(day.month() < Month::August)
}

impl One {
    pub fn permanent(&self) -> bool {
        self.from.is_some()
    }

    pub fn starts_on(&self) -> Date {
        self.from.map_or_else(|| self.lost.first().unwrap().0, |from| from.0)
    }

    /// What counts of it (R-45d, R-45e).
    pub fn counts(&self) -> BTreeSet<Part> {
        match (self.from, self.cancelled) {
            (None, None) => self.lost.clone(),
            (None, Some((_, back))) => self.lost.iter().copied().filter(|part| *part < back).collect(),
            (Some(_), None) => BTreeSet::new(),
            (Some(from), Some((_, back))) => std::iter::successors(Some(from), |at| Some(session_after(*at)))
                .take_while(|at| *at < back)
                .collect(),
        }
    }

    /// The first session back.
    pub fn back(&self) -> Part {
        if let Some((_, back)) = self.cancelled {
            return back;
        }
        let last = *self.lost.last().unwrap();
        if last.1 == LUNCH { (last.0, AFTERNOON) } else { session_after(last) }
    }

    fn live(&self) -> impl Iterator<Item = &Done> {
        self.done.iter().filter(|done| !done.taken_back)
    }

    fn first(&self, kind: &str) -> Option<Date> {
        self.live().filter(|done| done.step.0 == kind).map(|done| done.on).min()
    }

    fn told(&self, step: Step) -> Option<Date> {
        self.live().filter(|done| done.step == step).map(|done| done.on).min()
    }

    /// What the board decided first: whether it stands.
    pub fn upheld(&self) -> Option<bool> {
        self.live().find(|done| done.step.0 == "board_decided").map(|done| done.upheld)
    }

    pub fn owes_explanation(&self) -> bool {
        self.permanent() && self.cancelled.is_none() && !self.settled && self.first("explained").is_none()
    }
}

impl Law {
    fn half_days<'a>(&self, parts: impl IntoIterator<Item = &'a Part>) -> u32 {
        let mut by_day: BTreeMap<Date, u32> = BTreeMap::new();
        for (day, _) in parts {
            *by_day.entry(*day).or_default() += 1;
        }
        let most = if self.bent == Bent::DayHasThreeHalves { 3 } else { 2 };
        by_day.values().map(|parts| *parts.min(&most)).sum()
    }

    fn elsewhere(&self, of: impl Fn(i32, Option<&str>) -> bool) -> u32 {
        if self.bent == Bent::OwnSchoolOnly {
            return 0;
        }
        self.given.iter().filter(|(year, term, _, back)| !back && of(*year, *term)).map(|given| given.2).sum()
    }

    /// What counted, of these exclusions and of the school before, and these parts.
    fn joined(&self, which: impl Fn(usize) -> bool, with: &BTreeSet<Part>) -> BTreeSet<Part> {
        let mut all = with.clone();
        if self.bent != Bent::OwnSchoolOnly {
            all.extend(&self.before);
        }
        for (n, one) in self.all.iter().enumerate().filter(|(n, _)| which(*n)) {
            if self.bent == Bent::CancelledCountsNot && one.cancelled.is_some() {
                continue;
            }
            all.extend(self.all[n].counts());
        }
        all
    }

    fn of_year(&self, year: i32, which: impl Fn(usize) -> bool, with: &BTreeSet<Part>) -> u32 {
        let all = self.joined(which, with);
        self.half_days(all.iter().filter(|part| school_year(part.0) == year))
            + self.elsewhere(|of, _| of == year)
    }

    fn of_term(&self, day: Date, which: impl Fn(usize) -> bool, with: &BTreeSet<Part>) -> u32 {
        if self.bent == Bent::TierOfTheYear {
            return self.of_year(school_year(day), which, with);
        }
        let (name, last) = legal_term(day);
        let all = self.joined(which, with);
        self.half_days(all.iter().filter(|part| legal_term(part.0) == (name, last)))
            + self.elsewhere(|year, term| year == august_year(last) && term == Some(name))
    }

    /// Where the pupil stands on a day: the legal term, the school year.
    pub fn stands(&self, day: Date) -> (u32, u32) {
        let none = BTreeSet::new();
        (self.of_term(day, |_| true, &none), self.of_year(school_year(day), |_| true, &none))
    }

    /// The most half-days a school year would come to.
    pub fn with(&self, lost: &BTreeSet<Part>) -> u32 {
        let years: BTreeSet<_> = lost.iter().map(|part| school_year(part.0)).collect();
        years.into_iter().map(|year| self.of_year(year, |_| true, lost)).max().unwrap_or(0)
    }

    /// Words of which the page says one, when the law refuses this (2.1, 2.2); `further`: it is said why.
    pub fn refuses(&self, one: &One, further: bool) -> Vec<&'static str> {
        let mut why = Vec::new();
        if !school_day(one.starts_on()) {
            return vec!["is not a school day"];
        }
        if one.no_exams_left && !self.year_11 {
            why.push("only so for a Year 11 pupil");
        }
        if one.permanent() {
            return why;
        }
        let suspended = || self.all.iter().filter(|other| !other.permanent());
        let taken: BTreeSet<_> = suspended().flat_map(|other| of_sessions(&other.counts())).collect();
        let wanted = of_sessions(&one.lost);
        if !wanted.is_disjoint(&taken) {
            why.push("The pupil is suspended on");
        }
        if self.ended_by(one).is_some() && !further && self.bent != Bent::FurtherWithoutReason {
            why.push("This begins when the suspension");
        }
        let over = self.with(&one.lost);
        if why.is_empty() && (over > 90 || over == 90 && self.bent == Bent::CeilingBelow45) {
            why.push("The law allows no more than 45 days");
        }
        why
    }

    /// The suspension that ends where this one begins (T16).
    pub fn ended_by(&self, one: &One) -> Option<usize> {
        let first = *of_sessions(&one.lost).first()?;
        self.all.iter().rposition(|other| {
            !other.permanent() && !of_sessions(&other.counts()).is_empty() && other.back() == first
        })
    }

    /// T5: it has to be said that the ceiling is reached.
    pub fn reaches_ceiling(&self, one: &One) -> bool {
        let years: BTreeSet<_> = one.lost.iter().map(|part| school_year(part.0)).collect();
        !one.permanent() && years.into_iter().any(|year| self.of_year(year, |_| true, &one.lost) == 90)
    }

    /// Decided before this one.
    fn earlier(&self, n: usize) -> impl Fn(usize) -> bool {
        let decided: Vec<_> = self.all.iter().map(|one| one.decided).collect();
        move |other| (decided[other], other) < (decided[n], n)
    }

    /// The board's duty from each legal term it lies in (2.5).
    pub fn tiers(&self, n: usize) -> Vec<char> {
        let one = &self.all[n];
        if one.permanent() {
            return vec!['D'];
        }
        let mut ends = BTreeMap::new();
        for (day, _) in &one.lost {
            ends.entry(legal_term(*day).1).or_insert(*day);
        }
        ends.into_values()
            .map(|day| match self.of_term(day, self.earlier(n), &one.lost) {
                _ if one.exam.is_some() && self.bent != Bent::ExamIsNothing => 'E',
                0..=10 => 'A',
                30 if self.bent == Bent::FifteenDaysAreC => 'C',
                11..=30 => 'B',
                _ => 'C',
            })
            .collect()
    }

    pub fn tier(&self, n: usize) -> char {
        self.tiers(n).into_iter().max().unwrap()
    }

    /// the day from which education is owed. None: no sixth day is reached, or the pupil is exempt.
    pub fn sixth(&self, n: usize) -> Option<Date> {
        let one = &self.all[n];
        let earlier = self.earlier(n);
        let mut out = BTreeSet::new();
        for (_, other) in self.all.iter().enumerate().filter(|(other, _)| earlier(*other)) {
            if self.bent != Bent::RunOfOneOnly {
                out.extend(dates(&of_sessions(&other.counts())));
            }
        }
        if let Some((first, _)) = one.from {
            let mut before = 1;
            let mut at = first;
            while out.contains(&school_day_before(at)) {
                at = school_day_before(at);
                before += 1;
            }
            return Some(if before >= 6 { first } else { nth_school_day(first, 6 - before) });
        }
        let own = dates(&of_sessions(&one.counts()));
        let first = *own.first()?;
        out.extend(&own);
        let mut at = first;
        while out.contains(&school_day_before(at)) {
            at = school_day_before(at);
        }
        let mut run = vec![at];
        while out.contains(&next_school_day(at)) {
            at = next_school_day(at);
            run.push(at);
        }
        run.get(5).map(|sixth| (*sixth).max(first))
    }

    pub fn exempt(&self, n: usize) -> bool {
        self.year_11 && self.all[n].no_exams_left
    }

    /// N1 to N8 (2.3): each with its last day.
    fn notices(&self, n: usize) -> Vec<Owed> {
        let one = &self.all[n];
        // A Year 11 pupil is of compulsory school age until the last Friday in June.
        let compulsory = !self.year_11 || one.decided <= date!(2027 - 06 - 25);
        let tell = |clause, words: &str, due, notice, to| Owed {
            clause,
            words: words.to_owned(),
            due: Some(due),
            step: ("told", notice, to),
        };
        let now = one.decided;
        let mut list = vec![
            tell("N1", "Tell the parents in person or by telephone", now, "word", "parents"),
            tell("N2", "Give the parents the written notice", now, "letter", "parents"),
            tell("N4", "Tell the local authority", now, "authority", "authority"),
        ];
        if compulsory {
            let words = "Give the parents the notice about the first five days";
            list.push(tell("N3", words, one.starts_on(), "public_place", "parents"));
            if let Some(sixth) = self.sixth(n).filter(|_| !self.exempt(n)) {
                let words = "Tell the parents in writing about education from the sixth day";
                list.push(tell("N3", words, sixth - Duration::days(2), "sixth_day", "parents"));
            }
        }
        if one.away && (one.permanent() || self.bent == Bent::HomeHearsOfAll) {
            let words = "Tell the local authority where the pupil lives";
            list.push(tell("N5", words, now, "authority", "home_authority"));
        }
        if one.carer {
            list.push(tell("N6", "Tell the social worker", now, "carer", "social_worker"));
        }
        if self.looked_after {
            list.push(tell("N6", "Tell the virtual school head", now, "carer", "virtual_head"));
        }
        list.push(if self.tier(n) == 'A' {
            // Once a term: with the report of the term it begins in.
            let by = legal_term(one.starts_on()).1;
            tell("N8", "Report it to the governing board for the term", by, "board_termly", "board")
        } else {
            tell("N7", "Tell the governing board", now, "board", "board")
        });
        list
    }

    /// N9: all of those, that it is cancelled.
    fn of_cancellation(&self, n: usize) -> Vec<Owed> {
        let one = &self.all[n];
        let Some((on, _)) = one.cancelled else { return Vec::new() };
        [
            (true, "the parents", "parents"),
            (true, "the governing board", "board"),
            (true, "the local authority", "authority"),
            (one.permanent() && one.away, "the local authority where the pupil lives", "home_authority"),
            (one.carer && self.bent != Bent::CancelledQuietly, "the social worker", "social_worker"),
            (self.looked_after, "the virtual school head", "virtual_head"),
        ]
        .into_iter()
        .filter(|(needed, ..)| *needed)
        .map(|(_, whom, to)| Owed {
            clause: "N9",
            words: format!("Tell {whom} in writing that it is cancelled, and why"),
            due: Some(on),
            step: ("told", "cancellation", to),
        })
        .collect()
    }

    /// Everything owed about an exclusion.
    pub fn owed(&self, n: usize) -> BTreeSet<Owed> {
        let one = &self.all[n];
        let mut all = self.notices(n);
        if one.cancelled.is_some() {
            // About days that do not come any more nobody is told.
            all.retain(|owed| owed.step.1 != "sixth_day");
        }
        all.extend(self.of_cancellation(n));
        let mut list: BTreeSet<_> = all.into_iter().filter(|owed| one.told(owed.step).is_none()).collect();
        let mut owe = |clause, words: &str, due, kind| {
            if one.first(kind).is_none() {
                list.insert(Owed { clause, words: words.to_owned(), due, step: (kind, "", "") });
            }
        };
        if let Some((on, _)) = one.cancelled {
            owe("2.6", "Offer the parents a meeting with the headteacher", Some(on), "meeting_offered");
        } else {
            if one.permanent() || !of_sessions(&one.lost).is_empty() {
                let words = "Set work for the first five days, and have it marked";
                owe("R-WK", words, Some(one.starts_on()), "work_set");
            }
            if let Some(sixth) = self.sixth(n).filter(|_| !self.exempt(n)) {
                let words = if one.permanent() {
                    "Record the full-time education the local authority arranges from the sixth day"
                } else {
                    "Arrange full-time education from the sixth day"
                };
                owe("R-6", words, Some(sixth), "education");
            }
        }
        if one.cancelled.is_none() || self.bent == Bent::BoardGoesOn {
            list.extend(self.of_the_board(n));
        }
        list
    }

    /// 2.5.
    fn of_the_board(&self, n: usize) -> Option<Owed> {
        let one = &self.all[n];
        let owe = |words: &str, due, kind| {
            Some(Owed { clause: "2.5", words: words.to_owned(), due, step: (kind, "", "") })
        };
        if let Some(decided) = one.first("board_decided") {
            let told = one.first("decision_told").is_some();
            let words = "Tell the parents what the governing board decided";
            return if told { None } else { owe(words, Some(decided), "decision_told") };
        }
        let tier = self.tier(n);
        let said = one.first("representations").is_some();
        if matches!(tier, 'A' | 'B') && !said {
            return None;
        }
        if tier == 'A' {
            return owe("The governing board considers what the parents said", None, "board_decided");
        }
        let told = ["board", "board_termly"].into_iter().filter_map(|of| one.told(("told", of, "board")));
        let told = told.min().unwrap_or(one.decided);
        let latest = nth_school_day(told, if tier == 'B' { 50 } else { 15 });
        let exam = one.exam.filter(|_| self.bent != Bent::ExamIsNothing);
        let before = exam.map(|(day, _)| school_day_before(day)).filter(|day| *day >= told);
        let due = before.map_or(latest, |before| before.min(latest));
        let words = "The governing board considers whether the pupil comes back";
        let words = if exam.is_some() { format!("{words}, before the exam") } else { words.to_owned() };
        owe(&words, Some(due), "board_decided")
    }

    /// Whether a step has its place with an exclusion as it stands.
    pub fn takes(&self, n: usize, step: Step) -> bool {
        let one = &self.all[n];
        match step.0 {
            "told" => {
                self.notices(n).iter().chain(&self.of_cancellation(n)).any(|notice| notice.step == step)
            }
            // A school may see to it from the first day.
            "education" => !one.permanent() || !self.exempt(n),
            // 2.6: the board's duty falls away.
            "representations" | "board_met" | "board_decided" => one.cancelled.is_none(),
            "decision_told" => one.upheld().is_some(),
            "meeting_offered" => one.cancelled.is_some(),
            // Only a permanent exclusion that stands is reviewed.
            "review_applied" => one.permanent() && one.upheld() == Some(true),
            "explained" => one.owes_explanation(),
            _ => true,
        }
    }

    /// Words of which the page says one, when it cannot be cancelled so (2.6). None of them: it was cancelled before.
    pub fn keeps(&self, n: usize, back: Part) -> Option<Vec<&'static str>> {
        let one = &self.all[n];
        if one.cancelled.is_some() {
            return Some(Vec::new());
        }
        if !school_day(back.0) {
            return Some(vec!["is not a school day"]);
        }
        if back.0 < one.starts_on() {
            return Some(vec!["must not be before the exclusion begins"]);
        }
        if back.0 > self.today.max(one.starts_on()) + Duration::days(14) {
            return Some(vec!["without delay"]);
        }
        match one.from {
            Some(from) if back < from => return Some(vec!["The exclusion begins with"]),
            None if back > one.back() => return Some(vec!["anyway"]),
            _ => {}
        }
        let met = one.first("board_met").is_some() && self.tier(n) != 'A';
        if met && self.bent != Bent::NoBarOfTheBoard {
            return Some(vec!["meeting about it has begun"]);
        }
        let mut cancelled = one.clone();
        cancelled.cancelled = Some((self.today, back));
        let out = cancelled.counts();
        let mut years: BTreeSet<_> = out.iter().map(|part| school_year(part.0)).collect();
        years.insert(school_year(back.0));
        let most = years.into_iter().map(|year| self.of_year(year, |other| other != n, &out)).max();
        (most > Some(90) && self.bent != Bent::NoBarOf45).then(|| vec!["more than 45 days"])
    }
}
