//! Who must be told of an exclusion, what, and by when (2.3), as data.

use time::{Date, Duration, Month, Weekday};

use super::{
    record::Exclusion,
    run::SixthDay,
    terms::Window,
    tiers::{BoardDuty, Tier},
    words,
};
use crate::domain::{dates, pupil::YearGroup};

words! {
    /// What is told.
    NoticeKind {
        /// N1: in person or by telephone.
        Word = "word", "Tell in person or by telephone";
        /// N2: in writing.
        Letter = "letter", "Written notice of the exclusion";
        /// N3: the first five days and public places (s.104).
        PublicPlace = "public_place", "Notice about the first five days";
        /// N3: education from the sixth day (s.104).
        SixthDay = "sixth_day", "Notice about education from the sixth day";
        /// N4, N5.
        Authority = "authority", "Tell the local authority";
        /// N6.
        Carer = "carer", "Tell who looks after the pupil’s interests";
        /// N7.
        Board = "board", "Tell the governing board";
        /// N8.
        BoardTermly = "board_termly", "Report to the governing board for the term";
        /// N9.
        Cancellation = "cancellation", "Written notice of the cancellation";
    }
}

words! {
    /// Who is told.
    Recipient {
        /// The parents.
        Parents = "parents", "Parents";
        /// The pupil, from 18.
        Pupil = "pupil", "The pupil";
        /// The authority of the school.
        Authority = "authority", "Local authority";
        /// The authority where the pupil lives, when it is another.
        HomeAuthority = "home_authority", "Local authority where the pupil lives";
        /// The social worker.
        SocialWorker = "social_worker", "Social worker";
        /// The virtual school head.
        VirtualHead = "virtual_head", "Virtual school head";
        /// The governing board or trust.
        Board = "board", "Governing board";
    }
}

impl Recipient {
    /// In the middle of a sentence.
    pub const fn named(self) -> &'static str {
        match self {
            Self::Parents => "the parents",
            Self::Pupil => "the pupil",
            Self::Authority => "the local authority",
            Self::HomeAuthority => "the local authority where the pupil lives",
            Self::SocialWorker => "the social worker",
            Self::VirtualHead => "the virtual school head",
            Self::Board => "the governing board",
        }
    }
}

/// By when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Without delay. Our reading: on the day itself.
    SameDay(Date),
    /// The end of the afternoon session of the first day.
    AfternoonSession(Date),
    /// At least 48 hours before education starts on this day, unless the parents agree to less.
    TwoDaysBefore(Date),
    /// With the report of a legal term.
    Termly(Window),
}

impl By {
    /// The last day.
    pub fn due_on(self) -> Date {
        match self {
            Self::SameDay(day) | Self::AfternoonSession(day) => day,
            Self::TwoDaysBefore(start) => start - Duration::days(2),
            Self::Termly(window) => window.to,
        }
    }

    /// For the page.
    pub fn words(self) -> String {
        match self {
            Self::SameDay(day) => format!("Without delay: on {}", dates::full(day)),
            Self::AfternoonSession(day) => {
                format!("By the end of the afternoon session on {}", dates::full(day))
            }
            Self::TwoDaysBefore(start) => {
                format!("At least 48 hours before education starts on {}", dates::full(start))
            }
            Self::Termly(window) => format!("Once in the legal term, by {}", dates::long(window.to)),
        }
    }
}

/// One notice to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its row in domain 2.3: "N1".
    pub clause: &'static str,
    /// What.
    pub kind: NoticeKind,
    /// To whom.
    pub to: Recipient,
    /// By when.
    pub by: By,
    /// What it must say.
    pub contents: Vec<&'static str>,
}

/// What about the pupil decides who is told.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// 18 or over: the pupil is told in place of the parents.
    pub adult: bool,
    /// Of compulsory school age.
    pub compulsory_age: bool,
    /// Lives in another authority than the school's.
    pub lives_elsewhere: bool,
    /// Looked after by an authority.
    pub looked_after: bool,
    /// Has a social worker.
    pub social_worker: bool,
}

impl About {
    /// With what the pupil's date of birth says on a day.
    #[must_use]
    pub fn born(self, born_on: Date, on: Date) -> Self {
        let birthday = (born_on.month(), born_on.day()) <= (on.month(), on.day());
        let age = on.year() - born_on.year() - i32::from(!birthday);
        Self { adult: age >= 18, compulsory_age: compulsory_age(born_on, on), ..self }
    }

    const fn relevant_person(self) -> Recipient {
        if self.adult { Recipient::Pupil } else { Recipient::Parents }
    }
}

/// Whether a pupil of a secondary school is of compulsory school age: until the last Friday in June of the school
/// year in which they become 16, whatever year they are taught in.
pub fn compulsory_age(born_on: Date, on: Date) -> bool {
    let year = YearGroup::usual(born_on, on);
    if year != YearGroup(11) {
        return year < YearGroup(11);
    }
    // Year 11 runs from September; only June, July and August can lie after the last Friday in June.
    let before_the_friday = || {
        let to_friday = i64::from(Weekday::Friday.number_days_from_monday())
            - i64::from(on.weekday().number_days_from_monday());
        let friday = on + Duration::days(to_friday.rem_euclid(7));
        // The Friday on or after this day is still in June: the last one is this one or a later one.
        friday.month() == Month::June
    };
    match on.month() {
        Month::June => before_the_friday(),
        Month::July | Month::August => false,
        Month::January
        | Month::February
        | Month::March
        | Month::April
        | Month::May
        | Month::September
        | Month::October
        | Month::November
        | Month::December => true,
    }
}

