//! How a handler gets its request: a [`Visit`] for pages, a [`Posted`] for forms, an [`Id`] from the path.
//! Both begin the scoped transaction; a form whose session has ended is kept for the person it belongs to.

mod fields;

use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Path, RawPathParams, Request},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::fields::MAX_FORM_BYTES;
use self::fields::{allow, fingerprint, read_fields, sent_before, take};
use super::{
    error::{Conflict, ConflictPage, Error},
    export::{self, Format, Table},
    forms::Form,
    page::{self, Chrome, Flash},
    routes::{Gate, Method, RouteSpec},
    session, urls,
};
use crate::{
    db::{
        Begun, DbError, FormKey, Moment, ScopedTx, Trace,
        names::{self, Names},
    },
    domain::{
        ids::PupilId,
        permission::{Actor, Denied},
    },
    state::AppState,
};

/// An id from the path; anything that is not an id is a page that does not exist.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path(id) = Path::<T>::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        Ok(Self(id))
    }
}

/// A signed-in person looking at a page.
#[derive(Debug)]
pub struct Visit {
    /// The transaction, and through it the actor.
    pub tx: ScopedTx,
    /// The application.
    pub state: AppState,
    place: Place,
}

/// Where a request is and what came along.
#[derive(Debug)]
struct Place {
    spec: &'static RouteSpec,
    path: String,
    flash: Option<Flash>,
    /// Where the person is: this page, or the page whose form was sent.
    here: String,
    /// Names are hidden on this screen.
    names_hidden: bool,
    /// Ids in the address and the form: of the pupils a page can be about.
    ids: Vec<Uuid>,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let place = Place::of(parts, state)?;
        let back = parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str).to_owned();
        let Some(token) = session::token_hash(&parts.headers, &state.config) else {
            return Err(Error::SignedOut { back });
        };
        let begun =
            state.db.begin(&token, state.clock.moment(), Uuid::now_v7(), place.spec.name, None).await?;
        let Begun::As(tx) = begun else { return Err(Error::SignedOut { back }) };
        let visit = Self { tx: *tx, state: state.clone(), place };
        match gate(visit.place.spec, visit.tx.actor()) {
            Ok(()) => Ok(visit),
            Err(denied) => {
                visit.tx.roll_back().await;
                Err(denied.into())
            }
        }
    }
}

impl Visit {
    /// Who is looking.
    pub fn actor(&self) -> &Actor {
        self.tx.actor()
    }

    /// Header, navigation and banners for the page.
    pub fn chrome(&self) -> Chrome {
        chrome(&self.tx, &self.place)
    }

    /// Ends the visit: the audit row is on disk before the page is sent. The page is drawn meanwhile.
    pub async fn show(self, trace: Trace, page: &impl Template) -> Result<Response, Error> {
        let flashed = self.place.flash.is_some();
        Ok(clear_flash(shown(self.tx, &self.place, trace, page).await?, flashed))
    }

    /// Ends a visit that showed no child's record.
    pub async fn show_nothing_personal(self, page: &impl Template) -> Result<Response, Error> {
        let flashed = self.place.flash.is_some();
        self.tx.nothing_shown().await?;
        Ok(clear_flash(page::answer(StatusCode::OK, page), flashed))
    }
}

/// A signed-in person sending a form.
#[derive(Debug)]
pub struct Posted {
    /// The transaction, and through it the actor.
    pub tx: ScopedTx,
    /// The application.
    pub state: AppState,
    /// What was typed, and later what is wrong with it.
    pub form: Form,
    /// The form comes back after a new sign-in: show it again with everything typed, save nothing yet.
    pub resumed: bool,
    /// The script sent it and wants a short answer.
    pub by_script: bool,
    place: Place,
    token: [u8; 32],
    key: FormKey,
}

