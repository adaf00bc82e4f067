//! Pupils from a file: it is read, what it would do is shown, and then it is done at once or not at all.

pub mod queries;
mod views;

use std::collections::BTreeSet;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use self::{
    queries::{Counts, FileRow},
    views::{DonePage, FilePage, PreviewPage, digest},
};
use crate::{
    db::{DbError, ScopedTx, Trace},
    domain::{
        ids::{PupilFileId, PupilId, SchoolId},
        permission::{Capability, ManagePupils},
        pupil_file::{
            self,
            compare::{Fate, Line, compare},
        },
    },
    web::{
        error::Error,
        extract::{Id, Posted, Visit},
        forms::Form,
        urls,
    },
};

/// The schools whose pupils somebody may bring in.
fn schools(actor: &crate::domain::permission::Actor) -> Vec<(SchoolId, String)> {
    actor.schools_with(Capability::ManagePupils).unwrap_or_default()
}

pub async fn new(visit: Visit) -> Result<Response, Error> {
    let page = FilePage::of(visit.chrome(), Form::empty(), &schools(visit.actor()));
    visit.show_nothing_personal(&page).await
}

/// A file to fill in.
pub async fn template(visit: Visit) -> Result<Response, Error> {
    visit.tx.nothing_shown().await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"pupils.csv\"")),
    ];
    Ok((headers, pupil_file::template()).into_response())
}

/// Keeps what was sent, so that it can be looked at before anything is done.
pub async fn create(mut posted: Posted) -> Result<Response, Error> {
    let (today, now) = (posted.tx.today(), posted.tx.now());
    let schools = schools(posted.actor());
    let school = match posted.form.value("school") {
        "" => schools.first().map(|(id, _)| *id).ok_or(Error::NotFound)?,
        asked => asked.parse().map_err(|_| Error::NotFound)?,
    };
    if !schools.iter().any(|(id, _)| *id == school) {
        return Err(Error::NotFound);
    }
    let permit = posted.actor().permit::<ManagePupils>(school)?;
    let chosen = !posted.form.value("upload").is_empty();
    let field = if chosen { "upload" } else { "pasted" };
    let contents = posted.form.value(field).to_owned();
    let refusal = if contents.trim().is_empty() && !chosen {
        Some("Choose a file, or paste the lines of one".to_owned())
    } else if contents.len() > pupil_file::MAX_BYTES {
        Some("The file is larger than 10 MB. Bring it in as several files".to_owned())
    } else {
        pupil_file::read(&contents, today).err()
    };
    if let Some(refusal) = &refusal {
        posted.form.fail(field, refusal);
    }
    if posted.needs_another_look() {
        // A browser does not keep a file for us: after a new sign-in its lines stand in the box.
        if posted.resumed && chosen {
            posted.form.set("pasted", &contents);
        }
        let page = FilePage::of(posted.chrome(), posted.form.clone(), &schools);
        return posted.again(&page).await;
    }
    let id = PupilFileId::from(Uuid::now_v7());
    queries::keep(posted.tx.conn(), &permit, id, &contents, now).await?;
    let trace = Trace {
        subject: Some(id.uuid()),
        school: Some(school),
        changed: &["pupil_file"],
        ..Trace::default()
    };
    posted.done(trace, &urls::pupil_file(id), None).await
}

/// What a file would do to the records as they stand now.
struct Compared {
    lines: Vec<Line>,
    unknown: Vec<String>,
}

impl Compared {
    async fn of(tx: &mut ScopedTx, file: &FileRow, contents: &str) -> Result<Self, Error> {
        let today = tx.today();
        // It could be read when it was kept; what is no pupil's age today was one then.
        let mut read = pupil_file::read(contents, today)
            .map_err(|_| Error::BadRequest("The file cannot be read any more."))?;
        let unknown = std::mem::take(&mut read.unknown);
        let known = queries::known(tx.conn(), file.school).await?;
        let upns: Vec<_> =
            read.rows.iter().filter_map(|row| row.upn.as_ref()).map(ToString::to_string).collect();
        let elsewhere: BTreeSet<_> =
            queries::elsewhere(tx.conn(), file.school, &upns).await?.into_iter().collect();
        Ok(Self { lines: compare(read, &known, &elsewhere, today), unknown })
    }

    /// Whose records the page shows, and how many lines are on records elsewhere.
    fn trace(&self, file: &FileRow) -> Trace {
        let mut pupils: Vec<PupilId> = self.lines.iter().flat_map(Line::pupils).collect();
        pupils.sort();
        pupils.dedup();
        let elsewhere = self.lines.iter().filter(|line| matches!(line.fate, Fate::Elsewhere)).count();
        Trace {
            subject: Some(file.id.uuid()),
            school: Some(file.school),
            pupils,
            changed: if elsewhere > 0 { &["upn_exists"] } else { &[] },
            facts: if elsewhere > 0 { vec![("elsewhere", elsewhere.to_string())] } else { Vec::new() },
            ..Trace::default()
        }
    }
}

