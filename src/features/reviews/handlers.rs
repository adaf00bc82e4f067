//! The weeks of a case and the review of one (S1.13).

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use time::Date;

use super::{
    queries::{self, NewReview, ReviewRow},
    run::{self, Run, Strip},
    views::{self, FiguresView, SignedView, ToldRow},
};
use crate::{
    db::{
        case::CaseOf,
        week::{self, WeekOf},
    },
    domain::{
        dates,
        ids::CaseId,
        permission::{Actor, Capability, ReviewWeeks},
        review::{self, Rated, Rating, Suggestion, suggested_rating},
        week::{Standing, Weeks, named},
    },
    state::london,
    web::{
        case::Identity,
        error::{Conflict, Error},
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Longest text of a review.
pub const MAX_WORDS: usize = 1000;
/// Longest note on what the services said, and on why another light is given.
const MAX_NOTE: usize = 500;

#[derive(Template)]
#[template(path = "reviews/index.html")]
struct WeeksPage {
    chrome: Chrome,
    identity: Identity,
    lines: Vec<Line>,
}

struct Line {
    href: String,
    days: String,
    light: Option<Rating>,
    figures: String,
    suggested: &'static str,
    signed: String,
    /// "Not reviewed yet", "May be reviewed with the next week", ...
    owed: String,
    overdue: bool,
}

fn line(
    case: CaseId,
    weeks: &Weeks,
    week: &crate::domain::calendar::Week,
    policy: &CaseOf,
    row: Option<&ReviewRow>,
    today: Date,
) -> Line {
    let (first, last) = (week.days.first().copied(), week.days.last().copied());
    let from = row.map_or(first, |row| {
        // A review that speaks for earlier weeks shows them.
        if row.from_week_on < week.monday { Some(row.from_week_on) } else { first }
    });
    let days = dates::range(from.unwrap_or(week.monday), last.unwrap_or(week.monday));
    let mut line = Line {
        href: urls::review(case, week.monday),
        days,
        light: row.map(ReviewRow::rating),
        figures: row.map_or_else(String::new, |row| row.figures.totals().words()),
        suggested: row.map_or("", ReviewRow::suggested),
        signed: row.map_or_else(String::new, |row| format!("{}, {}", row.by, dates::short(row.signed_on))),
        owed: String::new(),
        overdue: false,
    };
    match weeks.standing(week, &policy.policy) {
        Standing::Signed => {}
        Standing::Covered(by) => {
            line.owed = format!("Reviewed with the week of {}", dates::long(by));
        }
        Standing::MayWait => {
            "Few days: may be reviewed with the next week".clone_into(&mut line.owed);
        }
        Standing::Owed(due) => {
            line.overdue = due < today && policy.closed_on.is_none();
            line.owed = format!("Not reviewed yet: due {}", dates::full(due));
        }
    }
    line
}

pub async fn index(Id(id): Id<CaseId>, mut visit: Visit) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let (weeks, _, school_weeks) = week::weeks(visit.tx.conn(), &case, today).await?;
    let rows = queries::standing(visit.tx.conn(), id).await?;
    let row = |monday| rows.iter().find(|row| row.week_on == monday);
    let page = WeeksPage {
        chrome: visit.chrome(),
        identity: Identity::of(&case, visit.actor(), today, "Weekly reviews"),
        lines: school_weeks
            .iter()
            .rev()
            .map(|week| line(id, &weeks, week, &case, row(week.monday), today))
            .collect(),
    };
    let trace = case.trace(&[]);
    visit.show(trace, &page).await
}

#[derive(Template)]
#[template(path = "reviews/show.html")]
struct ReviewPage {
    chrome: Chrome,
    identity: Identity,
    form: Form,
    case: CaseId,
    action: String,
    /// In a run: where one is in it.
    run: Option<Strip>,
    days: String,
    /// The weeks before that this review speaks for.
    merged: Option<String>,
    /// The last school day has not come yet.
    early: Option<String>,
    /// The review of another week speaks for this one: words and address.
    covered: Option<(String, String)>,
    figures: FiguresView,
    suggestion: Suggestion,
    reason: String,
    overall_hint: String,
    targets: Vec<TargetField>,
    services: Vec<(String, String)>,
    signed: Option<SignedView>,
    earlier: Vec<SignedView>,
    /// The figures as signed and now, when marks were changed since.
    changed: Option<(String, String)>,
    may_sign: bool,
    told: Vec<ToldRow>,
    feedback: String,
    letters: String,
    late: Option<String>,
}

struct TargetField {
    field: String,
    legend: String,
    figures: String,
}

/// The week and everything about it.
pub struct Looked {
    pub case: CaseOf,
    pub week: WeekOf,
    pub versions: Vec<ReviewRow>,
}

impl Looked {
    /// The week that the address names; 404 when there is none.
    pub async fn at(
        conn: &mut sqlx::PgConnection,
        case: CaseOf,
        text: &str,
        today: Date,
    ) -> Result<Self, Error> {
        let at = named(text).ok_or(Error::NotFound)?;
        let week = week::of(&mut *conn, &case, at, today).await?.ok_or(Error::NotFound)?;
        let versions = queries::versions(conn, case.id, at).await?;
        Ok(Self { case, week, versions })
    }

    /// The Monday.
    pub fn on(&self) -> Date {
        self.week.span.week_on()
    }

    /// The figures families hear: as signed, or as they stand until somebody signs.
    pub fn figures(&self) -> &review::WeekFigures {
        self.versions.first().map_or(&self.week.figures, |row| &row.figures.0)
    }

    fn suggestion(&self) -> (Suggestion, String) {
        let span = &self.week.span;
        review::suggest(
            &self.week.figures,
            &self.week.weeks.signed_before(span.from_on()),
            self.week.weeks.due_on(span.last_day()),
            span.last_day(),
            &self.case.policy,
        )
    }

    fn suggested(&self) -> Option<Rating> {
        suggested_rating(self.week.figures.totals(), &self.case.policy)
    }

    /// Services a lead may have spoken with: those known now, and those named before.
    fn services(&self) -> Vec<(String, String)> {
        let mut names = self.week.services.clone();
        for name in self.versions.iter().flat_map(|row| &row.services) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names.into_iter().map(|name| (name.clone(), name)).collect()
    }
}

async fn page(
    conn: &mut sqlx::PgConnection,
    chrome: Chrome,
    actor: &Actor,
    (form, run): (Form, Option<Strip>),
    looked: &Looked,
    today: Date,
) -> Result<ReviewPage, Error> {
    let Looked { case, week, versions } = looked;
    let (suggestion, reason) = looked.suggestion();
    let contacts = queries::contacts(&mut *conn, case.pupil, case.school).await?;
    let feedback = queries::feedback(conn, case.id, case.school, looked.on()).await?;
    let span = &week.span;
    let may_review = case.closed_on.is_none() && actor.may_at(Capability::ReviewWeeks, case.school);
    let changed = versions.first().filter(|row| row.figures.0 != week.figures).map(|row| {
        (
            format!("{}, {}", row.figures.totals().words(), row.figures.totals().recorded_words()),
            format!("{}, {}", week.figures.totals().words(), week.figures.totals().recorded_words()),
        )
    });
    let mut signed = versions.iter().map(views::signed_view);
    Ok(ReviewPage {
        identity: Identity::of(case, actor, today, "Weekly reviews"),
        chrome,
        form,
        case: case.id,
        action: urls::review(case.id, looked.on()),
        run,
        days: span.words(),
        merged: (span.weeks.len() > 1).then(|| {
            format!("Few marks were expected before this week, so this review speaks for {}.", span.words())
        }),
        early: (span.last_day() > today).then(|| dates::full(span.last_day())),
        covered: span
            .covered_by
            .map(|by| (format!("the week of {}", dates::long(by)), urls::review(case.id, by))),
        figures: views::figures_view(&week.figures),
        suggestion,
        reason,
        overall_hint: match looked.suggested() {
            Some(light) => format!("The figures suggest {}", light.label()),
            None => "Nothing was marked, so the figures suggest nothing".to_owned(),
        },
        targets: week
            .figures
            .by_target
            .iter()
            .map(|(id, target)| TargetField {
                field: format!("rating.{id}"),
                legend: target.name.clone(),
                figures: target.totals().words(),
            })
            .collect(),
        services: looked.services(),
        signed: signed.next(),
        earlier: signed.collect(),
        changed,
        may_sign: may_review && span.covered_by.is_none(),
        told: views::told_rows(&contacts, &feedback, case.id, looked.on()),
        feedback: urls::feedback(case.id, looked.on()),
        letters: urls::letters(case.id, looked.on()),
        late: (versions.is_empty() && may_review && span.covered_by.is_none() && span.last_day() < today)
            .then(|| dates::full(span.last_day())),
    })
}

/// Whether the review is looked at in a run.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    run: Option<String>,
}

