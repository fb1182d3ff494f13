//! Random numbers that stay the same for ever.
//!
//! SplitMix64 is written out here because the checked-in sample must come out byte for byte with
//! every later version of the dependencies, and `rand` keeps the right to change its ranges.

/// A stream of random numbers; the same seed gives the same stream.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    #[must_use]
    pub const fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A stream of its own for one purpose, so that a draw added here does not change what is
    /// drawn there.
    #[must_use]
    pub const fn fork(&self, purpose: u64) -> Dice {
        Dice(scramble(
            self.0 ^ scramble(purpose.wrapping_add(0x51_7c_c1_b7_27_22_0a_95)),
        ))
    }

    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }

    /// 0 … `limit` − 1; 0 where `limit` is 0.
    pub const fn below(&mut self, limit: usize) -> usize {
        (((self.roll() >> 32) * limit as u64) >> 32) as usize
    }

    /// `from` … `to`, both included.
    pub const fn between(&mut self, from: i32, to: i32) -> i32 {
        from + self.below((to - from + 1) as usize) as i32
    }

    /// True in `per_10000` of 10 000 cases.
    pub const fn chance(&mut self, per_10000: usize) -> bool {
        self.below(10_000) < per_10000
    }

    /// One of `items`, which must not be empty.
    pub const fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

const fn scramble(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
