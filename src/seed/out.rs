//! Who of the demo was suspended, how long and since when, in school days before the latest one.

use crate::domain::suspension::Half;

/// How a school kept to what the law asks after an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Everything in its time.
    Well,
    /// The parents were told, and nothing since.
    Behind,
    /// Nothing yet.
    Nothing,
}

/// What is odd about a suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// Nothing.
    Plain,
    /// Cancelled on the second day, with the reason.
    Cancelled(&'static str),
    /// A further one, begun when the one before it ended, with the reason.
    Further(&'static str),
    /// The parents made representations.
    Represented,
}

/// A suspension.
#[derive(Clone, Copy, Debug)]
pub struct Spell {
    /// School days before the latest one on which it began.
    pub ago: u32,
    pub half: Half,
    pub half_days: u32,
    pub lunchtimes: u32,
    pub kept: Kept,
    pub odd: Odd,
}

const REASONS: &[(&[&str], &str)] = &[
    (&["DB"], "Left four lessons in one week and would not go to the room offered instead."),
    (&["PP"], "Punched another pupil in the dining hall after a quarrel about a place in the queue."),
    (&["VA", "DB"], "Swore at two teachers in the corridor and walked away when spoken to."),
    (&["DM"], "Kicked in the panel of a changing room door."),
    (&["VP", "MT"], "Threatened another pupil in messages sent during the school day."),
    (&["TH"], "Took a telephone from another pupil’s bag; it was given back the next day."),
    (&["RA"], "Called another pupil a racist name in front of the class."),
];

impl Spell {
    const fn noon(self) -> Self {
        Self { half: Half::Afternoon, ..self }
    }

    const fn kept(self, kept: Kept) -> Self {
        Self { kept, ..self }
    }

    const fn odd(self, odd: Odd) -> Self {
        Self { odd, ..self }
    }

    /// National codes, and what happened.
    pub fn why(&self) -> (&'static [&'static str], &'static str) {
        let n = usize::try_from(self.ago + self.half_days).unwrap_or_default();
        REASONS[n % REASONS.len()]
    }
}

/// So many half-days, since the morning so many school days ago.
const fn out(ago: u32, half_days: u32) -> Spell {
    Spell { ago, half: Half::Morning, half_days, lunchtimes: 0, kept: Kept::Well, odd: Odd::Plain }
}

/// So many lunchtimes.
const fn lunch(ago: u32, lunchtimes: u32) -> Spell {
    Spell { lunchtimes, ..out(ago, 0) }
}

/// The suspensions of a case's pupil, by the case's place, the oldest first.
pub fn of_case(n: usize) -> &'static [Spell] {
    match n {
        // Out today.
        1 => const { &[out(24, 2), out(2, 10)] },
        // 4.5 days in the autumn term.
        4 => const { &[out(40, 2), out(28, 3).noon(), out(14, 4)] },
        // 14 days.
        8 => const { &[out(48, 10), out(35, 8).odd(Odd::Represented), out(20, 10)] },
        // Over 15 days: the governing board's clock runs.
        14 => const { &[out(47, 10), out(33, 10), out(19, 8), out(6, 6)] },
        16 => const { &[lunch(18, 5), lunch(6, 3)] },
        20 => const { &[out(31, 2)] },
        25 => const { &[out(6, 4).kept(Kept::Nothing)] },
        28 => {
            const {
                &[out(12, 6)
                    .odd(Odd::Cancelled("The camera showed that another pupil threw the first punch."))]
            }
        }
        32 => {
            const {
                &[
                    out(10, 4),
                    out(0, 6).odd(Odd::Further(
                        "While the pupil was out, two others said that they had been threatened for weeks.",
                    )),
                ]
            }
        }
        38 => const { &[out(36, 3).noon(), out(9, 2).kept(Kept::Behind)] },
        44 => const { &[out(22, 10)] },
        50 | 85 => const { &[out(44, 1).noon(), out(17, 4)] },
        63 => const { &[out(58, 6), out(27, 2), lunch(12, 2)] },
        72 => const { &[out(70, 4), out(39, 5)] },
        97 => const { &[out(15, 16)] },
        // Those whose papers go to the panel.
        23 | 47 => const { &[out(42, 4), out(36, 6)] },
        35 | 52 => const { &[out(38, 10)] },
        131 => const { &[out(44, 4), out(38, 8)] },
        143 => const { &[out(120, 6)] },
        _ => &[],
    }
}

/// The suspension of a pupil whom several authorities look after.
pub fn recent() -> &'static [Spell] {
    const { &[out(8, 4)] }
}

/// Suspensions of pupils without a case: their school, their place from the last, and what they had. The first one of
/// the first school comes with them to two days below the ceiling.
pub fn others(schools: usize) -> Vec<(usize, usize, &'static [Spell])> {
    const SHAPES: [&[Spell]; 7] = [
        &[out(16, 2)],
        &[out(7, 3).noon()],
        &[out(29, 1).noon(), out(5, 4)],
        &[out(11, 10)],
        &[lunch(8, 2)],
        &[out(60, 4), out(21, 6)],
        &[out(3, 5).noon()],
    ];
    let mut all: Vec<(usize, usize, &'static [Spell])> = vec![
        (0, 1, const { &[out(33, 10), out(27, 10), out(21, 10), out(15, 10), out(9, 10), out(3, 8)] }),
        (0, 3, const { &[out(13, 2)] }),
        (0, super::exclusions::NEWCOMER, const { &[out(23, 4), out(6, 3).noon()] }),
        (0, 5, const { &[out(25, 1).noon(), lunch(10, 4)] }),
        (1, 2, const { &[out(18, 3).noon()] }),
        (1, 3, const { &[out(4, 10)] }),
    ];
    for place in 2..schools {
        all.push((place, 1, SHAPES[place % SHAPES.len()]));
        if place < 5 {
            all.push((place, 2, SHAPES[(place + 3) % SHAPES.len()]));
        }
    }
    all
}
