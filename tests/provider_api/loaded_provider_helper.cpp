#include "loaded_provider_helper.hpp"

#include <dlfcn.h>

#include <memory>

namespace bp::test {
namespace {

std::string text(bp_string string) {
  return string.size == 0 ? std::string() : std::string(string.data, static_cast<std::size_t>(string.size));
}

void collect(void* user, const bp_verdict* verdict) {
  ReportedVerdict reported{verdict->node, verdict->kind, {}, {}};
  for (uint64_t i = 0; i < verdict->reasons.count; ++i) {
    const bp_reason* reason = BP_AT(bp_reason, verdict->reasons, i);
    reported.reasons.push_back({reason->code, reason->input, text(reason->attribute), text(reason->text)});
  }
  for (uint64_t i = 0; i < verdict->input_wants.count; ++i) {
    reported.wants.push_back(*BP_AT(uint32_t, verdict->input_wants, i));
  }
  static_cast<std::vector<ReportedVerdict>*>(user)->push_back(std::move(reported));
}

bp_array floats_spec(const std::vector<FloatTensor>& tensors, std::vector<bp_tensor_spec>& specs) {
  for (const FloatTensor& tensor : tensors) {
    bp_tensor_spec spec{};
    spec.struct_size = BP_STRUCT_SIZE(bp_tensor_spec, value);
    spec.element_type = BP_TYPE_FLOAT32;
    spec.dims = {tensor.dims.data(), tensor.dims.size(), sizeof(int64_t)};
    specs.push_back(spec);
  }
  return {specs.data(), specs.size(), sizeof(bp_tensor_spec)};
}

bp_array bindings_of(const std::vector<FloatTensor>& tensors, std::vector<bp_tensor_binding>& bindings) {
  for (const FloatTensor& tensor : tensors) {
    bp_tensor_binding binding{};
    binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
    binding.rank = static_cast<uint32_t>(tensor.dims.size());
    binding.dims = tensor.dims.data();
    binding.data.address = reinterpret_cast<uintptr_t>(tensor.data.data());
    binding.data.size = tensor.data.size() * sizeof(float);
    bindings.push_back(binding);
  }
  return {bindings.data(), bindings.size(), sizeof(bp_tensor_binding)};
}

}  // namespace

std::vector<uint32_t> ReportedVerdict::codes() const {
  std::vector<uint32_t> codes;
  for (const ReportedReason& reason : reasons) codes.push_back(reason.code);
  return codes;
}

LoadedProvider::LoadedProvider(const std::string& path, FakeHost& host)
    : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) return;
  open = reinterpret_cast<bp_provider_open_fn>(dlsym(library_, BP_PROVIDER_OPEN_SYMBOL));
  if (open == nullptr || open(host.table(), 0, BP_ABI_MINOR, &provider) != BP_STATUS_OK) return;
  uint32_t count = 0;
  host.take(provider->device->list(provider->self, 1, &device, &count, nullptr));
}

LoadedProvider::~LoadedProvider() {
  if (provider != nullptr) provider->close(provider);
  if (library_ != nullptr) dlclose(library_);
}

std::vector<ReportedVerdict> LoadedProvider::query(const bp_graph& graph, bp_array options) {
  std::vector<ReportedVerdict> verdicts;
  bp_verdict_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_verdict_sink, report);
  sink.user = &verdicts;
  sink.report = collect;
  if (provider->capability->query(device, &graph, options, &sink) != nullptr) return {};
  return verdicts;
}

bp_status LoadedProvider::run(const bp_graph& partition, const std::vector<FloatTensor>& inputs,
                              std::vector<FloatTensor>& outputs, bp_array options) {
  const bp_program_api& api = *provider->program;
  bp_compile_args compile_args{};
  compile_args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  compile_args.thread_count = 1;
  compile_args.partition = &partition;
  compile_args.options = options;
  bp_program program = nullptr;
  if (const bp_status status = api.compile(device, &compile_args, &program)) return status;
  const std::unique_ptr<bp_program_object, decltype(api.release_program)> program_owner(program,
                                                                                        api.release_program);

  std::vector<bp_tensor_spec> input_specs;
  std::vector<bp_tensor_spec> output_specs;
  bp_specialize_args args{};
  args.struct_size = BP_STRUCT_SIZE(bp_specialize_args, progress);
  args.thread_count = 1;
  args.inputs = floats_spec(inputs, input_specs);
  args.outputs = floats_spec(outputs, output_specs);
  bp_instance instance = nullptr;
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  if (const bp_status status = api.specialize(program, &args, &instance, &info)) return status;
  const std::unique_ptr<bp_instance_object, decltype(api.release_instance)> instance_owner(
      instance, api.release_instance);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].data.assign(BP_AT(bp_output_info, info.outputs, i)->size_bytes / sizeof(float), -99.0f);
  }

  bp_context context = nullptr;
  if (const bp_status status = api.create_context(instance, &context)) return status;
  const std::unique_ptr<bp_context_object, decltype(api.release_context)> context_owner(context,
                                                                                        api.release_context);
  std::vector<bp_tensor_binding> input_bindings;
  std::vector<bp_tensor_binding> output_bindings;
  bp_binding binding{};
  binding.struct_size = BP_STRUCT_SIZE(bp_binding, workspace);
  binding.inputs = bindings_of(inputs, input_bindings);
  binding.outputs = bindings_of(outputs, output_bindings);
  if (const bp_status status = api.bind(context, &binding)) return status;
  bp_run_args run_args{};
  run_args.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
  return api.run(context, &run_args);
}

}  // namespace bp::test
