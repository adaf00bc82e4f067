//! Words and pieces of the caseload.

use time::Date;

use super::{
    filter::{Filter, Sort},
    queries::Line,
};
use crate::{
    db::duties::Kept,
    domain::{
        concern::Level,
        dates,
        duties::Duty,
        ids::SchoolId,
        monitoring::{Totals, share},
        permission::Actor,
        pupil::{YearGroup, display_name},
        trend::Trend,
    },
    web::{
        charts::Sparkline,
        duty::{About, href, who},
        urls,
    },
};

/// A link to a view, with how many cases it has.
pub struct ViewLink {
    pub text: &'static str,
    /// None: the list is narrowed, and no link says how many are on it.
    pub count: Option<String>,
    pub href: String,
    pub current: bool,
}

/// Something that can be chosen.
#[derive(Clone)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub chosen: bool,
}

impl Choice {
    pub fn of(value: String, text: String, chosen: bool) -> Self {
        Self { value, text, chosen }
    }
}

/// A filter that is set, with the address of the list without it.
pub struct Tag {
    pub text: String,
    pub without: String,
}

impl Tag {
    /// Every filter of the list.
    pub fn of(filter: &Filter, schools: &[(SchoolId, String)]) -> Vec<Self> {
        let mut tags = Vec::new();
        let mut tag = |text: String, without: Filter| {
            tags.push(Self { text, without: urls::caseload(&without.query()) });
        };
        for school in &filter.schools {
            let name = schools.iter().find(|(id, _)| id == school).map(|(_, name)| name.clone());
            let mut without = filter.clone();
            without.schools.retain(|id| id != school);
            tag(name.unwrap_or_else(|| "A school out of reach".to_owned()), without);
        }
        for stage in &filter.stages {
            let mut without = filter.clone();
            without.stages.retain(|n| n != stage);
            tag(format!("Stage {stage}"), without);
        }
        for year in &filter.years {
            let mut without = filter.clone();
            without.years.retain(|n| n != year);
            tag(format!("Year {year}"), without);
        }
        for send in &filter.send {
            let mut without = filter.clone();
            without.send.retain(|s| s != send);
            tag(send.label().to_owned(), without);
        }
        if filter.looked_after {
            tag("Looked after".to_owned(), Filter { looked_after: false, ..filter.clone() });
        }
        tags
    }
}

/// The head of a column. Those that sort say how, and lead to the other way.
pub struct Header {
    pub text: &'static str,
    /// Where a press leads; none: it does not sort.
    pub href: Option<String>,
    /// For aria-sort; empty: the list is in another order.
    pub sorted: &'static str,
}

impl Header {
    /// Of every column, in order.
    pub fn all(filter: &Filter, several_schools: bool) -> Vec<Self> {
        let of = |text: &'static str, sort: Option<Sort>| {
            let now = sort.is_some_and(|sort| sort == filter.sort);
            Self {
                text,
                href: sort.map(|sort| urls::caseload(&filter.sorted_by(sort, now && !filter.reverse))),
                // Names, days and marks run upwards as they are; stages and concerns downwards.
                sorted: match (now, sort) {
                    (true, Some(Sort::Concern | Sort::Stage)) if filter.reverse => "ascending",
                    (true, Some(Sort::Concern | Sort::Stage)) => "descending",
                    (true, Some(_)) if filter.reverse => "descending",
                    (true, Some(_)) => "ascending",
                    _ => "",
                },
            }
        };
        let mut all = vec![of("Pupil", Some(Sort::Name))];
        if several_schools {
            all.push(of("School", None));
        }
        all.extend([
            of("Stage", Some(Sort::Stage)),
            of("Latest 20 recorded days", None),
            of("Last marked", Some(Sort::Marks)),
            of("Next action", Some(Sort::Due)),
            of("Why it stands here", Some(Sort::Concern)),
        ]);
        all
    }
}

/// A case of the list.
pub struct Row {
    pub case: String,
    pub href: String,
    pub name: String,
    pub about: String,
    /// Who looks after it for the LA.
    pub representative: Option<String>,
    pub school: String,
    pub stage: i16,
    pub spark: Sparkline,
    pub last_marked: String,
    pub next: Option<Next>,
    pub level: &'static str,
    pub level_class: &'static str,
    /// Why it has its level; nothing stands out: empty.
    pub because: String,
}

/// What comes next.
pub struct Next {
    pub words: String,
    pub who: String,
    pub by: String,
    pub overdue: bool,
    /// Where it is done, for somebody who may.
    pub href: Option<String>,
}

impl Row {
    /// As somebody reads it on `today`.
    pub fn of(line: &Line, actor: &Actor, today: Date) -> Self {
        let days: Vec<_> = days(line).rev().collect();
        let sum = totals(line);
        let level = Level::from_rank(line.concern);
        Self {
            case: line.id.to_string(),
            href: urls::case(line.id),
            name: name(line),
            about: year(line, today),
            representative: line.representative.clone(),
            school: line.school_name.clone(),
            stage: line.stage,
            spark: Sparkline {
                points: days.iter().map(|day| day.percent()).collect(),
                words: share(sum.points, sum.possible()),
                trend: Trend::of(&days),
            },
            last_marked: line.last_marked_on.map_or_else(
                || "not yet".to_owned(),
                |day| format!("{} {}", dates::weekday_short(day), dates::day_month(day)),
            ),
            next: line.next.as_ref().map(|kept| next(line, &duty(&kept.0), actor, today)),
            level: level.label(),
            level_class: match level {
                Level::High => "govuk-tag--red",
                Level::Raised => "govuk-tag--yellow",
                Level::Steady => "govuk-tag--grey",
            },
            because: because(line),
        }
    }
}

/// The latest recorded days, the latest first.
fn days(line: &Line) -> impl DoubleEndedIterator<Item = Totals> + '_ {
    let days = line.days.0.iter();
    days.map(|(points, recorded, expected)| Totals {
        points: *points,
        recorded: *recorded,
        expected: *expected,
    })
}

/// Those days together.
pub fn totals(line: &Line) -> Totals {
    let mut all = Totals::default();
    for day in days(line) {
        all += day;
    }
    all
}

/// The pupil's name.
pub fn name(line: &Line) -> String {
    display_name(&line.given_name, line.known_as.as_deref(), &line.family_name)
}

/// "Year 9"
pub fn year(line: &Line, today: Date) -> String {
    YearGroup::actual(line.born_on, line.year_offset, today).to_string()
}

/// Why it stands where it does; empty where nothing stands out.
pub fn because(line: &Line) -> String {
    line.concerns.0.iter().map(|concern| concern.words()).collect::<Vec<_>>().join("; ")
}

/// A duty as it is kept.
pub fn duty(kept: &Kept) -> Duty {
    kept.clone().into()
}

fn next(line: &Line, duty: &Duty, actor: &Actor, today: Date) -> Next {
    let about =
        About { case: line.id, school: line.school, pupil: line.pupil, lead: &line.lead, actor: Some(actor) };
    Next {
        words: duty.what.words(),
        who: who(&duty.what, &line.lead),
        by: dates::short(duty.due_on),
        overdue: line.overdue_days > 0 && duty.due_on < today,
        href: actor.may_at(duty.what.needs(), line.school).then(|| href(&duty.what, about)),
    }
}
