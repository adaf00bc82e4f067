//! The weekly review (S1.13): the week's figures from the marks, a suggestion with its reason, and the rating
//! the lead signs. A suggestion never acts.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{dates, ids::TargetId, monitoring::Totals, policy::ProgrammePolicy, stage::words, text};

words! {
    /// A traffic light for a target or a week.
    Rating {
        /// At the goal or above it.
        Green = "green", "Green: on track";
        /// On the way.
        Amber = "amber", "Amber: some progress";
        /// Not yet.
        Red = "red", "Red: not yet";
    }
}

words! {
    /// What a week suggests.
    Suggestion {
        /// At the goal.
        OnTrack = "on_track", "On track";
        /// Between.
        Watch = "watch", "Watch";
        /// Several weeks far below the goal.
        NotResponding = "not_responding", "Not responding";
        /// Two weeks at the goal, near the end of the timescale.
        ReadyToExit = "ready_to_exit", "Ready to leave the programme";
        /// Too little was recorded.
        CannotTell = "cannot_tell", "Cannot tell";
        /// The support that was agreed was not given.
        SupportNotDelivered = "support_not_delivered", "Support not delivered";
    }
}

/// Marks of a name in the week: a target, a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The target's words, the period's label.
    pub name: String,
    /// Points earned.
    pub points: u32,
    /// Marks made.
    pub recorded: u32,
}

impl Named {
    /// As totals.
    pub fn totals(&self) -> Totals {
        Totals { points: self.points, recorded: self.recorded, expected: self.recorded }
    }
}

/// What one week came to. Screen, letter and signed review show these figures and no others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WeekFigures {
    /// Points earned.
    pub points: u32,
    /// Marks made.
    pub recorded: u32,
    /// Marks there could be.
    pub expected: u32,
    /// Points of the week before.
    pub last_points: u32,
    /// Marks of the week before.
    pub last_recorded: u32,
    /// Days with at least one mark.
    pub days_recorded: u32,
    /// Days on which marks were expected.
    pub days_expected: u32,
    /// By target, in their order.
    pub by_target: Vec<(TargetId, Named)>,
    /// By period, in their order.
    pub by_period: Vec<Named>,
    /// By day: the day and its totals.
    pub by_day: Vec<(String, Named)>,
    /// Sessions of support planned.
    pub sessions_planned: u32,
    /// Sessions of support delivered.
    pub sessions_delivered: u32,
}

impl WeekFigures {
    /// This week.
    pub fn totals(&self) -> Totals {
        Totals { points: self.points, recorded: self.recorded, expected: self.expected }
    }

    /// The week before.
    pub fn last(&self) -> Totals {
        Totals { points: self.last_points, recorded: self.last_recorded, expected: self.last_recorded }
    }

    /// The period with the best and the one with the lowest share, when they differ and at least two have marks.
    pub fn best_and_hardest(&self) -> Option<(&Named, &Named)> {
        let marked: Vec<_> = self.by_period.iter().filter(|period| period.recorded > 0).collect();
        // Shares are compared exactly: a/b > c/d as a*d > c*b.
        let by_share = |a: &&&Named, b: &&&Named| {
            (u64::from(a.points) * u64::from(b.recorded)).cmp(&(u64::from(b.points) * u64::from(a.recorded)))
        };
        let (best, hardest) = (marked.iter().max_by(by_share)?, marked.iter().min_by(by_share)?);
        let differ = best.points * hardest.recorded != hardest.points * best.recorded;
        differ.then_some((*best, *hardest))
    }

    /// The target with the best share, the first of equals; none without a point.
    pub fn best_target(&self) -> Option<&Named> {
        self.by_target
            .iter()
            .map(|(_, target)| target)
            .filter(|target| target.points > 0)
            // `max_by` takes the last of equals. Shares are compared exactly, as above.
            .rev()
            .max_by(|a, b| {
                (u64::from(a.points) * u64::from(b.recorded))
                    .cmp(&(u64::from(b.points) * u64::from(a.recorded)))
            })
    }

    /// What went well, in at most `max` characters: the best target, the best period, the praise of the week.
    pub fn went_well(&self, name: &str, praise: &[String], max: usize) -> String {
        let mut sentences = Vec::new();
        if let Some(target) = self.best_target() {
            sentences.push(format!("{name} did best with “{}”: {}.", target.name, target.totals().words()));
        }
        if let Some((best, _)) = self.best_and_hardest() {
            sentences.push(format!("The best period was {}.", best.name));
        }
        sentences.extend(praise.iter().map(|words| format!("Praise: “{words}”")));
        text::fitting(&sentences, max)
    }

