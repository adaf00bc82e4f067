//! The cases of a world: stages, targets and a year of daily marks behind them.

use indicatif::ProgressBar;
use rand::RngExt;
use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    copy::Table,
    exclusions::{self, AwayOn},
    names, placement,
    programme::Story,
    world::{Maker, Pupil, School, Size, afternoon, learn, morning},
};
use crate::domain::{calendar::monday, pupil::sort_name};

/// Cases of a small school of a measured world.
const SMALL: usize = 30;
/// Lessons of a day.
const PERIODS: i16 = 6;

/// One case while its days are made.
struct Case<'a> {
    id: Uuid,
    school: &'a School,
    targets: Vec<Uuid>,
    /// How likely a mark is the best one, in percent.
    skill: u32,
    /// Lessons out of school.
    away: AwayOn,
}

/// What a day or a week came to.
#[derive(Clone, Copy, Default)]
struct Sum {
    days: i16,
    points: i32,
    recorded: i32,
    expected: i32,
}

/// Two schools of five have thirty cases each, as a real one at its fullest; the rest share what is left.
fn uneven(n: usize, schools: usize) -> usize {
    let small = schools * 2 / 5;
    if n < small * SMALL { n / SMALL } else { small + (n - small * SMALL) % (schools - small) }
}

impl Maker {
    /// Every case; those of the demo answer with their stories, whose weeks are still to be told.
    pub async fn cases<'a>(
        &mut self,
        db: &mut PgConnection,
        size: Size,
        schools: &'a [School],
        pupils: &'a [Vec<Pupil>],
        bar: &ProgressBar,
    ) -> sqlx::Result<Vec<Story<'a>>> {
        let support = self.support_worker();
        let all_days = self.calendar.latest_school_days(self.today, size.days.max(1));
        let mut stories = Vec::new();
        let mut next = vec![0_usize; schools.len()];
        // Once the first cases are there: by then the tables look as they will.
        let mut learnt = false;
        for n in 0..size.open_cases + size.closed_cases {
            let place = match n {
                0..34 if size.varied => 0,
                34..46 if size.varied => 1,
                _ if size.varied => n % schools.len(),
                _ => uneven(n, schools.len()),
            };
            let course = placement::course(n).filter(|_| size.varied);
            // Nobody moves without a parent who may be asked.
            let barred = |pupil: &Pupil| course.is_some() && pupil.barred;
            next[place] += pupils[place][next[place]..].iter().take_while(|pupil| barred(pupil)).count();
            let Some(pupil) = pupils[place].get(next[place]) else { continue };
            next[place] += 1;
            let behind = if size.varied {
                self.rng.random_range(8..=all_days.len().max(9)).min(all_days.len())
            } else {
                all_days.len()
            };
            let laid_down = course.and_then(|course| usize::try_from(course.opened + 1).ok());
            let behind = laid_down.unwrap_or(behind).min(all_days.len());
            let days = &all_days[all_days.len() - behind..];
            let story = self.case(size, (place, &schools[place]), pupil, days, n);
            if size.varied {
                self.oddities(n, &schools[place], pupil, story.id, support.0);
                self.programme(&story, &support);
                self.exclusions_of(&story, days);
                stories.push(story);
            }
            if self.copy.send_some(db).await? && !learnt {
                learn(db).await?;
                learnt = true;
            }
            bar.inc(1);
        }
        Ok(stories)
    }

    fn case<'a>(
        &mut self,
        size: Size,
        (place, school): (usize, &'a School),
        pupil: &'a Pupil,
        days: &[Date],
        n: usize,
    ) -> Story<'a> {
        let opened = days.first().copied().unwrap_or(self.today);
        let course = placement::course(n).filter(|_| size.varied);
        let stage: i16 = match n % 12 {
            _ if course.is_some() => 3,
            0..=6 => 1,
            7..=10 => 2,
            _ => 3,
        };
        let id = self.id();
        let closed_on = (n >= size.open_cases).then(|| match course.and_then(|course| course.closed) {
            Some(ago) => self.school_day(ago),
            None => days.get(days.len() / 2).copied().unwrap_or(opened),
        });
        // One in twelve of the demo came straight to Stage 2 after a serious incident.
        let entry = if size.varied && n % 12 == 10 { 2 } else { 1 };
        let entered = if let Some(course) = course {
            vec![opened, self.school_day(course.stage_2), self.school_day(course.stage_3)]
        } else {
            let step = days.len() / usize::try_from(stage).unwrap_or(1).max(1);
            (0..usize::try_from(stage).unwrap_or(1))
                .map(|s| days.get(step * s).copied().unwrap_or(opened))
                .collect()
        };
        let stages = self.stages(school, id, (entry, stage), &entered, closed_on);
        let until = closed_on.unwrap_or(self.today);
        // Who is on another school's roll that day is not marked here.
        let moved = course.is_some_and(placement::Course::moved);
        let until = if moved { until - Duration::DAY } else { until };
        let away = if size.varied { self.away(n, pupil) } else { AwayOn::new() };
        let story = Story {
            n,
            place,
            id,
            school,
            pupil,
            days: days.iter().copied().filter(|day| *day <= until).collect(),
            stages,
            closed_on,
        };
        let naming = self.id();
        let (authority, by, at) = (self.authority, school.lead.0, morning(opened));
        self.copy
            .add(Table::Leads, &[&naming, &authority, &school.id, &id, &by, &opened, &closed_on, &at, &by]);
        // One pupil of the demo has just been put on the programme and has no targets yet.
        let targets = if size.varied && n == 33 { Vec::new() } else { self.targets(school, id, opened, n) };
        let case = Case { id, school, targets, skill: self.rng.random_range(35..95), away };
        let (last, week) = self.days(size, &case, days, until);
        self.copy.add(
            Table::Cases,
            &[
                &id,
                &authority,
                &school.id,
                &pupil.id,
                &pupil.enrolment,
                &self.policy,
                &opened,
                &at,
                &by,
                &"Out of lessons most weeks and falling attendance; mentoring alone has not been enough.",
                &closed_on,
                &closed_on.map(|_| story.ended_as()),
                &entry,
                &if entry == 1 { "concern" } else { "serious_incident" },
                &stage,
                &by,
                &sort_name(&pupil.given, &pupil.family),
                &last,
                &week.map(|(on, _)| on),
                &week.map_or(0, |(_, sum)| sum.points),
                &week.map_or(0, |(_, sum)| 2 * sum.recorded),
            ],
        );
        story
    }

    /// The exclusions of a case's pupil; one case ended in one.
    fn exclusions_of(&mut self, story: &Story<'_>, days: &[Date]) {
        let opened = days.first().copied().unwrap_or(self.today);
        let case = (story.id, opened, story.closed_on);
        self.out_of_case(story.n, story.school, story.pupil, case);
        if let (true, Some(on)) = (exclusions::ends_in_one(story.n), story.closed_on) {
            let what = "Struck a member of staff who stepped between two pupils, and broke a window.";
            let incident = self.incident(story, on, "very_serious", what);
            self.excluded((story.school, story.pupil), case, incident);
        }
    }

    /// From the stage it entered at to the one it is at; answers with each stage's first day.
    fn stages(
        &mut self,
        school: &School,
        case: Uuid,
        (entry, stage): (i16, i16),
        firsts: &[Date],
        closed_on: Option<Date>,
    ) -> Vec<(i16, Date)> {
        let mut list = Vec::new();
        let first = |s: i16| usize::try_from(s - 1).ok().and_then(|s| firsts.get(s).copied());
        // The stage a case entered at began when it was opened.
        let mut entered = first(1).unwrap_or(self.today);
        for s in entry..=stage {
            list.push((s, entered));
            let next = first(s + 1).unwrap_or(entered);
            let next = closed_on.map_or(next, |closed| next.min(closed));
            let left = if s == stage { closed_on } else { Some(next) };
            let id = self.id();
            self.copy.add(
                Table::Stages,
                &[
                    &id,
                    &self.authority,
                    &school.id,
                    &case,
                    &s,
                    &entered,
                    &morning(entered),
                    &school.lead.0,
                    &left,
                ],
            );
            entered = next;
        }
        list
    }

    fn targets(&mut self, school: &School, case: Uuid, opened: Date, n: usize) -> Vec<Uuid> {
        let count = match n {
            n if n.is_multiple_of(9) => 4,
            n if n.is_multiple_of(7) => 2,
            _ => 3,
        };
        let (authority, school_id) = (self.authority, school.id);
        (1_i16..)
            .zip(0..count)
            .map(|(position, k)| {
                let (_, words, criterion) = names::TARGETS[(n + k * 5) % names::TARGETS.len()];
                let id = self.id();
                // The targets of a few cases have passed their day.
                let from = if n % 11 == 6 { -4 } else { 3 };
                let due = (self.today + Duration::days(self.rng.random_range(from..38))).max(opened);
                self.copy.add(
                    Table::Targets,
                    &[&id, &authority, &school_id, &case, &position, &words, &criterion, &due, &opened],
                );
                self.copy.add(
                    Table::TargetVersions,
                    &[
                        &id,
                        &authority,
                        &school_id,
                        &case,
                        &1_i32,
                        &position,
                        &words,
                        &criterion,
                        &due,
                        &morning(opened),
                        &school.lead.0,
                    ],
                );
                id
            })
            .collect()
    }

    /// The days of a case: the last one with marks, and that week.
    fn days(
        &mut self,
        size: Size,
        case: &Case<'_>,
        days: &[Date],
        last_day: Date,
    ) -> (Option<Date>, Option<(Date, Sum)>) {
        let (mut last, mut week): (_, Option<(Date, Sum)>) = (None, None);
        if case.targets.is_empty() {
            return (last, week);
        }
        let from_marked = days.len().saturating_sub(size.marked_days);
        for (i, day) in days.iter().enumerate() {
            // Today's first two lessons are marked for most pupils; a few past days were forgotten.
            let is_today = *day == self.today;
            if *day > last_day || is_today && (!size.varied || self.chance(20)) || self.chance(3) {
                continue;
            }
            let grown = u32::try_from(i * 20 / days.len().max(1)).unwrap_or(0);
            let until = if is_today { 2 } else { PERIODS };
            let sum = self.day(case, *day, (case.skill + grown).min(97), i >= from_marked, until);
            let on = monday(*day);
            let so_far = match week {
                Some((before, so_far)) if before == on => so_far,
                Some(before) => {
                    self.week(case, before);
                    Sum::default()
                }
                None => Sum::default(),
            };
            let so_far = Sum {
                days: so_far.days + 1,
                points: so_far.points + sum.points,
                recorded: so_far.recorded + sum.recorded,
                expected: so_far.expected + sum.expected,
            };
            week = Some((on, so_far));
            last = if sum.recorded > 0 { Some(*day) } else { last };
            if i >= from_marked && self.chance(10) {
                self.note(case, *day);
            }
        }
        if let Some(week) = week {
            self.week(case, week);
        }
        (last, week)
    }

    fn week(&mut self, case: &Case<'_>, (on, sum): (Date, Sum)) {
        self.copy.add(
            Table::Weeks,
            &[
                &self.authority,
                &case.school.id,
                &case.id,
                &on,
                &sum.days,
                &sum.points,
                &(2 * sum.recorded),
                &sum.recorded,
                &sum.expected,
            ],
        );
    }

    /// One day: its total, and its marks if it is one of the latest.
    fn day(&mut self, case: &Case<'_>, day: Date, skill: u32, with_marks: bool, until: i16) -> Sum {
        let absent_from = if self.chance(5) {
            1
        } else if self.chance(4) {
            self.rng.random_range(2..=PERIODS)
        } else {
            PERIODS + 1
        };
        let late = until == PERIODS && self.chance(6);
        let at = if late { morning(day + Duration::DAY) } else { afternoon(day) }.min(self.now);
        let (authority, school, by) = (self.authority, case.school.id, case.school.tutor.0);
        let away = case.away.get(&day);
        let mut sum = Sum { days: 1, ..Sum::default() };
        for period in 1..=PERIODS {
            let elsewhere = away.filter(|(lessons, _)| lessons.contains(&period)).map(|(_, why)| *why);
            if period >= absent_from || elsewhere.is_some() {
                if with_marks {
                    self.copy.add(
                        Table::Reasons,
                        &[
                            &authority,
                            &school,
                            &case.id,
                            &day,
                            &period,
                            &elsewhere.unwrap_or("absent"),
                            &1_i32,
                            &at,
                            &by,
                        ],
                    );
                }
                continue;
            }
            for target in &case.targets {
                sum.expected += 1;
                if period > until || self.chance(2) {
                    continue;
                }
                let points: i16 = if self.chance(skill) { 2 } else { self.rng.random_range(0..=1) };
                sum.recorded += 1;
                sum.points += i32::from(points);
                if with_marks {
                    self.copy.add(
                        Table::Marks,
                        &[
                            &authority, &school, &case.id, target, &day, &period, &points, &"single", &1_i32,
                            &at, &by,
                        ],
                    );
                }
            }
        }
        let whole = away.filter(|(lessons, _)| *lessons == (1..=PERIODS)).map(|(_, why)| *why);
        let reason = whole.or((absent_from == 1).then_some("absent"));
        self.copy.add(
            Table::Days,
            &[
                &authority,
                &school,
                &case.id,
                &day,
                &1_i32,
                &sum.points,
                &(2 * sum.recorded),
                &sum.recorded,
                &sum.expected,
                &at,
                &at,
                &by,
                &late,
                &reason,
            ],
        );
        sum
    }

    fn note(&mut self, case: &Case<'_>, day: Date) {
        let praise = self.chance(65);
        let words = *if praise { self.pick(names::PRAISE) } else { self.pick(names::CONCERN) };
        let id = self.id();
        self.copy.add(
            Table::Notes,
            &[
                &id,
                &self.authority,
                &case.school.id,
                &case.id,
                &day,
                &if praise { "praise" } else { "concern" },
                &words,
                &afternoon(day).min(self.now),
                &case.school.tutor.0,
            ],
        );
    }

    /// What the demo shows besides: a share with a support service, absences that are known beforehand.
    fn oddities(&mut self, n: usize, school: &School, pupil: &Pupil, case: Uuid, support: Uuid) {
        let (id, authority) = (self.id(), self.authority);
        if n == 0 {
            let since = self.today - Duration::days(20);
            self.copy.add(
                Table::Shares,
                &[
                    &id,
                    &authority,
                    &school.id,
                    &case,
                    &pupil.id,
                    &support,
                    &"Behaviour support sessions",
                    &since,
                    &self.now,
                    &school.lead.0,
                ],
            );
        }
        let known = match n {
            3 => Some(("exam", Some("{4,5}"), "Science examination", 0)),
            7 => Some(("off_site", Some("{5,6}"), "College link course, every week", 14)),
            12 => Some(("absent", None, "Hospital appointment", 0)),
            _ => None,
        };
        if let Some((reason, periods, source, days)) = known {
            let to = self.today + Duration::days(days);
            let (never, nothing): (Option<OffsetDateTime>, Option<Uuid>) = (None, None);
            self.copy.add(
                Table::KnownAbsences,
                &[
                    &id,
                    &authority,
                    &school.id,
                    &case,
                    &reason,
                    &self.today,
                    &to,
                    &periods,
                    &source,
                    &self.now,
                    &school.lead.0,
                    &never,
                    &nothing,
                ],
            );
        }
    }
}
