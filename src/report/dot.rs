//! The language of Graphviz: operations as boxes, tensors as ellipses.

use std::io::{self, Write};

use super::detail::Detail;
use super::exporter::{Export, Exporter};
use super::graph::{GraphReport, bytes, shape};
use super::numbers::grouped;
use crate::problem::graph::{Graph, Operation, Pass, Tensor};

/// Graphs for Graphviz.
pub struct Dot;

impl Exporter for Dot {
    fn name(&self) -> &'static str {
        "dot"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["dot", "gv"]
    }

    fn graph<'a>(&self) -> Option<Export<GraphReport<'a>>> {
        Some(Export::new("The language of Graphviz", write))
    }
}

/// Writes a graph.
fn write(report: &GraphReport<'_>, _: Detail, out: &mut dyn Write) -> io::Result<()> {
    let graph = report.graph;
    writeln!(out, "digraph {} {{", quoted(&graph.network))?;
    writeln!(out, "  rankdir=TB;")?;
    writeln!(out, "  node [fontname=\"sans-serif\", fontsize=10];")?;
    for (index, tensor) in graph.tensors.iter().enumerate() {
        writeln!(out, "  t{index} [{}];", tensor_style(tensor))?;
        for view in &tensor.views {
            writeln!(out, "  t{view} -> t{index} [style=dotted, arrowhead=none];")?;
        }
    }
    for (index, operation) in graph.operations.iter().enumerate() {
        writeln!(out, "  o{index} [{}];", operation_style(operation))?;
        edges(graph, index, operation, out)?;
    }
    writeln!(out, "}}")
}

/// Edges of what is written back in place, and to what an operation is fused into, lead backwards
/// and have no say in the layout.
fn edges(
    graph: &Graph,
    index: usize,
    operation: &Operation,
    out: &mut dyn Write,
) -> io::Result<()> {
    for read in &operation.reads {
        writeln!(out, "  t{} -> o{index};", read.tensor)?;
    }
    for written in &operation.writes {
        let back = if graph.tensors[written.tensor].kind.is_given() {
            " [constraint=false]"
        } else {
            ""
        };
        writeln!(out, "  o{index} -> t{}{back};", written.tensor)?;
    }
    if let Some(into) = operation.fused_into {
        writeln!(
            out,
            "  o{index} -> o{into} [style=dashed, constraint=false];"
        )?;
    }
    Ok(())
}

fn tensor_style(tensor: &Tensor) -> String {
    let size = format!(
        "{}, {} B",
        shape(&tensor.shape),
        grouped(bytes(tensor.bits()))
    );
    let style = if tensor.views.is_empty() {
        "solid"
    } else {
        "dashed"
    };
    let label = format!("{}\n{}\n{size}", tensor.name, tensor.kind.name());
    format!("shape=ellipse, style={style}, label={}", quoted(&label))
}

fn operation_style(operation: &Operation) -> String {
    let macs = operation.kind.macs();
    let work = match (macs, operation.kind.vector_operations()) {
        (0, 0) => String::new(),
        (0, vector) => format!("\n{} vector operations", grouped(vector)),
        (macs, _) => format!("\n{} MACs", grouped(macs)),
    };
    let fused = if operation.fused_into.is_some() {
        ",dashed"
    } else {
        ""
    };
    let label = format!("{}\n{}{work}", operation.name, operation.op);
    let color = color(operation.pass);
    format!(
        "shape=box, style=\"filled{fused}\", fillcolor={color}, label={}",
        quoted(&label)
    )
}

/// Colours of Graphviz's X11 scheme.
fn color(pass: Pass) -> &'static str {
    match pass {
        Pass::Forward => "lightblue",
        Pass::Loss => "gold",
        Pass::Backward => "mistyrose",
        Pass::BackwardData => "lightsalmon",
        Pass::BackwardWeight => "plum",
        Pass::Update => "palegreen",
    }
}

/// A text in quotes, in which line ends are those of labels.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_line_ends_are_escaped() {
        assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
    }
}
