//! What happens around a pupil: the days that pass, what people record, what they want the programme to do. And
//! where stories of these come from.

use proptest::{prelude::*, sample::select};
use waymark::domain::stage::{Ending, Entry, UpReason};

/// Every clause a reason can be given for, and some for which none helps.
pub const EXPLAINABLE: [&str; 19] = [
    "R1.03",
    "A1",
    "S1.15",
    "S1.04",
    "S1.07",
    "A5",
    "S2.05",
    "S1.14",
    "S1.10",
    "S1.14-met",
    "S1.14-week",
    "P2.03a",
    "A17",
    "7.3",
    "A8",
    "A16",
    "S1.01",
    "S3.00-HT",
    "S1.05",
];

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// Days pass.
    Days(i64),
    /// The pupil goes off the roll of the school, or comes back to it.
    OnRoll(bool),
    /// An incident is recorded; grave: it is serious, or very serious.
    Incident { grave: bool },
    /// Something is recorded in the case.
    Record(Record),
    /// Everything the checklist of a stage asks is recorded, or all but one thing.
    Everything { of_stage: u8, but: Option<usize> },
    /// Somebody wants the programme to do something.
    Wish(Wish),
}

/// Kinds of meetings there are in stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    Stage1,
    Stage2,
    Stage3,
    Restorative,
    Review,
}

/// What can be recorded in a case.
#[derive(Clone, Debug)]
pub enum Record {
    /// A target from today.
    Target,
    /// The oldest target is written anew.
    TargetAnew,
    /// The oldest target is marked for the last time today.
    TargetEnds,
    /// A reason covers this whole day, so many days ago.
    Excused(i64),
    /// A meeting is planned for today.
    Planned(Meeting),
    /// What is planned is held; a service comes or does not.
    Held(Meeting, bool),
    /// The minutes are signed off; without a service, they say why.
    Signed(Meeting),
    /// Support begins; of the school's own or of a service.
    Support {
        own: bool,
    },
    /// The oldest support ends.
    SupportEnds,
    /// This week is reviewed, all targets with this light.
    Reviewed(Light),
    EarlyHelp,
    Explanation {
        by_la: bool,
        why_not_la: bool,
        parents: bool,
        pupil: bool,
        attempts: bool,
    },
    Leaflet {
        to_pupil: bool,
    },
    Contract,
    Restorative {
        appropriate: bool,
    },
    Recognition,
    SanctionsAdvised {
        parents: bool,
        pupil: bool,
    },
    OutcomesReminded {
        improves: bool,
        fails: bool,
        parents: bool,
        pupil: bool,
    },
    Stage3Considered,
    /// Every alternative to an exclusion is looked at, and none is chosen.
    Looked,
    Participation,
    Services {
        any: bool,
    },
    NotApplicable(&'static str),
}

/// A light of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    Green,
    Amber,
}

/// What somebody wants, with the reasons they give.
#[derive(Clone, Debug)]
pub struct Wish {
    pub what: Want,
    /// The headteacher asks; otherwise the lead.
    pub by_head: bool,
    pub reasons: Reasons,
    /// What the headteacher answers when the lead can only propose.
    pub confirms: bool,
}

/// What somebody wants.
#[derive(Clone, Debug)]
pub enum Want {
    Open {
        stage: u8,
        reason: Entry,
        incident: bool,
        in_view: bool,
        lead: bool,
        rationale: bool,
        tried: bool,
    },
    Up {
        to: u8,
        reason: UpReason,
        incident: bool,
        in_view: bool,
    },
    Down {
        to: u8,
    },
    /// To a day so many days from today.
    Extend {
        days: i64,
    },
    Exit {
        parents: bool,
        pupil: bool,
        recognised: bool,
    },
    Close(Ending),
    /// The pupil's latest case, or the one before it.
    Reopen {
        stage: u8,
        earlier: bool,
    },
}

/// Reasons given.
#[derive(Clone, Debug)]
pub enum Reasons {
    None,
    /// For everything there is.
    All,
    /// Nothing but white space, for everything.
    Blank,
    /// For these of [`EXPLAINABLE`], by bit.
    Some(u32),
}

impl Reasons {
    /// Clauses with the text given.
    pub fn given(&self) -> Vec<(&'static str, &'static str)> {
        let words = if matches!(self, Self::Blank) { " \n " } else { "A named person’s reason" };
        EXPLAINABLE
            .iter()
            .enumerate()
            .filter(|(n, _)| match self {
                Self::None => false,
                Self::All | Self::Blank => true,
                Self::Some(bits) => bits & (1 << n) != 0,
            })
            .map(|(_, clause)| (*clause, words))
            .collect()
    }

