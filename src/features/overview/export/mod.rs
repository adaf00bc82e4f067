//! The lists of the overview, and what is owed this week, as files.

mod lines;

use axum::response::Response;
use time::{Date, Duration};

use super::{digest, views};
use crate::{
    domain::{
        dates,
        ids::SchoolId,
        permission::{Actor, Capability},
    },
    web::{
        error::Error,
        export::{Column, Holds, Kind, List},
        extract::{Id, Posted, Visit},
        urls,
    },
};

/// Which list.
#[derive(Clone, Copy)]
enum Which {
    Pupils,
    Overdue,
    Days,
    Left,
    Inbox,
    Week,
    Waiting,
    Owing,
    /// The week that begins on this Monday.
    WeekOf(Date),
    Governors,
}

/// Begins the name of the list of a week; its Monday follows.
pub const WEEK_OF: &str = "week-of-";

const PUPILS: [(&str, Kind); 9] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("Points earned", Kind::Number),
    ("Points possible", Kind::Number),
    ("Points of possible", Kind::Percent),
    ("Goal", Kind::Percent),
    ("Marks recorded", Kind::Number),
    ("Marks expected", Kind::Number),
];
const OWED: [(&str, Kind); 6] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("What is owed", Kind::Text),
    ("Who owes it", Kind::Text),
    ("Due", Kind::Date),
    ("School days overdue", Kind::Number),
];
const DAYS: [(&str, Kind); 5] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("On the programme", Kind::Text),
    ("Half-days suspended this school year", Kind::Number),
    ("Half-days suspended this legal term", Kind::Number),
];
const LEFT: [(&str, Kind); 6] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Stage", Kind::Number),
    ("On the programme from", Kind::Date),
    ("Left on", Kind::Date),
    ("How", Kind::Text),
];
const TOLD: [(&str, Kind); 7] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("What", Kind::Text),
    ("Day", Kind::Date),
    ("The case now", Kind::Text),
    ("First opened on", Kind::Date),
    ("First opened by", Kind::Text),
];
const WAITING: [(&str, Kind); 6] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Proposed", Kind::Text),
    ("Why", Kind::Text),
    ("By", Kind::Text),
    ("Since", Kind::Date),
];
const OWING: [(&str, Kind); 7] = [
    ("Pupil", Kind::Text),
    ("School", Kind::Text),
    ("Exclusion", Kind::Text),
    ("What is owed", Kind::Text),
    ("Who owes it", Kind::Text),
    ("Due", Kind::Date),
    ("School days overdue", Kind::Number),
];
const HAPPENED: [(&str, Kind); 4] =
    [("Pupil", Kind::Text), ("School", Kind::Text), ("What", Kind::Text), ("Recorded on", Kind::Date)];
const GOVERNORS: [(&str, Kind); 3] =
    [("What is counted", Kind::Text), ("Which of them", Kind::Text), ("Number", Kind::Number)];

/// What a list is called, what stands in it, and whom it names.
struct About {
    /// Beginning of the file's name.
    name: &'static str,
    heading: String,
    columns: &'static [(&'static str, Kind)],
    /// The page of the list.
    back: String,
    holds: Holds,
}

impl Which {
    fn parse(text: &str, today: Date) -> Result<Self, Error> {
        Ok(match text {
            "pupils" => Self::Pupils,
            "overdue" => Self::Overdue,
            "suspension-days" => Self::Days,
            "left" => Self::Left,
            "inbox" => Self::Inbox,
            "week" => Self::Week,
            "waiting" => Self::Waiting,
            "exclusions" => Self::Owing,
            "governors" => Self::Governors,
            other => {
                let monday = other.strip_prefix(WEEK_OF).ok_or(Error::NotFound)?;
                Self::WeekOf(digest::week(monday, today)?)
            }
        })
    }

    /// What the page of the list asks for.
    const fn seen_with(self) -> Capability {
        match self {
            Self::Week => Capability::ReviewWeeks,
            Self::Pupils
            | Self::Overdue
            | Self::Days
            | Self::Left
            | Self::Inbox
            | Self::Waiting
            | Self::Owing
            | Self::WeekOf(_)
            | Self::Governors => Capability::SeeOverview,
        }
    }