/// The run this case is in, for somebody who signs.
async fn run_of(
    conn: &mut sqlx::PgConnection,
    actor: &Actor,
    moment: crate::db::Moment,
) -> Result<Option<Run>, Error> {
    let schools = run::schools(actor);
    Run::of(conn, actor, &schools, moment).await
}

pub async fn show(
    Id((id, at)): Id<(CaseId, String)>,
    Query(asked): Query<Asked>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let today = visit.tx.today();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let looked = Looked::at(visit.tx.conn(), case, &at, today).await?;
    let (suggestion, _) = looked.suggestion();
    let form = views::review_form(&looked.case, &looked.week, suggestion, looked.versions.first());
    let (chrome, actor) = (visit.chrome(), visit.actor().clone());
    let moment = visit.tx.moment();
    let run = match asked.run {
        Some(_) => run_of(visit.tx.conn(), &actor, moment).await?,
        None => None,
    };
    let strip = run.filter(|run| run.week == looked.on()).and_then(|run| run.strip(id));
    let page = page(visit.tx.conn(), chrome, &actor, (form, strip), &looked, today).await?;
    let trace = looked.case.trace(&[]);
    visit.show(trace, &page).await
}

/// What was typed, when all of it can be signed.
struct Typed {
    ratings: Vec<Rated>,
    overall: Rating,
    overall_why: Option<String>,
    went_well: Option<String>,
    next_steps: String,
    services: Vec<String>,
    services_words: Option<String>,
}

