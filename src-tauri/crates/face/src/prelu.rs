//! `PRelu` as one operator, in place, with one slope per channel.
//!
//! tract translates an ONNX `PRelu` into a product, a comparison and a selection over three
//! full tensors, which takes two thirds of the time of the template and the attack network.

use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::{
    DimLike, EvalContext, EvalOp, StaticName, TractErrorContext, args_1, as_op, bail, ensure,
    op_as_typed_op, op_out_of_plan,
};
use tract_onnx::tract_hir::internal::{
    InferenceOp, InferenceResult, Solver, TensorProxy, check_input_arity, check_output_arity,
};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};

/// Replaces tract's translation of `PRelu` by [`Prelu`].
pub(crate) fn register(onnx: &mut Onnx) {
    onnx.op_register.insert("PRelu", build);
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of tract's op register")]
fn build(_: &ParsingContext, _: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(PreluExpansion), vec![]))
}

/// `PRelu` as it stands in the ONNX graph: the values, and the slopes as a second input.
#[derive(Clone, Debug)]
struct PreluExpansion;

impl Expansion for PreluExpansion {
    fn name(&self) -> StaticName {
        "PRelu".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        check_output_arity(outputs, 1)?;
        solver.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        solver.equals(&inputs[0].shape, &outputs[0].shape)?;
        Ok(())
    }

    fn wire(
        &self,
        name: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let values = model.outlet_fact(inputs[0])?;
        let slopes = model.outlet_fact(inputs[1])?;
        ensure!(values.datum_type == f32::datum_type(), "PRelu on {:?}", values.datum_type);
        ensure!(values.rank() == 4, "PRelu on rank {}", values.rank());
        let channels = values.shape[1].to_usize()?;
        let slopes = slopes.konst.as_ref().context("PRelu with slopes that are not constant")?;
        // ONNX broadcasts the slopes from the right: (channels, 1, 1) or a single one.
        let shape = slopes.shape();
        let per_channel =
            shape.len() >= 3 && shape[shape.len() - 3] == channels && slopes.len() == channels;
        ensure!(per_channel || slopes.len() == 1, "PRelu with slopes of shape {shape:?}");
        let slopes = slopes.try_as_plain_ram()?.as_slice::<f32>()?;
        let slopes = if per_channel { slopes.to_vec() } else { vec![slopes[0]; channels] };
        model.wire_node(name, Prelu { slopes }, &inputs[..1])
    }
}

/// `x` where `x` is at least 0, else `x` times the slope of its channel; the channel is axis 1
/// of (batch, channel, height, width).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prelu {
    pub(crate) slopes: Vec<f32>,
}

impl Eq for Prelu {}

impl Op for Prelu {
    fn name(&self) -> StaticName {
        "PRelu".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Prelu {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut values = args_1!(inputs).into_tensor();
        let &[_, channels, height, width] = values.shape() else {
            bail!("PRelu on shape {:?}", values.shape());
        };
        ensure!(channels == self.slopes.len(), "PRelu on {channels} channels");
        if height * width > 0 {
            let mut plain = values.try_as_plain_ram_mut()?;
            let planes = plain.as_slice_mut::<f32>()?.chunks_exact_mut(height * width);
            for (plane, slope) in planes.zip(self.slopes.iter().cycle()) {
                for x in plane {
                    *x = if *x < 0.0 { *x * slope } else { *x };
                }
            }
        }
        Ok(tvec!(values.into_tvalue()))
    }
}

impl TypedOp for Prelu {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].clone().without_value()))
    }

    as_op!();
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use tract_onnx::tract_core::ops::logic::Iff;

    use super::*;
    use crate::manifest::{self, Role};
    use crate::network::{Layers, optimised};
    use crate::testing::{Vectors, assert_same, models_dir, outputs_for_pattern};

    fn prelu(shape: &[usize], values: &[f32], slopes: &[f32]) -> Vec<f32> {
        let op = Prelu { slopes: slopes.to_vec() };
        let tensor = Tensor::from_shape(shape, values).unwrap();
        let outputs = op.eval_out_of_plan(tvec!(tensor.into_tvalue())).unwrap().unwrap();
        assert_eq!(outputs[0].shape(), shape);
        outputs[0].try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec()
    }

    #[test]
    fn agrees_with_onnx_runtime() {
        let vectors = Vectors::read().prelu;
        let found = prelu(&vectors.shape, &vectors.values, &vectors.slopes);
        assert_eq!(found.len(), vectors.result.len());
        for (found, expected) in found.iter().zip(&vectors.result) {
            assert!((found - expected).abs() < 2e-6, "{found} {expected}");
        }
    }

    proptest! {
        #[test]
        fn is_compare_multiply_and_select(
            values in prop::collection::vec(-10.0_f32..10.0, 2 * 3 * 4 * 5),
            slopes in prop::collection::vec(-2.0_f32..2.0, 3),
        ) {
            let expected: Vec<f32> = values
                .iter()
                .enumerate()
                .map(|(i, x)| if 0.0 > *x { x * slopes[i / 20 % 3] } else { *x })
                .collect();
            prop_assert_eq!(prelu(&[2, 3, 4, 5], &values, &slopes), expected);
        }
    }

    #[test]
    fn refuses_another_number_of_channels() {
        let op = Prelu { slopes: vec![0.5; 2] };
        let tensor = Tensor::zero::<f32>(&[1, 3, 2, 2]).unwrap();
        op.eval_out_of_plan(tvec!(tensor.into_tvalue())).unwrap_err();
    }

    #[test]
    fn fused_networks_compute_what_the_stock_ones_do() {
        for role in [Role::Template, Role::Attack] {
            let model = manifest::model(role).unwrap();
            let bytes = model.verify(&models_dir()).unwrap().bytes;
            let [fused, stock] = [Layers::FusedPrelu, Layers::Stock].map(|layers| {
                let network = optimised(&bytes, &model.input.shape, layers).unwrap();
                let selections = network.nodes().iter().filter(|node| node.op_is::<Iff>()).count();
                assert_eq!(selections > 0, layers == Layers::Stock, "{}", model.file);
                outputs_for_pattern(network)
            });
            assert_same(&fused, &stock, &model.file);
        }
    }
}
