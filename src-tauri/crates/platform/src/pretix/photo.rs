//! Reference photos: fetched, looked at, written anew, and sealed at once.

use seal::{BadgeKeys, Kind, SEALED_OVERHEAD};
use store::PhotoDue;
use tokio::task::spawn_blocking;
use transport::{Call, TransportError};
use zeroize::Zeroizing;

use super::orders::{CODES, Codes};
use super::{Pretix, read};
use crate::photo::{PhotoProblem, rewrite};
use crate::registration::Terms;
use crate::{Photo, RegistrationError};

/// Longest photo that is read, in bytes.
const LONGEST: usize = 20 << 20;

impl Pretix {
    /// The photo of the badge with these keys.
    pub(super) async fn fetch(
        &self,
        position: i64,
        keys: &BadgeKeys,
    ) -> Result<Photo, RegistrationError> {
        let path = format!(
            "{}/orderpositions/{position}/pdf_image/question_{}/",
            self.event(),
            self.questions.photo
        );
        let given = match self.server().call_up_to(&path, Call::Get, LONGEST).await {
            Ok(answer) if answer.status == 404 => return Ok(Photo::Absent("missing")),
            Ok(answer) if answer.status == 400 => {
                return Err(RegistrationError::Unexpected { status: answer.status });
            }
            Ok(answer) => answer.body,
            Err(RegistrationError::Transport(TransportError::TooLong { .. })) => {
                return Ok(Photo::Absent(PhotoProblem::TooLarge.code()));
            }
            Err(error) => return Err(error),
        };
        let rewritten = spawn_blocking(move || rewrite(&given))
            .await
            .map_err(|_| RegistrationError::field("the photo"))?;
        seal(rewritten, keys)
    }

    /// Photos ahead of the visits.
    pub(super) async fn fetch_ahead(
        &self,
        wanted: &[PhotoDue],
        terms: &Terms,
    ) -> Result<Vec<(i64, Photo)>, RegistrationError> {
        let Some(first) = wanted.first() else { return Ok(Vec::new()) };
        // Times are kept here in milliseconds, and cut there.
        let path = format!(
            "{}/orders/?modified_since={}&ordering=last_modified&page_size=50&{CODES}",
            self.event(),
            first.changed_at
        );
        let codes: Codes = read(&self.server().call(&path, Call::Get).await?, "orders")?;
        let positions = codes.results.into_iter().flat_map(|order| order.positions);
        let mut photos = Vec::new();
        for position in positions {
            let id = position.id;
            if !wanted.iter().any(|wanted| wanted.position == id) {
                continue;
            }
            let Some(secret) = position.secret.secret(terms) else { continue };
            let (salt, derive) = (terms.salt, secret);
            let keys = spawn_blocking(move || derive.derive(&salt))
                .await
                .map_err(|_| RegistrationError::field("secret"))??;
            match self.fetch(id, &keys).await {
                Ok(photo) => photos.push((id, photo)),
                // The server's trouble with one photo is none of the others'.
                Err(RegistrationError::Unexpected { .. }) => {}
                Err(error) if photos.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(photos)
    }
}

fn seal(
    photo: Result<Zeroizing<Vec<u8>>, PhotoProblem>,
    keys: &BadgeKeys,
) -> Result<Photo, RegistrationError> {
    let jpeg = match photo {
        Ok(jpeg) if jpeg.len() + SEALED_OVERHEAD <= crate::bundle::MAX_PHOTO as usize => jpeg,
        Ok(_) => return Ok(Photo::Absent(PhotoProblem::TooLarge.code())),
        Err(problem) => return Ok(Photo::Absent(problem.code())),
    };
    let locator = keys.locator;
    let sealed = keys.reference.seal(&jpeg, &locator, Kind::Reference)?;
    Ok(Photo::Sealed { locator, sealed })
}
