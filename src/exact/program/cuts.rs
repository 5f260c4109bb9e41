//! From a solution of an exported program to the mapping, and to the rows that it violates.

use crate::classes::class::Class;
use crate::columns::group::ColumnGroup;
use crate::columns::groups::dimension_groups;
use crate::cost::bound::lower_bounds;
use crate::cost::evaluate;
use crate::engine::settle::{CutRow, cut_rows, excluding_row};
use crate::exact::options::SolveOptions;
use crate::exact::setup::space_of;
use crate::layer;
use crate::layer::{decode, encode, names, spelling};
use crate::problem::result::Cost;
use crate::problem::{Dim, Hardware, LoopNest, Mapping, ProblemError};
use crate::tiling::site::Site;

/// A value counts as 1 from here on.
const CHOSEN: f64 = 0.5;
/// A mapping costs what the objective says to within this; more than HiGHS's, CBC's and SCIP's
/// tolerances add up to.
const NEAR: f64 = 1e-6;

/// What a solution means.
#[derive(Debug)]
pub struct Decoded {
    /// The name of its class.
    pub class: String,
    /// The mapping.
    pub mapping: Mapping,
    /// Its exact cost, or why it is none.
    pub cost: Result<Cost, ProblemError>,
    /// The end of its variables' names.
    label: String,
    single: Class,
    columns: Vec<ColumnGroup>,
}

/// The mapping that a solution's values switch on.
///
/// # Errors
/// One line: what is missing, or is no part of a program of this layer.
pub fn decoded(
    operation: &LoopNest,
    hardware: &Hardware,
    values: &[(String, f64)],
) -> Result<Decoded, String> {
    let switched = |prefix: &str| -> Vec<String> {
        let on = values.iter().filter(|v| v.1 > CHOSEN);
        let own = on.filter_map(|v| v.0.strip_prefix(prefix));
        own.map(str::to_owned).collect()
    };
    let labels = switched("y_");
    let [label] = labels.as_slice() else {
        return Err(format!(
            "{} of the classes `y_…` are 1, where one must be: it is no solution of a program that \
             `export` wrote",
            labels.len()
        ));
    };
    let name = class_name(label);
    let other = |what: &str| {
        format!(
            "`{what}`: this layer has none on this hardware; the solution is one of another program, \
             name the network, hardware and layer of that one"
        )
    };
    let class =
        spelling::class(operation, hardware, name).ok_or_else(|| other(&format!("y_{label}")))?;
    let chosen = switched("x_");
    let mut columns = Vec::new();
    for dims in dimension_groups(operation) {
        columns.push(
            column(operation, hardware, &dims, &chosen, label).ok_or_else(|| {
                let group: String = dims.iter().map(|d| d.name()).collect();
                other(&format!("x_{group}_…_{label}"))
            })?,
        );
    }
    let choice = vec![0; columns.len()];
    let mapping = decode::mapping(operation, hardware, &columns, &class, &choice);
    Ok(Decoded {
        class: name.to_owned(),
        cost: evaluate(operation, hardware, &mapping),
        mapping,
        label: label.clone(),
        single: class,
        columns,
    })
}

/// The class of a label that may end with the numbers of visits that its piece covers.
fn class_name(label: &str) -> &str {
    let mut name = label;
    while let Some((before, last)) = name.rsplit_once('_') {
        let number = last
            .strip_prefix("to")
            .or_else(|| last.strip_prefix("from"));
        match number {
            Some(n) if !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()) => name = before,
            _ => break,
        }
    }
    name
}

/// The one column of a group's dimensions that is chosen.
fn column(
    operation: &LoopNest,
    hardware: &Hardware,
    dims: &[Dim],
    chosen: &[String],
    label: &str,
) -> Option<ColumnGroup> {
    let end = format!("_{label}");
    let mut found = chosen.iter().filter_map(|name| {
        let own = name.strip_suffix(&end)?;
        spelling::chains(operation, hardware, dims, own)
    });
    let chains = found.next()?;
    found
        .next()
        .is_none()
        .then(|| encode::single(&Site::new(operation, hardware), dims.to_vec(), chains))
}

/// How a solution's objective compares with what its mapping costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It costs what the objective says, rounded up.
    Exact,
    /// It costs more: tangents are missing.
    Costlier,
    /// It is no mapping: it exceeds a memory by a hair, say.
    NoMapping,
}

impl Decoded {
    /// How the solution's objective, a logarithm, compares with the exact cost.
    #[must_use]
    pub fn standing(&self, options: &SolveOptions, objective: f64) -> Standing {
        let Ok(cost) = &self.cost else {
            return Standing::NoMapping;
        };
        let value = options.objective.of(cost);
        let said = objective.exp();
        // Whole numbers are rounded up from what a program says.
        let rounded = if options.objective.has_energy() {
            said
        } else {
            (said * (1.0 - 1e-9)).ceil()
        };
        if value <= said * (1.0 + NEAR) || value <= rounded {
            Standing::Exact
        } else {
            Standing::Costlier
        }
    }

    /// The rows that the solution violates: the tangents at its choice, and one that holds this
    /// choice to its exact cost, or excludes it where it is no mapping.
    #[must_use]
    pub fn missing(
        &self,
        operation: &LoopNest,
        hardware: &Hardware,
        options: &SolveOptions,
        objective: f64,
    ) -> Vec<CutRow> {
        let any_mapping = lower_bounds(operation, hardware).best();
        let space = space_of(operation, hardware, options, any_mapping);
        let program = layer::program(&space.layer(&self.columns), &self.single);
        let unit = if options.objective.has_energy() {
            space.energy_unit.ln()
        } else {
            0.0
        };
        let mut rows = cut_rows(&program, &self.label, objective - unit);
        let least = self.cost.as_ref().ok();
        let least = least.map(|cost| options.objective.of(cost).ln() - unit);
        let names = names::labels(hardware, &self.columns).columns;
        let names: Vec<String> = names.into_iter().flatten().collect();
        rows.push(excluding_row(&names, &self.label, program.parts(), least));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_visits_are_no_part_of_a_class() {
        assert_eq!(class_name("IOW_P_to6_to4_from3"), "IOW_P");
        assert_eq!(class_name("IOW_P_wholeI"), "IOW_P_wholeI");
        assert_eq!(class_name("direct"), "direct");
    }
}
