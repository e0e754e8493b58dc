//! Convolutions of the networks as operators of our own, for processors with AVX2.
//!
//! tract computes a convolution over planes of one channel each. Here a picture is kept as groups
//! of [`LANES`] channels, side by side for each pixel: of shape (1, groups, height, width,
//! [`LANES`]). One vector then holds the channels of one pixel, whatever the convolution, nothing
//! is gathered or packed while a network runs, and the activation is applied before a value is
//! stored. [`regroup`] translates a network; what it does not know stays as tract has it.
//!
//! The channels that fill the last group are computed like all others, from weights of zero.

#![expect(
    clippy::inline_always,
    reason = "what runs on vectors must be compiled into the function that may use them"
)]

mod block;
mod dense;
mod depthwise;
mod operator;
mod pending;
mod regroup;
mod scratch;
mod stem;

#[cfg(test)]
mod tests;

use pulp::{Simd, WithSimd};

pub(crate) use regroup::regroup;

/// Channels of one group: the floats of one vector.
pub(crate) const LANES: usize = 8;

/// Groups that hold this many channels.
fn groups(channels: usize) -> usize {
    channels.div_ceil(LANES)
}

/// A processor whose vectors hold [`LANES`] floats, with fused multiplication and addition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arch(#[cfg(target_arch = "x86_64")] pulp::x86::V3);

impl PartialEq for Arch {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Arch {}

impl Arch {
    /// This processor, if it is one.
    pub(crate) fn find() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return pulp::x86::V3::try_new().map(Self);
        #[cfg(not(target_arch = "x86_64"))]
        return None;
    }

    #[inline]
    fn run<T: WithSimd>(self, task: T) -> T::Output {
        #[cfg(target_arch = "x86_64")]
        return Simd::vectorize(self.0, task);
        #[cfg(not(target_arch = "x86_64"))]
        return Simd::vectorize(pulp::Scalar::new(), task);
    }
}

/// The value itself, or times the slope where it is negative.
#[inline(always)]
fn activated<S: Simd>(simd: S, value: S::f32s, slope: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    let positive = simd.max_f32s(value, zero);
    simd.mul_add_e_f32s(simd.min_f32s(value, zero), slope, positive)
}
