//! The papers of the demo's transfers: every document a panel asks for, in words.

use time::Date;

use super::{placement::said_on, programme::Story, world::School};
use crate::{
    db::transfer::Wish,
    domain::{
        ids::SchoolId,
        pack::{Item, Paper, Presence},
        pupil::YearGroup,
    },
};

/// The schools a family named: one they would like, one that will not do.
pub fn wishes(schools: &[School], home: &School) -> Vec<Wish> {
    let others: Vec<_> = schools.iter().filter(|school| school.id != home.id).collect();
    let named = |n: usize, wish: &str, why: &str| {
        let school = others.get(n % others.len().max(1))?;
        Some(Wish {
            school: SchoolId::from(school.id),
            name: school.name.clone(),
            wish: wish.to_owned(),
            why: why.to_owned(),
        })
    };
    [
        named(0, "preferred", "Can be reached on foot"),
        named(4, "excluded", "The pupil who was hurt has a brother there"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Documents a lead writes first.
pub const fn easy(item: Item) -> bool {
    matches!(
        item,
        Item::Identity | Item::Parents | Item::Psp | Item::StageHistory | Item::Exclusions | Item::Risk
    )
}

/// Every document, as it stood on a day. `suspended`: what the record says of suspensions.
pub fn documents(story: &Story<'_>, on: Date, suspended: &str, wishes: &[Wish]) -> Vec<Paper> {
    Item::ALL
        .iter()
        .map(|item| {
            let words = words(*item, story, on, suspended, wishes);
            let reason = words.is_none().then(|| not_needed(*item).to_owned());
            let told = match item {
                Item::Send => story.pupil.send == "ehcp",
                Item::Flags => story.pupil.looked_after,
                _ => false,
            };
            Paper {
                item: *item,
                presence: if words.is_some() { Presence::Present } else { Presence::NotNeeded },
                words,
                reason,
                share: item.usual_share(),
                told_on: told.then_some(on),
            }
        })
        .collect()
}

fn not_needed(item: Item) -> &'static str {
    match item {
        Item::Send => "No special educational need is known; the SENCO looked last term.",
        Item::Flags => "No social worker is involved, and none was.",
        _ => "Looked at: there is nothing to say.",
    }
}

/// None: the pupil does not need it.
fn words(item: Item, story: &Story<'_>, on: Date, suspended: &str, wishes: &[Wish]) -> Option<String> {
    let pupil = story.pupil;
    let year = YearGroup::actual(pupil.born_on, 0, on);
    let text = |words: &str| Some(words.to_owned());
    match item {
        Item::Identity => Some(format!(
            "{} {}\nBorn {}, {year}\nUPN {}\n{}",
            pupil.given,
            pupil.family,
            said_on(pupil.born_on),
            pupil.upn,
            story.school.name
        )),
        Item::Parents => Some(format!("{}, mother (parental responsibility): 01632 960000", pupil.parent)),
        Item::Psp => text(
            "Set up at Stage 1, reviewed every six weeks. A mentor before the day begins, a time-out card, calls home on \
             Fridays. Mornings are better since; afternoons are not.",
        ),
        Item::EarlyHelp => text(
            "Open since the spring, reviewed at Stage 2 and Stage 3. Family support worker every fortnight.",
        ),
        Item::StageHistory => {
            let lines = story
                .stages
                .iter()
                .filter(|(_, since)| *since <= on)
                .map(|(stage, since)| format!("Stage {stage} from {}", said_on(*since)));
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        Item::Behaviour => text(
            "Most of it lies between lunch and the last lesson, and in two subjects. Pupil A and pupil B are in every one of \
             the nine incidents this year; apart from them there were none since October.",
        ),
        Item::Exclusions => Some(suspended.to_owned()),
        Item::Attendance => {
            text("This school year 86%, last school year 91%. Mondays and the days after an incident.")
        }
        Item::Attainment => match year {
            YearGroup(10..) => text(
                "Working at grades 4 to 5. GCSE courses: English, mathematics, combined science (AQA), history (Edexcel), food \
                 (AQA), drama (OCR).",
            ),
            _ => text(
                "Reading age a year ahead, mathematics at the level of the year. Strong in drama and food.",
            ),
        },
        Item::Send => match pupil.send {
            "ehcp" => text(
                "Education, health and care plan for speech and language. The SEN team was consulted and agrees to the panel \
                 looking for a place that can meet the plan.",
            ),
            "sen_support" => text("SEN support: small-group reading twice a week, instructions in writing."),
            _ => None,
        },
        Item::Flags => pupil
            .looked_after
            .then(|| "Looked after. The virtual school head was told and agrees.".to_owned()),
        Item::Risk => text(
            "Risk of fights with two named groups at unsupervised times: meet at the gate, a supervised place at break for the \
             first weeks. No risk to staff or to self is known.",
        ),
        Item::Agencies => {
            text("Behaviour Support Team, two sessions a week. Family support worker. School nurse.")
        }
        Item::PupilViews => text(
            "“I want to start again where nobody thinks they know what I am like. I would miss my friends, but most of them I \
             see at football.”",
        ),
        Item::ParentViews => text(
            "We did not want it at first. We agree because nothing changed since spring, and we want to be rung every week.",
        ),
        Item::Agreement => Some(format!(
            "{} signed, in person, after the headteacher had explained that a managed move is for good and that the family is free to say no.",
            pupil.parent
        )),
        Item::Transport => text("By bus; the family asks for a pass for the first term."),
        Item::Schools => {
            let list: Vec<_> = wishes.iter().map(|w| format!("{} ({}): {}", w.name, w.wish, w.why)).collect();
            Some(format!("Schools named: {}", list.join("; ")))
        }
    }
}
