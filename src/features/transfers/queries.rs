//! SQL of the transfers room.

use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};

use crate::{
    db::{
        DbError,
        case::CaseOf,
        transfer::{TransferRow, Wish},
    },
    domain::{
        decision::Reasons,
        ids::{CaseId, PackId, PanelId, SchoolId, TransferId},
        pack::{Item, Paper, Presence, Section, Share},
        permission::{Permit, PrepareTransfer, SubmitToPanel},
    },
};

/// A document as it is kept.
pub struct PaperRow {
    pub item: String,
    pub presence: String,
    pub words: Option<String>,
    pub reason: Option<String>,
    pub share: String,
    pub told_on: Option<Date>,
    pub schools: Json<Vec<Wish>>,
    pub version: i32,
    pub changed_at: OffsetDateTime,
    pub changed_by: String,
}

impl PaperRow {
    /// As the rules see it.
    pub fn paper(&self) -> Option<Paper> {
        Some(Paper {
            item: Item::from_stored(&self.item)?,
            presence: Presence::from_stored(&self.presence)?,
            words: self.words.clone(),
            reason: self.reason.clone(),
            share: Share::from_stored(&self.share)?,
            told_on: self.told_on,
        })
    }
}

/// The papers of a transfer.
pub async fn papers(
    conn: &mut PgConnection,
    transfer: TransferId,
    school: SchoolId,
) -> Result<Vec<PaperRow>, DbError> {
    Ok(sqlx::query_as!(
        PaperRow,
        r#"select i.item, i.presence, i.words, i.reason, i.share, i.told_on, i.schools as "schools: Json<Vec<Wish>>", i.version,
                  i.changed_at, u.name as changed_by
           from app.pack_items i join app.users u on u.id = i.changed_by
           where i.transfer_id = $1 and i.school_id = $2"#,
        transfer as TransferId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// Saves a document that was read at `version`; nought: it was not there. False: somebody was faster.
pub async fn save_paper(
    conn: &mut PgConnection,
    permit: &Permit<PrepareTransfer>,
    of: &TransferRow,
    paper: &Paper,
    schools: &[Wish],
    version: i32,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    if version == 0 {
        let done = sqlx::query!(
            "insert into app.pack_items (transfer_id, item, authority_id, school_id, case_id, presence, words, reason, share, told_on,
                                         schools, version, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13) on conflict do nothing",
            of.id as TransferId,
            paper.item.as_str(),
            permit.authority().uuid(),
            permit.school().uuid(),
            of.case as CaseId,
            paper.presence.as_str(),
            paper.words,
            paper.reason,
            paper.share.as_str(),
            paper.told_on,
            Json(schools) as _,
            now,
            permit.user().uuid()
        )
        .execute(conn)
        .await?;
        return Ok(done.rows_affected() == 1);
    }
    let done = sqlx::query!(
        "update app.pack_items set presence = $4, words = $5, reason = $6, share = $7, told_on = $8, schools = $9,
                version = version + 1, changed_at = $10, changed_by = $11
         where transfer_id = $1 and item = $2 and school_id = $3 and version = $12",
        of.id as TransferId,
        paper.item.as_str(),
        permit.school().uuid(),
        paper.presence.as_str(),
        paper.words,
        paper.reason,
        paper.share.as_str(),
        paper.told_on,
        Json(schools) as _,
        now,
        permit.user().uuid(),
        version
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A panel that still takes papers.
pub struct OpenPanel {
    pub id: PanelId,
    pub name: String,
    pub meets_on: Date,
    pub papers_close_on: Date,
    pub members: Vec<String>,
}

/// Panels that take papers on a day, the next first.
pub async fn open_panels(conn: &mut PgConnection, today: Date) -> Result<Vec<OpenPanel>, DbError> {
    Ok(sqlx::query_as!(
        OpenPanel,
        r#"select p.id as "id: PanelId", p.name, p.meets_on, p.papers_close_on,
                  (select coalesce(array_agg(u.name order by u.name), '{}') from app.panel_members m
                   join app.users u on u.id = m.user_id where m.panel_id = p.id and m.removed_at is null) as "members!"
           from app.panels p
           where p.authority_id = (select app.authority()) and p.cancelled_on is null and p.papers_close_on >= $1
           order by p.meets_on, p.id limit 20"#,
        today
    )
    .fetch_all(conn)
    .await?)
}

/// A version of the papers as it was submitted.
pub struct Submitted {
    pub id: PackId,
    pub version: i32,
    pub on_date: Date,
    pub by: String,
    pub panel: Option<String>,
    pub meets_on: Option<Date>,
}

/// Everything submitted for a transfer, the latest first.
pub async fn submitted(
    conn: &mut PgConnection,
    transfer: TransferId,
    school: SchoolId,
) -> Result<Vec<Submitted>, DbError> {
    Ok(sqlx::query_as!(
        Submitted,
        r#"select k.id as "id: PackId", k.version, k.submitted_on as on_date, u.name as by, p.name as "panel?", p.meets_on as "meets_on?"
           from app.packs k join app.users u on u.id = k.submitted_by
           left join lateral (select n.name, n.meets_on from app.referrals r join app.panels n on n.id = r.panel_id
                              where r.pack_id = k.id and r.school_id = $2 order by r.made_at desc limit 1) p on true
           where k.transfer_id = $1 and k.school_id = $2 order by k.version desc"#,
        transfer as TransferId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// What the panel decided about a transfer.
pub struct Decided {
    pub outcome: String,
    pub to_school: Option<String>,
    pub reasons: String,
    pub conditions: Option<String>,
    pub starts_on: Option<Date>,
    pub on_date: Date,
    pub panel: String,
}

/// The panel's decisions about a transfer, the latest first.
pub async fn decisions(
    conn: &mut PgConnection,
    transfer: TransferId,
    school: SchoolId,
) -> Result<Vec<Decided>, DbError> {
    Ok(sqlx::query_as!(
        Decided,
        r#"select a.outcome, s.name as "to_school?", a.reasons, a.conditions, a.starts_on, a.decided_on as on_date, p.name as panel
           from app.allocations a join app.panels p on p.id = a.panel_id left join app.schools s on s.id = a.to_school
           where a.transfer_id = $1 and a.school_id = $2 order by a.decided_at desc"#,
        transfer as TransferId,
        school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}

/// What is frozen beside the sections.
pub struct Head<'a> {
    pub id: PackId,
    pub version: i32,
    pub name: String,
    pub about: String,
    pub schools: &'a [Wish],
    pub procedure: String,
    pub reasons: &'a Reasons,
}

/// Freezes the papers as they are submitted.
pub async fn freeze(
    conn: &mut PgConnection,
    permit: &Permit<SubmitToPanel>,
    of: &TransferRow,
    head: &Head<'_>,
    sections: &[Section],
    (today, now): (Date, OffsetDateTime),
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into app.packs (id, authority_id, school_id, case_id, transfer_id, pupil_id, version, name, about, schools,
                                procedure, reasons, submitted_on, submitted_at, submitted_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        head.id as PackId,
        permit.authority().uuid(),
        permit.school().uuid(),
        of.case as CaseId,
        of.id as TransferId,
        of.pupil.uuid(),
        head.version,
        head.name,
        head.about,
        Json(head.schools) as _,
        head.procedure,
        Json(head.reasons) as _,
        today,
        now,
        permit.user().uuid()
    )
    .execute(&mut *conn)
    .await?;
    let positions: Vec<i16> = (1..).take(sections.len()).collect();
    let items: Vec<String> = sections.iter().map(|s| s.item.as_str().to_owned()).collect();
    let audiences: Vec<String> = sections.iter().map(|s| s.audience.as_str().to_owned()).collect();
    let words: Vec<String> = sections.iter().map(|s| s.words.clone()).collect();
    sqlx::query!(
        "insert into app.pack_sections (pack_id, position, authority_id, school_id, case_id, transfer_id, item, audience, words)
         select $1, s.position, $2, $3, $4, $5, s.item, s.audience, s.words
         from unnest($6::smallint[], $7::text[], $8::text[], $9::text[]) as s (position, item, audience, words)",
        head.id as PackId,
        permit.authority().uuid(),
        permit.school().uuid(),
        of.case as CaseId,
        of.id as TransferId,
        &positions,
        &items,
        &audiences,
        &words
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody to contact, for the draft of a document.
pub struct ContactLine {
    pub name: String,
    pub relationship: String,
    pub parental_responsibility: bool,
    pub phone: Option<String>,
    pub no_contact: bool,
}

/// The people to contact about the pupil, without any address.
pub async fn contacts(conn: &mut PgConnection, of: &CaseOf) -> Result<Vec<ContactLine>, DbError> {
    Ok(sqlx::query_as!(
        ContactLine,
        "select name, relationship, parental_responsibility, phone, no_contact from app.contacts
         where pupil_id = $1 and school_id = $2 and removed_at is null order by contact_order, name",
        of.pupil.uuid(),
        of.school as SchoolId
    )
    .fetch_all(conn)
    .await?)
}
