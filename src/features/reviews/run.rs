//! The reviews of the latest school week, one pupil after another (S1.13): where one stands in the run and who comes
//! next. A run is no record: it is what is signed and what is owed, so it can be left and taken up by anybody at any
//! time.

use askama::Template;
use axum::response::Response;
use time::{Date, Duration};

use super::queries::{self, SignedCase};
use crate::{
    db::{Moment, Trace, calendar, duties},
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        duties::What,
        ids::{CaseId, PupilId, SchoolId},
        permission::{Actor, Capability},
        pupil::display_name,
    },
    web::{error::Error, extract::Visit, page::Chrome, urls},
};

/// A pupil of the run.
#[derive(Clone, Debug)]
pub struct Stop {
    pub case: CaseId,
    pub pupil: PupilId,
    pub name: String,
    pub mine: bool,
    pub signed: bool,
    family_name: String,
}

/// The run of a week.
#[derive(Clone, Debug)]
pub struct Run {
    pub week: Date,
    pub days: String,
    /// One's own cases first, then the school's, by name.
    pub stops: Vec<Stop>,
}

/// Where one is in a run, for the page of a review.
pub struct Strip {
    /// "3 of 12"
    pub position: String,
    /// The next pupil whose review is not signed, or the end of the run.
    pub skip: String,
    pub last: bool,
}

/// The latest week whose last school day has come.
fn week(calendar: &SchoolCalendar, today: Date) -> Option<(Date, String)> {
    let weeks = std::iter::successors(Some(monday(today)), |at| Some(*at - Duration::WEEK)).take(12);
    weeks.map(|at| calendar.week(at)).find_map(|week| {
        let (first, last) = (week.days.first()?, week.days.last()?);
        (*last <= today).then(|| (week.monday, dates::range(*first, *last)))
    })
}

impl Run {
    /// The run at these schools. None: no school week is over yet in the calendar that is loaded.
    pub async fn of(
        conn: &mut sqlx::PgConnection,
        actor: &Actor,
        schools: &[SchoolId],
        moment: Moment,
    ) -> Result<Option<Self>, Error> {
        let Some(first) = schools.first() else { return Ok(None) };
        let calendar = calendar::of_school(&mut *conn, *first, moment.today).await?;
        let Some((week, days)) = week(&calendar, moment.today) else { return Ok(None) };
        let owes = duties::of_schools(&mut *conn, schools, moment).await?;
        let signed = queries::signed_cases(conn, schools, week).await?;
        let mut stops: Vec<_> = owes
            .iter()
            .filter(|of| of.duties.iter().any(|duty| duty.what == What::ReviewWeek { week }))
            .map(|of| Stop {
                case: of.case,
                pupil: of.pupil,
                name: display_name(&of.given_name, of.known_as.as_deref(), &of.family_name),
                mine: of.lead == actor.user,
                signed: false,
                family_name: of.family_name.clone(),
            })
            .collect();
        stops.extend(signed.iter().map(|row: &SignedCase| Stop {
            case: row.case,
            pupil: row.pupil,
            name: display_name(&row.given_name, row.known_as.as_deref(), &row.family_name),
            mine: row.lead == actor.user,
            signed: true,
            family_name: row.family_name.clone(),
        }));
        stops.sort_by(|a, b| {
            (!a.mine, &a.family_name, &a.name, a.case).cmp(&(!b.mine, &b.family_name, &b.name, b.case))
        });
        Ok(Some(Self { week, days, stops }))
    }

    /// The first pupil after this one, or of all, whose review is not signed.
    pub fn next(&self, after: Option<CaseId>) -> Option<&Stop> {
        let at = after.and_then(|case| self.stops.iter().position(|stop| stop.case == case));
        self.stops.iter().skip(at.map_or(0, |at| at + 1)).find(|stop| !stop.signed)
    }

    /// Where to go from here: the next review, or the end of the run.
    pub fn onwards(&self, after: CaseId) -> (String, bool) {
        match self.next(Some(after)) {
            Some(stop) => (urls::review_in_run(stop.case, self.week), false),
            None => (urls::REVIEW_RUN.pattern.to_owned(), true),
        }
    }

    /// Where this case stands; none: it is not in the run.
    pub fn strip(&self, case: CaseId) -> Option<Strip> {
        let at = self.stops.iter().position(|stop| stop.case == case)?;
        let (skip, last) = self.onwards(case);
        Some(Strip { position: format!("{} of {}", at + 1, self.stops.len()), skip, last })
    }
}

#[derive(Template)]
#[template(path = "reviews/run.html")]
struct RunPage {
    chrome: Chrome,
    days: Option<String>,
    signed: usize,
    stops: Vec<Line>,
    start: Option<String>,
}

struct Line {
    name: String,
    href: String,
    mine: bool,
    signed: bool,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let moment = visit.tx.moment();
    let schools = schools(visit.actor());
    let actor = visit.actor().clone();
    let run = Run::of(visit.tx.conn(), &actor, &schools, moment).await?;
    let stops = run.as_ref().map_or(&[] as &[Stop], |run| &run.stops);
    let page = RunPage {
        chrome: visit.chrome(),
        days: run.as_ref().map(|run| run.days.clone()),
        signed: stops.iter().filter(|stop| stop.signed).count(),
        start: run.as_ref().and_then(|run| Some(urls::review_in_run(run.next(None)?.case, run.week))),
        stops: run
            .iter()
            .flat_map(|run| run.stops.iter().map(|stop| (run.week, stop)))
            .map(|(week, stop)| Line {
                name: stop.name.clone(),
                href: if stop.signed {
                    urls::review(stop.case, week)
                } else {
                    urls::review_in_run(stop.case, week)
                },
                mine: stop.mine,
                signed: stop.signed,
            })
            .collect(),
    };
    let trace = Trace {
        school: if let [school] = schools.as_slice() { Some(*school) } else { None },
        pupils: stops.iter().map(|stop| stop.pupil).collect(),
        ..Trace::default()
    };
    visit.show(trace, &page).await
}

/// The schools whose weeks somebody reviews.
pub fn schools(actor: &Actor) -> Vec<SchoolId> {
    let schools = actor.schools_with(Capability::ReviewWeeks).unwrap_or_default();
    schools.into_iter().map(|(school, _)| school).collect()
}
