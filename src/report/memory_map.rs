//! The memory over time as a picture: every block by address and operation, coloured by the kind
//! of its tensor (SVG).

use plotters::prelude::*;

use crate::problem::graph::TensorKind;
use crate::problem::plan::{Content, MemoryPlan};

/// Width and height in pixels.
const SIZE: (u32, u32) = (1400, 700);
/// The legend stands to the right of all blocks, on this part of the width.
const LEGEND: u64 = 5;
/// Up to so many operations blocks have edges.
const FEW_OPERATIONS: u64 = 150;
/// Colour of buffers.
const BUFFERS: RGBColor = RGBColor(200, 200, 200);

/// What a colour stands for, in the order of the legend.
const KINDS: [(&str, &[TensorKind], RGBColor); 6] = [
    (
        "inputs and targets",
        &[TensorKind::Input, TensorKind::Target],
        RGBColor(90, 90, 90),
    ),
    (
        "parameters",
        &[
            TensorKind::Parameter,
            TensorKind::MasterParameter,
            TensorKind::OptimizerState,
            TensorKind::RunningStatistics,
        ],
        RGBColor(31, 119, 180),
    ),
    (
        "activations",
        &[TensorKind::Activation],
        RGBColor(44, 160, 44),
    ),
    (
        "saved for the backward pass",
        &[TensorKind::Saved],
        RGBColor(188, 189, 34),
    ),
    (
        "gradients",
        &[TensorKind::Gradient, TensorKind::Loss],
        RGBColor(214, 39, 40),
    ),
    (
        "gradients of parameters",
        &[TensorKind::ParameterGradient],
        RGBColor(148, 103, 189),
    ),
];

/// Draws the picture as the text of an SVG file.
///
/// # Errors
/// If the plotting library cannot draw it.
pub fn svg(own: &MemoryPlan, title: &str) -> Result<String, String> {
    let mut text = String::new();
    draw(own, title, &mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

/// The most steps between marks of the axis of addresses.
const MOST_STEPS: u64 = 8;

/// The units of addresses, largest first.
const UNITS: [(&str, u64); 3] = [("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1)];

/// The marks of the axis of addresses, a power of two apart.
struct Marks {
    addresses: Vec<u64>,
    /// Name and bytes of the largest unit in which all are whole numbers.
    unit: (&'static str, u64),
}

impl Marks {
    fn up_to(capacity: u64) -> Self {
        let step = capacity.div_ceil(MOST_STEPS).next_power_of_two();
        let whole = UNITS.into_iter().find(|unit| step >= unit.1);
        Self {
            addresses: (0..=capacity / step).map(|i| i * step).collect(),
            unit: whole.unwrap_or(UNITS[UNITS.len() - 1]),
        }
    }
}

fn draw(
    own: &MemoryPlan,
    title: &str,
    text: &mut String,
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let operations = own.schedule.operations.len() as u64;
    let capacity = own.schedule.capacity.0;
    let marks = Marks::up_to(capacity);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 22))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(90)
        .build_cartesian_2d(
            0..operations + operations / LEGEND + 1,
            (0..capacity).with_key_points(marks.addresses.clone()),
        )?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("operation")
        .y_desc(format!("address in {}", marks.unit.0))
        .axis_desc_style(("sans-serif", 15))
        .label_style(("sans-serif", 13))
        .y_label_formatter(&|bytes| (bytes / marks.unit.1).to_string())
        .draw()?;
    for (label, rectangles, colour) in series(own) {
        chart
            .draw_series(
                rectangles
                    .iter()
                    .map(|&corners| Rectangle::new(corners, colour.filled())),
            )?
            .label(label)
            .legend(move |(x, y)| Rectangle::new([(x, y - 6), (x + 14, y + 6)], colour.filled()));
        // Edges would hide blocks that are a few pixels wide.
        if operations <= FEW_OPERATIONS {
            let edges = ShapeStyle::from(&WHITE).stroke_width(1);
            let outlines = rectangles.iter();
            chart.draw_series(outlines.map(|&corners| Rectangle::new(corners, edges)))?;
        }
    }
    chart
        .configure_series_labels()
        .label_font(("sans-serif", 13))
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK)
        .position(SeriesLabelPosition::UpperRight)
        .draw()?;
    area.present()?;
    Ok(())
}

/// Corners of blocks: operation and address.
type Rectangles = Vec<[(u64, u64); 2]>;

/// The rectangles of each colour, those without any left out.
fn series(own: &MemoryPlan) -> Vec<(&'static str, Rectangles, RGBColor)> {
    let kind = |content: &Content| match content {
        Content::Slices { tensor, .. } => Some(own.schedule.tensors[*tensor].kind),
        Content::Buffers { .. } => None,
    };
    let of = |wanted: &dyn Fn(Option<TensorKind>) -> bool| -> Rectangles {
        let blocks = own.blocks.packing.blocks.iter().zip(&own.offsets);
        let all = own.blocks.contents.iter().zip(blocks);
        all.filter(|(content, _)| wanted(kind(content)))
            .map(|(_, (b, &offset))| [(b.lower, offset), (b.upper, offset + b.size)])
            .collect()
    };
    let buffers = ("buffers", of(&|kind| kind.is_none()), BUFFERS);
    let kinds = KINDS.iter().map(|(label, kinds, colour)| {
        let own = of(&|kind| kind.is_some_and(|k| kinds.contains(&k)));
        (*label, own, *colour)
    });
    std::iter::once(buffers)
        .chain(kinds)
        .filter(|(_, rectangles, _)| !rectangles.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_a_power_of_two_apart() {
        for (capacity, unit, last, number) in [
            (512 << 10, "KiB", 512 << 10, 9),
            (2 << 20, "KiB", 2 << 20, 9),
            (8 << 20, "MiB", 8 << 20, 9),
            (100 << 10, "KiB", 96 << 10, 7),
            (128, "bytes", 128, 9),
            (5, "bytes", 5, 6),
        ] {
            let marks = Marks::up_to(capacity);
            assert_eq!(marks.unit.0, unit, "{capacity}");
            assert_eq!(marks.addresses.last(), Some(&last), "{capacity}");
            assert_eq!(marks.addresses.len(), number, "{capacity}");
        }
    }
}
