// The provider ABI, written by provider_api/abi/rust_bindings.py from the headers. Do not edit.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(non_camel_case_types, dead_code, clippy::all)]

use core::ffi::c_void;

pub const BP_ARTIFACT_OPTIMAL: u32 = 1;
pub const BP_ARTIFACT_USABLE: u32 = 2;
pub const BP_ARTIFACT_RECOMPILE: u32 = 3;
pub const BP_ARTIFACT_REFUSE: u32 = 4;
pub const BP_ABI_MAJOR: u32 = 1;
pub const BP_NONE: u32 = 0xFFFFFFFF;
pub const BP_UNKNOWN: i64 = -1;
pub const BP_VERDICT_SUPPORTED: u32 = 1;
pub const BP_VERDICT_REJECTED: u32 = 2;
pub const BP_REASON_OPERATOR: u32 = 1;
pub const BP_REASON_NEWER_FORM: u32 = 2;
pub const BP_REASON_TYPE: u32 = 3;
pub const BP_REASON_RANK: u32 = 4;
pub const BP_REASON_DYNAMIC_SHAPE: u32 = 5;
pub const BP_REASON_ATTRIBUTE: u32 = 6;
pub const BP_REASON_NOT_CONSTANT: u32 = 7;
pub const BP_REASON_LAYOUT: u32 = 8;
pub const BP_REASON_MEMORY: u32 = 9;
pub const BP_REASON_DEVICE_FEATURE: u32 = 10;
pub const BP_REASON_POLICY: u32 = 11;
pub const BP_REASON_OTHER: u32 = 12;
pub const BP_WANT_DEVICE: u32 = 0;
pub const BP_WANT_HOST: u32 = 1;
pub const BP_WANT_VALUE_AT_SPECIALIZE: u32 = 2;
pub const BP_WANT_CONSTANT: u32 = 3;
pub const BP_PARTITION_ACCEPT: u32 = 1;
pub const BP_PARTITION_REJECT: u32 = 2;
pub const BP_PARTITION_SPLIT: u32 = 3;
pub const BP_DEVICE_CPU: u32 = 1;
pub const BP_DEVICE_GPU: u32 = 2;
pub const BP_DEVICE_NPU: u32 = 3;
pub const BP_DEVICE_FPGA: u32 = 4;
pub const BP_DEVICE_OTHER: u32 = 5;
pub const BP_DEVICE_SYNCHRONOUS: u32 = 1;
pub const BP_DEVICE_DETERMINISTIC: u32 = 2;
pub const BP_DEVICE_COMPILE_ONLY: u32 = 4;
pub const BP_EVENT_PENDING: u32 = 0;
pub const BP_EVENT_COMPLETE: u32 = 1;
pub const BP_EVENT_HANDLE_CUDA_EVENT: u32 = 1;
pub const BP_EVENT_HANDLE_CL_EVENT: u32 = 2;
pub const BP_EVENT_HANDLE_SYNC_FD: u32 = 3;
pub const BP_GRAPH_CAPTURE_REVISION: u32 = 1;
pub const BP_EXTENSION_GRAPH_CAPTURE: &str = "backplane.graph_capture";
pub const BP_EXTENSION_STATE: &str = "backplane.state";
pub const BP_ATTRIBUTE_FLOAT: u32 = 1;
pub const BP_ATTRIBUTE_INT: u32 = 2;
pub const BP_ATTRIBUTE_STRING: u32 = 3;
pub const BP_ATTRIBUTE_TENSOR: u32 = 4;
pub const BP_ATTRIBUTE_GRAPH: u32 = 5;
pub const BP_ATTRIBUTE_FLOATS: u32 = 6;
pub const BP_ATTRIBUTE_INTS: u32 = 7;
pub const BP_ATTRIBUTE_STRINGS: u32 = 8;
pub const BP_ATTRIBUTE_TENSORS: u32 = 9;
pub const BP_ATTRIBUTE_GRAPHS: u32 = 10;
pub const BP_VALUE_CONSTANT: u32 = 1;
pub const BP_VALUE_VIEW_INPUT: u32 = 2;
pub const BP_VALUE_VIEW_OUTPUT: u32 = 4;
pub const BP_VALUE_HOST_VALUE: u32 = 8;
pub const BP_VALUE_DATA_DEPENDENT: u32 = 16;
pub const BP_LOG_TRACE: u32 = 0;
pub const BP_LOG_DEBUG: u32 = 1;
pub const BP_LOG_INFO: u32 = 2;
pub const BP_LOG_WARNING: u32 = 3;
pub const BP_LOG_ERROR: u32 = 4;
pub const BP_LOG_HOST_MISBEHAVES: u32 = 5;
pub const BP_LOG_PROVIDER_MISBEHAVES: u32 = 6;
pub const BP_ONNX_EMBED_CONSTANTS: u32 = 1;
pub const BP_MEMORY_HOST: u32 = 0;
pub const BP_MEMORY_HOST_VISIBLE: u32 = 1;
pub const BP_MEMORY_HAS_ADDRESS: u32 = 2;
pub const BP_MEMORY_PINNED: u32 = 4;
pub const BP_MEMORY_SHARED: u32 = 8;
pub const BP_MEMORY_MAP_ONLY: u32 = 16;
pub const BP_MAP_READ: u32 = 1;
pub const BP_MAP_WRITE: u32 = 2;
pub const BP_HANDLE_HOST_POINTER: u32 = 1;
pub const BP_HANDLE_CUDA_POINTER: u32 = 2;
pub const BP_HANDLE_CL_MEM: u32 = 3;
pub const BP_HANDLE_FD: u32 = 4;
pub const BP_HOST_DATA_DURING_CALL: u32 = 1;
pub const BP_HOST_DATA_UNTIL_TRANSFER: u32 = 2;
pub const BP_HOST_DATA_IMMUTABLE_ZERO_COPY: u32 = 3;
pub const BP_HOST_DATA_MUTABLE_ZERO_COPY: u32 = 4;
pub const BP_OPTION_BOOL: u32 = 1;
pub const BP_OPTION_INT: u32 = 2;
pub const BP_OPTION_DOUBLE: u32 = 3;
pub const BP_OPTION_STRING: u32 = 4;
pub const BP_OPTION_CHOICE: u32 = 5;
pub const BP_OPTION_NAME_DETERMINISTIC: &str = "deterministic";
pub const BP_OUTPUT_FIXED: u32 = 0;
pub const BP_OUTPUT_BOUNDED: u32 = 1;
pub const BP_OUTPUT_ALLOCATED: u32 = 2;
pub const BP_PROVIDER_MAY_UNLOAD: u32 = 1;
pub const BP_PROVIDER_OPEN_SYMBOL: &str = "bp_provider_open_v1";
pub const BP_STATUS_OK: u32 = 0;
pub const BP_STATUS_INVALID_ARGUMENT: u32 = 1;
pub const BP_STATUS_INVALID_MODEL: u32 = 2;
pub const BP_STATUS_UNSUPPORTED: u32 = 3;
pub const BP_STATUS_UNIMPLEMENTED: u32 = 4;
pub const BP_STATUS_OUT_OF_HOST_MEMORY: u32 = 5;
pub const BP_STATUS_OUT_OF_DEVICE_MEMORY: u32 = 6;
pub const BP_STATUS_DEVICE_LOST: u32 = 7;
pub const BP_STATUS_CANCELLED: u32 = 8;
pub const BP_STATUS_TIMEOUT: u32 = 9;
pub const BP_STATUS_INCOMPATIBLE: u32 = 10;
pub const BP_STATUS_NOT_FOUND: u32 = 11;
pub const BP_STATUS_IO: u32 = 12;
pub const BP_STATUS_INTERNAL: u32 = 13;
pub const BP_NATIVE_CUDA_STREAM: u32 = 1;
pub const BP_NATIVE_CL_COMMAND_QUEUE: u32 = 2;
pub const BP_TYPE_UNDEFINED: u32 = 0;
pub const BP_TYPE_FLOAT32: u32 = 1;
pub const BP_TYPE_UINT8: u32 = 2;
pub const BP_TYPE_INT8: u32 = 3;
pub const BP_TYPE_UINT16: u32 = 4;
pub const BP_TYPE_INT16: u32 = 5;
pub const BP_TYPE_INT32: u32 = 6;
pub const BP_TYPE_INT64: u32 = 7;
pub const BP_TYPE_STRING: u32 = 8;
pub const BP_TYPE_BOOL: u32 = 9;
pub const BP_TYPE_FLOAT16: u32 = 10;
pub const BP_TYPE_FLOAT64: u32 = 11;
pub const BP_TYPE_UINT32: u32 = 12;
pub const BP_TYPE_UINT64: u32 = 13;
pub const BP_TYPE_COMPLEX64: u32 = 14;
pub const BP_TYPE_COMPLEX128: u32 = 15;
pub const BP_TYPE_BFLOAT16: u32 = 16;
pub const BP_TYPE_FLOAT8_E4M3FN: u32 = 17;
pub const BP_TYPE_FLOAT8_E4M3FNUZ: u32 = 18;
pub const BP_TYPE_FLOAT8_E5M2: u32 = 19;
pub const BP_TYPE_FLOAT8_E5M2FNUZ: u32 = 20;
pub const BP_TYPE_UINT4: u32 = 21;
pub const BP_TYPE_INT4: u32 = 22;
pub const BP_TYPE_FLOAT4_E2M1: u32 = 23;
pub const BP_TYPE_FLOAT8_E8M0: u32 = 24;
pub const BP_TYPE_UINT2: u32 = 25;
pub const BP_TYPE_INT2: u32 = 26;

