//! What can be done to an exclusion once it is issued: it can be cancelled (2.6), and a further one can begin
//! when it ends. It is never made longer (2.1).

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::{
    HalfDays, Refused, Session,
    count::{self, Ledger},
    record::{Exclusion, Suspension},
    terms::Years,
};
use crate::domain::calendar::{NotLoaded, SchoolCalendar};

/// A cancellation as somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelling {
    /// When the headteacher cancels.
    pub at: OffsetDateTime,
    /// The first session the pupil is back in: when it takes effect.
    pub back: Session,
    /// When the governing board began a meeting to consider whether the pupil comes back.
    pub meeting_began_at: Option<OffsetDateTime>,
}

/// The exclusion, cancelled (2.6). It can be before or after it began, and when the pupil was admitted elsewhere.
/// Refuses once the board's meeting has begun (T13), and when the pupil has been or would have been out for more
/// than 45 days in the school year when it takes effect (T12, T12b); `others` are the pupil's other exclusions,
/// at any school. Our reading: of an exclusion that runs over the summer, every school year it touches is looked
/// at.
pub fn may_cancel(
    exclusion: &Exclusion,
    cancelling: &Cancelling,
    others: &Ledger,
    calendar: &SchoolCalendar,
    years: Years<'_>,
) -> Result<Exclusion, Refused> {
    if exclusion.cancelled().is_some() {
        return Err(Refused::AlreadyCancelled);
    }
    if cancelling.meeting_began_at.is_some_and(|began| began <= cancelling.at) {
        return Err(Refused::BoardMeetingBegan);
    }
    let cancelled = cancelled_from(exclusion, cancelling.back, calendar)?;
    let out = cancelled.lost();
    let mut days: BTreeSet<_> = out.days();
    days.insert(cancelling.back.on);
    let sum = count::over(others, &out, &days, years)?;
    match sum.years.iter().map(|year| year.split.total()).max() {
        Some(total) if total > HalfDays::CEILING => Err(Refused::CancelOverCeiling { total }),
        _ => Ok(cancelled),
    }
}

fn cancelled_from(
    exclusion: &Exclusion,
    back: Session,
    calendar: &SchoolCalendar,
) -> Result<Exclusion, NotLoaded> {
    Ok(match exclusion {
        Exclusion::Suspension(suspension) => Exclusion::Suspension(suspension.clone().cancelled_from(back)),
        Exclusion::Permanent(permanent) => {
            Exclusion::Permanent(permanent.clone().cancelled_from(back, calendar)?)
        }
    })
}

/// Whether an issued suspension may be written as `wanted` (2.1, T16). It may not: with more or other sessions
/// it would be extended, and a further suspension is offered instead; with fewer it is a cancellation.
pub fn may_become(issued: &Suspension, wanted: &Suspension) -> Result<(), Refused> {
    let (before, after) = (issued.decided(), wanted.decided());
    let more =
        !after.sessions().is_subset(before.sessions()) || !after.lunchtimes().is_subset(before.lunchtimes());
    if more {
        Err(Refused::Extension)
    } else if after == before {
        Ok(())
    } else {
        Err(Refused::Shortening)
    }
}

/// Whether a further suspension may follow another (2.1, T16): it begins with the first session the pupil would
/// be back in, and somebody says what new evidence makes it necessary. One that begins later is not a further
/// one, and needs no link.
pub fn may_follow(
    before: &Suspension,
    further: &Suspension,
    reason: &str,
    calendar: &SchoolCalendar,
) -> Result<(), Refused> {
    if reason.trim().is_empty() {
        return Err(Refused::FurtherWithoutReason);
    }
    let back = before.back(calendar)?;
    let straight = match further.decided().sessions().first() {
        Some(first) => *first == back,
        None => further.starts_on() == back.on,
    };
    if straight { Ok(()) } else { Err(Refused::NotStraightAfter { back }) }
}
