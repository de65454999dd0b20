// Walks a program's nodes for concrete dims. What a Builder does for its node is in builder.cpp.
#include "specialize.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/copy.hpp"
#include "kernels/pack.hpp"
#include "onednn_kernel.hpp"
#include "pointwise_chain.hpp"
#include "texts.hpp"

namespace bp::cpu {

Specializer::Specializer(const Program& program, const bp_specialize_args& args, Layout convolutions)
    : program_(program),
      args_(args),
      convolution_layout_(convolutions),
      threads_(static_cast<int>(std::max(1u, args.thread_count))),
      values_(program.graph.values.size()),
      uses_left_(program.graph.values.size()),
      skipped_nodes_(program.graph.nodes.size(), false) {}

std::unique_ptr<Instance> Specializer::make() {
  // oneDNN lays a primitive out for the team that it sees while it is described and made.
  const TeamSize team(threads_);
  const SameBits same_bits(program_.options.deterministic);
  set_inputs();
  start_records();
  for (uint32_t index = 0; index < program_.graph.nodes.size(); ++index) {
    if (!skipped_nodes_[index] && !takes_over(index)) build_node(index);
  }
  finish_outputs();
  prepare_kernels();
  keep_records();
  merge_in_place();
  plan();
  return resolve();
}

uint32_t Specializer::add_storage(Place place, uint64_t bytes, uint32_t number, const void* constant) {
  Storage storage;
  storage.place = place;
  storage.number = number;
  storage.bytes = bytes;
  storage.constant = constant;
  storages_.push_back(std::move(storage));
  return static_cast<uint32_t>(storages_.size() - 1);
}

uint32_t Specializer::root(uint32_t storage) const {
  while (storages_[storage].merged_into != BP_NONE) storage = storages_[storage].merged_into;
  return storage;
}

uint64_t Specializer::offset_in_root(uint32_t storage) const {
  uint64_t offset = 0;
  for (; storages_[storage].merged_into != BP_NONE; storage = storages_[storage].merged_into) {
    offset += storages_[storage].merged_at;
  }
  return offset;
}

bool Specializer::is_part(uint32_t storage) const {
  for (; storage != BP_NONE; storage = storages_[storage].merged_into) {
    if (storages_[storage].part) return true;
  }
  return false;
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
    ValueState& state = values_[graph.inputs[i]];
    if (static_cast<Type>(spec.element_type) != value.type) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  text("specialize: input '", value.name, "' must be ", type_name(value.type), ", is ",
                       type_name(static_cast<Type>(spec.element_type))));
    }
    for (const int64_t dim : ArrayView<int64_t>(spec.dims)) {
      if (dim < 0) {
        throw Error(BP_STATUS_UNSUPPORTED,
                    text("specialize: a dimension of input '", value.name, "' is not known"));
      }
      state.dims.push_back(dim);
    }
    state.known = true;
    if (value.type == Type::kString) {
      read_texts(graph.inputs[i], i);
      continue;
    }
    const uint64_t bytes = crossing_bytes(value.type, element_count(state.dims));
    set_copy(graph.inputs[i], {add_storage(Place::kInput, bytes, i), 0, border_layout(graph.inputs[i])});
    if (spec.value != nullptr) {
      state.host = read_tensor(*spec.value);
      state.has_host = true;
    }
  }
  for (const Node& node : graph.nodes) {
    for (const uint32_t input : node.inputs) {
      if (input != BP_NONE) ++uses_left_[input];
    }
  }
  for (uint32_t index = 0; index < graph.values.size(); ++index) {
    const Value& value = graph.values[index];
    if (!value.constant || values_[index].known) continue;
    values_[index].dims = value.dims;
    values_[index].known = true;
  }
}

void Specializer::read_texts(uint32_t value, uint32_t input) {
  const uint64_t bytes = storage_bytes(value);
  set_copy(value, {add_storage(Place::kWorkspace, bytes), 0, Layout::kPlain});
  if (bytes == 0) return;
  BuildStep step;
  step.kernel = text_reader(static_cast<uint64_t>(element_count(values_[value].dims)));
  step.operands = {{add_storage(Place::kInput, 0, input), 0},
                   {add_storage(Place::kInputTexts, 0, input), 0},
                   {values_[value].copies.front().storage, 0}};
  step.info->name = "read strings";
  step.info->implementation = "plain";
  steps_.push_back(std::move(step));
}

