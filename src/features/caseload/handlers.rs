//! The caseload, and the views people keep of it.

use askama::Template;
use axum::{extract::RawQuery, response::Response};

use super::{
    filter::{Filter, SIZES, Sort, View},
    queries::{self, Line, MOST_COUNTED, SavedView, Scope},
    views::{Choice, Header, Row, Tag, ViewLink},
};
use crate::{
    db::{ScopedTx, Trace, duties},
    domain::{
        ids::{CaseId, SavedViewId, SchoolId},
        permission::{Actor, Capability},
        pupil::SendStatus,
    },
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        page::{Chrome, Flash},
        urls,
    },
};

/// Longest name of a view.
const MAX_NAME: usize = 60;
/// Longest address of a view that is kept.
const MAX_QUERY: usize = 2_000;

#[derive(Template)]
#[template(path = "caseload/index.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
struct CaseloadPage {
    chrome: Chrome,
    form: Form,
    title: String,
    views: Vec<ViewLink>,
    saved: Vec<SavedView>,
    rows: Vec<Row>,
    nothing: &'static str,
    narrowed: bool,
    tags: Vec<Tag>,
    /// Without the tags.
    cleared: String,
    schools: Vec<Choice>,
    stages: Vec<Choice>,
    years: Vec<Choice>,
    send: Vec<Choice>,
    looked_after: bool,
    orders: Vec<Choice>,
    sizes: Vec<Choice>,
    headers: Vec<Header>,
    view: &'static str,
    query: String,
    several_schools: bool,
    may_select: bool,
    beyond_first: bool,
    first: String,
    more: Option<String>,
    export: Option<String>,
    /// Cases whose standing is that of an earlier day.
    unreckoned: i64,
}

/// The schools the person sees the caseload of, by name.
pub(super) async fn schools_of(tx: &mut ScopedTx) -> Result<Vec<(SchoolId, String)>, Error> {
    if let Some(schools) = tx.actor().schools_with(Capability::SeeCaseload) {
        return Ok(schools);
    }
    let authority = tx.actor().authority;
    let all = queries::schools_of_authority(tx.conn(), authority).await?;
    Ok(all.into_iter().map(|school| (school.id, school.name)).collect())
}

pub async fn index(RawQuery(query): RawQuery, mut visit: Visit) -> Result<Response, Error> {
    let filter = Filter::parse(query.as_deref().unwrap_or_default());
    let (page, trace) = look(&mut visit, &filter, Form::empty()).await?;
    visit.show(trace, &page).await
}

async fn look(visit: &mut Visit, filter: &Filter, form: Form) -> Result<(CaseloadPage, Trace), Error> {
    let today = visit.tx.today();
    let schools = schools_of(&mut visit.tx).await?;
    let ids: Vec<_> = schools.iter().map(|(id, _)| *id).collect();
    let every = visit.actor().schools_with(Capability::SeeCaseload).is_none();
    let scope = Scope::of(&visit.tx, if every { None } else { Some(&ids) });
    let mut lines = lines(visit, scope, filter).await?;
    // A number is that of the list its link leads to: of whole views.
    let counts = if filter.narrows() { None } else { Some(queries::counts(visit.tx.conn(), scope).await?) };
    let unreckoned = queries::unreckoned(visit.tx.conn(), scope).await?;
    let saved = queries::saved_views(visit.tx.conn(), scope.authority, scope.user).await?;
    let size = usize::try_from(filter.page()).unwrap_or(usize::MAX);
    let full = lines.len() > size;
    // How many fit: counted with the views, seen on the page, or counted for it.
    let fit = match &counts {
        Some(counts) => {
            View::ALL.iter().zip(counts).find(|(view, _)| **view == filter.view).map_or(0, |(_, n)| *n)
        }
        None if filter.after.is_none() && !full => i64::try_from(lines.len()).unwrap_or(i64::MAX),
        None => queries::count(visit.tx.conn(), scope, filter, MOST_COUNTED).await?,
    };
    lines.truncate(size);
    let (chrome, actor) = (visit.chrome(), visit.actor());
    let page = CaseloadPage {
        chrome,
        form,
        title: title(filter, fit),
        views: view_links(filter, counts.as_ref(), actor),
        saved,
        rows: lines.iter().map(|line| Row::of(line, actor, today)).collect(),
        nothing: filter.view.nothing(),
        narrowed: filter.narrows(),
        tags: Tag::of(filter, &schools),
        cleared: Filter { view: filter.view, ..Filter::default() }.query(),
        schools: schools
            .iter()
            .map(|(id, name)| Choice::of(id.to_string(), name.clone(), filter.schools.contains(id)))
            .collect(),
        stages: (1..=3)
            .map(|n: i16| Choice::of(n.to_string(), format!("Stage {n}"), filter.stages.contains(&n)))
            .collect(),
        years: (7..=11)
            .map(|n: i16| Choice::of(n.to_string(), format!("Year {n}"), filter.years.contains(&n)))
            .collect(),
        send: [SendStatus::SenSupport, SendStatus::Ehcp]
            .map(|send| {
                Choice::of(send.as_str().to_owned(), send.label().to_owned(), filter.send.contains(&send))
            })
            .to_vec(),
        looked_after: filter.looked_after,
        orders: orders(filter),
        sizes: SIZES
            .map(|size| Choice::of(size.to_string(), size.to_string(), size == filter.page()))
            .to_vec(),
        headers: Header::all(filter, schools.len() > 1),
        view: filter.view.as_str(),
        query: filter.query(),
        several_schools: schools.len() > 1,
        may_select: actor.may(Capability::LookAfterCases),
        beyond_first: filter.after.is_some(),
        first: urls::caseload(&filter.query()),
        more: lines.last().filter(|_| full).map(|last| urls::caseload(&filter.after(last.id, &last.stands))),
        export: actor.may(Capability::ExportCases).then(|| urls::export_caseload(&filter.query())),
        unreckoned,
    };
    let trace = Trace {
        school: match ids.as_slice() {
            [school] => Some(*school),
            _ => None,
        },
        pupils: lines.iter().map(|line| line.pupil).collect(),
        ..Trace::default()
    };
    Ok((page, trace))
}

