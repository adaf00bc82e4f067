//! What every page has around its own content.

use std::sync::OnceLock;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::names;
use crate::db::names::Names;

/// Header, navigation and banners of a page.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// Links of the service navigation.
    pub nav: Vec<NavLink>,
    /// The list they find their cases in: words and address.
    pub cases: (&'static str, &'static str),
    /// Who is signed in.
    pub person: Option<String>,
    /// Their school, when there is one.
    pub school: Option<String>,
    /// The demo world: a banner says so.
    pub demo: bool,
    /// What the step before did.
    pub flash: Option<Flash>,
    /// The key of the form on this page.
    pub form_key: Uuid,
    /// Names are hidden on this screen.
    pub names_hidden: bool,
    /// Where this page is, to come back to it.
    pub here: String,
}

/// Whether this process serves the demo world. A process serves one world, and pages that nobody in particular
/// sees (sign-in, errors) say so too.
static DEMO: OnceLock<bool> = OnceLock::new();

/// Says which world this process serves; the first word counts.
pub fn serves_demo(demo: bool) {
    let _ = DEMO.set(demo);
}

impl Chrome {
    /// For pages that nobody in particular sees.
    pub fn plain() -> Self {
        Self {
            nav: Vec::new(),
            cases: ("Cases", "/cases"),
            person: None,
            school: None,
            demo: DEMO.get().copied().unwrap_or(false),
            flash: None,
            form_key: Uuid::new_v4(),
            names_hidden: false,
            here: "/".to_owned(),
        }
    }

    /// Seconds from a page to the end of the session, as far as a page can be sure: what is seen of a person is noted
    /// once a minute, so the last minute may not count.
    pub fn idle_seconds(&self) -> u32 {
        super::session::IDLE_SECONDS - 60
    }
}

/// A link of the service navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavLink {
    /// What it says.
    pub text: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// This is where we are.
    pub current: bool,
    /// What is new there, when something is.
    pub new: Option<i64>,
}

