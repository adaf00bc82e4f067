//! A meeting as a calendar file (RFC 5545). It leaves Waymark, so it names no child.

use std::fmt::Write as _;

use time::{Date, OffsetDateTime, Time, UtcOffset};

use super::meeting::MeetingKind;

/// What a calendar needs to know about a meeting.
#[derive(Clone, Debug)]
pub struct Invitation<'a> {
    /// Stays the same however often the file is made.
    pub uid: &'a str,
    /// How often the meeting was changed.
    pub sequence: i32,
    /// Which kind.
    pub kind: MeetingKind,
    /// The number people say on the telephone.
    pub case_number: i64,
    /// The day.
    pub day: Date,
    /// From, on a London clock.
    pub starts_at: Time,
    /// Until, on a London clock.
    pub ends_at: Time,
    /// Where.
    pub place: &'a str,
    /// It was called off.
    pub cancelled: bool,
}

/// The rules of the clock in London since 1996: without them a calendar elsewhere shows the wrong hour.
const LONDON: [&str; 16] = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "TZNAME:BST",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "TZNAME:GMT",
    "END:STANDARD",
];

impl Invitation<'_> {
    /// The file, made at `now`.
    pub fn file(&self, now: OffsetDateTime) -> String {
        let mut lines: Vec<String> =
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Waymark//Meetings//EN", "METHOD:PUBLISH"]
                .into_iter()
                .chain(LONDON)
                .map(str::to_owned)
                .collect();
        let stamp = now.to_offset(UtcOffset::UTC);
        let status = if self.cancelled { "CANCELLED" } else { "CONFIRMED" };
        lines.extend([
            "END:VTIMEZONE".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escaped(self.uid)),
            format!("SEQUENCE:{}", self.sequence),
            format!("DTSTAMP:{}Z", local(stamp.date(), stamp.time())),
            format!("DTSTART;TZID=Europe/London:{}", local(self.day, self.starts_at)),
            format!("DTEND;TZID=Europe/London:{}", local(self.day, self.ends_at)),
            format!("SUMMARY:{}", escaped(&format!("Meeting about a pupil, case {}", self.case_number))),
            format!("DESCRIPTION:{}", escaped(self.kind.label())),
            format!("LOCATION:{}", escaped(self.place)),
            "CLASS:PRIVATE".to_owned(),
            format!("STATUS:{status}"),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ]);
        lines.iter().map(|line| folded(line)).collect()
    }
}

fn local(day: Date, at: Time) -> String {
    let mut text = String::with_capacity(15);
    let _ = write!(
        text,
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        day.year(),
        u8::from(day.month()),
        day.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    text
}

/// Text as a calendar file carries it: backslash, semicolon, comma and new line are escaped, other control
/// characters are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line with its CRLF, folded so that no line is longer than 75 octets and no character is cut.
pub fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}
