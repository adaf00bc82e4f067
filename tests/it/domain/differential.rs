//! The law of exclusions against a brute force in another style: days are numbers, a pupil's absences are a row
//! of bits, every count is a loop over calendar days. Nothing here calls `domain::suspension` to know an
//! answer.

use std::thread;

use time::{Date, Duration, macros::date};
use waymark::domain::{
    calendar::{SchoolCalendar, Span, SpanKind},
    pupil::YearGroup,
    suspension::{
        HalfDays, Refused, Session,
        count::{self, Addend, Counted, Ledger, Place, Sum},
        lost::Lost,
        record::{Away, Exclusion, Plan, Suspension},
        run::{self, Leaver, SixthDay},
        terms::{LegalTerm, Years},
        tiers::{self, Deadline, Tier},
    },
};

const CASES: u64 = 100_000;

/// Day nought. A Friday.
const ZERO: Date = date!(2025 - 08 - 01);
/// Days of two years.
const DAYS: usize = 730;
/// The last days of the legal terms, by hand: Easter Sunday was 5 April 2026 and 28 March 2027.
const LAST_DAYS: [Date; 6] = [
    date!(2025 - 12 - 31),
    date!(2026 - 04 - 05),
    date!(2026 - 07 - 31),
    date!(2026 - 12 - 31),
    date!(2027 - 03 - 28),
    date!(2027 - 07 - 31),
];

/// A small generator of numbers, always the same from the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    fn between(&mut self, least: usize, most: usize) -> usize {
        least + usize::try_from(self.roll((most - least + 1) as u64)).unwrap()
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll(n) == 0
    }
}

fn date_of(day: usize) -> Date {
    ZERO + Duration::days(i64::try_from(day).unwrap())
}

fn day_of(date: Date) -> usize {
    usize::try_from((date - ZERO).whole_days()).unwrap()
}

/// A school's two years: the calendar under test, and the plain list of its days.
struct School {
    calendar: SchoolCalendar,
    open: Vec<bool>,
    first: usize,
    last: usize,
    second_year: usize,
}

fn school(dice: &mut Dice) -> School {
    let mut spans = Vec::new();
    let mut open = vec![false; DAYS];
    let mut edges = Vec::new();
    // Six terms a year, each with a few days' play; Term 4 or 5 may run over Easter.
    for (from, to) in [
        (date!(2025 - 09 - 01), date!(2025 - 10 - 22)),
        (date!(2025 - 11 - 03), date!(2025 - 12 - 17)),
        (date!(2026 - 01 - 05), date!(2026 - 02 - 11)),
        (date!(2026 - 02 - 23), date!(2026 - 04 - 01)),
        (date!(2026 - 04 - 13), date!(2026 - 05 - 20)),
        (date!(2026 - 06 - 01), date!(2026 - 07 - 20)),
        (date!(2026 - 09 - 01), date!(2026 - 10 - 21)),
        (date!(2026 - 11 - 02), date!(2026 - 12 - 16)),
        (date!(2027 - 01 - 04), date!(2027 - 02 - 10)),
        (date!(2027 - 02 - 22), date!(2027 - 03 - 31)),
        (date!(2027 - 04 - 12), date!(2027 - 05 - 26)),
        (date!(2027 - 06 - 07), date!(2027 - 07 - 21)),
    ] {
        let (from, to) = (day_of(from) + dice.between(0, 3), day_of(to) + dice.between(0, 7));
        edges.push((from, to));
        for (day, is_open) in open.iter_mut().enumerate().take(to + 1).skip(from) {
            // Day nought is a Friday: 1 is a Saturday, 2 a Sunday.
            *is_open = day % 7 != 1 && day % 7 != 2;
        }
        spans.push(Span { kind: SpanKind::Term, name: "Term".into(), from: date_of(from), to: date_of(to) });
    }
    for _ in 0..dice.between(0, 14) {
        let day = dice.between(0, DAYS - 5);
        let (kind, length) =
            [(SpanKind::Inset, 1), (SpanKind::Closure, 3), (SpanKind::BankHoliday, 1)][dice.between(0, 2)];
        for closed in &mut open[day..day + length] {
            *closed = false;
        }
        let to = date_of(day + length - 1);
        spans.push(Span { kind, name: "Closed".into(), from: date_of(day), to });
    }
    let (first, last, second_year) = (edges[0].0, edges[11].1, edges[6].0);
    School { calendar: SchoolCalendar::new(spans), open, first, last, second_year }
}

