//! The day a target is to be met by.

use time::macros::date;
use waymark::domain::target;

#[test]
fn s1_14_the_later_of_its_own_day_and_the_one_it_was_extended_to() {
    let own = date!(2026 - 12 - 12);
    for (until, due, words) in [
        (None, own, None),
        (
            Some(date!(2027 - 01 - 23)),
            date!(2027 - 01 - 23),
            Some("12 December 2026, extended to 23 January 2027"),
        ),
        (Some(own), own, None),
        (Some(date!(2026 - 12 - 01)), own, None),
    ] {
        assert_eq!(target::due(own, until), due, "{until:?}");
        assert_eq!(target::extended_words(own, until).as_deref(), words, "{until:?}");
    }
}