macro_rules! flashes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What the step before did, said once on the next page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flash { $($(#[$doc])* $name,)* }

        impl Flash {
            /// As the cookie carries it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// From the cookie.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// For the person.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

flashes! {
    /// A password was changed.
    PasswordChanged = "password", "Your password is changed. Your other browsers are signed out.";
    /// A pupil was added.
    PupilAdded = "pupil-added", "Pupil added. Add the people to contact next.";
    /// A pupil was changed.
    PupilChanged = "pupil-changed", "Pupil’s details saved.";
    /// A pupil was taken off the roll.
    PupilLeft = "pupil-left", "Saved. The pupil is on the roll until the day you chose.";
    /// Pupils were taken off the roll.
    PupilsLeft = "pupils-left", "Saved. They are on the roll until the day you chose.";
    /// A pupil was put back on the roll.
    PupilBack = "pupil-back", "Saved. The pupil is on the roll again.";
    /// Two records were made one.
    PupilsMerged = "pupils-merged", "The two records are one. What was taken from which is below.";
    /// A school was added.
    SchoolAdded = "school-added", "School added. Add its first lead next.";
    /// A contact was added.
    ContactAdded = "contact-added", "Contact added.";
    /// A contact was changed.
    ContactChanged = "contact-changed", "Contact saved.";
    /// A contact was removed.
    ContactRemoved = "contact-removed", "Contact removed from the list. The record of it is kept.";
    /// A case was opened.
    CaseOpened = "case-opened", "Case opened at Stage 1. Set the targets next.";
    /// A case was opened at Stage 2 or 3.
    CaseOpenedHigher = "case-opened-higher", "Case opened. Set the targets next. What the stages left out ask for is on the list too.";
    /// A lead was named.
    LeadNamed = "lead-named", "The case has a new lead.";
    /// A move was decided.
    MoveDecided = "move-decided", "Decided. The headteacher is told, and the reasons are kept with the case.";
    /// A move was proposed.
    MoveProposed = "move-proposed", "Proposed to the headteacher. You can withdraw it until they answer.";
    /// A proposal was declined.
    ProposalDeclined = "proposal-declined", "Declined. The case stays where it is.";
    /// A proposal was withdrawn.
    ProposalWithdrawn = "proposal-withdrawn", "Withdrawn. The case stays where it is.";
    /// An alternative at Stage 3 was written down.
    AlternativeSaved = "alternative-saved", "Saved.";
    /// The headteacher decided about an outcome.
    OutcomeDecided = "outcome-decided", "Decided. It is kept with the case, with the reasons.";
    /// An outcome came to its end.
    OutcomeEnded = "outcome-ended", "Recorded. What came of it stays with the case.";
    /// A parent's answer was recorded.
    AgreementRecorded = "agreement-recorded", "Recorded as they answered. Earlier answers are kept.";
    /// A step was recorded.
    StepRecorded = "step-recorded", "Recorded.";
    /// A target was set.
    TargetSet = "target-set", "Target set.";
    /// A target was changed.
    TargetChanged = "target-changed", "Target changed. The earlier wording is kept.";
    /// A target was ended.
    TargetEnded = "target-ended", "Target ended. Its marks are kept.";
    /// Marks were saved.
    MarksSaved = "marks-saved", "Marks saved.";
    /// A note was added.
    NoteAdded = "note-added", "Note added.";
    /// Something known beforehand was added.
    AbsencePlanned = "absence-planned", "Saved. Day sheets will be prefilled from it.";
    /// Something known beforehand was withdrawn.
    AbsenceWithdrawn = "absence-withdrawn", "Taken back. Days already recorded stay as they are.";
    /// A version of the policy was published.
    PolicyPublished = "policy-published", "Published. Cases opened from its effective date keep to it; open cases keep theirs.";
    /// A delegate was named.
    DelegateNamed = "delegate-named", "Saved. They decide in your place on the days you chose.";
    /// A delegation was ended.
    DelegationEnded = "delegation-ended", "Ended. They decide no more; what they decided stays as it is.";
    /// Somebody was reminded.
    Reminded = "reminded", "Reminded. They see it on their week, and you see here when they did.";
    /// They were reminded on this school day already.
    RemindedBefore = "reminded-before", "They were reminded of this on the same school day already. Once a day is enough.";
    /// What somebody was to be reminded of is not overdue any more.
    NothingToRemind = "nothing-to-remind", "That is not overdue any more. Nobody was reminded.";
    /// Whoever was to be reminded has no week to see it on.
    ReminderUnseen = "reminder-unseen", "Nobody was reminded: whoever leads that case does not see reminders. The list says whom to speak to.";
    /// Whoever reminds leads the case.
    RemindedOneself = "reminded-oneself", "You lead that case yourself. Nobody was reminded.";
    /// A review was signed in a run, and there is another.
    ReviewSignedNext = "review-signed-next", "Review signed. This is the next one.";
    /// The last review of a run was signed.
    RunEnded = "run-ended", "Review signed. That was the last one of this run.";
    /// A meeting was planned.
    MeetingPlanned = "meeting-planned", "Meeting planned. Nobody is told by Waymark: send the invitations next.";
    /// A meeting was changed.
    MeetingChanged = "meeting-changed", "Meeting changed. Tell everybody who was asked.";
    /// A meeting was called off.
    MeetingCancelled = "meeting-cancelled", "Meeting cancelled. Tell everybody who was asked.";
    /// Minutes were saved as a draft.
    MinutesSaved = "minutes-saved", "Minutes saved as a draft.";
    /// Minutes were signed off.
    MinutesSigned = "minutes-signed", "Minutes signed off. They stay as they are; add to them with an addendum.";
    /// Words were added to signed minutes.
    AddendumAdded = "addendum-added", "Addendum added.";
    /// Somebody said whether they were at a meeting.
    AttendanceSaved = "attendance-saved", "Your attendance is recorded.";
    /// An action was done.
    ActionDone = "action-done", "Action done.";
    /// Support was arranged.
    SupportArranged = "support-arranged", "Support arranged.";
    /// Support was changed.
    SupportChanged = "support-changed", "Support saved.";
    /// Support was ended.
    SupportEnded = "support-ended", "Support ended. Its sessions are kept.";
    /// A session was recorded.
    SessionRecorded = "session-recorded", "Session recorded.";
    /// Priority was asked for.
    PriorityAsked = "priority-asked", "Priority asked for. It shows once the service has agreed too.";
    /// The request was withdrawn.
    PriorityWithdrawn = "priority-withdrawn", "The request for priority is withdrawn.";
    /// A service answered.
    PriorityAnswered = "priority-answered", "Answer saved. The school sees it now.";
    /// An incident was recorded.
    IncidentRecorded = "incident-recorded", "Incident recorded.";
    /// An incident was corrected.
    IncidentCorrected = "incident-corrected", "Incident saved. The earlier version is kept.";
    /// A weekly review was signed.
    ReviewSigned = "review-signed", "Review signed. Tell the parents and carers next.";
    /// Feedback was recorded.
    FeedbackGiven = "feedback-given", "Feedback recorded.";
    /// A transfer was begun.
    TransferBegun = "transfer-begun", "Managed move begun. Write its papers next.";
    /// A document was saved.
    PaperSaved = "paper-saved", "Saved. Nobody outside this school sees it until the papers are submitted.";
    /// Papers were submitted.
    PapersSubmitted = "papers-submitted", "Submitted. The panel reads the papers as they were at this moment.";
    /// A transfer was stopped.
    TransferStopped = "transfer-stopped", "Stopped. Nothing of it is shared any more.";
    /// A file was noted.
    FileNoted = "file-noted", "Recorded.";
    /// A direction was recorded.
    DirectionMade = "direction-made", "Recorded. Print the notice next. The days are kept as off site.";
    /// A review of a direction was recorded.
    DirectionReviewed = "direction-reviewed", "Review recorded.";
    /// A request for a review was recorded.
    ReviewAsked = "review-asked", "Recorded.";
    /// A direction ended.
    DirectionEnded = "direction-ended", "Ended. The days after it are no longer kept as off site.";
    /// A panel was planned.
    PanelPlanned = "panel-planned", "Panel planned. Schools can submit papers to it now.";
    /// A panel was changed.
    PanelChanged = "panel-changed", "Panel changed. Tell its members and the schools.";
    /// A panel was cancelled.
    PanelCancelled = "panel-cancelled", "Panel cancelled. Tell its members.";
    /// Minutes of a panel were saved.
    PanelMinuted = "panel-minuted", "Saved. The earlier version is kept.";
    /// Places were counted.
    PlacesCounted = "places-counted", "Saved.";
    /// An interest was declared.
    InterestDeclared = "interest-declared", "Declared. It stays with the referral.";
    /// A panel decided.
    ReferralDecided = "referral-decided", "Decided. It stands in the minutes.";
    /// Papers were looked at and are complete.
    PapersReceived = "papers-received", "Papers complete. The panel sees that they are.";
    /// Papers were looked at and went back.
    PapersReturned = "papers-returned", "Papers returned. The panel does not read them any more; the school can submit them again.";
    /// A receiving school answered.
    AllocationAnswered = "allocation-answered", "Answer saved. The home school and the panel see it now.";
    /// The first day was moved.
    StartMoved = "start-moved", "First day moved.";
    /// A pupil is on the roll.
    OnRoll = "on-roll", "The pupil is on this school’s roll now. The pupil’s record and contacts are under Pupils.";
    /// A follow-up was recorded.
    FollowedUp = "followed-up", "Follow-up recorded.";
    /// A transfer was closed.
    TransferClosed = "transfer-closed", "Closed. The papers are no longer shared with this school.";
    /// A suspension was issued.
    SuspensionIssued = "suspension-issued", "Suspension issued. What it is cannot be changed. See below who must be told, and by when.";
    /// A pupil was permanently excluded.
    ExclusionIssued = "exclusion-issued", "Permanent exclusion issued. See below who must be told, and by when.";
    /// An exclusion was cancelled.
    ExclusionCancelled = "exclusion-cancelled", "Cancelled. Everybody who was told of it must be told, with the reasons.";
    /// A step after an exclusion was recorded.
    ExclusionStepRecorded = "exclusion-step", "Recorded.";
    /// A step after an exclusion was taken back.
    ExclusionStepTakenBack = "exclusion-step-back", "Taken back. What it answered is owed again.";
    /// Days at another school were added.
    DaysElsewhereAdded = "days-elsewhere", "Days added. They count from now on.";
    /// Somebody looks after cases for the LA.
    RepresentativeNamed = "representative-named", "Saved. The cases show who looks after them.";
    /// Schools were asked how cases stand.
    UpdatesAsked = "updates-asked", "Asked. Each school sees the question among what it owes.";
    /// A school said how a case stands.
    UpdateAnswered = "update-answered", "Answer sent. The LA sees it with the case.";
    /// A view was kept.
    ViewSaved = "view-saved", "View saved. It stands above the list.";
    /// A view was forgotten.
    ViewRemoved = "view-removed", "View removed. The cases stay as they are.";
    /// Days at another school were taken back.
    DaysElsewhereTakenBack = "days-elsewhere-back", "Taken back. They count no more.";
    /// Somebody was given a role.
    RoleGiven = "role-given", "Saved. They have the role on the days you chose.";
    /// A role was ended.
    RoleEnded = "role-ended", "Saved. What they did under the role stays as it is.";
    /// An account was stopped.
    PersonDisabled = "person-disabled", "Disabled. They are signed out and cannot sign in.";
    /// An example target was saved.
    ExampleSaved = "example-saved", "Example saved.";
    /// An example target was taken out.
    ExampleRemoved = "example-removed", "Taken out. Targets begun from it stay as they are.";
    /// A calendar was changed.
    CalendarSaved = "calendar-saved", "Calendar saved. Deadlines are counted anew.";
    /// A span was taken out of a calendar.
    CalendarRemoved = "calendar-removed", "Removed from the calendar. Deadlines are counted anew.";
    /// A school or its periods were changed.
    SchoolSaved = "school-saved", "Saved.";
    /// An account was let in again.
    PersonEnabled = "person-enabled", "They can sign in again. If they forgot their password, make a new link.";
}

/// In the place of a page that would show a name in a box to type in while names are hidden.
#[derive(Template)]
#[template(path = "components/names_hidden.html")]
struct NamesHiddenPage {
    chrome: Chrome,
}

/// Renders a page on a screen that others can see. A page that would fill boxes with names waits until names are
/// shown, with this chrome `instead`; an answer to a form does not wait, for it holds what somebody has just typed.
pub fn answer_hiding(
    status: StatusCode,
    page: &impl Template,
    names: &[Names],
    instead: Option<Chrome>,
) -> Response {
    let Ok(html) = page.render() else { return answer(status, page) };
    let hidden = names::hide(&html, names);
    if let (true, Some(chrome)) = (hidden.in_a_box, instead) {
        return answer(status, &NamesHiddenPage { chrome });
    }
    html_answer(status, hidden.html)
}

/// A page that is written already.
pub fn html_answer(status: StatusCode, html: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    (status, headers, html).into_response()
}

/// An answer that was drawn before it was known which names to hide: [`super::headers::hide_names`] does so.
#[derive(Clone, Debug)]
pub struct Unhidden(pub String);

/// Renders a page that may hold names, where nobody knows whose.
pub fn answer_unhidden(status: StatusCode, page: &impl Template) -> Response {
    let Ok(html) = page.render() else { return answer(status, page) };
    let mut response = html_answer(status, html.clone());
    response.extensions_mut().insert(Unhidden(html));
    response
}

/// Renders a page.
pub fn answer(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => html_answer(status, html),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
