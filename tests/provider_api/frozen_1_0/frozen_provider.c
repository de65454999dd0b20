/* A provider of ABI 1.0 with every table: Neg on float32 in a memory kind of its own, on streams with events.
 * Its work is done when a call returns, but it says so only through events, as a device would. */
#include <backplane/provider/provider.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }
#define KIND 1u
#define ALIGNMENT 64u

typedef struct frozen_provider {
  bp_provider table;
  const bp_host* host;
} frozen_provider;

typedef struct frozen_program {
  const frozen_provider* provider;
  uint32_t magic;
} frozen_program;

typedef struct frozen_instance {
  const frozen_provider* provider;
  uint64_t count;
  bp_output_info output;
} frozen_instance;

typedef struct frozen_context {
  const frozen_provider* provider;
  uint64_t count;
  const float* src;
  float* dst;
} frozen_context;

typedef struct frozen_object { /* a stream or an event */
  const frozen_provider* provider;
} frozen_object;

static const frozen_provider* of_device(bp_device device) { return (const frozen_provider*)(void*)device; }

static bp_status fail(const frozen_provider* provider, uint32_t code, const char* text) {
  const bp_string message = {text, strlen(text)};
  return provider->host->status_create(provider->host, code, message, 0);
}

/* ---- device ---- */

static bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count,
                      bp_string* no_device_reason) {
  (void)no_device_reason;
  if (capacity > 0) devices[0] = (bp_device)self;
  *count = 1;
  return NULL;
}

static bp_status info(bp_device device, bp_device_info* out) {
  static const bp_memory_kind_info kind = {.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles),
                                           .kind = KIND,
                                           .name = TEXT("own"),
                                           .flags = BP_MEMORY_HAS_ADDRESS,
                                           .alignment = ALIGNMENT,
                                           .granularity = ALIGNMENT};
  static const bp_property property = {TEXT("headers"), TEXT("1.0")};
  (void)device;
  out->kind = BP_DEVICE_OTHER;
  out->flags = BP_DEVICE_DETERMINISTIC;
  out->name = (bp_string)TEXT("frozen");
  out->vendor = (bp_string)TEXT("Backplane tests");
  out->driver = (bp_string)TEXT("1");
  out->fingerprint = (bp_string)TEXT("frozen-1");
  out->memory_kinds = (bp_array){&kind, 1, sizeof kind};
  out->properties = (bp_array){&property, 1, sizeof property};
  return NULL;
}

/* ---- memory ---- */

static bp_status allocate(bp_device device, uint32_t kind, uint64_t size, bp_stream stream, bp_buffer* buffer,
                          uint64_t* address) {
  (void)stream;
  if (kind != KIND) return fail(of_device(device), BP_STATUS_INVALID_ARGUMENT, "frozen: unknown memory kind");
  void* data = aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  if (data == NULL) return fail(of_device(device), BP_STATUS_OUT_OF_DEVICE_MEMORY, "frozen: out of memory");
  *buffer = (bp_buffer)data;
  *address = (uint64_t)(uintptr_t)data;
  return NULL;
}

static void release_buffer(bp_device device, bp_buffer buffer) {
  (void)device;
  free(buffer);
}

static bp_status copy(bp_device device, bp_stream stream, const bp_slice* src, const bp_slice* dst,
                      uint64_t size, uint32_t host_data) {
  (void)device;
  (void)stream;
  (void)host_data;
  if (size > 0) memcpy((void*)(uintptr_t)dst->address, (const void*)(uintptr_t)src->address, size);
  return NULL;
}

/* ---- streams and events ---- */

static bp_status make_object(const frozen_provider* provider, frozen_object** object) {
  *object = malloc(sizeof **object);
  if (*object == NULL) return fail(provider, BP_STATUS_OUT_OF_HOST_MEMORY, "frozen: out of host memory");
  (*object)->provider = provider;
  return NULL;
}

