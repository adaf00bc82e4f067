//! Rows on their way to the database, written as COPY reads them: the fastest way in.

#![expect(clippy::disallowed_methods, reason = "the owner puts the schema's own definitions aside and back")]

use std::fmt::Write as _;

use indicatif::ProgressBar;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime, Time, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// The tables a world fills, in an order in which every row finds what it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Authorities,
    Policies,
    CalendarSpans,
    Schools,
    Periods,
    Users,
    Grants,
    Bank,
    Pupils,
    Enrolments,
    Contacts,
    Cases,
    Stages,
    Leads,
    Shares,
    Targets,
    TargetVersions,
    Days,
    Marks,
    Reasons,
    Notes,
    Weeks,
    Incidents,
    IncidentVersions,
    IncidentPeople,
    Exclusions,
    ExclusionSteps,
    DaysElsewhere,
    KnownAbsences,
    Steps,
    Meetings,
    MeetingPeople,
    MeetingActions,
    Supports,
    Sessions,
    Proposals,
    Notices,
    Reviews,
    Feedback,
    Strategies,
    Alternatives,
    Agreements,
    Panels,
    PanelMembers,
    PanelMinutes,
    Places,
    Transfers,
    TransferEvents,
    PackItems,
    Packs,
    PackSections,
    Referrals,
    Interests,
    Allocations,
    Directions,
    DirectionReviews,
    DirectionRequests,
    Representatives,
    Updates,
    SavedViews,
}

