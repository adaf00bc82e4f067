use proptest::prelude::*;
use waymark::domain::upn::{Upn, UpnError};

const RIGHT: &[&str] = &[
    "G803499926001",
    "W803499926002",
    "F803499925117",
    "K803490124999",
    "U801234523050",
    "H803499900000",
    "B801200005001",
    "P207000016049",
    "F80349992601A",
    "V80349992607Z",
    "T80349992642T",
];

#[test]
fn right_numbers_are_accepted() {
    for upn in RIGHT {
        assert_eq!(Upn::parse(upn).unwrap().as_str(), *upn);
    }
    assert_eq!(Upn::parse(" g8034 99926001 ").unwrap().as_str(), "G803499926001");
    assert!(Upn::parse("F80349992601A").unwrap().is_temporary());
    assert!(!Upn::parse("G803499926001").unwrap().is_temporary());
    assert_eq!(Upn::parse("G803499926001").unwrap().last_four(), "6001");
}

#[test]
fn wrong_numbers_are_explained() {
    assert!(matches!(Upn::parse("Q207000016049"), Err(UpnError::CheckLetter { right: 'P', typed: 'Q', .. })));
    for first in ["I", "O", "S"] {
        let upn = format!("{first}207000016049");
        assert!(matches!(Upn::parse(&upn), Err(UpnError::Character { place: 1, .. })), "{upn}");
    }
    assert_eq!(Upn::parse("P20700001604"), Err(UpnError::Length(12)));
    assert_eq!(Upn::parse("P2070000160499"), Err(UpnError::Length(14)));
    assert!(matches!(Upn::parse("P2070000160A9"), Err(UpnError::Character { place: 12, found: 'A' })));
    assert!(matches!(Upn::parse("P20700001604I"), Err(UpnError::Character { place: 13, .. })));
    assert!(Upn::parse("").is_err() && Upn::parse("£207000016049").is_err());
    let said = Upn::parse("Q207000016049").unwrap_err().to_string();
    assert!(said.contains("must be P") && said.contains("not Q"), "{said}");
}

#[test]
fn every_single_wrong_digit_is_found() {
    for upn in RIGHT {
        for place in 1..13 {
            for digit in '0'..='9' {
                let mut typed: Vec<char> = upn.chars().collect();
                if typed[place] == digit || typed[place].is_ascii_uppercase() {
                    continue;
                }
                typed[place] = digit;
                let typed: String = typed.into_iter().collect();
                assert!(Upn::parse(&typed).is_err(), "{upn} -> {typed}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,20}") {
        let _ = Upn::parse(&text);
    }
}
