//! A whole provider in Rust: one operator, Neg on float32, in host memory, synchronous. backplane.rs is written
//! from the C headers; sdk.rs is the little that makes it comfortable.

mod backplane;
mod capability;
mod program;
mod sdk;

use backplane::*;
use sdk::{fields, guard, text, Failure, Table};
use std::mem::size_of;

/// The provider object and its only device; the host's `bp_provider*` points to its first member.
#[repr(C)]
pub struct Provider {
    table: bp_provider,
    host: *const bp_host,
}

impl Provider {
    /// The host behind a device handle.
    unsafe fn host_of(device: bp_device) -> *const bp_host {
        (*(device as *const Provider)).host
    }
}

unsafe extern "C" fn list(
    provider: *mut std::ffi::c_void,
    capacity: u32,
    devices: *mut bp_device,
    count: *mut u32,
    _no_device_reason: *mut bp_string,
) -> bp_status {
    if capacity > 0 {
        *devices = provider as bp_device;
    }
    *count = 1;
    std::ptr::null_mut()
}

static KINDS: Table<[bp_memory_kind_info; 1]> = Table([bp_memory_kind_info {
    struct_size: size_of::<bp_memory_kind_info>() as u32,
    kind: BP_MEMORY_HOST,
    name: text("host"),
    flags: BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_SHARED,
    reserved: 0,
    alignment: 4,
    granularity: 1,
    max_allocation: 0,
    total: 0,
    import_handles: sdk::NOTHING,
    export_handles: sdk::NOTHING,
}]);

unsafe extern "C" fn info(device: bp_device, out: *mut bp_device_info) -> bp_status {
    guard(Provider::host_of(device), || {
        if out.is_null() || (*out).struct_size < fields!(bp_device_info) {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "info: bp_device_info lacks fields of minor 0",
            ));
        }
        // Field by field: what a newer host has behind them is not ours to write.
        let out = &mut *out;
        out.kind = BP_DEVICE_CPU;
        out.flags = BP_DEVICE_SYNCHRONOUS | BP_DEVICE_DETERMINISTIC;
        out.name = text("one operator");
        out.vendor = text("Backplane examples");
        out.fingerprint = text("rust-1");
        out.memory_kinds = sdk::array(&KINDS.0);
        Ok(())
    })
}

unsafe extern "C" fn close(provider: *mut bp_provider) {
    if !provider.is_null() {
        drop(Box::from_raw(provider as *mut Provider));
    }
}

static DEVICE: Table<bp_device_api> = Table(bp_device_api {
    struct_size: fields!(bp_device_api),
    reserved: 0,
    list: Some(list),
    info: Some(info),
    sample_clock: None,
});

/// The entry point, the only exported symbol.
///
/// # Safety
/// Called by a host as provider.h says.
#[no_mangle]
pub unsafe extern "C" fn bp_provider_open_v1(
    host: *const bp_host,
    host_min_minor: u32,
    _host_max_minor: u32,
    out: *mut *mut bp_provider,
) -> u32 {
    *out = std::ptr::null_mut();
    if host_min_minor > 0 {
        return BP_STATUS_INCOMPATIBLE; // this file speaks minor 0
    }
    let provider = Box::into_raw(
        match sdk::new_box(Provider {
            table: bp_provider {
                struct_size: fields!(bp_provider),
                abi_minor: 0,
                self_: std::ptr::null_mut(),
                id: text("org.backplane.rust"),
                version: text("1.0.0"),
                canonical_level: 22,
                flags: 0, // the standard library of Rust leaves thread-local destructors behind
                device: &DEVICE.0,
                capability: &capability::API.0,
                program: &program::API.0,
                memory: std::ptr::null(),
                stream: std::ptr::null(),
                event: std::ptr::null(),
                artifact: std::ptr::null(),
                options: sdk::NOTHING,
                get_extension: None,
                close: Some(close),
            },
            host,
        }) {
            Ok(provider) => provider,
            Err(failure) => return failure.log(host),
        },
    );
    (*provider).table.self_ = provider as *mut _;
    *out = provider as *mut bp_provider;
    BP_STATUS_OK
}
