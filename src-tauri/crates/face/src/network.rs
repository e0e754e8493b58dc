//! A verified model as a network that runs.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::ensure;

use crate::FaceError;
use crate::buffers::{Floats, Planes};
use crate::manifest::{self, Channels, Model, Role};
use crate::ops::{self, Arch};
use crate::prelu;
use crate::threads;

/// One network with a fixed input shape.
pub(crate) struct Network {
    plan: Arc<TypedRunnableModel>,
    /// Its operators give half of their work to a second thread.
    in_two: bool,
    model: Model,
    /// SHA-256 of the file.
    pub(crate) sha256: [u8; 32],
}

impl Network {
    /// Verifies and loads the model of a role.
    pub(crate) fn load(models_dir: &Path, role: Role) -> Result<Self, FaceError> {
        Self::load_model(models_dir, manifest::model(role)?)
    }

    /// Verifies and loads a model.
    pub(crate) fn load_model(models_dir: &Path, model: Model) -> Result<Self, FaceError> {
        let role = model.role;
        let verified = model.verify(models_dir)?;
        // Nothing can be done beside the search for the face: it gets the second core as well.
        let in_two = role == Role::Detector && threads::cores() > 1;
        let layers = Layers::fastest(in_two);
        // tract's own layers have no halves to give away.
        let in_two = matches!(layers, Layers::Grouped { in_two: true, .. });
        let plan = optimised(&verified.bytes, &model.input.shape, layers)
            .and_then(IntoRunnable::into_runnable)
            .map_err(|error| FaceError::LoadModel {
                file: model.file.clone(),
                reason: format!("{error:#}"),
            })?;
        Ok(Self { plan, model, in_two, sha256: verified.sha256 })
    }

    /// Name of the model's file.
    pub(crate) fn file(&self) -> &str {
        &self.model.file
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
        let run = || self.plan.run(tvec!(input.into()));
        let outputs = if self.in_two { threads::in_company(run)? } else { run()? };
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

/// Who computes the layers of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layers {
    /// tract, as it comes: what the others are compared with.
    #[cfg(test)]
    Stock,
    /// tract, with `PRelu` as one operator.
    FusedPrelu,
    /// The operators of [`crate::ops`], for this kind of processor.
    Grouped { arch: Arch, in_two: bool },
}

impl Layers {
    /// The fastest for this processor, if the network has one or two cores for itself.
    pub(crate) fn fastest(in_two: bool) -> Self {
        Arch::find().map_or(Self::FusedPrelu, |arch| Self::Grouped { arch, in_two })
    }
}

/// The optimised network of an ONNX file.
pub(crate) fn optimised(
    bytes: &[u8],
    shape: &[usize; 4],
    layers: Layers,
) -> TractResult<TypedModel> {
    let mut onnx = tract_onnx::onnx();
    #[cfg(test)]
    let stock = layers == Layers::Stock;
    #[cfg(not(test))]
    let stock = false;
    if !stock {
        prelu::register(&mut onnx);
    }
    let network = onnx
        .model_for_read(&mut Cursor::new(bytes))?
        .with_input_fact(0, f32::fact(shape).into())?
        .into_typed()?;
    match layers {
        Layers::Grouped { arch, in_two } => ops::regroup(&network, arch, in_two)?.into_optimized(),
        #[cfg(test)]
        Layers::Stock => network.into_optimized(),
        Layers::FusedPrelu => network.into_optimized(),
    }
}
