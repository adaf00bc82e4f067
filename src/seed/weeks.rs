//! Week after week of the demo's cases: the review as it would have been signed and the feedback as it would have
//! been given, from the same figures the screens read.

use serde_json::json;
use sqlx::PgConnection;
use time::{Date, Duration};
use uuid::Uuid;

use super::{
    copy::Table,
    programme::Story,
    world::{Maker, afternoon},
};
use crate::{
    db::{DbError, case, week},
    domain::{
        ids::CaseId,
        monitoring::Totals,
        policy::ProgrammePolicy,
        review::{self, Rated, Rating, WeekFigures},
        week::{Review, Standing, Weeks},
    },
};

/// What every week of a case shares.
struct Run<'a, 'b> {
    story: &'a Story<'b>,
    weeks: Weeks,
    policy: ProgrammePolicy,
}

impl Maker {
    /// Reviews and feedback of a case, up to where its lead got.
    pub async fn weeks(&mut self, db: &mut PgConnection, story: &Story<'_>) -> Result<(), DbError> {
        let Some(of) = case::of(db, CaseId::from(story.id)).await? else { return Ok(()) };
        let (weeks, calendar, school_weeks) = week::weeks(db, &of, self.today).await?;
        let policy = of.policy.0.clone();
        let mut run = Run { story, weeks, policy };
        // This week is still to be reviewed; some leads are two weeks behind, some have stopped telling parents.
        let behind = match story.n % 9 {
            4 if story.closed_on.is_none() => 3,
            _ => 1,
        };
        let silent = if story.n % 9 == 7 && story.closed_on.is_none() { 3 } else { 0 };
        let done = school_weeks.len().saturating_sub(usize::from(story.closed_on.is_none()) * behind);
        for (n, at) in school_weeks.iter().take(done).enumerate() {
            let Standing::Owed(last_day) = run.weeks.standing(at, &run.policy) else { continue };
            let Some(span) = run.weeks.span(&school_weeks, at.monday, &run.policy) else { continue };
            let figures = week::figures(db, &of, &run.weeks, &span, self.today).await?;
            let last_day = story.closed_on.map_or(last_day, |closed| closed.min(last_day));
            self.review(&mut run, (span.from_on(), at.monday), last_day, &figures);
            if n + silent < done && !story.pupil.barred {
                self.feedback(story, at.monday, last_day, &figures);
            }
        }
        drop(calendar);
        Ok(())
    }

    fn review(
        &mut self,
        run: &mut Run<'_, '_>,
        (from, on): (Date, Date),
        last_day: Date,
        figures: &WeekFigures,
    ) {
        let (story, policy) = (run.story, &run.policy);
        let light = |totals: Totals| review::suggested_rating(totals, policy);
        let overall = light(figures.totals()).unwrap_or(Rating::Amber);
        let ratings: Vec<_> = figures
            .by_target
            .iter()
            .map(|(target, named)| Rated {
                target: *target,
                words: named.name.clone(),
                rating: light(named.totals()).unwrap_or(overall),
            })
            .collect();
        let before = run.weeks.signed_before(on);
        let (suggestion, _) = review::suggest(figures, &before, run.weeks.due_on(last_day), last_day, policy);
        let went_well = figures.went_well(&story.pupil.given, &[], 400);
        let next = match overall {
            Rating::Green => "Go on as it is; tell the class teachers how well it went.",
            Rating::Amber => "Meet at the door after break; mentor to look at Thursday afternoon.",
            Rating::Red => {
                "Change the seat in two lessons and try the time-out card again; ring home on Wednesday."
            }
        };
        let services = if story.n.is_multiple_of(5) { "{\"Behaviour Support Team\"}" } else { "{}" };
        let id = self.id();
        self.copy.add(
            Table::Reviews,
            &[
                &id,
                &self.authority,
                &story.school.id,
                &story.id,
                &on,
                &from,
                &1_i32,
                &json!(figures).to_string(),
                &json!(ratings).to_string(),
                &overall.as_str(),
                &suggestion.as_str(),
                &(!went_well.is_empty()).then_some(went_well),
                &next,
                &services,
                &last_day,
                &afternoon(last_day).min(self.now),
                &story.school.lead.0,
            ],
        );
        run.weeks.reviews.insert(0, Review { from_week_on: from, week_on: on, overall });
    }

    fn feedback(&mut self, story: &Story<'_>, on: Date, last_day: Date, figures: &WeekFigures) {
        let reached = !self.chance(8);
        let answer = (reached && self.chance(25)).then(|| {
            *self.pick(&[
                "Pleased, it is calmer at home too.",
                "Worried about the new timetable.",
                "Thanks for ringing.",
            ])
        });
        let words = format!("This week came to {}. {}.", figures.totals().words(), figures.trend());
        // Nobody was reached: tried again the same day.
        for _ in 0..if reached { 1 } else { 2 } {
            let id: Uuid = self.id();
            self.copy.add(
                Table::Feedback,
                &[
                    &id,
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &on,
                    &story.pupil.contact,
                    &"phone",
                    &words,
                    &json!(figures).to_string(),
                    &last_day,
                    &(afternoon(last_day) + Duration::minutes(20)).min(self.now),
                    &story.school.lead.0,
                    &reached,
                    &answer,
                ],
            );
        }
    }
}