fn read(form: &mut Form, looked: &Looked) -> Result<Option<Typed>, Error> {
    let ratings = read_ratings(form, looked)?;
    let overall = form.choice("overall", Rating::from_stored, "Select a light for the week");
    let differs =
        matches!((overall, looked.suggested()), (Some(given), Some(suggested)) if given != suggested);
    let overall_why = form.optional_paragraph("overall_why", "Why", MAX_NOTE);
    if differs && overall_why == Some(None) {
        form.fail("overall_why", "Say why you give another light than the figures suggest");
    }
    let went_well = form.optional_paragraph("went_well", "What went well", MAX_WORDS);
    let next_steps = form.paragraph("next_steps", "The next steps", MAX_WORDS);
    let known = looked.services();
    let services: Vec<_> = form.values_of("services").into_iter().map(str::to_owned).collect();
    if services.iter().any(|name| !known.iter().any(|(service, _)| service == name)) {
        form.fail("services", "Select the services from the list, and name others in the notes below it");
    }
    let services_words = form.optional_paragraph("services_words", "What they said", MAX_NOTE);
    let typed = || {
        Some(Typed {
            ratings: ratings?,
            overall: overall?,
            overall_why: overall_why?,
            went_well: went_well?,
            next_steps: next_steps?,
            services,
            services_words: services_words?,
        })
    };
    Ok(typed())
}

/// A light for each target of the week; one without any mark may stay without. Another target is not there.
fn read_ratings(form: &mut Form, looked: &Looked) -> Result<Option<Vec<Rated>>, Error> {
    let targets = &looked.week.figures.by_target;
    let foreign = form.pairs().iter().any(|(field, _)| {
        field
            .strip_prefix("rating.")
            .is_some_and(|id| !targets.iter().any(|(target, _)| target.to_string() == id))
    });
    if foreign {
        return Err(Error::NotFound);
    }
    let (mut ratings, mut complete) = (Vec::new(), true);
    for (target, named) in targets {
        let field = format!("rating.{target}");
        if form.value(&field).is_empty() && named.recorded == 0 {
            continue;
        }
        let message = format!("Select a light for “{}”", named.name);
        match form.choice(&field, Rating::from_stored, &message) {
            Some(rating) => ratings.push(Rated { target: *target, words: named.name.clone(), rating }),
            None => complete = false,
        }
    }
    Ok(complete.then_some(ratings))
}

