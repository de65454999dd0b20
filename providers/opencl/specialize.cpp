// Walks a program's nodes for concrete dims. What a Builder does for its node is in builder.cpp.
#include "specialize.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "ops/strided.hpp"

namespace bp::opencl {

Specializer::Specializer(const Program& program, const bp_specialize_args& args)
    : program_(program), args_(args), values_(program.graph.values.size()) {}

std::unique_ptr<Instance> Specializer::make() {
  const Host host = program_.host();
  const auto count = static_cast<uint32_t>(program_.graph.nodes.size());
  set_inputs();
  for (current_ = 0; current_ < count; ++current_) {
    host.check_cancel(args_.cancel);
    host.progress(args_.progress, static_cast<double>(current_) / count, program_.graph.nodes[current_].name);
    build_node(current_);
  }
  finish_outputs();
  plan();
  return resolve();
}

uint32_t Specializer::add_storage(Place place, uint64_t bytes, uint32_t number, cl_mem constant) {
  storages_.push_back({place, number, bytes, constant});
  return static_cast<uint32_t>(storages_.size() - 1);
}

void Specializer::set_inputs() {
  const Graph& graph = program_.graph;
  const ArrayView<bp_tensor_spec> specs(args_.inputs);
  if (specs.size() != graph.inputs.size()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                text("specialize: expected ", graph.inputs.size(), " inputs, got ", specs.size()));
  }
  for (uint32_t i = 0; i < graph.inputs.size(); ++i) {
    const Value& value = graph.values[graph.inputs[i]];
    const bp_tensor_spec& spec = specs[i];
    if (static_cast<Type>(spec.element_type) != value.type) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  text("specialize: input '", value.name, "' must be ", type_name(value.type), ", is ",
                       type_name(static_cast<Type>(spec.element_type))));
    }
    Dims dims;
    for (const int64_t dim : ArrayView<int64_t>(spec.dims)) {
      if (dim < 0) {
        throw Error(BP_STATUS_UNSUPPORTED,
                    text("specialize: a dimension of input '", value.name, "' is not known"));
      }
      dims.push_back(dim);
    }
    define(graph.inputs[i], std::move(dims));
    ValueState& state = values_[graph.inputs[i]];
    state.ref = {add_storage(Place::kInput, value_bytes(graph.inputs[i]), i), 0};
    if (spec.value != nullptr) {
      state.host = read_tensor(*spec.value);
      state.has_host = true;
    }
  }
  for (uint32_t index = 0; index < graph.values.size(); ++index) {
    if (graph.values[index].constant && !values_[index].known) define(index, graph.values[index].dims);
  }
}

const HostTensor* Specializer::host_value(uint32_t value) {
  ValueState& state = values_[value];
  if (!state.has_host && program_.graph.values[value].constant) {
    state.host = program_.constants.tensor(program_.graph.values[value].constant_id);
    state.has_host = true;
  }
  return state.has_host ? &state.host : nullptr;
}

void Specializer::build_node(uint32_t index) {
  const Node& node = program_.graph.nodes[index];
  for (const uint32_t input : node.inputs) {
    if (input == BP_NONE || values_[input].known) continue;
    throw Error(BP_STATUS_INVALID_MODEL, text(node.label(), ": input '", program_.graph.values[input].name,
                                              "' is made by no earlier node"));
  }
  Builder builder(*this, index);
  node.row->build(builder);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == BP_NONE || values_[node.outputs[i]].known) continue;
    throw Error(BP_STATUS_INTERNAL, text(node.label(), ": output ", i, " was not built"));
  }
}

uint64_t Specializer::value_bytes(uint32_t value) const {
  return static_cast<uint64_t>(element_count(values_[value].dims)) *
         element_size(program_.graph.values[value].type);
}

// Kernels count elements in 32 bits.
void Specializer::define(uint32_t value, Dims dims) {
  if (element_count(dims) > std::numeric_limits<int32_t>::max()) {
    throw Error(BP_STATUS_UNSUPPORTED, text("'", program_.graph.values[value].name, "' has dims ",
                                            dims_text(dims), "; kernels here count to 2^31 elements"));
  }
  values_[value].dims = std::move(dims);
  values_[value].known = true;
}

