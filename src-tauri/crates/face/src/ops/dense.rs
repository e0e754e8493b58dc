//! Convolution over all channels, as a product of small matrices held in registers.

use pulp::{Simd, WithSimd};

use super::{Arch, LANES, groups};

/// Pixels that all channels are computed for before the next pixels: their values stay in the
/// first cache.
const BLOCK: usize = 48;

/// Weights of a convolution with steps of one pixel over all channels, its bias and activation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    /// Groups of output channels.
    pub(crate) groups: usize,
    /// Height and width, 1×1 or 3×3.
    kernel: [usize; 2],
    panels: Vec<Panel>,
    bias: Vec<f32>,
    /// Factor of negative values per channel: 0 for `Relu`. `None` leaves all as they are.
    slopes: Option<Vec<f32>>,
}

/// The weights of one to three neighbouring groups of output channels.
#[derive(Clone, Debug, PartialEq)]
struct Panel {
    first: usize,
    groups: usize,
    /// By group of input channels, row and column of the kernel, input channel, output channel.
    weights: Vec<f32>,
}

/// Where the values of an input are.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) values: &'a [f32],
    /// From one group of channels to the next.
    pub(crate) plane: usize,
    /// From one row to the next.
    pub(crate) row: usize,
}

/// Neighbouring pixels and where each goes in a plane.
#[derive(Clone, Copy)]
struct Block<'a> {
    start: usize,
    to: &'a [usize],
}

impl Dense {
    /// From weights in the order output channel, input channel, row, column.
    pub(crate) fn new(
        weights: &[f32],
        [outputs, inputs, height, width]: [usize; 4],
        bias: &[f32],
    ) -> Self {
        let all = groups(outputs);
        let mut panels = Vec::new();
        let mut first = 0;
        while first < all {
            let count = match all - first {
                1 => 1,
                odd if odd % 2 == 1 => 3,
                _ => 2,
            };
            let mut panel = Vec::with_capacity(groups(inputs) * height * width * LANES * count);
            for input_group in 0..groups(inputs) {
                for place in 0..height * width {
                    for input in input_group * LANES..(input_group + 1) * LANES {
                        panel.extend((first * LANES..(first + count) * LANES).map(|output| {
                            if input < inputs && output < outputs {
                                weights[(output * inputs + input) * height * width + place]
                            } else {
                                0.0
                            }
                        }));
                    }
                }
            }
            panels.push(Panel { first, groups: count, weights: panel });
            first += count;
        }
        let mut bias = bias.to_vec();
        bias.resize(all * LANES, 0.0);
        Self { groups: all, kernel: [height, width], panels, bias, slopes: None }
    }

    /// With this activation after it.
    pub(crate) fn activated(mut self, slopes: &[f32]) -> Self {
        let mut slopes = slopes.to_vec();
        slopes.resize(self.groups * LANES, 0.0);
        self.slopes = Some(slopes);
        self
    }

    /// Computes neighbouring pixels, from the first of the input on: as many as `count`.
    /// `places` says where in the planes of the output each goes; `residual` is added last and
    /// has the same places.
    pub(crate) fn run(
        &self,
        arch: Arch,
        input: Input<'_>,
        places: impl Fn(usize) -> usize,
        count: usize,
        output: &mut [&mut [f32]],
        residual: Option<&[&[f32]]>,
    ) {
        arch.run(Run { dense: self, input, places, count, output, residual });
    }

    #[inline(always)]
    fn blocks<S: Simd>(
        &self,
        simd: S,
        input: Input<'_>,
        places: &impl Fn(usize) -> usize,
        count: usize,
        output: &mut [&mut [f32]],
        residual: Option<&[&[f32]]>,
    ) {
        let mut start = 0;
        while start < count {
            let length = if count - start < 2 * BLOCK { count - start } else { BLOCK };
            let mut to = [0; 2 * BLOCK];
            for (i, to) in to[..length].iter_mut().enumerate() {
                *to = places(start + i) * LANES;
            }
            let block = Block { start, to: &to[..length] };
            for panel in &self.panels {
                // Pixels and groups of channels of a tile: its sums, the weights and one value
                // fill the sixteen registers of AVX2.
                match (panel.groups, self.kernel[1]) {
                    (1, 1) => self.panel::<S, 8, 1, 1>(simd, panel, input, block, output, residual),
                    (2, 1) => self.panel::<S, 6, 2, 1>(simd, panel, input, block, output, residual),
                    (_, 1) => self.panel::<S, 4, 3, 1>(simd, panel, input, block, output, residual),
                    (1, _) => self.panel::<S, 8, 1, 3>(simd, panel, input, block, output, residual),
                    (2, _) => self.panel::<S, 6, 2, 3>(simd, panel, input, block, output, residual),
                    (_, _) => self.panel::<S, 4, 3, 3>(simd, panel, input, block, output, residual),
                }
            }
            start += length;
        }
    }

