use time::{Date, macros::date};
use uuid::Uuid;
use waymark::domain::{
    calendar::{Span, SpanKind},
    calendar_change::{Change, Moved, from_last_year, from_model, new_ones},
    calendar_file::read,
    ids::SpanId,
};

const TODAY: Date = date!(2026 - 11 - 24);

fn span(kind: SpanKind, name: &str, from: Date, to: Date) -> Span {
    Span { kind, name: name.to_owned(), from, to }
}

fn kept(spans: Vec<Span>) -> Vec<(SpanId, Span)> {
    (1..).zip(spans).map(|(n, span)| (SpanId::from(Uuid::from_u128(n)), span)).collect()
}

fn autumn() -> Vec<(SpanId, Span)> {
    kept(vec![
        span(SpanKind::Term, "Autumn 2026", date!(2026 - 09 - 02), date!(2026 - 10 - 23)),
        span(SpanKind::Inset, "Training", date!(2026 - 09 - 02), date!(2026 - 09 - 02)),
        span(SpanKind::BankHoliday, "Christmas Day", date!(2026 - 12 - 25), date!(2026 - 12 - 25)),
        span(SpanKind::Closure, "Snow", date!(2026 - 12 - 01), date!(2026 - 12 - 02)),
    ])
}

#[test]
fn a_change_adds_replaces_and_removes() {
    let spans = autumn();
    let other = span(SpanKind::Term, "T", date!(2026 - 11 - 02), date!(2026 - 12 - 18));
    let add = Change { add: vec![other.clone()], ..Change::default() };
    assert_eq!(add.applied(&spans).len(), 5);
    let replace = Change { replace: Some((spans[0].0, other.clone())), ..Change::default() };
    assert_eq!(replace.applied(&spans)[0], other);
    let remove = Change { remove: Some(spans[0].0), ..Change::default() };
    assert!(remove.applied(&spans).iter().all(|span| span.kind != SpanKind::Term));
    assert_eq!(add.overlapping_terms(&spans), None);
    let late = span(SpanKind::Term, "T", date!(2026 - 10 - 23), date!(2026 - 12 - 18));
    assert!(Change { add: vec![late], ..Change::default() }.overlapping_terms(&spans).is_some());
}

#[test]
fn copies_leave_out_what_is_there_and_bank_holidays() {
    let spans = autumn();
    assert_eq!(from_model(&spans, 2026).len(), 2, "terms and INSET days");
    assert_eq!(from_model(&spans, 2027), []);
    let later = from_last_year(&spans, 2027);
    assert_eq!(later.len(), 3);
    assert_eq!((later[0].name.as_str(), later[0].from), ("Autumn 2027", date!(2027 - 09 - 01)));
    assert_eq!(later[0].from.weekday(), spans[0].1.from.weekday());
    // 52 weeks after 1 or 2 September can be the end of August, which is the old school year.
    for (from, wanted) in [
        (date!(2025 - 09 - 01), date!(2026 - 09 - 01)),
        (date!(2027 - 09 - 02), date!(2028 - 09 - 01)),
        (date!(2026 - 09 - 01), date!(2027 - 09 - 01)),
    ] {
        let year = from.year() + 1;
        let last = kept(vec![
            span(SpanKind::Inset, "Training", from, from),
            span(SpanKind::Term, "Term 1", from, date!(2025 - 10 - 24).replace_year(from.year()).unwrap()),
        ]);
        let copied = from_last_year(&last, year);
        assert_eq!((copied[0].from, copied[0].to, copied[1].from), (wanted, wanted, wanted), "{from}");
        assert!(copied[1].to > wanted);
        assert_eq!(from_last_year(&kept(copied), year + 1).len(), 2, "and it is copied again from there");
    }
    let (new, known) = new_ones(from_model(&spans, 2026), &spans);
    assert_eq!((new.len(), known.len()), (0, 2));
    let twice = [later[0].clone(), later[0].clone()].to_vec();
    assert_eq!(new_ones(twice, &spans).0.len(), 1);
}

#[test]
fn what_moves_is_said_in_words() {
    let moved = Moved { dates: 14, cases: 9, first: Some(date!(2026 - 12 - 04)), reckoned: 20, open: 20 };
    assert_eq!(moved.words(), "This changes 14 due dates of 9 open cases, from Friday 4 December 2026 on.");
    assert_eq!(Moved { reckoned: 3, open: 3, ..Moved::default() }.words(), "This changes no due date.");
    let some = Moved { dates: 1, cases: 1, reckoned: 400, open: 900, ..moved };
    assert!(some.words().ends_with("Reckoned for 400 of 900 open cases: there may be more."));
}

#[test]
fn files_are_read_line_by_line_or_say_which_line_is_wrong() {
    let file = "\u{feff}name;start date;end date\r\nTerm 1;02.09.2026;23/10/2026\r\n;;\r\nINSET;2 Sept 2026;\r\nHalf term;26/10/2026;30/10/2026\r\n";
    let found = read(file, TODAY);
    assert_eq!(found.faults, []);
    assert_eq!(found.spans.len(), 2);
    assert_eq!(found.spans[0], span(SpanKind::Term, "Term 1", date!(2026 - 09 - 02), date!(2026 - 10 - 23)));
    assert_eq!(found.left_out.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5]);
    for (file, line, says) in [
        ("", 1, "columns"),
        ("a,b\n1,2\n", 1, "columns"),
        ("name,from\nINSET,31/2/2027\n", 2, "is no day"),
        ("name,from\nSports day,1/2/2027\n", 2, "does not say whether"),
        ("name,from,to\nTerm 1,2/9/2026,\n", 2, "first and its last day"),
        ("name,from,to\nTerm 1,2/9/2026,1/9/2026\n", 2, "must not be before"),
        ("name,from,to,kind\nTerm 1,2/9/2026,3/9/2026,feast\n", 2, "the kind must be"),
        ("name,from\n\"INSET, \nof two lines\",1/2/2027\nX,1/2/2027\n", 4, "does not say whether"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", 1, "no term"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:INSET\nEND:VEVENT", 2, "no first day"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:INSET\nDTSTART:2026\nEND:VEVENT", 2, "is no day"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:INSET\nDTSTART:20270201\nRRULE:X\nEND:VEVENT", 2, "repeats"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:INSET\nDTSTART:20270201", 4, "ends within"),
    ] {
        let found = read(file, TODAY);
        let (at, why) = found.faults.first().unwrap_or_else(|| panic!("{file}: {found:?}"));
        assert!(*at == line && why.contains(says), "{file}: {at} {why}");
    }
}

#[test]
fn days_of_calendar_files_are_those_people_see() {
    let event = |from: &str, to: &str| {
        let file = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:School closed\nDTSTART{from}\nDTEND{to}\nEND:VEVENT\nEND:VCALENDAR"
        );
        let found = read(&file, TODAY);
        (found.spans[0].from, found.spans[0].to)
    };
    let (first, second) = (date!(2027 - 02 - 01), date!(2027 - 02 - 02));
    assert_eq!(
        event(";VALUE=DATE:20270201", ";VALUE=DATE:20270203"),
        (first, second),
        "the end is not included"
    );
    assert_eq!(event(":20270201T090000", ":20270201T150000"), (first, first));
    assert_eq!(event(":20270201T000000", ":20270202T000000"), (first, first), "until midnight");
    assert_eq!(
        event(";VALUE=DATE:20270201", ";VALUE=DATE:20270201"),
        (first, first),
        "some end on the day itself"
    );
}
