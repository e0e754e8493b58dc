//! A verified model as a network that runs.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::ensure;

use crate::FaceError;
use crate::buffers::{Floats, Planes};
use crate::manifest::{self, Channels, Model, Role};
use crate::prelu;

/// One network with a fixed input shape.
pub(crate) struct Network {
    plan: Arc<TypedRunnableModel>,
    model: Model,
    /// SHA-256 of the file.
    pub(crate) sha256: [u8; 32],
}

impl Network {
    /// Verifies and loads the model of a role.
    pub(crate) fn load(models_dir: &Path, role: Role) -> Result<Self, FaceError> {
        let model = manifest::model(role)?;
        let verified = model.verify(models_dir)?;
        let plan = optimised(&verified.bytes, &model.input.shape, true)
            .and_then(IntoRunnable::into_runnable)
            .map_err(|error| FaceError::LoadModel {
                file: model.file.clone(),
                reason: format!("{error:#}"),
            })?;
        Ok(Self { plan, model, sha256: verified.sha256 })
    }

    /// Width and height of the input, in pixels.
    pub(crate) fn input_size(&self) -> (usize, usize) {
        let [_, _, height, width] = self.model.input.shape;
        (width, height)
    }

    /// Runs the network on a picture of the input's size. One buffer per output.
    pub(crate) fn run(&self, picture: &Planes) -> Result<Vec<Floats>, FaceError> {
        self.outputs(picture).map_err(|error| FaceError::Run {
            file: self.model.file.clone(),
            reason: format!("{error:#}"),
        })
    }

    fn outputs(&self, picture: &Planes) -> TractResult<Vec<Floats>> {
        let input = self.input(picture)?;
        let outputs = self.plan.run(tvec!(input.into()))?;
        let expected = &self.model.output;
        ensure!(outputs.len() == expected.len(), "{} outputs", outputs.len());
        outputs
            .iter()
            .zip(expected)
            .map(|(tensor, expected)| {
                ensure!(tensor.shape() == expected.shape, "output of shape {:?}", tensor.shape());
                Ok(Floats::copy_of(tensor.try_as_plain_ram()?.as_slice::<f32>()?))
            })
            .collect()
    }

    /// The planes in the model's order and scale.
    fn input(&self, picture: &Planes) -> TractResult<Tensor> {
        let input = &self.model.input;
        let plane = picture.width * picture.height;
        let scaled = |value: f32| (value - input.mean) / input.divisor;
        let mut values = Floats::zeros(input.shape[1] * plane);
        let mut copy = |order: [usize; 3]| {
            for (target, from) in values.chunks_exact_mut(plane).zip(order) {
                let source = &picture.values()[from * plane..(from + 1) * plane];
                target.iter_mut().zip(source).for_each(|(to, from)| *to = scaled(*from));
            }
        };
        match input.channels {
            Channels::Rgb => copy([0, 1, 2]),
            Channels::Bgr => copy([2, 1, 0]),
            Channels::Grey => {
                let grey = picture.luminance();
                values.iter_mut().zip(grey.iter()).for_each(|(to, from)| *to = scaled(*from));
            }
        }
        Tensor::from_shape(&input.shape, &values)
    }
}

/// The optimised network of an ONNX file; with `fused` each `PRelu` is one operator.
pub(crate) fn optimised(bytes: &[u8], shape: &[usize; 4], fused: bool) -> TractResult<TypedModel> {
    let mut onnx = tract_onnx::onnx();
    if fused {
        prelu::register(&mut onnx);
    }
    onnx.model_for_read(&mut Cursor::new(bytes))?
        .with_input_fact(0, f32::fact(shape).into())?
        .into_optimized()
}