#[repr(C)]
pub struct bp_capture_object {
    _opaque: [u8; 0],
}
pub type bp_capture = *mut bp_capture_object;

#[repr(C)]
pub struct bp_constants_object {
    _opaque: [u8; 0],
}
pub type bp_constants = *mut bp_constants_object;

#[repr(C)]
pub struct bp_device_object {
    _opaque: [u8; 0],
}
pub type bp_device = *mut bp_device_object;

#[repr(C)]
pub struct bp_buffer_object {
    _opaque: [u8; 0],
}
pub type bp_buffer = *mut bp_buffer_object;

#[repr(C)]
pub struct bp_stream_object {
    _opaque: [u8; 0],
}
pub type bp_stream = *mut bp_stream_object;

#[repr(C)]
pub struct bp_event_object {
    _opaque: [u8; 0],
}
pub type bp_event = *mut bp_event_object;

#[repr(C)]
pub struct bp_program_object {
    _opaque: [u8; 0],
}
pub type bp_program = *mut bp_program_object;

#[repr(C)]
pub struct bp_instance_object {
    _opaque: [u8; 0],
}
pub type bp_instance = *mut bp_instance_object;

#[repr(C)]
pub struct bp_context_object {
    _opaque: [u8; 0],
}
pub type bp_context = *mut bp_context_object;

