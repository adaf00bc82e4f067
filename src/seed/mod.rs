//! What a database begins with: a real authority from a file, or an invented world (the demo, or one of a size
//! to measure with: no real pupil, no real school, the same on every machine, dated backwards from the day).

mod authority;
mod caseload;
mod cases;
mod copy;
mod directions;
mod exclusions;
mod meetings;
mod names;
mod out;
mod panels;
mod papers;
mod placement;
mod programme;
mod stage_3;
mod supports;
mod terms;
mod told;
mod weeks;
mod world;

use sqlx::{Connection, PgConnection};

use crate::{db::Moment, domain::policy::ProgrammePolicy};
pub use authority::{Added, authority};
pub use world::{Size, world};

/// The password of every demo account.
pub const PASSWORD: &str = "waymark-demo-2026";

/// The demo accounts.
pub const ACCOUNTS: &[(&str, &str)] = &[
    ("lead@greenfield.example", "school lead, Greenfield School"),
    ("tutor@greenfield.example", "staff (enters monitoring), Greenfield School"),
    ("head@greenfield.example", "headteacher, Greenfield School"),
    ("lead@hillside.example", "school lead, Hillside School"),
    ("head@hillside.example", "headteacher, Hillside School"),
    ("la@southglos.example", "LA representative, several schools"),
    ("panel@southglos.example", "placement panel member"),
    ("bst@southglos.example", "behaviour support service"),
    ("admin@southglos.example", "LA administrator"),
];

/// Makes an empty database what it is to be: a demo world, or an installation without anybody in it.
pub async fn install(owner: &mut PgConnection, demo: bool, moment: Moment) -> Result<(), String> {
    let there: Option<bool> = sqlx::query_scalar("select demo from app.installation")
        .fetch_optional(&mut *owner)
        .await
        .map_err(|error| error.to_string())?;
    match (there, demo) {
        (Some(_), _) => Ok(()),
        (None, true) => {
            world(owner, Size::demo(), moment).await?;
            told::overdue(owner, moment).await
        }
        (None, false) => {
            let mut tx = owner.begin().await.map_err(|error| error.to_string())?;
            mark(&mut tx, false, moment).await?;
            tx.commit().await.map_err(|error| error.to_string())
        }
    }
}

/// Says what kind of database this is, once.
async fn mark(owner: &mut PgConnection, demo: bool, moment: Moment) -> Result<(), String> {
    sqlx::query("insert into app.installation (demo, made_at) values ($1, $2)")
        .bind(demo)
        .bind(moment.now)
        .execute(owner)
        .await
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// Version 1 of the policy as stored.
fn first_policy() -> serde_json::Value {
    serde_json::json!(ProgrammePolicy::first())
}
