//! What a school's numbers say, in a sentence: the titles of the headteacher's overview.

/// Suspended days left of the 45 at which a pupil is shown as near the limit.
pub const NEAR_LIMIT_DAYS: u32 = 10;

/// What changed most between two counts by stage: "2 more pupils at Stage 2 than on 16 October 2026". Of changes that
/// are as large, the one at the higher stage is the news.
pub fn stage_finding(then: [u32; 3], now: [u32; 3], since: &str) -> String {
    let change = |at: usize| i64::from(now[at]) - i64::from(then[at]);
    let most = (0..3).max_by_key(|at| (change(*at).abs(), *at)).unwrap_or(0);
    let (by, stage) = (change(most), most + 1);
    let pupils = |n: u64| if n == 1 { "pupil" } else { "pupils" };
    match by {
        0 if now == [0; 3] => "No pupils are on the programme".to_owned(),
        0 => format!("As many pupils at every stage as on {since}"),
        1.. => {
            let by = by.unsigned_abs();
            format!("{by} more {} at Stage {stage} than on {since}", pupils(by))
        }
        _ => {
            let by = by.unsigned_abs();
            format!("{by} fewer {} at Stage {stage} than on {since}", pupils(by))
        }
    }
}

/// "11 of 18 pupils are at or above goal"; pupils without a mark are counted among the 18 and said apart.
pub fn goal_finding(reached: usize, of: usize, unrecorded: usize) -> String {
    let without = match unrecorded {
        0 => String::new(),
        1 => ", 1 has nothing recorded".to_owned(),
        n => format!(", {n} have nothing recorded"),
    };
    match of {
        0 => "No pupils are on the programme".to_owned(),
        1 => format!("{reached} of 1 pupil is at or above goal{without}"),
        n if reached == 1 => format!("1 of {n} pupils is at or above goal{without}"),
        n => format!("{reached} of {n} pupils are at or above goal{without}"),
    }
}
