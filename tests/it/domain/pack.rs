//! The papers of a referral: what must be there, what is frozen for whom.

use waymark::domain::pack::{
    Audience, Item, Need, Needs, Paper, Presence, Share, freeze, mandatory_missing, optional_missing,
};

fn paper(item: Item) -> Paper {
    Paper {
        item,
        presence: Presence::Present,
        words: Some(format!("About {}", item.as_str())),
        reason: None,
        share: item.usual_share(),
        told_on: None,
    }
}

fn all() -> Vec<Paper> {
    Item::ALL.iter().map(|item| paper(*item)).collect()
}

fn change(item: Item, with: impl Fn(&mut Paper)) -> Vec<Paper> {
    let mut papers = all();
    with(papers.iter_mut().find(|paper| paper.item == item).unwrap());
    papers
}

#[test]
fn s3_07_the_checklist_names_what_is_missing() {
    let nobody = Needs::default();
    assert!(mandatory_missing(&all(), nobody).is_empty() && optional_missing(&all(), nobody).is_empty());
    let (must, may): (Vec<&Item>, Vec<&Item>) =
        Item::ALL.iter().partition(|item| item.need(nobody) != Need::Optional);
    assert_eq!(mandatory_missing(&[], nobody).len(), must.len());
    assert_eq!(optional_missing(&[], nobody).len(), may.len());
    assert_eq!((must.len(), may.len()), (13, 5));
}

#[test]
fn s3_07_each_document_stands_as_its_need_wants_it() {
    for item in Item::ALL {
        let need = item.need(Needs::default());
        let missing = |papers: &[Paper]| {
            [mandatory_missing(papers, Needs::default()), optional_missing(papers, Needs::default())].concat()
        };
        let gone = change(*item, |paper| paper.presence = Presence::Missing);
        assert_eq!(missing(&gone), [item.label()]);
        let empty = change(*item, |paper| paper.words = Some(" \n".to_owned()));
        assert_eq!(missing(&empty), [item.label()], "an empty document is none");
        let waived = change(*item, |paper| {
            paper.presence = Presence::NotNeeded;
            paper.reason = Some("The pupil has none".to_owned());
        });
        assert_eq!(missing(&waived).is_empty(), need != Need::Always, "{item:?}");
        let unexplained = change(*item, |paper| paper.presence = Presence::NotNeeded);
        assert_eq!(missing(&unexplained), [item.label()], "not needed without a reason");
        let kept_back = change(*item, |paper| paper.share = Share::Nobody);
        assert_eq!(missing(&kept_back).is_empty(), need != Need::Always, "{item:?} shared with nobody");
    }
}

#[test]
fn a22_a_plan_or_care_makes_its_document_mandatory() {
    for (pupil, item) in [
        (Needs { ehcp: true, looked_after: false }, Item::Send),
        (Needs { ehcp: false, looked_after: true }, Item::Flags),
    ] {
        assert_eq!((item.need(Needs::default()), item.need(pupil)), (Need::Optional, Need::Always));
        let gone = change(item, |paper| paper.presence = Presence::Missing);
        assert_eq!(mandatory_missing(&gone, pupil), [item.label()]);
    }
}

#[test]
fn exactly_what_is_shared_is_frozen() {
    let mut papers = all();
    for paper in &mut papers {
        match paper.item {
            Item::Risk => paper.share = Share::Nobody,
            Item::Transport => paper.share = Share::Receiving,
            Item::Agencies => paper.presence = Presence::Missing,
            Item::Attainment => {
                paper.presence = Presence::NotNeeded;
                paper.reason = Some("no assessment yet".to_owned());
                paper.words = Some("a draft nobody should read".to_owned());
            }
            _ => {}
        }
    }
    let frozen = freeze(&papers);
    assert_eq!(frozen.len(), Item::ALL.len() - 2);
    assert!(!frozen.iter().any(|section| matches!(section.item, Item::Risk | Item::Agencies)));
    let of = |item| frozen.iter().find(|section| section.item == item).unwrap();
    assert_eq!(of(Item::Transport).audience, Audience::Receiving);
    assert_eq!(of(Item::Attainment).words, "Not needed: no assessment yet");
    assert_eq!(of(Item::Psp).words, "About psp");
    assert_eq!(of(Item::Flags).audience, Audience::Receiving, "social care is not for the panel by itself");
    let order: Vec<_> = frozen.iter().map(|section| section.item).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(order, sorted, "in the order of the list");
}