impl Table {
    const ALL: [(Self, &'static str); 60] = [
        (Self::Authorities, "authorities (id, name, la_code)"),
        (Self::Policies, "policies (id, authority_id, version, effective_on, settings, source)"),
        (Self::CalendarSpans, "calendar_spans (id, authority_id, kind, name, from_on, to_on)"),
        (Self::Schools, "schools (id, authority_id, name, urn, establishment, phase)"),
        (Self::Periods, "school_periods (authority_id, school_id, period, label, starts_at, ends_at)"),
        (Self::Users, "users (id, authority_id, email, name, password_hash, made_at)"),
        (Self::Grants, "grants (id, authority_id, user_id, role, school_id, from_on, made_at)"),
        (Self::Bank, "bank_targets (id, authority_id, theme, words, criterion, position)"),
        (
            Self::Pupils,
            "pupils (id, authority_id, school_id, given_name, family_name, known_as, pronouns, born_on, upn, send, \
             looked_after, eal, made_at, made_by, changed_at, changed_by)",
        ),
        (Self::Enrolments, "enrolments (id, authority_id, school_id, pupil_id, from_on)"),
        (
            Self::Contacts,
            "contacts (id, authority_id, school_id, pupil_id, name, relationship, parental_responsibility, \
             contact_order, phone, address, address_confidential, no_contact, no_contact_reason, language, \
             changed_at, changed_by)",
        ),
        (
            Self::Cases,
            "cases (id, authority_id, school_id, pupil_id, enrolment_id, policy_id, opened_on, opened_at, opened_by, \
             rationale, closed_on, ended_as, entry_stage, entry_reason, stage, lead_id, sort_name, last_marked_on, week_on, week_points, week_possible)",
        ),
        (
            Self::Stages,
            "case_stages (id, authority_id, school_id, case_id, stage, entered_on, entered_at, entered_by, left_on)",
        ),
        (
            Self::Leads,
            "case_leads (id, authority_id, school_id, case_id, user_id, from_on, to_on, named_at, named_by)",
        ),
        (
            Self::Shares,
            "case_shares (id, authority_id, school_id, case_id, pupil_id, with_user, why, from_on, made_at, made_by)",
        ),
        (
            Self::Targets,
            "targets (id, authority_id, school_id, case_id, position, words, criterion, due_on, starts_on)",
        ),
        (
            Self::TargetVersions,
            "target_versions (target_id, authority_id, school_id, case_id, version, position, words, criterion, \
             due_on, written_at, written_by)",
        ),
        (
            Self::Days,
            "days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected, \
             first_saved_at, saved_at, saved_by, entered_late, reason)",
        ),
        (
            Self::Marks,
            "marks (authority_id, school_id, case_id, target_id, on_date, period, points, source, version, \
             marked_at, marked_by)",
        ),
        (
            Self::Reasons,
            "day_reasons (authority_id, school_id, case_id, on_date, period, reason, version, marked_at, marked_by)",
        ),
        (
            Self::Notes,
            "day_notes (id, authority_id, school_id, case_id, on_date, kind, words, written_at, written_by)",
        ),
        (
            Self::Weeks,
            "case_weeks (authority_id, school_id, case_id, week_on, days, points, possible, recorded, expected)",
        ),
        (
            Self::Incidents,
            "incidents (id, authority_id, school_id, pupil_id, enrolment_id, case_id, happened_on, happened_at, place, \
             what, seriousness, followed, recorded_at, recorded_by, changed_at, changed_by)",
        ),
        (
            Self::IncidentVersions,
            "incident_versions (authority_id, school_id, incident_id, version, happened_on, happened_at, place, what, \
             seriousness, followed, written_at, written_by)",
        ),
        (
            Self::IncidentPeople,
            "incident_people (authority_id, school_id, incident_id, position, part, described)",
        ),
        (
            Self::Exclusions,
            "exclusions (id, authority_id, school_id, pupil_id, enrolment_id, case_id, incident_id, kind, decided_on, issuer, \
             issued_by, mornings, afternoons, lunchtimes, first_on, first_half, reasons, words, exams_left, further_to, \
             further_why, stage_3_considered, guidance, send, looked_after, social_worker, lives_elsewhere, recorded_on, \
             recorded_at, cancelled_on, cancelled_at, cancelled_by, cancelled_why, back_on, back_half, out_mornings, \
             out_afternoons)",
        ),
        (
            Self::ExclusionSteps,
            "exclusion_steps (id, authority_id, school_id, pupil_id, exclusion_id, kind, on_date, at_time, notice, recipient, \
             how, words, outcome, provider, address, times, person, starts_on, recorded_on, recorded_at, recorded_by)",
        ),
        (
            Self::DaysElsewhere,
            "exclusions_elsewhere (id, authority_id, school_id, pupil_id, school_year, term, half_days, source, recorded_on, \
             recorded_at, recorded_by)",
        ),
        (
            Self::KnownAbsences,
            "known_absences (id, authority_id, school_id, case_id, reason, from_on, to_on, periods, source, made_at, \
             made_by, withdrawn_at, exclusion_id)",
        ),
        (
            Self::Steps,
            "case_steps (id, authority_id, school_id, case_id, kind, stage, on_date, details, incident_id, recorded_on, \
             recorded_at, recorded_by)",
        ),
        (
            Self::Meetings,
            "meetings (id, authority_id, school_id, case_id, kind, stage, planned_on, starts_at, ends_at, place, held_on, \
             minutes, final_on, final_at, final_by, made_at, made_by, changed_at, changed_by)",
        ),
        (
            Self::MeetingPeople,
            "meeting_people (authority_id, school_id, case_id, meeting_id, position, part, name, user_id, contact_id, \
             invited_on, attendance)",
        ),
        (
            Self::MeetingActions,
            "meeting_actions (id, authority_id, school_id, case_id, meeting_id, position, words, owner_id, owner_name, \
             due_on, done_on, done_at, done_by)",
        ),
        (
            Self::Supports,
            "supports (id, authority_id, school_id, case_id, kind, purpose, provider, lead_id, lead_name, sessions_a_week, \
             starts_on, review_on, priority, school_agreed_on, school_agreed_by, service_agreed_on, service_agreed_by, \
             service_declined_on, service_words, service_answered_at, service_answered_by, ended_on, effect, ended_why, \
             made_at, made_by, changed_at, changed_by)",
        ),
        (
            Self::Sessions,
            "support_sessions (id, authority_id, school_id, case_id, support_id, on_date, delivered, why_not, recorded_at, \
             recorded_by)",
        ),
        (
            Self::Proposals,
            "proposals (id, authority_id, school_id, case_id, command, reasons, words, proposed_on, proposed_at, \
             proposed_by)",
        ),
        (
            Self::Notices,
            "head_notices (id, authority_id, school_id, case_id, kind, made_on, made_at, seen_at, seen_by)",
        ),
        (
            Self::Reviews,
            "weekly_reviews (id, authority_id, school_id, case_id, week_on, from_week_on, version, figures, ratings, \
             overall, suggestion, went_well, next_steps, services, signed_on, signed_at, signed_by)",
        ),
        (
            Self::Feedback,
            "feedback (id, authority_id, school_id, case_id, week_on, contact_id, how, words, figures, given_on, given_at, \
             given_by, reached, answer)",
        ),
        (
            Self::Strategies,
            "case_strategies (id, authority_id, school_id, case_id, kind, what, detail, outcome, position)",
        ),
        (
            Self::Alternatives,
            "alternatives (id, authority_id, school_id, case_id, entered_on, kind, considered, pupil_view, parent_view, why, \
             status, plan, route, last_resort, starts_on, review_on, decided_on, decided_at, decided_by, made_at, made_by, \
             changed_at, changed_by)",
        ),
        (
            Self::Agreements,
            "agreements (id, authority_id, school_id, case_id, alternative_id, contact_id, asked_on, how, explained, advised, \
             answer, answered_on, presence, words, ask_again_on, copy_given, recorded_on, recorded_at, recorded_by)",
        ),
        (
            Self::Panels,
            "panels (id, authority_id, name, meets_on, starts_at, place, papers_close_on, made_at, made_by, changed_at, \
             changed_by)",
        ),
        (
            Self::PanelMembers,
            "panel_members (authority_id, panel_id, user_id, attendance, named_at, named_by)",
        ),
        (
            Self::PanelMinutes,
            "panel_minutes (authority_id, panel_id, version, words, written_at, written_by)",
        ),
        (
            Self::Places,
            "school_places (id, authority_id, school_id, places, roll, as_of, entered_at, entered_by)",
        ),
        (
            // Its papers refer to it, and it to them: that comes when both are there.
            Self::Transfers,
            "transfers (id, authority_id, school_id, case_id, pupil_id, standing, state, version, receiving_id, on_roll_on, \
             share_ended_at, opened_on, opened_at, opened_by, changed_at, changed_by)",
        ),
        (
            Self::TransferEvents,
            "transfer_events (transfer_id, seq, authority_id, school_id, case_id, kind, event, words, receiving_id, on_date, \
             at, by_id)",
        ),
        (
            Self::PackItems,
            "pack_items (transfer_id, item, authority_id, school_id, case_id, presence, words, reason, share, told_on, schools, \
             version, changed_at, changed_by)",
        ),
        (
            Self::Packs,
            "packs (id, authority_id, school_id, case_id, transfer_id, pupil_id, version, name, about, schools, procedure, \
             reasons, submitted_on, submitted_at, submitted_by)",
        ),
        (
            Self::PackSections,
            "pack_sections (pack_id, position, authority_id, school_id, case_id, transfer_id, item, audience, words)",
        ),
        (
            Self::Referrals,
            "referrals (id, authority_id, school_id, case_id, transfer_id, pack_id, panel_id, received_on, received_by, outcome, \
             made_at, made_by, changed_at, changed_by)",
        ),
        (
            Self::Interests,
            "panel_interests (id, authority_id, school_id, case_id, transfer_id, referral_id, user_id, interest, about_school, \
             words, declared_on, declared_at)",
        ),
        (
            Self::Allocations,
            "allocations (id, authority_id, school_id, case_id, transfer_id, referral_id, panel_id, outcome, to_school, \
             starts_on, reasons, conditions, protocol, given, present, abstained, decided_on, decided_at, decided_by)",
        ),
        (
            Self::Directions,
            "directions (id, authority_id, school_id, case_id, decided_on, decided_for, place, address, report_to, times, \
             reasons, objectives, starts_on, ends_on, la_told, given, notice_on, notice_how, absence_id, ended_on, ended_as, \
             ended_why, version, made_at, made_by, changed_at, changed_by)",
        ),
        (
            Self::DirectionReviews,
            "direction_reviews (id, authority_id, school_id, case_id, direction_id, held_on, kind, people, words, recorded_at, \
             recorded_by)",
        ),
        (
            Self::DirectionRequests,
            "direction_requests (id, authority_id, school_id, case_id, direction_id, asked_on, asked_by, recorded_at, \
             recorded_by)",
        ),
        (
            Self::Representatives,
            "case_representatives (id, authority_id, school_id, case_id, user_id, from_on, named_at, named_by)",
        ),
        (
            Self::Updates,
            "update_requests (id, authority_id, school_id, case_id, words, asked_on, asked_at, asked_by, due_on, answer, \
             answered_on, answered_at, answered_by)",
        ),
        (Self::SavedViews, "saved_views (id, authority_id, user_id, name, query, shared, made_at)"),
    ];
}

/// A value as COPY's text format writes it.
pub trait Field {
    fn write(&self, out: &mut String);
}

macro_rules! plain {
    ($($kind:ty),*) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                let _ = write!(out, "{self}");
            }
        }
    )*};
}
plain!(Uuid, i16, i32, Date, Time);

