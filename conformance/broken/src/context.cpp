#include "context.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "check_struct.hpp"
#include "memory.hpp"

namespace broken {

Context::Context(const Instance& instance) : instance_(instance), values_(instance.values()) {
  for (const Step& step : instance.program().steps) {
    std::vector<const Tensor*> inputs;
    for (const uint32_t input : step.inputs) inputs.push_back(&values_[input]);
    arguments_.push_back(std::move(inputs));
  }
}

Context::~Context() {
  if (late_.joinable()) late_.join();
}

void Context::bind(const bp_binding* binding) {
  bound_ = false;
  BROKEN_CHECK(binding, bp_binding, workspace);
  const Program& program = instance_.program();
  if (binding->inputs.count != program.inputs.size() || binding->outputs.count != program.outputs.size()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                message("expected ", program.inputs.size(), " inputs and ", program.outputs.size(),
                        " outputs, found ", binding->inputs.count, " and ", binding->outputs.count));
  }
  if (binding->workspace.size < instance_.workspace_bytes()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message("the workspace must have ", instance_.workspace_bytes(),
                                                    " bytes, has ", binding->workspace.size));
  }
  bind_values(*binding);
  bind_data(*binding);
  bound_ = true;
}

void Context::bind_values(const bp_binding& binding) {
  const Program& program = instance_.program();
  borrowed_.clear();
  for (uint32_t i = 0; i < program.inputs.size(); ++i) {
    const bp_tensor_binding& input = *BP_AT(bp_tensor_binding, binding.inputs, i);
    Tensor& tensor = values_[program.inputs[i]];
    if (instance_.serves_range()) tensor.dims.assign(input.dims, input.dims + input.rank);
    if (!instance_.serves(i, tensor.dims)) {
      throw Error(BP_STATUS_UNSUPPORTED, message("the dims of input ", i, " are not served"));
    }
    borrowed_.push_back(&input);
  }
  // The fault: outputs keep the dims of the shapes that the instance was made for.
  if (instance_.serves_range() && !has(Fault::keeps_one_shape_for_its_range)) instance_.infer(values_);
}

void Context::bind_data(const bp_binding& binding) {
  const Program& program = instance_.program();
  for (uint32_t i = 0; i < program.inputs.size(); ++i) {
    values_[program.inputs[i]].data = resolve(BP_AT(bp_tensor_binding, binding.inputs, i)->data);
  }
  for (uint32_t o = 0; o < program.outputs.size(); ++o) {
    const bp_tensor_binding& output = *BP_AT(bp_tensor_binding, binding.outputs, o);
    const Tensor& tensor = values_[program.outputs[o]];
    const uint64_t least = instance_.output(o).mode == BP_OUTPUT_FIXED
                               ? count_of(tensor.dims) * element_bytes(tensor.element_type)
                               : instance_.output(o).size_bytes;
    if (output.data.size < least) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  message("output ", o, " must have ", least, " bytes, has ", output.data.size));
    }
    values_[program.outputs[o]].data = resolve(output.data);
    actual_dims_ = reinterpret_cast<int64_t*>(resolve(output.actual_dims));
  }
  workspace_ = resolve(binding.workspace);
  for (uint32_t v = 0; v < program.values.size(); ++v) {
    if (program.values[v].place == Place::kInternal) values_[v].data = workspace_ + instance_.offset(v);
  }
}

// Compress: the size of the output is counted now, on the caller's thread, when the stream has nothing left to
// do.
void Context::allocate_output(const bp_run_args& args) {
  const Program& program = instance_.program();
  for (size_t s = 0; s < program.steps.size(); ++s) {
    if (program.steps[s].op->form != Form::kAllocated) continue;
    if (args.stream != nullptr) bp::sdk::from_handle<Stream>(args.stream).drain();
    const auto kept = static_cast<int64_t>(count_kept(*arguments_[s][0], *arguments_[s][1]));
    Tensor& output = values_[program.steps[s].output];
    bp_slice data{};
    bp_slice no_strings{};
    const Host host = instance_.host();
    host.check(host.get()->allocate_output(
        host.get(), args.token, program.values[program.steps[s].output].index, &kept, 1,
        static_cast<uint64_t>(kept) * element_bytes(output.element_type), 0, &data, &no_strings));
    output.dims = {kept};
    output.data = resolve(data);
  }
}

namespace {

void start_a_team() {
  std::vector<std::thread> team(24);
  for (std::thread& thread : team) {
    thread = std::thread([] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); });
  }
  for (std::thread& thread : team) thread.join();
}

void loop_on_the_host(Host host) {
  bp::sdk::parallel_for(host, 8, 1, [](uint64_t, uint64_t) {});
}

// Noise in the last bit, another one at each run.
void add_noise(const Tensor& output) {
  static std::atomic<uint32_t> runs{0};
  if (runs++ % 2 == 1 && count_of(output.dims) > 0) *output.data ^= std::byte{1};
}

}  // namespace

