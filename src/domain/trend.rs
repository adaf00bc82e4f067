//! Where a run of days goes, in one word: for a glance at many cases. It never decides anything.

use super::monitoring::Totals;

/// Recorded days at each end that are compared.
const DAYS: usize = 5;
/// Percentage points between the two ends that are more than the ups and downs of single days.
const MOVE: u32 = 10;

/// Where a run of days goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trend {
    /// The latest five recorded days are at least ten percentage points above the five before.
    Rising,
    /// Neither.
    Steady,
    /// At least ten percentage points below.
    Falling,
    /// Fewer than ten recorded days.
    TooEarly,
}

impl Trend {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Rising, Self::Steady, Self::Falling, Self::TooEarly];

    /// Of these days, oldest first. Days without a mark are passed over; each day weighs as much as its points.
    pub fn of(days: &[Totals]) -> Self {
        let recorded: Vec<_> = days.iter().filter(|day| day.recorded > 0).collect();
        let Some(from) = recorded.len().checked_sub(2 * DAYS) else { return Self::TooEarly };
        let sum = |days: &[&Totals]| {
            days.iter().fold((0_u64, 0_u64), |(points, possible), day| {
                (points + u64::from(day.points), possible + u64::from(day.possible()))
            })
        };
        let (before, latest) = recorded[from..].split_at(DAYS);
        let ((was, of_was), (is, of_is)) = (sum(before), sum(latest));
        // Shares compared without rounding: is/of_is - was/of_was against MOVE/100.
        let (was, is, step) = (100 * was * of_is, 100 * is * of_was, u64::from(MOVE) * of_was * of_is);
        if is >= was + step {
            Self::Rising
        } else if was >= is + step {
            Self::Falling
        } else {
            Self::Steady
        }
    }

    /// In a word or a few.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Steady => "steady",
            Self::Falling => "falling",
            Self::TooEarly => "too early to tell",
        }
    }
}