const HostTensor* Specializer::host_value(uint32_t value) {
  see(value);
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
    if (input == BP_NONE) continue;
    if (!values_[input].known) {
      throw Error(BP_STATUS_INVALID_MODEL, text(node.label(), ": input '", program_.graph.values[input].name,
                                                "' is made by no earlier node"));
    }
    if (values_[input].bounded) {
      throw Error(BP_STATUS_UNSUPPORTED, text(node.label(), ": the dims of input '",
                                              program_.graph.values[input].name, "' depend on data"));
    }
  }
  begin_record(index);
  Builder builder(*this, index);
  if (!build_pointwise_chain(builder)) {
    if (node.row->layouts == LayoutUse::kPointwise) builder.layout_ = pointwise_layout(node);
    node.row->build(builder);
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    // What lies between fused nodes is never made.
    if (node.outputs[i] != BP_NONE && !values_[node.outputs[i]].known && !builder.absorbed_) {
      throw Error(BP_STATUS_INTERNAL, text(node.label(), ": output ", i, " was not built"));
    }
  }
  end_record(index);
  release_inputs(node);
}

void Specializer::release_inputs(const Node& node) {
  for (const uint32_t input : node.inputs) {
    if (input != BP_NONE) --uses_left_[input];
  }
}

// The layout of the first input that lies otherwise than row-major, if all can follow it: equal dims or one
// element, no padding, types that oneDNN reorders.
Layout Specializer::pointwise_layout(const Node& node) const {
  constexpr TypeMask kReordered =
      mask(Type::kFloat32, Type::kFloat16, Type::kBfloat16, Type::kInt32, Type::kInt8, Type::kUint8);
  const auto reordered = [&](uint32_t value) {
    return value == BP_NONE || (mask(program_.graph.values[value].type) & kReordered) != 0;
  };
  if (!std::all_of(node.inputs.begin(), node.inputs.end(), reordered) ||
      !std::all_of(node.outputs.begin(), node.outputs.end(), reordered)) {
    return Layout::kPlain;
  }
  Layout layout = Layout::kPlain;
  const Dims* dims = nullptr;
  for (const uint32_t input : node.inputs) {
    if (input == BP_NONE || values_[input].copies.empty()) continue;
    layout = values_[input].copies.front().layout;
    if (layout == Layout::kPacked) return Layout::kPlain;
    dims = &values_[input].dims;
    if (layout != Layout::kPlain) break;
  }
  if (layout == Layout::kPlain) return layout;
  const int64_t block = layout == Layout::kBlocked16 ? 16 : layout == Layout::kBlocked8 ? 8 : 1;
  if ((*dims)[1] % block != 0) return Layout::kPlain;
  for (const uint32_t input : node.inputs) {
    if (input == BP_NONE) continue;
    const Dims& other = values_[input].dims;
    if (other != *dims && element_count(other) != 1) return Layout::kPlain;
  }
  return layout;
}

uint64_t Specializer::storage_bytes(uint32_t value, Layout layout) const {
  const Type type = program_.graph.values[value].type;
  const int64_t count = element_count(values_[value].dims);
  if (layout == Layout::kPacked) return crossing_bytes(type, count);
  return static_cast<uint64_t>(count) * element_size(type);
}

Layout Specializer::border_layout(uint32_t value) const {
  return is_packed(program_.graph.values[value].type) ? Layout::kPacked : Layout::kPlain;
}

void Specializer::set_copy(uint32_t value, Copy copy) {
  change(value).copies.assign(1, copy);
  see_storage(copy.storage);
  change_storage(root(copy.storage)).values.push_back(value);
}

void Specializer::define(uint32_t value, Dims dims, Layout layout) {
  ValueState& state = change(value);
  state.dims = std::move(dims);
  state.known = true;
  Place place = Place::kWorkspace;
  uint32_t number = 0;
  uint64_t bytes = storage_bytes(value);
  if (layout != Layout::kPlain) {
    bytes = layout_desc(state.dims, program_.graph.values[value].type, layout).get_size();
  } else if (program_.graph.values[value].output_uses > 0 && border_layout(value) == layout &&
             program_.graph.values[value].type != Type::kString) {
    const auto& outputs = program_.graph.outputs;
    place = Place::kOutput;
    number = static_cast<uint32_t>(std::find(outputs.begin(), outputs.end(), value) - outputs.begin());
  }
  set_copy(value, {add_storage(place, bytes, number), 0, layout});
}