    /// A reason is given for this clause.
    pub fn explains(&self, clause: &str) -> bool {
        !matches!(self, Self::Blank) && self.given().iter().any(|(given, _)| *given == clause)
    }
}

/// What [`Action::Everything`] stands for.
pub fn everything(of_stage: u8, but: Option<usize>) -> Vec<Record> {
    let mut all = everything_of(of_stage);
    if let Some(left_out) = but.filter(|n| *n < all.len()) {
        all.remove(left_out);
    }
    all
}

fn everything_of(of_stage: u8) -> Vec<Record> {
    match of_stage {
        1 => vec![
            Record::Planned(Meeting::Stage1),
            Record::Signed(Meeting::Stage1),
            Record::Contract,
            Record::EarlyHelp,
            Record::Explanation {
                by_la: true,
                why_not_la: false,
                parents: true,
                pupil: true,
                attempts: false,
            },
            Record::Leaflet { to_pupil: false },
            Record::Leaflet { to_pupil: true },
            Record::Restorative { appropriate: false },
            Record::Support { own: true },
            Record::Recognition,
        ],
        2 => vec![
            Record::Planned(Meeting::Stage2),
            Record::Signed(Meeting::Stage2),
            Record::EarlyHelp,
            Record::SanctionsAdvised { parents: true, pupil: true },
            Record::OutcomesReminded { improves: true, fails: true, parents: true, pupil: true },
        ],
        _ => vec![
            Record::Planned(Meeting::Stage3),
            Record::Signed(Meeting::Stage3),
            Record::EarlyHelp,
            Record::Looked,
            Record::NotApplicable("S3.01"),
            Record::NotApplicable("S3.05-sought"),
        ],
    }
}

fn often() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.85)
}

fn meeting() -> impl Strategy<Value = Meeting> {
    select(vec![
        Meeting::Stage1,
        Meeting::Stage2,
        Meeting::Stage2,
        Meeting::Stage3,
        Meeting::Restorative,
        Meeting::Review,
    ])
}

fn record() -> impl Strategy<Value = Record> {
    const ITEMS: [&str; 18] = [
        "S1.02",
        "S1.02-contract",
        "S1.03",
        "S1.04",
        "S1.05",
        "S1.06",
        "S1.07",
        "S1.09",
        "S2.01",
        "S2.02",
        "S2.03",
        "S2.04",
        "S3.01",
        "S3.03",
        "S3.03-input",
        "S3.04",
        "S3.05-sought",
        "S3.06",
    ];
    prop_oneof![
        4 => Just(Record::Target),
        1 => Just(Record::TargetAnew),
        1 => Just(Record::TargetEnds),
        2 => (0_i64..10).prop_map(Record::Excused),
        3 => meeting().prop_map(Record::Planned),
        2 => (meeting(), any::<bool>()).prop_map(|(kind, service)| Record::Held(kind, service)),
        3 => meeting().prop_map(Record::Signed),
        2 => any::<bool>().prop_map(|own| Record::Support { own }),
        1 => Just(Record::SupportEnds),
        4 => prop_oneof![3 => Just(Light::Green), 1 => Just(Light::Amber)].prop_map(Record::Reviewed),
        1 => Just(Record::EarlyHelp),
        2 => any::<[bool; 5]>().prop_map(|[by_la, why_not_la, parents, pupil, attempts]| Record::Explanation {
            by_la, why_not_la, parents, pupil, attempts,
        }),
        1 => any::<bool>().prop_map(|to_pupil| Record::Leaflet { to_pupil }),
        1 => Just(Record::Contract),
        1 => any::<bool>().prop_map(|appropriate| Record::Restorative { appropriate }),
        1 => Just(Record::Recognition),
        1 => any::<[bool; 2]>().prop_map(|[parents, pupil]| Record::SanctionsAdvised { parents, pupil }),
        1 => any::<[bool; 4]>().prop_map(|[improves, fails, parents, pupil]| Record::OutcomesReminded {
            improves, fails, parents, pupil,
        }),
        1 => Just(Record::Stage3Considered),
        2 => Just(Record::Looked),
        1 => Just(Record::Participation),
        1 => any::<bool>().prop_map(|any| Record::Services { any }),
        2 => select(&ITEMS[..]).prop_map(Record::NotApplicable),
    ]
}

fn stage() -> impl Strategy<Value = u8> {
    1..=3_u8
}

