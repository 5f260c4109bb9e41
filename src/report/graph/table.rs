//! The graph as two tables for people, operations and tensors, with totals.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, LineStyle, Table, presets};

use super::{Work, bytes, persistent, shape, work, work_of};
use crate::problem::graph::{Graph, Operation, Pass, Use};
use crate::report::numbers::grouped;

const OPERATIONS: [&str; 8] = [
    "Operation",
    "Op",
    "Pass",
    "Reads",
    "Writes",
    "MACs",
    "Vector operations",
    "Live bytes",
];

const TENSORS: [&str; 6] = [
    "Tensor",
    "Kind",
    "Shape",
    "Bytes",
    "Produced by",
    "Last used by",
];

/// Writes the tables and the totals.
pub(super) fn write(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let Graph {
        network,
        mode,
        batch,
        ..
    } = graph;
    writeln!(out, "{network}, {}, batch {batch}", mode.name())?;
    print(&operations(graph), out)?;
    writeln!(out)?;
    print(&tensors(graph), out)?;
    writeln!(out)?;
    totals(graph, out)
}

fn table(header: &[&str], right: &[usize], rows: Vec<Vec<Cell>>) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(rule));
    table.set_header(header.iter().map(Cell::new).collect::<Vec<_>>());
    table.add_rows(rows);
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn print(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    table
        .to_string()
        .lines()
        .try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn operations(graph: &Graph) -> Table {
    let live = graph.live_bits();
    let rows = graph.operations.iter().zip(live);
    let rows = rows.map(|(operation, live)| {
        vec![
            Cell::new(&operation.name),
            Cell::new(op(graph, operation)),
            Cell::new(operation.pass.name()),
            Cell::new(names(graph, &operation.reads)),
            Cell::new(names(graph, &operation.writes)),
            Cell::new(or_dash(operation.kind.macs())),
            Cell::new(or_dash(operation.kind.vector_operations())),
            Cell::new(grouped(bytes(live))),
        ]
    });
    table(&OPERATIONS, &[5, 6, 7], rows.collect())
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

fn tensors(graph: &Graph) -> Table {
    let rows = graph.tensors.iter().zip(graph.uses());
    let rows = rows.zip(graph.lifetimes());
    let rows = rows.map(|((tensor, uses), lifetime)| {
        let operation = |index: Option<usize>| match index {
            Some(index) => graph.operations[index].name.clone(),
            None => "–".to_owned(),
        };
        let last = match uses.last_used_by {
            _ if tensor.kind.is_persistent() => "persistent".to_owned(),
            last => operation(last),
        };
        vec![
            Cell::new(&tensor.name),
            Cell::new(match (lifetime, tensor.views.is_empty()) {
                (Some(_), _) => tensor.kind.name().to_owned(),
                (None, true) => format!("{}, in the array", tensor.kind.name()),
                (None, false) => format!("{}, view", tensor.kind.name()),
            }),
            Cell::new(shape(&tensor.shape)),
            Cell::new(grouped(bytes(tensor.bits()))),
            Cell::new(operation(uses.produced_by)),
            Cell::new(last),
        ]
    });
    table(&TENSORS, &[3], rows.collect())
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
