//! Files of pupils: the ways they are written, what is wrong with a line, what a line would do.

use std::collections::BTreeSet;

use proptest::prelude::*;
use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    ids::PupilId,
    pupil::{PupilDetails, SendStatus},
    pupil_file::{
        MAX_ROWS,
        compare::{Fate, Known, Line, compare},
        decode, read, template,
    },
    upn::Upn,
};

const TODAY: Date = date!(2026 - 11 - 24);
const HEAD: &str = "Given name,Family name,Date of birth,UPN,Reason for no UPN,SEN,On roll from";

fn file(lines: &[&str]) -> String {
    format!("{HEAD}\n{}\n", lines.join("\n"))
}

fn upn(rest: &str) -> String {
    "ABCDEFGHJKLMNPQRTUVWXYZ"
        .chars()
        .map(|letter| format!("{letter}{rest}"))
        .find(|upn| Upn::parse(upn).is_ok())
        .unwrap()
}

fn known(given: &str, family: &str, born: Date, upn: Option<&str>) -> Known {
    Known {
        id: PupilId::from(Uuid::now_v7()),
        version: 1,
        details: PupilDetails {
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            known_as: Some("Sammy".to_owned()),
            pronouns: None,
            born_on: born,
            year_offset: 0,
            year_reason: None,
            upn: upn.map(|upn| Upn::parse(upn).unwrap()),
            no_upn_reason: upn.is_none().then(|| "New here".to_owned()),
            send: SendStatus::Ehcp,
            looked_after: true,
            eal: false,
        },
        left_on: None,
    }
}

fn plan(lines: &[&str], known: &[Known], elsewhere: &[&str]) -> Vec<Line> {
    let elsewhere: BTreeSet<_> = elsewhere.iter().map(|upn| (*upn).to_owned()).collect();
    compare(read(&file(lines), TODAY).unwrap(), known, &elsewhere, TODAY)
}

/// What would happen, in a few words.
fn said(line: &Line) -> String {
    match &line.fate {
        Fate::New(details, from) => format!("new {} {from}", details.given_name),
        Fate::Changed(changed) => changed
            .changes
            .iter()
            .map(|(field, was, is)| format!("{field}: {was} > {is}"))
            .collect::<Vec<_>>()
            .join("; "),
        Fate::Same(_) => "same".to_owned(),
        Fate::Clash(words, _) => format!("clash: {words}"),
        Fate::Elsewhere => "elsewhere".to_owned(),
        Fate::Wrong(faults) => format!("wrong: {}", faults.join("; ")),
    }
}

#[test]
fn every_usual_way_of_writing_is_read() {
    let text = file(&["Zoë,O’Neill,27/3/2013,,New here,K,2/9/2024"]);
    let utf_16 = |big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let old = text.chars().map(|c| match c {
        'ë' => 0xeb,
        '’' => 0x92,
        c => u8::try_from(c).unwrap(),
    });
    let ways: [(&str, Vec<u8>); 6] = [
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8 with its mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16", utf_16(false)),
        ("UTF-16, big end first", utf_16(true)),
        ("Windows-1252", old.collect()),
        ("lines of old machines", text.replace('\n', "\r").into_bytes()),
    ];
    for (way, bytes) in ways {
        let read = read(&decode(&bytes), TODAY).unwrap();
        assert_eq!(read.faults, vec![], "{way}");
        assert_eq!((&*read.rows[0].given_name, &*read.rows[0].family_name), ("Zoë", "O’Neill"), "{way}");
    }
}

#[test]
fn columns_are_found_by_name_whatever_their_order_and_case() {
    let text = "dob;SURNAME;Form;Preferred Forename;Forename;Eal;year group;Reason\n\
                2013-03-27;Price;9B;Sam;Samuel;Y;Year 8;Moved up late\n";
    let read = read(text, TODAY).unwrap();
    assert_eq!(read.unknown, ["Form"]);
    let row = &read.rows[0];
    assert_eq!((row.born_on, row.eal, row.year), (date!(2013 - 03 - 27), Some(true), Some(8)));
    assert_eq!((row.known_as.as_deref(), row.year_reason.as_deref()), (Some("Sam"), Some("Moved up late")));
    assert_eq!(
        waymark::domain::pupil_file::read(&template(), TODAY).unwrap_err(),
        "The file has a heading and no pupils"
    );
}

