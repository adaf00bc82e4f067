//! The registry: the only way a route gets into the application. It keeps, beside axum's router, the list
//! the access matrix walks, so that a route nobody thought about cannot exist.

use std::convert::Infallible;

use axum::{
    Extension, Router,
    handler::Handler,
    response::Response,
    routing::{MethodFilter, on},
};
use tower::util::MapResponseLayer;

use crate::{domain::permission::Capability, state::AppState};

/// One route: what it is called, who may come near it, what its ids are.
#[derive(Debug)]
pub struct RouteSpec {
    /// The server's own name for it; the action in the audit trail.
    pub name: &'static str,
    /// GET or POST.
    pub method: Method,
    /// The axum pattern.
    pub pattern: &'static str,
    /// Who may come near.
    pub gate: Gate,
    /// Parameters in the path and fields in the body that are ids, and of what.
    pub ids: &'static [(&'static str, IdOf)],
    /// Fields the form may have: `name`, `name+` (may repeat), `name.*` (a family), `name@` (a file), `name!` (kept
    /// nowhere and never shown again: a password, what somebody searches for). Others are refused.
    pub fields: &'static [&'static str],
    /// What a successful answer leaves in the audit trail.
    pub audit: Audit,
}

impl RouteSpec {
    /// Whether what is typed into this field is kept nowhere.
    pub fn is_secret(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.strip_suffix('!') == Some(name))
    }
}

/// The two methods browsers' forms use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Shows; changes nothing but audit and session.
    Get,
    /// Changes, then redirects.
    Post,
}

/// Who may come near a route. The handler then asks for a permit for the school or case at hand.
#[derive(Clone, Copy, Debug)]
pub enum Gate {
    /// Anybody, for this reason.
    Public(&'static str),
    /// A signed-in person who holds this capability somewhere.
    Holds(Capability),
}

/// What an id in a path or body stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdOf {
    /// A case.
    Case,
    /// A pupil.
    Pupil,
    /// A contact of a pupil.
    Contact,
    /// A target of a case.
    Target,
    /// A member of staff.
    User,
    /// A form kept when a session ended.
    Draft,
    /// A known absence of a case.
    Absence,
    /// An incident of a pupil.
    Incident,
    /// A meeting of a case.
    Meeting,
    /// An action agreed at a meeting.
    Action,
    /// Support of a case.
    Support,
    /// A move proposed to the headteacher.
    Proposal,
    /// What was recorded for a clause.
    Step,
    /// A version of the authority's policy, by its number.
    PolicyVersion,
    /// Days for which somebody decides in the headteacher's place.
    Delegation,
    /// A panel.
    Panel,
    /// A referral on the agenda of a panel.
    Referral,
    /// A transfer that was allocated to one's school.
    Received,
    /// An off-site direction of a case.
    Direction,
    /// A suspension or permanent exclusion.
    Exclusion,
    /// A view of the caseload that somebody keeps.
    SavedView,
    /// Somebody with an account, as whoever looks after people sees them.
    Person,
    /// A role that somebody holds or held.
    Role,
    /// A school.
    School,
    /// A span of a calendar.
    Span,
    /// An example target of the bank.
    Example,
    /// A file of pupils that somebody sent.
    PupilFile,
}

/// What a successful answer leaves in the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// A row naming the pupils shown.
    Read,
    /// A row naming what changed.
    Write,
    /// None: no child's record is shown or changed.
    None,
}

/// Routes with their specs, joined room by room.
#[derive(Debug, Default)]
pub struct Registry {
    router: Router<AppState>,
    specs: Vec<&'static RouteSpec>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one route.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that calls Router::route")]
    pub fn on<H, T>(mut self, spec: &'static RouteSpec, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let method = match spec.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        // The answer carries the spec too, so that refusals are recorded under the route's own name.
        let label = MapResponseLayer::new(move |mut response: Response| {
            response.extensions_mut().insert(spec);
            response
        });
        self.router = self.router.route(
            spec.pattern,
            on(method, handler).layer::<_, Infallible>(Extension(spec)).layer::<_, Infallible>(label),
        );
        self.specs.push(spec);
        self
    }

    /// Adds a room's routes.
    #[must_use]
    pub fn room(mut self, room: Self) -> Self {
        self.router = self.router.merge(room.router);
        self.specs.extend(room.specs);
        self
    }

    /// Every route, for the access matrix and the site map.
    pub fn specs(&self) -> &[&'static RouteSpec] {
        &self.specs
    }

    /// The router of all of them.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }
}
