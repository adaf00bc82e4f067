//! Records of a story, through the forms people use, and what lies in the database at the end of it.

use super::*;

impl Place {
    /// Records something in the latest case. `can`: the case is open and the record can be held; otherwise the
    /// form must not take it.
    pub async fn record(&mut self, record: &Record, can: bool, services: bool) -> Result<(), String> {
        let Some(case) = self.cases.last().copied() else { return Ok(()) };
        let answer = match record {
            Record::Target => self.target(case).await,
            Record::TargetAnew | Record::TargetEnds => {
                let Some(answer) = self.change_target(case, matches!(record, Record::TargetEnds)).await
                else {
                    return if can { Err("there is no target to change".to_owned()) } else { Ok(()) };
                };
                answer
            }
            Record::Planned(kind) if can => self.plan(case, *kind).await,
            Record::Held(kind, service) if can => self.minutes(*kind, *service, services, false).await,
            Record::Signed(kind) if can => self.minutes(*kind, false, services, true).await,
            Record::Support { own } => self.support(case, *own).await,
            Record::SupportEnds if can => self.end_support(case).await,
            Record::Planned(_) | Record::Held(..) | Record::Signed(_) | Record::SupportEnds => return Ok(()),
            Record::Excused(ago) => {
                if can {
                    self.excuse(case, *ago).await;
                }
                return Ok(());
            }
            Record::Reviewed(light) => {
                if can {
                    self.review(case, *light).await;
                }
                return Ok(());
            }
            Record::Looked => self.looks(case).await,
            step => {
                let fields = self.step_fields(step);
                self.send(false, &format!("/cases/{case}/steps/new"), &fields).await
            }
        };
        let taken = answer.status == StatusCode::SEE_OTHER;
        let refused = answer.status.is_client_error();
        if (can && taken) || (!can && refused) {
            Ok(())
        } else {
            Err(format!("recorded: {can} was expected, the answer is {}: {}", answer.status, answer.body))
        }
    }

    async fn target(&self, case: Uuid) -> Answer {
        let mut fields = Fields::new();
        for (name, value) in [
            ("words", "Arrive on time"),
            ("criterion", "In my seat at the bell"),
            ("pupil_words", ""),
            ("reason.S1.08", "Agreed with the family"),
            ("reason.S1.10", "Agreed with the family"),
        ] {
            put(&mut fields, name, value);
        }
        put_day(&mut fields, "due_on", self.today() + Duration::weeks(3));
        self.send(false, &format!("/cases/{case}/targets/new"), &fields).await
    }

    async fn change_target(&mut self, case: Uuid, ends: bool) -> Option<Answer> {
        let (target, version): (Uuid, i32) = sqlx::query_as(
            "select id, version from app.targets where case_id = $1 and ended_on is null order by starts_on, position limit 1",
        )
        .bind(case)
        .fetch_optional(&mut self.town.owner)
        .await
        .unwrap()?;
        let path = format!("/cases/{case}/targets/{target}");
        let mut fields = Fields::new();
        put(&mut fields, "version", version.to_string());
        if ends {
            return Some(self.send(false, &format!("{path}/end"), &fields).await);
        }
        for (name, value) in [
            ("words", format!("Arrive on time, said anew {version}")),
            ("criterion", "In my seat at the bell".to_owned()),
            ("pupil_words", String::new()),
            ("reason.S1.08", "Agreed with the family".to_owned()),
            ("reason.S1.10", "Agreed with the family".to_owned()),
        ] {
            put(&mut fields, name, value);
        }
        put_day(&mut fields, "due_on", self.today() + Duration::weeks(3));
        Some(self.send(false, &path, &fields).await)
    }