#[test]
fn what_is_no_list_is_said_in_a_sentence() {
    for (text, says) in [
        (" \n", "The file is empty"),
        ("PK\u{3}\u{4}\u{fffd}\u{fffd}", "Save it as CSV"),
        ("%PDF-1.7", "Save it as CSV"),
        ("name,age\nSam,3\n", "There is none for: given name, family name, date of birth"),
        ("Forename,Given name,Surname,DOB\na,b,c,d\n", "Two columns are the given name"),
    ] {
        let refusal = read(text, TODAY).unwrap_err();
        assert!(refusal.contains(says), "{text}: {refusal}");
    }
    let many = (0..=MAX_ROWS).map(|n| format!("A,B{n},27/3/2013")).collect::<Vec<_>>().join("\n");
    let refusal = read(&format!("Given name,Family name,DOB\n{many}"), TODAY).unwrap_err();
    assert!(refusal.contains("more than 20,000 pupils"), "{refusal}");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let lines = [
        "Sam,Price,31/02/2012,,New,,2/9/2024",
        ",Price,27/3/2013,,New,,2/9/2024",
        "Sam,Price,27/3/2031,,New,,2/9/2024",
        "Sam,Price,27/3/2013,q207000016049,,,2/9/2024",
        "\"Sam\nuel\",Price,27/3/2013,,New,maybe,2/9/2024",
        "Sam,Price,27/3/2013,,New,,2/9/2009",
        "Sam,Price,27/3/2013,,New,,2/9/2024,Smith",
        "Pri\u{202e}ce,Price,27/3/2013,,New,,2/9/2024",
        "Sam,Pr\u{fffd}ce,27/3/2013,,New,,2/9/2024",
    ];
    let read = read(&file(&lines), TODAY).unwrap();
    assert!(read.rows.is_empty());
    let want = [
        (2, "date of birth \"31/02/2012\" is not a day"),
        (3, "given name is missing"),
        (4, "date of birth 27 March 2031 is not that of a pupil"),
        (5, "it must be P, not Q"),
        (6, "SEN \"maybe\" must be none, SEN support (K) or EHCP (E)"),
        (8, "on roll from 2 September 2009 cannot be"),
        (9, "it has more cells than the heading"),
        (10, "given name holds characters that no name has"),
        (11, "family name holds characters that no name has"),
    ];
    assert_eq!(read.faults.len(), want.len());
    for ((line, faults), (number, says)) in read.faults.iter().zip(want) {
        assert!(*line == number && faults.join("; ").contains(says), "{number} {says}: {line} {faults:?}");
    }
}

#[test]
fn each_line_has_one_fate() {
    let (one, two, far) = (upn("803490000001"), upn("803490000002"), upn("803490000003"));
    let born = date!(2013 - 03 - 27);
    let records = [
        known("Sam", "Price", born, Some(&one)),
        known("Ada", "Khan", born, None),
        known("Lee", "Twin", born, None),
        known("Lee", "Twin", born, None),
        known("Kit", "Moss", born, Some(&two)),
        Known { left_on: Some(date!(2026 - 07 - 17)), ..known("Old", "Boy", born, None) },
    ];
    for (line, says) in [
        (format!("Sam,Price,27/3/2013,{one},,,"), "same"),
        // Empty cells say nothing, capitals of names that are otherwise equal are a change to be ticked.
        (format!("SAM,Price,27/3/2013,{one},,,"), "Given name: Sam > SAM"),
        (
            format!("Sam,Prise,27/3/2013,{one},,K,"),
            "Family name: Price > Prise; Special educational needs: Education, health and care plan > SEN support",
        ),
        (format!("Sam,Price,28/3/2013,{one},,,"), "Date of birth: 27 March 2013 > 28 March 2013"),
        (
            format!("Jo,Price,28/3/2014,{one},,,"),
            "clash: The UPN is recorded for another pupil: Sammy Price, born 27 March 2013",
        ),
        ("Ada,Khan,27/3/2013,,,,".to_owned(), "same"),
        (
            format!("ada,khan,27/3/2013,{far},,,"),
            "Given name: Ada > ada; Family name: Khan > khan; UPN: none > ",
        ),
        ("Lee,Twin,27/3/2013,,,,".to_owned(), "clash: 2 pupils of this name and date of birth are recorded"),
        (
            "Kit,Moss,27/3/2013,,x,,2/9/2024".to_owned(),
            "clash: Sammy Moss, born 27 March 2013 is recorded with a UPN",
        ),
        (
            format!("Kit,Moss,27/3/2013,{far},,,"),
            "clash: Sammy Moss, born 27 March 2013 is recorded with another UPN",
        ),
        (
            "Old,Boy,27/3/2013,,,,".to_owned(),
            "clash: Sammy Boy, born 27 March 2013 left the roll on 17 July 2026",
        ),
        ("New,Pupil,27/3/2013,,Came today,,24/11/2026".to_owned(), "new New 2026-11-24"),
        ("New,Pupil,27/3/2013,,,,24/11/2026".to_owned(), "wrong: UPN is missing"),
        (format!("New,Pupil,27/3/2013,{far},,,"), "wrong: on roll from is missing"),
    ] {
        let plan = plan(&[&line], &records, &[]);
        assert!(said(&plan[0]).starts_with(says), "{line}: {}", said(&plan[0]));
    }
    let there = plan(&[&format!("New,Pupil,27/3/2013,{far},,,24/11/2026")], &records, &[&far]);
    assert_eq!(said(&there[0]), "elsewhere", "and nothing more is said");
}

