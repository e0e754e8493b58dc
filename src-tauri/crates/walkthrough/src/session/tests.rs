//! What the driver says of a program that is no kiosk; the kiosk itself is driven by `tests/`.

use super::*;

#[tokio::test]
async fn a_program_that_opens_no_window_is_reported_with_its_log() {
    let spec = SessionSpec {
        binary: PathBuf::from("/bin/false"),
        config: PathBuf::from("/nonexistent"),
        size: (600, 800),
    };
    let error = Session::start(&spec).await.err().unwrap();
    assert!(format!("{error:#}").contains("/false has ended"), "{error:#}");
}
