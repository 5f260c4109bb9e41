//! Reads the command line; wrong usage ends the program with a message and exit status 2.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::{env, process};

use clap::{ColorChoice, CommandFactory, Error, FromArgMatches, ValueEnum};

use super::args::Arguments;
use super::messages::{Color, folded};
use crate::escape::visible;

/// The arguments of this process.
#[must_use]
pub fn parse() -> Arguments {
    let command = Arguments::command().color(color(env::args_os().skip(1)));
    let read = command
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    read.unwrap_or_else(|error| refuse(&error))
}

/// What `--color` asks of the messages of wrong usage, as far as it can be told before the command
/// line is read.
fn color(arguments: impl Iterator<Item = impl AsRef<OsStr>>) -> ColorChoice {
    let mut asked = Color::default();
    let mut after = false;
    for argument in arguments {
        let text = argument.as_ref().to_string_lossy();
        let value = match text.strip_prefix("--color=") {
            Some(value) => Some(value),
            None if after => Some(text.as_ref()),
            None => None,
        };
        let value = value.and_then(|value| Color::from_str(value, false).ok());
        asked = value.unwrap_or(asked);
        after = text == "--color";
    }
    asked.into()
}

/// Shows help, the version, or what is wrong, with the arguments in it made visible.
fn refuse(error: &Error) -> ! {
    let text = error.render().to_string();
    let lines = text.lines().map(|line| {
        if line.starts_with("error: ") {
            folded(line)
        } else {
            line.to_owned()
        }
    });
    let shown = visible(&lines.collect::<Vec<_>>().join("\n")).into_owned();
    // In colours, what arguments hold would be shown as it is.
    let mut arguments = env::args_os().map(|own| own.to_string_lossy().into_owned());
    let plain = arguments.all(|own| visible(&own) == own);
    let same = plain && shown.trim_end() == text.trim_end();
    if error.exit_code() == 0 || same {
        error.exit();
    }
    let _ = writeln!(io::stderr(), "{shown}");
    process::exit(error.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_color_counts() {
        let of = |arguments: &[&str]| color(arguments.iter());
        assert_eq!(of(&["solve", "a"]), ColorChoice::Auto);
        assert_eq!(of(&["--color", "always", "solve"]), ColorChoice::Always);
        assert_eq!(of(&["--color=always", "--color=never"]), ColorChoice::Never);
        assert_eq!(of(&["--color", "red"]), ColorChoice::Auto);
    }
}