#[test]
fn two_lines_about_one_pupil_clash_both() {
    let one = upn("803490000001");
    let record = [known("Ada", "Khan", date!(2013 - 03 - 27), None)];
    for lines in [
        [format!("A,B,27/3/2013,{one},,,2/9/2024"), format!("C,D,27/3/2014,{one},,,2/9/2024")],
        ["A,B,27/3/2013,,x,,2/9/2024".to_owned(), "a,b,27/3/2013,,x,,2/9/2024".to_owned()],
        // One by the number it would get, the other by its name.
        [format!("Ada,Khan,27/3/2013,{one},,,"), "Ada,Khan,27/3/2013,,,,".to_owned()],
    ] {
        let plan = plan(&[&lines[0], &lines[1]], &record, &[]);
        assert_eq!(said(&plan[0]), "clash: Line 3 is about the same pupil", "{lines:?}");
        assert_eq!(said(&plan[1]), "clash: Line 2 is about the same pupil", "{lines:?}");
    }
}

#[test]
fn another_year_asks_why_once() {
    let born = date!(2013 - 03 - 27);
    let text = |year: &str, why: &str| {
        format!("Given name,Family name,DOB,Year group,Reason\nAda,Khan,27/3/2013,{year},{why}\n")
    };
    let mut record = known("Ada", "Khan", born, None);
    let fate = |text: &str, record: &Known| {
        said(&compare(read(text, TODAY).unwrap(), std::slice::from_ref(record), &BTreeSet::new(), TODAY)[0])
    };
    assert_eq!(fate(&text("9", ""), &record), "same");
    assert_eq!(
        fate(&text("8", ""), &record),
        "wrong: reason is missing: the pupil is not in Year 9, the usual year"
    );
    assert!(fate(&text("8", "Illness"), &record).starts_with("Year group: Year 9 > Year 8; Reason for"));
    assert!(fate(&text("2", "Illness"), &record).contains("more than 3 years"));
    record.details.year_offset = -1;
    record.details.year_reason = Some("Illness".to_owned());
    assert_eq!(fate(&text("8", ""), &record), "same", "the reason is known");
    assert_eq!(fate(&text("", ""), &record), "same", "an empty cell does not move anybody");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes_give_a_plan_or_a_sentence(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        headed in any::<bool>(),
    ) {
        let bytes = if headed { [HEAD.as_bytes(), b"\n", &bytes].concat() } else { bytes };
        match read(&decode(&bytes), TODAY) {
            Ok(read) => {
                let lines = read.rows.len() + read.faults.len();
                let plan = compare(read, &[known("A", "B", date!(2013 - 03 - 27), None)], &BTreeSet::new(), TODAY);
                prop_assert_eq!(plan.len(), lines, "no line is lost");
            }
            Err(sentence) => prop_assert!(sentence.len() > 10 && !sentence.contains('\0')),
        }
    }

    #[test]
    fn what_was_added_is_the_same_the_next_time(
        rows in prop::collection::vec(("[A-Z][a-z]{1,8}", "[A-Z][a-z]{1,8}", 2011..2015_i32, 1..28_u8, any::<bool>()), 1..30)
    ) {
        let lines: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(n, (given, family, year, day, numbered))| {
                let number = if *numbered { upn(&format!("8034{n:08}")) } else { String::new() };
                format!("{given},{family},{day}/3/{year},{number},Not yet,K,2/9/2024")
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut records = Vec::new();
        let first = plan(&lines, &records, &[]);
        for line in &first {
            if let Fate::New(details, _) = &line.fate {
                records.push(Known {
                    id: PupilId::from(Uuid::now_v7()),
                    version: 1,
                    details: (**details).clone(),
                    left_on: None,
                });
            }
        }
        for (before, after) in first.iter().zip(plan(&lines, &records, &[])) {
            let want = if matches!(before.fate, Fate::New(..)) { "same" } else { "clash" };
            prop_assert!(said(&after).starts_with(want), "{}: {}", said(before), said(&after));
        }
    }
}
