//! My week: what the cases of a lead's school owe this week, the lead's own first, overdue before all, and what the
//! headteacher reminded them of.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use time::{Date, Duration};
use uuid::Uuid;

use super::{figures, late::REMEMBERED, queries, views};
use crate::{
    db::{calendar, duties, duties::Owes},
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        duties::{Duty, What},
        ids::{CaseId, PupilId, SchoolId},
        permission::{Actor, Capability, SeeReminders},
        pupil::display_name,
    },
    web::{
        duty::{About, DutyLine},
        error::Error,
        extract::Visit,
        page::Chrome,
        urls,
    },
};

#[derive(Template)]
#[template(path = "overview/week.html")]
struct WeekPage {
    chrome: Chrome,
    days: String,
    count: String,
    run: &'static str,
    export: Option<String>,
    blocks: Vec<Block>,
}

/// What is owed by one day, or overdue.
struct Block {
    heading: String,
    overdue: bool,
    mine: Vec<Of>,
    others: Vec<Of>,
}

/// What there is to do about one pupil.
struct Of {
    /// None: of several pupils, as the words say.
    name: Option<String>,
    lines: Vec<Line>,
}

/// One thing to do.
struct Line {
    words: String,
    href: String,
    may: bool,
    /// Who does it, unless it is whoever reads.
    who: Option<String>,
    overdue: Option<String>,
    reminded: Option<String>,
}

/// A duty of this week.
struct Owed<'a> {
    of: &'a Owes,
    duty: &'a Duty,
    overdue: bool,
    line: DutyLine,
    reminded: Option<String>,
}

pub async fn index(mut visit: Visit) -> Result<Response, Error> {
    let (today, now, user) = (visit.tx.today(), visit.tx.now(), visit.actor().user);
    let moment = visit.tx.moment();
    let schools = visit.actor().schools_with(Capability::ReviewWeeks).unwrap_or_default();
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let reminders = figures::reminders(visit.tx.conn(), &ids, today - Duration::days(REMEMBERED)).await?;
    let (mut loaded, mut seen) = (Vec::new(), BTreeMap::<SchoolId, Vec<Uuid>>::new());
    for school in &ids {
        let calendar = calendar::of_school(visit.tx.conn(), *school, today).await?;
        let owes = duties::of_schools(visit.tx.conn(), &[*school], moment).await?;
        loaded.push((calendar, owes));
    }
    let until = monday(today) + Duration::days(6);
    let actor = visit.actor().clone();
    let mut owed: Vec<Owed<'_>> = Vec::new();
    for (calendar, owes) in &loaded {
        for of in owes {
            for duty in of.duties.iter().filter(|duty| duty.due_on <= until) {
                let key = duty.key();
                let reminder = reminders.iter().find(|row| row.case == of.case && row.duty == key);
                if let Some(row) = reminder.filter(|row| row.to == user && row.seen_at.is_none()) {
                    seen.entry(row.school).or_default().push(row.id);
                }
                let about = About {
                    case: of.case,
                    school: of.school,
                    pupil: of.pupil,
                    lead: &of.lead_name,
                    actor: Some(&actor),
                };
                owed.push(Owed {
                    of,
                    duty,
                    overdue: is_overdue(duty, calendar, today),
                    line: DutyLine::of(duty, about, calendar, today),
                    reminded: reminder
                        .map(|row| format!("{} reminded on {}", row.by, dates::short(row.made_on))),
                });
            }
        }
    }
    for (school, reminders) in &seen {
        let permit = visit.actor().permit::<SeeReminders>(*school)?;
        queries::see_reminders(visit.tx.conn(), &permit, reminders, now).await?;
    }
    owed.sort_by_key(|one| (!one.overdue, one.duty.due_on));
    let pupils: Vec<PupilId> = owed.iter().map(|one| one.of.pupil).collect();
    let late = owed.iter().filter(|one| one.overdue).count();
    let page = WeekPage {
        chrome: visit.chrome(),
        days: dates::range(monday(today), monday(today) + Duration::days(4)),
        count: format!(
            "{}, {}",
            views::counted(owed.len(), "thing to do this week", "things to do this week"),
            views::counted(late, "of them overdue", "of them overdue")
        ),
        run: urls::REVIEW_RUN.pattern,
        export: super::export::link(&visit, "week"),
        blocks: blocks(owed, &actor, today),
    };
    let trace = views::trace(&schools, pupils.into_iter());
    visit.show(trace, &page).await
}

fn is_overdue(duty: &Duty, calendar: &SchoolCalendar, today: Date) -> bool {
    duty.overdue(calendar, today) > 0
}

/// Overdue, then day by day; what is past without a school day since belongs to today.
fn blocks(owed: Vec<Owed<'_>>, reader: &Actor, today: Date) -> Vec<Block> {
    let mut by: Vec<(Option<Date>, Vec<Owed<'_>>)> = Vec::new();
    for one in owed {
        let at = (!one.overdue).then(|| one.duty.due_on.max(today));
        match by.last_mut() {
            Some((day, owed)) if *day == at => owed.push(one),
            _ => by.push((at, vec![one])),
        }
    }
    by.into_iter()
        .map(|(at, list)| {
            let (mine, others): (Vec<_>, Vec<_>) =
                list.into_iter().partition(|one| one.of.lead == reader.user);
            Block {
                heading: match at {
                    None => "Overdue".to_owned(),
                    Some(day) if day == today => format!("Today, {}", dates::full(day)),
                    Some(day) => dates::full(day),
                },
                overdue: at.is_none(),
                mine: by_pupil(mine, reader),
                others: by_pupil(others, reader),
            }
        })
        .collect()
}

/// One line for each duty, those of a pupil together; a day to mark is one line for all pupils, for it is one sheet.
fn by_pupil(owed: Vec<Owed<'_>>, reader: &Actor) -> Vec<Of> {
    let mut pupils: Vec<(CaseId, Of)> = Vec::new();
    let mut sheets: BTreeMap<(SchoolId, String), (Line, Vec<String>)> = BTreeMap::new();
    for one in owed {
        let name = display_name(&one.of.given_name, one.of.known_as.as_deref(), &one.of.family_name);
        let line = Line {
            words: one.line.words,
            href: one.line.href,
            may: one.line.may,
            who: Some(one.line.who).filter(|who| *who != reader.name),
            overdue: one.line.overdue,
            reminded: one.reminded,
        };
        match one.duty.what {
            What::FillIn { .. } | What::Record { .. } if line.reminded.is_none() => {
                let sheet = sheets.entry((one.of.school, line.href.clone()));
                sheet.or_insert_with(|| (line, Vec::new())).1.push(name);
            }
            _ => match pupils.iter_mut().find(|(case, _)| *case == one.of.case) {
                Some((_, of)) => of.lines.push(line),
                None => pupils.push((one.of.case, Of { name: Some(name), lines: vec![line] })),
            },
        }
    }
    let sheets = sheets.into_values().map(|(line, mut names)| match names.len() {
        1 => Of { name: names.pop(), lines: vec![line] },
        n => {
            let words = format!("{}: {n} pupils", line.words);
            let who = Some("School lead or staff".to_owned());
            Of { name: None, lines: vec![Line { words, who, ..line }] }
        }
    });
    sheets.chain(pupils.into_iter().map(|(_, of)| of)).collect()
}
