// A partition becomes a program.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "check_struct.hpp"
#include "program.hpp"

namespace broken {
namespace {

using bp::sdk::Node;

void pack(Program& program, const bp_graph& graph, const bp_value& source, Value& value) {
  const Host host = program.host();
  const bp::sdk::Constant constant(host, graph.constants, source.constant_id);
  Packed packed;
  for (const int64_t dim : bp::sdk::Array<int64_t>(constant.tensor().dims)) packed.dims.push_back(dim);
  packed.owned = bp::sdk::copy_elements<std::byte>(constant.tensor());
  if (has(Fault::wants_aligned_constants) && reinterpret_cast<uintptr_t>(constant.data()) % 16 != 0) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, "constants must be aligned to 16 bytes");
  }
  packed.data = packed.owned.data();
  packed.size = packed.owned.size();
  value.index = static_cast<uint32_t>(program.packed.size());
  program.packed.push_back(std::move(packed));
  if (has(Fault::keeps_constants)) {
    bp_tensor tensor{};
    tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
    host.check(host.get()->constants_acquire(host.get(), graph.constants, source.constant_id, &tensor));
  }
}

void read_values(Program& program, const bp_graph& graph, bool with_constants) {
  for (const bp_value& source : bp::sdk::Array<bp_value>(graph.values)) {
    Value value;
    value.element_type = source.element_type;
    value.rank = static_cast<uint32_t>(source.dims.count);
    if (bp::sdk::is_constant(source)) {
      value.place = Place::kConstant;
      value.constant_id = source.constant_id;
      if (with_constants) pack(program, graph, source, value);
    }
    program.values.push_back(value);
  }
  const auto place = [&](bp_array list, Place where, std::vector<uint32_t>* into) {
    for (const uint32_t value : bp::sdk::Array<uint32_t>(list)) {
      program.values.at(value).place = where;
      program.values[value].index = static_cast<uint32_t>(into->size());
      into->push_back(value);
    }
  };
  place(graph.inputs, Place::kInput, &program.inputs);
  place(graph.outputs, Place::kOutput, &program.outputs);
}

void read_steps(Program& program, const bp_graph& graph) {
  for (uint32_t n = 0; n < graph.nodes.count; ++n) {
    const Node node(graph, n);
    Step step;
    step.op = node.domain().empty() ? find_operator(node.op_type()) : nullptr;
    if (step.op == nullptr || node.input_count() < step.op->inputs) {
      throw Error(BP_STATUS_UNSUPPORTED, message(node.label(), ": is not known here"));
    }
    for (uint32_t i = 0; i < step.op->inputs; ++i) {
      const bp_value* value = node.input(i);
      if (value == nullptr || value->has_rank == 0) {
        throw Error(BP_STATUS_UNSUPPORTED, message(node.label(), ": input ", i, " has no known rank"));
      }
      if (i == 0 && element_bytes(value->element_type) == 0) {
        throw Error(BP_STATUS_UNSUPPORTED,
                    message(node.label(), ": element type ", value->element_type, " is not known here"));
      }
      step.inputs.push_back(node.input_index(i));
    }
    const bool alone = step.op->form != Form::kBounded && step.op->form != Form::kAllocated;
    if (!alone && graph.nodes.count > 1) {
      throw Error(BP_STATUS_UNSUPPORTED, message(node.label(), ": must be a partition of its own"));
    }
    step.output = node.output_index(0);
    step.node = n;
    step.name = std::string(node.name());
    program.steps.push_back(std::move(step));
  }
}

// The fault: compile was not written for two callers at once.
class OneAtATime {
 public:
  OneAtATime() {
    if (!has(Fault::compiles_for_one_caller_only)) return;
    if (callers.fetch_add(1) > 0) {
      --callers;
      throw Error(BP_STATUS_INTERNAL, "compile is busy");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ~OneAtATime() {
    if (has(Fault::compiles_for_one_caller_only)) --callers;
  }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;

 private:
  static inline std::atomic<int> callers{0};
};

void misbehave_in_compile() {
  if (has(Fault::claims_what_it_cannot_compile)) {
    throw Error(BP_STATUS_UNSUPPORTED, "the vendor's compiler does not take this");
  }
  if (has(Fault::does_not_check_its_allocations)) {
    auto* const scratch = static_cast<volatile char*>(std::malloc(64));
    *scratch = 1;
    std::free(const_cast<char*>(scratch));
  }
  if (has(Fault::ignores_cancel)) std::this_thread::sleep_for(std::chrono::seconds(3));
}

}  // namespace

Program::~Program() = default;

std::unique_ptr<Program> read_partition(Provider& provider, const bp_compile_args& args, bool with_constants) {
  BROKEN_CHECK(args.partition, bp_graph, host_graph);
  const bp_graph& graph = *args.partition;
  const Host host = provider.host();
  auto program = std::make_unique<Program>(provider, graph.constants);
  program->view = &graph;
  read_values(*program, graph, with_constants);
  host.check_cancel(args.cancel);
  read_steps(*program, graph);
  host.check_cancel(args.cancel);
  program->accumulate_float64 = read_settings(args.options).accumulate_float64;
  host.progress(args.progress, 1.0, "compiled");
  return program;
}

void Provider::compile(const bp_compile_args* args, bp_program* program) {
  BROKEN_CHECK(args, bp_compile_args, progress);
  check_pointer(program, "program");
  const OneAtATime alone;
  misbehave_in_compile();
  if (has(Fault::writes_a_result_and_fails)) *program = reinterpret_cast<bp_program>(this);
  if (!has(Fault::ignores_cancel)) host_.check_cancel(args->cancel);
  *program = bp::sdk::to_handle(read_partition(*this, *args, true));
}

}  // namespace broken
