//! Features of a face and their comparison.

use zeroize::Zeroizing;

use crate::FaceError;

/// The features of one face, of Euclidean length 1, tagged with the SHA-256 of the model that
/// made them. Wiped when dropped.
pub struct Template {
    features: Zeroizing<Vec<f32>>,
    model: [u8; 32],
}

impl Template {
    /// Takes the raw output of the network. `None` if it has no length (all zero or not finite).
    pub(crate) fn from_output(output: &[f32], model: [u8; 32]) -> Option<Self> {
        let length = output.iter().map(|x| x * x).sum::<f32>().sqrt();
        if !length.is_normal() {
            return None;
        }
        let features = Zeroizing::new(output.iter().map(|x| x / length).collect());
        Some(Self { features, model })
    }

    /// The features midway between those of two pictures of one face. `None` if there is no such
    /// direction, or if two models made them.
    pub(crate) fn midway(&self, other: &Self) -> Option<Self> {
        if self.model != other.model || self.features.len() != other.features.len() {
            return None;
        }
        let both = self.features.iter().zip(other.features.iter());
        let sum = Zeroizing::new(both.map(|(a, b)| a + b).collect::<Vec<f32>>());
        Self::from_output(&sum, self.model)
    }

    /// The same features once more, for the frames of one visit.
    pub(crate) fn again(&self) -> Self {
        Self { features: self.features.clone(), model: self.model }
    }

    /// The comparison score of two templates: the cosine of their angle, −1..1, higher for the
    /// same person. It must not leave the process that holds the templates.
    ///
    /// # Errors
    /// [`FaceError::ForeignTemplate`] if two models made them.
    pub fn compare(&self, other: &Self) -> Result<f32, FaceError> {
        if self.model != other.model || self.features.len() != other.features.len() {
            return Err(FaceError::ForeignTemplate);
        }
        Ok(self.features.iter().zip(other.features.iter()).map(|(a, b)| a * b).sum())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::manifest::Role;
    use crate::network::Network;
    use crate::testing::{Vectors, models_dir, pattern};

    fn template(value: impl Fn(usize) -> f32, model: u8) -> Option<Template> {
        let output: Vec<f32> = (0..512).map(value).collect();
        Template::from_output(&output, [model; 32])
    }

    #[test]
    fn the_score_is_the_cosine() {
        let wave = template(|i| (i as f32).sin(), 0).unwrap();
        let larger = template(|i| 7.0 * (i as f32).sin(), 0).unwrap();
        let opposite = template(|i| -(i as f32).sin(), 0).unwrap();
        assert!((wave.compare(&larger).unwrap() - 1.0).abs() < 1e-5);
        assert!((wave.compare(&opposite).unwrap() + 1.0).abs() < 1e-5);
    }

    #[test]
    fn midway_is_as_near_to_the_one_as_to_the_other() {
        let [a, b] = [0.0, 0.4].map(|by| template(|i| (i as f32 + by).sin(), 0).unwrap());
        let midway = a.midway(&b).unwrap();
        let near = midway.compare(&a).unwrap();
        assert!((near - midway.compare(&b).unwrap()).abs() < 1e-5);
        assert!(near > a.compare(&b).unwrap() && near < 1.0);
        assert!((midway.compare(&midway).unwrap() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn templates_of_different_models_have_no_score() {
        let (ours, theirs) = (template(|_| 1.0, 1).unwrap(), template(|_| 1.0, 2).unwrap());
        assert!(matches!(ours.compare(&theirs), Err(FaceError::ForeignTemplate)));
        assert!(ours.midway(&theirs).is_none());
    }

    #[test]
    fn an_output_without_direction_is_no_template() {
        assert!(template(|_| 0.0, 0).is_none());
        assert!(template(|_| f32::NAN, 0).is_none());
        assert!(template(|_| f32::INFINITY, 0).is_none());
        assert!(Template::from_output(&[], [0; 32]).is_none());
    }

    #[test]
    fn the_features_are_those_of_onnx_runtime() {
        let network = Network::load(&models_dir(), Role::Template).unwrap();
        // The pattern's first plane is the model's first, which is blue.
        let pattern = pattern(112, 112);
        let mut swapped = crate::buffers::Planes::new(112, 112);
        for (x, y) in (0..112 * 112).map(|i| (i % 112, i / 112)) {
            let [first, second, third] = pattern.get(x, y);
            swapped.set(x, y, [third, second, first]);
        }
        let outputs = network.run(&swapped).unwrap();
        let found = Template::from_output(&outputs[0], network.sha256).unwrap();
        let expected = &Vectors::read().pattern.template;
        let expected = Template::from_output(expected, network.sha256).unwrap();
        assert!(found.compare(&expected).unwrap() > 0.9999);
    }
}