Copy Specializer::copy_in(uint32_t value, Layout layout) {
  see(value);
  ValueState& state = values_[value];
  if (state.copies.empty() && program_.graph.values[value].constant) {
    const HostTensor* tensor = host_value(value);
    const uint32_t storage = add_storage(Place::kConstant, tensor->size_bytes, 0, tensor->data);
    set_copy(value, {storage, 0, border_layout(value)});
  }
  for (const Copy& copy : state.copies) {
    if (copy.layout == layout) return copy;
  }
  if (state.copies.empty()) {
    throw Error(BP_STATUS_INTERNAL,
                text("value '", program_.graph.values[value].name, "' was read before it was made"));
  }
  const Copy copy = reordered(value, state.copies.front(), layout);
  change(value).copies.push_back(copy);
  see_storage(copy.storage);
  change_storage(root(copy.storage)).values.push_back(value);
  return copy;
}

Copy Specializer::reordered(uint32_t value, const Copy& from, Layout layout) {
  const ValueState& state = values_[value];
  const Type type = program_.graph.values[value].type;
  const Dims& dims = state.dims;
  if (from.layout == Layout::kPacked || layout == Layout::kPacked) return repacked(value, from, layout);
  // Without spatial extent and padding, every layout is the same row of channels.
  const bool row = dims.size() >= 2 && element_count(Dims(dims.begin() + 2, dims.end())) == 1;
  if (row && dims[1] % 16 == 0) return {from.storage, from.offset, layout};

  const auto source = layout_desc(dims, type, from.layout);
  const auto target = layout_desc(dims, type, layout);
  if (program_.graph.values[value].constant) {
    const uint64_t id = program_.graph.values[value].constant_id;
    // The memory may be filled when this Specializer is gone.
    Constants& constants = program_.constants;
    const auto fill = [=, &constants](void* bytes) {
      constants.with_bytes(id,
                           [&](const HostTensor& plain) { reorder_now(source, plain.data, target, bytes); });
    };
    const uint32_t packed = pack(text("layout/", id, "/", static_cast<int>(layout)), target.get_size(), fill);
    return {packed, 0, layout};
  }
  const Copy to{add_storage(Place::kWorkspace, target.get_size()), 0, layout};
  const Primitive primitive = describe_reorder(source, target);
  BuildStep step;
  step.operands = {{from.storage, from.offset}, {to.storage, 0}};
  std::vector<OnednnKernel::Argument> arguments = {{DNNL_ARG_FROM, source, 0}, {DNNL_ARG_TO, target, 1}};
  if (primitive.scratchpad.get_size() > 0) {
    step.operands.push_back({add_storage(Place::kWorkspace, primitive.scratchpad.get_size()), 0});
    arguments.push_back({DNNL_ARG_SCRATCHPAD, primitive.scratchpad, 2});
  }
  step.kernel = std::make_unique<OnednnKernel>(primitive, std::move(arguments));
  step.info->name = "reorder";
  step.info->implementation = primitive.implementation;
  const uint32_t producer = program_.graph.values[value].producer;
  if (producer != BP_NONE && producer < program_.graph.nodes.size()) step.info->nodes.push_back(producer);
  steps_.push_back(std::move(step));
  return to;
}

Copy Specializer::repacked(uint32_t value, const Copy& from, Layout layout) {
  const Type type = program_.graph.values[value].type;
  const int64_t count = element_count(values_[value].dims);
  const bool unpacks = from.layout == Layout::kPacked;
  if (program_.graph.values[value].constant && unpacks) {
    const uint64_t id = program_.graph.values[value].constant_id;
    Constants& constants = program_.constants;
    const auto fill = [=, &constants](void* bytes) {
      constants.with_bytes(id, [&](const HostTensor& packed) {
        unpack_elements(type, static_cast<const std::byte*>(packed.data), 0, count,
                        static_cast<std::byte*>(bytes));
      });
    };
    return {pack(text("unpacked/", id), storage_bytes(value, layout), fill), 0, layout};
  }
  const Copy to{add_storage(Place::kWorkspace, storage_bytes(value, layout)), 0, layout};
  BuildStep step;
  step.kernel = unpacks ? unpack_kernel(type, count, threads_) : pack_kernel(type, count, threads_);
  step.operands = {{from.storage, from.offset}, {to.storage, 0}};
  step.info->name = unpacks ? "unpack" : "pack";
  step.info->implementation = "plain";
  const uint32_t producer = program_.graph.values[value].producer;
  if (producer != BP_NONE && producer < program_.graph.nodes.size()) step.info->nodes.push_back(producer);
  if (count > 0) steps_.push_back(std::move(step));
  return to;
}

