//! When headteachers of the demo world were told what is overdue: on the school day after it was due, as they would have
//! been, and not all of it on the day the world was made.

use sqlx::PgConnection;

use crate::db::{Moment, duties};

/// Reckons what every case owes, and dates the notices of it back. Those of more than a week ago were opened.
pub(super) async fn overdue(owner: &mut PgConnection, moment: Moment) -> Result<(), String> {
    duties::keep(owner, moment, |_| ()).await.map_err(|error| error.to_string())?;
    // What a notice is about ends with the day it was due.
    sqlx::query(
        "with due as (
             select id, right(duty, 10)::date as on_date from app.head_notices where kind = 'overdue' and made_on = $1),
         told as (
             select id, least($1, on_date + case extract(isodow from on_date) when 5 then 3 when 6 then 2 else 1 end) as on_date
             from due)
         update app.head_notices n
         set made_on = t.on_date, made_at = least($2, t.on_date + interval '7 hours'),
             seen_at = case when o.head is not null then t.on_date + interval '32 hours' end, seen_by = o.head
         from told t join app.head_notices x on x.id = t.id
         left join lateral (
             select g.user_id as head from app.grants g
             where g.school_id = x.school_id and g.role = 'headteacher' and t.on_date < $1 - 7
             order by g.from_on limit 1) o on true
         where n.id = t.id",
    )
    .bind(moment.today)
    .bind(moment.now)
    .execute(owner)
    .await
    .map_err(|error| error.to_string())?;
    Ok(())
}
