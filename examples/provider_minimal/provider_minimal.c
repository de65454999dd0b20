/* A whole provider in plain C: one operator, Relu on float32, in host memory, synchronous. Memory, streams,
 * events, artefacts and options have no table here: a device that works in host memory at once needs none. */
#include <backplane/provider/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct minimal_provider {
  bp_provider table; /* first: the host's bp_provider* is this object */
  const bp_host* host;
} minimal_provider;

/* A compiled partition: output i is Relu of input source[i], however many Relus lie between. */
typedef struct minimal_program {
  const bp_host* host;
  uint32_t output_count;
  uint32_t source[];
} minimal_program;

typedef struct minimal_instance {
  const minimal_program* program;
  struct minimal_output {
    bp_output_info info;
    uint64_t count; /* elements */
  } outputs[];
} minimal_instance;

typedef struct minimal_context {
  const minimal_instance* instance;
  struct {
    const float* src;
    float* dst;
  } pairs[];
} minimal_context;

#define TEXT(literal) ((bp_string){literal, sizeof(literal) - 1})

static bp_status fail(const bp_host* host, uint32_t code, const char* text) {
  return host->status_create(host, code, (bp_string){text, strlen(text)}, 0);
}

/* A struct in which a field of minor 0 is missing: reading it would be reading behind the caller's object. */
static bp_status too_small(const bp_host* host, const char* text) {
  return fail(host, BP_STATUS_INVALID_ARGUMENT, text);
}

static bp_status out_of_memory(const bp_host* host) {
  return fail(host, BP_STATUS_OUT_OF_HOST_MEMORY, "minimal: out of host memory");
}

/* ---- device: there is one, and it is the provider object itself ---- */

static const minimal_provider* of_device(bp_device device) { return (const minimal_provider*)(void*)device; }

static bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count,
                      bp_string* no_device_reason) {
  (void)no_device_reason;
  if (capacity > 0) devices[0] = (bp_device)self;
  *count = 1;
  return NULL;
}

static bp_status info(bp_device device, bp_device_info* out) {
  static const bp_memory_kind_info kind = {
      .struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles),
      .kind = BP_MEMORY_HOST,
      .name = {"host", 4},
      .flags = BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_SHARED,
      .alignment = sizeof(float),
      .granularity = 1};
  if (!BP_HAS_FIELD(out, bp_device_info, launch_ns)) {
    return too_small(of_device(device)->host, "minimal: info: bp_device_info lacks fields of minor 0");
  }
  out->kind = BP_DEVICE_CPU;
  out->flags = BP_DEVICE_SYNCHRONOUS | BP_DEVICE_DETERMINISTIC;
  out->name = TEXT("one operator");
  out->vendor = TEXT("Backplane examples");
  out->memory_kinds = (bp_array){&kind, 1, sizeof kind};
  return NULL; /* the host zeroed the rest: nothing more to say */
}

/* ---- capability: a verdict for every node, with every reason ---- */

static void add_reason(bp_reason* reasons, uint64_t* count, uint32_t code, uint32_t input, const char* text) {
  reasons[(*count)++] = (bp_reason){.struct_size = BP_STRUCT_SIZE(bp_reason, text),
                                    .code = code,
                                    .input = input,
                                    .output = BP_NONE,
                                    .text = {text, strlen(text)}};
}

