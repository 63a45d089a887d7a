//! The peer of bench_gate.cpp: governor's direct limiter with its own clock and with a fake one, by
//! one thread and by two at the same time. The fake one moves on by 1 us a call of the one thread;
//! for two it stands still, as they would fight for it too. Prints nanoseconds per call, in the best
//! of many runs, so that what else the machine does is left out.

use governor::clock::{Clock, FakeRelativeClock};
use governor::{Quota, RateLimiter};
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

const CALLS: u32 = 100_000;
const RUNS: u32 = 200;
// Of two threads: long enough for both to be at it.
const SHARED_CALLS: u32 = 2_000_000;
const SHARED_RUNS: u32 = 10;

fn ns_per_call(calls: u32, mut call: impl FnMut()) -> f64 {
    let begun = Instant::now();
    (0..calls).for_each(|_| call());
    begun.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn best_ns(mut call: impl FnMut()) -> f64 {
    (0..RUNS)
        .map(|_| ns_per_call(CALLS, &mut call))
        .fold(f64::INFINITY, f64::min)
}

fn best_ns_of_two_threads(call: impl Fn() + Sync) -> f64 {
    (0..SHARED_RUNS)
        .map(|_| {
            let together = Barrier::new(2);
            let work = || {
                together.wait();
                ns_per_call(SHARED_CALLS, &call)
            };
            thread::scope(|scope| {
                let other = scope.spawn(work);
                (work() + other.join().unwrap()) / 2.0
            })
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    // Far above the offered rate, as in bench_gate.cpp: every call is admitted.
    let quota = Quota::per_second(NonZeroU32::new(1_000_000_000).unwrap());
    let own = RateLimiter::direct(quota);
    let own_ns = best_ns(|| drop(black_box(own.check())));

    let clock = FakeRelativeClock::default();
    let fake = RateLimiter::direct_with_clock(quota, clock.clone());
    let fake_ns = best_ns(|| {
        clock.advance(Duration::from_micros(1));
        drop(black_box(fake.check()));
    });
    let advance_ns = best_ns(|| {
        clock.advance(Duration::from_micros(1));
        black_box(clock.now());
    });
    let own_2_ns = best_ns_of_two_threads(|| drop(black_box(own.check())));
    let fake_2_ns = best_ns_of_two_threads(|| drop(black_box(fake.check())));
    println!(
        r#"{{"own_clock_1_ns": {own_ns:.2}, "fake_clock_1_ns": {fake_ns:.2}, "own_clock_2_ns": {own_2_ns:.2}, "fake_clock_2_ns": {fake_2_ns:.2}, "fake_clock_alone_ns": {advance_ns:.2}}}"#
    );
}
