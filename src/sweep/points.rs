//! The points of a sweep: the product of the values of all fields, or one value of each at a time.

use serde_json::{Map, Value as Json};

use super::range::{Value, Vary};

/// The most points of a sweep.
const MOST_POINTS: usize = 1_000_000;

/// One choice of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Each varied field with its value, in the order of the command line.
    pub values: Vec<(String, Value)>,
}

/// Part number `number` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

impl Choice {
    /// The values as one JSON object.
    #[must_use]
    pub fn json(&self) -> Map<String, Json> {
        let pairs = self.values.iter();
        pairs.map(|(f, v)| (f.clone(), v.json())).collect()
    }

    /// The values as text, `sram.capacity_bytes=65536 batch=4`.
    #[must_use]
    pub fn text(&self) -> String {
        let all = self.values.iter().map(|(f, v)| format!("{f}={v}"));
        all.collect::<Vec<_>>().join(" ")
    }
}

impl Shard {
    /// Reads `i/n` with i from 1 to n.
    ///
    /// # Errors
    /// How it should look.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parsed = parts.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        match parsed {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("it must be i/n with i from 1 to n, such as 1/8".to_owned()),
        }
    }

    /// The points of this part: every n-th, so that parts take about as long.
    #[must_use]
    pub fn of(self, all: &[Choice]) -> Vec<Choice> {
        let own = all.iter().skip(self.number - 1).step_by(self.of);
        own.cloned().collect()
    }
}

/// All points: the full product with the last field changing fastest, or with `paired` the first
/// values of all fields, the second ones and so on.
///
/// # Errors
/// A field that is varied twice, lists of different lengths to be paired, or too many points.
pub fn choices(vary: &[Vary], paired: bool) -> Result<Vec<Choice>, String> {
    for (i, own) in vary.iter().enumerate() {
        if vary[..i].iter().any(|other| other.field == own.field) {
            return Err(format!(
                "--vary {}: it is varied twice; give all its values at once",
                own.field
            ));
        }
    }
    if paired { pairs(vary) } else { product(vary) }
}

fn pairs(vary: &[Vary]) -> Result<Vec<Choice>, String> {
    let length = vary.first().map_or(0, |own| own.values.len());
    if let Some(other) = vary.iter().find(|own| own.values.len() != length) {
        return Err(format!(
            "--paired: {} has {length} values and {} has {}; paired fields need as many values each",
            vary[0].field,
            other.field,
            other.values.len()
        ));
    }
    let choice = |i: usize| Choice {
        values: (vary.iter())
            .map(|own| (own.field.clone(), own.values[i].clone()))
            .collect(),
    };
    Ok((0..length).map(choice).collect())
}

fn product(vary: &[Vary]) -> Result<Vec<Choice>, String> {
    let lengths = vary.iter().map(|own| own.values.len());
    let points = lengths.fold(1_usize, usize::saturating_mul);
    if points > MOST_POINTS {
        return Err(format!(
            "--vary: the sweep has {points} points, more than {MOST_POINTS}; vary less, or in larger steps"
        ));
    }
    let mut all = vec![Choice { values: Vec::new() }];
    for own in vary {
        all = (all.iter())
            .flat_map(|before| own.values.iter().map(move |value| (before, value)))
            .map(|(before, value)| {
                let mut values = before.values.clone();
                values.push((own.field.clone(), value.clone()));
                Choice { values }
            })
            .collect();
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vary(texts: &[&str]) -> Vec<Vary> {
        let parsed = texts.iter().map(|text| Vary::parse(text));
        parsed.collect::<Result<_, _>>().expect("values")
    }

    fn texts(choices: &[Choice]) -> Vec<String> {
        choices.iter().map(Choice::text).collect()
    }

    #[test]
    fn the_product_has_the_last_field_fastest() {
        let all = choices(&vary(&["a=1,2", "b=x,y"]), false).expect("points");
        assert_eq!(texts(&all), ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]);
    }

    #[test]
    fn pairs_take_one_value_of_each() {
        let all = choices(&vary(&["a=1,2", "b=x,y"]), true).expect("points");
        assert_eq!(texts(&all), ["a=1 b=x", "a=2 b=y"]);
        assert!(choices(&vary(&["a=1,2", "b=x"]), true).is_err());
        assert!(choices(&vary(&["a=1,2", "a=3"]), false).is_err());
    }

    #[test]
    fn shards_are_disjoint_and_make_up_the_whole() {
        let all = choices(&vary(&["a=1..10:+1"]), false).expect("points");
        let mut found: Vec<String> = (1..=3)
            .flat_map(|number| texts(&Shard { number, of: 3 }.of(&all)))
            .collect();
        assert_eq!(found.len(), 10);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 10);
        for wrong in ["0/3", "4/3", "3", "a/b", "1/0", "-1/3"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }
}
