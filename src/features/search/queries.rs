//! SQL of the search room. It only reads.

use sqlx::PgConnection;
use time::Date;

use crate::{
    db::DbError,
    domain::{
        ids::{CaseId, PupilId, SchoolId},
        search::Sought,
    },
};

/// A pupil who was found.
pub struct Found {
    pub pupil: PupilId,
    /// The school whose record of the pupil it is.
    pub school: SchoolId,
    pub school_name: String,
    pub given_name: String,
    pub known_as: Option<String>,
    pub family_name: String,
    pub born_on: Date,
    pub year_offset: i16,
    /// The open case, or the last.
    pub case: Option<CaseId>,
    pub stage: Option<i16>,
    pub closed: Option<bool>,
    pub lead: Option<String>,
    /// How, as `domain::search::FoundBy` reads it.
    pub why: String,
    pub likeness: f32,
    /// The actor sees the pupil's record.
    pub has_record: bool,
    /// The actor sees the pupil's case.
    pub reads_case: bool,
    /// On the roll of the school today.
    pub on_roll: bool,
}

/// The most a page shows.
pub const MOST: i32 = 50;

/// Pupils whose records the actor sees: those of `schools`, or (none) of every school of the authority. The best
/// first; one more than a page when there are more. `all`: also those who have left.
pub async fn among_records(
    conn: &mut PgConnection,
    schools: Option<&[SchoolId]>,
    sought: &Sought,
    all: bool,
    today: Date,
) -> Result<Vec<Found>, DbError> {
    Ok(sqlx::query_as!(
        Found,
        r#"with reach as (select $1::uuid[] as schools, case when $1 is null then app.whole_authority() end as everywhere),
           asked as (select array(select '% ' || w || '%' from unnest(string_to_array(app.folded($2), ' ')) w) as starts),
           sought as (
               select f.pupil_id, f.why, f.likeness
               from reach, app.pupils_sought(reach.schools, $2, $3, $5, $6, $7) f
               union all
               select c.pupil_id, 'number', 1 from app.cases c, reach where c.number = $4
                 and (c.authority_id = reach.everywhere or c.school_id = any (reach.schools))
           )
           select p.id as "pupil: PupilId", s.id as "school: SchoolId", s.name as school_name, p.given_name, p.known_as,
                  p.family_name, p.born_on, p.year_offset, c.id as "case?: CaseId", c.stage as "stage?", c.closed as "closed?",
                  u.name as "lead?",
                  case when f.why = 'name' and p.known_as is not null
                            and not (' ' || app.folded(p.given_name || ' ' || p.family_name)) like all (asked.starts)
                       then 'known_as' else f.why end as "why!",
                  f.likeness as "likeness!", has.record as "has_record!", c.id is not null as "reads_case!",
                  exists (select from app.enrolments e where e.school_id = p.school_id and e.pupil_id = p.id
                            and (e.to_on is null or e.to_on >= $6)) as "on_roll!"
           from sought f cross join reach cross join asked
           join app.pupils p on p.id = f.pupil_id and p.merged_into is null
           cross join lateral (
               select coalesce(p.authority_id = reach.everywhere or p.school_id = any (reach.schools), false) as record) has
           left join lateral (
               select x.id, x.school_id, x.stage, x.closed, x.lead_id from app.cases x
               where x.pupil_id = p.id and (x.authority_id = reach.everywhere or x.school_id = any (reach.schools))
               order by x.number = $4 desc, x.closed, x.opened_at desc limit 1) c on true
           join app.schools s on s.id = case when has.record then p.school_id else c.school_id end
           left join app.users u on u.id = c.lead_id
           order by f.likeness desc, lower(p.family_name), lower(p.given_name), p.id
           limit $7"#,
        schools as Option<&[SchoolId]>,
        sought.name,
        sought.upn_end,
        sought.case_number,
        all,
        today,
        MOST + 1
    )
    .fetch_all(conn)
    .await?)
}

/// Pupils of whom the actor sees no record: by the cases of `case_schools` and those a live share shows; of
/// `day_schools`, whose day sheets they see, by the open cases. They are found by what these pages show: the name the
/// pupil goes by, and, where the case is seen, its number. `all`: also closed cases.
pub async fn among_cases(
    conn: &mut PgConnection,
    case_schools: &[SchoolId],
    day_schools: &[SchoolId],
    sought: &Sought,
    all: bool,
) -> Result<Vec<Found>, DbError> {
    Ok(sqlx::query_as!(
        Found,
        r#"with asked as (select string_to_array(nullif(app.folded($3), ''), ' ') as words),
           within as (
               select c.*, true as reads from app.cases c where c.school_id = any ($1)
               union all
               select c.*, true from app.cases c where c.id = any ((select app.shared_cases())::uuid[])
               union all
               select c.*, false from app.cases c where c.school_id = any ($2) and not c.closed
           ), named as (
               select distinct on (c.pupil_id) c.id, c.school_id, c.stage, c.closed, c.lead_id, c.reads,
                      p.id as pupil_id, p.given_name, p.known_as, p.family_name, p.born_on, p.year_offset,
                      c.reads and c.number = $4 as numbered,
                      app.likeness(' ' || app.folded(coalesce(p.known_as, p.given_name) || ' ' || p.family_name), asked.words,
                                   array(select app.slips(a) from unnest(asked.words) a)) as likeness
               from within c cross join asked
               -- Case by case: a join at large would read every pupil there is.
               cross join lateral (select * from app.pupils x where x.id = c.pupil_id offset 0) p
               where not c.closed or $5 or (c.reads and c.number = $4)
               order by c.pupil_id, c.reads and c.number = $4 desc, c.reads desc, c.closed, c.opened_at desc
           )
           select n.pupil_id as "pupil!: PupilId", s.id as "school!: SchoolId", s.name as "school_name!",
                  n.given_name as "given_name!", n.known_as as "known_as?", n.family_name as "family_name!",
                  n.born_on as "born_on!", n.year_offset as "year_offset!", n.id as "case?: CaseId", n.stage as "stage?",
                  n.closed as "closed?", u.name as "lead?",
                  case when n.numbered then 'number' when n.likeness < 1 then 'similar'
                       when n.known_as is not null then 'known_as' else 'name' end as "why!",
                  coalesce(n.likeness, 1) as "likeness!", false as "has_record!", n.reads as "reads_case!", true as "on_roll!"
           from named n
           join app.schools s on s.id = n.school_id
           join app.users u on u.id = n.lead_id
           where n.numbered or n.likeness > 0
           order by coalesce(n.likeness, 1) desc, lower(n.family_name), lower(n.given_name), n.pupil_id
           limit $6"#,
        case_schools as &[SchoolId],
        day_schools as &[SchoolId],
        sought.name,
        sought.case_number,
        all,
        i64::from(MOST) + 1
    )
    .fetch_all(conn)
    .await?)
}
