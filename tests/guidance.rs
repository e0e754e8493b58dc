//! What the visitor is told while the camera is open, in the real window.

use std::time::Instant;

use image::{Rgb, RgbImage};
use walkthrough::Session;

use crate::support::{Kiosk, codes, pictures};
use crate::visits::{SOON, capture, open};

/// The face of `obama.jpg` is at 373, 86 and 238 wide; the tip of its nose is at 499, 271.
fn photograph() -> RgbImage {
    image::open(pictures().join("obama.jpg")).unwrap().to_rgb8()
}

fn lit_from_one_side() -> RgbImage {
    let mut photo = photograph();
    for (x, _, pixel) in photo.enumerate_pixels_mut() {
        let light = 0.06 + 0.94 / (1.0 + ((x as f32 - 499.0) / 25.0).exp());
        pixel.0 = pixel.0.map(|value| (f32::from(value) * light) as u8);
    }
    photo
}

fn masked() -> RgbImage {
    let mut photo = photograph();
    for (x, y, pixel) in photo.enumerate_pixels_mut() {
        let (right, down) = ((x as f32 - 499.0).abs(), y as f32 - 250.0);
        if right < 100.0 && down > 0.25 * right && down < 165.0 - right * right / 150.0 {
            *pixel = Rgb(if y / 30 % 2 == 0 { [150, 190, 215] } else { [135, 172, 195] });
        }
    }
    photo
}

/// Waits until the screen says this; fails with what it says instead.
async fn says(session: &Session, words: &str) {
    let asked = Instant::now();
    loop {
        let text = session.text().await.unwrap();
        if text.contains(words) {
            return;
        }
        assert!(asked.elapsed() < SOON, "{text}");
    }
}

#[tokio::test]
async fn c14_a_covered_or_half_lit_face_is_guided_and_the_other_way_stays_open() {
    let kiosk = Kiosk::new("obama.jpg");
    let cases = [
        ("aside", lit_from_one_side(), "请把脸转向光亮的一侧"),
        ("masked", masked(), "若使用人脸核验，可摘下口罩"),
    ];
    for (name, picture, words) in cases {
        let path = kiosk.folder().join(format!("{name}.png"));
        picture.save(&path).unwrap();
        kiosk.replay(path.to_str().unwrap(), "region = [0, 0, 1, 0.5]");
        let session = open(&kiosk).await;
        capture(&session, codes::A).await;
        says(&session, words).await;
        session.click("other-way").await.unwrap();
        session.wait_screen("staff", SOON).await.unwrap();
        session.close().await.unwrap();
    }
    assert_eq!(kiosk.store().counts().unwrap().checkins_face, 0);
}