#[repr(C)]
pub struct bp_cancel_object {
    _opaque: [u8; 0],
}
pub type bp_cancel = *mut bp_cancel_object;

#[repr(C)]
pub struct bp_progress_object {
    _opaque: [u8; 0],
}
pub type bp_progress = *mut bp_progress_object;

#[repr(C)]
pub struct bp_run_object {
    _opaque: [u8; 0],
}
pub type bp_run_token = *mut bp_run_object;

#[repr(C)]
pub struct bp_status_object {
    _opaque: [u8; 0],
}
pub type bp_status = *mut bp_status_object;

pub type bp_event_callback = Option<unsafe extern "C" fn(user: *mut c_void, error: bp_status)>;

pub type bp_loop_body = Option<unsafe extern "C" fn(user: *mut c_void, begin: u64, end: u64) -> bp_status>;

pub type bp_provider_open_fn = Option<unsafe extern "C" fn(host: *const bp_host, host_min_minor: u32, host_max_minor: u32, provider: *mut *mut bp_provider) -> u32>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_artifact_writer {
    pub struct_size: u32,
    pub reserved: u32,
    pub user: *mut c_void,
    pub write_header: Option<unsafe extern "C" fn(user: *mut c_void, data: *const c_void, size: u64) -> bp_status>,
    pub write_code: Option<unsafe extern "C" fn(user: *mut c_void, data: *const c_void, size: u64) -> bp_status>,
    pub write_weight: Option<unsafe extern "C" fn(user: *mut c_void, weight_id: u64, data: *const c_void, size: u64, alignment: u64) -> bp_status>,
    pub write_weight_reference: Option<unsafe extern "C" fn(user: *mut c_void, weight_id: u64, constant_id: u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_artifact_writer>() == 48);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_artifact_info {
    pub struct_size: u32,
    pub canonical_level: u32,
    pub provider_version: bp_string,
    pub fingerprint: bp_string,
    pub driver: bp_string,
    pub header: *const c_void,
    pub header_size: u64,
}
const _: () = assert!(core::mem::size_of::<bp_artifact_info>() == 72);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_artifact_answer {
    pub struct_size: u32,
    pub kind: u32,
    pub text: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_artifact_answer>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_artifact_reader {
    pub struct_size: u32,
    pub reserved: u32,
    pub user: *mut c_void,
    pub header: *const c_void,
    pub header_size: u64,
    pub code: *const c_void,
    pub code_size: u64,
    pub weight: Option<unsafe extern "C" fn(user: *mut c_void, weight_id: u64, data: *mut *const c_void, size: *mut u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_artifact_reader>() == 56);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_artifact_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub save: Option<unsafe extern "C" fn(program: bp_program, writer: *const bp_artifact_writer) -> bp_status>,
    pub check_artifact: Option<unsafe extern "C" fn(device: bp_device, info: *const bp_artifact_info, answer: *mut bp_artifact_answer) -> bp_status>,
    pub load: Option<unsafe extern "C" fn(device: bp_device, args: *const bp_compile_args, reader: *const bp_artifact_reader, program: *mut bp_program) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_artifact_api>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_string {
    pub data: *const u8,
    pub size: u64,
}
const _: () = assert!(core::mem::size_of::<bp_string>() == 16);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_array {
    pub data: *const c_void,
    pub count: u64,
    pub stride: u64,
}
const _: () = assert!(core::mem::size_of::<bp_array>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_reason {
    pub struct_size: u32,
    pub code: u32,
    pub input: u32,
    pub output: u32,
    pub attribute: bp_string,
    pub text: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_reason>() == 48);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_verdict {
    pub struct_size: u32,
    pub kind: u32,
    pub node: u32,
    pub group: u32,
    pub reasons: bp_array,
    pub input_wants: bp_array,
    pub cost_ns: i64,
    pub workspace_bytes: i64,
}
const _: () = assert!(core::mem::size_of::<bp_verdict>() == 80);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_verdict_sink {
    pub struct_size: u32,
    pub reserved: u32,
    pub user: *mut c_void,
    pub report: Option<unsafe extern "C" fn(user: *mut c_void, verdict: *const bp_verdict)>,
}
const _: () = assert!(core::mem::size_of::<bp_verdict_sink>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_partition_answer {
    pub struct_size: u32,
    pub kind: u32,
    pub split_node: u32,
    pub reason_code: u32,
    pub text: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_partition_answer>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_capability_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub query: Option<unsafe extern "C" fn(device: bp_device, graph: *const bp_graph, options: bp_array, sink: *const bp_verdict_sink) -> bp_status>,
    pub query_partition: Option<unsafe extern "C" fn(device: bp_device, partition: *const bp_graph, options: bp_array, answer: *mut bp_partition_answer) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_capability_api>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_device_info {
    pub struct_size: u32,
    pub kind: u32,
    pub flags: u32,
    pub index: u32,
    pub name: bp_string,
    pub vendor: bp_string,
    pub uuid: bp_string,
    pub driver: bp_string,
    pub fingerprint: bp_string,
    pub memory_kinds: bp_array,
    pub properties: bp_array,
    pub memory_bytes: u64,
    pub event_import_handles: bp_array,
    pub event_export_handles: bp_array,
    pub copy_bytes_per_second: u64,
    pub copy_latency_ns: u64,
    pub launch_ns: u64,
}
const _: () = assert!(core::mem::size_of::<bp_device_info>() == 224);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_property {
    pub name: bp_string,
    pub value: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_property>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_device_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub list: Option<unsafe extern "C" fn(provider_self: *mut c_void, capacity: u32, devices: *mut bp_device, count: *mut u32, no_device_reason: *mut bp_string) -> bp_status>,
    pub info: Option<unsafe extern "C" fn(device: bp_device, info: *mut bp_device_info) -> bp_status>,
    pub sample_clock: Option<unsafe extern "C" fn(device: bp_device, device_ns: *mut u64, host_ns: *mut u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_device_api>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_event_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub release: Option<unsafe extern "C" fn(event: bp_event)>,
    pub wait: Option<unsafe extern "C" fn(event: bp_event, timeout_ns: i64) -> bp_status>,
    pub poll: Option<unsafe extern "C" fn(event: bp_event, state: *mut u32) -> bp_status>,
    pub on_complete: Option<unsafe extern "C" fn(event: bp_event, callback: bp_event_callback, user: *mut c_void) -> bp_status>,
    pub timestamp: Option<unsafe extern "C" fn(event: bp_event, device_ns: *mut u64) -> bp_status>,
    pub export_handle: Option<unsafe extern "C" fn(event: bp_event, handle_type: u32, handle: *mut u64) -> bp_status>,
    pub import_handle: Option<unsafe extern "C" fn(device: bp_device, handle_type: u32, handle: u64, event: *mut bp_event) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_event_api>() == 64);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_graph_capture_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub begin: Option<unsafe extern "C" fn(stream: bp_stream) -> bp_status>,
    pub end: Option<unsafe extern "C" fn(stream: bp_stream, capture: *mut bp_capture) -> bp_status>,
    pub replay: Option<unsafe extern "C" fn(capture: bp_capture, stream: bp_stream) -> bp_status>,
    pub release: Option<unsafe extern "C" fn(capture: bp_capture)>,
}
const _: () = assert!(core::mem::size_of::<bp_graph_capture_api>() == 40);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_tensor {
    pub struct_size: u32,
    pub element_type: u32,
    pub dims: bp_array,
    pub data: *const c_void,
    pub size_bytes: u64,
    pub string_bytes: *const u8,
    pub string_size_bytes: u64,
}
const _: () = assert!(core::mem::size_of::<bp_tensor>() == 64);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_attribute {
    pub struct_size: u32,
    pub kind: u32,
    pub name: bp_string,
    pub int_value: i64,
    pub float_value: f32,
    pub reserved: u32,
    pub string_value: bp_string,
    pub list: bp_array,
}
const _: () = assert!(core::mem::size_of::<bp_attribute>() == 80);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_value {
    pub struct_size: u32,
    pub flags: u32,
    pub name: bp_string,
    pub element_type: u32,
    pub has_rank: u32,
    pub dims: bp_array,
    pub producer: u32,
    pub reserved: u32,
    pub constant_id: u64,
    pub size_bytes: u64,
}
const _: () = assert!(core::mem::size_of::<bp_value>() == 80);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_node {
    pub struct_size: u32,
    pub since_version: i32,
    pub name: bp_string,
    pub domain: bp_string,
    pub op_type: bp_string,
    pub inputs: bp_array,
    pub outputs: bp_array,
    pub attributes: bp_array,
}
const _: () = assert!(core::mem::size_of::<bp_node>() == 128);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_graph {
    pub struct_size: u32,
    pub canonical_level: u32,
    pub name: bp_string,
    pub nodes: bp_array,
    pub values: bp_array,
    pub inputs: bp_array,
    pub outputs: bp_array,
    pub constants: bp_constants,
    pub host_graph: *const c_void,
}
const _: () = assert!(core::mem::size_of::<bp_graph>() == 136);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_interval {
    pub struct_size: u32,
    pub first: u32,
    pub last: u32,
    pub reserved: u32,
    pub size: u64,
    pub alignment: u64,
}
const _: () = assert!(core::mem::size_of::<bp_interval>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_bytes_sink {
    pub struct_size: u32,
    pub reserved: u32,
    pub user: *mut c_void,
    pub write: Option<unsafe extern "C" fn(user: *mut c_void, data: *const c_void, size: u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_bytes_sink>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub name: bp_string,
    pub version: bp_string,
    pub status_create: Option<unsafe extern "C" fn(host: *const bp_host, code: u32, message: bp_string, provider_code: i64) -> bp_status>,
    pub status_code: Option<unsafe extern "C" fn(host: *const bp_host, status: bp_status) -> u32>,
    pub status_message: Option<unsafe extern "C" fn(host: *const bp_host, status: bp_status) -> bp_string>,
    pub status_provider_code: Option<unsafe extern "C" fn(host: *const bp_host, status: bp_status) -> i64>,
    pub status_release: Option<unsafe extern "C" fn(host: *const bp_host, status: bp_status)>,
    pub log: Option<unsafe extern "C" fn(host: *const bp_host, severity: u32, message: bp_string)>,
    pub log_level: Option<unsafe extern "C" fn(host: *const bp_host) -> u32>,
    pub trace_span: Option<unsafe extern "C" fn(host: *const bp_host, token: bp_run_token, device: bp_device, name: bp_string, begin_ns: u64, end_ns: u64, device_clock: u32)>,
    pub cancel_requested: Option<unsafe extern "C" fn(host: *const bp_host, cancel: bp_cancel) -> u32>,
    pub report_progress: Option<unsafe extern "C" fn(host: *const bp_host, progress: bp_progress, fraction: f64, what: bp_string)>,
    pub parallel_for: Option<unsafe extern "C" fn(host: *const bp_host, count: u64, grain: u64, body: bp_loop_body, user: *mut c_void) -> bp_status>,
    pub plan_memory: Option<unsafe extern "C" fn(host: *const bp_host, intervals: bp_array, offsets: *mut u64, total: *mut u64) -> bp_status>,
    pub constants_acquire: Option<unsafe extern "C" fn(host: *const bp_host, constants: bp_constants, constant_id: u64, tensor: *mut bp_tensor) -> bp_status>,
    pub constants_release: Option<unsafe extern "C" fn(host: *const bp_host, constants: bp_constants, constant_id: u64)>,
    pub graph_to_onnx: Option<unsafe extern "C" fn(host: *const bp_host, graph: *const bp_graph, flags: u32, sink: *const bp_bytes_sink) -> bp_status>,
    pub allocate_output: Option<unsafe extern "C" fn(host: *const bp_host, token: bp_run_token, output: u32, dims: *const i64, rank: u32, size: u64, string_size: u64, data: *mut bp_slice, string_bytes: *mut bp_slice) -> bp_status>,
    pub get_extension: Option<unsafe extern "C" fn(host: *const bp_host, id: bp_string, revision: u32) -> *const c_void>,
}
const _: () = assert!(core::mem::size_of::<bp_host>() == 176);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_memory_kind_info {
    pub struct_size: u32,
    pub kind: u32,
    pub name: bp_string,
    pub flags: u32,
    pub reserved: u32,
    pub alignment: u64,
    pub granularity: u64,
    pub max_allocation: u64,
    pub total: u64,
    pub import_handles: bp_array,
    pub export_handles: bp_array,
}
const _: () = assert!(core::mem::size_of::<bp_memory_kind_info>() == 112);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_slice {
    pub buffer: bp_buffer,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
}
const _: () = assert!(core::mem::size_of::<bp_slice>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_external_memory {
    pub struct_size: u32,
    pub handle_type: u32,
    pub handle: u64,
    pub offset: u64,
    pub size: u64,
    pub host_data: u32,
    pub reserved: u32,
}
const _: () = assert!(core::mem::size_of::<bp_external_memory>() == 40);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_memory_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub allocate: Option<unsafe extern "C" fn(device: bp_device, kind: u32, size: u64, stream: bp_stream, buffer: *mut bp_buffer, address: *mut u64) -> bp_status>,
    pub release: Option<unsafe extern "C" fn(device: bp_device, buffer: bp_buffer)>,
    pub copy: Option<unsafe extern "C" fn(device: bp_device, stream: bp_stream, src: *const bp_slice, dst: *const bp_slice, size: u64, host_data: u32) -> bp_status>,
    pub fill: Option<unsafe extern "C" fn(device: bp_device, stream: bp_stream, dst: *const bp_slice, size: u64, byte: u32) -> bp_status>,
    pub map: Option<unsafe extern "C" fn(device: bp_device, slice: *const bp_slice, access: u32, pointer: *mut *mut c_void) -> bp_status>,
    pub unmap: Option<unsafe extern "C" fn(device: bp_device, slice: *const bp_slice, pointer: *mut c_void) -> bp_status>,
    pub import_memory: Option<unsafe extern "C" fn(device: bp_device, kind: u32, external: *const bp_external_memory, buffer: *mut bp_buffer, address: *mut u64) -> bp_status>,
    pub export_memory: Option<unsafe extern "C" fn(device: bp_device, buffer: bp_buffer, handle_type: u32, external: *mut bp_external_memory) -> bp_status>,
    pub usage: Option<unsafe extern "C" fn(device: bp_device, kind: u32, used: *mut u64, available: *mut u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_memory_api>() == 80);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_option_info {
    pub struct_size: u32,
    pub kind: u32,
    pub name: bp_string,
    pub text: bp_string,
    pub int_default: i64,
    pub int_min: i64,
    pub int_max: i64,
    pub double_default: f64,
    pub double_min: f64,
    pub double_max: f64,
    pub string_default: bp_string,
    pub choices: bp_array,
}
const _: () = assert!(core::mem::size_of::<bp_option_info>() == 128);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_option {
    pub struct_size: u32,
    pub kind: u32,
    pub name: bp_string,
    pub int_value: i64,
    pub double_value: f64,
    pub string_value: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_option>() == 56);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_compile_args {
    pub struct_size: u32,
    pub thread_count: u32,
    pub partition: *const bp_graph,
    pub options: bp_array,
    pub cancel: bp_cancel,
    pub progress: bp_progress,
}
const _: () = assert!(core::mem::size_of::<bp_compile_args>() == 56);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_tensor_spec {
    pub struct_size: u32,
    pub element_type: u32,
    pub dims: bp_array,
    pub value: *const bp_tensor,
}
const _: () = assert!(core::mem::size_of::<bp_tensor_spec>() == 40);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_specialize_args {
    pub struct_size: u32,
    pub thread_count: u32,
    pub inputs: bp_array,
    pub outputs: bp_array,
    pub cancel: bp_cancel,
    pub progress: bp_progress,
}
const _: () = assert!(core::mem::size_of::<bp_specialize_args>() == 72);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_output_info {
    pub struct_size: u32,
    pub mode: u32,
    pub size_bytes: u64,
    pub in_place_input: u32,
    pub memory_kind: u32,
    pub dims_memory_kind: u32,
    pub reserved: u32,
}
const _: () = assert!(core::mem::size_of::<bp_output_info>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_instance_info {
    pub struct_size: u32,
    pub serves_range: u32,
    pub workspace_bytes: u64,
    pub workspace_alignment: u64,
    pub workspace_kind: u32,
    pub reserved: u32,
    pub outputs: bp_array,
    pub input_ranges: bp_array,
    pub context_bytes: u64,
}
const _: () = assert!(core::mem::size_of::<bp_instance_info>() == 88);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_tensor_binding {
    pub struct_size: u32,
    pub rank: u32,
    pub data: bp_slice,
    pub string_bytes: bp_slice,
    pub dims: *const i64,
    pub actual_dims: bp_slice,
}
const _: () = assert!(core::mem::size_of::<bp_tensor_binding>() == 112);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_binding {
    pub struct_size: u32,
    pub reserved: u32,
    pub inputs: bp_array,
    pub outputs: bp_array,
    pub workspace: bp_slice,
}
const _: () = assert!(core::mem::size_of::<bp_binding>() == 88);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_run_args {
    pub struct_size: u32,
    pub profile: u32,
    pub stream: bp_stream,
    pub cancel: bp_cancel,
    pub token: bp_run_token,
}
const _: () = assert!(core::mem::size_of::<bp_run_args>() == 32);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_step {
    pub struct_size: u32,
    pub reserved: u32,
    pub name: bp_string,
    pub implementation: bp_string,
    pub nodes: bp_array,
    pub note: bp_string,
}
const _: () = assert!(core::mem::size_of::<bp_step>() == 80);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_step_sink {
    pub struct_size: u32,
    pub reserved: u32,
    pub user: *mut c_void,
    pub report: Option<unsafe extern "C" fn(user: *mut c_void, step: *const bp_step)>,
}
const _: () = assert!(core::mem::size_of::<bp_step_sink>() == 24);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_program_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub compile: Option<unsafe extern "C" fn(device: bp_device, args: *const bp_compile_args, program: *mut bp_program) -> bp_status>,
    pub release_program: Option<unsafe extern "C" fn(program: bp_program)>,
    pub specialize: Option<unsafe extern "C" fn(program: bp_program, args: *const bp_specialize_args, instance: *mut bp_instance, info: *mut bp_instance_info) -> bp_status>,
    pub release_instance: Option<unsafe extern "C" fn(instance: bp_instance)>,
    pub create_context: Option<unsafe extern "C" fn(instance: bp_instance, context: *mut bp_context) -> bp_status>,
    pub release_context: Option<unsafe extern "C" fn(context: bp_context)>,
    pub bind: Option<unsafe extern "C" fn(context: bp_context, binding: *const bp_binding) -> bp_status>,
    pub run: Option<unsafe extern "C" fn(context: bp_context, args: *const bp_run_args) -> bp_status>,
    pub describe: Option<unsafe extern "C" fn(instance: bp_instance, sink: *const bp_step_sink) -> bp_status>,
    pub report_spans: Option<unsafe extern "C" fn(context: bp_context, token: bp_run_token) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_program_api>() == 88);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_provider {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub self_: *mut c_void,
    pub id: bp_string,
    pub version: bp_string,
    pub canonical_level: u32,
    pub flags: u32,
    pub device: *const bp_device_api,
    pub capability: *const bp_capability_api,
    pub program: *const bp_program_api,
    pub memory: *const bp_memory_api,
    pub stream: *const bp_stream_api,
    pub event: *const bp_event_api,
    pub artifact: *const bp_artifact_api,
    pub options: bp_array,
    pub get_extension: Option<unsafe extern "C" fn(provider: *mut bp_provider, id: bp_string, revision: u32) -> *const c_void>,
    pub close: Option<unsafe extern "C" fn(provider: *mut bp_provider)>,
}
const _: () = assert!(core::mem::size_of::<bp_provider>() == 152);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_stream_api {
    pub struct_size: u32,
    pub reserved: u32,
    pub create: Option<unsafe extern "C" fn(device: bp_device, stream: *mut bp_stream) -> bp_status>,
    pub release: Option<unsafe extern "C" fn(stream: bp_stream)>,
    pub record: Option<unsafe extern "C" fn(stream: bp_stream, event: *mut bp_event) -> bp_status>,
    pub wait_event: Option<unsafe extern "C" fn(stream: bp_stream, event: bp_event) -> bp_status>,
    pub import_native: Option<unsafe extern "C" fn(device: bp_device, native_type: u32, handle: u64, stream: *mut bp_stream) -> bp_status>,
    pub export_native: Option<unsafe extern "C" fn(stream: bp_stream, native_type: u32, handle: *mut u64) -> bp_status>,
}
const _: () = assert!(core::mem::size_of::<bp_stream_api>() == 56);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct bp_dim {
    pub size: i64,
    pub min_size: i64,
    pub max_size: i64,
    pub symbol: u32,
    pub reserved: u32,
    pub opt_size: i64,
}
const _: () = assert!(core::mem::size_of::<bp_dim>() == 40);