uint32_t Specializer::pack(const std::string& key, uint64_t bytes, std::function<void(void*)> fill) {
  Constants::Packed& packed = program_.constants.packed(key, bytes, std::move(fill));
  packs_.push_back(&packed);
  const uint32_t storage = add_storage(Place::kConstant, bytes);
  storages_[storage].packed = &packed;
  return storage;
}

// What takes long, in parallel: kernels compile their code, constants are packed.
void Specializer::prepare_kernels() {
  for (BuildStep& step : steps_) {
    if (!step.prepared) fresh_kernels_.push_back(step.kernel.get());
    step.prepared = true;
  }
  if (packs_.empty() && fresh_kernels_.empty()) return;
  const auto body = [](void* user, uint64_t begin, uint64_t end) -> bp_status {
    auto& self = *static_cast<Specializer*>(user);
    return guard(self.program_.host, [&] {
      for (uint64_t i = begin; i < end; ++i) {
        if (i < self.packs_.size()) {
          const TeamSize alone(1);
          self.packs_[i]->fill();
        } else {
          const TeamSize team(self.threads_);
          self.fresh_kernels_[i - self.packs_.size()]->prepare();
        }
      }
    });
  };
  throw_status(program_.host, program_.host->parallel_for(program_.host, packs_.size() + fresh_kernels_.size(),
                                                          1, body, this));
}

void Specializer::add_copy_step(uint32_t value, uint32_t output) {
  const Copy source = copy_in(value, border_layout(value));
  const uint64_t bytes = storage_bytes(value, source.layout);
  if (bytes == 0) return;
  BuildStep step;
  step.kernel = copy_kernel(bytes, threads_);
  const uint32_t target = add_storage(Place::kOutput, bytes, output);
  step.operands = {{source.storage, source.offset}, {target, 0}};
  if (source.offset == 0 && storages_[source.storage].bytes == bytes)
    step.in_place = {{target, source.storage}};
  step.info->name = "copy";
  step.info->implementation = "plain";
  if (program_.graph.values[value].producer != BP_NONE)
    step.info->nodes.push_back(program_.graph.values[value].producer);
  steps_.push_back(std::move(step));
}

// Every output of the graph must lie, row-major, in the memory that the host gives for it. A value that is a
// view of a whole piece of workspace moves that piece there; anything else is copied. Strings are given to the
// host when all steps are done.
void Specializer::finish_outputs() {
  const Graph& graph = program_.graph;
  for (uint32_t i = 0; i < graph.outputs.size(); ++i) {
    const uint32_t value = graph.outputs[i];
    const Copy copy = copy_in(value, border_layout(value));
    if (graph.values[value].type == Type::kString || values_[value].grown) {
      text_outputs_.push_back({i, {copy.storage, copy.offset}});
      continue;
    }
    Storage& storage = storages_[root(copy.storage)];
    const uint64_t offset = copy.offset + offset_in_root(copy.storage);
    if (storage.place == Place::kOutput && storage.number == i && offset == 0) continue;
    if (storage.place == Place::kWorkspace && offset == 0 &&
        storage.bytes == storage_bytes(value, copy.layout)) {
      storage.place = Place::kOutput;
      storage.number = i;
      continue;
    }
    add_copy_step(value, i);
  }
}

