//! Arguments of `completions` and `man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

pub(super) const COMPLETION_EXAMPLES: &str = "\
Examples:
  deepmatrix completions bash > deepmatrix.bash    # then: source deepmatrix.bash
  deepmatrix completions zsh > _deepmatrix         # into a folder of $fpath
  deepmatrix completions fish > deepmatrix.fish    # into ~/.config/fish/completions";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  deepmatrix man -o man/man1    # then: man -M man deepmatrix-solve";

#[derive(Args, Debug)]
pub(in crate::cli) struct CompletionArguments {
    /// The shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ManArguments {
    /// Folder of the pages, one for each command; it is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
}