fn want() -> impl Strategy<Value = Want> {
    prop_oneof![
        5 => (stage(), select(Entry::ALL), often(), often(), often(), often(), often()).prop_map(
            |(stage, reason, incident, in_view, lead, rationale, tried)| Want::Open {
                stage, reason, incident, in_view, lead, rationale, tried,
            }
        ),
        8 => (2..=3_u8, select(UpReason::ALL), often(), often()).prop_map(
            |(to, reason, incident, in_view)| Want::Up { to, reason, incident, in_view }
        ),
        3 => (1..=2_u8).prop_map(|to| Want::Down { to }),
        3 => prop_oneof![3 => 1..40_i64, 1 => -3..90_i64].prop_map(|days| Want::Extend { days }),
        6 => (often(), often(), often()).prop_map(|(parents, pupil, recognised)| Want::Exit {
            parents, pupil, recognised,
        }),
        2 => select(Ending::ALL).prop_map(Want::Close),
        3 => (stage(), prop::bool::weighted(0.2)).prop_map(|(stage, earlier)| Want::Reopen { stage, earlier }),
    ]
}

fn wish() -> impl Strategy<Value = Action> {
    let reasons = prop_oneof![
        3 => Just(Reasons::None),
        4 => Just(Reasons::All),
        1 => Just(Reasons::Blank),
        2 => any::<u32>().prop_map(Reasons::Some),
    ];
    (want(), prop::bool::weighted(0.8), reasons, any::<bool>()).prop_map(
        |(what, by_head, reasons, confirms)| Action::Wish(Wish { what, by_head, reasons, confirms }),
    )
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        5 => prop_oneof![3 => 1..8_i64, 1 => 1..=30_i64].prop_map(Action::Days),
        1 => prop::bool::weighted(0.7).prop_map(Action::OnRoll),
        2 => any::<bool>().prop_map(|grave| Action::Incident { grave }),
        14 => record().prop_map(Action::Record),
        4 => stage().prop_flat_map(checklist_of),
        14 => wish(),
    ]
}

/// One of a chapter's things; nearly always there.
fn nearly(action: impl Strategy<Value = Action>) -> impl Strategy<Value = Vec<Action>> {
    (prop::bool::weighted(0.93), action)
        .prop_map(|(there, action)| if there { vec![action] } else { Vec::new() })
}

/// The checklist of a stage; now and then all but one thing of it.
fn checklist_of(of_stage: u8) -> impl Strategy<Value = Action> {
    prop_oneof![5 => Just(None), 2 => (0..10_usize).prop_map(Some)]
        .prop_map(move |but| Action::Everything { of_stage, but })
}

fn the(action: Action) -> impl Strategy<Value = Vec<Action>> {
    nearly(Just(action))
}

fn want_all(what: Want) -> Action {
    Action::Wish(Wish { what, by_head: true, reasons: Reasons::All, confirms: true })
}

/// A case begins, with all it needs.
fn beginning() -> impl Strategy<Value = Vec<Action>> {
    let open = (stage(), select(Entry::ALL)).prop_map(|(stage, reason)| {
        want_all(Want::Open {
            stage,
            reason,
            incident: true,
            in_view: true,
            lead: true,
            rationale: true,
            tried: true,
        })
    });
    (the(Action::Incident { grave: true }), nearly(open)).prop_map(|(a, b)| [a, b].concat())
}

/// Weeks in which all goes well, and the pupil leaves the programme.
fn progress() -> impl Strategy<Value = Vec<Action>> {
    let light = prop_oneof![3 => Just(Light::Green), 1 => Just(Light::Amber)];
    let leave = prop_oneof![Just(Reasons::None), Just(Reasons::All)].prop_map(|reasons| {
        let what = Want::Exit { parents: true, pupil: true, recognised: true };
        Action::Wish(Wish { what, by_head: true, reasons, confirms: true })
    });
    (
        the(Action::Record(Record::Target)),
        nearly(checklist_of(1)),
        nearly(checklist_of(2)),
        nearly(checklist_of(3)),
        nearly((1..12_i64).prop_map(Action::Days)),
        nearly(light.prop_map(|light| Action::Record(Record::Reviewed(light)))),
        nearly(leave),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].concat())
}