    async fn plan(&mut self, case: Uuid, kind: Meeting) -> Answer {
        let mut fields = Fields::new();
        let stored = match kind {
            Meeting::Stage1 => "stage_1",
            Meeting::Stage2 => "stage_2",
            Meeting::Stage3 => "stage_3",
            Meeting::Restorative => "restorative",
            Meeting::Review => "review",
        };
        for (name, value) in [
            ("kind", stored),
            ("starts_at", "8:30am"),
            ("ends_at", "09:15"),
            ("place", "Room 4"),
            ("invite", "pupil"),
            ("invite", "lead"),
            ("other.1.part", "support_service"),
            ("other.1.name", "Behaviour support"),
        ] {
            put(&mut fields, name, value);
        }
        put_day(&mut fields, "planned_on", self.today());
        let answer = self.send(false, &format!("/cases/{case}/meetings/new"), &fields).await;
        self.meetings.push((kind, answer.location.clone(), 1, None));
        answer
    }

    /// Writes down every alternative to an exclusion as considered and not chosen.
    async fn looks(&mut self, case: Uuid) -> Answer {
        let mut fields = Fields::new();
        for (name, value) in [
            ("considered", "yes"),
            ("pupil_view", "Does not want it"),
            ("parent_view", "Does not want it"),
            ("why", "The school can do it"),
            ("chosen", "no"),
        ] {
            put(&mut fields, name, value);
        }
        let mut last = None;
        for kind in Alternative::ALL.iter().filter(|kind| kind.named()) {
            let path = format!("/cases/{case}/stage-3/{}", kind.as_str());
            let answer = self.send(false, &path, &fields).await;
            if answer.status != StatusCode::SEE_OTHER {
                return answer;
            }
            last = Some(answer);
        }
        last.unwrap()
    }

    /// Drafts the minutes of a meeting held today, or signs them off.
    async fn minutes(&mut self, kind: Meeting, service: bool, services: bool, sign: bool) -> Answer {
        let today = self.today();
        let at = self.meetings.iter().position(|meeting| meeting.0 == kind).unwrap();
        let (_, path, version, held) = self.meetings[at].clone();
        let (held_on, service) = held.unwrap_or((today, service));
        let mut fields = Fields::new();
        put(&mut fields, "version", version.to_string());
        put_day(&mut fields, "held_on", held_on);
        for (name, value) in [
            ("came.1", "present"),
            ("came.2", "video"),
            ("came.3", if service { "video" } else { "apologies" }),
            ("difficulties", "Lateness"),
            ("support_check", "Mentor in place"),
            ("psp", "created"),
            ("decisions", "Weekly call home"),
            ("earlier_plans", "The first went well"),
            ("further_support", "None"),
            ("strategies", "A quiet place"),
            ("outcome", "They talked"),
            ("without_parent", "Rang three times"),
        ] {
            put(&mut fields, name, value);
        }
        if services && !service && sign {
            put(&mut fields, "without_service", "Ill that day");
        }
        if kind == Meeting::Stage3 {
            put(&mut fields, "without_la_representative", "Asked a week before, ill");
        }
        let end = if sign { "/minutes/sign" } else { "/minutes" };
        let answer = self.send(false, &format!("{path}{end}"), &fields).await;
        if sign {
            self.meetings.remove(at);
        } else {
            self.meetings[at] = (kind, path, version + 1, Some((held_on, service)));
        }
        answer
    }

    async fn support(&self, case: Uuid, own: bool) -> Answer {
        let mut fields = Fields::new();
        for (name, value) in [
            ("kind", if own { "mentor" } else { "behaviour_support" }),
            ("purpose", "To check in each morning"),
            ("provider", "The school"),
            ("lead_name", ""),
            ("sessions_a_week", "2"),
            ("ends_on.day", ""),
            ("ends_on.month", ""),
            ("ends_on.year", ""),
        ] {
            put(&mut fields, name, value);
        }
        put(&mut fields, "lead", self.lead.id.to_string());
        put_day(&mut fields, "starts_on", self.today());
        put_day(&mut fields, "review_on", self.today() + Duration::weeks(4));
        self.send(false, &format!("/cases/{case}/support/new"), &fields).await
    }

