//! Rules by which something is left out without being looked at: each has an identifier, a switch
//! and a law (`formulations/pruning.md`).

/// Makes a struct of switches: `"PRU1" name` for a rule, `"-" name` for a part of the method that
/// leaves nothing out.
macro_rules! switches {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $id:literal $field:ident;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* #[doc = concat!("\n\n`", $id, "`")] pub $field: bool,)+
        }

        impl $name {
            /// Everything switched on.
            pub const ALL: Self = Self { $($field: true),+ };
            /// Everything switched off.
            pub const NONE: Self = Self { $($field: false),+ };
            /// Identifier and name of every switch; `-` for what leaves nothing out.
            pub const RULES: &'static [(&'static str, &'static str)] =
                &[$(($id, stringify!($field))),+];

            /// Every switch, in the order of `RULES`.
            pub fn each(&mut self) -> impl Iterator<Item = &mut bool> {
                [$(&mut self.$field),+].into_iter()
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL
            }
        }
    };
}
pub(crate) use switches;

switches! {
    /// Parts of the search that can be switched off; the optimum is the same without them.
    Switches {
        /// Close a node whose bound is above what would be an improvement.
        "PRU24" bound;
        /// Drop columns by reduced cost.
        "PRU25" filter;
        /// Drop dominated columns where nothing else is left to decide.
        "PRU26" dominance;
        /// Go no further in an enumeration where prices alone exceed what would be an improvement.
        "PRU27" partial_prices;
        /// Go no further in an enumeration where the rows cannot be met any more.
        "PRU28" partial_rows;
        /// Drop columns that alone exceed the range imposed on an argument.
        "PRU29" trim;
        /// Enumerate the choices of a small node.
        "-" enumerate;
        /// Split a node at a value of a concave term's argument.
        "-" chord_split;
        /// Try the choices near the relaxation's point.
        "-" rounding;
    }
}
