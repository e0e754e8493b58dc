//! Translation of a network to groups of channels.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::{TractErrorContext, ensure};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cnn::{Conv, Deconv, KernelFormat, PoolSpec};
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_core::ops::nn::{DataFormat, Reduce, Reducer};
use tract_onnx::tract_core::ops::source::TypedSource;

use super::Arch;
use super::operator::{Kernel, Operator};
use super::pending::{Pending, Raw, Shape};
use super::scratch::Scratch;
use crate::prelu::Prelu;

/// The same network with its convolutions as operators of this module. The source is typed and
/// not yet optimised. `in_two`
/// is for a network that has two processor cores for itself.
pub(crate) fn regroup(source: &TypedModel, arch: Arch, in_two: bool) -> TractResult<TypedModel> {
    let mut translation = Translation {
        source,
        target: TypedModel { symbols: source.symbols.clone(), ..TypedModel::default() },
        wires: HashMap::new(),
        arch,
        in_two,
        scratch: Arc::default(),
    };
    for node in source.eval_order()? {
        translation.node(node)?;
    }
    let outputs = source.output_outlets()?.to_vec();
    let outputs: Vec<OutletId> =
        outputs.iter().map(|outlet| translation.planes(*outlet)).collect::<TractResult<_>>()?;
    translation.target.select_output_outlets(&outputs)?;
    Ok(translation.target)
}

/// Where a value of the source is in the target.
#[derive(Default)]
struct Wire {
    planes: Option<OutletId>,
    groups: Option<OutletId>,
    /// Not yet wired: what follows may become part of it.
    pending: Option<Pending>,
}

struct Translation<'a> {
    source: &'a TypedModel,
    target: TypedModel,
    wires: HashMap<OutletId, Wire>,
    arch: Arch,
    in_two: bool,
    scratch: Arc<Scratch>,
}