    async fn end_support(&mut self, case: Uuid) -> Answer {
        let (support, version): (Uuid, i32) = sqlx::query_as(
            "select id, version from app.supports where case_id = $1 and ended_on is null order by starts_on, made_at limit 1",
        )
        .bind(case)
        .fetch_one(&mut self.town.owner)
        .await
        .unwrap();
        let mut fields = Fields::new();
        put(&mut fields, "version", version.to_string());
        put(&mut fields, "effect", "helped");
        put(&mut fields, "why", "It did its work");
        put_day(&mut fields, "ended", self.today());
        self.send(false, &format!("/cases/{case}/support/{support}/end"), &fields).await
    }

    async fn excuse(&mut self, case: Uuid, ago: i64) {
        sqlx::query(
            "insert into app.days (authority_id, school_id, case_id, on_date, version, points, possible, recorded, expected,
                                   first_saved_at, saved_at, saved_by, entered_late, reason)
             values ($1, $2, $3, $4, 1, 0, 0, 0, 0, $5, $5, $6, false, 'absent') on conflict do nothing",
        )
        .bind(self.town.authority)
        .bind(self.town.greenfield.id)
        .bind(case)
        .bind(self.today() - Duration::days(ago))
        .bind(self.town.now())
        .bind(self.lead.id)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
    }

    /// Signs the review of this week, all targets with this light. A week the room has no review for (a holiday, a
    /// week a later review speaks for) is put into the database.
    async fn review(&mut self, case: Uuid, light: Light) {
        let (today, light) = (self.today(), if light == Light::Green { "green" } else { "amber" });
        let targets: Vec<Uuid> = sqlx::query_scalar(
            "select id from app.targets where case_id = $1 and (ended_on is null or ended_on >= $2)",
        )
        .bind(case)
        .bind(today)
        .fetch_all(&mut self.town.owner)
        .await
        .unwrap();
        let over: i32 = sqlx::query_scalar(
            "select coalesce(max(version), 0) from app.weekly_reviews where case_id = $1 and week_on = $2",
        )
        .bind(case)
        .bind(monday(today))
        .fetch_one(&mut self.town.owner)
        .await
        .unwrap();
        let mut fields = Fields::new();
        for target in targets {
            put(&mut fields, &format!("rating.{target}"), light);
        }
        for (name, value) in [
            ("overall", light),
            ("overall_why", "As the teachers say"),
            ("went_well", ""),
            ("next_steps", "Carry on as agreed"),
            ("services_words", ""),
        ] {
            put(&mut fields, name, value);
        }
        put(&mut fields, "version", over.to_string());
        let answer = self.send(false, &format!("/cases/{case}/reviews/{}", monday(today)), &fields).await;
        let by_form = answer.status == StatusCode::SEE_OTHER;
        *if by_form { &mut self.reviews.0 } else { &mut self.reviews.1 } += 1;
        if by_form {
            return;
        }
        sqlx::query(
            "insert into app.weekly_reviews (id, authority_id, school_id, case_id, week_on, from_week_on, version, figures,
                                             ratings, overall, suggestion, next_steps, services, signed_on, signed_at, signed_by)
             select $1, $2, $3, $4, $5, $5,
                    (select coalesce(max(version), 0) + 1 from app.weekly_reviews where case_id = $4 and week_on = $5),
                    '{}', (select jsonb_agg(jsonb_build_object('target', id, 'words', words, 'rating', $6::text))
                           from app.targets where case_id = $4 and (ended_on is null or ended_on >= $7)),
                    $6, 'watch', 'x', '{}', $7, $8, $9",
        )
        .bind(Uuid::now_v7())
        .bind(self.town.authority)
        .bind(self.town.greenfield.id)
        .bind(case)
        .bind(monday(self.today()))
        .bind(light)
        .bind(self.today())
        .bind(self.town.now())
        .bind(self.lead.id)
        .execute(&mut self.town.owner)
        .await
        .unwrap();
    }

    fn step_fields(&self, step: &Record) -> Fields {
        let mut fields = Fields::new();
        put_day(&mut fields, "on_date", self.today());
        let told = |fields: &mut Fields, parents: bool, pupil: bool| {
            if parents {
                put(fields, "parents", self.contact.to_string());
            }
            tick(fields, "pupil", pupil);
            put(fields, "how", "phone");
        };
        let say = |fields: &mut Fields, pairs: &[(&str, &str)]| {
            for (name, value) in pairs {
                put(fields, name, *value);
            }
        };
        match step {
            Record::Explanation { by_la, why_not_la, parents, pupil, attempts } => {
                say(&mut fields, &[("kind", "explanation"), ("by", "R Osei")]);
                tick(&mut fields, "by_la", *by_la);
                put(&mut fields, "why", if *why_not_la { "On leave" } else { "" });
                put(&mut fields, "attempts", if *attempts { "Rang three times" } else { "" });
                told(&mut fields, *parents, *pupil);
            }
            Record::Leaflet { to_pupil } => {
                say(&mut fields, &[("kind", "leaflet"), ("language", "en"), ("how", "letter")]);
                put(&mut fields, "audience", if *to_pupil { "pupil" } else { "parents" });
                if !to_pupil {
                    put(&mut fields, "parent", self.contact.to_string());
                }
            }
            Record::Contract => {
                say(&mut fields, &[("kind", "parenting_contract"), ("state", "declined")]);
            }
            Record::Restorative { appropriate } => {
                say(&mut fields, &[("kind", "restorative"), ("why", "Not wanted")]);
                put(&mut fields, "appropriate", if *appropriate { "yes" } else { "no" });
            }
            Record::Recognition => {
                say(&mut fields, &[("kind", "recognition"), ("what", "reward"), ("words", "A calm week")]);
            }
            Record::SanctionsAdvised { parents, pupil } => {
                say(&mut fields, &[("kind", "sanctions_advised"), ("policy", "September 2026")]);
                told(&mut fields, *parents, *pupil);
            }
            Record::OutcomesReminded { improves, fails, parents, pupil } => {
                put(&mut fields, "kind", "outcomes_reminded");
                tick(&mut fields, "if_improves", *improves);
                tick(&mut fields, "if_not", *fails);
                told(&mut fields, *parents, *pupil);
            }
            Record::Stage3Considered => {
                let latest = self.incidents.last().map(Uuid::to_string).unwrap_or_default();
                say(
                    &mut fields,
                    &[("kind", "stage_3_considered"), ("move_to_3", "no"), ("why", "The first time")],
                );
                put(&mut fields, "incident", latest);
            }
            Record::Participation => {
                say(&mut fields, &[("kind", "participation"), ("who", "pupil"), ("words", "Not now")]);
            }
            Record::Services { any } => {
                put(&mut fields, "kind", "services");
                put(&mut fields, "names", if *any { "Behaviour support" } else { "" });
            }
            Record::NotApplicable(clause) => {
                say(&mut fields, &[("kind", "not_applicable"), ("why", "Held elsewhere")]);
                put(&mut fields, "clause", *clause);
            }
            _ => say(
                &mut fields,
                &[("kind", "early_help"), ("decision", "not_needed"), ("why", "A social worker")],
            ),
        }
        fields
    }

    /// P2.01: the headteacher was told of every decision, once and in its order; of one that was put there, not.
    async fn head_was_told(&mut self, case: Uuid, history: &[(Event, Date)]) -> Result<(), String> {
        let told: Vec<String> = sqlx::query_scalar(
            "select kind from app.head_notices where case_id = $1 and kind not in ('proposed', 'overdue') order by made_at, id",
        )
        .bind(case)
        .fetch_all(&mut self.town.owner)
        .await
        .unwrap();
        let put_there = usize::from(self.found.contains(&case));
        let decided: Vec<_> = history.iter().skip(put_there).map(|(event, _)| event.name()).collect();
        if told == decided {
            Ok(())
        } else {
            Err(format!("decided was {decided:?}, the headteacher was told {told:?} (P2.01)"))
        }
    }

    /// Changes the latest case behind everybody's back.
    pub async fn tamper(&mut self, sql: &'static str) {
        sqlx::query(sql).bind(self.cases.last()).execute(&mut self.town.owner).await.unwrap();
    }

    /// At the end of a story: each case's row, its stages and its decisions replayed from nothing say the same, and
    /// it is what the reference says.
    pub async fn lies_there(&mut self, pupil: &Pupil) -> Result<(), String> {
        if self.cases.len() != pupil.cases.len() {
            return Err(format!("{} cases are there, by the text {}", self.cases.len(), pupil.cases.len()));
        }
        for (case, expected) in self.cases.clone().into_iter().zip(&pupil.cases) {
            let (stage, closed_on, ended_as, extensions): (i16, Option<Date>, Option<String>, i16) =
                sqlx::query_as("select stage, closed_on, ended_as, extensions from app.cases where id = $1")
                    .bind(case)
                    .fetch_one(&mut self.town.owner)
                    .await
                    .unwrap();
            let rows: Vec<(serde_json::Value, Date)> = sqlx::query_as(
                "select event, decided_on from app.case_decisions where case_id = $1 order by seq",
            )
            .bind(case)
            .fetch_all(&mut self.town.owner)
            .await
            .unwrap();
            let stages: Vec<(i16, Date, Option<Date>)> = sqlx::query_as(
                "select stage, entered_on, left_on from app.case_stages where case_id = $1 order by entered_at, id",
            )
            .bind(case)
            .fetch_all(&mut self.town.owner)
            .await
            .unwrap();
            let history: Vec<(Event, Date)> = rows
                .into_iter()
                .map(|(event, on)| (serde_json::from_value(event).expect("an event"), on))
                .collect();
            let replayed = CaseState::replay(history.iter().map(|(event, on)| (event, *on)))
                .map_err(|error| error.to_string())?;
            let row = (stage, closed_on, ended_as.as_deref(), extensions);
            let told = match replayed {
                CaseState::None => return Err("no decision is there".to_owned()),
                CaseState::Open { stage, extensions, .. } => {
                    (stage.number(), None, None, i16::try_from(extensions).unwrap_or(i16::MAX))
                }
                // What was extended at the stage stays on the row of an ended case.
                CaseState::Ended { stage, how, on, .. } => {
                    (stage.number(), Some(on), Some(how.as_str()), extensions)
                }
            };
            let text = (
                i16::from(expected.stage),
                expected.ended.map(|(on, _)| on),
                expected.ended.map(|(_, how)| how),
                i16::try_from(expected.extensions).unwrap_or(i16::MAX),
            );
            if row != told || row != text {
                return Err(format!("the row says {row:?}, its decisions {told:?}, the text {text:?}"));
            }
            self.head_was_told(case, &history).await?;
            let moves = history.iter().filter(|(event, _)| {
                matches!(
                    event,
                    Event::Opened { .. }
                        | Event::MovedUp { .. }
                        | Event::SteppedDown { .. }
                        | Event::Reopened { .. }
                )
            });
            let entered: Vec<_> = moves.map(|(_, on)| *on).collect();
            let now: Vec<_> = stages.iter().filter(|(_, _, left)| left.is_none()).collect();
            let at = now.first().map(|(stage, ..)| *stage);
            let fits = stages.iter().map(|(_, on, _)| *on).collect::<Vec<_>>() == entered
                && now.len() <= 1
                && at == expected.open.then_some(i16::from(expected.stage));
            if !fits {
                return Err(format!("the stages are {stages:?}, entered by decisions on {entered:?}"));
            }
        }
        let open: i64 =
            sqlx::query_scalar("select count(*) from app.cases where pupil_id = $1 and closed_on is null")
                .bind(self.pupil)
                .fetch_one(&mut self.town.owner)
                .await
                .unwrap();
        if open > 1 { Err(format!("{open} cases are open (A16)")) } else { Ok(()) }
    }
}