static bp_status create_stream(bp_device device, bp_stream* stream) {
  return make_object(of_device(device), (frozen_object**)(void*)stream);
}
static void release_stream(bp_stream stream) { free(stream); }
static bp_status record(bp_stream stream, bp_event* event) {
  return make_object(((frozen_object*)(void*)stream)->provider, (frozen_object**)(void*)event);
}
static bp_status wait_event(bp_stream stream, bp_event event) {
  (void)stream;
  (void)event;
  return NULL;
}

static void release_event(bp_event event) { free(event); }
static bp_status wait(bp_event event, int64_t timeout_ns) {
  (void)event;
  (void)timeout_ns;
  return NULL;
}
static bp_status poll(bp_event event, uint32_t* state) {
  (void)event;
  *state = BP_EVENT_COMPLETE;
  return NULL;
}

/* ---- capability ---- */

static bp_status query(bp_device device, const bp_graph* graph, bp_array options, const bp_verdict_sink* sink) {
  int accept = 1;
  (void)device;
  for (uint64_t o = 0; o < options.count; ++o) {
    const bp_option* option = BP_AT(bp_option, options, o);
    if (option->name.size == 6 && memcmp(option->name.data, "accept", 6) == 0) accept = option->int_value != 0;
  }
  for (uint32_t n = 0; n < graph->nodes.count; ++n) {
    const bp_node* node = BP_AT(bp_node, graph->nodes, n);
    bp_reason reason = {.struct_size = BP_STRUCT_SIZE(bp_reason, text), .input = BP_NONE, .output = BP_NONE};
    bp_verdict verdict = {.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes),
                          .kind = BP_VERDICT_SUPPORTED,
                          .node = n,
                          .group = BP_NONE,
                          .cost_ns = BP_UNKNOWN,
                          .workspace_bytes = BP_UNKNOWN};
    if (node->domain.size != 0 || node->op_type.size != 3 || memcmp(node->op_type.data, "Neg", 3) != 0) {
      reason.code = BP_REASON_OPERATOR;
      reason.text = (bp_string)TEXT("only Neg is known here");
    } else if (BP_AT(bp_value, graph->values, *BP_AT(uint32_t, node->inputs, 0))->element_type !=
               BP_TYPE_FLOAT32) {
      reason.code = BP_REASON_TYPE;
      reason.input = 0;
      reason.text = (bp_string)TEXT("input 0 must be float32");
    } else if (!accept) {
      reason.code = BP_REASON_POLICY;
      reason.text = (bp_string)TEXT("option accept is off");
    }
    if (reason.code != 0) {
      verdict.kind = BP_VERDICT_REJECTED;
      verdict.reasons = (bp_array){&reason, 1, sizeof reason};
    }
    sink->report(sink->user, &verdict);
  }
  return NULL;
}

static bp_status query_partition(bp_device device, const bp_graph* partition, bp_array options,
                                 bp_partition_answer* answer) {
  (void)device;
  (void)options;
  answer->kind = partition->nodes.count == 1 ? BP_PARTITION_ACCEPT : BP_PARTITION_SPLIT;
  answer->split_node = partition->nodes.count == 1 ? BP_NONE : 1;
  answer->reason_code = BP_REASON_OTHER;
  answer->text = (bp_string)TEXT("one node at a time");
  return NULL;
}

/* ---- program ---- */

static bp_status make_program(const frozen_provider* provider, bp_program* out) {
  frozen_program* program = malloc(sizeof *program);
  if (program == NULL) return fail(provider, BP_STATUS_OUT_OF_HOST_MEMORY, "frozen: out of host memory");
  program->provider = provider;
  program->magic = 0x46524f5au;
  *out = (bp_program)program;
  return NULL;
}

static bp_status compile(bp_device device, const bp_compile_args* args, bp_program* out) {
  const bp_graph* graph = args->partition;
  if (graph->nodes.count != 1 || graph->inputs.count != 1 || graph->outputs.count != 1) {
    return fail(of_device(device), BP_STATUS_UNSUPPORTED, "frozen: one node with one run-time input at a time");
  }
  return make_program(of_device(device), out);
}

