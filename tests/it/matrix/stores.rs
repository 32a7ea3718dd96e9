//! P3 at every third request: the store of a pass that was killed is lost, or an older one put back.

use super::life::Seen;
use super::place::Place;
use super::{
    DEEP, Every, Point, UNDISTURBED, at_requests, disturbed, goes_on, same, to_the_end, try_all,
};
use forge_sim::Fault;

/// The store of a pass that was killed is lost (P3).
fn survives_a_lost_store(place: &Place, at: usize, point: &Point) -> Result<(), String> {
    let (world, ..) = disturbed(place, point);
    place.put_store(None);
    let world = to_the_end(place, world)?;
    let (seen, expected) = (Seen::of(&world), &UNDISTURBED.seen[point.which]);
    if point.which == 0 {
        same(&seen, 0, true)?;
    } else if let Some(said) = seen.but_additions().differs(&expected.but_additions()) {
        // What the source has lost is anybody's, once nobody knows who set it.
        return Err(said);
    }
    if at.is_multiple_of(DEEP) {
        goes_on(place, world, point.which, true)?;
    }
    Ok(())
}

#[test]
fn p3_killed_at_any_request_and_the_store_lost_nothing_is_made_twice() {
    let points = at_requests(&Fault::Kill { after: true }, Every::Third);
    try_all("store lost", 50, &points, survives_a_lost_store);
}

#[test]
fn p3_killed_at_any_request_and_an_older_store_put_back_nothing_is_made_twice() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Third);
    let points: Vec<Point> = all.into_iter().filter(|point| point.which == 1).collect();
    try_all(
        "store of the pass before",
        20,
        &points,
        |place, at, point| {
            let (world, ..) = disturbed(place, point);
            place.put_store(UNDISTURBED.before[1].store.as_deref());
            let world = to_the_end(place, world)?;
            same(&Seen::of(&world), 1, true)?;
            if at.is_multiple_of(DEEP) {
                goes_on(place, world, 1, true)?;
            }
            Ok(())
        },
    );
}

#[test]
fn p3_a_store_of_any_moment_of_the_first_pass_put_back_after_it_nothing_is_made_twice() {
    let all = at_requests(&Fault::Kill { after: true }, Every::Third);
    let points: Vec<Point> = all
        .into_iter()
        .filter(|p| p.which == 0)
        .step_by(3)
        .collect();
    try_all("store of the middle", 8, &points, |place, at, point| {
        let (world, ..) = disturbed(place, point);
        let middle = place.store();
        let world = to_the_end(place, world)?;
        place.put_store(middle.as_deref());
        let world = to_the_end(place, world)?;
        same(&Seen::of(&world), 0, true)?;
        if at.is_multiple_of(DEEP) {
            goes_on(place, world, 0, true)?;
        }
        Ok(())
    });
}

#[test]
fn p3_the_store_of_the_first_pass_put_back_after_the_second_nothing_is_made_twice() {
    let place = Place::new();
    place.put_store(UNDISTURBED.before[1].store.as_deref());
    let world = to_the_end(&place, UNDISTURBED.last.clone()).unwrap();
    same(&Seen::of(&world), 1, true).unwrap();
    goes_on(&place, world, 1, true).unwrap();
}
