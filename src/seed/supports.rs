//! Support of the demo's cases, with its sessions and the services' answers.

use time::{Date, Duration};

use super::{
    copy::Table,
    programme::Story,
    world::{Maker, Somebody, afternoon, morning},
};
use crate::domain::support::{Priority, SupportKind};

/// Support as it was arranged.
struct Arranged<'a> {
    kind: SupportKind,
    purpose: &'a str,
    provider: &'a str,
    given_by: &'a Somebody,
    a_week: i16,
    from: Date,
    priority: Priority,
}

impl Maker {
    pub(super) fn supports(&mut self, story: &Story<'_>, service: &Somebody) {
        if story.neglected() {
            return;
        }
        if let Some(from) = story.day(5) {
            let mentor = Arranged {
                kind: SupportKind::Mentor,
                purpose: "Somebody to talk to before the day begins, and a plan for the lessons after break",
                provider: "The school",
                given_by: &story.school.tutor,
                a_week: 1,
                from,
                priority: Priority::NotAsked,
            };
            self.support(story, &mentor);
            if story.n % 4 == 1
                && let Some(from) = story.day(8)
            {
                let unit = Arranged {
                    kind: SupportKind::LearningSupportUnit,
                    purpose: "English and mathematics in the learning support unit until half-term",
                    a_week: 3,
                    from,
                    ..mentor
                };
                self.support(story, &unit);
            }
        }
        if let Some(from) = story.day_of(2, 6).or_else(|| story.day(10).filter(|_| story.n.is_multiple_of(5)))
        {
            let behaviour = Arranged {
                kind: SupportKind::BehaviourSupport,
                purpose: "Managing anger when corrected in front of others",
                provider: "Behaviour Support Team",
                given_by: service,
                a_week: 2,
                from,
                priority: match story.n % 15 {
                    3 => Priority::Waiting,
                    2 | 7 => Priority::Declined,
                    _ => Priority::Agreed,
                },
            };
            self.support(story, &behaviour);
        }
    }

    /// Support with its sessions.
    fn support(&mut self, story: &Story<'_>, arranged: &Arranged<'_>) {
        let Arranged { kind, purpose, provider, given_by, a_week, from, priority } = *arranged;
        let (id, authority, school, lead) = (self.id(), self.authority, story.school.id, story.school.lead.0);
        let ended = story.closed_on;
        let mut review = from + Duration::weeks(6);
        // Looked at every six weeks; with a few the last time was forgotten.
        while review < self.today && !story.behind(review, story.n % 27 == 5) {
            review += Duration::weeks(6);
        }
        let (asked, agreed, declined) = (
            (priority != Priority::NotAsked).then_some(from),
            (priority == Priority::Agreed).then_some(from),
            (priority == Priority::Declined).then_some(from),
        );
        let answered_at = agreed.or(declined).map(|_| afternoon(from).min(self.now));
        self.copy.add(
            Table::Supports,
            &[
                &id,
                &authority,
                &school,
                &story.id,
                &kind.as_str(),
                &purpose,
                &provider,
                &given_by.0,
                &given_by.1,
                &a_week,
                &from,
                &review,
                &agreed.is_some(),
                &asked,
                &asked.map(|_| lead),
                &agreed,
                &agreed.map(|_| given_by.0),
                &declined,
                &declined.map(|_| "No place before February."),
                &answered_at,
                &answered_at.map(|_| given_by.0),
                &ended,
                &ended.map(|_| ["helped", "helped_some", "no_change"][story.n % 3]),
                &ended.map(|_| "The case has ended."),
                &morning(from),
                &lead,
                &ended.map_or(morning(from), |day| afternoon(day).min(self.now)),
                &lead,
            ],
        );
        if declined.is_some() {
            return;
        }
        let every = usize::try_from(5 / a_week.max(1)).unwrap_or(5).max(1);
        let days: Vec<_> =
            story.days.iter().copied().filter(|day| *day >= from && *day < self.today).collect();
        for day in days.iter().step_by(every) {
            let delivered = !self.chance(14);
            let why = (!delivered).then(|| {
                *self.pick(&[
                    "The pupil was absent",
                    "The room was needed for an examination",
                    "No member of staff was free",
                ])
            });
            let session = self.id();
            self.copy.add(
                Table::Sessions,
                &[
                    &session,
                    &authority,
                    &school,
                    &story.id,
                    &id,
                    day,
                    &delivered,
                    &why,
                    &afternoon(*day).min(self.now),
                    &given_by.0,
                ],
            );
        }
    }
}
