//! What makes the ABI comfortable: strings, arrays, errors, and no panic that crosses.

use crate::backplane::*;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A constant table: nobody writes to what its pointers show.
pub struct Table<T>(pub T);
unsafe impl<T> Sync for Table<T> {}

pub const NOTHING: bp_array = bp_array {
    data: std::ptr::null(),
    count: 0,
    stride: 0,
};

pub const fn text(literal: &'static str) -> bp_string {
    bp_string {
        data: literal.as_ptr(),
        size: literal.len() as u64,
    }
}

/// A bp_array over elements that outlive it.
pub fn array<T>(elements: &[T]) -> bp_array {
    bp_array {
        data: elements.as_ptr() as *const _,
        count: elements.len() as u64,
        stride: std::mem::size_of::<T>() as u64,
    }
}

/// struct_size of a struct of minor 0. None of these structs has padding behind its last field, so its size is
/// where the last field ends.
macro_rules! fields {
    ($name:ty) => {
        std::mem::size_of::<$name>() as u32
    };
}
pub(crate) use fields;

/// The elements of a bp_array, found by the writer's stride.
///
/// # Safety
/// `array` is one of T that the host vouches for, and lives as long as the result is used.
pub unsafe fn elements<'a, T: 'a>(array: bp_array) -> impl Iterator<Item = &'a T> + Clone {
    (0..array.count)
        .map(move |index| &*((array.data as *const u8).add((index * array.stride) as usize) as *const T))
}

/// Element `index` of a bp_array.
///
/// # Safety
/// As `elements`; `index` is below the count.
pub unsafe fn element<'a, T: 'a>(array: bp_array, index: u32) -> &'a T {
    &*((array.data as *const u8).add((u64::from(index) * array.stride) as usize) as *const T)
}

/// # Safety
/// `string` is valid, and lives as long as the result is used.
pub unsafe fn bytes<'a>(string: bp_string) -> &'a [u8] {
    if string.size == 0 {
        return &[];
    }
    std::slice::from_raw_parts(string.data, string.size as usize)
}

/// An error on its way to the host: a BP_STATUS_ code and a sentence.
pub struct Failure {
    code: u32,
    text: &'static str,
}

impl Failure {
    pub fn new(code: u32, text: &'static str) -> Failure {
        Failure { code, text }
    }

    /// For open, which returns a code and logs the reason.
    ///
    /// # Safety
    /// `host` is the host's table.
    pub unsafe fn log(&self, host: *const bp_host) -> u32 {
        if let Some(log) = (*host).log {
            log(host, BP_LOG_ERROR, text(self.text));
        }
        self.code
    }
}

fn out_of_memory() -> Failure {
    Failure::new(BP_STATUS_OUT_OF_HOST_MEMORY, "rust: out of host memory")
}

/// A Box, or OUT_OF_HOST_MEMORY: Box::new would end the process. T is not empty.
pub fn new_box<T>(value: T) -> Result<Box<T>, Failure> {
    let layout = std::alloc::Layout::new::<T>();
    unsafe {
        let place = std::alloc::alloc(layout) as *mut T;
        if place.is_null() {
            return Err(out_of_memory());
        }
        place.write(value);
        Ok(Box::from_raw(place))
    }
}

/// A Vec with room for `count` elements, or OUT_OF_HOST_MEMORY.
pub fn new_vec<T>(count: usize) -> Result<Vec<T>, Failure> {
    let mut made = Vec::new();
    made.try_reserve_exact(count).map_err(|_| out_of_memory())?;
    Ok(made)
}

/// Runs `body`; its error becomes a status of the host, a panic INTERNAL.
///
/// # Safety
/// `host` is the host's table.
pub unsafe fn guard(host: *const bp_host, body: impl FnOnce() -> Result<(), Failure>) -> bp_status {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return std::ptr::null_mut(),
        Ok(Err(failure)) => failure,
        Err(_) => Failure::new(BP_STATUS_INTERNAL, "a panic in the provider"),
    };
    match (*host).status_create {
        Some(create) => create(host, failure.code, text(failure.text), 0),
        None => std::ptr::null_mut(), // no host lacks it
    }
}
