//! The counts of the reports a second time: every row fetched as the owner, one case after another, in plain loops over
//! the domain's own calendar. Slow, and of another hand than the SQL.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use sqlx::PgConnection;
use time::{Date, Duration};
use uuid::Uuid;
use waymark::{
    db::calendar,
    domain::{
        calendar::{SchoolCalendar, monday},
        dates,
        ids::SchoolId,
        pupil::YearGroup,
    },
};

/// School, school year, part, group: counts.
pub type Counts = BTreeMap<(Uuid, i16, String, String), Vec<i64>>;

#[derive(sqlx::FromRow)]
struct Case {
    id: Uuid,
    school_id: Uuid,
    pupil_id: Uuid,
    opened_on: Date,
    closed_on: Option<Date>,
    ended_as: Option<String>,
    stage: i16,
    entry_stage: i16,
    born_on: Date,
    year_offset: i16,
    send: String,
    looked_after: bool,
    eal: bool,
    roll_from: Date,
    roll_to: Option<Date>,
}

/// Case, kind, first day, last day, effect, id.
type Support = (Uuid, String, Date, Option<Date>, Option<String>, Uuid);

/// Pupil, mornings, afternoons, back on, in which half.
type Suspended = (Uuid, Vec<Date>, Vec<Date>, Option<Date>, Option<String>);

struct World {
    today: Date,
    considered: BTreeSet<Uuid>,
    stays: Vec<(Uuid, i16, Date, Option<Date>)>,
    days: BTreeMap<(Uuid, Date), (i64, i64, i64)>,
    targets: Vec<(Uuid, Date, Option<Date>)>,
    away: Vec<(Uuid, Date, Date)>,
    suspended: Vec<Suspended>,
    supports: Vec<Support>,
}

impl World {
    /// The sheets of a case, oldest first: points, marks made, marks expected.
    fn days_of(&self, case: Uuid) -> impl DoubleEndedIterator<Item = (Date, (i64, i64, i64))> {
        self.days.range((case, Date::MIN)..=(case, Date::MAX)).map(|((_, on), sums)| (*on, *sums))
    }
}

fn year(on: Date) -> i16 {
    i16::try_from(dates::first_year(on)).unwrap()
}

fn term(on: Date) -> usize {
    match u8::from(on.month()) {
        9..=12 => 0,
        1..=3 => 1,
        _ => 2,
    }
}

struct Tally(Counts);

impl Tally {
    fn add(&mut self, school: Uuid, year: i16, (part, group): (&str, &str), width: usize, at: usize, n: i64) {
        let key = (school, year, part.to_owned(), group.to_owned());
        self.0.entry(key).or_insert_with(|| vec![0; width])[at] += n;
    }
}

/// Every count of an authority on a day.
pub async fn recount(owner: &mut PgConnection, authority: Uuid, today: Date) -> Counts {
    let cases: Vec<Case> = sqlx::query_as(
        "select c.id, c.school_id, c.pupil_id, c.opened_on, c.closed_on, c.ended_as, c.stage, c.entry_stage, p.born_on, p.year_offset,
                p.send, p.looked_after, p.eal, e.from_on as roll_from, e.to_on as roll_to
         from app.cases c join app.pupils p on p.id = c.pupil_id join app.enrolments e on e.id = c.enrolment_id
         where c.authority_id = $1",
    )
    .bind(authority)
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    let world = world(owner, authority, today).await;
    let mut calendars: BTreeMap<Uuid, (Vec<SchoolCalendar>, i64)> = BTreeMap::new();
    let mut tally = Tally(Counts::new());
    for case in cases.iter().filter(|case| case.ended_as.as_deref() != Some("opened_in_error")) {
        let (of_years, periods) = match calendars.entry(case.school_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(calendars_of(owner, case.school_id, today).await),
        };
        count_ends(&mut tally, case, &world);
        count_stays(&mut tally, case, &world);
        count_suspended(&mut tally, case, &world, of_years);
        count_recorded(&mut tally, case, &world, of_years, *periods);
        count_support(&mut tally, case, &world);
    }
    tally.0
}

/// The calendar as the application loads it, around a day of each school year, and the periods of the day.
async fn calendars_of(owner: &mut PgConnection, school: Uuid, today: Date) -> (Vec<SchoolCalendar>, i64) {
    let mut all = Vec::new();
    for back in [0, 365, 730] {
        let around = today - Duration::days(back);
        all.push(calendar::of_school(owner, SchoolId::from(school), around).await.unwrap());
    }
    let periods = sqlx::query_scalar("select count(*) from app.school_periods where school_id = $1")
        .bind(school)
        .fetch_one(owner)
        .await
        .unwrap();
    (all, periods)
}