/// What was lost, bits for each day: 1 the morning, 2 the lunchtime, 4 the afternoon.
#[derive(Clone)]
struct Flags(Vec<u8>);

/// Out for a session.
const OUT: u8 = 5;

/// Half-days that bits of one day count for.
fn halves(bits: u8) -> u32 {
    bits.count_ones().min(2)
}

impl Flags {
    fn none() -> Self {
        Self(vec![0; DAYS])
    }

    fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }
}

/// A stretch of sessions, and lunchtimes, as numbers.
struct Stretch {
    day: usize,
    afternoon: bool,
    halves: usize,
    lunches: Vec<usize>,
}

impl Stretch {
    fn some(dice: &mut Dice, school: &School, most: usize) -> Self {
        let open_day = |dice: &mut Dice| {
            loop {
                let day = dice.between(school.first, school.last);
                if school.open[day] {
                    return day;
                }
            }
        };
        let day = open_day(dice);
        let mut lunches = Vec::new();
        while dice.one_in(4) && lunches.len() < 3 {
            // Some on a day of the stretch itself.
            lunches.push(if dice.one_in(2) { day } else { open_day(dice) });
        }
        let halves = if !lunches.is_empty() && dice.one_in(3) { 0 } else { dice.between(1, most) };
        Self { day, afternoon: dice.one_in(2), halves, lunches }
    }

    /// None: the calendar ends before the stretch does.
    fn flags(&self, school: &School) -> Option<Flags> {
        let mut flags = Flags::none();
        for lunch in &self.lunches {
            flags.0[*lunch] |= 2;
        }
        let (mut left, mut day) = (self.halves, self.day);
        while left > 0 {
            if day > school.last {
                return None;
            }
            for bit in [1, 4] {
                let too_soon = day == self.day && self.afternoon && bit == 1;
                if left > 0 && school.open[day] && !too_soon {
                    flags.0[day] |= bit;
                    left -= 1;
                }
            }
            day += 1;
        }
        Some(flags)
    }

    fn suspension(&self, school: &School) -> Result<Suspension, Refused> {
        let on = date_of(self.day);
        let first = if self.afternoon { Session::afternoon(on) } else { Session::morning(on) };
        let half_days = HalfDays(u32::try_from(self.halves).unwrap());
        let earliest = self.lunches.iter().copied().chain([self.day]).min().unwrap();
        Plan {
            decided_on: date_of(earliest),
            away: (self.halves > 0).then_some(Away { first, half_days }),
            lunchtimes: self.lunches.iter().map(|day| date_of(*day)).collect(),
        }
        .lay_out(&school.calendar)
    }
}

/// How often each thing came up, so that the test is known to have tried it.
#[derive(Debug, Default)]
struct Tried {
    beyond: u64,
    tiers: [u64; 3],
    sixth: u64,
    over: u64,
    reached: u64,
    two_terms: u64,
    two_years: u64,
    no_deadline: u64,
    cancelled: u64,
}

/// The `n`th open day after a day, by walking.
fn nth(school: &School, day: usize, n: usize) -> Option<usize> {
    (day + 1..=school.last).filter(|day| school.open[*day]).nth(n - 1)
}

/// A pupil's past at two schools: as the law is given it, and as bits at this school and at the other.
fn past(dice: &mut Dice, here: &School, there: &School, tried: &mut Tried) -> (Ledger, Flags, Flags) {
    let mut ledger = Ledger::default();
    let (mut ours, mut theirs) = (Flags::none(), Flags::none());
    // What happened before, at either school.
    for _ in 0..dice.between(0, 3) {
        let elsewhere = dice.one_in(3);
        let (school, place) = if elsewhere { (there, Place::Elsewhere) } else { (here, Place::Here) };
        let stretch = Stretch::some(dice, school, 14);
        let (Some(mut flags), Ok(mut suspension)) = (stretch.flags(school), stretch.suspension(school))
        else {
            assert!(stretch.flags(school).is_none() && stretch.suspension(school).is_err());
            continue;
        };
        if dice.one_in(5) {
            // Cancelled: back some days in, in the morning or the afternoon.
            let (day, afternoon) = (stretch.day + dice.between(0, 6), dice.one_in(2));
            let back =
                if afternoon { Session::afternoon(date_of(day)) } else { Session::morning(date_of(day)) };
            suspension = suspension.cancelled_from(back);
            if let Some(bits) = flags.0.get_mut(day) {
                *bits &= if afternoon { 3 } else { 0 };
            }
            flags.0[(day + 1).min(DAYS)..].fill(0);
            tried.cancelled += 1;
        }
        if elsewhere {
            theirs.join(&flags);
        } else {
            ours.join(&flags);
        }
        ledger.exclusions.extend(Counted::of(&Exclusion::Suspension(suspension), place));
    }
    // And as numbers, which brings some totals near the ceiling.
    for _ in 0..dice.between(0, 2) {
        ledger.elsewhere.push(Addend {
            place: Place::Elsewhere,
            year: 2025 + i32::from(dice.one_in(2)),
            term: match dice.roll(4) {
                0 => None,
                1 => Some(LegalTerm::Autumn),
                2 => Some(LegalTerm::Spring),
                _ => Some(LegalTerm::Summer),
            },
            half_days: HalfDays(u32::try_from(dice.roll(70)).unwrap()),
        });
    }

    (ledger, ours, theirs)
}

