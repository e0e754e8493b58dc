//! Work that is done again only when its inputs have changed.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{digest, places::Places};

/// A piece of work, its inputs and its outputs.
pub(crate) struct Stamped<'a> {
    /// Name of the stamp.
    pub(crate) name: &'a str,
    /// Files and folders that decide the result.
    pub(crate) inputs: Vec<PathBuf>,
    /// Names inside the inputs that do not count.
    pub(crate) without: &'a [&'a str],
    /// Anything else that decides the result.
    pub(crate) salt: String,
    /// Files and folders that the work makes; when they are changed or missing, it is done again.
    pub(crate) outputs: Vec<PathBuf>,
}

impl Stamped<'_> {
    /// Does the work unless inputs and outputs are as they were after it was last done. Returns
    /// whether it was done.
    pub(crate) fn unless_current(
        &self,
        places: &Places,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<bool> {
        let stamp = places.output().join("xtask").join(format!("{}.stamp", self.name));
        if fs::read_to_string(&stamp).is_ok_and(|old| self.seal().is_ok_and(|now| now == old)) {
            return Ok(false);
        }
        let before = digest::of_trees(&self.inputs, self.without)?;
        work()?;
        // An input that changed during the work would be stamped as done: leave no stamp then.
        if before == digest::of_trees(&self.inputs, self.without)? {
            if let Some(folder) = stamp.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(stamp, self.seal()?)?;
        }
        Ok(true)
    }

    fn seal(&self) -> Result<String> {
        let inputs = digest::of_trees(&self.inputs, self.without)?;
        let outputs = digest::of_trees(&self.outputs, &[])?;
        Ok(format!("{inputs} {outputs} {}", self.salt))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_once_and_again_after_each_change() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let places =
            Places { root: root.clone(), cache: root.clone(), target: root.join("target") };
        let (input, output) = (root.join("input"), root.join("output"));
        fs::write(&input, "1").unwrap();
        let work = |salt: &str| {
            let stamped = Stamped {
                name: "work",
                inputs: vec![input.clone()],
                without: &[],
                salt: salt.to_owned(),
                outputs: vec![output.clone()],
            };
            stamped.unless_current(&places, || Ok(fs::write(&output, "made")?)).unwrap()
        };
        assert!(work("a"), "never done");
        assert!(!work("a"), "nothing changed");
        fs::write(&input, "2").unwrap();
        assert!(work("a"), "input changed");
        fs::remove_file(&output).unwrap();
        assert!(work("a"), "output missing");
        fs::write(&output, "spoiled").unwrap();
        assert!(work("a"), "output changed");
        assert!(work("b"), "salt changed");
        assert!(!work("b"));
    }

    #[test]
    fn failed_work_leaves_no_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let places =
            Places { root: root.clone(), cache: root.clone(), target: root.join("target") };
        let stamped = Stamped {
            name: "work",
            inputs: vec![],
            without: &[],
            salt: String::new(),
            outputs: vec![],
        };
        stamped.unless_current(&places, || anyhow::bail!("no")).unwrap_err();
        assert!(stamped.unless_current(&places, || Ok(())).unwrap());
    }
}
