//! The peer of bench_gate.cpp: governor's direct limiter, one thread, with its own clock and with a
//! fake one that moves on by 1 us a call. Prints nanoseconds per call, in the best of many short
//! runs, so that what else the machine does is left out.

use governor::clock::{Clock, FakeRelativeClock};
use governor::{Quota, RateLimiter};
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

const CALLS: u32 = 100_000;
const RUNS: u32 = 200;

fn best_ns(mut call: impl FnMut()) -> f64 {
    (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            (0..CALLS).for_each(|_| call());
            begun.elapsed().as_nanos() as f64 / f64::from(CALLS)
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
    println!(r#"{{"own_clock_ns": {own_ns:.2}, "fake_clock_ns": {fake_ns:.2}, "fake_clock_alone_ns": {advance_ns:.2}}}"#);
}