    fn about(self) -> About {
        let of_children = |name, heading: &str, columns, back: &str| About {
            name,
            heading: heading.to_owned(),
            columns,
            back: back.to_owned(),
            holds: Holds::Children,
        };
        let overview = urls::OVERVIEW.pattern;
        match self {
            Self::Pupils => of_children(
                "on-the-programme",
                "pupils on the programme",
                &PUPILS,
                urls::OVERVIEW_PUPILS.pattern,
            ),
            Self::Overdue => of_children("overdue", "what is overdue", &OWED, urls::OVERVIEW_OVERDUE.pattern),
            Self::Days => of_children(
                "suspension-days",
                "days suspended this school year",
                &DAYS,
                urls::OVERVIEW_DAYS.pattern,
            ),
            Self::Left => of_children(
                "left",
                "who left the programme this school year",
                &LEFT,
                urls::OVERVIEW_LEFT.pattern,
            ),
            Self::Inbox => of_children("inbox", "what the headteacher was told", &TOLD, urls::INBOX.pattern),
            Self::Week => of_children("week", "what is owed this week", &OWED, urls::MY_WEEK.pattern),
            Self::Waiting => of_children("waiting", "decisions that wait", &WAITING, overview),
            Self::Owing => {
                of_children("exclusions-owing", "exclusions with something owed", &OWING, overview)
            }
            Self::WeekOf(monday) => {
                let heading = format!("the week of {}", dates::range(monday, monday + Duration::days(4)));
                of_children("week-in-one-page", &heading, &HAPPENED, &urls::digest(monday))
            }
            Self::Governors => {
                let back = urls::GOVERNORS.pattern;
                About {
                    holds: Holds::Counts,
                    ..of_children("for-governors", "the numbers for governors", &GOVERNORS, back)
                }
            }
        }
    }

    /// The schools whose list this person may both see and take out. For whoever sees it nowhere there is no such list.
    fn schools(self, actor: &Actor) -> Result<Vec<(SchoolId, String)>, Error> {
        let mut schools = actor.schools_with(self.seen_with()).unwrap_or_default();
        match self.about().holds {
            // Nobody is named: the numbers are those of the page, or they could be taken from each other.
            Holds::Counts => {}
            Holds::Children | Holds::Staff | Holds::Settings => {
                schools.retain(|(school, _)| actor.may_at(Capability::ExportCases, *school));
            }
        }
        if schools.is_empty() { Err(Error::NotFound) } else { Ok(schools) }
    }

    fn list(self, asked: &str, rows: usize) -> List {
        let about = self.about();
        List {
            name: about.name,
            heading: about.heading,
            columns: Column::all(about.columns),
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
            holds: about.holds,
            action: urls::export_overview(asked),
            back: about.back,
            which: Vec::new(),
        }
    }
}

/// Where this list is taken out as a file, for somebody who may at one of their schools.
pub fn link(visit: &Visit, asked: &str) -> Option<String> {
    let which = Which::parse(asked, visit.tx.today()).ok()?;
    which.schools(visit.actor()).ok().map(|_| urls::export_overview(asked))
}

pub async fn new(Id(asked): Id<String>, mut visit: Visit) -> Result<Response, Error> {
    let which = Which::parse(&asked, visit.tx.today())?;
    let lines = lines::of(&mut visit.tx, which).await?;
    which.list(&asked, lines.len()).ask(visit).await
}

pub async fn create(Id(asked): Id<String>, mut posted: Posted) -> Result<Response, Error> {
    let which = Which::parse(&asked, posted.tx.today())?;
    let lines = lines::of(&mut posted.tx, which).await?;
    let taking = match which.list(&asked, lines.len()).answered(posted).await? {
        Ok(taking) => taking,
        Err(again) => return Ok(again),
    };
    let schools = which.schools(taking.posted.actor())?;
    let (pupils, rows): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    let mut trace = views::trace(&schools, pupils.into_iter().flatten());
    trace.facts.push(("list", asked));
    taking.file(trace, rows).await
}