static bp_status specialize(bp_program handle, const bp_specialize_args* args, bp_instance* out,
                            bp_instance_info* out_info) {
  const frozen_program* program = (const frozen_program*)(void*)handle;
  const bp_tensor_spec* spec = BP_AT(bp_tensor_spec, args->inputs, 0);
  frozen_instance* instance = calloc(1, sizeof *instance);
  if (instance == NULL)
    return fail(program->provider, BP_STATUS_OUT_OF_HOST_MEMORY, "frozen: out of host memory");
  instance->provider = program->provider;
  instance->count = 1;
  for (uint64_t d = 0; d < spec->dims.count; ++d) instance->count *= (uint64_t)*BP_AT(int64_t, spec->dims, d);
  instance->output.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
  instance->output.size_bytes = instance->count * sizeof(float);
  instance->output.in_place_input = BP_NONE;
  instance->output.memory_kind = KIND;
  out_info->workspace_bytes = 256; /* unused, but planned */
  out_info->workspace_alignment = ALIGNMENT;
  out_info->workspace_kind = KIND;
  out_info->outputs = (bp_array){&instance->output, 1, sizeof instance->output};
  *out = (bp_instance)instance;
  return NULL;
}

static bp_status create_context(bp_instance handle, bp_context* out) {
  const frozen_instance* instance = (const frozen_instance*)(void*)handle;
  frozen_context* context = calloc(1, sizeof *context);
  if (context == NULL)
    return fail(instance->provider, BP_STATUS_OUT_OF_HOST_MEMORY, "frozen: out of host memory");
  context->provider = instance->provider;
  context->count = instance->count;
  *out = (bp_context)context;
  return NULL;
}

static bp_status bind(bp_context handle, const bp_binding* binding) {
  frozen_context* context = (frozen_context*)(void*)handle;
  const bp_slice src = BP_AT(bp_tensor_binding, binding->inputs, 0)->data;
  const bp_slice dst = BP_AT(bp_tensor_binding, binding->outputs, 0)->data;
  if (binding->workspace.size < 256 ||
      (src.address | dst.address | binding->workspace.address) % ALIGNMENT != 0) {
    return fail(context->provider, BP_STATUS_INVALID_ARGUMENT, "frozen: slices are not as the kind says");
  }
  context->src = (const float*)(uintptr_t)src.address;
  context->dst = (float*)(uintptr_t)dst.address;
  return NULL;
}

static bp_status run(bp_context handle, const bp_run_args* args) {
  const frozen_context* context = (const frozen_context*)(void*)handle;
  if (args->stream == NULL)
    return fail(context->provider, BP_STATUS_INVALID_ARGUMENT, "frozen: run needs a stream");
  for (uint64_t i = 0; i < context->count; ++i) context->dst[i] = -context->src[i];
  return NULL;
}

static bp_status describe(bp_instance instance, const bp_step_sink* sink) {
  static const uint32_t nodes[1] = {0};
  const bp_step step = {.struct_size = BP_STRUCT_SIZE(bp_step, note),
                        .name = TEXT("neg"),
                        .implementation = TEXT("plain C"),
                        .nodes = {nodes, 1, sizeof nodes[0]}};
  (void)instance;
  sink->report(sink->user, &step);
  return NULL;
}

static void release_program(bp_program program) { free(program); }
static void release_instance(bp_instance instance) { free(instance); }
static void release_context(bp_context context) { free(context); }

/* ---- saved programs ---- */

static bp_status save(bp_program handle, const bp_artifact_writer* writer) {
  const frozen_program* program = (const frozen_program*)(void*)handle;
  const bp_status status = writer->write_header(writer->user, "frozen header", 13);
  if (status != NULL) return status;
  return writer->write_code(writer->user, &program->magic, sizeof program->magic);
}

