//! The blocks of memory of a plan: slices with their lives, and the buffers of operations.

use crate::problem::packing::{Block, Packing};
use crate::problem::plan::{Content, Plan, PlanBlocks};
use crate::problem::schedule::{Event, Schedule};

/// Slices of one tensor with the same life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Life {
    from: usize,
    to: usize,
}

/// A slice that is in the memory.
#[derive(Clone, Copy)]
struct Live {
    from: usize,
    inside_only: bool,
}

/// The blocks of a plan. Slices of a tensor with the same life are one block where `merged`.
#[must_use]
pub fn blocks(schedule: &Schedule, plan: &Plan, merged: bool) -> PlanBlocks {
    let mut all = PlanBlocks {
        packing: Packing {
            blocks: Vec::new(),
            capacity: schedule.capacity,
            base: 0,
            alignment: schedule.alignment,
        },
        contents: Vec::new(),
    };
    for (tensor, events) in schedule.events().iter().enumerate() {
        let mut lives = lives(plan, tensor, events);
        lives.sort_by_key(|l| (l.from, l.to));
        while let Some(&life) = lives.first() {
            let same = lives.iter().take_while(|l| **l == life).count();
            let slices = if merged { same } else { 1 };
            lives.drain(..slices);
            add_slices(&mut all, schedule, tensor, life, slices);
        }
    }
    for (operation, own) in schedule.operations.iter().enumerate() {
        let bytes = plan.modes[operation].map_or(0, |m| own.modes[m].buffer_bytes);
        if bytes > 0 {
            let id = format!("{} buffers", own.name);
            let (from, to) = (operation as u64, operation as u64 + 1);
            all.packing.blocks.push(Block::new(id, from, to, bytes));
            all.contents.push(Content::Buffers { operation });
        }
    }
    all
}

fn add_slices(all: &mut PlanBlocks, schedule: &Schedule, tensor: usize, life: Life, slices: usize) {
    let name = &schedule.tensors[tensor].name;
    let id = format!("{name} {}", all.contents.len());
    let size = schedule.slice_bytes(tensor) * slices as u64;
    let block = Block::new(id, life.from as u64, life.to as u64, size);
    all.packing.blocks.push(block);
    all.contents.push(Content::Slices {
        tensor,
        slices: u32::try_from(slices).unwrap_or(u32::MAX),
    });
}

/// The lives of a tensor's slices. Those that are nowhere else stay first, and of the others
/// those that have been there longest.
fn lives(plan: &Plan, tensor: usize, events: &[Event]) -> Vec<Life> {
    let own = &plan.tensors[tensor];
    let (mut live, mut lives): (Vec<Live>, Vec<Life>) = (Vec::new(), Vec::new());
    for (number, gap) in own.gaps.iter().enumerate() {
        if let Some(number) = number.checked_sub(1) {
            let event = events[number];
            let held = own.events[number];
            let runs = plan.modes[event.operation].is_some();
            arrive(
                &mut live,
                &mut lives,
                event.operation,
                held.slices,
                event.reads || !runs,
            );
            if event.writes && runs {
                for slice in &mut live {
                    slice.inside_only = true;
                }
            }
            let stored = live.iter_mut().filter(|s| s.inside_only);
            for slice in stored.take(held.stored as usize) {
                slice.inside_only = false;
            }
            live.sort_by_key(|s| (!s.inside_only, s.from));
            let late = gap.late.iter();
            let ends = late.flat_map(|t| vec![t.operation + 1; t.slices as usize]);
            let leaving: Vec<usize> = ends.collect();
            for (slice, to) in live.drain(..leaving.len()).zip(leaving) {
                lives.push(Life {
                    from: slice.from,
                    to,
                });
            }
            end_some(
                &mut live,
                &mut lives,
                gap.kept as usize,
                event.operation + 1,
            );
        }
        for transfer in &gap.early {
            let slice = Live {
                from: transfer.operation,
                inside_only: false,
            };
            live.extend(vec![slice; transfer.slices as usize]);
        }
    }
    lives
}

/// Slices come in for an operation; where it only writes, those that were there are gone.
fn arrive(live: &mut Vec<Live>, lives: &mut Vec<Life>, now: usize, held: u32, stay: bool) {
    if !stay {
        end_some(live, lives, 0, now);
    }
    while live.len() < held as usize {
        live.push(Live {
            from: now,
            inside_only: false,
        });
    }
}

/// Ends the lives of all but the first slices.
fn end_some(live: &mut Vec<Live>, lives: &mut Vec<Life>, stay: usize, to: usize) {
    for slice in live.drain(stay.min(live.len())..) {
        // What comes and goes before the operation ends takes no time.
        if slice.from < to {
            lives.push(Life {
                from: slice.from,
                to,
            });
        }
    }
}