/// A suspension in question, with all that was before it.
struct Case<'a> {
    here: &'a School,
    ledger: Ledger,
    ours: Flags,
    theirs: Flags,
    stretch: Stretch,
    flags: Flags,
    suspension: Suspension,
    sum: Sum,
}

fn one_case(dice: &mut Dice, here: &School, there: &School, tried: &mut Tried) {
    let (ledger, ours, theirs) = past(dice, here, there, tried);
    let stretch = Stretch::some(dice, here, 24);
    let Some(flags) = stretch.flags(here) else {
        assert!(matches!(stretch.suspension(here), Err(Refused::NotLoaded(_))));
        tried.beyond += 1;
        return;
    };
    let suspension = stretch.suspension(here).unwrap();
    let sum = count::sum(&ledger, &suspension.lost(), Years::Calendar(&here.calendar)).unwrap();
    let case = Case { here, ledger, ours, theirs, stretch, flags, suspension, sum };
    terms_and_tiers(&case, tried);
    years(&case, tried);
    sixth_day(&case, tried);
    // The 15th and the 50th school day after the board was told.
    let told = dice.between(here.first, here.last);
    for (tier, n) in [(Tier::C, 15), (Tier::B, 50)] {
        let found = tiers::consider_by(tier, date_of(told), &here.calendar).unwrap();
        let expected = nth(here, told, n);
        assert_eq!(found.day().map(day_of), expected, "school day {n} after {}", date_of(told));
        tried.no_deadline += u64::from(expected.is_none());
    }
}

/// What each legal term comes to, day by day, and what the board has to do.
fn terms_and_tiers(case: &Case<'_>, tried: &mut Tried) {
    let Case { ledger, ours, theirs, flags, suspension, sum, .. } = case;
    let mut expected = Vec::new();
    let mut from = 0;
    for (n, last) in LAST_DAYS.into_iter().enumerate() {
        let (mut touched, mut total, last_day) = (false, 0, day_of(last));
        while from <= last_day {
            touched |= flags.0[from] > 0;
            total += halves(ours.0[from] | theirs.0[from] | flags.0[from]);
            from += 1;
        }
        if !touched {
            continue;
        }
        let term = [LegalTerm::Autumn, LegalTerm::Spring, LegalTerm::Summer][n % 3];
        let year = if n < 3 { 2025 } else { 2026 };
        let given: u32 = ledger
            .elsewhere
            .iter()
            .filter(|addend| addend.year == year && addend.term == Some(term))
            .map(|addend| addend.half_days.0)
            .sum();
        expected.push((last, given + total));
    }
    let found: Vec<_> = sum.windows.iter().map(|w| (w.window.to, w.split.total().0)).collect();
    assert_eq!(found, expected, "legal terms");
    tried.two_terms += u64::from(expected.len() > 1);

    // The board's tier of each legal term.
    let exclusion = Exclusion::Suspension(suspension.clone());
    let duties = tiers::board_duties(&exclusion, sum, &[]);
    assert_eq!(duties.len(), expected.len());
    for (duty, (_, halves)) in duties.iter().zip(&expected) {
        let (n, tier) = match *halves {
            0..11 => (0, Tier::A),
            11..31 => (1, Tier::B),
            31.. => (2, Tier::C),
        };
        assert_eq!(duty.tier, tier, "{halves} half-days");
        tried.tiers[n] += 1;
    }
}

