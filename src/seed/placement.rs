//! Places elsewhere for pupils of the demo: a supported transfer at every point it can be at, each from its events, and
//! the cases they belong to.

use serde_json::json;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    copy::Table,
    panels::{Panel, Panels},
    papers::{self, documents},
    programme::Story,
    world::{Maker, School, clock},
};
use crate::domain::{
    dates,
    ids::{PanelId, SchoolId},
    pack::{self, Audience, Presence},
    pupil::{YearGroup, display_name},
    stage_3::Route,
    transfer::{Event, File, Impossible, ManagedMove, State, Stopper},
};

/// What becomes of a case at Stage 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Papers half written.
    Proposed,
    /// With the panel that comes.
    Submitted,
    /// A place was allocated, declined, and allocated again.
    Allocated,
    /// Accepted, with a first day to come.
    Accepted,
    /// On the other school's roll, with one follow-up.
    OnRoll,
    /// Stopped by the school.
    Withdrawn,
    /// The panel found no place.
    NotPlaced,
    /// Over.
    Closed,
    /// An off-site direction that runs.
    Running,
    /// One that is to come.
    Planned,
    /// One that ended.
    Ended,
    /// Permanently excluded.
    Excluded,
}

/// The course of a case, in school days before the latest one.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    pub n: usize,
    pub kind: Kind,
    pub opened: u32,
    pub stage_2: u32,
    pub stage_3: u32,
    pub closed: Option<u32>,
}

impl Course {
    const fn of(n: usize, kind: Kind, (opened, stage_2, stage_3): (u32, u32, u32)) -> Self {
        Self { n, kind, opened, stage_2, stage_3, closed: None }
    }

    const fn closed(self, ago: u32) -> Self {
        Self { closed: Some(ago), ..self }
    }

    /// The route Stage 3 agreed.
    pub const fn route(&self) -> Option<Route> {
        match self.kind {
            Kind::Excluded => None,
            Kind::Running | Kind::Planned | Kind::Ended => Some(Route::OffSite),
            Kind::Proposed
            | Kind::Submitted
            | Kind::Allocated
            | Kind::Accepted
            | Kind::OnRoll
            | Kind::Withdrawn
            | Kind::NotPlaced
            | Kind::Closed => Some(Route::ManagedMove),
        }
    }

    /// How its case ended, once it has.
    pub const fn ended_as(&self) -> &'static str {
        match self.kind {
            Kind::Excluded => "excluded",
            _ => "left",
        }
    }

    /// The pupil was on another roll from the day the case was closed.
    pub const fn moved(&self) -> bool {
        matches!(self.kind, Kind::OnRoll | Kind::Closed)
    }
}

/// The day on the new roll, in school days before the latest one.
const ON_ROLL: u32 = 13;
const ON_ROLL_LONG_AGO: u32 = 80;

/// Cases whose course is laid down. The first 34 are of Greenfield, the next twelve of Hillside.
const COURSES: &[Course] = &[
    Course::of(11, Kind::Proposed, (90, 60, 30)),
    Course::of(17, Kind::Running, (95, 70, 45)),
    Course::of(23, Kind::Submitted, (110, 70, 34)),
    Course::of(35, Kind::Allocated, (120, 80, 45)),
    Course::of(40, Kind::Planned, (80, 55, 35)),
    Course::of(47, Kind::Accepted, (118, 82, 44)),
    Course::of(52, Kind::Submitted, (100, 62, 33)),
    Course::of(65, Kind::Ended, (130, 100, 75)),
    Course::of(83, Kind::Withdrawn, (115, 78, 46)),
    Course::of(107, Kind::NotPlaced, (116, 80, 47)),
    Course::of(131, Kind::OnRoll, (125, 85, 46)).closed(ON_ROLL),
    Course::of(136, Kind::Excluded, (100, 70, 50)).closed(25),
    Course::of(143, Kind::Closed, (148, 130, 115)).closed(ON_ROLL_LONG_AGO),
];

