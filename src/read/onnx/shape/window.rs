//! Operators with a window that slides: convolutions and pools.

use super::super::value::{Known, LARGEST_AXIS, Type, spell};
use super::call::{Call, Result};

/// A window along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Window {
    pub(in super::super) kernel: u64,
    pub(in super::super) stride: u64,
    pub(in super::super) dilation: u64,
    /// Rows of padding before and after.
    pub(in super::super) padding: [u64; 2],
    /// Rows of the input.
    pub(in super::super) rows: u64,
    /// Rows of the output.
    pub(in super::super) outputs: u64,
    /// Rows that a transposed convolution adds at the end.
    pub(in super::super) output_padding: u64,
}

impl Window {
    /// Rows from the kernel's first tap to its last.
    fn span(&self) -> u64 {
        (self.kernel - 1) * self.dilation + 1
    }
}

/// Numbers for each axis of an attribute, or `default` for all.
fn each(call: &Call<'_>, name: &str, count: usize, default: u64, least: u64) -> Result<Vec<u64>> {
    let Some(list) = call.node.ints(name)?.filter(|list| !list.is_empty()) else {
        return Ok(vec![default; count]);
    };
    let numbers: Option<Vec<u64>> = list.iter().map(|&n| u64::try_from(n).ok()).collect();
    let fits =
        |n: &Vec<u64>| n.len() == count && n.iter().all(|&n| n >= least && n <= LARGEST_AXIS >> 16);
    numbers.filter(fits).ok_or_else(|| {
        format!("its attribute `{name}`, {list:?}, must have {count} numbers of at least {least}")
    })
}

/// The windows over the spatial axes of the first input, without padding and outputs.
fn bare(call: &Call<'_>, rows: &[u64], kernel: &[u64]) -> Result<Vec<Window>> {
    let count = rows.len();
    if let Some(&wrong) = kernel.iter().find(|&&k| k == 0 || k > LARGEST_AXIS >> 16) {
        return Err(format!("its kernel has the size {wrong}"));
    }
    let strides = each(call, "strides", count, 1, 1)?;
    let dilations = each(call, "dilations", count, 1, 1)?;
    let pads = each(call, "pads", 2 * count, 0, 0)?;
    let window = |i: usize| Window {
        kernel: kernel[i],
        stride: strides[i],
        dilation: dilations[i],
        padding: [pads[i], pads[i + count]],
        rows: rows[i],
        outputs: 0,
        output_padding: 0,
    };
    Ok((0..count).map(window).collect())
}

/// The spatial axes of an input of batch, channels and at least one more axis.
fn spatial<'a>(input: &'a Known, name: &str) -> Result<&'a [u64]> {
    match input.shape.get(2..) {
        Some(rest) if !rest.is_empty() => Ok(rest),
        _ => Err(format!(
            "its {name} is {}, but must have batch, channels and one more axis or more",
            spell(&input.shape)
        )),
    }
}

/// Padding by `auto_pad`, and the rows that the output has.
fn slide(window: &mut Window, auto: &str, ceil: bool) -> Result<()> {
    let (rows, span) = (window.rows, window.span());
    if auto == "SAME_UPPER" || auto == "SAME_LOWER" {
        window.outputs = rows.div_ceil(window.stride);
        let reach = window.outputs.saturating_sub(1) * window.stride + span;
        let total = reach.saturating_sub(rows);
        let (small, large) = (total / 2, total.div_ceil(2));
        window.padding = if auto == "SAME_UPPER" {
            [small, large]
        } else {
            [large, small]
        };
        return Ok(());
    }
    if auto == "VALID" {
        window.padding = [0, 0];
    }
    let padded = rows + window.padding[0] + window.padding[1];
    let free = padded.checked_sub(span).ok_or_else(|| {
        format!("its kernel spans {span} rows, but its input has {padded}, padding included")
    })?;
    window.outputs = free / window.stride + 1;
    if ceil {
        window.outputs = free.div_ceil(window.stride) + 1;
        // A window that would begin beyond the input is none.
        if (window.outputs - 1) * window.stride >= rows + window.padding[0] {
            window.outputs -= 1;
        }
    }
    Ok(())
}

fn auto_pad<'a>(call: &Call<'a>) -> Result<&'a str> {
    let auto = call.node.text("auto_pad")?.unwrap_or("NOTSET");
    match auto {
        "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID" | "" => Ok(auto),
        _ => Err("its attribute `auto_pad` is not known".to_owned()),
    }
}

/// A convolution: its windows, its groups and its output channels.
pub(in super::super) struct Convolution {
    pub(in super::super) windows: Vec<Window>,
    pub(in super::super) groups: u64,
    pub(in super::super) channels: u64,
}

/// The inputs that are data and weight of a convolution.
pub(in super::super) fn operands(op: &str) -> [usize; 2] {
    if op == "QLinearConv" { [0, 3] } else { [0, 1] }
}

