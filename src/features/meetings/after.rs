//! What happens to a meeting besides plan and minutes: called off, taken into a calendar, added to, attended,
//! its actions done.

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{queries, views};
use crate::{
    domain::{
        ids::{ActionId, CaseId, MeetingId},
        invitation::Invitation,
        meeting::Attendance,
        permission::{Capability, HoldMeetings, RecordOwnAttendance},
    },
    web::{
        error::Error,
        extract::{Posted, Visit},
        forms::Form,
        page::Flash,
        urls,
    },
};

/// The version a form was read at.
pub fn version(form: &Form) -> Result<i32, Error> {
    form.value("version").parse().map_err(|_| Error::BadRequest("It does not say which version it changes."))
}

/// Calls a meeting off, with why.
pub async fn cancel(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let found = views::one(posted.tx.conn(), &case, meeting).await?;
    let version = version(&posted.form)?;
    if !found.open() || found.row.held_on.is_some() {
        return Err(Error::BadRequest("It was held, signed off or cancelled already, and stays as it is."));
    }
    let why = posted.form.line("why", "Why it is cancelled", 300);
    let (false, Some(why)) = (posted.needs_another_look(), why) else {
        return super::plan::edit_again(posted, &case, &found).await;
    };
    if !queries::cancel(posted.tx.conn(), &permit, id, meeting, version, &why, today, now).await? {
        return Err(super::plan::clash(
            &case,
            &found,
            vec![("Why it is cancelled".to_owned(), String::new(), why)],
        ));
    }
    posted.done(case.trace(&["meeting"]), &urls::meeting(id, meeting), Some(Flash::MeetingCancelled)).await
}

/// The meeting as a calendar file. It leaves Waymark, so it names no child.
pub async fn invitation(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut visit: Visit,
) -> Result<Response, Error> {
    let now = visit.tx.now();
    let case = visit.case(id, Capability::SeeWholeCase).await?;
    let found = views::one(visit.tx.conn(), &case, meeting).await?;
    let file = Invitation {
        uid: &format!("{meeting}@waymark"),
        sequence: found.row.version - 1,
        kind: found.kind(),
        case_number: case.number,
        day: found.row.planned_on,
        starts_at: found.row.starts_at,
        ends_at: found.row.ends_at,
        place: &found.row.place,
        cancelled: found.row.cancelled_on.is_some(),
    }
    .file(now);
    visit.tx.shown(case.trace(&[])).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"meeting.ics\"")),
    ];
    Ok((headers, file).into_response())
}

/// Adds words to signed minutes.
pub async fn addendum(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let now = posted.tx.now();
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let found = views::one(posted.tx.conn(), &case, meeting).await?;
    if found.row.final_on.is_none() {
        return Err(Error::BadRequest(
            "The minutes are not signed off yet. Change the draft instead of adding to it.",
        ));
    }
    let words = posted.form.paragraph("words", "What is to be added", 4000);
    let (false, Some(words)) = (posted.needs_another_look(), words) else {
        return views::again(posted, &case, meeting).await;
    };
    queries::add_words(posted.tx.conn(), &permit, id, meeting, Uuid::now_v7(), &words, now).await?;
    posted
        .done(case.trace(&["meeting_addendum"]), &urls::meeting(id, meeting), Some(Flash::AddendumAdded))
        .await
}

/// Somebody says for themselves whether they were there.
pub async fn attendance(
    Path((id, meeting)): Path<(CaseId, MeetingId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (case, permit) = posted.open_case::<RecordOwnAttendance>(id).await?;
    let found = views::one(posted.tx.conn(), &case, meeting).await?;
    let today = posted.tx.today();
    let attended = posted.form.choice(
        "attendance",
        |text| Attendance::from_stored(text).filter(|attended| *attended != Attendance::DidNotCome),
        "Select whether you were there",
    );
    if attended.is_some_and(Attendance::there) && found.row.planned_on > today {
        posted.form.fail("attendance", "The meeting is still to come. You can send apologies before it");
    }
    let (false, Some(attended)) = (posted.needs_another_look(), attended) else {
        return views::again(posted, &case, meeting).await;
    };
    if !queries::attend(posted.tx.conn(), &permit, id, meeting, attended).await? {
        return Err(Error::BadRequest(
            "You are not on its list, or its minutes are signed off or it was cancelled. Ask the lead of the case.",
        ));
    }
    posted.done(case.trace(&["attendance"]), &urls::meeting(id, meeting), Some(Flash::AttendanceSaved)).await
}

/// Marks an action as done.
pub async fn action_done(
    Path((id, action)): Path<(CaseId, ActionId)>,
    mut posted: Posted,
) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let (case, permit) = posted.open_case::<HoldMeetings>(id).await?;
    let actions = queries::actions(posted.tx.conn(), case.school, id).await?;
    let found = actions.into_iter().find(|row| row.id == action).ok_or(Error::NotFound)?;
    let outcome = posted.form.optional_line("result", "What came of it", 300);
    let (false, Some(outcome)) = (posted.needs_another_look(), outcome) else {
        return views::again(posted, &case, found.meeting).await;
    };
    if !queries::action_done(posted.tx.conn(), &permit, id, action, outcome.as_deref(), today, now).await? {
        return Err(Error::BadRequest("Somebody marked it as done before. It stays as they wrote it."));
    }
    posted.done(case.trace(&["meeting_action"]), &urls::meetings(id), Some(Flash::ActionDone)).await
}
