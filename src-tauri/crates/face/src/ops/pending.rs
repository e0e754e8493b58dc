//! An operator that is being put together from several nodes of a network.

use tract_onnx::prelude::*;

use super::block::Block;
use super::dense::Dense;
use super::depthwise::Depthwise;
use super::operator::Kernel;
use super::stem::Stem;

/// One picture: how many channels, and its height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) channels: usize,
    pub(crate) size: [usize; 2],
}

/// A convolution as the file has it.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) weights: Vec<f32>,
    /// Output channels, input channels, height, width.
    pub(crate) shape: [usize; 4],
    pub(crate) bias: Vec<f32>,
    pub(crate) slopes: Option<Vec<f32>>,
}

/// What will become one operator, or `Err` with it unchanged where it cannot take in what
/// follows. The inputs are in the new network.
#[derive(Debug)]
pub(crate) enum Pending {
    Stem { raw: Box<Raw>, input: OutletId, size: [usize; 2] },
    Pointwise { shape: Shape, raw: Box<Raw>, input: OutletId, added: Option<OutletId> },
    Full { raw: Box<Raw>, input: OutletId },
    Double { raw: Box<Raw>, input: OutletId },
    Block(Box<Parts>),
    Scaled { value: OutletId, factors: OutletId, added: Option<OutletId> },
}

/// The parts of a [`Block`].
#[derive(Debug)]
pub(crate) struct Parts {
    shape: Shape,
    expand: Option<Box<Raw>>,
    depthwise: Box<Raw>,
    project: Option<Box<Raw>>,
    stride: usize,
    input: OutletId,
    size: [usize; 2],
    residual: bool,
}

impl Raw {
    fn slopes_if_new(&mut self, slopes: &[f32]) -> bool {
        let new = self.slopes.is_none();
        if new {
            self.slopes = Some(slopes.to_vec());
        }
        new
    }

    fn dense(&self) -> Dense {
        let dense = Dense::new(&self.weights, self.shape, &self.bias);
        match &self.slopes {
            Some(slopes) => dense.activated(slopes),
            None => dense,
        }
    }
}

impl Pending {
    /// A depthwise convolution by itself.
    pub(crate) fn depthwise(
        shape: Shape,
        raw: Box<Raw>,
        stride: usize,
        input: OutletId,
        size: [usize; 2],
    ) -> Self {
        let parts = Parts {
            shape,
            expand: None,
            depthwise: raw,
            project: None,
            stride,
            input,
            size,
            residual: false,
        };
        Self::Block(Box::new(parts))
    }

    /// The convolution whose result this is, if nothing was added to it.
    fn last(&mut self) -> Option<&mut Raw> {
        match self {
            Self::Stem { raw, .. }
            | Self::Pointwise { raw, added: None, .. }
            | Self::Full { raw, .. }
            | Self::Double { raw, .. } => Some(raw),
            Self::Block(parts) if !parts.residual => {
                Some(parts.project.as_mut().unwrap_or(&mut parts.depthwise))
            }
            _ => None,
        }
    }

    /// With an activation after it.
    pub(crate) fn activate(mut self, slopes: &[f32]) -> Result<Self, Self> {
        if self.last().is_some_and(|raw| raw.slopes_if_new(slopes)) { Ok(self) } else { Err(self) }
    }

    /// With each channel times a factor.
    pub(crate) fn scale(mut self, factor: impl Fn(usize) -> f32) -> Result<Self, Self> {
        match self.last() {
            Some(raw) if raw.slopes.is_none() => {
                let each = raw.weights.len() / raw.shape[0];
                for (i, weights) in raw.weights.chunks_exact_mut(each).enumerate() {
                    for weight in weights {
                        *weight *= factor(i);
                    }
                    raw.bias[i] *= factor(i);
                }
                Ok(self)
            }
            _ => Err(self),
        }
    }

