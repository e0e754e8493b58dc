//! Expansion, convolution of each channel and projection in one pass, as `MobileNetV2` (Sandler
//! et al., 2018) repeats them.
//!
//! Computed a few rows at a time, the expanded channels stay in the second cache; as whole
//! tensors they would go to memory and back twice.

use std::ops::Range;

use super::dense::{Dense, Input};
use super::depthwise::{Depthwise, SIDE};
use super::{Arch, LANES};

/// Least number of output pixels that are computed in one pass.
const PIXELS: usize = 64;

/// A 3×3 convolution of each channel by itself, between two optional 1×1 convolutions over all
/// channels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) expand: Option<Dense>,
    pub(crate) depthwise: Depthwise,
    pub(crate) project: Option<Dense>,
    /// Whether the input is added to the result.
    pub(crate) residual: bool,
    /// Height and width of the input.
    pub(crate) input: [usize; 2],
}

impl Block {
    /// Height and width of the result.
    pub(crate) fn output(&self) -> [usize; 2] {
        self.input.map(|length| (length - 1) / self.depthwise.stride + 1)
    }

    /// Groups of channels of the result.
    pub(crate) fn groups(&self) -> usize {
        self.project.as_ref().map_or(self.depthwise.groups, |project| project.groups)
    }

    /// Rows of the result that are computed in one pass.
    fn step(&self) -> usize {
        let [height, width] = self.output();
        PIXELS.div_ceil(width).min(height)
    }

    /// Rows that the depthwise convolution needs for one pass.
    fn held(&self) -> usize {
        (self.step() - 1) * self.depthwise.stride + SIDE
    }

    /// Computes some rows of the result. `output` has their part of each plane.
    pub(crate) fn run(
        &self,
        arch: Arch,
        input: &[f32],
        rows: Range<usize>,
        output: &mut [&mut [f32]],
        scratch: &mut Vec<f32>,
    ) {
        let [_, width] = self.input;
        let [_, output_width] = self.output();
        let (step, stride) = (self.step(), self.depthwise.stride);
        let ring_row = (width + 2) * LANES;
        let ring_plane = self.held() * ring_row;
        let middle_plane = step * output_width * LANES;
        let ring_length = self.depthwise.groups * ring_plane;
        scratch.resize(scratch.len().max(ring_length + self.depthwise.groups * middle_plane), 0.0);
        let (ring, middle) = scratch.split_at_mut(ring_length);
        // The pixels beside each row stay zero: the convolution reaches one pixel outside.
        ring.fill(0.0);
        let mut next = rows.start * stride;
        for y in rows.clone().step_by(step) {
            let count = step.min(rows.end - y);
            // Input row i is number i + 1, for the row above the first counts too.
            let end = (y + count - 1) * stride + SIDE;
            self.fill(arch, input, next..end, ring);
            next = end;
            let places = (y - rows.start) * output_width;
            for group in 0..self.depthwise.groups {
                let ring = &ring[group * ring_plane..][..ring_plane];
                let above = |row: usize| {
                    std::array::from_fn(|i| {
                        let number = (y + row) * stride + i;
                        &ring[number % self.held() * ring_row..][..ring_row]
                    })
                };
                let length = count * output_width * LANES;
                let to = if self.project.is_some() {
                    &mut middle[group * middle_plane..][..length]
                } else {
                    &mut output[group][places * LANES..][..length]
                };
                self.depthwise.run(arch, group, above, to, output_width);
            }
            if let Some(project) = &self.project {
                let middle = Input { values: middle, plane: middle_plane, row: 0 };
                let residual: Option<Vec<&[f32]>> = self.residual.then(|| {
                    let plane = self.input[0] * width * LANES;
                    input
                        .chunks_exact(plane)
                        .map(|plane| &plane[rows.start * width * LANES..])
                        .collect()
                });
                let pixels = count * output_width;
                project.run(arch, middle, |i| places + i, pixels, output, residual.as_deref());
            }
        }
    }

    /// Brings rows of the input, expanded, into their slots of the ring.
    fn fill(&self, arch: Arch, input: &[f32], numbers: Range<usize>, ring: &mut [f32]) {
        let [height, width] = self.input;
        let plane = height * width * LANES;
        let (held, ring_row) = (self.held(), (width + 2) * LANES);
        let slot = |number: usize| (number % held) * (width + 2) + 1;
        let outside = numbers.clone().filter(|number| *number == 0 || *number > height);
        for number in outside {
            for ring in ring.chunks_exact_mut(held * ring_row) {
                ring[slot(number) * LANES..][..width * LANES].fill(0.0);
            }
        }
        let (start, end) = (numbers.start.max(1), numbers.end.min(height + 1));
        if start >= end {
            return;
        }
        let from = (start - 1) * width * LANES;
        if let Some(expand) = &self.expand {
            let mut ring: Vec<&mut [f32]> = ring.chunks_exact_mut(held * ring_row).collect();
            let input = Input { values: &input[from..], plane, row: 0 };
            let places = |i: usize| slot(start + i / width) + i % width;
            expand.run(arch, input, places, (end - start) * width, &mut ring, None);
        } else {
            for (ring, input) in
                ring.chunks_exact_mut(held * ring_row).zip(input.chunks_exact(plane))
            {
                for (number, row) in (start..end).zip(input[from..].chunks_exact(width * LANES)) {
                    ring[slot(number) * LANES..][..width * LANES].copy_from_slice(row);
                }
            }
        }
    }
}
