//! What is common to the reports of Pareto fronts.

use crate::problem::front::{FrontPart, FrontRow};
use crate::problem::phases::label;

/// What a part of a point is called.
pub(super) fn part_name(row: &FrontRow, part: &FrontPart) -> String {
    let name = &row.name;
    part.phase
        .map_or_else(|| name.clone(), |index| label(name, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Certificate;
    use crate::problem::certificate::{Amount, Skipped};
    use crate::problem::front::FrontResult;
    use crate::problem::front::{Front, FrontEnd, FrontPoint, FrontRest};
    use crate::problem::goal::Measure;
    use crate::problem::result::SolverStatistics;
    use crate::report::testing::run;
    use crate::report::{Detail, formats, write};

    /// Two points of the convolution of the other reports' tests; more were not looked for.
    fn fronts() -> FrontResult {
        let result = run();
        let conv = &result.layers[0];
        let certificate = |cycles: u128, proved: bool| {
            let only = Certificate::only_way(Measure::Cycles, Amount::Whole(cycles));
            if proved {
                only
            } else {
                only.without(Skipped::Left("the time limit".to_owned()))
            }
        };
        let point = |cycles, energy_pj, proved| FrontPoint {
            cycles,
            energy_pj,
            certificate: certificate(cycles, proved),
            bound_cycles: cycles - 1,
            bound_energy_pj: energy_pj / 2.0,
            parts: vec![FrontPart {
                phase: None,
                work: conv.work.clone(),
                mapping: conv.mapping.clone(),
                cost: conv.cost.clone().expect("a cost"),
            }],
        };
        let front = Front {
            points: vec![
                point(903_168, 3_000.0, true),
                point(1_000_000, 2_000.0, false),
            ],
            end: FrontEnd::Open(FrontRest {
                bound_cycles: 1_000_001,
                bound_energy_pj: 500.0,
            }),
            reason: Some("the time limit ended the search".to_owned()),
            statistics: SolverStatistics {
                seconds: 0.25,
                ..SolverStatistics::default()
            },
        };
        let row = FrontRow {
            name: conv.name.clone(),
            op: conv.op.clone(),
            pass: conv.pass,
            fused: conv.fused.clone(),
            same_as: None,
            front: front.clone(),
        };
        let equal = FrontRow {
            name: "conv2".to_owned(),
            fused: Vec::new(),
            same_as: Some("conv1".to_owned()),
            ..row.clone()
        };
        FrontResult {
            network: result.network,
            hardware: result.hardware,
            mode: result.mode,
            batch: result.batch,
            space: result.space,
            layers: vec![row, equal],
            seconds: 1.5,
            notes: Vec::new(),
        }
    }

    fn written(name: &str, mappings: bool) -> String {
        let detail = Detail {
            mappings,
            ..Detail::default()
        };
        let format = formats::find(name).expect("a format");
        let mut text = Vec::new();
        write(&fronts(), format, detail, &mut text).expect("a vector can be written");
        String::from_utf8(text).expect("it is text")
    }

    #[test]
    fn the_table_has_a_line_for_each_point() {
        let text = written("table", true);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..9],
            [
                "tiny on tiny-32x16, inference, batch 1: fronts of cycles and energy",
                " Layer      Op           Cycles     Energy   Proof",
                "────────────────────────────────────────────────────────",
                " conv1      conv2d      903,168   3.000 nJ   proved",
                "  + bn1",
                "  + relu1",
                "                      1,000,000   2.000 nJ   not proved",
                " conv2      = conv1",
                "0 of 2 fronts complete; space: all tile extents, all node orders, one axis per dimension",
            ]
        );
        let rest = "conv1: not complete: points of less energy have at least 1,000,001 cycles and 500.000 pJ: the time limit ended the search";
        let unbroken = text.replace("\n  ", " ");
        assert!(unbroken.contains(rest), "{text}");
        assert_eq!(text.matches("sram keeps weight").count(), 2, "{text}");
        assert!(text.contains("\nconv1, 1,000,000 cycles:\n"), "{text}");
    }

    #[test]
    fn json_has_every_point_with_its_mapping() {
        let document: serde_json::Value =
            serde_json::from_str(&written("json", false)).expect("it is JSON");
        assert_eq!(document["pareto"], serde_json::json!(["cycles", "energy"]));
        let layer = &document["layers"][0];
        assert_eq!(
            (&layer["status"], &layer["complete"]),
            (&"feasible".into(), &false.into())
        );
        assert_eq!(layer["points"][1]["cycles"], 1_000_000);
        assert_eq!(layer["points"][1]["energy_pj"], 2_000);
        assert_eq!(layer["points"][1]["bound_energy_pj"], 1_000);
        assert_eq!(layer["points"][0]["mapping"]["layer"], "conv1");
        assert_eq!(layer["rest"]["bound_cycles"], 1_000_001);
        assert_eq!(document["layers"][1]["same_as"], "conv1");
    }

    #[test]
    fn csv_has_a_record_for_each_point() {
        let text = written("csv", false);
        assert_eq!(text.lines().count(), 5);
        let second = text.lines().nth(2).expect("a record");
        assert!(
            second.starts_with(
                "conv1,conv2d,forward,feasible,false,1,1000000,2000,false,999999,1000,"
            ),
            "{second}"
        );
    }
}