impl Translation<'_> {
    fn node(&mut self, id: usize) -> TractResult<()> {
        let source = self.source;
        let node = source.node(id);
        let outlet = OutletId::new(id, 0);
        if let Some(pending) = self.pending(node)? {
            self.wires.insert(outlet, Wire { pending: Some(pending), ..Wire::default() });
            return Ok(());
        }
        if let Some(groups) = self.channel_wise(node)? {
            self.wires.insert(outlet, Wire { groups: Some(groups), ..Wire::default() });
            return Ok(());
        }
        let outputs = if let Some(op) = node.op_as::<TypedSource>() {
            tvec!(self.target.add_source(&node.name, op.fact.clone())?)
        } else {
            let inputs: Vec<OutletId> =
                node.inputs.iter().map(|input| self.planes(*input)).collect::<TractResult<_>>()?;
            self.target.wire_node(&node.name, node.op.clone(), &inputs)?
        };
        for (slot, planes) in outputs.into_iter().enumerate() {
            let wire = Wire { planes: Some(planes), ..Wire::default() };
            self.wires.insert(OutletId::new(id, slot), wire);
        }
        Ok(())
    }

    /// What the node becomes, alone or joined with what comes before it.
    fn pending(&mut self, node: &TypedNode) -> TractResult<Option<Pending>> {
        if let Some(conv) = node.op_as::<Conv>() {
            return self.convolution(node, conv);
        }
        if let Some(deconv) = node.op_as::<Deconv>() {
            return self.doubling(node, deconv);
        }
        if let Some(prelu) = node.op_as::<Prelu>() {
            return Ok(self.last_of(node.inputs[0], |before| before.activate(&prelu.slopes)));
        }
        if let Some(op) = node.op_as::<TypedBinOp>() {
            return self.binary(node, op);
        }
        Ok(None)
    }

    fn binary(&mut self, node: &TypedNode, op: &TypedBinOp) -> TractResult<Option<Pending>> {
        let [a, b] = [node.inputs[0], node.inputs[1]];
        let name = op.0.name();
        for (value, other) in [(a, b), (b, a)] {
            let Some(shape) = self.shape(value) else { continue };
            if let Some(constant) = self.constant(other)? {
                let values = constant.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
                let per_channel =
                    constant.len() == 1 || constant.shape() == [1, shape.channels, 1, 1];
                if !per_channel {
                    continue;
                }
                let values = |i: usize| values[i % values.len()];
                let channels = 0..shape.channels;
                let joined = match name {
                    "Max" if channels.clone().all(|i| values(i) == 0.0) => {
                        let slopes = vec![0.0; shape.channels];
                        self.last_of(value, |before| before.activate(&slopes))
                    }
                    "Mul" => self.last_of(value, |before| before.scale(values)),
                    "Add" => self.last_of(value, |before| before.shift(values)),
                    _ => None,
                };
                if joined.is_some() {
                    return Ok(joined);
                }
            } else if name == "Add" && self.shape(other) == Some(shape) {
                // Both must be in groups, or it is not worth it.
                if !self.in_groups(other) || !self.in_groups(value) {
                    continue;
                }
                let ready = self
                    .wires
                    .get(&value)
                    .is_some_and(|wire| wire.pending.as_ref().is_some_and(Pending::takes_addition));
                if ready && self.is_used_once(value) {
                    let added = self.groups(other)?;
                    let joined = self.last_of(value, |before| before.add(added));
                    if joined.is_some() {
                        return Ok(joined);
                    }
                }
            } else if name == "Mul"
                && self.in_groups(value)
                && self.shape(other).is_some_and(|other| {
                    other == Shape { channels: shape.channels, size: [1, 1] } && other != shape
                })
            {
                let [value, factors] = [self.groups(value)?, self.groups(other)?];
                return Ok(Some(Pending::Scaled { value, factors, added: None }));
            }
        }
        Ok(None)
    }

    fn convolution(&mut self, node: &TypedNode, conv: &Conv) -> TractResult<Option<Pending>> {
        let (Some(shape), Some(result)) = (self.shape(node.inputs[0]), self.shape(node.id.into()))
        else {
            return Ok(None);
        };
        let spec = &conv.pool_spec;
        if conv.q_params.is_some() || conv.kernel_fmt != KernelFormat::OIHW || !is_plain(spec) {
            return Ok(None);
        }
        let Some(raw) = self.raw(node, result.channels)? else { return Ok(None) };
        let [height, width] = shape.size;
        let padding: Vec<usize> =
            spec.computed_padding(&[height, width]).iter().map(|axis| axis.pad_before).collect();
        let strides = spec.strides();
        let in_steps = |stride: usize| {
            *strides == [stride, stride]
                && result.size == shape.size.map(|length| (length - 1) / stride + 1)
        };
        let kernel: &[usize] = &spec.kernel_shape;
        Ok(match (kernel, padding.as_slice()) {
            ([1, 1], [0, 0]) if conv.group == 1 && in_steps(1) => {
                let input = node.inputs[0];
                let joined = self.last_of(input, |before| before.project(raw.clone()));
                if joined.is_some() {
                    return Ok(joined);
                }
                let input = self.groups(input)?;
                Some(Pending::Pointwise { shape: result, raw, input, added: None })
            }
            ([3, 3], [1, 1]) if conv.group == 1 && in_steps(2) && shape.channels < super::LANES => {
                let input = self.planes(node.inputs[0])?;
                Some(Pending::Stem { raw, input, size: shape.size })
            }
            ([3, 3], [1, 1]) if conv.group == 1 && in_steps(1) => {
                let input = self.groups(node.inputs[0])?;
                Some(Pending::Full { raw, input })
            }
            ([3, 3], [1, 1])
                if conv.group == shape.channels
                    && result.channels == shape.channels
                    && (in_steps(1) || in_steps(2)) =>
            {
                let (stride, size) = (strides[0], shape.size);
                let input = node.inputs[0];
                let joined =
                    self.last_of(input, |before| before.filter(raw.clone(), stride, result));
                if joined.is_some() {
                    return Ok(joined);
                }
                let input = self.groups(input)?;
                Some(Pending::depthwise(result, raw, stride, input, size))
            }
            _ => None,
        })
    }

    fn doubling(&mut self, node: &TypedNode, deconv: &Deconv) -> TractResult<Option<Pending>> {
        let (Some(shape), Some(result)) = (self.shape(node.inputs[0]), self.shape(node.id.into()))
        else {
            return Ok(None);
        };
        let spec = &deconv.pool_spec;
        let fits = deconv.group == 1
            && deconv.kernel_format == KernelFormat::OIHW
            && is_plain(spec)
            && *spec.kernel_shape == [2, 2]
            && *spec.strides() == [2, 2]
            && result.size == shape.size.map(|length| 2 * length)
            && deconv.adjustments.iter().all(|pixels| *pixels == 0);
        if !fits {
            return Ok(None);
        }
        let Some(raw) = self.raw(node, result.channels)? else { return Ok(None) };
        let input = self.groups(node.inputs[0])?;
        Ok(Some(Pending::Double { raw, input }))
    }

    /// Weights and bias of a convolution, if they are constants.
    fn raw(&self, node: &TypedNode, channels: usize) -> TractResult<Option<Box<Raw>>> {
        let (Some(weights), Some(bias)) =
            (self.constant(node.inputs[1])?, self.constant(node.inputs[2])?)
        else {
            return Ok(None);
        };
        let &[outputs, inputs, height, width] = weights.shape() else { return Ok(None) };
        let bias = bias.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
        let bias = if bias.len() == 1 { vec![bias[0]; channels] } else { bias };
        ensure!(bias.len() == channels, "{} values of bias", bias.len());
        Ok(Some(Box::new(Raw {
            weights: weights.try_as_plain_ram()?.as_slice::<f32>()?.to_vec(),
            shape: [outputs, inputs, height, width],
            bias,
            slopes: None,
        })))
    }

    /// An operation on each value by itself, or the sum of the pixels, which is the same in
    /// groups.
    fn channel_wise(&mut self, node: &TypedNode) -> TractResult<Option<OutletId>> {
        let Some(&input) = node.inputs.first() else { return Ok(None) };
        if !self.in_groups(input) {
            return Ok(None);
        }
        if node.op_is::<ElementWiseOp>() {
            let input = self.groups(input)?;
            return Ok(Some(self.target.wire_node(&node.name, node.op.clone(), &[input])?[0]));
        }
        if let Some(reduce) = node.op_as::<Reduce>()
            && reduce.reducer == Reducer::Sum
            && *reduce.axes == [2, 3]
        {
            let input = self.groups(input)?;
            return Ok(Some(self.wire(&node.name, Kernel::Sum, &[input])?));
        }
        let Some(_) = node.op_as::<TypedBinOp>() else { return Ok(None) };
        let second = if let Some(constant) = self.constant(node.inputs[1])? {
            if constant.len() != 1 {
                return Ok(None);
            }
            let constant = constant.as_ref().clone().into_shape(&[1; 5])?;
            self.target.add_const(format!("{}.constant", node.name), constant)?
        } else if self.shape(input) == self.shape(node.inputs[1]) && self.in_groups(node.inputs[1])
        {
            self.groups(node.inputs[1])?
        } else {
            return Ok(None);
        };
        let input = self.groups(input)?;
        Ok(Some(self.target.wire_node(&node.name, node.op.clone(), &[input, second])?[0]))
    }

    /// Lets the pending operator behind `outlet` take in what follows, if nothing else needs its
    /// result.
    fn last_of(
        &mut self,
        outlet: OutletId,
        join: impl FnOnce(Pending) -> Result<Pending, Pending>,
    ) -> Option<Pending> {
        if !self.is_used_once(outlet) {
            return None;
        }
        let wire = self.wires.get_mut(&outlet)?;
        match join(wire.pending.take()?) {
            Ok(joined) => Some(joined),
            Err(unchanged) => {
                wire.pending = Some(unchanged);
                None
            }
        }
    }

    fn is_used_once(&self, outlet: OutletId) -> bool {
        let uses = self.source.node(outlet.node).outputs[outlet.slot].successors.len();
        let is_output = self.source.output_outlets().is_ok_and(|outputs| outputs.contains(&outlet));
        uses == 1 && !is_output
    }

    fn in_groups(&self, outlet: OutletId) -> bool {
        self.wires.get(&outlet).is_some_and(|wire| wire.groups.is_some() || wire.pending.is_some())
    }

    /// The shape of a value that is one picture.
    fn shape(&self, outlet: OutletId) -> Option<Shape> {
        let fact = self.source.outlet_fact(outlet).ok()?;
        match fact.shape.as_concrete()? {
            &[1, channels, height, width] if fact.datum_type == f32::datum_type() => {
                Some(Shape { channels, size: [height, width] })
            }
            _ => None,
        }
    }

    /// The value, if it does not depend on the input of the network.
    fn constant(&self, outlet: OutletId) -> TractResult<Option<Arc<Tensor>>> {
        if let Some(constant) = &self.source.outlet_fact(outlet)?.konst {
            return Ok(Some(constant.clone()));
        }
        let node = self.source.node(outlet.node);
        if let Some(constant) = node.op_as::<Const>() {
            return Ok(Some(constant.val().clone()));
        }
        if node.inputs.is_empty() {
            return Ok(None);
        }
        let mut inputs = tvec!();
        for input in &node.inputs {
            let Some(constant) = self.constant(*input)? else { return Ok(None) };
            inputs.push(constant.into_tvalue());
        }
        let outputs = node.op.eval_out_of_plan(inputs)?;
        Ok(outputs.map(|outputs| outputs[outlet.slot].clone().into_arc_tensor()))
    }

    fn planes(&mut self, outlet: OutletId) -> TractResult<OutletId> {
        if let Some(planes) = self.wires.get(&outlet).and_then(|wire| wire.planes) {
            return Ok(planes);
        }
        let groups = self.groups(outlet)?;
        let channels = self.shape(outlet).context("a value in groups is a picture")?.channels;
        let name = format!("{}.planes", self.source.node(outlet.node).name);
        let planes = self.wire(&name, Kernel::Ungroup { channels }, &[groups])?;
        self.wires.entry(outlet).or_default().planes = Some(planes);
        Ok(planes)
    }

    fn groups(&mut self, outlet: OutletId) -> TractResult<OutletId> {
        let wire = self.wires.entry(outlet).or_default();
        if let Some(groups) = wire.groups {
            return Ok(groups);
        }
        let name = &self.source.node(outlet.node).name;
        let (kernel, inputs, name) = if let Some(pending) = wire.pending.take() {
            let (kernel, inputs) = pending.finish();
            (kernel, inputs, name.clone())
        } else {
            let planes = wire.planes.context("a value that was not translated")?;
            (Kernel::Group, tvec!(planes), format!("{name}.groups"))
        };
        let groups = self.wire(&name, kernel, &inputs)?;
        self.wires.entry(outlet).or_default().groups = Some(groups);
        Ok(groups)
    }

    fn wire(&mut self, name: &str, kernel: Kernel, inputs: &[OutletId]) -> TractResult<OutletId> {
        let operator = Operator {
            kernel,
            arch: self.arch,
            in_two: self.in_two,
            scratch: self.scratch.clone(),
        };
        Ok(self.target.wire_node(name, operator, inputs)?[0])
    }
}

/// Planes, and every pixel of the kernel beside the next.
fn is_plain(spec: &PoolSpec) -> bool {
    spec.data_format == DataFormat::NCHW && spec.dilations().iter().all(|dilation| *dilation == 1)
}
