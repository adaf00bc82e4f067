//! Every chart is drawn as its table says: the markup is read back and compared, number by number.

use askama::Template;
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};
use time::{Duration, macros::date};
use waymark::{
    domain::trend::Trend,
    web::charts::{Column, LimitBar, Multiples, Panel, PanelDay, RunChart, RunPoint, Sparkline, StackedBars},
};

#[derive(Template)]
#[template(
    source = r#"{% import "components/charts.html" as charts %}{{ charts::run_chart(chart) }}"#,
    ext = "html"
)]
struct Run<'a> {
    chart: &'a RunChart,
}

#[derive(Template)]
#[template(
    source = r#"{% import "components/charts.html" as charts %}{{ charts::stacked_bars(chart) }}"#,
    ext = "html"
)]
struct Stacked<'a> {
    chart: &'a StackedBars,
}

#[derive(Template)]
#[template(
    source = r#"{% import "components/charts.html" as charts %}{{ charts::multiples(chart) }}"#,
    ext = "html"
)]
struct Many<'a> {
    chart: &'a Multiples,
}

#[derive(Template)]
#[template(
    source = r#"{% import "components/charts.html" as charts %}{{ charts::limit_bar(bar) }}{{ charts::sparkline(line) }}"#,
    ext = "html"
)]
struct Small<'a> {
    bar: &'a LimitBar,
    line: &'a Sparkline,
}