/// The page; where something on it is to be reckoned anew, it is, and the page looked at once more.
async fn lines(visit: &mut Visit, scope: Scope<'_>, filter: &Filter) -> Result<Vec<Line>, Error> {
    let limit = filter.page() + 1;
    let lines = queries::page(visit.tx.conn(), scope, filter, limit).await?;
    let anew: Vec<CaseId> =
        lines.iter().filter(|line| line.reckoned_on != Some(scope.today)).map(|line| line.id).collect();
    if anew.is_empty() {
        return Ok(lines);
    }
    let moment = visit.tx.moment();
    duties::reckon_anew(visit.tx.conn(), &anew, moment).await?;
    Ok(queries::page(visit.tx.conn(), scope, filter, limit).await?)
}

/// "Overdue: 12 cases", "Overdue, filtered: 3 cases"
fn title(filter: &Filter, fit: i64) -> String {
    let filtered = if filter.narrows() { ", filtered" } else { "" };
    format!("{}{filtered}: {}", filter.view.label(), cases(fit))
}

/// "12 cases", "1,000 or more cases".
fn cases(count: i64) -> String {
    match count {
        1 => "1 case".to_owned(),
        MOST_COUNTED.. => "1,000 or more cases".to_owned(),
        n => format!("{n} cases"),
    }
}

fn view_links(filter: &Filter, counts: Option<&[i64; 7]>, actor: &Actor) -> Vec<ViewLink> {
    View::ALL
        .into_iter()
        .enumerate()
        // What waits for the LA is for those of the LA to see first.
        .filter(|(_, view)| *view != View::WaitsForLa || actor.may(Capability::LookAfterCases))
        .map(|(at, view)| ViewLink {
            text: view.label(),
            count: counts.and_then(|counts| counts.get(at)).map(|count| match *count {
                MOST_COUNTED.. => "1,000+".to_owned(),
                n => n.to_string(),
            }),
            href: urls::caseload(&filter.of_view(view)),
            current: filter.view == view,
        })
        .collect()
}

fn orders(filter: &Filter) -> Vec<Choice> {
    let ways = Sort::ALL.into_iter().flat_map(|sort| [(sort, false), (sort, true)]);
    ways.map(|(sort, reverse)| {
        let value = Filter { sort, reverse, ..Filter::default() }.sorted();
        let chosen = filter.sort == sort && filter.reverse == reverse;
        Choice::of(value, sort.label(reverse).to_owned(), chosen)
    })
    .collect()
}

/// Keeps what the page shows as a view: the filters and the order, never which cases.
pub async fn save_view(mut posted: Posted) -> Result<Response, Error> {
    let now = posted.tx.now();
    let typed = posted.form.value("query").to_owned();
    if typed.len() > MAX_QUERY {
        return Err(Error::BadRequest("It has more filters than a view can keep."));
    }
    let filter = Filter::parse(&typed);
    let name = posted.form.line("name", "Name of the view", MAX_NAME);
    // Only somebody with colleagues who see other caseloads can share.
    let shared = posted.form.checked("shared", "yes") && posted.actor().may(Capability::LookAfterCases);
    let (false, Some(name)) = (posted.needs_another_look(), name) else {
        let page = SavePage {
            chrome: posted.chrome(),
            form: posted.form.clone(),
            back: urls::caseload(&filter.query()),
            query: filter.query(),
            may_share: posted.actor().may(Capability::LookAfterCases),
        };
        return posted.again(&page).await;
    };
    let whose = (posted.actor().authority, posted.actor().user);
    let query = filter.query();
    queries::save_view(posted.tx.conn(), whose, (&name, &query, shared), now).await?;
    let trace = Trace { changed: &["view"], ..Trace::default() };
    posted.done(trace, &urls::caseload(&query), Some(Flash::ViewSaved)).await
}

#[derive(Template)]
#[template(path = "caseload/save.html")]
struct SavePage {
    chrome: Chrome,
    form: Form,
    back: String,
    query: String,
    may_share: bool,
}

/// Forgets a view of one's own.
pub async fn remove_view(Id(id): Id<SavedViewId>, mut posted: Posted) -> Result<Response, Error> {
    let user = posted.actor().user;
    if !queries::remove_view(posted.tx.conn(), user, id).await? {
        return Err(Error::NotFound);
    }
    let trace = Trace { subject: Some(id.uuid()), changed: &["view"], ..Trace::default() };
    posted.done(trace, "/caseload", Some(Flash::ViewRemoved)).await
}
