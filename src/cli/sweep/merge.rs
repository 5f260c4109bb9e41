//! `merge`: the points of several folders in one.

use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::CONTRADICTION;
use super::args::MergeArguments;
use super::{believe, write_files};
use crate::cli::Outcome;
use crate::cli::output::Output;
use crate::cli::warnings::Notice;
use crate::report::sweep::{csv, layers};
use crate::sweep::inherit::inherit;
use crate::sweep::journal::{self, Journal};
use crate::sweep::manifest::{self, Manifest};
use crate::sweep::merge::{Merged, common, gaps_by_shard, merge};
use crate::sweep::points::Choice;

/// Points that are missing named one by one, at most.
const MOST_NAMED: usize = 5;

/// Runs the command.
pub(in crate::cli) fn run(arguments: &MergeArguments) -> anyhow::Result<Outcome> {
    let folders = &arguments.folders;
    let manifests = folders.iter().map(|folder| {
        let read = read_manifest(folder)?;
        Ok((folder.display().to_string(), read))
    });
    let manifests: Vec<(String, Manifest)> = manifests.collect::<anyhow::Result<_>>()?;
    let whole = common(&manifests).map_err(|error| anyhow!(error))?;
    let choices = whole.choices().map_err(|error| anyhow!(error))?;
    let mut points = Vec::new();
    for (folder, (_, manifest)) in folders.iter().zip(&manifests) {
        let found = journal::read(folder)?;
        believe(&found, manifest, None, folder)?;
        if found.torn {
            let file = folder.join(journal::FILE).display().to_string();
            Notice::TornLine { file }.show();
        }
        points.push(found.points);
    }
    let merged = merge(points, &choices).map_err(|error| anyhow!(error))?;
    write(&arguments.output, &whole, &merged)?;
    let shards = manifests
        .iter()
        .filter_map(|(_, m)| m.shard())
        .map(|shard| shard.of);
    show(&merged, &choices, shards.max());
    summary(&merged, folders.len(), &arguments.output)?;
    Ok(if merged.gaps.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn read_manifest(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join(manifest::FILE);
    let read = Manifest::read(folder).with_context(|| format!("cannot read {}", path.display()))?;
    read.ok_or_else(|| {
        anyhow!(
            "{} holds no sweep: there is no {}",
            folder.display(),
            manifest::FILE
        )
    })
}

/// Writes all points into a folder that has none yet.
fn write(folder: &Path, whole: &Manifest, merged: &Merged) -> anyhow::Result<()> {
    let (mut journal, found) = Journal::open(folder, false)?;
    if !found.points.is_empty() {
        bail!(
            "{} holds points already; give a folder that is not there yet",
            folder.display()
        );
    }
    whole
        .write(folder)
        .with_context(|| format!("cannot write {}", folder.join(manifest::FILE).display()))?;
    for point in &merged.points {
        journal.append(point)?;
    }
    let mut points = merged.points.clone();
    inherit(&mut points).context(CONTRADICTION)?;
    write_files(folder, &points)
}

/// Says which points are missing.
fn show(merged: &Merged, choices: &[Choice], shards: Option<usize>) {
    for point in merged.gaps.iter().take(MOST_NAMED) {
        Notice::MissingPoint {
            point: point.clone(),
        }
        .show();
    }
    if merged.gaps.len() > MOST_NAMED {
        let more = merged.gaps.len() - MOST_NAMED;
        Notice::MoreMissingPoints { more }.show();
    }
    for (number, missing) in
        shards.map_or_else(Vec::new, |of| gaps_by_shard(&merged.gaps, choices, of))
    {
        let shard = format!("{number}/{}", shards.unwrap_or(1));
        Notice::UnfinishedShard { shard, missing }.show();
    }
}

fn summary(merged: &Merged, folders: usize, output: &Path) -> anyhow::Result<()> {
    Output::Standard.write(|out| {
        writeln!(
            out,
            "{} points of {folders} folders, {} of them in several, {} missing",
            merged.points.len(),
            merged.doubles,
            merged.gaps.len()
        )?;
        writeln!(out, "{}", output.join(csv::FILE).display())?;
        writeln!(out, "{}", output.join(layers::FILE).display())
    })
}
