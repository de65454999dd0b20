// A provider in C++ with provider_cpp: LeakyRelu, and Add of a constant that is packed at compile. One node per
// partition. The option "fail" makes compile throw, so that a test sees what crosses the boundary.
#include <backplane/provider_cpp/provider.hpp>
#include <memory>
#include <new>
#include <vector>

namespace {

using namespace bp::sdk;

struct Kernel {
  float slope = 1.0f;            // of negative elements
  std::vector<float> addend{0};  // one element, or as many as the input
};

class Device;

class Context {
 public:
  using Handle = bp_context;
  Context(Host host, const Kernel& kernel, uint64_t count) : host_(host), kernel_(&kernel), count_(count) {}
  [[nodiscard]] Host host() const { return host_; }

  void bind(const bp_binding* binding) {
    src_ = reinterpret_cast<const float*>(Array<bp_tensor_binding>(binding->inputs)[0].data.address);
    dst_ = reinterpret_cast<float*>(Array<bp_tensor_binding>(binding->outputs)[0].data.address);
  }
  void run(const bp_run_args* args) {
    host_.check_cancel(args->cancel);
    const std::size_t step = kernel_->addend.size() == 1 ? 0 : 1;
    for (std::size_t i = 0; i < count_; ++i) {
      dst_[i] = (src_[i] < 0 ? src_[i] * kernel_->slope : src_[i]) + kernel_->addend[i * step];
    }
  }

 private:
  Host host_;
  const Kernel* kernel_;
  uint64_t count_;
  const float* src_ = nullptr;
  float* dst_ = nullptr;
};

class Instance {
 public:
  using Handle = bp_instance;
  Instance(Host host, const Kernel& kernel, uint64_t count) : host_(host), kernel_(&kernel), count_(count) {
    output_.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
    output_.size_bytes = count * sizeof(float);
    output_.in_place_input = 0;
  }
  [[nodiscard]] Host host() const { return host_; }
  [[nodiscard]] bp_array outputs() const { return {&output_, 1, sizeof output_}; }

  void create_context(bp_context* context) const {
    *context = to_handle(std::make_unique<Context>(host_, *kernel_, count_));
  }

 private:
  Host host_;
  const Kernel* kernel_;
  uint64_t count_;
  bp_output_info output_{};
};

class Program {
 public:
  using Handle = bp_program;
  Program(Host host, Kernel kernel) : host_(host), kernel_(std::move(kernel)) {}
  [[nodiscard]] Host host() const { return host_; }

  void specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const {
    uint64_t count = 1;
    for (const int64_t dim : Array<int64_t>(Array<bp_tensor_spec>(args->inputs)[0].dims)) {
      count *= static_cast<uint64_t>(dim);
    }
    if (kernel_.addend.size() != 1 && kernel_.addend.size() != count) {
      throw Error(BP_STATUS_UNSUPPORTED, message("Add: the constant has ", kernel_.addend.size(),
                                                 " elements, the input ", count, "; no broadcast here"));
    }
    auto made = std::make_unique<Instance>(host_, kernel_, count);
    info->outputs = made->outputs();
    info->workspace_alignment = 1;
    *instance = to_handle(std::move(made));
  }

 private:
  Host host_;
  Kernel kernel_;
};

void judge(const Node& node, Verdict& verdict) {
  if (!node.is("LeakyRelu") && !node.is("Add")) {
    verdict.reject(BP_REASON_OPERATOR, message("LeakyRelu and Add are known, not ", node.op_type()));
    return;
  }
  for (uint32_t i = 0; i < node.input_count(); ++i) {
    if (const bp_value* input = node.input(i); input == nullptr || input->element_type != BP_TYPE_FLOAT32) {
      const uint32_t type = input == nullptr ? BP_TYPE_UNDEFINED : input->element_type;
      verdict.reject_input(BP_REASON_TYPE, i, message("must be float32, is ", element_type(type).name));
    }
  }
  if (node.is("LeakyRelu") && node.get_float("alpha", 0.01f) < 0) {
    verdict.reject_attribute("alpha", "must not be negative");
  }
  if (node.is("Add")) {
    if (const bp_value* addend = node.input(1); addend == nullptr || !is_constant(*addend)) {
      verdict.reject_input(BP_REASON_NOT_CONSTANT, 1, "the second input must be constant");
    }
    verdict.want(1, BP_WANT_CONSTANT);
  }
}

class Device {
 public:
  using Handle = bp_device;
  explicit Device(Host host) : host_(host) {
    kind_.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles);
    kind_.name = abi("host");
    kind_.flags = BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_SHARED;
    kind_.alignment = sizeof(float);
    kind_.granularity = 1;
  }
  [[nodiscard]] Host host() const { return host_; }