static bp_status check_artifact(bp_device device, const bp_artifact_info* artifact,
                                bp_artifact_answer* answer) {
  const int known = artifact->header_size == 13 && memcmp(artifact->header, "frozen header", 13) == 0;
  (void)device;
  answer->kind = known ? BP_ARTIFACT_OPTIMAL : BP_ARTIFACT_REFUSE;
  answer->text = known ? (bp_string)TEXT("its own") : (bp_string)TEXT("not of this provider");
  return NULL;
}

static bp_status load(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
                      bp_program* out) {
  const uint32_t magic = 0x46524f5au;
  (void)args;
  if (reader->code_size != sizeof magic || memcmp(reader->code, &magic, sizeof magic) != 0) {
    return fail(of_device(device), BP_STATUS_INCOMPATIBLE, "frozen: the code section is damaged");
  }
  return make_program(of_device(device), out);
}

/* ---- entry ---- */

static void close_provider(bp_provider* provider) { free(provider); }

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** out) {
  static const bp_device_api device = {
      .struct_size = BP_STRUCT_SIZE(bp_device_api, sample_clock), .list = list, .info = info};
  static const bp_memory_api memory = {.struct_size = BP_STRUCT_SIZE(bp_memory_api, usage),
                                       .allocate = allocate,
                                       .release = release_buffer,
                                       .copy = copy};
  static const bp_stream_api stream = {.struct_size = BP_STRUCT_SIZE(bp_stream_api, export_native),
                                       .create = create_stream,
                                       .release = release_stream,
                                       .record = record,
                                       .wait_event = wait_event};
  static const bp_event_api event = {.struct_size = BP_STRUCT_SIZE(bp_event_api, import_handle),
                                     .release = release_event,
                                     .wait = wait,
                                     .poll = poll};
  static const bp_capability_api capability = {
      .struct_size = BP_STRUCT_SIZE(bp_capability_api, query_partition),
      .query = query,
      .query_partition = query_partition};
  static const bp_program_api program = {.struct_size = BP_STRUCT_SIZE(bp_program_api, report_spans),
                                         .compile = compile,
                                         .release_program = release_program,
                                         .specialize = specialize,
                                         .release_instance = release_instance,
                                         .create_context = create_context,
                                         .release_context = release_context,
                                         .bind = bind,
                                         .run = run,
                                         .describe = describe};
  static const bp_artifact_api artifact = {.struct_size = BP_STRUCT_SIZE(bp_artifact_api, load),
                                           .save = save,
                                           .check_artifact = check_artifact,
                                           .load = load};
  static const bp_option_info option = {.struct_size = BP_STRUCT_SIZE(bp_option_info, choices),
                                        .kind = BP_OPTION_BOOL,
                                        .name = TEXT("accept"),
                                        .text = TEXT("Takes nodes at all"),
                                        .int_default = 1,
                                        .int_max = 1};
  *out = NULL;
  (void)host_max_minor;
  if (host_min_minor > 0) return BP_STATUS_INCOMPATIBLE;
  frozen_provider* provider = calloc(1, sizeof *provider);
  if (provider == NULL) return BP_STATUS_OUT_OF_HOST_MEMORY;
  provider->host = host;
  provider->table = (bp_provider){.struct_size = BP_STRUCT_SIZE(bp_provider, close),
                                  .self = provider,
                                  .id = TEXT("org.backplane.frozen_1_0"),
                                  .version = TEXT("1.0.0"),
                                  .canonical_level = 22,
                                  .flags = BP_PROVIDER_MAY_UNLOAD,
                                  .device = &device,
                                  .capability = &capability,
                                  .program = &program,
                                  .memory = &memory,
                                  .stream = &stream,
                                  .event = &event,
                                  .artifact = &artifact,
                                  .options = {&option, 1, sizeof option},
                                  .close = close_provider};
  *out = &provider->table;
  return BP_STATUS_OK;
}
