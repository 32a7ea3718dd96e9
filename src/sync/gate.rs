//! Whether a pair may be mirrored at all: where it would not be seen that an issue becomes
//! confidential, a target that more people see than the source is refused (P7).

use super::failure::FailedAt;
use super::{Abort, Pass};
use crate::forge::{ErrorKind, ForgeError};
use crate::model::{Inspection, Side, Visibility};

/// Refuses a target that is more public than the source, where the account of the source sees no
/// confidential issue. The target is asked only then.
pub(super) async fn may_begin(pass: &Pass<'_>) -> Result<(), Abort> {
    if pass.policy.accept_low_role {
        return Ok(());
    }
    let opening = |error| Abort::Forge(FailedAt::Open, error);
    let source = pass.source.inspect(Side::Source).await.map_err(opening)?;
    let Inspection::Project(source) = source else {
        return Ok(());
    };
    let right = source.rights.sees_confidential;
    // Whoever sees a private project has a role in it; one by an invited group is not told.
    if right.granted {
        return Ok(());
    }
    // As a source, because who would be mailed makes no difference here.
    let target = pass.target.inspect(Side::Source).await.map_err(opening)?;
    let Inspection::Project(target) = target else {
        return Ok(());
    };
    if !source.exposes_to(&target) {
        return Ok(());
    }
    let word = |visibility: Option<Visibility>| visibility.map_or("", Visibility::word);
    let (from, to) = (word(source.visibility), word(target.visibility));
    let role = source.role.unwrap_or("no member");
    let said = format!(
        "the account of the token is {role} in {}, so it does not see that an issue becomes confidential, and the target is {} where the source is {}. Give it the role {}, or write `accept_low_role: true`; nothing was mirrored",
        pass.source.project().name,
        to,
        from,
        right.needs
    );
    let doing = "mirroring to a more public project";
    Err(opening(ForgeError::new(ErrorKind::Rejected, doing, said)))
}
