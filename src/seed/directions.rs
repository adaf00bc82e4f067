//! Off-site directions of the demo: one that runs and is behind with a review, one to come, one that ended as planned.

use time::Date;
use uuid::Uuid;

use super::{
    copy::Table,
    placement::{Kind, course},
    programme::Story,
    world::{Maker, clock},
};
use crate::domain::suspension::offsite;

/// A direction in school days: before the latest one, or after it.
struct Days {
    decided: u32,
    notice: u32,
    starts_on: Date,
    ends_on: Date,
}

impl Maker {
    fn days_of(&self, kind: Kind) -> Option<Days> {
        let (decided, notice, starts_on, ends_on) = match kind {
            Kind::Running => (35, 33, self.school_day(26), self.next_school_day(4)),
            Kind::Planned => (6, 4, self.next_school_day(4), self.next_school_day(29)),
            Kind::Ended => (58, 54, self.school_day(49), self.school_day(24)),
            _ => return None,
        };
        Some(Days { decided, notice, starts_on, ends_on })
    }

    /// The days the pupil of a case is off site: first and last.
    pub(super) fn off_site_days(&self, n: usize) -> Option<(Date, Date)> {
        self.days_of(course(n)?.kind).map(|days| (days.starts_on, days.ends_on))
    }

    /// The direction of a case.
    pub(super) fn direction(&mut self, story: &Story<'_>, kind: Kind) {
        let Some(days) = self.days_of(kind) else { return };
        let (id, absence, by) = (self.id(), self.id(), story.school.head.0);
        let (decided_on, notice_on) = (self.school_day(days.decided), self.school_day(days.notice));
        let made = clock(notice_on, 14, 15).min(self.now);
        let ended = (kind == Kind::Ended).then_some(days.ends_on);
        let changed = ended.map_or(made, |day| clock(day, 15, 30));
        let (authority, school) = (self.authority, story.school.id);
        let (nobody, never): (Option<Uuid>, Option<time::OffsetDateTime>) = (None, None);
        let periods: Option<String> = None;
        self.copy.add(
            Table::KnownAbsences,
            &[
                &absence,
                &authority,
                &school,
                &story.id,
                &"off_site",
                &days.starts_on,
                &days.ends_on,
                &periods,
                &format!("Off-site direction, {} school days’ notice", offsite::NOTICE_DAYS),
                &made,
                &by,
                &never,
                &nobody,
            ],
        );
        self.copy.add(
            Table::Directions,
            &[
                &id,
                &authority,
                &school,
                &story.id,
                &decided_on,
                &"The pupil discipline committee, for the governing board",
                &"The Bridge Centre",
                &"14 Invented Lane",
                &"The centre’s duty teacher",
                &"Monday to Friday, 9:15am to 2:45pm",
                &"Nine incidents between lunch and the last lesson since September; the plan of Stage 2 did not change them.",
                &"Leave a quarrel before it becomes a fight; ask for a break in words; finish the two pieces of coursework.",
                &days.starts_on,
                &days.ends_on,
                &(story.pupil.send == "ehcp"),
                &"{}",
                &notice_on,
                &"By hand at the meeting, and by post",
                &absence,
                &ended,
                &ended.map(|_| "planned_return"),
                &ended.map(|_| "Back to lessons as planned: part of the first week with the mentor, then the usual timetable."),
                &if ended.is_some() { 2_i32 } else { 1 },
                &made,
                &by,
                &changed,
                &by,
            ],
        );
        self.reviews_of(story, id, kind);
    }

    /// The reviews that were held, and the one that was asked for.
    fn reviews_of(&mut self, story: &Story<'_>, id: Uuid, kind: Kind) {
        let (authority, school) = (self.authority, story.school.id);
        let reviews: &[(u32, &str)] = match kind {
            // The second is overdue.
            Kind::Running => {
                &[(17, "Eight good days of ten. Says that the small room helps. Goes on as it is.")]
            }
            Kind::Ended => &[
                (40, "A slow start; the bus was late three times. The centre rings the school each Friday."),
                (30, "Coursework is finished. Everybody thinks that the return can be on the planned day."),
            ],
            _ => &[],
        };
        for (ago, words) in reviews {
            let (review, held_on) = (self.id(), self.school_day(*ago));
            self.copy.add(
                Table::DirectionReviews,
                &[
                    &review,
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    &held_on,
                    &"planned",
                    &vec!["head", "parents", "nominee", "pupil", "place"],
                    words,
                    &clock(held_on, 16, 10).min(self.now),
                    &story.school.lead.0,
                ],
            );
        }
        if kind == Kind::Running {
            let (request, asked_on) = (self.id(), self.school_day(5));
            self.copy.add(
                Table::DirectionRequests,
                &[
                    &request,
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    &asked_on,
                    &story.pupil.parent,
                    &clock(asked_on, 13, 20).min(self.now),
                    &story.school.lead.0,
                ],
            );
        }
    }
}