/// The school years, and the ceiling of 45 days over both schools.
fn years(case: &Case<'_>, tried: &mut Tried) {
    let Case { here, ledger, ours, theirs, flags, sum, .. } = case;
    let mut worst = 0;
    let mut totals = Vec::new();
    let august = day_of(date!(2026 - 08 - 01));
    for year in [0, 1] {
        let (mut touched, mut total) = (false, 0);
        for day in 0..DAYS {
            // The other school's year turns on 1 August, whatever its terms.
            let mine =
                if usize::from(day >= here.second_year) == year { ours.0[day] | flags.0[day] } else { 0 };
            let other = if usize::from(day >= august) == year { theirs.0[day] } else { 0 };
            touched |= mine > 0 && flags.0[day] > 0;
            total += if mine | other == 0 { 0 } else { halves(mine | other) };
        }
        if !touched {
            continue;
        }
        let given = ledger.elsewhere.iter().filter(|addend| addend.year == 2025 + i32::from(year == 1));
        total += given.map(|addend| addend.half_days.0).sum::<u32>();
        worst = worst.max(total);
        totals.push(total);
    }
    let found: Vec<_> = sum.years.iter().map(|year| year.split.total().0).collect();
    assert_eq!(found, totals, "school years");
    assert_eq!(sum.lawful().is_ok(), worst <= 90, "{worst} half-days");
    assert_eq!(sum.reaches_ceiling(), totals.contains(&90));
    tried.two_years += u64::from(totals.len() > 1);
    tried.over += u64::from(worst > 90);
    tried.reached += u64::from(totals.contains(&90));
}

/// The sixth day of the run the suspension is in.
fn sixth_day(case: &Case<'_>, tried: &mut Tried) {
    let Case { here, ledger, ours, stretch, flags, suspension, .. } = case;
    let (mut in_a_row, mut sixth, mut mine) = (0, None, false);
    let mut expected = None;
    for day in (0..DAYS).filter(|day| here.open[*day]) {
        if (ours.0[day] | flags.0[day]) & OUT != 0 {
            in_a_row += 1;
            sixth = if in_a_row == 6 { Some(day) } else { sixth };
            mine |= stretch.halves > 0 && flags.0[day] & OUT != 0;
        } else {
            expected = if mine && expected.is_none() { sixth } else { expected };
            (in_a_row, sixth, mine) = (0, None, false);
        }
    }
    expected = if mine { sixth } else { expected };
    let others = ledger.exclusions.iter().filter(|counted| counted.place == Place::Here);
    let others = others.fold(Lost::default(), |mut all, counted| {
        all.join(&counted.lost);
        all
    });
    let leaver = Leaver { year: YearGroup(9), exams_left: true };
    let found = match run::sixth_day(suspension, &others, leaver, &here.calendar).unwrap() {
        SixthDay::Owed { on: Deadline::Computed(on), .. } => Some(day_of(on)),
        SixthDay::NotReached => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(found, expected, "the sixth day");
    tried.sixth += u64::from(expected.is_some());
}

fn many(seed: u64, cases: u64) -> Tried {
    let mut dice = Dice(seed);
    let mut tried = Tried::default();
    let (mut here, mut there) = (school(&mut dice), school(&mut dice));
    for n in 0..cases {
        if n % 50 == 0 {
            (here, there) = (school(&mut dice), school(&mut dice));
        }
        let _blame = Blame(n, dice.0);
        one_case(&mut dice, &here, &there, &mut tried);
    }
    tried
}

/// Says which case it was, when one fails.
struct Blame(u64, u64);

impl Drop for Blame {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("case {} from state {:#x}", self.0, self.1);
        }
    }
}

#[test]
fn law_agrees_with_brute_force_in_100_000_cases() {
    let halves = thread::scope(|scope| {
        let two = [2_312, 8_151].map(|seed| scope.spawn(move || many(seed, CASES / 2)));
        two.map(|half| half.join().expect("a case disagrees: see above"))
    });
    for tried in &halves {
        let all = [
            tried.beyond,
            tried.tiers[0],
            tried.tiers[1],
            tried.tiers[2],
            tried.sixth,
            tried.over,
            tried.reached,
            tried.two_terms,
            tried.two_years,
            tried.no_deadline,
            tried.cancelled,
        ];
        assert!(all.iter().all(|times| *times >= 100), "something was hardly tried: {tried:?}");
    }
}
