//! The laws of the house, read from the source.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn files(dir: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut todo = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "nothing to look at in {dir}");
    found
}

fn uses(text: &str) -> String {
    text.split_whitespace().collect::<String>()
}

#[test]
fn floors_point_one_way() {
    let floors: [(&str, &[&str]); 4] = [
        (
            "src/domain",
            &[
                "crate::{db",
                "crate::db",
                "crate::state",
                "crate::web",
                "crate::features",
                "crate::config",
                "axum",
                "askama",
                "tokio",
                "std::env",
                "now_utc",
            ],
        ),
        ("src/db", &["crate::state", "crate::web", "crate::features", "axum", "askama"]),
        ("src/state", &["crate::web", "crate::features", "axum", "askama"]),
        ("src/web", &["crate::features", "features::"]),
    ];
    for (floor, forbidden) in floors {
        for (path, text) in files(floor, "rs") {
            for word in forbidden {
                let used =
                    text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
                assert!(!used, "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn rooms_do_not_know_each_other() {
    for (path, text) in files("src/features", "rs") {
        if path.ends_with("features/mod.rs") {
            continue;
        }
        assert!(!uses(&text).contains("features::"), "{} reaches into another room", path.display());
    }
}

#[test]
fn each_table_is_written_by_one_room() {
    let mut writers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files("src/features", "rs") {
        let room = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/features")).unwrap();
        let room = room.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for verb in ["insert into app.", "update app.", "delete from app."] {
            for (at, _) in flat.match_indices(verb) {
                let table: String = flat[at + verb.len()..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let rooms = writers.entry(table).or_default();
                if !rooms.contains(&room) {
                    rooms.push(room.clone());
                }
                let in_queries = path.ends_with("queries.rs") || path.ends_with("command_line.rs");
                assert!(in_queries, "{} writes outside queries.rs", path.display());
            }
        }
    }
    assert!(writers.len() > 10, "{writers:?}");
    for (table, rooms) in writers {
        // The case's own totals are kept by the transaction that records its day. Roles are given from the command
        // line, and a headteacher names their delegates. They are told of moves in one room and open it in another.
        let allowed = if ["cases", "grants", "head_notices"].contains(&table.as_str()) { 2 } else { 1 };
        assert!(rooms.len() <= allowed, "{table} is written by {rooms:?}");
    }
}

#[test]
fn raw_sql_is_in_one_place() {
    for (path, text) in files("src", "rs") {
        if text.contains("AssertSqlSafe") || text.contains("raw_sql") {
            // A world is made as the owner, from the command line: nothing of a request gets there.
            let expected = path.ends_with("db/scoped.rs") || path.ends_with("seed/copy.rs");
            assert!(expected, "{} sends unprepared SQL", path.display());
        }
    }
}

#[test]
fn templates_escape_everything_and_carry_no_inline_style() {
    for (path, text) in files("templates", "html") {
        assert!(!text.contains("|safe") && !text.contains("| safe"), "{} turns escaping off", path.display());
        assert!(
            !text.contains(" style=") && !text.contains("onclick"),
            "{} has inline style or script",
            path.display()
        );
        // A form that changes something has its key; signing in and out and hiding names change nothing twice.
        for form in text.split("<form ").skip(1).filter(|form| form.starts_with("method=\"post\"")) {
            let form = form.split("</form>").next().unwrap();
            let keyed = form.contains("govuk::key") || form.contains("form_key");
            let changes = !form.contains("/sign-") && !form.contains("/screen/");
            assert!(keyed || !changes, "a form without its key in {}: {form}", path.display());
        }
    }
}

#[test]
fn titles_carry_no_names() {
    for (path, text) in files("templates", "html") {
        for title in text.split("{% block title %}").skip(1) {
            let title = title.split("{% endblock %}").next().unwrap();
            assert!(!title.contains("name"), "{}: {title}", path.display());
        }
    }
}

#[test]
fn nothing_of_the_brand_we_may_not_use() {
    for (path, text) in files("templates", "html").into_iter().chain(files("static/src/own", "scss")) {
        for word in ["crown", "crest", "GDS Transport", "#1d70b8"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
    let css = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/dist/app.css")).unwrap();
    assert!(
        !css.contains("GDS Transport") && !css.contains("url("),
        "the built style sheet carries fonts or images"
    );
}

#[test]
fn migrations_say_why_and_name_their_constraints() {
    for (path, text) in files("migrations", "sql") {
        assert!(text.starts_with("-- Why:"), "{}", path.display());
    }
}

#[test]
fn each_class_of_ours_is_styled_in_one_file() {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files("static/src/own", "scss") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for line in text.lines().filter(|line| line.starts_with(".wm-")) {
            let name: String =
                line[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            // What prints, prints otherwise.
            let homes = homes.entry(name).or_default();
            if !homes.contains(&file) && file != "_print.scss" {
                homes.push(file.clone());
            }
        }
    }
    assert!(homes.len() > 30, "{homes:?}");
    for (name, files) in homes {
        assert!(files.len() <= 1, ".{name} is styled in {files:?}");
    }
}