static bp_status query(bp_device device, const bp_graph* graph, bp_array options, const bp_verdict_sink* sink) {
  (void)device;
  (void)options;
  for (uint32_t n = 0; n < graph->nodes.count; ++n) {
    const bp_node* node = BP_AT(bp_node, graph->nodes, n);
    bp_reason reasons[3];
    uint64_t count = 0;
    char text[160];
    if (node->domain.size != 0 || node->op_type.size != 4 || memcmp(node->op_type.data, "Relu", 4) != 0) {
      snprintf(text, sizeof text, "only Relu of the ONNX domain is known here, this is %.*s",
               (int)(node->op_type.size < 80 ? node->op_type.size : 80), node->op_type.data);
      add_reason(reasons, &count, BP_REASON_OPERATOR, BP_NONE, text);
    } else {
      const uint32_t index = *BP_AT(uint32_t, node->inputs, 0);
      const bp_value* input = BP_AT(bp_value, graph->values, index);
      if (input->element_type != BP_TYPE_FLOAT32) {
        snprintf(text, sizeof text, "input 0 must be float32 (element type 1), is of element type %u",
                 (unsigned)input->element_type);
        add_reason(reasons, &count, BP_REASON_TYPE, 0, text);
      }
      if (!input->has_rank) {
        add_reason(reasons, &count, BP_REASON_RANK, 0, "input 0 must have a known rank, has none");
      }
      if (input->flags & BP_VALUE_CONSTANT) {
        add_reason(reasons, &count, BP_REASON_OTHER, 0, "input 0 must be computed at run time, is constant");
      }
    }
    bp_verdict verdict = {.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes),
                          .kind = count == 0 ? BP_VERDICT_SUPPORTED : BP_VERDICT_REJECTED,
                          .node = n,
                          .group = BP_NONE,
                          .reasons = {reasons, count, sizeof reasons[0]},
                          .cost_ns = BP_UNKNOWN};
    sink->report(sink->user, &verdict);
  }
  return NULL;
}

/* ---- program: a partition holds only what query supported, so every node in it is a Relu ---- */

static bp_status compile(bp_device device, const bp_compile_args* args, bp_program* out) {
  const bp_host* host = of_device(device)->host;
  if (!BP_HAS_FIELD(args, bp_compile_args, progress)) {
    return too_small(host, "minimal: compile: bp_compile_args lacks fields of minor 0");
  }
  const bp_graph* graph = args->partition;
  minimal_program* program = malloc(sizeof *program + graph->outputs.count * sizeof program->source[0]);
  if (program == NULL) return out_of_memory(host);
  program->host = host;
  program->output_count = (uint32_t)graph->outputs.count;
  for (uint32_t o = 0; o < program->output_count; ++o) {
    uint32_t value = *BP_AT(uint32_t, graph->outputs, o);
    for (uint32_t p; (p = BP_AT(bp_value, graph->values, value)->producer) != BP_NONE;) {
      value = *BP_AT(uint32_t, BP_AT(bp_node, graph->nodes, p)->inputs, 0);
    }
    uint32_t input = 0;
    while (input < graph->inputs.count && *BP_AT(uint32_t, graph->inputs, input) != value) ++input;
    if (input == graph->inputs.count) {
      free(program);
      return fail(host, BP_STATUS_INVALID_MODEL, "minimal: an output does not come from an input");
    }
    program->source[o] = input;
  }
  *out = (bp_program)program;
  return NULL;
}

static bp_status specialize(bp_program handle, const bp_specialize_args* args, bp_instance* out,
                            bp_instance_info* info) {
  const minimal_program* program = (const minimal_program*)(void*)handle;
  if (!BP_HAS_FIELD(args, bp_specialize_args, progress) ||
      !BP_HAS_FIELD(info, bp_instance_info, context_bytes)) {
    return too_small(program->host, "minimal: specialize: a struct lacks fields of minor 0");
  }
  minimal_instance* instance = malloc(sizeof *instance + program->output_count * sizeof instance->outputs[0]);
  if (instance == NULL) return out_of_memory(program->host);
  instance->program = program;
  for (uint32_t o = 0; o < program->output_count; ++o) {
    const bp_tensor_spec* spec = BP_AT(bp_tensor_spec, args->inputs, program->source[o]);
    uint64_t count = 1;
    for (uint64_t d = 0; d < spec->dims.count; ++d) count *= (uint64_t)*BP_AT(int64_t, spec->dims, d);
    instance->outputs[o].count = count;
    instance->outputs[o].info = (bp_output_info){.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved),
                                                 .mode = BP_OUTPUT_FIXED,
                                                 .size_bytes = count * sizeof(float),
                                                 .in_place_input = program->source[o],
                                                 .memory_kind = BP_MEMORY_HOST};
  }
  info->workspace_alignment = 1; /* of none; all else that stays 0 is meant so */
  info->outputs = (bp_array){&instance->outputs[0].info, program->output_count, sizeof(struct minimal_output)};
  *out = (bp_instance)instance;
  return NULL;
}

