//! The convolutions as operators of tract.

use std::ops::Range;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::{
    EvalContext, EvalOp, StaticName, TractErrorContext, as_op, bail, ensure, op_as_typed_op,
    op_out_of_plan,
};

use super::block::Block;
use super::dense::{Dense, Input};
use super::scratch::Scratch;
use super::stem::Stem;
use super::{Arch, LANES, groups};

/// What an operator computes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kernel {
    /// From planes of one channel each to groups.
    Group,
    /// Back to this many planes.
    Ungroup { channels: usize },
    /// From planes of colour.
    Stem(Stem),
    /// Of each pixel by itself; the second input, if there is one, is added.
    Pointwise(Dense),
    /// Over 3×3 pixels and all channels.
    Full(Dense),
    /// Each pixel becomes 2×2: the convolutions of the upper two, then the lower two.
    Double([Dense; 4]),
    /// See [`Block`].
    Block(Block),
    /// The sum of all pixels.
    Sum,
    /// The first input times the second, which is one pixel, plus the third if there is one.
    Gate,
}

/// A kernel with the memory that it works in.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    pub(crate) kernel: Kernel,
    pub(crate) arch: Arch,
    /// Whether to compute the halves of a picture on two threads.
    pub(crate) in_two: bool,
    pub(crate) scratch: Arc<Scratch>,
}

impl PartialEq for Operator {
    fn eq(&self, other: &Self) -> bool {
        self.kernel == other.kernel
    }
}

impl Eq for Operator {}

impl Op for Operator {
    fn name(&self) -> StaticName {
        match &self.kernel {
            Kernel::Group => "Group",
            Kernel::Ungroup { .. } => "Ungroup",
            Kernel::Stem(_) => "Stem",
            Kernel::Pointwise(_) => "Pointwise",
            Kernel::Full(_) => "Full",
            Kernel::Double(_) => "Double",
            Kernel::Block(_) => "Block",
            Kernel::Sum => "Sum",
            Kernel::Gate => "Gate",
        }
        .into()
    }

    op_as_typed_op!();
}

impl EvalOp for Operator {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let shape = self.shape(inputs[0].shape())?;
        let mut output = Tensor::zero::<f32>(&shape)?;
        let plain: TVec<_> =
            inputs.iter().map(|input| input.try_as_plain_ram()).collect::<TractResult<_>>()?;
        let values: TVec<&[f32]> =
            plain.iter().map(PlainView::as_slice::<f32>).collect::<TractResult<_>>()?;
        self.compute(
            &values,
            inputs[0].shape(),
            output.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?,
            &shape,
        )?;
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Operator {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let input = inputs[0].shape.as_concrete().context("an input of unknown shape")?;
        Ok(tvec!(f32::fact(self.shape(input)?)))
    }

    as_op!();
}

impl Operator {
    /// The shape of the result.
    fn shape(&self, input: &[usize]) -> TractResult<Vec<usize>> {
        if let Kernel::Stem(stem) = &self.kernel {
            let [height, width] = stem.output();
            return Ok(vec![1, stem.groups, height, width, LANES]);
        }
        if let Kernel::Group = self.kernel {
            let &[1, channels, height, width] = input else { bail!("planes of shape {input:?}") };
            return Ok(vec![1, groups(channels), height, width, LANES]);
        }
        let &[1, count, height, width, LANES] = input else { bail!("groups of shape {input:?}") };
        Ok(match &self.kernel {
            Kernel::Ungroup { channels } => {
                ensure!(groups(*channels) == count, "{channels} channels in {count} groups");
                vec![1, *channels, height, width]
            }
            Kernel::Pointwise(dense) | Kernel::Full(dense) => {
                vec![1, dense.groups, height, width, LANES]
            }
            Kernel::Double(parts) => vec![1, parts[0].groups, 2 * height, 2 * width, LANES],
            Kernel::Block(block) => {
                ensure!(block.input == [height, width], "a block of another size");
                let [height, width] = block.output();
                vec![1, block.groups(), height, width, LANES]
            }
            Kernel::Sum => vec![1, count, 1, 1, LANES],
            _ => input.to_vec(),
        })
    }