/// Whether pupils are in, by the calendar loaded nearest to the day.
fn is_in(calendars: &[SchoolCalendar], on: Date, today: Date) -> bool {
    let nearest = usize::try_from((today - on).whole_days().clamp(0, 730) / 300).unwrap().min(2);
    calendars[nearest].is_school_day(on)
}

async fn world(owner: &mut PgConnection, authority: Uuid, today: Date) -> World {
    macro_rules! rows {
        ($sql:literal) => {
            sqlx::query_as($sql).bind(authority).fetch_all(&mut *owner).await.unwrap()
        };
    }
    let considered: Vec<(Uuid,)> =
        rows!("select case_id from app.case_steps where kind = 'stage_3_considered' and authority_id = $1");
    let days: Vec<(Uuid, Date, i16, i16, i16)> =
        rows!("select case_id, on_date, points, recorded, expected from app.days where authority_id = $1");
    World {
        today,
        considered: considered.into_iter().map(|(case,)| case).collect(),
        stays: rows!(
            "select case_id, stage, entered_on, left_on from app.case_stages where authority_id = $1
             order by entered_on, entered_at"
        ),
        days: days
            .into_iter()
            .map(|(case, on, points, made, expected)| {
                ((case, on), (points.into(), made.into(), expected.into()))
            })
            .collect(),
        targets: rows!("select case_id, starts_on, ended_on from app.targets where authority_id = $1"),
        away: rows!(
            "select case_id, from_on, to_on from app.known_absences
             where authority_id = $1 and withdrawn_at is null and periods is null"
        ),
        suspended: rows!(
            "select pupil_id, mornings, afternoons, back_on, back_half from app.exclusions
             where authority_id = $1 and kind = 'suspension'"
        ),
        supports: rows!(
            "select case_id, kind, starts_on, ended_on, effect, id from app.supports
             where authority_id = $1 and service_declined_on is null"
        ),
    }
}

fn count_ends(tally: &mut Tally, case: &Case, world: &World) {
    let end = match (case.closed_on, case.ended_as.as_deref()) {
        (None, _) => 0,
        (_, Some("excluded")) => 2,
        (_, Some("progress")) => 3,
        _ => 1,
    };
    let of = year(case.opened_on);
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let in_view = case.stage == 3 || world.considered.contains(&case.id);
    let nc_year = YearGroup::actual(case.born_on, case.year_offset, case.opened_on).to_string();
    let nc_year =
        nc_year.strip_prefix("Year ").and_then(|n| n.parse::<i32>().ok()).filter(|n| (7..=11).contains(n));
    for (part, group) in [
        ("all", String::new()),
        ("send", case.send.clone()),
        ("looked_after", yes(case.looked_after)),
        ("eal", yes(case.eal)),
        ("in_view", yes(in_view)),
        ("year_group", nc_year.map_or_else(|| "other".to_owned(), |n| n.to_string())),
    ] {
        tally.add(case.school_id, of, (part, &group), 4, end, 1);
    }
    let entered = usize::try_from(case.entry_stage - 1).unwrap();
    tally.add(case.school_id, of, ("entered", &(term(case.opened_on) + 1).to_string()), 3, entered, 1);
    if let Some(closed) = case.closed_on {
        let what = if end == 3 { "progress" } else { "otherwise" };
        tally.add(case.school_id, year(closed), ("moves", what), 3, term(closed), 1);
    }
}

fn count_stays(tally: &mut Tally, case: &Case, world: &World) {
    let stays: Vec<_> = world.stays.iter().filter(|stay| stay.0 == case.id).collect();
    for pair in stays.windows(2) {
        let (before, now, on) = (pair[0].1, pair[1].1, pair[1].2);
        let what = match now.cmp(&before) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => "down".to_owned(),
            std::cmp::Ordering::Greater => format!("up_{now}"),
        };
        tally.add(case.school_id, year(on), ("moves", &what), 3, term(on), 1);
    }
    for (_, stage, entered, left) in stays {
        let Some(left) = left else { continue };
        let weeks = usize::try_from((*left - *entered).whole_days() / 7).unwrap().min(52);
        tally.add(case.school_id, year(case.opened_on), ("weeks", &stage.to_string()), 53, weeks, 1);
    }
}