  void info(bp_device_info* info) const {
    info->kind = BP_DEVICE_CPU;
    info->flags = BP_DEVICE_SYNCHRONOUS;
    info->name = abi("two operators");
    info->memory_kinds = {&kind_, 1, sizeof kind_};
  }
  void query(const bp_graph* graph, bp_array, const bp_verdict_sink* sink) const {
    for (uint32_t n = 0; n < graph->nodes.count; ++n) {
      const Node node(*graph, n);
      Verdict verdict(n);
      judge(node, verdict);
      verdict.report(*sink, node.input_count());
    }
  }
  void query_partition(const bp_graph* partition, bp_array, bp_partition_answer* answer) const {
    answer->kind = partition->nodes.count == 1 ? BP_PARTITION_ACCEPT : BP_PARTITION_SPLIT;
    answer->split_node = 1;
    answer->reason_code = BP_REASON_OTHER;
    answer->text = abi("one node at a time");
  }
  void compile(const bp_compile_args* args, bp_program* program) const {
    const std::string_view fail = Options(args->options).get_string("fail", "no");
    if (fail == "error") throw Error(BP_STATUS_INVALID_MODEL, "asked to fail", 42);
    if (fail == "memory") throw std::bad_alloc();
    if (fail == "foreign") throw 7;
    const bp_graph& graph = *args->partition;
    const Node node(graph, 0);
    Kernel kernel;
    if (node.is("LeakyRelu")) kernel.slope = node.get_float("alpha", 0.01f);
    if (node.is("Add")) {
      const Constant addend(host_, graph.constants, node.input(1)->constant_id);
      kernel.addend = copy_elements<float>(addend.tensor());
    }
    host_.progress(args->progress, 1.0, node.label());
    *program = to_handle(std::make_unique<Program>(host_, std::move(kernel)));
  }

 private:
  Host host_;
  bp_memory_kind_info kind_{};
};

class Provider {
 public:
  explicit Provider(Host host) : device_(host) {
    static const bp_device_api device_table = [] {
      bp_device_api api{};
      api.struct_size = BP_STRUCT_SIZE(bp_device_api, sample_clock);
      api.list = [](void* self, uint32_t capacity, bp_device* devices, uint32_t* count,
                    bp_string*) -> bp_status {
        if (capacity > 0) devices[0] = handle_of(static_cast<Provider*>(self)->device_);
        *count = 1;
        return nullptr;
      };
      api.info = entry<&Device::info>;
      return api;
    }();
    static const bp_capability_api capability_table = {BP_STRUCT_SIZE(bp_capability_api, query_partition), 0,
                                                       entry<&Device::query>, entry<&Device::query_partition>};
    static const bp_program_api program_table = [] {
      bp_program_api api{};
      api.struct_size = BP_STRUCT_SIZE(bp_program_api, report_spans);
      api.compile = entry<&Device::compile>;
      api.release_program = release_entry<Program>;
      api.specialize = entry<&Program::specialize>;
      api.release_instance = release_entry<Instance>;
      api.create_context = entry<&Instance::create_context>;
      api.release_context = release_entry<Context>;
      api.bind = entry<&Context::bind>;
      api.run = entry<&Context::run>;
      return api;
    }();
    static const bp_string fail_choices[] = {abi("no"), abi("error"), abi("memory"), abi("foreign")};
    options_ = {choice_option("fail", "Makes compile fail in this way", "no", fail_choices)};

    table_.struct_size = BP_STRUCT_SIZE(bp_provider, close);
    table_.self = this;
    table_.id = abi("org.backplane.test_cpp");
    table_.version = abi("1.0.0");
    table_.canonical_level = 22;
    table_.device = &device_table;
    table_.capability = &capability_table;
    table_.program = &program_table;
    table_.options = abi(options_);
    table_.close = [](bp_provider* provider) { delete static_cast<Provider*>(provider->self); };
  }
  [[nodiscard]] bp_provider* table() { return &table_; }

 private:
  Device device_;
  std::vector<bp_option_info> options_;
  bp_provider table_{};
};

}  // namespace

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t,
                                       bp_provider** provider) {
  *provider = nullptr;
  return guard_open(Host(host), [&] {
    if (host_min_minor > 0) throw Error(BP_STATUS_INCOMPATIBLE, "speaks minor 0 of the ABI only");
    *provider = std::make_unique<Provider>(Host(host)).release()->table();
  });
}
