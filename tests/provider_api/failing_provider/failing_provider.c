/* The frozen provider with a switch: the entry that the environment variable BACKPLANE_TEST_FAIL_AT names
 * returns an error, "failing at <entry>", and does nothing else. Read at each call, so that a test can go
 * through all of them. */
#define bp_provider_open_v1 frozen_open
#include "../frozen_1_0/frozen_provider.c" /* NOLINT(bugprone-suspicious-include) */
#undef bp_provider_open_v1

static const bp_host* the_host; /* one process, one table */

static int fails_at(const char* entry) {
  const char* wanted = getenv("BACKPLANE_TEST_FAIL_AT");
  return wanted != NULL && strcmp(wanted, entry) == 0;
}

static bp_status failure(const char* entry) {
  char text[64] = "failing at ";
  strcat(text, entry);
  const bp_string message = {text, strlen(text)};
  return the_host->status_create(the_host, BP_STATUS_INTERNAL, message, 7);
}

static bp_status try_list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count,
                          bp_string* reason) {
  return fails_at("list") ? failure("list") : list(self, capacity, devices, count, reason);
}

static bp_status try_info(bp_device device, bp_device_info* out) {
  return fails_at("info") ? failure("info") : info(device, out);
}

static bp_status try_allocate(bp_device device, uint32_t kind, uint64_t size, bp_stream stream,
                              bp_buffer* buffer, uint64_t* address) {
  return fails_at("allocate") ? failure("allocate") : allocate(device, kind, size, stream, buffer, address);
}

static bp_status try_copy(bp_device device, bp_stream stream, const bp_slice* src, const bp_slice* dst,
                          uint64_t size, uint32_t host_data) {
  return fails_at("copy") ? failure("copy") : copy(device, stream, src, dst, size, host_data);
}

static bp_status try_create_stream(bp_device device, bp_stream* stream) {
  return fails_at("create_stream") ? failure("create_stream") : create_stream(device, stream);
}

static bp_status try_record(bp_stream stream, bp_event* event) {
  return fails_at("record") ? failure("record") : record(stream, event);
}

static bp_status try_wait_event(bp_stream stream, bp_event event) {
  return fails_at("wait_event") ? failure("wait_event") : wait_event(stream, event);
}

static bp_status try_wait(bp_event event, int64_t timeout_ns) {
  return fails_at("wait") ? failure("wait") : wait(event, timeout_ns);
}

static bp_status try_poll(bp_event event, uint32_t* state) {
  return fails_at("poll") ? failure("poll") : poll(event, state);
}

static bp_status try_query(bp_device device, const bp_graph* graph, bp_array options,
                           const bp_verdict_sink* sink) {
  return fails_at("query") ? failure("query") : query(device, graph, options, sink);
}

static bp_status try_query_partition(bp_device device, const bp_graph* partition, bp_array options,
                                     bp_partition_answer* answer) {
  return fails_at("query_partition") ? failure("query_partition")
                                     : query_partition(device, partition, options, answer);
}

static bp_status try_compile(bp_device device, const bp_compile_args* args, bp_program* program) {
  return fails_at("compile") ? failure("compile") : compile(device, args, program);
}

static bp_status try_specialize(bp_program program, const bp_specialize_args* args, bp_instance* instance,
                                bp_instance_info* out) {
  return fails_at("specialize") ? failure("specialize") : specialize(program, args, instance, out);
}

static bp_status try_create_context(bp_instance instance, bp_context* context) {
  return fails_at("create_context") ? failure("create_context") : create_context(instance, context);
}

static bp_status try_bind(bp_context context, const bp_binding* binding) {
  return fails_at("bind") ? failure("bind") : bind(context, binding);
}

static bp_status try_run(bp_context context, const bp_run_args* args) {
  return fails_at("run") ? failure("run") : run(context, args);
}

static bp_status try_describe(bp_instance instance, const bp_step_sink* sink) {
  return fails_at("describe") ? failure("describe") : describe(instance, sink);
}

static bp_status try_save(bp_program program, const bp_artifact_writer* writer) {
  return fails_at("save") ? failure("save") : save(program, writer);
}

static bp_status try_check_artifact(bp_device device, const bp_artifact_info* artifact,
                                    bp_artifact_answer* answer) {
  return fails_at("check_artifact") ? failure("check_artifact") : check_artifact(device, artifact, answer);
}

static bp_status try_load(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
                          bp_program* program) {
  return fails_at("load") ? failure("load") : load(device, args, reader, program);
}

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** out) {
  static bp_device_api device;
  static bp_memory_api memory;
  static bp_stream_api stream;
  static bp_event_api event;
  static bp_capability_api capability;
  static bp_program_api program;
  static bp_artifact_api artifact;
  the_host = host;
  *out = NULL;
  if (fails_at("open")) {
    const bp_string message = TEXT("failing at open");
    host->log(host, BP_LOG_ERROR, message);
    return BP_STATUS_INTERNAL;
  }
  const uint32_t code = frozen_open(host, host_min_minor, host_max_minor, out);
  if (code != BP_STATUS_OK) return code;
  bp_provider* provider = *out;
  provider->id = (bp_string)TEXT("org.backplane.failing");
  device = *provider->device;
  device.list = try_list;
  device.info = try_info;
  provider->device = &device;
  memory = *provider->memory;
  memory.allocate = try_allocate;
  memory.copy = try_copy;
  provider->memory = &memory;
  stream = *provider->stream;
  stream.create = try_create_stream;
  stream.record = try_record;
  stream.wait_event = try_wait_event;
  provider->stream = &stream;
  event = *provider->event;
  event.wait = try_wait;
  event.poll = try_poll;
  provider->event = &event;
  capability = *provider->capability;
  capability.query = try_query;
  capability.query_partition = try_query_partition;
  provider->capability = &capability;
  program = *provider->program;
  program.compile = try_compile;
  program.specialize = try_specialize;
  program.create_context = try_create_context;
  program.bind = try_bind;
  program.run = try_run;
  program.describe = try_describe;
  provider->program = &program;
  artifact = *provider->artifact;
  artifact.save = try_save;
  artifact.check_artifact = try_check_artifact;
  artifact.load = try_load;
  provider->artifact = &artifact;
  return BP_STATUS_OK;
}