void Specializer::plan() {
  struct Life {
    uint32_t first = BP_NONE;
    uint32_t last = 0;
  };
  std::vector<Life> lives(storages_.size());
  for (uint32_t index = 0; index < steps_.size(); ++index) {
    for (const BuildOperand& operand : steps_[index].operands) {
      if (operand.storage == BP_NONE) continue;
      Life& life = lives[root(operand.storage)];
      life.first = std::min(life.first, index);
      life.last = std::max(life.last, index);
    }
  }
  const auto end = static_cast<uint32_t>(steps_.size());
  for (const BuiltTexts& texts : text_outputs_) {
    lives[root(texts.elements.storage)].last = end;
    const uint32_t dims = values_[program_.graph.outputs[texts.output]].true_dims;
    if (dims != BP_NONE) lives[dims].last = end;
  }
  std::vector<bp_interval> intervals;
  std::vector<uint32_t> owners;
  for (uint32_t index = 0; index < storages_.size(); ++index) {
    const Storage& storage = storages_[index];
    if (storage.merged_into != BP_NONE || storage.place != Place::kWorkspace || storage.bytes == 0) continue;
    if (lives[index].first == BP_NONE) continue;
    bp_interval interval{};
    interval.struct_size = BP_STRUCT_SIZE(bp_interval, alignment);
    interval.first = lives[index].first;
    interval.last = lives[index].last;
    interval.size = (storage.bytes + 63) / 64 * 64;
    interval.alignment = 64;
    intervals.push_back(interval);
    owners.push_back(index);
  }
  offsets_.assign(storages_.size(), 0);
  if (intervals.empty()) return;
  std::vector<uint64_t> offsets(intervals.size());
  throw_status(program_.host,
               program_.host->plan_memory(program_.host, abi(intervals), offsets.data(), &workspace_bytes_));
  for (size_t i = 0; i < owners.size(); ++i) offsets_[owners[i]] = offsets[i];
}

Operand Specializer::resolve_operand(const BuildOperand& operand) const {
  if (operand.storage == BP_NONE) return {};
  const uint32_t index = root(operand.storage);
  const Storage& storage = storages_[index];
  const void* constant = storage.packed != nullptr ? storage.packed->data() : storage.constant;
  const uint64_t offset = operand.offset + offset_in_root(operand.storage) + offsets_[index];
  return {storage.place, storage.number, offset, constant};
}

std::unique_ptr<Instance> Specializer::resolve() {
  const Graph& graph = program_.graph;
  auto instance = std::make_unique<Instance>();
  instance->program = &program_;
  instance->threads = threads_;
  instance->workspace_bytes = workspace_bytes_;
  instance->input_count = static_cast<uint32_t>(graph.inputs.size());
  instance->steps.reserve(steps_.size());
  for (BuildStep& source : steps_) {
    Step step;
    step.kernel = std::move(source.kernel);
    step.info = std::move(source.info);
    step.operands.reserve(source.operands.size());
    for (const BuildOperand& operand : source.operands) step.operands.push_back(resolve_operand(operand));
    instance->steps.push_back(std::move(step));
  }
  const std::vector<uint32_t> offers = offered_inputs();
  const ArrayView<bp_tensor_spec> specs(args_.outputs);
  for (uint32_t i = 0; i < graph.outputs.size(); ++i) {
    const ValueState& state = values_[graph.outputs[i]];
    if (i < specs.size() && !state.bounded) {
      Dims expected;
      for (const int64_t dim : ArrayView<int64_t>(specs[i].dims)) expected.push_back(dim);
      bool same = expected.size() == state.dims.size();
      for (size_t d = 0; same && d < expected.size(); ++d) {
        same = expected[d] < 0 || expected[d] == state.dims[d];
      }
      if (!same) {
        throw Error(BP_STATUS_INVALID_MODEL,
                    text("output '", graph.values[graph.outputs[i]].name, "' has dims ", dims_text(state.dims),
                         " here, the host expects ", dims_text(expected)));
      }
    }
    bp_output_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
    const bool strings = graph.values[graph.outputs[i]].type == Type::kString;
    const bool late = strings || state.grown;
    info.mode = late ? BP_OUTPUT_ALLOCATED : state.bounded ? BP_OUTPUT_BOUNDED : BP_OUTPUT_FIXED;
    info.size_bytes = late ? 0 : storage_bytes(graph.outputs[i], border_layout(graph.outputs[i]));
    info.in_place_input = late || state.bounded ? BP_NONE : offers[i];
    info.memory_kind = BP_MEMORY_HOST;
    info.dims_memory_kind = BP_MEMORY_HOST;
    instance->outputs.push_back(info);
  }
  for (const BuiltTexts& texts : text_outputs_) {
    const ValueState& state = values_[graph.outputs[texts.output]];
    const Type type = graph.values[graph.outputs[texts.output]].type;
    const uint32_t bytes = type == Type::kString ? 0 : element_size(type);
    instance->text_outputs.push_back({texts.output, resolve_operand(texts.elements), state.dims,
                                      resolve_operand({state.true_dims, 0}), state.grown, bytes});
  }
  return instance;
}

}  // namespace bp::cpu
