//! Convolution of each channel by itself.

use pulp::{Simd, WithSimd};

use super::{Arch, LANES, groups};

/// Height and width of the kernel.
pub(crate) const SIDE: usize = 3;
/// Neighbouring pixels that are computed at a time.
const TILE: usize = 4;

/// Weights of a 3×3 convolution of each channel by itself, its bias and activation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Depthwise {
    /// Groups of channels.
    pub(crate) groups: usize,
    /// Pixels from one window to the next, 1 or 2, to the right and down.
    pub(crate) stride: usize,
    /// By group, row, column, channel.
    weights: Vec<f32>,
    bias: Vec<f32>,
    slopes: Option<Vec<f32>>,
}

impl Depthwise {
    /// From weights in the order channel, row, column.
    pub(crate) fn new(weights: &[f32], stride: usize, bias: &[f32]) -> Self {
        let places = SIDE * SIDE;
        let channels = bias.len();
        let groups = groups(channels);
        let mut ordered = Vec::with_capacity(groups * places * LANES);
        for group in 0..groups {
            for place in 0..places {
                ordered.extend((group * LANES..(group + 1) * LANES).map(|channel| {
                    if channel < channels { weights[channel * places + place] } else { 0.0 }
                }));
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(groups * LANES, 0.0);
        Self { groups, stride, weights: ordered, bias, slopes: None }
    }

    /// With this activation after it.
    pub(crate) fn activated(mut self, slopes: &[f32]) -> Self {
        let mut slopes = slopes.to_vec();
        slopes.resize(self.groups * LANES, 0.0);
        self.slopes = Some(slopes);
        self
    }

    /// Computes rows of one group. `rows` gives the three rows of the input, with one more
    /// pixel at either end, that a row of the output needs.
    pub(crate) fn run<'a>(
        &self,
        arch: Arch,
        group: usize,
        rows: impl Fn(usize) -> [&'a [f32]; SIDE],
        output: &mut [f32],
        width: usize,
    ) {
        arch.run(Run { depthwise: self, group, rows, output, width });
    }

    #[inline(always)]
    fn rows<'a, S: Simd, const STRIDE: usize>(
        &self,
        simd: S,
        group: usize,
        rows: &impl Fn(usize) -> [&'a [f32]; SIDE],
        output: &mut [f32],
        width: usize,
    ) {
        let channels = group * LANES..(group + 1) * LANES;
        let weights = &self.weights[group * SIDE * SIDE * LANES..][..SIDE * SIDE * LANES];
        let weights = S::as_simd_f32s(weights).0;
        let weights: [S::f32s; SIDE * SIDE] = std::array::from_fn(|i| weights[i]);
        let bias = S::as_simd_f32s(&self.bias[channels.clone()]).0[0];
        let slope = self.slopes.as_ref().map(|slopes| S::as_simd_f32s(&slopes[channels]).0[0]);
        for (y, output) in output.chunks_exact_mut(width * LANES).enumerate() {
            let rows = rows(y).map(|row| S::as_simd_f32s(row).0);
            let output = S::as_mut_simd_f32s(output).0;
            if width < TILE {
                for (x, to) in output.iter_mut().enumerate() {
                    let [sum] = tile::<S, 1, STRIDE>(simd, rows, x, &weights, bias);
                    *to = slope.map_or(sum, |slope| super::activated(simd, sum, slope));
                }
                continue;
            }
            let mut x = 0;
            while x < width {
                let at = x.min(width - TILE);
                let sums = tile::<S, TILE, STRIDE>(simd, rows, at, &weights, bias);
                for (to, sum) in output[at..at + TILE].iter_mut().zip(sums) {
                    *to = slope.map_or(sum, |slope| super::activated(simd, sum, slope));
                }
                x += TILE;
            }
        }
    }
}

#[inline(always)]
fn tile<S: Simd, const M: usize, const STRIDE: usize>(
    simd: S,
    rows: [&[S::f32s]; SIDE],
    x: usize,
    weights: &[S::f32s; SIDE * SIDE],
    bias: S::f32s,
) -> [S::f32s; M] {
    let mut sums = [bias; M];
    for (row, weights) in rows.into_iter().zip(weights.as_chunks::<SIDE>().0) {
        let window = &row[x * STRIDE..][..(M - 1) * STRIDE + SIDE];
        for (m, sum) in sums.iter_mut().enumerate() {
            for (column, weight) in weights.iter().enumerate() {
                *sum = simd.mul_add_e_f32s(window[m * STRIDE + column], *weight, *sum);
            }
        }
    }
    sums
}

/// [`Depthwise::run`] for one kind of processor.
struct Run<'a, F> {
    depthwise: &'a Depthwise,
    group: usize,
    rows: F,
    output: &'a mut [f32],
    width: usize,
}

impl<'r, F: Fn(usize) -> [&'r [f32]; SIDE]> WithSimd for Run<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Run { depthwise, group, rows, output, width } = self;
        if depthwise.stride == 1 {
            depthwise.rows::<S, 1>(simd, group, &rows, output, width);
        } else {
            depthwise.rows::<S, 2>(simd, group, &rows, output, width);
        }
    }
}
