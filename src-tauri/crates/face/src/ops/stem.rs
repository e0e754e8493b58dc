//! The first convolution of a network, from three planes of colour.

use pulp::{Simd, WithSimd};

use super::{Arch, LANES, groups};

/// Height and width of the kernel.
const SIDE: usize = 3;
/// Pixels and groups of channels of a tile.
const TILE: [usize; 2] = [6, 2];

/// A 3×3 convolution in steps of two pixels over few channels, which are planes and not groups.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stem {
    /// Groups of output channels.
    pub(crate) groups: usize,
    inputs: usize,
    /// By pair of groups of output channels, input channel, row, column, output channel.
    weights: Vec<f32>,
    bias: Vec<f32>,
    slopes: Option<Vec<f32>>,
    /// Height and width of the input.
    input: [usize; 2],
}

impl Stem {
    /// From weights in the order output channel, input channel, row, column.
    pub(crate) fn new(
        weights: &[f32],
        [outputs, inputs]: [usize; 2],
        bias: &[f32],
        input: [usize; 2],
    ) -> Self {
        let wide = TILE[1] * LANES;
        let padded = outputs.next_multiple_of(wide);
        let places = inputs * SIDE * SIDE;
        let mut ordered = Vec::with_capacity(padded * places);
        for first in (0..padded).step_by(wide) {
            for place in 0..places {
                ordered.extend((first..first + wide).map(|output| {
                    if output < outputs { weights[output * places + place] } else { 0.0 }
                }));
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(padded, 0.0);
        Self { groups: groups(outputs), inputs, weights: ordered, bias, slopes: None, input }
    }

    /// With this activation after it.
    pub(crate) fn activated(mut self, slopes: &[f32]) -> Self {
        let mut slopes = slopes.to_vec();
        slopes.resize(self.bias.len(), 0.0);
        self.slopes = Some(slopes);
        self
    }

    /// Height and width of the result.
    pub(crate) fn output(&self) -> [usize; 2] {
        self.input.map(|length| (length - 1) / 2 + 1)
    }

    /// Computes some rows of the result. `output` has their part of each plane.
    pub(crate) fn run(
        &self,
        arch: Arch,
        input: &[f32],
        rows: std::ops::Range<usize>,
        output: &mut [&mut [f32]],
        scratch: &mut Vec<f32>,
    ) {
        let [height, width] = self.input;
        let row_length = self.row_length();
        let held = 2 * rows.len() + 1;
        scratch.resize(scratch.len().max(self.inputs * held * row_length), 0.0);
        let planes = &mut scratch[..self.inputs * held * row_length];
        planes.fill(0.0);
        for (to, from) in
            planes.chunks_exact_mut(held * row_length).zip(input.chunks_exact(height * width))
        {
            for (number, to) in to.chunks_exact_mut(row_length).enumerate() {
                // Number 0 is the row above the first that the rows are computed from.
                let row = (2 * rows.start + number).checked_sub(1).filter(|row| *row < height);
                if let Some(row) = row {
                    to[1..=width].copy_from_slice(&from[row * width..][..width]);
                }
            }
        }
        arch.run(Run { stem: self, planes, rows: rows.len(), output });
    }

    /// A row with the pixels outside that any tile reads.
    fn row_length(&self) -> usize {
        2 * (self.output()[1].max(TILE[0]) - 1) + SIDE
    }

    #[inline(always)]
    fn rows<S: Simd>(&self, simd: S, planes: &[f32], rows: usize, output: &mut [&mut [f32]]) {
        const M: usize = TILE[0];
        const N: usize = TILE[1];
        let width = self.output()[1];
        let row_length = self.row_length();
        let plane = (2 * rows + 1) * row_length;
        let panel = self.inputs * SIDE * SIDE * N * LANES;
        for (pair, weights) in self.weights.chunks_exact(panel).enumerate() {
            let channels = pair * N * LANES..(pair + 1) * N * LANES;
            let bias = S::as_simd_f32s(&self.bias[channels.clone()]).0;
            let bias: [S::f32s; N] = std::array::from_fn(|n| bias[n]);
            let slopes =
                self.slopes.as_ref().map(|slopes| S::as_simd_f32s(&slopes[channels.clone()]).0);
            for y in 0..rows {
                let mut x = 0;
                while x < width {
                    let at = x.min(width.saturating_sub(M));
                    let mut sums = [bias; M];
                    for (i, weights) in weights.chunks_exact(SIDE * N * LANES).enumerate() {
                        let weights = &S::as_simd_f32s(weights).0[..SIDE * N];
                        let start = i / SIDE * plane + (2 * y + i % SIDE) * row_length + 2 * at;
                        let window = &planes[start..][..2 * (M - 1) + SIDE];
                        for column in 0..SIDE {
                            for m in 0..M {
                                let value = simd.splat_f32s(window[2 * m + column]);
                                for n in 0..N {
                                    let weight = weights[column * N + n];
                                    sums[m][n] = simd.mul_add_e_f32s(value, weight, sums[m][n]);
                                }
                            }
                        }
                    }
                    for n in 0..N.min(self.groups - pair * N) {
                        let plane = &mut *output[pair * N + n];
                        for (m, sums) in sums.iter().enumerate().take(width) {
                            let sum = slopes.map_or(sums[n], |slopes| {
                                super::activated(simd, sums[n], slopes[n])
                            });
                            let to = (y * width + at + m) * LANES;
                            S::as_mut_simd_f32s(&mut plane[to..to + LANES]).0[0] = sum;
                        }
                    }
                    x += M;
                }
            }
        }
    }
}

/// [`Stem::run`] for one kind of processor.
struct Run<'a, 'b> {
    stem: &'a Stem,
    planes: &'a [f32],
    rows: usize,
    output: &'a mut [&'b mut [f32]],
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Run { stem, planes, rows, output } = self;
        stem.rows(simd, planes, rows, output);
    }
}