static bp_status create_context(bp_instance handle, bp_context* out) {
  const minimal_instance* instance = (const minimal_instance*)(void*)handle;
  const uint32_t count = instance->program->output_count;
  minimal_context* context = malloc(sizeof *context + count * sizeof context->pairs[0]);
  if (context == NULL) return out_of_memory(instance->program->host);
  context->instance = instance;
  *out = (bp_context)context;
  return NULL;
}

static bp_status bind(bp_context handle, const bp_binding* binding) {
  minimal_context* context = (minimal_context*)(void*)handle;
  const minimal_program* program = context->instance->program;
  if (!BP_HAS_FIELD(binding, bp_binding, workspace)) {
    return too_small(program->host, "minimal: bind: bp_binding lacks fields of minor 0");
  }
  for (uint32_t o = 0; o < program->output_count; ++o) {
    const bp_tensor_binding* src = BP_AT(bp_tensor_binding, binding->inputs, program->source[o]);
    const bp_tensor_binding* dst = BP_AT(bp_tensor_binding, binding->outputs, o);
    context->pairs[o].src = (const float*)(uintptr_t)src->data.address;
    context->pairs[o].dst = (float*)(uintptr_t)dst->data.address;
  }
  return NULL;
}

static bp_status run(bp_context handle, const bp_run_args* args) {
  const minimal_context* context = (const minimal_context*)(void*)handle;
  const minimal_instance* instance = context->instance;
  /* Of args nothing is needed: synchronous, and over before anybody could cancel. */
  if (!BP_HAS_FIELD(args, bp_run_args, token)) {
    return too_small(instance->program->host, "minimal: run: bp_run_args lacks fields of minor 0");
  }
  for (uint32_t o = 0; o < instance->program->output_count; ++o) {
    const float* src = context->pairs[o].src;
    float* dst = context->pairs[o].dst; /* may be src: in_place_input */
    for (uint64_t i = 0; i < instance->outputs[o].count; ++i) dst[i] = src[i] < 0.0f ? 0.0f : src[i];
  }
  return NULL;
}

/* ---- the entry ---- */

static void release_program(bp_program program) { free(program); }
static void release_instance(bp_instance instance) { free(instance); }
static void release_context(bp_context context) { free(context); }
static void close_provider(bp_provider* provider) { free(provider); }

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** out) {
  static const bp_device_api device = {
      .struct_size = BP_STRUCT_SIZE(bp_device_api, info), .list = list, .info = info};
  static const bp_capability_api capability = {.struct_size = BP_STRUCT_SIZE(bp_capability_api, query),
                                               .query = query};
  static const bp_program_api program = {.struct_size = BP_STRUCT_SIZE(bp_program_api, run),
                                         .compile = compile,
                                         .release_program = release_program,
                                         .specialize = specialize,
                                         .release_instance = release_instance,
                                         .create_context = create_context,
                                         .release_context = release_context,
                                         .bind = bind,
                                         .run = run};
  *out = NULL;
  (void)host_max_minor;
  if (host_min_minor > 0) return BP_STATUS_INCOMPATIBLE; /* this file speaks minor 0 */
  minimal_provider* provider = calloc(1, sizeof *provider);
  if (provider == NULL) return BP_STATUS_OUT_OF_HOST_MEMORY;
  provider->host = host;
  provider->table = (bp_provider){.struct_size = BP_STRUCT_SIZE(bp_provider, close),
                                  .abi_minor = 0,
                                  .self = provider,
                                  .id = TEXT("org.backplane.minimal"),
                                  .version = TEXT("1.0.0"),
                                  .canonical_level = 22,
                                  .flags = BP_PROVIDER_MAY_UNLOAD,
                                  .device = &device,
                                  .capability = &capability,
                                  .program = &program,
                                  .close = close_provider};
  *out = &provider->table;
  return BP_STATUS_OK;
}
