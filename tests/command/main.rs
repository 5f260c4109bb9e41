//! The command line: what it prints, writes and refuses.

#[path = "../onnx_files/mod.rs"]
mod onnx_files;

mod adversarial;
mod cmd;
mod command_line;
mod compare;
mod errors;
mod examples;
mod export;
mod formats;
mod init;
mod long_messages;
mod memory_plans;
mod messages;
mod names;
mod phases_results;
mod report;
mod robust;
mod stopping;
mod sweep;
mod trace;
mod training;
mod widths;