    #[inline(always)]
    fn panel<S: Simd, const M: usize, const N: usize, const W: usize>(
        &self,
        simd: S,
        panel: &Panel,
        input: Input<'_>,
        block: Block<'_>,
        output: &mut [&mut [f32]],
        residual: Option<&[&[f32]]>,
    ) {
        let count = block.to.len();
        if count < M {
            for i in 0..count {
                let sums = self.sums::<S, 1, N, W>(simd, panel, input, block.start + i);
                store(simd, sums, panel.first, &block.to[i..], output, residual);
            }
            return;
        }
        let mut i = 0;
        while i < count {
            // The last tile may compute some pixels of the one before again.
            let at = i.min(count - M);
            let sums = self.sums::<S, M, N, W>(simd, panel, input, block.start + at);
            store(simd, sums, panel.first, &block.to[at..], output, residual);
            i += M;
        }
    }

    /// The values of `M` pixels in `N` groups of channels.
    #[inline(always)]
    fn sums<S: Simd, const M: usize, const N: usize, const W: usize>(
        &self,
        simd: S,
        panel: &Panel,
        input: Input<'_>,
        pixel: usize,
    ) -> [[S::f32s; N]; M] {
        let channels = panel.first * LANES..(panel.first + N) * LANES;
        let bias = S::as_simd_f32s(&self.bias[channels.clone()]).0;
        let bias: [S::f32s; N] = std::array::from_fn(|n| bias[n]);
        let mut sums = [bias; M];
        let mut row = 0;
        let mut plane = pixel * LANES;
        for weights in panel.weights.chunks_exact(W * LANES * N * LANES) {
            let weights = &S::as_simd_f32s(weights).0[..W * LANES * N];
            let window = &input.values[plane + row * input.row..][..(M + W - 1) * LANES];
            for place in 0..W * LANES {
                for m in 0..M {
                    let value = simd.splat_f32s(window[m * LANES + place]);
                    for n in 0..N {
                        sums[m][n] = simd.mul_add_e_f32s(value, weights[place * N + n], sums[m][n]);
                    }
                }
            }
            row += 1;
            if row == self.kernel[0] {
                row = 0;
                plane += input.plane;
            }
        }
        if let Some(slopes) = &self.slopes {
            let slopes = S::as_simd_f32s(&slopes[channels]).0;
            for sums in &mut sums {
                for (sum, slope) in sums.iter_mut().zip(slopes) {
                    *sum = super::activated(simd, *sum, *slope);
                }
            }
        }
        sums
    }
}

#[inline(always)]
fn store<S: Simd, const M: usize, const N: usize>(
    simd: S,
    sums: [[S::f32s; N]; M],
    first: usize,
    to: &[usize],
    output: &mut [&mut [f32]],
    residual: Option<&[&[f32]]>,
) {
    for n in 0..N {
        let plane = &mut *output[first + n];
        for m in 0..M {
            let range = to[m]..to[m] + LANES;
            let mut sum = sums[m][n];
            if let Some(residual) = residual {
                let other = &residual[first + n][range.clone()];
                sum = simd.add_f32s(sum, S::as_simd_f32s(other).0[0]);
            }
            S::as_mut_simd_f32s(&mut plane[range]).0[0] = sum;
        }
    }
}

/// [`Dense::run`] for one kind of processor.
struct Run<'a, 'b, F> {
    dense: &'a Dense,
    input: Input<'a>,
    places: F,
    count: usize,
    output: &'a mut [&'b mut [f32]],
    residual: Option<&'a [&'a [f32]]>,
}

impl<F: Fn(usize) -> usize> WithSimd for Run<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Run { dense, input, places, count, output, residual } = self;
        dense.blocks(simd, input, &places, count, output, residual);
    }
}
