//! The panels of the demo: one months ago, one four weeks ago, one to come; who sits, what was decided, and the places of
//! every school.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    copy::Table,
    placement::{Deed, Move, OnAgenda},
    programme::at,
    world::{Maker, School, Somebody, clock},
};
use crate::domain::{
    ids::{PanelId, SchoolId},
    transfer::{Event, Impossible},
};

/// A panel.
pub(super) struct Panel {
    pub id: PanelId,
    /// School days before the latest one on which it met; of one to come, nought.
    pub ago: u32,
    /// "PRRP of 2026-10-29"
    protocol: String,
    pub members: Vec<Somebody>,
}

/// All of them.
pub(super) struct Panels {
    pub earlier: Panel,
    pub held: Panel,
    pub coming: Panel,
}

/// School days ago on which the panels met.
const EARLIER: u32 = 90;
const HELD: u32 = 18;

impl Maker {
    pub(super) fn panels(&mut self, schools: &[School]) -> Panels {
        let mut members = vec![self.member.clone()];
        members.push(self.person("panel2@southglos.example", "panel_member", None));
        // A headteacher sits too, and abstains when it is about their own school.
        if let Some(school) = schools.get(4) {
            self.grant(school.head.0, "panel_member", None);
            members.push(school.head.clone());
        }
        self.places(schools);
        let words = "The panel asks every school to name whom a family can ring in the first week. Transport takes three \
                     weeks to arrange: leads ask for it before the panel meets.";
        let earlier = self.panel(&members, Some(EARLIER), None);
        let held = self.panel(&members, Some(HELD), Some(words));
        let coming = self.panel(&members, None, None);
        Panels { earlier, held, coming }
    }

    /// A panel that met so many school days ago, or one to come.
    fn panel(&mut self, members: &[Somebody], ago: Option<u32>, minutes: Option<&str>) -> Panel {
        let (meets_on, close_on, planned) = match ago {
            Some(ago) => (self.school_day(ago), self.school_day(ago + 4), self.school_day(ago + 30)),
            None => (self.next_school_day(10), self.next_school_day(5), self.school_day(20)),
        };
        let (id, made) = (self.id(), clock(planned, 9, 45).min(self.now));
        let la = self.la.0;
        self.copy.add(
            Table::Panels,
            &[
                &id,
                &self.authority,
                &"PRRP",
                &meets_on,
                &at(13, 30),
                &"Badminton Road offices, room 3",
                &close_on,
                &made,
                &la,
                &made,
                &la,
            ],
        );
        for (n, (user, _)) in members.iter().enumerate() {
            let came = ago.map(|_| if n == 1 && minutes.is_some() { "apologies" } else { "present" });
            self.copy.add(Table::PanelMembers, &[&self.authority, &id, user, &came, &made, &la]);
        }
        if let Some(words) = minutes {
            let at = clock(meets_on, 16, 40).min(self.now);
            self.copy.add(Table::PanelMinutes, &[&self.authority, &id, &1_i32, &words, &at, &la]);
        }
        Panel {
            id: PanelId::from(id),
            ago: ago.unwrap_or_default(),
            protocol: format!("PRRP of {meets_on}"),
            members: members.to_vec(),
        }
    }

    /// Places and rolls as they were counted before each panel; one school is full.
    fn places(&mut self, schools: &[School]) {
        let la = self.county.0;
        for (n, school) in (0_i32..).zip(schools) {
            for (ago, joined) in [(EARLIER + 5, 0), (HELD + 6, 3)] {
                let (id, as_of) = (self.id(), self.school_day(ago));
                let places = 900 + n * 53 % 700;
                let free = if n == 6 { 0 } else { 6 + n * 7 % 31 };
                self.copy.add(
                    Table::Places,
                    &[
                        &id,
                        &self.authority,
                        &school.id,
                        &places,
                        &(places - free + joined.min(free)),
                        &as_of,
                        &clock(as_of, 12, 5),
                        &la,
                    ],
                );
            }
        }
    }

    /// S3.08: the panel's first member records what was decided; to nobody: no place was found.
    pub(super) fn decided(
        &mut self,
        of: &mut Move<'_, '_>,
        on: &OnAgenda,
        panel: &Panel,
        to: Option<&School>,
        (ago, time): (u32, (u8, u8)),
        words: &str,
    ) -> Result<Deed, Impossible> {
        let deed = self.deed(ago, time, self.member.0);
        let event = match to {
            Some(school) => Event::Allocated { school: SchoolId::from(school.id) },
            None => Event::NotPlaced,
        };
        self.happen(of, &event, Some(words), deed)?;
        let present: Vec<_> = panel
            .members
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != 1 || panel.ago == EARLIER)
            .map(|(_, (_, name))| name.clone())
            .collect();
        let (id, story) = (self.id(), of.story);
        let starts_on = to.and_then(|_| self.calendar.nth_school_day_after(deed.0, 8).ok());
        self.copy.add(
            Table::Allocations,
            &[
                &id,
                &self.authority,
                &story.school.id,
                &story.id,
                &of.id,
                &on.referral,
                &on.panel.uuid(),
                &if to.is_some() { "allocated" } else { "not_placed" },
                &to.map(|school| school.id),
                &starts_on,
                &words,
                &to.map(|_| "A named adult meets the pupil at the gate for the first two weeks."),
                &panel.protocol,
                &"{}",
                &json!(present).to_string(),
                &"[]",
                &deed.0,
                &deed.1,
                &deed.2,
            ],
        );
        Ok(deed)
    }

    /// A pack on an agenda, with what came of it. `looked`: school days ago on which the LA found it complete.
    pub(super) fn referral(
        &mut self,
        of: &Move<'_, '_>,
        on: &OnAgenda,
        looked: Option<u32>,
        outcome: Option<(&str, Deed)>,
    ) {
        let la = if of.story.place < 6 { self.la.0 } else { self.county.0 };
        let received = looked.map(|ago| self.deed(ago, (11, 30), la));
        let changed: (OffsetDateTime, Uuid) = match (outcome, received) {
            (Some((_, (_, at, by))), _) | (None, Some((_, at, by))) => (at, by),
            (None, None) => (on.made_at, on.by),
        };
        self.copy.add(
            Table::Referrals,
            &[
                &on.referral,
                &self.authority,
                &of.story.school.id,
                &of.story.id,
                &of.id,
                &on.pack,
                &on.panel.uuid(),
                &received.map(|(day, ..)| day),
                &received.map(|(.., by)| by),
                &outcome.map(|(what, _)| what),
                &on.made_at,
                &on.by,
                &changed.0,
                &changed.1,
            ],
        );
    }

    /// G21: a member knows the family.
    pub(super) fn interest(&mut self, of: &Move<'_, '_>, on: &OnAgenda, member: Uuid, words: &str) {
        let (id, none): (Uuid, Option<Uuid>) = (self.id(), None);
        let (day, at, _) = self.deed(1, (12, 25), member);
        self.copy.add(
            Table::Interests,
            &[
                &id,
                &self.authority,
                &of.story.school.id,
                &of.story.id,
                &of.id,
                &on.referral,
                &member,
                &"family",
                &none,
                &words,
                &day,
                &at,
            ],
        );
    }
}
