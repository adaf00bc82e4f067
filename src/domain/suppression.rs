//! Small numbers on pages that many people read: a number of pupils under five could be recognised as somebody, so it
//! is hidden, and enough beside it that adding up does not give it back.

/// Numbers of pupils under this one are hidden.
pub const LEAST: u32 = 5;

/// Parts of a whole with the small ones hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// In the order they came; none: hidden.
    pub parts: Vec<Option<u32>>,
    /// All of them together; none: hidden, with every part.
    pub total: Option<u32>,
}

/// One number on its own.
pub fn one(number: u32) -> Option<u32> {
    (number >= LEAST).then_some(number)
}

/// Parts that add up to a total which is shown too. Every part under five is hidden. What the hidden ones come to
/// together can be worked out by whoever knows this rule, so there are at least two of them, they come to at least
/// five, and they are not all as large as a small number can be: as long as that is not so, the smallest of the others
/// is hidden with them, and every other part that equals it, so that not even the order tells which was hidden for
/// which reason. A total under five hides everything. What is hidden is hidden for nought too: which groups are empty
/// is also something to know about a few.
pub fn parts(numbers: &[u32]) -> Shown {
    let total: u32 = numbers.iter().sum();
    if total < LEAST {
        return Shown { parts: vec![None; numbers.len()], total: None };
    }
    let mut hidden: Vec<bool> = numbers.iter().map(|number| *number < LEAST).collect();
    loop {
        let of = numbers.iter().zip(&hidden).filter(|(_, hidden)| **hidden);
        let (count, sum) = of.fold((0, 0), |(count, sum), (number, _)| (count + 1, sum + number));
        if count == 0 || (count > 1 && sum >= LEAST && sum != count * (LEAST - 1)) {
            break;
        }
        let shown = numbers.iter().zip(&hidden).filter(|(_, hidden)| !**hidden);
        let Some(smallest) = shown.map(|(number, _)| *number).min() else { break };
        for (hidden, number) in hidden.iter_mut().zip(numbers) {
            *hidden |= *number == smallest;
        }
    }
    let parts = numbers.iter().zip(&hidden).map(|(number, hidden)| (!hidden).then_some(*number)).collect();
    Shown { parts, total: Some(total) }
}

/// A number as it is printed.
pub fn words(number: Option<u32>) -> String {
    number.map_or_else(|| "hidden".to_owned(), |number| number.to_string())
}