pub async fn sign(Id((id, at)): Id<(CaseId, String)>, mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<ReviewWeeks>(id).await?;
    let looked = Looked::at(posted.tx.conn(), case, &at, today).await?;
    if looked.week.span.covered_by.is_some() {
        return Err(Error::BadRequest("The review of a later week already speaks for this one."));
    }
    let over = posted
        .form
        .value("version")
        .parse()
        .map_err(|_| Error::BadRequest("It does not say which version it changes."))?;
    let (in_run, moment) = (!posted.form.value("run").is_empty(), posted.tx.moment());
    let typed = read(&mut posted.form, &looked)?;
    let (false, Some(typed)) = (posted.needs_another_look(), typed) else {
        let (chrome, actor, form) = (posted.chrome(), posted.actor().clone(), posted.form.clone());
        let strip = if in_run { run_of(posted.tx.conn(), &actor, moment).await? } else { None };
        let strip = strip.and_then(|run| run.strip(id));
        let page = page(posted.tx.conn(), chrome, &actor, (form, strip), &looked, today).await?;
        return posted.again(&page).await;
    };
    let review = NewReview {
        case: id,
        week_on: looked.on(),
        from_week_on: looked.week.span.from_on(),
        over,
        figures: &looked.week.figures,
        ratings: &typed.ratings,
        overall: typed.overall,
        overall_why: typed.overall_why.clone(),
        suggestion: looked.suggestion().0,
        went_well: typed.went_well.clone(),
        next_steps: typed.next_steps.clone(),
        services: &typed.services,
        services_words: typed.services_words.clone(),
    };
    if !queries::sign(posted.tx.conn(), &permit, review, now, today).await? {
        let versions = queries::versions(posted.tx.conn(), id, looked.on()).await?;
        return Err(clash(id, &looked, versions.first(), &typed));
    }
    let trace = looked.case.trace(&["review"]);
    if in_run {
        let actor = posted.actor().clone();
        let run = run_of(posted.tx.conn(), &actor, moment).await?;
        let (next, ended) =
            run.map_or_else(|| (urls::REVIEW_RUN.pattern.to_owned(), true), |run| run.onwards(id));
        let flash = if ended { Flash::RunEnded } else { Flash::ReviewSignedNext };
        return posted.done(trace, &next, Some(flash)).await;
    }
    posted.done(trace, &urls::review(id, looked.on()), Some(Flash::ReviewSigned)).await
}

/// Somebody signed meanwhile: their review and what was typed, side by side.
fn clash(case: CaseId, looked: &Looked, stands: Option<&ReviewRow>, typed: &Typed) -> Error {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let now = |text: fn(&ReviewRow) -> String| stands.map_or_else(String::new, text);
    let lights = |ratings: &[Rated]| {
        let one = |rated: &Rated| format!("{}: {}", rated.words, rated.rating.label());
        ratings.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let field = |label: &str, now: String, sent: String| (label.to_owned(), now, sent);
    Error::Conflict(Box::new(Conflict {
        what: "This weekly review".to_owned(),
        changed: stands.map_or_else(
            || "It is not there any more".to_owned(),
            |row| {
                let at = london(row.signed_at);
                format!(
                    "{} signed it on {} at {}",
                    row.by,
                    dates::short(at.date()),
                    dates::time_of_day(at.time())
                )
            },
        ),
        fields: vec![
            field(
                "Light of the week",
                now(|row| row.rating().label().to_owned()),
                typed.overall.label().to_owned(),
            ),
            field(
                "Lights of the targets",
                stands.map_or_else(String::new, |row| lights(&row.ratings)),
                lights(&typed.ratings),
            ),
            field(
                "Why",
                stands.map_or_else(String::new, |row| or_empty(&row.overall_why)),
                or_empty(&typed.overall_why),
            ),
            field(
                "What went well",
                stands.map_or_else(String::new, |row| or_empty(&row.went_well)),
                or_empty(&typed.went_well),
            ),
            field("Next steps", now(|row| row.next_steps.clone()), typed.next_steps.clone()),
            field("Services", now(|row| row.services.join(", ")), typed.services.join(", ")),
            field(
                "What they said",
                stands.map_or_else(String::new, |row| or_empty(&row.services_words)),
                or_empty(&typed.services_words),
            ),
        ],
        edit: urls::review(case, looked.on()),
    }))
}