impl FromRequest<AppState> for Posted {
    type Rejection = Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let mut place = Place::of(&parts, state)?;
        let by_script = parts.headers.get("x-waymark").is_some();
        // An id in the path that is no id is a page that does not exist, whatever the body holds.
        let _ = RawPathParams::from_request_parts(&mut parts, state).await.map_err(|_| Error::NotFound)?;
        let mut fields = read_fields(&parts, body, place.spec).await?;
        let moment = state.clock.moment();
        let Some(token) = session::token_hash(&parts.headers, &state.config) else {
            return Err(if by_script {
                Error::SignedOutUnderScript
            } else {
                Error::SignedOut { back: place.path }
            });
        };
        let resumed = take(&mut fields, "resumed")?.is_some();
        let key = take(&mut fields, "form_key")?
            .and_then(|key| key.parse().ok())
            .ok_or(Error::BadRequest("It came without its key, which stops it being saved twice."))?;
        allow(&fields, place.spec)?;
        place.ids.extend(fields.iter().flat_map(|(name, value)| ids_in(name).chain(ids_in(value))));
        let key = FormKey { key, fingerprint: fingerprint(&place.path, &fields) };
        let begun =
            state.db.begin(&token, moment, Uuid::now_v7(), place.spec.name, Some(key.clone())).await?;
        let tx = match begun {
            Begun::As(tx) => *tx,
            Begun::Before { location, same: true } => return Err(Error::Done(location)),
            Begun::Before { location, same: false } => {
                return Err(sent_before(location, &fields, place.spec));
            }
            Begun::Nobody => return Err(keep(state, &token, &place, &fields, moment, by_script).await?),
        };
        let form = Form::from_pairs(fields);
        let posted = Self { tx, state: state.clone(), form, resumed, by_script, place, token, key };
        match gate(posted.place.spec, posted.tx.actor()) {
            Ok(()) => Ok(posted),
            Err(denied) => {
                posted.tx.roll_back().await;
                Err(denied.into())
            }
        }
    }
}

impl Posted {
    /// Who is sending.
    pub fn actor(&self) -> &Actor {
        self.tx.actor()
    }

    /// Header, navigation and banners, should the page be shown again.
    pub fn chrome(&self) -> Chrome {
        chrome(&self.tx, &self.place)
    }

    /// The form must be looked at again: it has errors, or it came back after a new sign-in.
    pub fn needs_another_look(&self) -> bool {
        self.resumed || self.form.has_errors()
    }

    /// Shows the page again; nothing is saved and nothing typed is lost. A form sent twice, whose first sending was
    /// saved while this one was weighed, goes where the first one went: what is wrong now is that it is done.
    pub async fn again(self, page: &impl Template) -> Result<Response, Error> {
        self.judged(StatusCode::UNPROCESSABLE_ENTITY, page).await
    }

    /// Shows both versions: somebody was faster. A form whose own first sending was the faster one goes where that went.
    pub async fn conflict(self, conflict: Conflict) -> Result<Response, Error> {
        self.judged(StatusCode::CONFLICT, &ConflictPage::of(conflict)).await
    }

    async fn judged(self, status: StatusCode, page: &impl Template) -> Result<Response, Error> {
        let (place, begun) = self.begun_again().await?;
        match begun {
            Begun::Before { location, same: true } => Err(Error::Done(location)),
            Begun::As(mut tx) => {
                let answer = judged(&mut tx, &place, status, &[], page).await;
                tx.roll_back().await;
                answer
            }
            Begun::Before { same: false, .. } | Begun::Nobody => Ok(page::answer_unhidden(status, page)),
        }
    }

    /// Nothing of this sending is kept; whether the same form was saved meanwhile is asked anew.
    async fn begun_again(self) -> Result<(Place, Begun), Error> {
        self.tx.roll_back().await;
        let (state, spec) = (&self.state, self.place.spec);
        let begun = state
            .db
            .begin(&self.token, state.clock.moment(), Uuid::now_v7(), spec.name, Some(self.key))
            .await?;
        Ok((self.place, begun))
    }