/// It gets worse, over weeks or at once.
fn worse() -> impl Strategy<Value = Vec<Action>> {
    let up = (2..=3_u8, select(UpReason::ALL), any::<u32>(), 0..4_u8).prop_map(|(to, reason, bits, how)| {
        let reasons = if how == 0 { Reasons::None } else { Reasons::Some(bits | bits.rotate_left(7)) };
        let what = Want::Up { to, reason, incident: true, in_view: true };
        Action::Wish(Wish { what, by_head: true, reasons, confirms: true })
    });
    (
        the(Action::Record(Record::Target)),
        nearly((1..45_i64).prop_map(Action::Days)),
        nearly(any::<bool>().prop_map(|grave| Action::Incident { grave })),
        nearly((1..=2_u8).prop_flat_map(checklist_of)),
        nearly(up),
    )
        .prop_map(|(a, b, c, d, e)| [a, b, c, d, e].concat())
}

/// An end, and whether it can be taken back.
fn taken_back() -> impl Strategy<Value = Vec<Action>> {
    let end = select(Ending::ALL).prop_map(|ending| want_all(Want::Close(ending)));
    let again = stage().prop_map(|stage| want_all(Want::Reopen { stage, earlier: false }));
    (nearly(end), nearly((0..4_i64).prop_map(Action::Days)), nearly(again))
        .prop_map(|(a, b, c)| [a, b, c].concat())
}

/// Stories of so many things that happen at most, with the pupil's year at their beginning: single things, and
/// chapters that get somewhere.
pub fn stories(most: usize) -> impl Strategy<Value = (i16, Vec<Action>)> {
    let year = prop_oneof![6 => 7..=10_i16, 2 => Just(11), 1 => Just(6)];
    let chapter = prop_oneof![
        20 => action().prop_map(|action| vec![action]),
        2 => beginning(),
        2 => progress(),
        3 => worse(),
        1 => taken_back(),
    ];
    (year, beginning(), prop::collection::vec(chapter, 0..=most)).prop_map(move |(year, first, rest)| {
        let mut story = first;
        story.extend(rest.into_iter().flatten());
        story.truncate(most);
        (year, story)
    })
}

/// A story as people would tell it, one thing on each line.
pub fn told((year, story): &(i16, Vec<Action>)) -> String {
    let lines: Vec<_> =
        story.iter().enumerate().map(|(n, action)| format!("  {}. {}", n + 1, action.words())).collect();
    format!("A pupil of Year {year}.\n{}", lines.join("\n"))
}

/// Those things of a list that are so, and those that are not.
fn with_and_without(list: &[(&str, bool)]) -> String {
    let side = |is: bool| list.iter().filter(|(_, so)| *so == is).map(|(what, _)| *what).collect::<Vec<_>>();
    match (side(true).join(", "), side(false).join(", ")) {
        (with, without) if without.is_empty() => format!("with {with}"),
        (with, without) if with.is_empty() => format!("without {without}"),
        (with, without) => format!("with {with}; without {without}"),
    }
}

fn told_to(parents: bool, pupil: bool) -> &'static str {
    match (parents, pupil) {
        (true, true) => "parents and pupil",
        (true, false) => "the parents",
        (false, true) => "the pupil",
        (false, false) => "nobody",
    }
}

impl Meeting {
    const fn words(self) -> &'static str {
        match self {
            Self::Stage1 => "formal meeting of Stage 1",
            Self::Stage2 => "Stage 2 meeting",
            Self::Stage3 => "review meeting of Stage 3",
            Self::Restorative => "restorative meeting",
            Self::Review => "review meeting",
        }
    }
}