    /// "Up from 61% last week", "About the same as last week", or that there is nothing to compare.
    pub fn trend(&self) -> String {
        match (self.totals().percent(), self.last().percent()) {
            (Some(now), Some(before)) => {
                let change = i16::from(now) - i16::from(before);
                match change {
                    5.. => format!("Up from {before}% the week before"),
                    ..=-5 => format!("Down from {before}% the week before"),
                    _ => format!("About the same as the week before ({before}%)"),
                }
            }
            (Some(_), None) => "Nothing was recorded the week before".to_owned(),
            (None, _) => "Nothing was recorded this week".to_owned(),
        }
    }

    /// "3 of 5 days recorded; 4 of 90 marks missing", or that nothing is missing.
    pub fn gaps(&self) -> String {
        let missing = self.expected.saturating_sub(self.recorded);
        if self.days_expected == 0 {
            "No marks were expected".to_owned()
        } else if missing == 0 && self.days_recorded == self.days_expected {
            "Every mark is recorded".to_owned()
        } else {
            format!(
                "{} of {} days recorded; {missing} of {} marks missing",
                self.days_recorded, self.days_expected, self.expected
            )
        }
    }

    /// "2 of 3 support sessions given"
    pub fn support_words(&self) -> String {
        match self.sessions_planned {
            0 => "No support sessions were planned".to_owned(),
            planned => format!("{} of {planned} support sessions given", self.sessions_delivered),
        }
    }
}

/// The light the policy's shares suggest; none without a mark.
pub fn suggested_rating(totals: Totals, policy: &ProgrammePolicy) -> Option<Rating> {
    (totals.recorded > 0).then(|| {
        if totals.reaches(u32::from(policy.green_percent)) {
            Rating::Green
        } else if totals.reaches(u32::from(policy.amber_percent)) {
            Rating::Amber
        } else {
            Rating::Red
        }
    })
}

/// A target's light as the lead signed it, with the target's words of that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// The target.
    pub target: TargetId,
    /// What it said.
    pub words: String,
    /// Its light.
    pub rating: Rating,
}

/// A week that was signed before, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The Monday.
    pub week_on: Date,
    /// The light the lead gave it.
    pub overall: Rating,
}

/// What the week suggests and why. `before` are the weeks signed before it, newest first; `due_on` is the nearest
/// date of a target.
pub fn suggest(
    figures: &WeekFigures,
    before: &[Signed],
    due_on: Option<Date>,
    week_end: Date,
    policy: &ProgrammePolicy,
) -> (Suggestion, String) {
    let totals = figures.totals();
    let rating = suggested_rating(totals, policy);
    let (Some(rating), true) =
        (rating, figures.recorded * 2 >= figures.expected && figures.days_recorded > 1)
    else {
        return (
            Suggestion::CannotTell,
            format!(
                "Too little is recorded to tell: {} of {} marks, on {} of {} days.",
                figures.recorded, figures.expected, figures.days_recorded, figures.days_expected
            ),
        );
    };
    if rating != Rating::Green
        && figures.sessions_planned > 0
        && figures.sessions_delivered * 2 < figures.sessions_planned
    {
        return (
            Suggestion::SupportNotDelivered,
            format!("{}: see to that before judging the week ({}).", figures.support_words(), totals.words()),
        );
    }
    let weeks = |light: Rating| 1 + before.iter().take_while(|week| week.overall == light).count();
    match rating {
        Rating::Green => {
            let near_end = due_on.is_some_and(|due| due <= week_end + time::Duration::days(10));
            if weeks(Rating::Green) >= usize::from(policy.green_weeks_to_exit) && near_end {
                let due = due_on.map(dates::long).unwrap_or_default();
                (
                    Suggestion::ReadyToExit,
                    format!(
                        "{} green weeks in a row, and the targets are due by {due}.",
                        weeks(Rating::Green)
                    ),
                )
            } else {
                (Suggestion::OnTrack, format!("{}: at or above {}%.", totals.words(), policy.green_percent))
            }
        }
        Rating::Red if weeks(Rating::Red) >= usize::from(policy.red_weeks_not_responding) => (
            Suggestion::NotResponding,
            format!("{} weeks in a row below {}%.", weeks(Rating::Red), policy.amber_percent),
        ),
        Rating::Amber | Rating::Red => (
            Suggestion::Watch,
            format!("{}: below {}%. {}.", totals.words(), policy.green_percent, figures.trend()),
        ),
    }
}