    /// With a number added to each channel.
    pub(crate) fn shift(mut self, number: impl Fn(usize) -> f32) -> Result<Self, Self> {
        match self.last() {
            Some(raw) if raw.slopes.is_none() => {
                raw.bias.iter_mut().enumerate().for_each(|(i, bias)| *bias += number(i));
                Ok(self)
            }
            _ => Err(self),
        }
    }

    /// Whether [`Pending::add`] may join.
    pub(crate) fn takes_addition(&self) -> bool {
        match self {
            Self::Pointwise { added, .. } | Self::Scaled { added, .. } => added.is_none(),
            Self::Block(parts) => !parts.residual && parts.project.is_some() && parts.stride == 1,
            _ => false,
        }
    }

    /// With another value of the same shape added.
    pub(crate) fn add(mut self, other: OutletId) -> Result<Self, Self> {
        match &mut self {
            Self::Pointwise { added, .. } | Self::Scaled { added, .. } if added.is_none() => {
                *added = Some(other);
            }
            Self::Block(parts) if other == parts.input && !parts.residual => parts.residual = true,
            _ => return Err(self),
        }
        Ok(self)
    }

    /// With a 1×1 convolution after it.
    pub(crate) fn project(mut self, raw: Box<Raw>) -> Result<Self, Self> {
        match &mut self {
            Self::Block(parts) if parts.project.is_none() => {
                parts.shape.channels = raw.shape[0];
                parts.project = Some(raw);
                Ok(self)
            }
            _ => Err(self),
        }
    }

    /// With a depthwise convolution after it.
    pub(crate) fn filter(
        self,
        depthwise: Box<Raw>,
        stride: usize,
        result: Shape,
    ) -> Result<Self, Self> {
        match self {
            Self::Pointwise { shape: Shape { size, .. }, raw, input, added: None } => {
                Ok(Self::Block(Box::new(Parts {
                    shape: result,
                    expand: Some(raw),
                    depthwise,
                    project: None,
                    stride,
                    input,
                    size,
                    residual: false,
                })))
            }
            other => Err(other),
        }
    }

    /// The operator and its inputs.
    pub(crate) fn finish(self) -> (Kernel, TVec<OutletId>) {
        match self {
            Self::Stem { raw, input, size, .. } => {
                let [outputs, inputs, ..] = raw.shape;
                let stem = Stem::new(&raw.weights, [outputs, inputs], &raw.bias, size);
                let stem = match &raw.slopes {
                    Some(slopes) => stem.activated(slopes),
                    None => stem,
                };
                (Kernel::Stem(stem), tvec!(input))
            }
            Self::Pointwise { raw, input, added, .. } => {
                let inputs = [Some(input), added].into_iter().flatten().collect();
                (Kernel::Pointwise(raw.dense()), inputs)
            }
            Self::Full { raw, input, .. } => (Kernel::Full(raw.dense()), tvec!(input)),
            Self::Double { raw, input, .. } => {
                let [outputs, inputs, ..] = raw.shape;
                let parts = std::array::from_fn(|part| {
                    let weights = raw.weights.iter().skip(part).step_by(4).copied().collect();
                    Raw { weights, shape: [outputs, inputs, 1, 1], ..(*raw).clone() }.dense()
                });
                (Kernel::Double(parts), tvec!(input))
            }
            Self::Block(parts) => {
                let Parts { depthwise: raw, stride, .. } = &*parts;
                let depthwise = Depthwise::new(&raw.weights, *stride, &raw.bias);
                let depthwise = match &raw.slopes {
                    Some(slopes) => depthwise.activated(slopes),
                    None => depthwise,
                };
                let block = Block {
                    expand: parts.expand.as_ref().map(|raw| raw.dense()),
                    depthwise,
                    project: parts.project.as_ref().map(|raw| raw.dense()),
                    residual: parts.residual,
                    input: parts.size,
                };
                (Kernel::Block(block), tvec!(parts.input))
            }
            Self::Scaled { value, factors, added: Some(added), .. } => {
                (Kernel::Gate, tvec!(value, factors, added))
            }
            Self::Scaled { value, factors, added: None, .. } => {
                (Kernel::Gate, tvec!(value, factors))
            }
        }
    }
}