impl Record {
    fn words(&self) -> String {
        match self {
            Self::Target => "A target is set".to_owned(),
            Self::TargetAnew => "The oldest target is written anew".to_owned(),
            Self::TargetEnds => "The oldest target ends today".to_owned(),
            Self::Excused(ago) => format!("A reason covers the whole day {ago} days ago"),
            Self::Planned(kind) => format!("The {} is planned for today", kind.words()),
            Self::Held(kind, true) => format!("The {} is held, a support service is there", kind.words()),
            Self::Held(kind, false) => format!("The {} is held, no support service is there", kind.words()),
            Self::Signed(kind) => format!("The minutes of the {} are signed off", kind.words()),
            Self::Support { own: true } => "Support of the school’s own begins".to_owned(),
            Self::Support { own: false } => "Support of a service begins".to_owned(),
            Self::SupportEnds => "The oldest support ends".to_owned(),
            Self::Reviewed(Light::Green) => "The week is reviewed: green".to_owned(),
            Self::Reviewed(Light::Amber) => "The week is reviewed: amber".to_owned(),
            Self::EarlyHelp => "Early help is decided on".to_owned(),
            Self::Explanation { by_la, why_not_la, parents, pupil, attempts } => format!(
                "The programme is explained to {}, {}",
                told_to(*parents, *pupil),
                with_and_without(&[
                    ("the LA representative", *by_la),
                    ("a reason for somebody else", *why_not_la),
                    ("attempts to reach them", *attempts),
                ])
            ),
            Self::Leaflet { to_pupil: true } => "The pupil has the leaflet".to_owned(),
            Self::Leaflet { to_pupil: false } => "The parents have the leaflet".to_owned(),
            Self::Contract => "A parenting contract is offered and declined".to_owned(),
            Self::Restorative { appropriate: true } => "A restorative meeting is appropriate".to_owned(),
            Self::Restorative { appropriate: false } => "A restorative meeting is not appropriate".to_owned(),
            Self::Recognition => "A reward is recorded".to_owned(),
            Self::SanctionsAdvised { parents, pupil } => {
                format!("More serious sanctions: {} advised", told_to(*parents, *pupil))
            }
            Self::OutcomesReminded { improves, fails, parents, pupil } => format!(
                "Reminder of outcomes to {}, {}",
                told_to(*parents, *pupil),
                with_and_without(&[("what follows if it improves", *improves), ("if it does not", *fails)])
            ),
            Self::Stage3Considered => "A move to Stage 3 is considered".to_owned(),
            Self::Looked => "Every alternative to an exclusion is looked at, none is chosen".to_owned(),
            Self::Participation => "The pupil does not take part".to_owned(),
            Self::Services { any: true } => "A support service is involved".to_owned(),
            Self::Services { any: false } => "No support service is involved".to_owned(),
            Self::NotApplicable(clause) => format!("{clause} does not apply"),
        }
    }
}

impl Want {
    fn words(&self) -> String {
        match self {
            Self::Open { stage, reason, incident, in_view, lead, rationale, tried } => format!(
                "to open a case at Stage {stage} ({}), {}",
                reason.label(),
                with_and_without(&[
                    ("an incident named", *incident),
                    ("an exclusion in view", *in_view),
                    ("a lead", *lead),
                    ("a rationale", *rationale),
                    ("support tried and advice acted on", *tried),
                ])
            ),
            Self::Up { to, reason, incident, in_view } => format!(
                "to move up to Stage {to} ({}), {}",
                reason.label(),
                with_and_without(&[("an incident named", *incident), ("an exclusion in view", *in_view)])
            ),
            Self::Down { to } => format!("to step down to Stage {to}"),
            Self::Extend { days } => format!("to extend the timescale to {days} days from today"),
            Self::Exit { parents, pupil, recognised } => format!(
                "to leave the programme with progress, told to {}, {}",
                told_to(*parents, *pupil),
                if *recognised { "recognised" } else { "not recognised" }
            ),
            Self::Close(ending) => format!("to close the case ({})", ending.label()),
            Self::Reopen { stage, earlier: false } => format!("to open the case again at Stage {stage}"),
            Self::Reopen { stage, earlier: true } => {
                format!("to open the case before again at Stage {stage}")
            }
        }
    }
}

impl Action {
    /// In the programme's words.
    pub fn words(&self) -> String {
        match self {
            Self::Days(1) => "A day passes".to_owned(),
            Self::Days(days) => format!("{days} days pass"),
            Self::OnRoll(true) => "The pupil is on the roll of the school".to_owned(),
            Self::OnRoll(false) => "The pupil goes off the roll of the school".to_owned(),
            Self::Incident { grave: true } => "A serious incident is recorded".to_owned(),
            Self::Incident { grave: false } => "An incident that is a concern is recorded".to_owned(),
            Self::Everything { of_stage, but } => {
                let all = everything_of(*of_stage);
                let but =
                    but.and_then(|n| all.get(n)).map(|left_out| format!(", but not: {}", left_out.words()));
                let but = but.unwrap_or_default();
                format!("Everything on the checklist of Stage {of_stage} is recorded{but}")
            }
            Self::Record(record) => record.words(),
            Self::Wish(wish) => {
                let who = if wish.by_head { "The headteacher" } else { "The lead" };
                let reasons = match &wish.reasons {
                    Reasons::None => "and gives no reasons".to_owned(),
                    Reasons::All => "and gives a reason for everything".to_owned(),
                    Reasons::Blank => "and gives white space for reasons".to_owned(),
                    given @ Reasons::Some(_) => {
                        let clauses: Vec<_> = given.given().into_iter().map(|(clause, _)| clause).collect();
                        format!("and gives reasons for {}", clauses.join(", "))
                    }
                };
                format!("{who} asks {}; {reasons}", wish.what.words())
            }
        }
    }
}