/// The course of a case, when it is laid down.
pub fn course(n: usize) -> Option<&'static Course> {
    COURSES.iter().find(|course| course.n == n)
}

/// A transfer while its events are told.
pub(super) struct Move<'s, 'a> {
    pub id: Uuid,
    pub story: &'s Story<'a>,
    pub state: ManagedMove,
    seq: i32,
    opened: (Date, OffsetDateTime),
    changed: (OffsetDateTime, Uuid),
    share_ended_at: Option<OffsetDateTime>,
}

/// When something happened, and who did it.
pub(super) type Deed = (Date, OffsetDateTime, Uuid);

/// A pack on an agenda.
pub(super) struct OnAgenda {
    pub referral: Uuid,
    pub pack: Uuid,
    pub panel: PanelId,
    pub by: Uuid,
    pub made_at: OffsetDateTime,
}

impl Maker {
    /// So many school days ago, at that time of day.
    pub(super) fn deed(&self, ago: u32, (hour, minute): (u8, u8), by: Uuid) -> Deed {
        let on = self.school_day(ago);
        (on, clock(on, hour, minute).min(self.now), by)
    }

    /// Panels, places, transfers and directions.
    pub fn place(&mut self, schools: &[School], stories: &[Story<'_>]) -> Result<(), Impossible> {
        let panels = self.panels(schools);
        for story in stories {
            let Some(course) = course(story.n) else { continue };
            if course.route() == Some(Route::ManagedMove) {
                self.transfer(story, course.kind, schools, &panels)?;
            } else {
                self.direction(story, course.kind);
            }
        }
        Ok(())
    }

    fn transfer(
        &mut self,
        story: &Story<'_>,
        kind: Kind,
        schools: &[School],
        panels: &Panels,
    ) -> Result<(), Impossible> {
        let (greenfield, hillside, third) = (&schools[0], &schools[1], &schools[9]);
        let held = panels.held.ago;
        match kind {
            Kind::Proposed => {
                let of = self.begin(story, 6)?;
                self.papers(&of, schools, 5, true);
                self.keep(&of);
            }
            Kind::Submitted => {
                let (of, on) = self.submitted(story, 12, (4, &panels.coming), schools)?;
                // The LA has looked at one of the two.
                let looked = (story.n == 23).then_some(2);
                self.referral(&of, &on, looked, None);
                if let (Some(member), 23) = (panels.coming.members.get(1), story.n) {
                    let words = "The mother and I work in the same surgery.";
                    self.interest(&of, &on, member.0, words);
                }
                self.keep(&of);
            }
            Kind::Withdrawn => {
                let (mut of, on) = self.submitted(story, held + 10, (held + 6, &panels.held), schools)?;
                let stop = self.deed(held + 2, (11, 5), story.school.lead.0);
                let words = "Two calm weeks in the new tutor group. The family and the school want to see it through here.";
                self.happen(&mut of, &Event::Withdrawn { by: Stopper::School }, Some(words), stop)?;
                self.referral(&of, &on, Some(held + 4), Some(("withdrawn", stop)));
                self.keep(&of);
            }
            Kind::NotPlaced => {
                let (mut of, on) = self.submitted(story, held + 10, (held + 6, &panels.held), schools)?;
                let words = "The two schools that could be reached have no place in this year. The panel asks for an \
                             off-site direction to be considered first.";
                let deed = self.decided(&mut of, &on, &panels.held, None, (held, (14, 35)), words)?;
                self.referral(&of, &on, Some(held + 4), Some(("not_placed", deed)));
                self.keep(&of);
            }
            Kind::Allocated => {
                let (mut of, on) = self.submitted(story, held + 10, (held + 6, &panels.held), schools)?;
                let words = "Far enough away from the other pupils concerned, and it has room.";
                self.decided(&mut of, &on, &panels.held, Some(third), (held, (13, 50)), words)?;
                let declined = self.deed(10, (9, 40), third.head.0);
                let words = "Three pupils joined this year group in October; a fourth would be one too many.";
                self.happen(&mut of, &Event::Declined, Some(words), declined)?;
                let words =
                    "Asked again after the first school declined. The family had named this school too.";
                self.decided(&mut of, &on, &panels.held, Some(greenfield), (3, (16, 5)), words)?;
                self.referral(&of, &on, Some(held + 4), None);
                self.keep(&of);
            }
            Kind::Accepted => {
                let (mut of, on) = self.submitted(story, held + 10, (held + 6, &panels.held), schools)?;
                let words = "A fresh start close to home, with a learning support unit.";
                self.decided(&mut of, &on, &panels.held, Some(hillside), (held, (14, 5)), words)?;
                let starts_on = self.next_school_day(5);
                let accepted = self.deed(12, (10, 20), hillside.head.0);
                self.happen(&mut of, &Event::Accepted { starts_on }, None, accepted)?;
                let sent = self.deed(8, (11, 15), story.school.lead.0);
                let event = Event::FileSent { file: File::ChildProtection, on: sent.0 };
                self.happen(&mut of, &event, None, sent)?;
                self.referral(&of, &on, Some(held + 4), None);
                self.keep(&of);
            }
            Kind::OnRoll => {
                let (mut of, on) = self.submitted(story, held + 10, (held + 6, &panels.held), schools)?;
                let words = "An aunt lives two streets away, and the school offers the same courses.";
                self.decided(&mut of, &on, &panels.held, Some(greenfield), (held, (14, 20)), words)?;
                self.arrived(&mut of, greenfield, (held - 2, ON_ROLL))?;
                let word = self.deed(2, (15, 45), greenfield.lead.0);
                let words =
                    "Every day in school so far. Has found the drama club; mathematics is still hard.";
                self.happen(&mut of, &Event::FollowedUp, Some(words), word)?;
                self.referral(&of, &on, Some(held + 4), None);
                self.keep(&of);
            }
            Kind::Closed => {
                let long_ago = panels.earlier.ago;
                let (mut of, on) = self.submitted(story, 104, (long_ago + 8, &panels.earlier), schools)?;
                let words = "The courses fit, and an older cousin is in the sixth form.";
                self.decided(&mut of, &on, &panels.earlier, Some(hillside), (long_ago, (14, 10)), words)?;
                self.arrived(&mut of, hillside, (long_ago - 3, ON_ROLL_LONG_AGO))?;
                let ctf = self.deed(ON_ROLL_LONG_AGO - 7, (9, 30), hillside.lead.0);
                let event = Event::FileReceived { file: File::Ctf, on: ctf.0 };
                self.happen(&mut of, &event, None, ctf)?;
                for (ago, words) in [
                    (60, "Settled with the tutor group. Two short detentions, nothing else."),
                    (21, "Attendance 97%. Wants to stay on for the sixth form. No further review is needed."),
                ] {
                    let seen = self.deed(ago, (15, 40), hillside.lead.0);
                    self.happen(&mut of, &Event::FollowedUp, Some(words), seen)?;
                }
                let over = self.deed(21, (15, 41), hillside.lead.0);
                self.happen(&mut of, &Event::Closed, None, over)?;
                self.referral(&of, &on, Some(long_ago + 5), None);
                self.keep(&of);
            }
            Kind::Running | Kind::Planned | Kind::Ended | Kind::Excluded => {}
        }
        Ok(())
    }

    /// The school begins a transfer.
    fn begin<'s, 'a>(&mut self, story: &'s Story<'a>, ago: u32) -> Result<Move<'s, 'a>, Impossible> {
        let deed = self.deed(ago, (10, 30), story.school.lead.0);
        let mut of = Move {
            id: self.id(),
            story,
            state: ManagedMove::default(),
            seq: 0,
            opened: (deed.0, deed.1),
            changed: (deed.1, deed.2),
            share_ended_at: None,
        };
        self.happen(&mut of, &Event::Proposed, None, deed)?;
        Ok(of)
    }

    /// One more event, as the application keeps it.
    pub(super) fn happen(
        &mut self,
        of: &mut Move<'_, '_>,
        event: &Event,
        words: Option<&str>,
        (on, at, by): Deed,
    ) -> Result<(), Impossible> {
        let before = of.state.receiving();
        of.state = of.state.after(event, on)?;
        of.seq += 1;
        of.changed = (at, by);
        if of.state.is_over() {
            of.share_ended_at = Some(at);
        }
        let about = of.state.receiving().or(before).map(SchoolId::uuid);
        self.copy.add(
            Table::TransferEvents,
            &[
                &of.id,
                &of.seq,
                &self.authority,
                &of.story.school.id,
                &of.story.id,
                &event.name(),
                &json!(event).to_string(),
                &words,
                &about,
                &on,
                &at,
                &by,
            ],
        );
        Ok(())
    }

    /// The row that holds what the events came to.
    fn keep(&mut self, of: &Move<'_, '_>) {
        let on_roll = match of.state.state {
            State::OnRoll { on, .. } | State::Closed { on, .. } => Some(on),
            _ => None,
        };
        self.copy.add(
            Table::Transfers,
            &[
                &of.id,
                &self.authority,
                &of.story.school.id,
                &of.story.id,
                &of.story.pupil.id,
                &of.state.state.as_str(),
                &json!(of.state).to_string(),
                &of.seq,
                &of.state.receiving().map(SchoolId::uuid),
                &on_roll,
                &of.share_ended_at,
                &of.opened.0,
                &of.opened.1,
                &of.story.school.lead.0,
                &of.changed.0,
                &of.changed.1,
            ],
        );
    }

    /// Begun, and its papers submitted to a panel by the headteacher.
    fn submitted<'s, 'a>(
        &mut self,
        story: &'s Story<'a>,
        begun: u32,
        (ago, panel): (u32, &Panel),
        schools: &[School],
    ) -> Result<(Move<'s, 'a>, OnAgenda), Impossible> {
        let mut of = self.begin(story, begun)?;
        let papers = self.papers(&of, schools, ago + 1, false);
        let deed = self.deed(ago, (14, 25), story.school.head.0);
        self.happen(&mut of, &Event::ParentAgreed, None, deed)?;
        self.happen(&mut of, &Event::PapersSubmitted { version: 1, panel: panel.id }, None, deed)?;
        let (pack, referral) = (self.id(), self.id());
        let pupil = story.pupil;
        let year = YearGroup::actual(pupil.born_on, 0, deed.0);
        let wishes = papers::wishes(schools, story.school);
        self.copy.add(
            Table::Packs,
            &[
                &pack,
                &self.authority,
                &story.school.id,
                &story.id,
                &of.id,
                &pupil.id,
                &1_i32,
                &display_name(&pupil.given, pupil.known_as.as_deref(), &pupil.family),
                &format!("{year}, {}", story.school.name),
                &json!(wishes).to_string(),
                &"Programme policy version 1",
                &"{}",
                &deed.0,
                &deed.1,
                &deed.2,
            ],
        );
        for (position, section) in (1_i16..).zip(pack::freeze(&papers)) {
            let audience: Audience = section.audience;
            self.copy.add(
                Table::PackSections,
                &[
                    &pack,
                    &position,
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &of.id,
                    &section.item.as_str(),
                    &audience.as_str(),
                    &section.words,
                ],
            );
        }
        let on = OnAgenda { referral, pack, panel: panel.id, by: deed.2, made_at: deed.1 };
        Ok((of, on))
    }

    /// The documents of a pack; `half`: only those that were easy to write.
    fn papers(&mut self, of: &Move<'_, '_>, schools: &[School], ago: u32, half: bool) -> Vec<pack::Paper> {
        let story = of.story;
        let (on, at, by) = self.deed(ago, (15, 55), story.school.lead.0);
        let suspended = super::exclusions::summary(&self.suspensions_of(story.n, story.pupil), on);
        let mut papers = documents(story, on, &suspended, &papers::wishes(schools, story.school));
        if half {
            papers.retain(|paper| papers::easy(paper.item));
        }
        for paper in &papers {
            let named = match paper.item {
                pack::Item::Schools => json!(papers::wishes(schools, story.school)),
                _ => json!([]),
            };
            self.copy.add(
                Table::PackItems,
                &[
                    &of.id,
                    &paper.item.as_str(),
                    &self.authority,
                    &story.school.id,
                    &story.id,
                    &paper.presence.as_str(),
                    &paper.words.as_deref().filter(|_| paper.presence == Presence::Present),
                    &paper.reason,
                    &paper.share.as_str(),
                    &paper.told_on,
                    &named.to_string(),
                    &1_i32,
                    &at,
                    &by,
                ],
            );
        }
        papers
    }

    /// Accepted, then on the roll, with the records that follow the pupil.
    fn arrived(
        &mut self,
        of: &mut Move<'_, '_>,
        to: &School,
        (accepted, on_roll): (u32, u32),
    ) -> Result<(), Impossible> {
        let starts_on = self.school_day(on_roll);
        let deed = self.deed(accepted, (10, 15), to.head.0);
        self.happen(of, &Event::Accepted { starts_on }, None, deed)?;
        let deed = self.deed(on_roll, (9, 5), to.lead.0);
        self.happen(of, &Event::OnRoll { on: starts_on }, None, deed)?;
        let lead = of.story.school.lead.0;
        let sent = self.deed(on_roll.saturating_sub(1), (11, 40), lead);
        let event = Event::FileSent { file: File::ChildProtection, on: sent.0 };
        self.happen(of, &event, None, sent)?;
        let got = self.deed(on_roll.saturating_sub(3), (9, 20), to.lead.0);
        let event = Event::FileReceived { file: File::ChildProtection, on: got.0 };
        self.happen(of, &event, None, got)?;
        let sent = self.deed(on_roll.saturating_sub(6), (11, 40), lead);
        let event = Event::FileSent { file: File::Ctf, on: sent.0 };
        self.happen(of, &event, None, sent)
    }
}

/// What the papers and the rolls refer to, now that both are there: the pack submitted last; of a pupil who moved, the
/// two enrolments and the record, as the receiving school's first day makes them.
pub async fn settle(db: &mut PgConnection) -> sqlx::Result<()> {
    for sql in [
        "update app.transfers t set pack_id = k.id
         from (select distinct on (transfer_id) id, transfer_id from app.packs order by transfer_id, version desc) k
         where k.transfer_id = t.id",
        "update app.enrolments e set to_on = t.on_roll_on - 1
         from app.transfers t join app.cases c on c.id = t.case_id
         where t.on_roll_on is not null and e.id = c.enrolment_id",
        "insert into app.enrolments (id, authority_id, school_id, pupil_id, from_on)
         select overlay(t.id::text placing 'e' from 1 for 1)::uuid, t.authority_id, t.receiving_id, t.pupil_id, t.on_roll_on
         from app.transfers t where t.on_roll_on is not null",
        "update app.pupils p set school_id = t.receiving_id, version = p.version + 1,
                changed_at = (t.on_roll_on + time '09:05') at time zone 'Europe/London'
         from app.transfers t where t.on_roll_on is not null and t.pupil_id = p.id",
        // 7.2 A20: the headteacher's own decision closed the case.
        "update app.case_decisions d set command = 'close', decided_at = e.recorded_at, decided_by = e.issued_by,
                words = 'Permanently excluded'
         from app.exclusions e join app.cases c on c.id = e.case_id
         where e.kind = 'permanent' and c.ended_as = 'excluded' and d.case_id = e.case_id
           and d.event->>'ending' = 'excluded'",
    ] {
        sqlx::query(sql).execute(&mut *db).await?;
    }
    Ok(())
}

/// "3 November 2026" for a paper.
pub(super) fn said_on(day: Date) -> String {
    dates::long(day)
}