Ref Specializer::allocate_value(uint32_t value) {
  Place place = Place::kWorkspace;
  uint32_t number = 0;
  if (program_.graph.values[value].output_uses > 0) {
    const auto& outputs = program_.graph.outputs;
    place = Place::kOutput;
    number = static_cast<uint32_t>(std::find(outputs.begin(), outputs.end(), value) - outputs.begin());
  }
  return values_[value].ref = {add_storage(place, value_bytes(value), number), 0};
}

bool Specializer::may_wait(uint32_t value) const {
  const Value& source = program_.graph.values[value];
  return program_.options.fusion && source.output_uses == 0 && source.uses.size() == 1 &&
         program_.graph.nodes[source.uses[0]].row->pointwise;
}

void Specializer::set_pending(uint32_t value, Dims dims, std::unique_ptr<Expression> expression) {
  define(value, std::move(dims));
  values_[value].pending = std::move(expression);
  if (!may_wait(value)) in_memory(value);
}

Ref Specializer::in_memory(uint32_t value) {
  ValueState& state = values_[value];
  if (state.pending) {
    const std::unique_ptr<Expression> expression = std::move(state.pending);
    const Ref output = allocate_value(value);
    if (element_count(state.dims) == 0) return output;
    if (expression->root) {
      expression->root->emit(*this, *expression, output);
    } else {
      launch(pointwise_kernel(*expression, output));
    }
    return output;
  }
  if (state.ref.storage == BP_NONE && program_.graph.values[value].constant) {
    const cl_mem memory = program_.constants.on_device(program_.graph.values[value].constant_id);
    state.ref = {add_storage(Place::kConstant, value_bytes(value), 0, memory), 0};
  }
  if (state.ref.storage == BP_NONE) {
    throw Error(BP_STATUS_INTERNAL,
                text("value '", program_.graph.values[value].name, "' was read before it was made"));
  }
  return state.ref;
}

Ref Specializer::scratch(uint64_t bytes) { return {add_storage(Place::kWorkspace, bytes), 0}; }

Ref Specializer::packed(const std::string& key, uint64_t bytes, const std::function<void(std::byte*)>& fill) {
  return {add_storage(Place::kConstant, bytes, 0, program_.constants.packed(key, bytes, fill)), 0};
}

void Specializer::launch(Launch launch) {
  static const std::string prelude(kernel_source("prelude"));
  BuildStep made;
  made.step.program = program_.build(text(prelude, launch.defines, launch.source), "-cl-std=CL1.2");
  made.step.entry = std::move(launch.entry_name);
  made.step.global = launch.global;
  made.step.local = launch.local;
  made.step.note = std::move(launch.note);
  made.step.name = launch.name.empty() ? program_.graph.nodes[current_].op_type : std::move(launch.name);
  made.step.nodes = launch.nodes.empty() ? std::vector<uint32_t>{current_} : std::move(launch.nodes);
  made.items = std::move(launch.items);
  steps_.push_back(std::move(made));
}

// Every output of the graph must lie in the memory that the host gives for it. A value that is a view of a
// whole piece of workspace moves that piece there; anything else is copied.
void Specializer::finish_outputs() {
  const Graph& graph = program_.graph;
  current_ = graph.nodes.empty() ? 0 : static_cast<uint32_t>(graph.nodes.size() - 1);
  for (uint32_t i = 0; i < graph.outputs.size(); ++i) {
    const uint32_t value = graph.outputs[i];
    const Ref ref = in_memory(value);
    Storage& storage = storages_[ref.storage];
    const uint64_t bytes = value_bytes(value);
    if (storage.place == Place::kOutput && storage.number == i && ref.offset == 0) continue;
    if (storage.place == Place::kWorkspace && ref.offset == 0 && storage.bytes == bytes) {
      storage.place = Place::kOutput;
      storage.number = i;
      continue;
    }
    if (bytes == 0) continue;
    const Ref target{add_storage(Place::kOutput, bytes, i), 0};
    launch(copy_kernel(ref, target, element_count(values_[value].dims), graph.values[value].type));
  }
}