/// What a convolution's node says; `transposed` for `ConvTranspose`.
pub(in super::super) fn convolution(call: &Call<'_>, transposed: bool) -> Result<Convolution> {
    let [data, weight] = operands(&call.node.op);
    let (data, weight) = (call.input(data)?, call.input(weight)?);
    let rows = spatial(data, "input")?;
    let kernel = spatial(weight, "weight")?;
    let groups = u64::try_from(call.node.int("group", 1)?).unwrap_or(0);
    let (input, first, second) = (data.shape[1], weight.shape[0], weight.shape[1]);
    let fits = if transposed {
        groups > 0 && input == first && input.is_multiple_of(groups)
    } else {
        groups > 0 && second.checked_mul(groups) == Some(input) && first.is_multiple_of(groups)
    };
    if !fits || kernel.len() != rows.len() {
        let (data, weight) = (spell(&data.shape), spell(&weight.shape));
        return Err(format!(
            "its input {data} and its weight {weight} do not fit together with {groups} group(s)"
        ));
    }
    if let Some(stated) = call.node.ints("kernel_shape")?
        && !stated
            .iter()
            .map(|&k| u64::try_from(k).ok())
            .eq(kernel.iter().map(|&k| Some(k)))
    {
        return Err(format!(
            "its attribute `kernel_shape` is {stated:?}, but its weight's kernel is {kernel:?}"
        ));
    }
    let mut windows = bare(call, rows, kernel)?;
    let auto = auto_pad(call)?;
    if transposed {
        widen(call, &mut windows, auto)?;
    } else {
        for window in &mut windows {
            slide(window, auto, false)?;
        }
    }
    let channels = if transposed {
        second.saturating_mul(groups)
    } else {
        first
    };
    Ok(Convolution {
        windows,
        groups,
        channels,
    })
}

/// The outputs of a transposed convolution.
fn widen(call: &Call<'_>, windows: &mut [Window], auto: &str) -> Result<()> {
    let extra = each(call, "output_padding", windows.len(), 0, 0)?;
    let wanted = call
        .node
        .ints("output_shape")?
        .filter(|list| !list.is_empty());
    if wanted.is_some_and(|list| list.len() != windows.len()) {
        return Err("its attribute `output_shape` must name the spatial axes".to_owned());
    }
    for (i, window) in windows.iter_mut().enumerate() {
        window.output_padding = extra[i];
        let full = window.stride * window.rows.saturating_sub(1) + extra[i] + window.span();
        let same = matches!(auto, "SAME_UPPER" | "SAME_LOWER").then(|| window.rows * window.stride);
        let wanted = wanted
            .map(|list| u64::try_from(list[i]).unwrap_or(0))
            .or(same);
        if let Some(wanted) = wanted {
            let total = full.saturating_sub(wanted);
            let (small, large) = (total / 2, total.div_ceil(2));
            window.padding = if auto == "SAME_UPPER" {
                [small, large]
            } else {
                [large, small]
            };
        }
        if auto == "VALID" {
            window.padding = [0, 0];
        }
        let outputs = full.checked_sub(window.padding[0] + window.padding[1]);
        window.outputs = outputs
            .filter(|&o| o > 0)
            .ok_or_else(|| "its padding leaves no output".to_owned())?;
    }
    Ok(())
}

fn output(call: &Call<'_>, kind: Type, transposed: bool) -> Result<Vec<Known>> {
    let convolution = convolution(call, transposed)?;
    let mut shape = vec![call.input(0)?.shape[0], convolution.channels];
    shape.extend(convolution.windows.iter().map(|w| w.outputs));
    Ok(vec![Known::of(kind, shape)])
}

/// Conv.
pub(super) fn conv(call: &Call<'_>) -> Result<Vec<Known>> {
    output(call, call.input(0)?.kind, false)
}

/// `ConvTranspose`.
pub(super) fn conv_transpose(call: &Call<'_>) -> Result<Vec<Known>> {
    output(call, call.input(0)?.kind, true)
}

/// `ConvInteger`: 32-bit sums.
pub(super) fn conv_integer(call: &Call<'_>) -> Result<Vec<Known>> {
    output(call, Type::INT32, false)
}

/// `QLinearConv`: the type of the output's zero point.
pub(super) fn conv_quantized(call: &Call<'_>) -> Result<Vec<Known>> {
    output(call, call.input(7)?.kind, false)
}

/// The windows of a pool.
pub(in super::super) fn pooling(call: &Call<'_>) -> Result<Vec<Window>> {
    let input = call.input(0)?;
    let rows = spatial(input, "input")?;
    let kernel = each(call, "kernel_shape", rows.len(), 0, 1)?;
    let mut windows = bare(call, rows, &kernel)?;
    let (auto, ceil) = (auto_pad(call)?, call.node.int("ceil_mode", 0)? != 0);
    for window in &mut windows {
        slide(window, auto, ceil)?;
    }
    Ok(windows)
}

/// `MaxPool` (with the places as a second output), `AveragePool`, `LpPool`.
pub(super) fn pool(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let windows = pooling(call)?;
    let mut shape = input.shape[..2].to_vec();
    shape.extend(windows.iter().map(|w| w.outputs));
    Ok(vec![
        Known::of(input.kind, shape.clone()),
        Known::of(Type::INT64, shape),
    ])
}

/// `GlobalAveragePool` and its like.
pub(super) fn global_pool(call: &Call<'_>) -> Result<Vec<Known>> {
    let input = call.input(0)?;
    let rest = spatial(input, "input")?.len();
    let mut shape = input.shape[..2].to_vec();
    shape.extend(vec![1; rest]);
    Ok(vec![Known::of(input.kind, shape)])
}