fn count_suspended(tally: &mut Tally, case: &Case, world: &World, calendars: &[SchoolCalendar]) {
    let mut add = |at: usize, n: i64| {
        tally.add(case.school_id, year(case.opened_on), ("suspended", ""), 7, at, n);
    };
    // Sixty school days on each side, walked day by day, at most 150 days away.
    let walk = |step: i64| {
        let (mut on, mut found) = (case.opened_on, 0);
        while found < 60 {
            on += Duration::days(step);
            if (on - case.opened_on).whole_days().abs() > 150 {
                return None;
            }
            found += i32::from(is_in(calendars, on, world.today));
        }
        Some(on)
    };
    let both = walk(-1).zip(walk(1)).filter(|(first, last)| {
        *first >= case.roll_from
            && case.roll_to.is_none_or(|to| *last <= to)
            && *last < world.today
            && !(case.ended_as.as_deref() == Some("excluded") && case.closed_on.unwrap() <= *last)
    });
    let Some((first, last)) = both else {
        add(6, 1);
        return;
    };
    let (mut before, mut after) = (0, 0);
    for (_, mornings, afternoons, back_on, back_half) in
        world.suspended.iter().filter(|row| row.0 == case.pupil_id)
    {
        let lost_mornings = mornings.iter().filter(|on| {
            back_on
                .is_none_or(|back| **on < back || (**on == back && back_half.as_deref() == Some("afternoon")))
        });
        let lost_afternoons = afternoons.iter().filter(|on| back_on.is_none_or(|back| **on < back));
        for on in lost_mornings.chain(lost_afternoons) {
            before += i64::from(first <= *on && *on < case.opened_on);
            after += i64::from(case.opened_on < *on && *on <= last);
        }
    }
    add(0, 1);
    add(1, before);
    add(2, after);
    add(
        match after.cmp(&before) {
            std::cmp::Ordering::Less => 3,
            std::cmp::Ordering::Equal => 4,
            std::cmp::Ordering::Greater => 5,
        },
        1,
    );
}

fn count_recorded(tally: &mut Tally, case: &Case, world: &World, calendars: &[SchoolCalendar], periods: i64) {
    let mut of_years: BTreeMap<i16, (i64, i64)> = BTreeMap::new();
    for (on, (_, made, expected)) in world.days_of(case.id) {
        let sums = of_years.entry(year(monday(on))).or_default();
        sums.0 += made;
        sums.1 += expected;
    }
    let targets: Vec<_> = world.targets.iter().filter(|target| target.0 == case.id).collect();
    if let Some(first) = targets.iter().map(|target| target.1).min() {
        let last = case.closed_on.unwrap_or(Date::MAX).min(world.today - Duration::DAY);
        let mut on = first;
        while on <= last {
            let away = world.away.iter().any(|(id, from, to)| *id == case.id && *from <= on && on <= *to);
            let live = targets
                .iter()
                .filter(|(_, from, to)| *from <= on && to.is_none_or(|to| on <= to))
                .count()
                .min(5);
            let sheet = world.days.contains_key(&(case.id, on));
            if !away && !sheet && live > 0 && periods > 0 && is_in(calendars, on, world.today) {
                of_years.entry(year(monday(on))).or_default().1 += periods * i64::try_from(live).unwrap();
            }
            on += Duration::DAY;
        }
    }
    for (of, (made, expected)) in of_years.into_iter().filter(|(_, (_, expected))| *expected > 0) {
        for (at, n) in [(0, 1), (1, made), (2, expected)] {
            tally.add(case.school_id, of, ("recorded", ""), 3, at, n);
        }
    }
}

fn count_support(tally: &mut Tally, case: &Case, world: &World) {
    let mut kinds: BTreeMap<&str, Vec<&Support>> = BTreeMap::new();
    for support in world.supports.iter().filter(|support| support.0 == case.id && support.2 <= world.today) {
        kinds.entry(&support.1).or_default().push(support);
    }
    for (kind, mut all) in kinds {
        // The one that ended last; one that goes on only when none has ended.
        all.sort_by_key(|support| {
            (support.4.is_none(), std::cmp::Reverse(support.3), std::cmp::Reverse(support.2), support.5)
        });
        let (_, _, starts, ended, effect, _) = all[0];
        let effect = ["helped", "helped_some", "no_change", "worse"]
            .iter()
            .position(|one| Some(*one) == effect.as_deref());
        let days: Vec<_> = world.days_of(case.id).rev().filter(|(_, (_, made, _))| *made > 0).collect();
        let before: Vec<_> = days.iter().filter(|(on, _)| on < starts).take(10).collect();
        let until = ended.unwrap_or(world.today);
        let lately: Vec<_> = days.iter().filter(|(on, _)| starts <= on && *on <= until).take(10).collect();
        let mut add =
            |at: usize, n: i64| tally.add(case.school_id, year(*starts), ("support", kind), 10, at, n);
        add(effect.unwrap_or(4), 1);
        if before.len() >= 3 && lately.len() >= 3 {
            let sum = |days: &[&(Date, (i64, i64, i64))], of: fn(&(i64, i64, i64)) -> i64| {
                days.iter().map(|(_, sums)| of(sums)).sum::<i64>()
            };
            add(5, 1);
            for (at, side, of) in [
                (6, &before, (|sums| sums.0) as fn(&(i64, i64, i64)) -> i64),
                (7, &before, |sums| sums.1),
                (8, &lately, |sums| sums.0),
                (9, &lately, |sums| sums.1),
            ] {
                add(at, sum(side, of));
            }
        }
    }
}