    /// Shows the page again as [`Posted::again`] does, and records whom it names: several pupils at once, whose names
    /// were only asked for with this form.
    pub async fn again_naming(self, trace: Trace, page: &impl Template) -> Result<Response, Error> {
        let (place, begun) = self.begun_again().await?;
        match begun {
            Begun::Before { location, same: true } => Err(Error::Done(location)),
            Begun::As(mut tx) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let answer = judged(&mut tx, &place, status, &trace.pupils, page).await?;
                tx.shown(trace).await?;
                Ok(answer)
            }
            // Nobody is named without a record of it.
            Begun::Before { same: false, .. } => Err(Error::Busy),
            Begun::Nobody => Err(Error::SignedOut { back: place.path }),
        }
    }

    /// The names to hide in an answer that is drawn after the transaction; none: names are shown.
    pub async fn names_to_hide(&mut self, pupils: &[PupilId]) -> Result<Option<Vec<Names>>, Error> {
        if self.place.names_hidden {
            Ok(Some(names_on(&mut self.tx, &self.place, pupils).await?))
        } else {
            Ok(None)
        }
    }

    /// Shows the page again with something looked up for it: no error, nothing saved, what was typed kept. What
    /// it shows is recorded.
    pub async fn looked_up(self, trace: Trace, page: &impl Template) -> Result<Response, Error> {
        shown(self.tx, &self.place, trace, page).await
    }

    /// Sends a list as a file. Whom it names, and why it was taken, is on disk before the first byte is made. The form's
    /// key is not used up: pressing again is another file, and another row.
    pub async fn file(self, trace: Trace, table: Table, format: Format) -> Result<Response, Error> {
        let today = self.tx.today();
        self.tx.shown(trace).await?;
        export::answer(table, format, today).await
    }

    /// Saves as [`Posted::done`] does and shows a page in its place: what it holds is shown this once. The same form
    /// sent again goes to `location`.
    pub async fn done_here(
        self,
        trace: Trace,
        location: &str,
        page: &impl Template,
    ) -> Result<Response, Error> {
        self.tx.done(trace, location).await?;
        Ok(page::answer(StatusCode::OK, page))
    }

    /// Shows the page again and records that something was refused; nothing else is saved. A form whose own first
    /// sending was saved goes where that went.
    pub async fn refused(self, trace: Trace, page: &impl Template) -> Result<Response, Error> {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let (place, begun) = self.begun_again().await?;
        match begun {
            Begun::Before { location, same: true } => Err(Error::Done(location)),
            Begun::As(mut tx) => {
                let answer = judged(&mut tx, &place, status, &trace.pupils, page).await?;
                tx.shown(trace).await?;
                Ok(answer)
            }
            Begun::Before { same: false, .. } | Begun::Nobody => Ok(page::answer_unhidden(status, page)),
        }
    }

    /// Saves: the form's key, the audit row and COMMIT, then 303. A form sent twice at once goes where the
    /// first one went.
    pub async fn done(self, trace: Trace, location: &str, flash: Option<Flash>) -> Result<Response, Error> {
        let (state, token, key, spec) = (self.state.clone(), self.token, self.key.clone(), self.place.spec);
        match self.tx.done(trace, location).await {
            Ok(()) => Ok(with_flash(Redirect::to(location).into_response(), flash)),
            Err(DbError::AlreadyDone) => {
                let begun = state
                    .db
                    .begin(&token, state.clock.moment(), Uuid::now_v7(), spec.name, Some(key))
                    .await?;
                match begun {
                    Begun::Before { location, same: true } => Err(Error::Done(location)),
                    _ => Err(Error::Busy),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Place {
    fn of(parts: &Parts, state: &AppState) -> Result<Self, Error> {
        let spec = parts
            .extensions
            .get::<&'static RouteSpec>()
            .copied()
            .ok_or_else(|| Error::Internal("a route outside the registry".to_owned()))?;
        let flash = CookieJar::from_headers(&parts.headers)
            .get(FLASH)
            .and_then(|cookie| Flash::from_code(cookie.value()));
        let here = match spec.method {
            Method::Get => {
                parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str).to_owned()
            }
            Method::Post => came_from(&parts.headers),
        };
        Ok(Self {
            spec,
            path: parts.uri.path().to_owned(),
            flash,
            ids: ids_in(&here).chain(ids_in(parts.uri.path())).collect(),
            here,
            names_hidden: session::names_hidden(&parts.headers, &state.config),
        })
    }
}

/// The page whose form this is: browsers say so to the site itself. Of the address only the path counts.
fn came_from(headers: &HeaderMap) -> String {
    headers
        .get(axum::http::header::REFERER)
        .and_then(|from| from.to_str().ok())
        .and_then(|from| from.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
        .map_or("/", urls::safe_back)
        .to_owned()
}

/// Every id in a text.
pub(super) fn ids_in(text: &str) -> impl Iterator<Item = Uuid> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|part| part.len() == 36)
        .filter_map(|part| part.parse().ok())
}

/// The page with what is wrong with the form.
async fn judged(
    tx: &mut ScopedTx,
    place: &Place,
    status: StatusCode,
    pupils: &[PupilId],
    page: &impl Template,
) -> Result<Response, Error> {
    if place.names_hidden {
        hiding(tx, place, status, pupils, page).await
    } else {
        Ok(page::answer(status, page))
    }
}

/// The page with initials for the names of the pupils it is about.
async fn hiding(
    tx: &mut ScopedTx,
    place: &Place,
    status: StatusCode,
    pupils: &[PupilId],
    page: &impl Template,
) -> Result<Response, Error> {
    let names = names_on(tx, place, pupils).await?;
    let instead = (place.spec.method == Method::Get).then(|| chrome(tx, place));
    Ok(page::answer_hiding(status, page, &names, instead))
}

/// The names of the pupils an answer shows, and of those its address and form are about.
async fn names_on(tx: &mut ScopedTx, place: &Place, pupils: &[PupilId]) -> Result<Vec<Names>, Error> {
    let ids: Vec<Uuid> = pupils.iter().map(|pupil| pupil.uuid()).chain(place.ids.iter().copied()).collect();
    Ok(names::behind(tx.conn(), &ids).await?)
}

fn gate(spec: &RouteSpec, actor: &Actor) -> Result<(), Denied> {
    match spec.gate {
        Gate::Public(_) => Ok(()),
        Gate::Holds(capability) if actor.may(capability) => Ok(()),
        Gate::Holds(capability) => Err(Denied { capability }),
    }
}

fn chrome(tx: &ScopedTx, place: &Place) -> Chrome {
    let actor = tx.actor();
    let mut nav = urls::navigation(actor, &place.path);
    let overview = nav.iter_mut().find(|link| link.href == urls::OVERVIEW.pattern);
    if let Some(link) = overview.filter(|_| tx.unopened() > 0) {
        link.new = Some(tx.unopened());
    }
    Chrome {
        nav,
        cases: urls::list_of_cases(actor),
        person: Some(actor.name.clone()),
        school: actor.only_school_name(),
        flash: place.flash,
        names_hidden: place.names_hidden,
        here: place.here.clone(),
        ..Chrome::plain()
    }
}

/// The page, with the record of whom it shows on disk before it is sent.
async fn shown(
    mut tx: ScopedTx,
    place: &Place,
    trace: Trace,
    page: &impl Template,
) -> Result<Response, Error> {
    if place.names_hidden {
        let answer = hiding(&mut tx, place, StatusCode::OK, &trace.pupils, page).await?;
        tx.shown(trace).await?;
        return Ok(answer);
    }
    let (ended, answer) = tokio::join!(tx.shown(trace), async { page::answer(StatusCode::OK, page) });
    ended?;
    Ok(answer)
}

/// A form on a session that has ended: kept for the person whose session it was, then sign-in. One with a secret in it
/// is kept nowhere, and begun anew.
async fn keep(
    state: &AppState,
    token: &[u8; 32],
    place: &Place,
    fields: &[(String, String)],
    moment: Moment,
    by_script: bool,
) -> Result<Error, Error> {
    if by_script {
        return Ok(Error::SignedOutUnderScript);
    }
    if fields.iter().any(|(name, _)| place.spec.is_secret(name)) {
        return Ok(Error::SignedOut { back: place.path.clone() });
    }
    let id = Uuid::now_v7();
    let mut conn = state.db.nobody().await?;
    let kept: Option<bool> = sqlx::query_scalar!(
        "select app.keep_draft($1, $2, $3, $4, $5)",
        id,
        token.as_slice(),
        place.path,
        serde_json::to_value(fields).map_err(|error| Error::Internal(error.to_string()))?,
        moment.now
    )
    .fetch_one(&mut *conn)
    .await?;
    let back = if kept == Some(true) { urls::draft(id) } else { place.path.clone() };
    Ok(Error::SignedOut { back })
}

/// The cookie in which a step says what it did.
pub const FLASH: &str = "waymark-flash";

fn with_flash(response: Response, flash: Option<Flash>) -> Response {
    let Some(flash) = flash else { return response };
    let cookie = Cookie::build((FLASH, flash.code()))
        .path("/")
        .http_only(true)
        .same_site(axum_extra::extract::cookie::SameSite::Lax)
        .max_age(time::Duration::minutes(2))
        .build();
    (CookieJar::new().add(cookie), response).into_response()
}

fn clear_flash(response: Response, flashed: bool) -> Response {
    if !flashed {
        return response;
    }
    let cookie = Cookie::build((FLASH, "")).path("/").max_age(time::Duration::ZERO).build();
    (CookieJar::new().add(cookie), response).into_response()
}
