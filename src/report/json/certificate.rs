//! Certificates as JSON.

use serde_json::{Value, json};

use crate::problem::Certificate;
use crate::problem::certificate::TOLERANCE;

/// The tolerance of the claim, what closed the space, and what was left out of it.
pub(super) fn document(certificate: &Certificate) -> Value {
    let evidence = certificate.evidence();
    let closed_by: Vec<&str> = evidence.closed_by().iter().map(|own| own.name()).collect();
    let skipped: Vec<String> = evidence.skipped().iter().map(ToString::to_string).collect();
    json!({"tolerance": TOLERANCE, "closed_by": closed_by, "skipped": skipped})
}
