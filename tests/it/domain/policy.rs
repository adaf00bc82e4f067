use std::collections::HashMap;

use time::{Date, macros::date};
use waymark::domain::policy::{EffectFault, NUMBERS, ProgrammePolicy, may_take_effect, review_is_due};

/// The first policy as it would be typed, with some numbers typed otherwise.
fn typed(other: &[(&'static str, &'static str)]) -> Result<ProgrammePolicy, Vec<(&'static str, String)>> {
    let first = ProgrammePolicy::first();
    let all: HashMap<&str, String> =
        NUMBERS.iter().map(|(name, ..)| (*name, first.number(name).unwrap().to_string())).collect();
    first.with_typed(|name| {
        other.iter().find(|(n, _)| *n == name).map_or_else(|| all[name].as_str(), |(_, text)| *text)
    })
}

#[test]
fn g_01_every_number_of_the_policy_can_be_published_and_begins_within_its_range() {
    let first = ProgrammePolicy::first();
    let stored = serde_json::to_value(&first).unwrap();
    let mut names: Vec<_> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    let mut listed: Vec<_> = NUMBERS.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    listed.sort_unstable();
    assert_eq!(names, listed, "a number is missing from the list, or is there no longer");
    for (name, says, least, most) in NUMBERS {
        let number = first.number(name).unwrap();
        assert!((*least..=*most).contains(&number) && least < most, "{says}: {number}");
    }
    assert_eq!(first.number("no_such_number"), None);
    assert_eq!(typed(&[]), Ok(first));
}

#[test]
fn a6_a7_numbers_are_taken_at_their_ends_and_refused_beyond_them() {
    for (name, says, least, most) in NUMBERS {
        let message = format!("{says} must be a whole number from {least} to {most}");
        // The neighbours of a pair are moved out of its way.
        for number in [*least, *most] {
            let text: &'static str = Box::leak(number.to_string().into_boxed_str());
            let pair: &[(&str, &str)] = match *name {
                "lowest_year" => &[("highest_year", "11")],
                "highest_year" => &[("lowest_year", "7")],
                "green_percent" => &[("amber_percent", "1")],
                "amber_percent" => &[("green_percent", "100")],
                _ => &[],
            };
            let mut all = vec![(*name, text)];
            all.extend(pair);
            assert_eq!(typed(&all).unwrap().number(name), Some(number), "{name}");
        }
        for wrong in ["", " ", "x", "8.5", "-1", "+8", "１0", "0x8", "1e1", "99999999999999999999", "12 12"]
        {
            let faults = typed(&[(name, wrong)]).unwrap_err();
            assert!(faults.contains(&(*name, message.clone())), "{name} {wrong:?}: {faults:?}");
        }
        let above: &'static str = Box::leak((most + 1).to_string().into_boxed_str());
        assert_eq!(typed(&[(name, above)]).unwrap_err()[0], (*name, message.clone()));
        if let Some(below) = least.checked_sub(1) {
            let below: &'static str = Box::leak(below.to_string().into_boxed_str());
            assert_eq!(typed(&[(name, below)]).unwrap_err()[0], (*name, message));
        }
    }
    assert_eq!(typed(&[("monitoring_days", " 060 ")]).unwrap().monitoring_days, 60);
}

#[test]
fn pairs_of_numbers_keep_their_order() {
    assert!(typed(&[("lowest_year", "9"), ("highest_year", "9")]).is_ok());
    let years = typed(&[("lowest_year", "10"), ("highest_year", "9")]).unwrap_err();
    assert_eq!(years, [("highest_year", "The highest year must not be below the lowest year".to_owned())]);
    assert!(typed(&[("amber_percent", "79")]).is_ok());
    for amber in ["80", "81"] {
        let percent = typed(&[("amber_percent", amber)]).unwrap_err();
        assert_eq!(percent[0].0, "amber_percent");
    }
    // Both messages, and those of ranges, at once.
    let all = typed(&[
        ("lowest_year", "11"),
        ("highest_year", "7"),
        ("amber_percent", "99"),
        ("minutes_days", "0"),
    ]);
    assert_eq!(all.unwrap_err().len(), 3);
}

#[test]
fn changes_are_named_with_both_numbers_in_the_lists_order() {
    let (first, next) =
        (ProgrammePolicy::first(), typed(&[("monitoring_days", "15"), ("lowest_year", "8")]).unwrap());
    let changes: Vec<_> =
        next.changes_since(&first).into_iter().map(|c| (c.number.0, c.from, c.to)).collect();
    assert_eq!(changes, [("lowest_year", 7, 8), ("monitoring_days", 20, 15)]);
    assert!(first.changes_since(&first).is_empty());
}

#[test]
fn g_01_a_policy_is_reviewed_when_it_is_more_than_six_years_old() {
    let leap = date!(2028 - 02 - 29);
    for (effective, today, due) in [
        (date!(2009 - 03 - 11), date!(2015 - 03 - 11), false),
        (date!(2009 - 03 - 11), date!(2015 - 03 - 12), true),
        (date!(2009 - 03 - 11), date!(2026 - 01 - 01), true),
        (date!(2026 - 11 - 24), date!(2026 - 11 - 24), false),
        (date!(2027 - 09 - 01), date!(2026 - 11 - 24), false),
        (leap, date!(2034 - 02 - 28), false),
        (leap, date!(2034 - 03 - 01), true),
    ] {
        assert_eq!(review_is_due(effective, today), due, "{effective} on {today}");
    }
}

#[test]
fn g_01_a_version_takes_effect_from_today_on_and_after_the_latest() {
    let today = date!(2026 - 11 - 24);
    let old = date!(2009 - 03 - 11);
    for (on, latest, answer) in [
        (today, old, Ok(())),
        (date!(2026 - 11 - 23), old, Err(EffectFault::BeforeToday)),
        (today, today, Err(EffectFault::NotAfter(today))),
        (date!(2026 - 11 - 25), today, Ok(())),
        (date!(2027 - 01 - 04), date!(2027 - 01 - 04), Err(EffectFault::NotAfter(date!(2027 - 01 - 04)))),
        (date!(2028 - 12 - 31), old, Ok(())),
        (date!(2029 - 01 - 01), old, Err(EffectFault::TooFarAhead)),
        (Date::MAX, old, Err(EffectFault::TooFarAhead)),
    ] {
        assert_eq!(may_take_effect(on, latest, today), answer, "{on}");
    }
    assert!(EffectFault::NotAfter(today).message().contains("after 24 November 2026"));
}
