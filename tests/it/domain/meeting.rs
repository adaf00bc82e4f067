//! Meetings: what sign-off needs, times as typed, calendar files.

use time::macros::{date, datetime, time};
use waymark::domain::{
    invitation::{Invitation, escaped, folded},
    meeting::{Attendance, MeetingKind, Minutes, Part, missing, reasons_missing, time_typed},
};

#[test]
fn times_are_read_as_people_type_them() {
    for (typed, read) in [
        ("3:30pm", Some(time!(15:30))),
        (" 3.30 PM ", Some(time!(15:30))),
        ("15:30", Some(time!(15:30))),
        ("1530", Some(time!(15:30))),
        ("9am", Some(time!(9:00))),
        ("12am", Some(time!(0:00))),
        ("12:05pm", Some(time!(12:05))),
        ("midday", Some(time!(12:00))),
        ("9", None),
        ("25:00", None),
        ("13pm", None),
        ("3:3pm", None),
        ("١٥:٣٠", None),
        ("ab:cd", None),
        ("éé", None),
        ("", None),
    ] {
        assert_eq!(time_typed(typed), read, "{typed}");
    }
}

#[test]
fn s1_02_s2_01_sign_off_needs_what_the_kind_settles() {
    let nothing = Minutes::default();
    for (kind, count) in [
        (MeetingKind::Stage1, 6),
        (MeetingKind::Stage2, 6),
        (MeetingKind::Stage3, 3),
        (MeetingKind::Restorative, 4),
        (MeetingKind::Mediation, 4),
        (MeetingKind::Review, 3),
    ] {
        assert_eq!(missing(kind, &nothing, false, 1).len(), count, "{kind:?}");
    }
    let decided = Minutes { decisions: Some("x".to_owned()), ..nothing };
    assert!(missing(MeetingKind::Review, &decided, true, 0).is_empty());
}

#[test]
fn s2_01_somebody_absent_asks_for_a_reason() {
    let nothing = Minutes::default();
    let none = |kind, people: &[(Part, Option<Attendance>)], services| -> Vec<&str> {
        reasons_missing(kind, &nothing, people, services).into_iter().map(|(field, _)| field).collect()
    };
    let parent = [(Part::Parent, Some(Attendance::Video))];
    assert!(none(MeetingKind::Stage1, &parent, true).is_empty(), "video is there");
    assert_eq!(
        none(MeetingKind::Stage1, &[(Part::Parent, Some(Attendance::Apologies))], false),
        ["without_parent"]
    );
    assert_eq!(none(MeetingKind::Stage2, &parent, true), ["without_service"]);
    assert!(none(MeetingKind::Stage2, &parent, false).is_empty());
    assert_eq!(none(MeetingKind::Stage3, &parent, true), ["without_la_representative"]);
    assert!(none(MeetingKind::Restorative, &[], true).is_empty());
}

#[test]
fn lines_are_folded_at_75_octets_and_no_character_is_cut() {
    for line in ["x".repeat(75), "x".repeat(76), "é".repeat(200), "😀".repeat(50), String::new()] {
        let out = folded(&line);
        assert!(out.ends_with("\r\n"));
        assert!(out.trim_end().split("\r\n").all(|part| part.len() <= 75), "{out}");
        assert_eq!(out.replace("\r\n ", "").trim_end(), line);
    }
    assert_eq!(folded(&"x".repeat(75)).matches("\r\n").count(), 1);
}

#[test]
fn text_is_escaped() {
    assert_eq!(escaped("a,b;c\\d\r\ne\nf\u{7}"), "a\\,b\\;c\\\\d\\ne\\nf");
}

#[test]
fn a_file_says_london_time_on_both_sides_of_the_clock_change() {
    for day in [date!(2026 - 10 - 23), date!(2026 - 10 - 26)] {
        let file = Invitation {
            uid: "u@waymark",
            sequence: 0,
            kind: MeetingKind::Stage1,
            case_number: 10342,
            day,
            starts_at: time!(9:00),
            ends_at: time!(10:00),
            place: "Room 4; left",
            cancelled: false,
        }
        .file(datetime!(2026-10-20 10:00 +1));
        let (start, stamp) = (
            format!("DTSTART;TZID=Europe/London:202610{:02}T090000\r\n", day.day()),
            "DTSTAMP:20261020T090000Z",
        );
        assert!(file.contains(&start) && file.contains(stamp), "{file}");
        assert!(
            file.contains("SUMMARY:Meeting about a pupil\\, case 10342\r\n")
                && file.contains("LOCATION:Room 4\\; left")
        );
        assert!(file.contains("BEGIN:VTIMEZONE") && file.contains("TZOFFSETTO:+0100"));
        assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    }
}
