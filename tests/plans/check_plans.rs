//! The check of memory plans names each kind of mistake, one rule at a time.

use deepmatrix::check::plan::check;
use deepmatrix::cost::plan::evaluate;
use deepmatrix::memory::residency::Residency;
use deepmatrix::problem::graph::TensorKind;
use deepmatrix::problem::plan::{Gap, Held, Plan, TensorPlan, Transfer};
use deepmatrix::problem::port::{Direction, Directions, Port};
use deepmatrix::problem::schedule::{Mode, Operation, Schedule, Tensor};
use deepmatrix::problem::{Bandwidth, Bytes};

const X: usize = 0;
const Y: usize = 1;
const V: usize = 2;
const Z: usize = 3;

fn tensor(name: &str, begins_outside: bool, ends_outside: bool) -> Tensor {
    Tensor {
        name: name.to_owned(),
        kind: TensorKind::Activation,
        bits: 32,
        begins_outside,
        ends_outside,
    }
}

/// An operation with one mode, that reads and writes all bytes of its operands once.
fn operation(name: &str, read: usize, write: usize, buffer_bytes: u64) -> Operation {
    let mode = Mode {
        buffer_bytes,
        cycles: 1,
        outer_bits: vec![32, 32],
        resident: vec![false, false],
        waits: vec![false, false],
        ..Mode::default()
    };
    Operation {
        name: name.to_owned(),
        reads: vec![read],
        writes: vec![write],
        modes: vec![mode],
        optional: false,
    }
}

/// a makes y of x, b makes v of x, c makes z of y, in its second mode of a y in the memory.
fn schedule() -> Schedule {
    let mut operations = vec![
        operation("a", X, Y, 1),
        operation("b", X, V, 2),
        operation("c", Y, Z, 0),
    ];
    let mut resident = operations[2].modes[0].clone();
    resident.outer_bits[0] = 0;
    resident.resident[0] = true;
    operations[2].modes.push(resident);
    Schedule {
        stages: Vec::new(),
        capacity: Bytes(6),
        ports: vec![Port {
            outer: true,
            bandwidth: Bandwidth::new(1, 1).expect("positive"),
            carries: Directions::of(&[Direction::Inward, Direction::Outward]),
        }],
        waits: false,
        alignment: 1,
        slices: 2,
        ahead: 1,
        tensors: vec![
            tensor("x", true, false),
            tensor("y", false, false),
            tensor("v", false, true),
            tensor("z", false, true),
        ],
        operations,
    }
}

/// Nothing of a tensor is ever in the memory.
fn passing(schedule: &Schedule, tensor: usize) -> TensorPlan {
    let events = schedule.events()[tensor].len();
    TensorPlan {
        events: vec![Held::default(); events],
        gaps: vec![Gap::default(); events + 1],
    }
}

/// y stays from a to c, everything else passes by.
fn plan(schedule: &Schedule) -> Plan {
    let mut plan = Plan {
        modes: vec![Some(0), Some(0), Some(1)],
        tensors: (0..schedule.tensors.len())
            .map(|t| passing(schedule, t))
            .collect(),
    };
    plan.tensors[Y].events.iter_mut().for_each(|e| e.slices = 2);
    plan.tensors[Y].gaps[1].kept = 2;
    plan
}