pub async fn show(Id(id): Id<PupilFileId>, mut visit: Visit) -> Result<Response, Error> {
    let now = visit.tx.now();
    let file = queries::file(visit.tx.conn(), id, now).await?.ok_or(Error::NotFound)?;
    visit.actor().permit::<ManagePupils>(file.school)?;
    let (None, Some(contents)) = (file.imported_at, &file.contents) else {
        let page = DonePage::of(visit.chrome(), &file);
        return visit.show_nothing_personal(&page).await;
    };
    let today = visit.tx.today();
    let compared = Compared::of(&mut visit.tx, &file, contents).await?;
    let page =
        PreviewPage::of(visit.chrome(), Form::empty(), &file, &compared.lines, &compared.unknown, today);
    visit.show(compared.trace(&file), &page).await
}

pub async fn import(Id(id): Id<PupilFileId>, mut posted: Posted) -> Result<Response, Error> {
    let (now, today) = (posted.tx.now(), posted.tx.today());
    let file = queries::file(posted.tx.conn(), id, now).await?.ok_or(Error::NotFound)?;
    let permit = posted.actor().permit::<ManagePupils>(file.school)?;
    // One file of a school at a time; whoever comes second sees what the first one did.
    let file = match queries::hold(posted.tx.conn(), &permit, &file, now).await? {
        Some(held) => held,
        None => file,
    };
    let (None, Some(contents)) = (file.imported_at, &file.contents) else {
        return Err(Error::Done(urls::pupil_file(id)));
    };
    let compared = Compared::of(&mut posted.tx, &file, contents).await?;
    let chosen = choose(&mut posted.form, &compared.lines);
    let mut trace = compared.trace(&file);
    if posted.needs_another_look() {
        let page = preview(&posted, &file, &compared, today);
        return posted.refused(Trace { refused: true, ..trace }, &page).await;
    }
    let ids: Vec<PupilId> = chosen.new.iter().map(|_| PupilId::from(Uuid::now_v7())).collect();
    let counts = Counts {
        added: chosen.new.len(),
        changed: chosen.changed.len(),
        unchanged: compared.lines.iter().filter(|line| matches!(line.fate, Fate::Same(_))).count(),
        left_out: compared.lines.iter().filter(|line| line.stands_in_the_way()).count(),
    };
    let written = queries::bring_in(posted.tx.conn(), &permit, (&ids, &chosen), (id, &counts), now).await;
    match written {
        Ok(true) => {}
        Ok(false) | Err(DbError::Constraint { .. }) => {
            posted.form.fail(
                "go",
                "A record changed while the file was brought in. Nothing was saved: look at it once more",
            );
            let page = preview(&posted, &file, &compared, today);
            return posted.refused(Trace { refused: true, ..trace }, &page).await;
        }
        Err(error) => return Err(error.into()),
    }
    trace.pupils = ids.into_iter().chain(chosen.changed.iter().map(|changed| changed.id)).collect();
    trace.changed = &["pupil", "enrolment"];
    trace.facts.extend(counts.facts());
    posted.done(trace, &urls::pupil_file(id), None).await
}

fn preview(posted: &Posted, file: &FileRow, compared: &Compared, today: time::Date) -> PreviewPage {
    PreviewPage::of(posted.chrome(), posted.form.clone(), file, &compared.lines, &compared.unknown, today)
}

/// What is to be done of what could be, with every message on the form.
fn choose<'a>(form: &mut Form, lines: &'a [Line]) -> queries::Chosen<'a> {
    let mut chosen = queries::Chosen::default();
    let all = form.checked("all", "yes");
    for line in lines {
        match &line.fate {
            Fate::New(details, on_roll) => chosen.new.push((details, *on_roll)),
            Fate::Changed(changed) if all || form.checked("change", &line.number.to_string()) => {
                chosen.changed.push(changed);
            }
            Fate::Changed(_) | Fate::Same(_) | Fate::Clash(..) | Fate::Elsewhere | Fate::Wrong(_) => {}
        }
    }
    let in_the_way = lines.iter().filter(|line| line.stands_in_the_way()).count();
    if form.value("digest") != digest(lines) {
        form.fail("go", "Records changed since this page was made. Look at what would happen now");
    } else if in_the_way > 0 && !form.checked("leave_out", "yes") {
        let lines = if in_the_way == 1 { "the line".to_owned() } else { format!("the {in_the_way} lines") };
        form.fail(
            "leave_out",
            &format!("Put right {lines} above and send the file again, or tick to leave them out"),
        );
    } else if chosen.new.is_empty() && chosen.changed.is_empty() {
        form.fail("go", "There is nothing to bring in: no pupil is new, and no change is ticked");
    }
    chosen
}
