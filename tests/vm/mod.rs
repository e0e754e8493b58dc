//! Real drivers, in a guest machine.
//!
//! It boots Debian's kernel and runs the programs that were just built, from the host's own file
//! system. Its cameras are the kernel's virtual V4L2 devices, and USB webcams that the test itself
//! plugs in.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod cameras;
mod descriptors;
mod guest;
mod initramfs;
mod kernel;
mod model;
mod usbredir;
mod visit;
mod webcam;
