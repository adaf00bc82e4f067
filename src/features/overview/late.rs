//! What is overdue: the list, and reminding whoever leads the case (P2.01).

use std::{collections::BTreeMap, mem};

use askama::Template;
use axum::response::Response;
use time::Date;

use super::{
    export,
    figures::{self, Holder, ReminderRow},
    queries::{self, NewReminder},
    views::{self, OwingLine},
};
use crate::{
    db::{ScopedTx, Trace, calendar, duties, duties::Owes, exclusions, exclusions::Owing},
    domain::{
        calendar::SchoolCalendar,
        dates,
        duties::{Duty, Owner, What},
        ids::{CaseId, PupilId, SchoolId, UserId},
        permission::{Actor, Capability, RIGHTS, Remind},
        pupil::display_name,
    },
    state::london,
    web::{
        duty::{About, DutyLine},
        error::Error,
        extract::{Posted, Visit},
        page::{Chrome, Flash},
        urls,
    },
};

/// Days back a reminder is still told of.
pub const REMEMBERED: i64 = 70;

/// A duty that is overdue.
pub struct Late {
    /// Whose, among those that owe.
    of: usize,
    duty: Duty,
}

/// Overdue duties a page shows; the file has all of them.
const SHOWN: usize = 200;

/// What is overdue at these schools, with the reminders of it.
pub struct Overdue {
    owes: Vec<Owes>,
    /// The oldest first.
    pub late: Vec<Late>,
    reminders: Vec<ReminderRow>,
    /// Who has a week that reminders stand on.
    readers: Vec<Holder>,
    pub calendars: BTreeMap<SchoolId, SchoolCalendar>,
}

impl Overdue {
    /// What cases of these schools owe late. What is owed about exclusions has a list of its own, which cases that ended
    /// are on too.
    pub async fn at(tx: &mut ScopedTx, schools: &[SchoolId]) -> Result<Self, Error> {
        let moment = tx.moment();
        let (mut owes, mut late, mut calendars) = (Vec::new(), Vec::new(), BTreeMap::new());
        for school in schools {
            let calendar = calendar::of_school(tx.conn(), *school, moment.today).await?;
            for mut of in duties::of_schools(tx.conn(), &[*school], moment).await? {
                let mut duties = mem::take(&mut of.duties);
                duties.retain(|duty| {
                    !matches!(duty.what, What::Exclusion { .. }) && duty.overdue(&calendar, moment.today) > 0
                });
                late.extend(duties.into_iter().map(|duty| Late { of: owes.len(), duty }));
                owes.push(of);
            }
            calendars.insert(*school, calendar);
        }
        late.sort_by_key(|late| late.duty.due_on);
        let since = moment.today - time::Duration::days(REMEMBERED);
        let reminders = figures::reminders(tx.conn(), schools, since).await?;
        let readers = readers(tx, schools).await?;
        Ok(Self { owes, late, reminders, readers, calendars })
    }

    /// Whose the oldest so many are.
    pub fn pupils(&self, most: usize) -> impl Iterator<Item = PupilId> {
        self.late.iter().take(most).map(|late| self.owes[late.of].pupil)
    }

    /// The oldest so many, as somebody who may remind sees them.
    pub fn lines(&self, visit: &Visit, place: views::Place<'_>, most: usize) -> Vec<LateLine> {
        let line = |late: &Late| self.line(visit, place, late);
        self.late.iter().take(most).filter_map(line).collect()
    }

    fn line(&self, visit: &Visit, place: views::Place<'_>, late: &Late) -> Option<LateLine> {
        let today = visit.tx.today();
        let (of, duty) = (&self.owes[late.of], &late.duty);
        let calendar = self.calendars.get(&of.school)?;
        let key = duty.key();
        let reminder = self.reminders.iter().find(|row| row.case == of.case && row.duty == key);
        let to = Reminding::of(visit.actor(), &self.readers, (of.school, of.lead));
        // The headteacher is the one who reminds.
        let may =
            duty.what.owner() != Owner::Headteacher && visit.actor().may_at(Capability::Remind, of.school);
        let again = reminder.is_none_or(|row| row.school_day != school_day(calendar, today));
        let about =
            About { case: of.case, school: of.school, pupil: of.pupil, lead: &of.lead_name, actor: None };
        Some(LateLine {
            name: display_name(&of.given_name, of.known_as.as_deref(), &of.family_name),
            school: place(of.school),
            line: DutyLine::of(duty, about, calendar, today),
            reminded: reminder.map(reminded),
            lead: of.lead_name.clone(),
            case: of.case,
            key,
            may_remind: may && again && to == Reminding::Reaches,
            speak: may && to == Reminding::Unseen,
        })
    }
}

/// What comes of reminding whoever leads a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reminding {
    /// It stands on their week.
    Reaches,
    /// Whoever reminds leads the case.
    Oneself,
    /// They have no week at the school, as staff have none.
    Unseen,
}

impl Reminding {
    fn of(actor: &Actor, readers: &[Holder], (school, lead): (SchoolId, UserId)) -> Self {
        if lead == actor.user {
            Self::Oneself
        } else if readers.contains(&Holder { school, user: lead }) {
            Self::Reaches
        } else {
            Self::Unseen
        }
    }
}

