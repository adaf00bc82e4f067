//! Who looks after the demo's cases for the LA, what the LA asked schools about them, and the views that are kept.

use time::Date;

use super::{
    copy::Table,
    programme::Story,
    world::{Maker, afternoon, morning},
};

/// Schools the LA representative of the demo is assigned to.
const ASSIGNED: usize = 6;

impl Maker {
    /// Two of three open cases of the assigned schools have somebody of the LA; three schools were asked for news.
    pub(super) fn looked_after(&mut self, stories: &[Story<'_>]) {
        let (authority, la, county) = (self.authority, self.la.0, self.county.0);
        let open = |story: &&Story<'_>| story.closed_on.is_none() && story.place < ASSIGNED;
        for story in stories.iter().filter(open) {
            let Some(first) = story.days.first().copied().filter(|_| story.n % 3 != 2) else { continue };
            let who = if story.n % 12 == 1 { county } else { la };
            let id = self.id();
            self.copy.add(
                Table::Representatives,
                &[&id, &authority, &story.school.id, &story.id, &who, &first, &morning(first), &who],
            );
        }
        let answer = "Two good weeks since the timetable changed. The mentor carries on; the next review is with the parents.";
        let asked = [(3_usize, 9_u32, 4_u32, None), (8, 2, 0, None), (35, 12, 7, Some((8_u32, answer)))];
        for (n, ago, due, answered) in asked {
            let Some(story) = stories.iter().filter(open).find(|story| story.n == n) else { continue };
            let on = self.school_day(ago);
            let due_on = if due == 0 { self.next_school_day(3) } else { self.school_day(due) };
            self.update(story, (on, due_on), answered);
        }
        for (name, query, shared) in [
            ("Overdue at Stage 2", "view=overdue&stage=2", true),
            ("Looked after, by name", "looked-after=yes&sort=name", false),
        ] {
            let id = self.id();
            let at = morning(self.school_day(20));
            self.copy.add(Table::SavedViews, &[&id, &authority, &la, &name, &query, &shared, &at]);
        }
    }

    fn update(&mut self, story: &Story<'_>, (on, due_on): (Date, Date), answered: Option<(u32, &str)>) {
        let (id, authority, la) = (self.id(), self.authority, self.la.0);
        let lead = story.school.lead.0;
        let answered_on = answered.map(|(ago, _)| self.school_day(ago));
        self.copy.add(
            Table::Updates,
            &[
                &id,
                &authority,
                &story.school.id,
                &story.id,
                &"How are the mornings now, and is the mentor’s time enough?",
                &on,
                &afternoon(on),
                &la,
                &due_on,
                &answered.map(|(_, words)| words),
                &answered_on,
                &answered_on.map(afternoon),
                &answered_on.map(|_| lead),
            ],
        );
    }
}