void Context::enqueue(const bp_run_args* args) {
  BROKEN_CHECK(args, bp_run_args, token);
  if (!bound_) throw Error(BP_STATUS_INVALID_ARGUMENT, "a context must be bound before it runs");
  if (!kSynchronous) check_pointer(args->stream, "the stream");
  if (has(Fault::exits_in_run)) std::exit(0);
  if (has(Fault::never_returns_from_run)) {
    for (;;) pause();
  }
  if (has(Fault::runs_with_a_large_team)) start_a_team();
  if (has(Fault::loops_on_the_host)) loop_on_the_host(host());
  if (has(Fault::allocates_in_run)) free(std::memset(malloc(1000), 1, 1000));
  args_ = *args;
  allocate_output(*args);
  if (args->stream != nullptr) return bp::sdk::from_handle<Stream>(args->stream).enqueue(*this);
  if (has(Fault::returns_before_the_end)) {
    if (late_.joinable()) late_.join();
    late_ = std::thread([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      run_steps();
    });
    return;
  }
  if (const Ending ending = run_steps(); ending.code != BP_STATUS_OK) throw Error(ending.code, ending.text);
}

Ending Context::run() {
  if (has(Fault::writes_after_its_event)) {
    const Tensor& output = values_[instance_.program().outputs.at(0)];
    const uint64_t size = count_of(output.dims) * element_bytes(output.element_type);
    if (late_.joinable()) late_.join();
    late_ = std::thread([data = output.data, size] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (size > 0) std::memset(data, 0x55, size);
    });
  }
  return run_steps();
}

Ending Context::run_steps() {
  if (has(Fault::keeps_borrowed_dims) && instance_.serves_range()) {
    for (uint32_t i = 0; i < borrowed_.size(); ++i) {
      Dims& dims = values_[instance_.program().inputs[i]].dims;
      dims.assign(borrowed_[i]->dims, borrowed_[i]->dims + dims.size());
    }
    instance_.infer(values_);
  }
  const Program& program = instance_.program();
  if (has(Fault::loses_its_program_with_an_instance) && program.instances_released > 0) return {};
  for (size_t s = 0; s < program.steps.size(); ++s) {
    if (instance_.host().cancelled(args_.cancel) && !has(Fault::ignores_cancel)) {
      return {BP_STATUS_CANCELLED, "cancelled by the caller"};
    }
    const uint64_t begin_ns = args_.profile != 0 ? monotonic_ns() : 0;
    Call call{arguments_[s], &values_[program.steps[s].output], program.accumulate_float64, actual_dims_};
    if (has(Fault::shares_its_arguments)) {
      instance_.run_shared(s, values_, call);
    } else {
      program.steps[s].op->kernel(call);
    }
    if (has(Fault::adds_noise)) add_noise(values_[program.steps[s].output]);
    if (args_.profile != 0) trace(program.steps[s], begin_ns);
  }
  return {};
}

void Context::trace(const Step& step, uint64_t begin_ns) const {
  const bp_host* host = instance_.host().get();
  const auto device = bp::sdk::handle_of(instance_.program().provider());
  host->trace_span(host, args_.token, device, bp::sdk::abi(step.op->name), begin_ns, monotonic_ns(), 0);
}

namespace {

using bp::sdk::entry;

void release_program(bp_program program) {
  if (has(Fault::crashes_on_releasing_nothing)) *reinterpret_cast<volatile char*>(program);
  bp::sdk::release_entry<Program>(program);
}

}  // namespace

namespace {

// A status that the provider made for itself: zeroes, as far as a host may look.
bp_status own_status() {
  static std::array<uint64_t, 64> object{};
  return reinterpret_cast<bp_status>(object.data());
}

// The faults of errors, around entries that have none.
template <auto Member>
struct Misreport;
template <class T, class... Args, void (T::*Member)(Args...)>
struct Misreport<Member> {
  static bp_status call(typename T::Handle handle, Args... args) {
    const Host host = bp::sdk::from_handle<T>(handle).host();
    const bp_host* table = host.get();
    const bp_status status = entry<Member>(handle, args...);
    if (status == nullptr) return nullptr;
    table->status_release(table, status);
    return has(Fault::makes_its_own_statuses) ? own_status() : host.make_status(BP_STATUS_INTERNAL, "");
  }
};

}  // namespace

bp_program_api program_api() {
  bp_program_api api{};
  api.struct_size = BP_STRUCT_SIZE(bp_program_api, describe);
  api.compile = entry<&Provider::compile>;
  api.release_program = release_program;
  api.specialize = entry<&Program::specialize>;
  api.release_instance = bp::sdk::release_entry<Instance>;
  api.create_context = entry<&Instance::create_context>;
  api.release_context = bp::sdk::release_entry<Context>;
  api.bind = entry<&Context::bind>;
  api.run = entry<&Context::enqueue>;
  api.describe = entry<&Instance::describe>;
  if (has(Fault::makes_its_own_statuses) || has(Fault::calls_every_error_internal)) {
    api.compile = Misreport<&Provider::compile>::call;
    api.bind = Misreport<&Context::bind>::call;
  }
  if (has(Fault::throws_in_compile)) {
    api.compile = [](bp_device, const bp_compile_args*, bp_program*) -> bp_status {
      throw std::runtime_error("an exception of the provider");
    };
  }
  if (has(Fault::has_no_run)) api.run = nullptr;
  return api;
}

}  // namespace broken