void Specializer::plan() {
  struct Life {
    uint32_t first = BP_NONE;
    uint32_t last = 0;
  };
  std::vector<Life> lives(storages_.size());
  for (uint32_t index = 0; index < steps_.size(); ++index) {
    for (const Launch::Item& item : steps_[index].items) {
      if (!item.is_memory || item.ref.storage == BP_NONE) continue;
      Life& life = lives[item.ref.storage];
      life.first = std::min(life.first, index);
      life.last = std::max(life.last, index);
    }
  }
  std::vector<bp_interval> intervals;
  std::vector<uint32_t> owners;
  for (uint32_t index = 0; index < storages_.size(); ++index) {
    const Storage& storage = storages_[index];
    if (storage.place != Place::kWorkspace || storage.bytes == 0 || lives[index].first == BP_NONE) continue;
    bp_interval interval{};
    interval.struct_size = BP_STRUCT_SIZE(bp_interval, alignment);
    interval.first = lives[index].first;
    interval.last = lives[index].last;
    interval.size = (storage.bytes + kAlignment - 1) / kAlignment * kAlignment;
    interval.alignment = kAlignment;
    intervals.push_back(interval);
    owners.push_back(index);
  }
  offsets_.assign(storages_.size(), 0);
  if (intervals.empty()) return;
  const std::vector<uint64_t> offsets = program_.host().plan(intervals, &workspace_bytes_);
  for (size_t i = 0; i < owners.size(); ++i) offsets_[owners[i]] = offsets[i];
  const uint64_t most = traits().max_allocation;
  if (most != 0 && workspace_bytes_ > most) {
    throw Error(BP_STATUS_OUT_OF_DEVICE_MEMORY, text("the workspace needs ", workspace_bytes_,
                                                     " bytes, the device's largest buffer has ", most));
  }
}

Operand Specializer::resolve(Ref ref) const {
  if (ref.storage == BP_NONE) return {};
  const Storage& storage = storages_[ref.storage];
  return {storage.place, storage.number, ref.offset + offsets_[ref.storage], storage.constant};
}

// The host and the row agree about an output's dims.
void Specializer::check_output(uint32_t output) const {
  const ArrayView<bp_tensor_spec> specs(args_.outputs);
  if (output >= specs.size()) return;
  const uint32_t value = program_.graph.outputs[output];
  Dims expected;
  for (const int64_t dim : ArrayView<int64_t>(specs[output].dims)) expected.push_back(dim);
  const Dims& dims = values_[value].dims;
  const bool same = std::equal(expected.begin(), expected.end(), dims.begin(), dims.end(),
                               [](int64_t stated, int64_t dim) { return stated < 0 || stated == dim; });
  if (same) return;
  throw Error(BP_STATUS_INVALID_MODEL, text("output '", program_.graph.values[value].name, "' has dims ",
                                            dims_text(dims), " here, the host expects ", dims_text(expected)));
}

std::unique_ptr<Instance> Specializer::resolve() {
  auto instance = std::make_unique<Instance>();
  instance->program = &program_;
  instance->workspace_bytes = workspace_bytes_;
  instance->input_count = static_cast<uint32_t>(program_.graph.inputs.size());
  for (BuildStep& source : steps_) {
    for (const Launch::Item& item : source.items) {
      Argument argument = item.argument;
      if (item.is_memory) argument.operand = resolve(item.ref);
      source.step.arguments.push_back(argument);
    }
    instance->steps.push_back(std::move(source.step));
  }
  for (uint32_t i = 0; i < program_.graph.outputs.size(); ++i) {
    check_output(i);
    bp_output_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
    info.mode = BP_OUTPUT_FIXED;
    info.size_bytes = value_bytes(program_.graph.outputs[i]);
    info.in_place_input = BP_NONE;
    info.memory_kind = kDeviceMemory;
    instance->outputs.push_back(info);
  }
  return instance;
}

}  // namespace bp::opencl
