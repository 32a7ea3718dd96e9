//! Estimates and time spent on issues.

use super::issues::{shown, system_note, visible};
use super::parameters::Parameters;
use super::{Answered, Asker, error};
use crate::server::{Answer, Request};
use crate::world::{Role, World};

pub(super) fn change(
    world: &mut World,
    request: &Request,
    asker: Asker,
    iid: u64,
    action: &str,
) -> Answered {
    let parameters = Parameters::of(request)?;
    visible(world, asker, iid)?;
    if !asker.is_at_least(Role::Planner) {
        return Err(error(403, "403 Forbidden"));
    }
    let now = world.clock.now();
    let seconds = || parameters.text("duration").and_then(|text| duration(&text));
    let bad = || error(400, "400 Bad request");
    let (id, issue) = (world.fresh_id(), world.issue_mut(asker.project, iid));
    match action {
        "time_estimate" => {
            issue.time_estimate = seconds().filter(|seconds| *seconds >= 0).ok_or_else(bad)?;
            issue.updated_at = now;
        }
        "reset_time_estimate" => {
            issue.time_estimate = 0;
            issue.updated_at = now;
        }
        "add_spent_time" => {
            let total = issue.time_spent + seconds().ok_or_else(bad)?;
            if total < 0 {
                return Err(bad());
            }
            issue.time_spent = total;
            issue
                .notes
                .push(system_note(id, asker.user, "added time spent", now));
            issue.touch(now);
        }
        _ => {
            issue.time_spent = 0;
            issue.touch(now);
        }
    }
    let issue = world.issue(asker.project, iid);
    let stats = shown(world, asker.project, issue)["time_stats"].clone();
    let status = if action == "add_spent_time" { 201 } else { 200 };
    Ok(Answer::json(status, &stats))
}

/// `1mo2w3d4h5m6s`; a bare number is hours; a day has 8 hours, a week 5 days (reference §3.4).
fn duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.trim()),
    };
    if let Ok(hours) = text.parse::<i64>() {
        return Some(sign * hours * 3600);
    }
    let mut total = 0;
    let mut digits = String::new();
    let mut unit = String::new();
    let mut done = |digits: &mut String, unit: &mut String| -> Option<()> {
        let each = match unit.as_str() {
            "mo" => 160 * 3600,
            "w" => 40 * 3600,
            "d" => 8 * 3600,
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        total += digits.parse::<i64>().ok()? * each;
        digits.clear();
        unit.clear();
        Some(())
    };
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if c.is_ascii_digit() {
            if !unit.is_empty() {
                done(&mut digits, &mut unit)?;
            }
            digits.push(c);
        } else {
            unit.push(c);
        }
    }
    done(&mut digits, &mut unit)?;
    Some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_those_of_a_working_week() {
        assert_eq!(
            duration("1mo 2w 3d 4h 5m 6s"),
            Some(160 * 3600 + 80 * 3600 + 24 * 3600 + 4 * 3600 + 306)
        );
        assert_eq!(duration("12600s"), Some(12600));
        assert_eq!(duration("-90s"), Some(-90));
        assert_eq!(duration("2"), Some(7200));
        assert_eq!(duration("soon"), None);
    }
}