impl Field for bool {
    fn write(&self, out: &mut String) {
        out.push(if *self { 't' } else { 'f' });
    }
}

impl Field for OffsetDateTime {
    fn write(&self, out: &mut String) {
        out.push_str(&self.format(&Rfc3339).unwrap_or_default());
    }
}

impl Field for &str {
    fn write(&self, out: &mut String) {
        for letter in self.chars() {
            match letter {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                other => out.push(other),
            }
        }
    }
}

impl Field for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

/// An array, of what needs no quotes in one.
impl<T: Field> Field for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('{');
        for (n, value) in self.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            value.write(out);
        }
        out.push('}');
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("\\N"),
        }
    }
}

/// The rows that wait.
#[derive(Debug)]
pub struct Copy {
    waiting: [String; Table::ALL.len()],
    bytes: usize,
}

impl Copy {
    pub fn new() -> Self {
        Self { waiting: [const { String::new() }; Table::ALL.len()], bytes: 0 }
    }

    /// Adds a row; the values in the order of the table's columns.
    pub fn add(&mut self, table: Table, values: &[&dyn Field]) {
        let text = &mut self.waiting[table as usize];
        let before = text.len();
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                text.push('\t');
            }
            value.write(text);
        }
        text.push('\n');
        self.bytes += text.len() - before;
    }

    /// Sends what waits once there is enough of it to be worth a round trip. Answers whether it did.
    pub async fn send_some(&mut self, db: &mut PgConnection) -> sqlx::Result<bool> {
        let enough = self.bytes > 8 << 20;
        if enough {
            self.send(db).await?;
        }
        Ok(enough)
    }

    /// Sends all that waits.
    pub async fn send(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        for (table, columns) in Table::ALL {
            let text = std::mem::take(&mut self.waiting[table as usize]);
            if !text.is_empty() {
                let mut copy = db.copy_in_raw(&format!("copy app.{columns} from stdin")).await?;
                copy.send(text.into_bytes()).await?;
                copy.finish().await?;
            }
        }
        self.bytes = 0;
        Ok(())
    }
}

/// Foreign keys of the largest tables: set aside while millions of rows arrive, then put back, which checks
/// them all at once.
#[derive(Debug)]
pub struct SetAside(Vec<(String, String, String)>);

impl SetAside {
    pub async fn new(db: &mut PgConnection) -> sqlx::Result<Self> {
        let keys: Vec<(String, String, String)> = sqlx::query_as(
            "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) from pg_constraint
             where contype = 'f' and conrelid = any (array['app.days', 'app.marks', 'app.day_reasons', 'app.case_weeks']
                                                     ::regclass[])",
        )
        .fetch_all(&mut *db)
        .await?;
        for (table, name, _) in &keys {
            let sql = format!("alter table {table} drop constraint {name}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *db).await?;
        }
        Ok(Self(keys))
    }

    pub async fn put_back(self, db: &mut PgConnection, bar: &ProgressBar) -> sqlx::Result<()> {
        for (table, name, definition) in &self.0 {
            bar.set_message(format!("checking {name}"));
            let sql = format!("alter table {table} add constraint {name} {definition}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *db).await?;
        }
        Ok(())
    }
}