const LETTER: &[&str] = &[
    "The reason or reasons",
    "That the parents may make representations to the governing board, how, and to whom",
    "How the pupil may be involved in them",
];
const PERIOD: &str = "How long it is: the first and the last session";
const PERMANENT: &str = "That it is permanent";
const MEETING: &[&str] = &[
    "The right to ask for a meeting at a distance, where a meeting is held",
    "The right to come to the meeting, to be represented at the parents’ own cost, and to bring a friend",
];
const EXAM: &str = "That a public exam or test would be missed, and when";
const FIRST_FIVE: &[&str] = &[
    "Which days are the first five, or all of them when there are fewer",
    "That on these days the pupil must not be in a public place in school hours without good reason",
    "That the parents may be given a penalty notice or prosecuted if the pupil is",
];
const FROM_THE_SIXTH: &[&str] = &[
    "The day education starts",
    "The times it starts and ends each day, and of any break",
    "The address",
    "Whom to report to on the first day",
];
const CANCELLED: &[&str] = &[
    "That the exclusion is cancelled, and why",
    "When the pupil is back, without delay",
    "That the governing board does not consider it any more",
];

/// Every notice an exclusion needs, given what the board has to do and the sixth day; in the order of 2.3. One
/// that was cancelled needs [`of_cancellation`] as well.
pub fn notices(exclusion: &Exclusion, about: About, duty: &BoardDuty, sixth: SixthDay) -> Vec<Notice> {
    let decided = By::SameDay(exclusion.decided_on());
    let person = about.relevant_person();
    let brief = vec![if exclusion.is_permanent() { PERMANENT } else { PERIOD }, "The reason or reasons"];
    let to = |clause, kind, to, by, contents: Vec<&'static str>| Notice { clause, kind, to, by, contents };
    let mut list = vec![
        to("N1", NoticeKind::Word, person, decided, brief.clone()),
        to("N2", NoticeKind::Letter, person, decided, letter(exclusion, duty)),
    ];
    if about.compulsory_age {
        let by = By::AfternoonSession(exclusion.starts_on());
        list.push(to("N3", NoticeKind::PublicPlace, person, by, FIRST_FIVE.to_vec()));
        if let SixthDay::Owed { on, .. } = sixth
            && let Some(start) = on.day()
        {
            let by = By::TwoDaysBefore(start);
            list.push(to("N3", NoticeKind::SixthDay, person, by, FROM_THE_SIXTH.to_vec()));
        }
    }
    list.push(to("N4", NoticeKind::Authority, Recipient::Authority, decided, brief.clone()));
    if exclusion.is_permanent() && about.lives_elsewhere {
        list.push(to("N5", NoticeKind::Authority, Recipient::HomeAuthority, decided, brief.clone()));
    }
    for (needed, who) in
        [(about.social_worker, Recipient::SocialWorker), (about.looked_after, Recipient::VirtualHead)]
    {
        if needed {
            list.push(to("N6", NoticeKind::Carer, who, decided, brief.clone()));
        }
    }
    let mut board = brief;
    board.extend(duty.exam.map(|_| EXAM));
    list.push(match duty.window {
        // Once a term: of one that lies in two, with the report of the term it begins in.
        Some(_) if !duty.tier.board_told_at_once() => {
            let by = By::Termly(Window::of(exclusion.starts_on()));
            to("N8", NoticeKind::BoardTermly, Recipient::Board, by, board)
        }
        Some(_) | None => to("N7", NoticeKind::Board, Recipient::Board, decided, board),
    });
    list
}

fn letter(exclusion: &Exclusion, duty: &BoardDuty) -> Vec<&'static str> {
    let mut contents = vec![if exclusion.is_permanent() { PERMANENT } else { PERIOD }];
    contents.extend(LETTER);
    if duty.tier != Tier::A {
        contents.extend(MEETING);
    }
    contents.extend(duty.exam.map(|_| EXAM));
    contents
}

/// N9: everybody who was told of an exclusion is told, with reasons, that it was cancelled. Our reading: of a
/// permanent exclusion the authority where the pupil lives too, which was told of it (N5) and arranges education.
pub fn of_cancellation(exclusion: &Exclusion, cancelled_on: Date, about: About) -> Vec<Notice> {
    [
        (true, about.relevant_person()),
        (true, Recipient::Board),
        (true, Recipient::Authority),
        (exclusion.is_permanent() && about.lives_elsewhere, Recipient::HomeAuthority),
        (about.social_worker, Recipient::SocialWorker),
        (about.looked_after, Recipient::VirtualHead),
    ]
    .into_iter()
    .filter(|(needed, _)| *needed)
    .map(|(_, to)| {
        let mut contents = CANCELLED.to_vec();
        if matches!(to, Recipient::Parents | Recipient::Pupil) {
            contents.push("The offer of a meeting with the headteacher");
        }
        let by = By::SameDay(cancelled_on);
        Notice { clause: "N9", kind: NoticeKind::Cancellation, to, by, contents }
    })
    .collect()
}
