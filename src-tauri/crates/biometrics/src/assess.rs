//! Whether certificate photos can serve as references, for whoever makes a roster.

use std::path::Path;

use face::{Engine, FaceError, ReferenceProblem, decode_picture};

/// Judges certificate photos with the kiosk's own networks. Keeps nothing of them.
pub struct ReferenceAssessor(Engine);

impl ReferenceAssessor {
    /// Loads the models from a folder, once for all photos.
    pub fn load(models_dir: &Path) -> Result<Self, FaceError> {
        Engine::load(models_dir).map(Self)
    }

    /// Does with the photo (JPEG or PNG) what the kiosk will do at the visit.
    pub fn assess(&self, photo: &[u8]) -> Result<(), ReferenceProblem> {
        let sample = decode_picture(photo)?;
        drop(self.0.enrol(&sample)?);
        Ok(())
    }
}
