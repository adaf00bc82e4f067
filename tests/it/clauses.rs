//! The table of clauses: every row of the programme's Stages 1 and 2 and its general part has a test of its own.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

/// Clause, how strictly it is held, what it is about.
const CLAUSES: &[(&str, &str, &str)] = &[
    ("T.01", "must", "pupils of Years 7 to 11 of a school that takes part"),
    ("R1.01", "record", "what came of the cases"),
    ("R1.02", "record", "the key elements as a catalogue of support"),
    ("R1.03", "should", "support shown and advice acted on before"),
    ("R1.04", "must", "why this pupil"),
    ("P2.01", "checklist", "the headteacher is kept informed"),
    ("P2.02", "record", "priority by agreement of school and service"),
    ("P2.03a", "should", "Stage 3 considered before a permanent exclusion"),
    ("P2.03b", "must", "a supported transfer only at Stage 3"),
    ("S1.01", "must", "a lead is named"),
    ("S1.02", "checklist", "formal meeting, PSP, parenting contract"),
    ("S1.03", "checklist", "early help considered"),
    ("S1.04", "checklist, should", "the LA representative explains the programme"),
    ("S1.05", "checklist", "the leaflet"),
    ("S1.06", "consider", "restorative and mediation meetings"),
    ("S1.07", "checklist, should", "support from the school's resources"),
    ("S1.08", "must, should", "clear targets, at most four"),
    ("S1.09", "checklist", "rewards and sanctions"),
    ("S1.10", "must, should", "short timescales"),
    ("S1.11", "checklist", "daily monitoring"),
    ("S1.12", "checklist, must", "weekly feedback to parents"),
    ("S1.13", "checklist", "weekly review by the lead"),
    ("S1.14", "must, should", "progress: the pupil moves off"),
    ("S1.15", "should", "a reasonable monitoring period"),
    ("S2.01", "checklist, should", "the Stage 2 meeting"),
    ("S2.02", "checklist", "early help reviewed or considered"),
    ("S2.03", "checklist", "advice about sanctions"),
    ("S2.04", "checklist", "both outcomes said"),
    ("S2.05", "must, should", "the meeting's details and outcomes"),
    ("S3.00", "must", "the door of Stage 3"),
    ("S3.01", "checklist", "a suspension as an alternative, or why none"),
    ("S3.02", "checklist, statutory", "work and procedure of the exclusion guidance"),
    ("S3.03", "checklist, should", "the review meeting with everybody's part"),
    ("S3.04", "must, checklist", "alternatives considered and agreed"),
    ("S3.05", "must, should, checklist", "the parents' formal agreement"),
    ("S3.06", "checklist", "early help reviewed or considered"),
    ("S3.07", "must, should", "the headteacher submits the papers to the panel"),
    ("S3.08", "must, should", "the panel allocates a place"),
    ("G.01", "record", "the programme's versions"),
];

/// Names of all tests, by the clause they begin with: `s1_02_...`.
fn tests_by_clause() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut todo = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let mut lines = text.lines().peekable();
            while let Some(line) = lines.next() {
                if !(line.trim().starts_with("#[test]") || line.trim().starts_with("#[tokio::test")) {
                    continue;
                }
                let Some(name) = lines
                    .by_ref()
                    .find_map(|line| Some(line.split_once("fn ")?.1.split('(').next()?.to_owned()))
                else {
                    continue;
                };
                for (clause, ..) in CLAUSES {
                    let prefix = clause.to_lowercase().replace('.', "_");
                    if name.starts_with(&format!("{prefix}_")) {
                        found.entry((*clause).to_owned()).or_default().push(name.clone());
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_clause_has_a_test_of_its_own() {
    let found = tests_by_clause();
    let mut table = vec!["\nclause  class               tests  about".to_owned()];
    let mut without = Vec::new();
    for (clause, class, about) in CLAUSES {
        let tests = found.get(*clause).map_or(&[][..], Vec::as_slice);
        table.push(format!("{clause:<7} {class:<19} {:>5}  {about}", tests.len()));
        table.extend(tests.iter().map(|name| format!("{:<36}{name}", "")));
        if tests.is_empty() {
            without.push(*clause);
        }
    }
    // Past the capture of the test runner: the table belongs in the output of every run.
    std::io::stderr().write_all((table.join("\n") + "\n").as_bytes()).unwrap();
    assert!(without.is_empty(), "clauses without a test: {without:?}");
}
