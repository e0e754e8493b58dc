//! The pictures that a kiosk's replay camera shows. A worker reads them when it opens the camera,
//! so the next visit sees what is written here before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use image::{RgbImage, imageops};

/// What a camera sees of the demonstration's people when they stand a step away: the part of
/// the photograph from its left, top, width and height, as fractions. Other pictures are shown
/// whole.
const REGIONS: [(&str, [f64; 4]); 4] = [
    ("obama.jpg", [0.0, 0.0, 1.0, 0.75]),
    ("obama2.jpg", [0.0, 0.1, 1.0, 0.52]),
    ("obama3.jpg", [0.0, 0.04, 1.0, 0.34]),
    ("biden.jpg", [0.0, 0.01, 1.0, 0.37]),
];

/// Height of a picture of two people, in pixels.
const TOGETHER: u32 = 480;

/// A folder that the kiosk's configuration names as its camera.
#[derive(Clone, Debug)]
pub struct Replay {
    folder: PathBuf,
}

impl Replay {
    /// Makes the folder if it is missing.
    pub fn in_folder(folder: &Path) -> Result<Replay> {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Replay { folder: folder.to_owned() })
    }

    /// From now on the camera sees this photograph.
    pub fn show(&self, picture: &Path) -> Result<()> {
        self.show_with(picture, "")
    }

    /// The same with more lines for `replay.toml`, such as `disconnect_after = 20`.
    pub fn show_with(&self, picture: &Path, more: &str) -> Result<()> {
        let name =
            picture.file_name().and_then(|name| name.to_str()).context("a picture has a name")?;
        fs::copy(picture, self.folder.join(name))
            .with_context(|| format!("copying {}", picture.display()))?;
        self.write(name, more)
    }

    /// From now on the camera sees both people at once, one as near as the other, which no visit
    /// may decide on: capture then lasts until its time limit.
    pub fn show_together(&self, left: &Path, right: &Path) -> Result<()> {
        let (left, right) = (near(left)?, near(right)?);
        let mut both = RgbImage::new(left.width() + right.width(), TOGETHER);
        imageops::replace(&mut both, &left, 0, 0);
        imageops::replace(&mut both, &right, i64::from(left.width()), 0);
        both.save(self.folder.join("together.png")).context("writing together.png")?;
        self.write("together.png", "")
    }

    fn write(&self, name: &str, more: &str) -> Result<()> {
        let mut script: toml::Table = more.parse().context("more lines for replay.toml")?;
        script.insert("pictures".to_owned(), vec![name.to_owned()].into());
        script.insert("fps".to_owned(), 15.into());
        if let Some(region) = region(name) {
            script.insert("region".to_owned(), region.to_vec().into());
        }
        let path = self.folder.join("replay.toml");
        fs::write(&path, script.to_string()).with_context(|| format!("writing {}", path.display()))
    }
}

fn region(name: &str) -> Option<[f64; 4]> {
    REGIONS.iter().find(|(picture, _)| *picture == name).map(|(_, region)| *region)
}

/// What the camera sees of a person, in the height of a picture of two.
fn near(path: &Path) -> Result<RgbImage> {
    let picture = image::open(path).with_context(|| format!("opening {}", path.display()))?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let [left, top, width, height] = region(name).unwrap_or([0.0, 0.0, 1.0, 1.0]);
    let along = |share: f64, side: u32| (share * f64::from(side)) as u32;
    let part = picture.crop_imm(
        along(left, picture.width()),
        along(top, picture.height()),
        along(width, picture.width()),
        along(height, picture.height()),
    );
    let wide = (part.width() * TOGETHER).div_ceil(part.height().max(1));
    Ok(part.resize_exact(wide, TOGETHER, imageops::FilterType::Triangle).into_rgb8())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    fn script(folder: &Path) -> toml::Table {
        fs::read_to_string(folder.join("replay.toml")).unwrap().parse().unwrap()
    }

    #[test]
    fn the_last_picture_is_the_one_that_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.png"), folder.path().join("b.png"));
        RgbImage::from_pixel(30, 40, image::Rgb([1, 2, 3])).save(&a).unwrap();
        RgbImage::from_pixel(50, 20, image::Rgb([4, 5, 6])).save(&b).unwrap();
        let camera = folder.path().join("camera");
        let replay = Replay::in_folder(&camera).unwrap();
        replay.show(&a).unwrap();
        replay.show(&b).unwrap();
        assert_eq!(script(&camera)["pictures"].as_array().unwrap()[0].as_str(), Some("b.png"));
        assert_eq!(image::open(camera.join("b.png")).unwrap().width(), 50);

        replay.show_together(&a, &b).unwrap();
        assert_eq!(
            script(&camera)["pictures"].as_array().unwrap()[0].as_str(),
            Some("together.png")
        );
        let both = image::open(camera.join("together.png")).unwrap().into_rgb8();
        assert_eq!(both.get_pixel(0, 0).0, [1, 2, 3]);
        assert_eq!(both.get_pixel(both.width() - 1, 0).0, [4, 5, 6]);
    }
}
