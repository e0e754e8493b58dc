//! The operators against stock tract, which is itself compared with ONNX Runtime elsewhere.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::cnn::{Conv, Deconv, KernelFormat, PaddingSpec, PoolSpec};
use tract_onnx::tract_core::ops::math::add;
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::operator::Operator;
use super::{Arch, regroup};
use crate::manifest::models;
use crate::network::{Layers, optimised};
use crate::prelu::Prelu;
use crate::testing::{assert_same, models_dir, outputs_for_pattern};

/// The processors that the tests run on must have the operators, or nothing is tested.
fn arch() -> Arch {
    Arch::find().unwrap()
}

#[test]
fn regrouped_networks_compute_what_the_stock_ones_do() {
    for model in models().unwrap() {
        let bytes = model.verify(&models_dir()).unwrap().bytes;
        let [grouped, stock] = [Layers::Grouped { arch: arch(), in_two: false }, Layers::Stock]
            .map(|layers| {
                outputs_for_pattern(optimised(&bytes, &model.input.shape, layers).unwrap())
            });
        assert_same(&grouped, &stock, &model.file);
    }
}

/// A network of convolutions with made-up weights.
struct Chain {
    network: TypedModel,
    last: OutletId,
}

impl Chain {
    fn new(channels: usize, [height, width]: [usize; 2]) -> Self {
        let mut network = TypedModel::default();
        let last = network.add_source("input", f32::fact([1, channels, height, width])).unwrap();
        Self { network, last }
    }

    fn channels(&self) -> usize {
        self.network.outlet_fact(self.last).unwrap().shape.as_concrete().unwrap()[1]
    }

    fn constant(&mut self, shape: &[usize], size: f32) -> OutletId {
        let name = self.name();
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> =
            (0..count).map(|i| size * ((i * 37 + 11) % 101) as f32 / 50.0 - size).collect();
        self.network.add_const(name, Tensor::from_shape(shape, &values).unwrap()).unwrap()
    }

    fn name(&self) -> String {
        format!("node{}", self.network.nodes().len())
    }

    fn wire(&mut self, op: impl Into<Box<dyn TypedOp>>, inputs: &[OutletId]) {
        let name = self.name();
        self.last = self.network.wire_node(name, op, inputs).unwrap()[0];
    }

    fn pool(&self, outputs: usize, side: usize, padding: usize, stride: usize) -> PoolSpec {
        PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: tvec!(side, side),
            padding: PaddingSpec::Explicit(tvec!(padding; 2), tvec!(padding; 2)),
            dilations: None,
            strides: Some(tvec!(stride, stride)),
            input_channels: self.channels(),
            output_channels: outputs,
        }
    }

    fn conv(mut self, outputs: usize, side: usize, stride: usize, group: usize) -> Self {
        let inputs = self.channels() / group;
        let kernel = self.constant(&[outputs, inputs, side, side], 1.0 / (inputs * side) as f32);
        let bias = self.constant(&[outputs], 0.3);
        let pool_spec = self.pool(outputs, side, side / 2, stride);
        let op = Conv { pool_spec, kernel_fmt: KernelFormat::OIHW, group, q_params: None };
        self.wire(op, &[self.last, kernel, bias]);
        self
    }

    fn doubled(mut self, outputs: usize) -> Self {
        let inputs = self.channels();
        let kernel = self.constant(&[outputs, inputs, 2, 2], 1.0);
        let bias = self.constant(&[outputs], 0.3);
        let op = Deconv {
            pool_spec: self.pool(outputs, 2, 0, 2),
            kernel_format: KernelFormat::OIHW,
            adjustments: tvec!(0, 0),
            group: 1,
        };
        self.wire(op, &[self.last, kernel, bias]);
        self
    }

    fn depthwise(self, stride: usize) -> Self {
        let channels = self.channels();
        self.conv(channels, 3, stride, channels)
    }

    fn activated(mut self) -> Self {
        let slopes = (0..self.channels()).map(|i| i as f32 / 10.0 - 0.5).collect();
        self.wire(Prelu { slopes }, &[self.last]);
        self
    }

    fn plus(mut self, other: OutletId) -> Self {
        self.wire(add(), &[self.last, other]);
        self
    }

    /// Names of the operators after the translation, which must compute the same.
    fn check(mut self) -> Vec<String> {
        self.network.select_output_outlets(&[self.last]).unwrap();
        let grouped = regroup(&self.network, arch(), false).unwrap();
        let halved = regroup(&self.network, arch(), true).unwrap();
        let operators = grouped.nodes().iter().filter(|node| node.op_is::<Operator>());
        let names = operators.map(|node| node.op.name().to_string()).collect();
        let [found, halved, expected] = [grouped, halved, self.network]
            .map(|network| outputs_for_pattern(network.into_optimized().unwrap()));
        assert_same(&found, &expected, "chain");
        assert_same(&halved, &expected, "chain in two halves");
        names
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_bottleneck_is_one_operator_of_any_size(
        inputs in 1_usize..4, expanded in 2_usize..40, stride in 1_usize..3,
        height in 1_usize..20, width in 1_usize..40,
    ) {
        let mut chain = Chain::new(inputs, [height, width]).conv(inputs, 1, 1, 1);
        let input = chain.last;
        chain = chain.conv(expanded, 1, 1, 1).activated().depthwise(stride).activated();
        chain = chain.conv(inputs, 1, 1, 1);
        if stride == 1 {
            chain = chain.plus(input);
        }
        prop_assert_eq!(chain.check(), ["Group", "Pointwise", "Block", "Ungroup"]);
    }

    #[test]
    fn a_stem_takes_planes_of_any_size(
        outputs in 1_usize..40, height in 2_usize..20, width in 2_usize..40,
    ) {
        let chain = Chain::new(3, [height, width]).conv(outputs, 3, 2, 1).activated();
        prop_assert_eq!(chain.check(), ["Stem", "Ungroup"]);
    }

    #[test]
    fn a_full_convolution_and_a_doubling_take_any_number_of_channels(
        middle in 1_usize..40, outputs in 1_usize..40,
        height in 1_usize..12, width in 1_usize..20,
    ) {
        let chain = Chain::new(2, [height, width]).conv(middle, 3, 1, 1).activated();
        let chain = chain.doubled(outputs).activated();
        prop_assert_eq!(chain.check(), ["Group", "Full", "Double", "Ungroup"]);
    }
}

#[test]
fn what_is_used_twice_is_not_swallowed() {
    let chain = Chain::new(3, [9, 11]).conv(16, 1, 1, 1);
    let first = chain.last;
    let chain = chain.depthwise(1).activated();
    let second = chain.last;
    let chain = chain.conv(16, 1, 1, 1).plus(first).plus(second);
    chain.check();
}

#[test]
fn what_is_not_known_stays_as_it_is() {
    // Another kernel, another stride, groups of channels: tract computes them.
    let chain = Chain::new(3, [12, 12]).conv(8, 5, 1, 1).conv(8, 3, 3, 1).conv(8, 3, 1, 2);
    assert!(chain.check().is_empty());
}
