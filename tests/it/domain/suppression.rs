use std::collections::BTreeMap;

use waymark::domain::suppression::{LEAST, Shown, one, parts, words};

/// What a reader sees: parts and total.
type Page = (Vec<Option<u32>>, Option<u32>);

#[test]
fn small_numbers_are_hidden_and_enough_beside_them() {
    let shown = |parts: &[Option<u32>], total| Shown { parts: parts.to_vec(), total };
    let h = None;
    for (numbers, says) in [
        (vec![9, 8, 7], shown(&[Some(9), Some(8), Some(7)], Some(24))),
        // One alone could be worked out from the total.
        (vec![9, 8, 2], shown(&[Some(9), h, h], Some(19))),
        (vec![9, 3, 4], shown(&[Some(9), h, h], Some(16))),
        // Two that come to less than five would tell of a few pupils.
        (vec![9, 1, 2], shown(&[h, h, h], Some(12))),
        (vec![12, 0], shown(&[h, h], Some(12))),
        // As large as small numbers can be, twice: the sum would tell both.
        (vec![9, 4, 4], shown(&[h, h, h], Some(17))),
        // Which of two equal ones went with the small one would tell where it stands.
        (vec![5, 5, 4], shown(&[h, h, h], Some(14))),
        (vec![3, 1, 0], shown(&[h, h, h], h)),
        (vec![0, 0, 0], shown(&[h, h, h], h)),
        (vec![], shown(&[], h)),
    ] {
        assert_eq!(parts(&numbers), says, "{numbers:?}");
    }
    assert_eq!((one(4), one(5), words(h), words(Some(7))), (h, Some(5), "hidden".into(), "7".into()));
}

/// The attack: whoever reads the page knows the rule and adds up. Of every page there can be, all numbers that lead to
/// it are looked at: no number under five is the same in all of them, and no few of them come to under five together.
#[test]
fn adding_up_gives_no_small_number_away() {
    for columns in 2..=4_usize {
        let most: u32 = if columns == 4 { 9 } else { 13 };
        let mut pages: BTreeMap<Page, Vec<Vec<u32>>> = BTreeMap::new();
        let all = (most + 1).pow(u32::try_from(columns).unwrap());
        for n in 0..all {
            let mut rest = n;
            let numbers: Vec<u32> = (0..columns)
                .map(|_| {
                    let number = rest % (most + 1);
                    rest /= most + 1;
                    number
                })
                .collect();
            let shown = parts(&numbers);
            if let Some(total) = shown.total {
                let seen: u32 = shown.parts.iter().flatten().sum();
                let hides = shown.parts.contains(&None);
                assert!(!hides || total - seen >= LEAST, "{numbers:?}");
            }
            assert!(shown.parts.iter().flatten().all(|number| *number >= LEAST));
            pages.entry((shown.parts, shown.total)).or_default().push(numbers);
        }
        for (page, from) in &pages {
            for column in (0..columns).filter(|column| page.0[*column].is_none()) {
                let mut could: Vec<_> = from.iter().map(|numbers| numbers[column]).collect();
                could.sort_unstable();
                could.dedup();
                assert!(could.len() > 1 || could[0] >= LEAST, "{page:?} gives away {could:?} of {from:?}");
            }
        }
        assert!(pages.len() > 20);
    }
}
