//! What is common to the reports of a comparison of mappers, and its picture.

pub mod plot;
mod ratio;

pub(super) use ratio::ratio_text;