    fn compute(
        &self,
        inputs: &[&[f32]],
        input_shape: &[usize],
        output: &mut [f32],
        shape: &[usize],
    ) -> TractResult<()> {
        let [height, width] = [input_shape[2], input_shape[3]];
        let input = inputs[0];
        let plane = height * width * LANES;
        let pixels = height * width;
        match &self.kernel {
            Kernel::Group => {
                for (plane, group) in
                    output.chunks_exact_mut(plane).zip(input.chunks(pixels * LANES))
                {
                    for (lane, from) in group.chunks_exact(pixels).enumerate() {
                        let to = plane.iter_mut().skip(lane).step_by(LANES);
                        to.zip(from).for_each(|(to, from)| *to = *from);
                    }
                }
            }
            Kernel::Ungroup { .. } => {
                for (group, plane) in
                    output.chunks_mut(pixels * LANES).zip(input.chunks_exact(plane))
                {
                    for (lane, to) in group.chunks_exact_mut(pixels).enumerate() {
                        let from = plane.iter().skip(lane).step_by(LANES);
                        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                    }
                }
            }
            Kernel::Stem(stem) => self.in_bands(output, shape, |rows, output, scratch| {
                stem.run(self.arch, input, rows, output, scratch);
            }),
            Kernel::Block(block) => self.in_bands(output, shape, |rows, output, scratch| {
                block.run(self.arch, input, rows, output, scratch);
            }),
            Kernel::Pointwise(dense) => {
                let added = inputs.get(1);
                self.in_bands(output, shape, |rows, output, _| {
                    let start = rows.start * width * LANES;
                    let residual: Option<Vec<&[f32]>> =
                        added.map(|all| all.chunks_exact(plane).map(|all| &all[start..]).collect());
                    let input = Input { values: &input[start..], plane, row: 0 };
                    let pixels = rows.len() * width;
                    dense.run(self.arch, input, |i| i, pixels, output, residual.as_deref());
                });
            }
            Kernel::Full(dense) => self.in_bands(output, shape, |rows, output, scratch| {
                full(self.arch, dense, input, [height, width], rows, output, scratch);
            }),
            Kernel::Double(parts) => {
                let mut planes: Vec<&mut [f32]> = output.chunks_exact_mut(4 * plane).collect();
                let input = Input { values: input, plane, row: 0 };
                for (part, dense) in parts.iter().enumerate() {
                    let [down, right] = [part / 2, part % 2];
                    let to =
                        |i: usize| (2 * (i / width) + down) * 2 * width + 2 * (i % width) + right;
                    dense.run(self.arch, input, to, pixels, &mut planes, None);
                }
            }
            Kernel::Sum => {
                for (to, plane) in output.chunks_exact_mut(LANES).zip(input.chunks_exact(plane)) {
                    for pixel in plane.chunks_exact(LANES) {
                        to.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
                    }
                }
            }
            Kernel::Gate => {
                let factors = inputs.get(1).context("a gate has factors")?;
                match inputs.get(2) {
                    Some(added) => output.copy_from_slice(added),
                    None => output.fill(0.0),
                }
                let planes = output.chunks_exact_mut(plane).zip(input.chunks_exact(plane));
                for ((to, from), factors) in planes.zip(factors.as_chunks::<LANES>().0) {
                    let pixels = to.as_chunks_mut::<LANES>().0.iter_mut();
                    for (to, from) in pixels.zip(from.as_chunks::<LANES>().0) {
                        for lane in 0..LANES {
                            to[lane] += from[lane] * factors[lane];
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Computes the rows of the result, on two threads if this operator may, each with a buffer.
    fn in_bands(
        &self,
        output: &mut [f32],
        shape: &[usize],
        band: impl Fn(Range<usize>, &mut [&mut [f32]], &mut Vec<f32>) + Sync,
    ) {
        let [height, width] = [shape[2], shape[3]];
        let planes = output.chunks_exact_mut(height * width * LANES);
        if !self.in_two || height < 2 {
            let mut planes: Vec<&mut [f32]> = planes.collect();
            self.scratch.lend(|scratch| band(0..height, &mut planes, scratch));
            return;
        }
        let middle = height / 2;
        let (mut upper, mut lower): (Vec<_>, Vec<_>) =
            planes.map(|plane| plane.split_at_mut(middle * width * LANES)).unzip();
        rayon::join(
            || self.scratch.lend(|scratch| band(0..middle, &mut upper, scratch)),
            || self.scratch.lend(|scratch| band(middle..height, &mut lower, scratch)),
        );
    }
}

/// A 3×3 convolution over all channels, from a copy of the input with zeros around it.
fn full(
    arch: Arch,
    dense: &Dense,
    input: &[f32],
    [height, width]: [usize; 2],
    rows: Range<usize>,
    output: &mut [&mut [f32]],
    scratch: &mut Vec<f32>,
) {
    let row = (width + 2) * LANES;
    let plane = (rows.len() + 2) * row;
    let from = input.chunks_exact(height * width * LANES);
    let length = from.len() * plane;
    scratch.resize(scratch.len().max(length), 0.0);
    let padded = &mut scratch[..length];
    padded.fill(0.0);
    for (to, from) in padded.chunks_exact_mut(plane).zip(from) {
        for (number, to) in to.chunks_exact_mut(row).enumerate() {
            if let Some(y) = (rows.start + number).checked_sub(1).filter(|y| *y < height) {
                to[LANES..row - LANES].copy_from_slice(&from[y * width * LANES..][..width * LANES]);
            }
        }
    }
    for y in 0..rows.len() {
        let input = Input { values: &padded[y * row..], plane, row };
        dense.run(arch, input, |i| y * width + i, width, output, None);
    }
}