/// Who sees reminders at these schools.
async fn readers(tx: &mut ScopedTx, schools: &[SchoolId]) -> Result<Vec<Holder>, Error> {
    let reviewing = RIGHTS.iter().filter(|(_, capability, _)| *capability == Capability::ReviewWeeks);
    let roles: Vec<_> = reviewing.map(|(role, ..)| role.as_str().to_owned()).collect();
    let today = tx.today();
    Ok(figures::holders(tx.conn(), schools, &roles, today).await?)
}

/// The school day a reminder counts for: on a day without school, the one before.
fn school_day(calendar: &SchoolCalendar, today: Date) -> Date {
    calendar.latest_school_day(today).unwrap_or(today)
}

/// "Reminded on 24 Nov 2026, seen on 25 Nov 2026 at 8:05am"
fn reminded(row: &ReminderRow) -> String {
    let seen = row.seen_at.map(london).map_or_else(
        || "not seen yet".to_owned(),
        |at| format!("seen on {} at {}", dates::short(at.date()), dates::time_of_day(at.time())),
    );
    format!("Reminded on {}, {seen}", dates::short(row.made_on))
}

/// A line of the list.
pub struct LateLine {
    pub name: String,
    pub school: Option<String>,
    pub line: DutyLine,
    pub reminded: Option<String>,
    pub lead: String,
    pub case: CaseId,
    pub key: String,
    pub may_remind: bool,
    /// A reminder would not be seen: the lead is to be spoken to.
    pub speak: bool,
}

/// Steps after an exclusion whose day is past.
pub fn late_steps(owing: &[Owing], today: Date) -> usize {
    owing.iter().flat_map(|of| &of.duties).filter(|duty| duty.due_on < today).count()
}

#[derive(Template)]
#[template(path = "overview/overdue.html")]
struct OverduePage {
    chrome: Chrome,
    heading: String,
    lines: Vec<LateLine>,
    /// So many more are in the file only.
    beyond: usize,
    steps: Vec<OwingLine>,
    export: Option<String>,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let schools = visit.actor().schools_with(Capability::SeeOverview).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let overdue = Overdue::at(&mut visit.tx, &ids).await?;
    let moment = visit.tx.moment();
    let mut owing = exclusions::owing(visit.tx.conn(), &ids, moment).await?;
    let steps = late_steps(&owing, today);
    owing.retain(|of| of.duties.iter().any(|duty| duty.due_on < today));
    let place = views::place(&schools);
    let page = OverduePage {
        chrome: visit.chrome(),
        heading: views::counted(overdue.late.len() + steps, "duty overdue", "duties overdue"),
        export: export::link(&visit, "overdue"),
        lines: overdue.lines(&visit, &place, SHOWN),
        beyond: overdue.late.len().saturating_sub(SHOWN),
        steps: owing.iter().map(|of| OwingLine::of(of, &place, today)).collect(),
    };
    let pupils = overdue.pupils(SHOWN).chain(owing.iter().map(|of| of.pupil));
    let trace = views::trace(&schools, pupils);
    visit.show(trace, &page).await
}

pub async fn remind(mut posted: Posted) -> Result<Response, Error> {
    let case: CaseId = posted.form.value("case").parse().map_err(|_| Error::NotFound)?;
    let (case, permit) = posted.case::<Remind>(case).await?;
    let moment = posted.tx.moment();
    let calendar = calendar::of_school(posted.tx.conn(), case.school, moment.today).await?;
    let owed = duties::of_case(posted.tx.conn(), &case, moment).await?;
    let key = posted.form.value("duty").to_owned();
    let duty = owed.iter().find(|duty| {
        duty.key() == key
            && duty.overdue(&calendar, moment.today) > 0
            && duty.what.owner() != Owner::Headteacher
            && !matches!(duty.what, What::Exclusion { .. })
    });
    let trace = Trace { changed: &["reminder"], ..case.trace(&[]) };
    let Some(duty) = duty else {
        let trace = Trace { changed: &[], ..trace };
        return posted.done(trace, urls::OVERVIEW_OVERDUE.pattern, Some(Flash::NothingToRemind)).await;
    };
    let readers = readers(&mut posted.tx, &[case.school]).await?;
    let in_vain = match Reminding::of(posted.actor(), &readers, (case.school, case.lead)) {
        Reminding::Reaches => None,
        Reminding::Oneself => Some(Flash::RemindedOneself),
        Reminding::Unseen => Some(Flash::ReminderUnseen),
    };
    if in_vain.is_some() {
        let trace = Trace { changed: &[], ..trace };
        return posted.done(trace, urls::OVERVIEW_OVERDUE.pattern, in_vain).await;
    }
    let words = duty.what.words();
    let new = NewReminder {
        case: case.id,
        duty: &key,
        words: &words,
        to: case.lead,
        school_day: school_day(&calendar, moment.today),
    };
    let made = queries::remind(posted.tx.conn(), &permit, new, moment.now, moment.today).await?;
    let flash = if made { Flash::Reminded } else { Flash::RemindedBefore };
    posted.done(trace, urls::OVERVIEW_OVERDUE.pattern, Some(flash)).await
}
