//! The graph as two tables for people, operations and tensors, with totals.

use std::io::{self, Write};

use crate::problem::graph::{Graph, Operation, Pass, Tensor, Use};
use crate::report::detail::Detail;
use crate::report::graph::{GraphReport, Work, bytes, persistent, shape, work, work_of};
use crate::report::grid::{self, Column};
use crate::report::numbers::grouped;

/// Writes the tables and the totals, each line no wider than this where that can be.
pub(super) fn write(
    report: &GraphReport<'_>,
    detail: Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let graph = report.graph;
    let width = if detail.all { usize::MAX } else { detail.width };
    let Graph {
        network,
        mode,
        batch,
        ..
    } = graph;
    writeln!(out, "{network}, {}, batch {batch}", mode.name())?;
    for columns in [operations(graph), tensors(graph)] {
        for line in grid::lines(columns, width) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    totals(graph, out)
}

fn operations(graph: &Graph) -> Vec<Column> {
    let all = &graph.operations;
    let each = |text: &dyn Fn(&Operation) -> String| all.iter().map(text).collect::<Vec<_>>();
    let live = graph.live_bits().into_iter();
    vec![
        Column::texts("Operation", each(&|own| own.name.clone())),
        Column::texts("Op", each(&|own| op(graph, own))),
        Column::texts("Pass", each(&|own| own.pass.name().to_owned())).ranked(1),
        Column::texts("Reads", each(&|own| names(graph, &own.reads))),
        Column::texts("Writes", each(&|own| names(graph, &own.writes))),
        Column::numbers("MACs", each(&|own| or_dash(own.kind.macs()))),
        Column::numbers(
            "Vector operations",
            each(&|own| or_dash(own.kind.vector_operations())),
        )
        .ranked(2),
        Column::numbers("Live bytes", live.map(|bits| grouped(bytes(bits)))),
    ]
}

/// The operator, with the operation into which it is fused.
fn op(graph: &Graph, operation: &Operation) -> String {
    match operation.fused_into {
        Some(into) => format!("{} in {}", operation.op, graph.operations[into].name),
        None => operation.op.clone(),
    }
}

fn names(graph: &Graph, uses: &[Use]) -> String {
    let names = uses.iter().map(|u| graph.tensors[u.tensor].name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn tensors(graph: &Graph) -> Vec<Column> {
    let all = &graph.tensors;
    let each = |text: &dyn Fn(&Tensor) -> String| all.iter().map(text).collect::<Vec<_>>();
    let operation = |index: Option<usize>| match index {
        Some(index) => graph.operations[index].name.clone(),
        None => "–".to_owned(),
    };
    let uses = graph.uses();
    let last = uses
        .iter()
        .zip(all)
        .map(|(uses, tensor)| match uses.last_used_by {
            _ if tensor.kind.is_persistent() => "persistent".to_owned(),
            last => operation(last),
        });
    let kinds = graph.lifetimes().into_iter().zip(all);
    let kinds = kinds.map(|(lifetime, own)| match (lifetime, own.views.is_empty()) {
        (Some(_), _) => own.kind.name().to_owned(),
        (None, true) => format!("{}, in the array", own.kind.name()),
        (None, false) => format!("{}, view", own.kind.name()),
    });
    let produced = uses.iter().map(|own| operation(own.produced_by));
    vec![
        Column::texts("Tensor", each(&|own| own.name.clone())),
        Column::texts("Kind", kinds),
        Column::texts("Shape", each(&|own| shape(&own.shape))),
        Column::numbers("Bytes", each(&|own| grouped(bytes(own.bits())))),
        Column::texts("Produced by", produced),
        Column::texts("Last used by", last),
    ]
}

fn totals(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    for pass in Pass::ALL {
        let own = work_of(graph, pass);
        if own.operations > 0 {
            work_line(pass.name(), own, out)?;
        }
    }
    work_line("total", work(graph.operations.iter()), out)?;
    writeln!(
        out,
        "persistent: {} bytes",
        grouped(bytes(persistent(graph)))
    )?;
    match graph.peak() {
        Some((at, bits)) => writeln!(
            out,
            "peak of live bytes: {} at {}",
            grouped(bytes(bits)),
            graph.operations[at].name
        ),
        None => Ok(()),
    }
}

fn work_line(name: &str, work: Work, out: &mut dyn Write) -> io::Result<()> {
    let Work {
        operations,
        macs,
        vector_operations,
        ..
    } = work;
    let s = if operations == 1 { "" } else { "s" };
    let (macs, vector) = (grouped(macs), grouped(vector_operations));
    writeln!(
        out,
        "{name}: {operations} operation{s}, {macs} MACs, {vector} vector operations"
    )
}

fn or_dash(number: u128) -> String {
    if number == 0 {
        return "–".to_owned();
    }
    grouped(number)
}