/// What the check says of the plan after a change.
fn verdict(change: impl Fn(&mut Schedule, &mut Plan)) -> String {
    let mut schedule = schedule();
    let mut plan = plan(&schedule);
    change(&mut schedule, &mut plan);
    let cost = evaluate(&schedule, &plan);
    match check(&schedule, &plan, &cost) {
        Ok(()) => "right".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_plan_without_a_mistake_is_right() {
    assert_eq!(verdict(|_, _| {}), "right");
}

#[test]
fn a_memory_that_is_too_small_is_noticed_at_every_moment() {
    // While b runs, y takes 4 bytes beside buffers of 2.
    let small = verdict(|schedule, _| schedule.capacity = Bytes(5));
    assert_eq!(small, "b: 6 bytes in a shared memory of 5");
}

#[test]
fn bytes_that_are_nowhere_are_noticed() {
    // y is dropped after a, and was never stored.
    let dropped = |held: u32, mode: usize| {
        verdict(move |_, plan| {
            plan.tensors[Y].gaps[1].kept = 0;
            plan.tensors[Y].events[1].slices = held;
            plan.modes[2] = Some(mode);
        })
    };
    assert_eq!(dropped(0, 0), "c: reads 2 slices of y that are nowhere");
    assert_eq!(dropped(2, 1), "c: fetches 2 slices of y that are nowhere");
    let part = verdict(|_, plan| {
        plan.tensors[Y].gaps[1].kept = 1;
        plan.tensors[Y].events[1].slices = 1;
        plan.modes[2] = Some(0);
    });
    assert_eq!(part, "c: reads 1 slices of y that are nowhere");
    // What must lie outside at the end was held and not stored.
    let kept = verdict(|_, plan| {
        plan.tensors[V].events[0].slices = 2;
        plan.tensors[Y].events[0].slices = 0;
        plan.tensors[Y].gaps[1].kept = 0;
    });
    assert_eq!(
        kept,
        "the end of the step: leaves 2 slices of v that are nowhere"
    );
}

#[test]
fn numbers_of_slices_that_cannot_be_are_noticed() {
    let fewer = verdict(|_, plan| {
        plan.tensors[Y].events[1].slices = 1;
        plan.modes[2] = Some(0);
    });
    assert_eq!(
        fewer,
        "c: y: 1 slices are held, of which 2 are there already"
    );
    let needed = verdict(|_, plan| {
        plan.tensors[Y].events.iter_mut().for_each(|e| e.slices = 0);
        plan.tensors[Y].gaps[1].kept = 0;
    });
    assert_eq!(
        needed,
        "c: y: the mode needs all of it, 2 slices are missing"
    );
    let more = verdict(|_, plan| plan.tensors[Y].events[0].slices = 1);
    assert_eq!(more, "a: y: 2 slices stay of 1");
}

#[test]
fn transfers_out_of_reach_are_noticed() {
    let early = |operation: usize| {
        verdict(move |_, plan| {
            let slices = 1;
            plan.tensors[Y].events[0].slices = 0;
            plan.tensors[Y].gaps[1] = Gap {
                early: vec![Transfer { operation, slices }],
                ..Gap::default()
            };
        })
    };
    assert_eq!(early(1), "right");
    let far = "the plan does not have the form of its schedule: transfers of y after event 1";
    assert_eq!(early(0), far);
    assert_eq!(early(2), far);
}

#[test]
fn a_cost_that_does_not_add_up_is_noticed() {
    let schedule = schedule();
    let plan = plan(&schedule);
    let mut cost = evaluate(&schedule, &plan);
    cost.moved[1].add(Direction::Inward, 1);
    let error = check(&schedule, &plan, &cost).expect_err("wrong");
    let bits = "b: bits times slices read outside: the plan says 65, the check finds 64";
    assert_eq!(error.to_string(), bits);
    cost = evaluate(&schedule, &plan);
    cost.units[2] += 1;
    let error = check(&schedule, &plan, &cost).expect_err("wrong");
    let time = "c: time units: the plan says 65, the check finds 64";
    assert_eq!(error.to_string(), time);
}

/// What an operation that is left out would have read is lost; it cannot be fetched for nothing.
#[test]
fn neither_check_nor_program_fetches_early_what_is_lost() {
    const W: usize = 4;
    let mut schedule = schedule();
    schedule.capacity = Bytes(20);
    schedule.tensors.push(tensor("w", false, false));
    // a makes y of x, d w of y, b v of x, d again w of y, e z of w.
    let again = Operation {
        optional: true,
        ..operation("d_again", Y, W, 0)
    };
    schedule.operations = vec![
        operation("a", X, Y, 1),
        operation("d", Y, W, 0),
        operation("b", X, V, 2),
        again,
        operation("e", W, Z, 0),
    ];
    assert_eq!(schedule.validate(), Ok(()));
    let mut plan = Plan {
        modes: vec![Some(0), Some(0), Some(0), None, Some(0)],
        tensors: (0..schedule.tensors.len())
            .map(|t| passing(&schedule, t))
            .collect(),
    };
    plan.tensors[Y].events[0].slices = 2;
    plan.tensors[Y].gaps[1].kept = 2;
    plan.tensors[Y].events[1].slices = 2;
    let program = Residency::scaled(&schedule, 1.0, &[]);
    let verdict = |plan: &Plan| {
        let values = program.values(plan);
        assert_eq!(&program.plan(&values), plan);
        let cost = evaluate(&schedule, plan);
        let error = check(&schedule, plan, &cost).err();
        let kept_to = program.model.violation(&values) < 1e-7;
        (error.map(|e| e.to_string()), kept_to)
    };
    assert_eq!(verdict(&plan), (None, true));
    let (operation, slices) = (2, 2);
    plan.tensors[Y].gaps[2].early = vec![Transfer { operation, slices }];
    plan.tensors[Y].events[2].slices = 2;
    let lost = "b: fetches early 2 slices of y that are nowhere";
    assert_eq!(verdict(&plan), (Some(lost.to_owned()), false));
}

/// A port of the shared memory for everything, as fast as the one outside.
fn with_inner_port(schedule: &mut Schedule) {
    schedule.ports.push(Port {
        outer: false,
        bandwidth: Bandwidth::new(1, 1).expect("positive"),
        carries: Directions::of(&Direction::ALL),
    });
    for operation in &mut schedule.operations {
        for mode in &mut operation.modes {
            (mode.read_bits, mode.written_bits) = (32, 32);
        }
    }
}

/// What the check says of costs in which an operation moves more or less than it does.
#[test]
fn what_crosses_the_shared_memorys_port_is_counted() {
    let mut schedule = schedule();
    with_inner_port(&mut schedule);
    let plan = plan(&schedule);
    let right = evaluate(&schedule, &plan);
    assert_eq!(check(&schedule, &plan, &right), Ok(()));
    // a: 4 bytes of x filled and read, y written and kept; c: y read where it lies, z written and
    // drained. Both take 12 cycles at 1 byte per cycle, b takes 16.
    let per_cycle = schedule.units_per_cycle();
    assert_eq!(right.units, [12, 16, 12].map(|cycles| cycles * per_cycle));
    let verdict = |operation: usize, direction: Direction, bits: u128| {
        let mut cost = right.clone();
        cost.moved[operation].add(direction, bits);
        let error = check(&schedule, &plan, &cost).expect_err("wrong");
        error.to_string()
    };
    // A resident operand filled again, a kept result drained, tiles read twice.
    assert_eq!(
        verdict(2, Direction::Inward, 64),
        "c: bits times slices read outside: the plan says 64, the check finds 0"
    );
    assert_eq!(
        verdict(0, Direction::Outward, 64),
        "a: bits times slices written outside: the plan says 64, the check finds 0"
    );
    assert_eq!(
        verdict(1, Direction::Read, 64),
        "b: bits times slices read and written in the shared memory: the plan says 320, the check finds 256"
    );
}

#[test]
fn what_is_fetched_early_crosses_both_ports() {
    let mut schedule = schedule();
    with_inner_port(&mut schedule);
    schedule.capacity = Bytes(20);
    let mut plan = plan(&schedule);
    // One slice of y goes out after a and comes back while b runs.
    let (operation, slices) = (1, 1);
    plan.tensors[Y].events[0].stored = 1;
    plan.tensors[Y].gaps[1] = Gap {
        kept: 1,
        early: vec![Transfer { operation, slices }],
        ..Gap::default()
    };
    let cost = evaluate(&schedule, &plan);
    assert_eq!(check(&schedule, &plan, &cost), Ok(()));
    let per_cycle = schedule.units_per_cycle();
    assert_eq!(cost.units, [14, 18, 12].map(|cycles| cycles * per_cycle));
    let mut wrong = cost.clone();
    wrong.units[1] -= 2 * per_cycle;
    let error = check(&schedule, &plan, &wrong).expect_err("wrong");
    assert!(error.to_string().starts_with("b: time units"), "{error}");
}
