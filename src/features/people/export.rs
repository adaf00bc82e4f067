//! The people as a file.

use axum::{extract::Query, response::Response};

use super::{
    handlers::{Asked, wanted},
    queries, views,
};
use crate::{
    db::{ScopedTx, Trace},
    domain::{
        export::MAX_ROWS,
        permission::{Capability, Over},
    },
    web::{
        error::Error,
        export::{Cell, Column, Holds, Kind, List},
        extract::{Posted, Visit},
        urls,
    },
};

const COLUMNS: [(&str, Kind); 5] = [
    ("Name", Kind::Text),
    ("Email address", Kind::Text),
    ("Roles", Kind::Text),
    ("Last signed in", Kind::Text),
    ("Account", Kind::Text),
];

async fn list(tx: &mut ScopedTx, asked: &Asked) -> Result<(List, Vec<Vec<Cell>>), Error> {
    let (over, today) = (tx.actor().over(Capability::ManagePeople), tx.today());
    let wanted = queries::Wanted { after: None, limit: MAX_ROWS + 1, ..wanted(asked)? };
    let people = queries::people(tx.conn(), &over, &wanted, today).await?;
    let ids: Vec<_> = people.iter().map(|person| person.id).collect();
    let roles = queries::roles(tx.conn(), &ids, today).await?;
    let signed_in = queries::last_signed_in(tx.conn(), &ids).await?;
    let rows: Vec<Vec<Cell>> = views::lines(&people, &roles, &signed_in, today)
        .into_iter()
        .map(|line| {
            vec![
                line.name.into(),
                line.email.into(),
                line.roles.join("; ").into(),
                line.last.into(),
                if line.disabled { "disabled" } else { "open" }.into(),
            ]
        })
        .collect();
    let which = asked.pairs();
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&which).finish();
    let list = List {
        name: "people",
        heading: "people and their roles".to_owned(),
        columns: Column::all(&COLUMNS),
        rows: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        holds: Holds::Staff,
        action: urls::PEOPLE_EXPORT.pattern.to_owned(),
        back: format!("{}?{query}", urls::PEOPLE.pattern),
        which,
    };
    Ok((list, rows))
}

pub async fn new(Query(asked): Query<Asked>, mut visit: Visit) -> Result<Response, Error> {
    list(&mut visit.tx, &asked).await?.0.ask(visit).await
}

pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let asked = Asked::from_form(&posted.form);
    let (list, rows) = list(&mut posted.tx, &asked).await?;
    match list.answered(posted).await? {
        Ok(taking) => {
            let school = match taking.posted.actor().over(Capability::ManagePeople) {
                Over::Schools(own) if own.len() == 1 => own.first().copied(),
                Over::Schools(_) | Over::Authority => None,
            };
            let facts = asked.pairs();
            taking.file(Trace { school, facts, ..Trace::default() }, rows).await
        }
        Err(again) => Ok(again),
    }
}
