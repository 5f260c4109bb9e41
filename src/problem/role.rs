//! The three operands of loop nests (problem definition, section 1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The role of an operand: input and weight are multiplied, output is accumulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The operand with the window index, the left operand of a matmul.
    Input,
    /// The other multiplied operand, the right operand of a matmul.
    Weight,
    /// The accumulated operand.
    Output,
}

impl Role {
    /// The three roles, in the order in which they are stored and printed.
    pub const ALL: [Role; 3] = [Role::Input, Role::Weight, Role::Output];

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["input", "weight", "output"][self as usize]
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.name() == text)
    }
}

/// A set of operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleSet(u8);

impl RoleSet {
    /// All three operands.
    pub const ALL: RoleSet = RoleSet(0b111);
    /// No operand.
    pub const NONE: RoleSet = RoleSet(0);

    /// The set of the given operands.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, &r| bits | 1 << r as u8))
    }

    /// Whether `role` is in the set.
    #[must_use]
    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The operands of the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |&r| self.contains(r))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
