//! Reads the command line; wrong usage ends the program with a message and exit status 2.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::{env, process};

use clap::{CommandFactory, Error, FromArgMatches, ValueEnum};

use super::args::Arguments;
use super::fold::folded;
use super::messages::{Color, is_colored};
use crate::escape::visible;

/// The arguments of this process.
#[must_use]
pub fn parse() -> Arguments {
    let color = color(env::args_os().skip(1));
    let read = (Arguments::command().color(color.into()).try_get_matches())
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    read.unwrap_or_else(|error| refuse(&error, color))
}

/// What `--color` asks of the messages of wrong usage, as far as it can be told before the command
/// line is read.
fn color(arguments: impl Iterator<Item = impl AsRef<OsStr>>) -> Color {
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
    asked
}

/// Shows help, the version, or what is wrong, with the arguments in it made visible and long lines folded.
fn refuse(error: &Error, color: Color) -> ! {
    if error.exit_code() == 0 {
        error.exit();
    }
    // In colours, what arguments hold would be shown as it is.
    let mut arguments = env::args_os().map(|own| own.to_string_lossy().into_owned());
    let plain = arguments.all(|own| visible(&own) == own);
    let text = if plain && is_colored(color) {
        error.render().ansi().to_string()
    } else {
        visible(&error.render().to_string()).into_owned()
    };
    let _ = writeln!(io::stderr(), "{}", folded(&text));
    process::exit(error.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_color_counts() {
        let of = |arguments: &[&str]| color(arguments.iter());
        assert_eq!(of(&["solve", "a"]), Color::Auto);
        assert_eq!(of(&["--color", "always", "solve"]), Color::Always);
        assert_eq!(of(&["--color=always", "--color=never"]), Color::Never);
        assert_eq!(of(&["--color", "red"]), Color::Auto);
    }
}