fn sel(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

fn number(element: ElementRef<'_>, name: &str) -> f64 {
    let text = element.value().attr(name).unwrap_or_else(|| panic!("{name} of {}", element.html()));
    text.parse().unwrap()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The numbers of a table, row by row.
fn table(html: &Html) -> Vec<Vec<f64>> {
    let (rows, cells) = (sel("tbody tr"), sel("td"));
    let row = |row: ElementRef<'_>| row.select(&cells).map(|cell| text(cell).parse().unwrap()).collect();
    html.select(&rows).map(row).collect()
}

/// Reads each drawing of a stacked chart back: heights are the table's numbers on one scale, parts stand on one
/// another without holes, and nothing else is drawn.
fn stacked_as_told(chart: &StackedBars) {
    let html = Html::parse_fragment(&Stacked { chart }.render().unwrap());
    let told = table(&html);
    assert_eq!(told.len(), chart.columns.len());
    let svgs: Vec<_> = html.select(&sel("svg")).collect();
    assert_eq!(svgs.len(), 2);
    for svg in svgs {
        let lines: Vec<_> = svg.select(&sel("line")).map(|line| number(line, "y1")).collect();
        let (bottom, top) = (lines[0], lines[lines.len() - 1]);
        let axis: f64 = {
            let labels: Vec<_> = svg.select(&sel("text[text-anchor=end]")).map(text).collect();
            labels.last().unwrap().parse().unwrap()
        };
        let scale = (bottom - top) / axis;
        let mut drawn = vec![vec![0.0; chart.series.len()]; told.len()];
        let mut stands = vec![bottom; told.len()];
        for rect in svg.select(&sel("rect[data-at]")) {
            let at: Vec<usize> =
                rect.value().attr("data-at").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
            let (y, height) = (number(rect, "y"), number(rect, "height"));
            drawn[at[0]][at[1]] = height / scale;
            assert!((y + height - stands[at[0]]).abs() < 0.05, "a hole below {}", rect.html());
            stands[at[0]] = y;
            assert!(y >= top - 0.05, "above the axis: {}", rect.html());
        }
        for (column, row) in told.iter().enumerate() {
            let (parts, all) = row.split_at(chart.series.len());
            for (series, value) in parts.iter().enumerate() {
                let is = drawn[column][series];
                assert!((is - value).abs() <= 0.011 * axis, "column {column}: drawn {is}, told {value}");
            }
            assert!((all[0] - parts.iter().sum::<f64>()).abs() < 0.001);
        }
        // Names never stand over one another.
        let mut names: Vec<_> = svg.select(&sel("text[font-size='13']")).map(|n| number(n, "y")).collect();
        assert_eq!(names.len(), chart.series.len());
        names.sort_by(f64::total_cmp);
        assert!(names.windows(2).all(|two| two[1] - two[0] >= 15.9), "{names:?}");
    }
}

fn run(percents: &[Option<u8>], goal: u8, middle: Option<u8>) -> RunChart {
    let point = |(day, percent): (i64, &Option<u8>)| RunPoint {
        day: date!(2026 - 11 - 02) + Duration::days(day),
        axis: format!("{day} Nov"),
        name: format!("Day {day}"),
        percent: *percent,
        words: percent.map_or("no points recorded".to_owned(), |p| format!("{p} of 100 points ({p}%)")),
        reached: percent.is_some_and(|p| p >= goal),
        remark: String::new(),
    };
    RunChart {
        id: "progress".to_owned(),
        title: "At or above the goal on some days".to_owned(),
        goal: Some(goal),
        middle,
        points: (0..).zip(percents).map(point).collect(),
        markers: vec![],
    }
}

#[test]
fn the_middle_of_a_run_is_drawn_named_and_said_where_the_goal_is_not() {
    let percents: Vec<_> = (0..12).map(|day| Some(60 + 2 * day)).collect();
    for (goal, middle) in [(80, 71), (80, 80), (80, 83), (100, 100), (1, 0)] {
        let chart = run(&percents, goal, Some(middle));
        let html = Html::parse_fragment(&Run { chart: &chart }.render().unwrap());
        let svgs: Vec<_> = html.select(&sel("svg")).collect();
        assert_eq!(svgs.len(), 2);
        for svg in svgs {
            let word = |word: &str| svg.select(&sel("text")).find(|one| text(*one) == word).unwrap();
            let line = svg.select(&sel("line[data-middle]")).next().unwrap();
            let (bottom, top) = {
                let grid: Vec<_> = svg.select(&sel("line")).map(|line| number(line, "y1")).collect();
                (grid[2], grid[0])
            };
            let drawn = (bottom - number(line, "y1")) / (bottom - top) * 100.0;
            assert!((drawn - f64::from(middle)).abs() < 1.0, "drawn {drawn}, told {middle}");
            assert!((number(word("Middle"), "y") - number(line, "y1") - 4.0).abs() < 0.1);
            // On the other side of the plot than the goal's word and the scale, and inside the box.
            let (at, width) =
                (number(word("Middle"), "x"), svg.value().attr("viewbox").or(svg.value().attr("viewBox")));
            let width: f64 = width.unwrap().split(' ').nth(2).unwrap().parse().unwrap();
            assert!(number(word("Goal"), "x") < number(line, "x1"));
            assert!(at > number(line, "x2") && at + 42.0 <= width, "{at} of {width}");
            assert!(svg.select(&sel("circle")).all(|dot| number(dot, "cx") + 5.0 < at));
            let said = text(svg.select(&sel("desc")).next().unwrap());
            assert!(said.contains(&format!("Between 60% and 82%, in the middle {middle}%.")), "{said}");
        }
        assert!(text(html.root_element()).contains(&format!("put in order, {middle}%.")));
    }
    // Too few days have no middle.
    let chart = run(&percents[..9], 80, None);
    let html = Html::parse_fragment(&Run { chart: &chart }.render().unwrap());
    assert_eq!(html.select(&sel("[data-middle]")).count(), 0);
    assert!(!text(html.root_element()).to_lowercase().contains("middle"));
}

fn stacked(columns: Vec<Vec<u32>>, series: usize) -> StackedBars {
    StackedBars {
        id: "stages".to_owned(),
        title: "Two more pupils at Stage 2 than at half term".to_owned(),
        first_column: "Week ending".to_owned(),
        unit: ("pupil", "pupils"),
        series: ["Stage 1", "Stage 2", "Stage 3", "Left"][..series].to_vec(),
        columns: columns
            .into_iter()
            .enumerate()
            .map(|(at, values)| Column { axis: format!("{at} Nov"), name: format!("Week {at}"), values })
            .collect(),
    }
}

#[test]
fn a_stack_is_drawn_as_its_table_says() {
    stacked_as_told(&stacked(vec![vec![7, 5, 2], vec![8, 6, 0], vec![0, 0, 0], vec![1, 0, 40]], 3));
    let empty = Html::parse_fragment(&Stacked { chart: &stacked(vec![], 3) }.render().unwrap());
    assert_eq!(empty.select(&sel("svg, table")).count(), 0);
}

#[test]
fn every_chart_has_a_sentence_a_description_and_other_patterns_for_other_series() {
    let chart = stacked(vec![vec![7, 5, 2, 1], vec![8, 6, 3, 4]], 4);
    let html = Html::parse_fragment(&Stacked { chart: &chart }.render().unwrap());
    for svg in html.select(&sel("svg")) {
        assert_eq!(text(svg.select(&sel("title")).next().unwrap()), chart.title);
        let words = text(svg.select(&sel("desc")).next().unwrap());
        assert!(words.contains("Week 1: 21 pupils (Stage 1: 8, Stage 2: 6, Stage 3: 3, Left: 4)"), "{words}");
        let of = svg.value().attr("aria-labelledby").unwrap();
        for id in of.split(' ') {
            assert_eq!(html.select(&sel(&format!("[id='{id}']"))).count(), 1, "{id}");
        }
        let fills: std::collections::BTreeSet<_> =
            svg.select(&sel("rect[data-at]")).map(|rect| rect.value().attr("fill").unwrap()).collect();
        assert_eq!(fills.len(), 4, "{fills:?}");
        for fill in fills.iter().filter_map(|fill| fill.strip_prefix("url(#")) {
            let id = fill.trim_end_matches(')');
            assert_eq!(html.select(&sel(&format!("pattern[id='{id}']"))).count(), 1, "{id}");
        }
    }
}

proptest! {
    #[test]
    fn any_stack_is_drawn_as_its_table_says(
        (series, columns) in (1_usize..=4).prop_flat_map(|series| {
            (Just(series), prop::collection::vec(prop::collection::vec(0_u32..60, series), 1..14))
        })
    ) {
        stacked_as_told(&stacked(columns, series));
    }

    /// Each dot is where its number says, at the day it belongs to; a gap is no dot and no line across.
    #[test]
    fn any_multiple_is_drawn_as_its_table_says(
        days in prop::collection::vec(prop::option::of(0_u8..=100), 0..21), goal in 1_u8..=100
    ) {
        let day = |(at, percent): (usize, &Option<u8>)| PanelDay {
            name: format!("{at} Nov"),
            percent: *percent,
            reached: percent.is_some_and(|p| p >= goal),
            words: percent.map_or("not recorded".to_owned(), |p| format!("{p} of 100 points ({p}%)")),
        };
        let chart = Multiples {
            id: "goal".to_owned(),
            title: "1 of 1 pupils is at or above goal".to_owned(),
            first_column: "Pupil".to_owned(),
            panels: vec![Panel {
                name: "J Price".to_owned(), href: Some("/cases/1".to_owned()), goal, reached: Some(false),
                words: "37 of 50 points (74%)".to_owned(), recorded: "25 of 27 marks recorded".to_owned(),
                trend: "steady", days: days.iter().enumerate().map(day).collect(),
            }],
        };
        let html = Html::parse_fragment(&Many { chart: &chart }.render().unwrap());
        let told: Vec<_> = html.select(&sel(".wm-multiples__day")).map(text).collect();
        prop_assert_eq!(told.len(), days.len());
        let told: Vec<Option<f64>> = told.iter().map(|words| {
            let (_, percent) = words.split_once('(')?;
            percent.trim_end_matches(')').trim_end_matches('%').parse().ok()
        }).collect();
        let dots: Vec<_> = html.select(&sel("circle")).collect();
        let recorded: Vec<_> = told.iter().enumerate().filter_map(|(at, p)| Some((at, (*p)?))).collect();
        prop_assert_eq!(dots.len(), recorded.len());
        let mut before = 0.0;
        for (dot, (at, percent)) in dots.iter().zip(&recorded) {
            let drawn = (Panel::BOTTOM - number(*dot, "cy")) / (Panel::BOTTOM - Panel::TOP) * 100.0;
            prop_assert!((drawn - percent).abs() < 0.05, "drawn {drawn}, told {percent}");
            let filled = dot.value().attr("fill") == Some("#12436d");
            prop_assert_eq!(filled, *percent >= f64::from(goal));
            prop_assert!(number(*dot, "cx") > before);
            before = number(*dot, "cx");
            if days.len() > 1 {
                let along = (before - 40.0) / 170.0 * f64::from(u32::try_from(days.len() - 1).unwrap());
                prop_assert!((along - f64::from(u32::try_from(*at).unwrap())).abs() < 0.02);
            }
        }
        let runs = days.split(Option::is_none).filter(|run| !run.is_empty()).count();
        prop_assert_eq!(html.select(&sel("polyline")).count(), runs);
    }

    #[test]
    fn any_bar_is_as_long_as_its_number(halves in 0_u32..200) {
        let used = f64::from(halves) / 2.0;
        let bar = LimitBar { used, limit: 45, ticks: vec![5, 15, 45], words: format!("{used} of 45 days") };
        let line = Sparkline { points: vec![Some(50), None, Some(80), Some(90)], words: "x".to_owned(), trend: Trend::Steady };
        let html = Html::parse_fragment(&Small { bar: &bar, line: &line }.render().unwrap());
        let length = html.select(&sel("[data-used]")).next().map_or(0.0, |rect| number(rect, "width"));
        prop_assert!((length / 220.0 * 45.0 - used.min(45.0)).abs() < 0.01);
        prop_assert_eq!(html.select(&sel(".wm-limit path")).count(), usize::from(halves > 90));
        let words = text(html.select(&sel(".wm-limit__words")).next().unwrap());
        prop_assert_eq!(words, format!("{used} of 45 days"));
        let ticks: Vec<_> = html.select(&sel(".wm-limit line")).map(|tick| (number(tick, "x1") - 2.0) / 220.0 * 45.0).collect();
        let numbers: Vec<f64> = html.select(&sel(".wm-limit text")).map(|n| text(n).parse().unwrap()).collect();
        prop_assert_eq!(&numbers, &[5.0, 15.0, 45.0]);
        prop_assert!(ticks.iter().zip(&numbers).all(|(at, n)| (at - n).abs() < 0.01));
        prop_assert_eq!(html.select(&sel("svg:not([aria-hidden=true])")).count(), 0);
    }
}

#[test]
fn a_sparkline_has_its_number_and_its_word() {
    let bar = LimitBar { used: 0.0, limit: 45, ticks: vec![], words: String::new() };
    let line = Sparkline {
        points: vec![Some(0), Some(100), None, Some(50)],
        words: "37 of 50 points (74%)".to_owned(),
        trend: Trend::Falling,
    };
    let html = Html::parse_fragment(&Small { bar: &bar, line: &line }.render().unwrap());
    assert_eq!(text(html.select(&sel(".wm-spark")).next().unwrap()), "37 of 50 points (74%), falling");
    let lines: Vec<_> =
        html.select(&sel("polyline")).map(|l| l.value().attr("points").unwrap().trim()).collect();
    assert_eq!(lines, ["2,18 34,2", "96.5,10 99.5,10"]);
}
