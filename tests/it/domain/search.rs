//! What somebody types to find a pupil.

use waymark::domain::search::{MAX_CHARS, Sought, Unclear};

fn read(typed: &str) -> (Option<String>, Option<String>, Option<i64>) {
    let sought = Sought::read(typed).unwrap();
    (sought.name, sought.upn_end, sought.case_number)
}

#[test]
fn a_name_an_end_of_a_upn_or_a_number() {
    let some = |text: &str| Some(text.to_owned());
    for (typed, name, upn, number) in [
        ("Zoë Price", some("Zoë Price"), None, None),
        ("  price ", some("price"), None, None),
        ("4821", None, some("4821"), None),
        ("482", some("482"), None, None),
        ("482h", None, some("482H"), None),
        ("10342", None, some("10342"), Some(10342)),
        ("case 10342", None, None, Some(10342)),
        ("CASE#10342", None, None, Some(10342)),
        ("case 12", some("case 12"), None, None),
        ("p207000016049", None, some("P207000016049"), None),
        ("P2070 0001 6049", None, some("P2070 0001 6049").map(|u| u.replace(' ', "")), None),
        ("P20700001604", some("P20700001604"), None, None),
        ("99999999999999999999", some("99999999999999999999"), None, None),
        ("Case", some("Case"), None, None),
        ("O'Neill", some("O'Neill"), None, None),
    ] {
        assert_eq!(read(typed), (name, upn, number), "{typed}");
    }
}

#[test]
fn what_is_too_little_or_too_much() {
    for (typed, unclear) in [
        ("", Unclear::Nothing),
        (" \t ", Unclear::Nothing),
        ("a", Unclear::TooShort),
        ("-%_a", Unclear::TooShort),
        ("🙂🙂🙂", Unclear::TooShort),
    ] {
        assert_eq!(Sought::read(typed), Err(unclear), "{typed}");
    }
    assert!(Sought::read(&"é".repeat(MAX_CHARS)).is_ok());
    assert_eq!(Sought::read(&"é".repeat(MAX_CHARS + 1)), Err(Unclear::TooLong));
}
