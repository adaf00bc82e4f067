//! Incidents: letters for other pupils, times as typed, and names that must not be in the text.

use time::macros::time;
use waymark::domain::incident::{PupilName, names_somebody, plain, reference, time_of_day};

#[test]
fn other_pupils_go_by_letters() {
    for (n, expected) in [
        (0, "Pupil A"),
        (1, "Pupil B"),
        (25, "Pupil Z"),
        (26, "Pupil AA"),
        (51, "Pupil AZ"),
        (52, "Pupil BA"),
        (701, "Pupil ZZ"),
        (702, "Pupil AAA"),
    ] {
        assert_eq!(reference(n), expected, "{n}");
    }
}

#[test]
fn times_are_read_as_people_type_them() {
    for (typed, expected) in [
        ("11:20", Some(time!(11:20))),
        ("11:20am", Some(time!(11:20))),
        (" 11.20 AM ", Some(time!(11:20))),
        ("9:05", Some(time!(9:05))),
        ("0915", Some(time!(9:15))),
        ("3pm", Some(time!(15:00))),
        ("3:15 pm", Some(time!(15:15))),
        ("12am", Some(time!(0:00))),
        ("12:30am", Some(time!(0:30))),
        ("12pm", Some(time!(12:00))),
        ("12:30pm", Some(time!(12:30))),
        ("midday", Some(time!(12:00))),
        ("Midnight", Some(time!(0:00))),
        ("23:59", Some(time!(23:59))),
        ("24:00", None),
        ("13pm", None),
        ("0am", None),
        ("11:60", None),
        ("11:2", None),
        ("11", None),
        ("", None),
        ("pm", None),
        ("lunch", None),
        ("-1:20", None),
        ("11:20:30", None),
        ("１１:20", None),
        ("éé", None),
        ("ééam", None),
    ] {
        assert_eq!(time_of_day(typed), expected, "{typed:?}");
    }
    assert_eq!(time_of_day(&"9".repeat(100_000)), None);
}

fn name(given: &str, known_as: Option<&str>, family: &str) -> PupilName {
    PupilName {
        given_name: given.to_owned(),
        known_as: known_as.map(str::to_owned),
        family_name: family.to_owned(),
    }
}

#[test]
fn another_pupils_name_is_seen_however_it_is_written() {
    let own = name("Samuel", Some("Sam"), "Price");
    let others = [
        name("Robin", Some("Rob"), "Hart"),
        name("Aoife", None, "O’Neill"),
        name("Zoë", None, "van der Berg"),
        name("Sam", None, "Price"),
    ];
    for (text, expected) in [
        ("Pushed Robin Hart in the queue", true),
        ("ROBIN HART shouted", true),
        ("he hit rob hart.", true),
        ("Robin\n  Hart ran off", true),
        ("Robin Hart's bag", true),
        ("Robin Hart’s bag", true),
        ("(robin hart)", true),
        ("with Aoife O'Neill", true),
        ("with aoife o’neill", true),
        ("ZOË VAN DER BERG saw it", true),
        ("Robin Hartley was there", false),
        ("Mrobin Hart", false),
        ("Robin was there, and Hart too", false),
        ("Mr Hart came", false),
        ("Robin", false),
        ("Sam Price threw a chair", false),
        ("Samuel Price threw a chair at Pupil A", false),
        ("", false),
    ] {
        assert_eq!(names_somebody(&plain(text), &own, &others), expected, "{text:?}");
    }
}
