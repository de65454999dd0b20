// What a row's build() does through Builder, put into the Specializer's books.
#include <algorithm>
#include <utility>

#include "specialize.hpp"

namespace bp::cpu {

namespace {
constexpr const char* kMustLeave = "an output whose dims depend on data must leave the partition";
}

Builder::Builder(Specializer& specializer, uint32_t node_index)
    : specializer_(&specializer),
      node_(&specializer.program_.graph.nodes[node_index]),
      node_index_(node_index) {}

int Builder::threads() const noexcept { return specializer_->threads_; }

bool Builder::has_input(size_t index) const noexcept {
  return index < node_->inputs.size() && node_->inputs[index] != BP_NONE;
}

bool Builder::has_output(size_t index) const noexcept {
  return index < node_->outputs.size() && node_->outputs[index] != BP_NONE;
}

Type Builder::input_type(size_t index) const {
  if (!has_input(index)) fail(text("input ", index, " is missing"));
  return specializer_->program_.graph.values[node_->inputs[index]].type;
}

Type Builder::output_type(size_t index) const {
  if (!has_output(index)) fail(text("output ", index, " is missing"));
  return specializer_->program_.graph.values[node_->outputs[index]].type;
}

const Dims& Builder::input_dims(size_t index) const {
  if (!has_input(index)) fail(text("input ", index, " is missing"));
  return specializer_->values_[node_->inputs[index]].dims;
}

const Dims& Builder::output_dims(size_t index) const {
  if (!has_output(index)) fail(text("output ", index, " is missing"));
  return specializer_->values_[node_->outputs[index]].dims;
}

int64_t Builder::axis(int64_t axis, int64_t rank) const {
  if (axis < -rank || axis >= rank) {
    fail(text("axis ", axis, " is outside [", -rank, ", ", rank - 1, "]"));
  }
  return axis < 0 ? axis + rank : axis;
}

const HostTensor* Builder::value(size_t index) const {
  return has_input(index) ? specializer_->host_value(node_->inputs[index]) : nullptr;
}

const HostTensor& Builder::needed_value(size_t index) const {
  const HostTensor* tensor = value(index);
  if (tensor == nullptr) fail(text("the contents of input ", index, " must be known"), BP_STATUS_UNSUPPORTED);
  return *tensor;
}

bool Builder::is_constant(size_t index) const {
  return has_input(index) && specializer_->program_.graph.values[node_->inputs[index]].constant;
}

void Builder::output(size_t index, Dims dims) {
  if (!has_output(index)) return;
  if (std::any_of(dims.begin(), dims.end(), [](int64_t dim) { return dim < 0; })) {
    fail(text("output ", index, " would have dims ", dims_text(dims)));
  }
  specializer_->define(node_->outputs[index], std::move(dims), layout_);
}

size_t Builder::bounded_output(size_t index, Dims at_most) {
  const uint32_t value = node_->outputs[index];
  Specializer& books = *specializer_;
  books.define(value, std::move(at_most), Layout::kPlain);
  books.change(value).bounded = true;
  if (books.program_.graph.values[value].type == Type::kString) return text_dims(value);
  const Storage storage = books.storages_[books.values_[value].copies.front().storage];
  if (is_packed(output_type(index))) {
    fail("an output of elements below a byte whose dims depend on data", BP_STATUS_UNSUPPORTED);
  }
  if (storage.place != Place::kOutput) fail(kMustLeave, BP_STATUS_UNSUPPORTED);
  extra_storages_.push_back(books.add_storage(Place::kOutputDims, 0, storage.number));
  return node_->inputs.size() + node_->outputs.size() + extra_storages_.size() - 1;
}

size_t Builder::grown_output(size_t index, size_t rank) {
  const uint32_t value = node_->outputs[index];
  Specializer::ValueState& state = specializer_->change(value);
  state.dims.assign(rank, 0);
  state.known = true;
  state.bounded = true;
  state.grown = true;
  const uint32_t storage = specializer_->add_storage(Place::kWorkspace, sizeof(Text*));
  specializer_->set_copy(value, {storage, 0, Layout::kPlain});
  return text_dims(value);
}

size_t Builder::text_dims(uint32_t value) {
  Specializer::ValueState& state = specializer_->change(value);
  if (graph().values[value].output_uses == 0) fail(kMustLeave, BP_STATUS_UNSUPPORTED);
  const size_t index = scratch(state.dims.size() * sizeof(int64_t));
  state.true_dims = extra_storages_.back();
  return index;
}

void Builder::alias(size_t output, size_t input, Dims dims, uint64_t offset_bytes) {
  if (!has_output(output)) return;
  Specializer& books = *specializer_;
  const uint32_t value = node_->outputs[output];
  const uint32_t source = node_->inputs[input];
  Copy copy = books.copy_in(source, Layout::kPlain);
  copy.offset += offset_bytes;
  Specializer::ValueState& state = books.change(value);
  state.dims = std::move(dims);
  state.known = true;
  const uint64_t source_end = offset_bytes + books.storage_bytes(value);
  if (source_end > books.storage_bytes(source)) {
    fail(text("output ", output, " with dims ", dims_text(state.dims), " does not fit input ", input,
              " with dims ", dims_text(books.values_[source].dims)));
  }
  books.set_copy(value, copy);
}

size_t Builder::scratch(uint64_t bytes) {
  extra_storages_.push_back(specializer_->add_storage(Place::kWorkspace, std::max<uint64_t>(bytes, 1)));
  return node_->inputs.size() + node_->outputs.size() + extra_storages_.size() - 1;
}

size_t Builder::constant_operand(const void* data) {
  extra_storages_.push_back(specializer_->add_storage(Place::kConstant, 0, 0, data));
  return node_->inputs.size() + node_->outputs.size() + extra_storages_.size() - 1;
}

void Builder::in_place(size_t output, size_t input) {
  if (has_output(output) && has_input(input)) in_place_.push_back({output, input});
}

void Builder::step(std::unique_ptr<Kernel> kernel, std::string_view implementation) {
  Specializer& books = *specializer_;
  bool empty = !node_->outputs.empty();
  for (const uint32_t output : node_->outputs) {
    if (output == BP_NONE) continue;
    empty = empty && element_count(books.values_[output].dims) == 0 && !books.values_[output].bounded;
  }
  if (empty) return;

  Specializer::BuildStep step;
  step.kernel = std::move(kernel);
  step.info->implementation = std::string(implementation);
  step.info->name = node_->op_type;
  step.info->nodes = {node_index_};
  std::vector<Copy> inputs;
  for (const uint32_t input : node_->inputs) {
    // A one-element input lies the same way in every layout.
    const bool one = input != BP_NONE && element_count(books.values_[input].dims) == 1;
    inputs.push_back(input == BP_NONE ? Copy{} : books.copy_in(input, one ? Layout::kPlain : layout_));
    step.operands.push_back({inputs.back().storage, inputs.back().offset});
  }
  std::vector<uint32_t> outputs;
  for (const uint32_t output : node_->outputs) {
    outputs.push_back(output == BP_NONE ? BP_NONE : books.values_[output].copies.front().storage);
    step.operands.push_back({outputs.back(), 0});
  }
  for (const uint32_t storage : extra_storages_) step.operands.push_back({storage, 0});
  for (const Permission& permission : in_place_) {
    const Copy& input = inputs[permission.input];
    const uint32_t output = node_->outputs[permission.output];
    const bool same_size = books.storages_[input.storage].bytes == books.storage_bytes(output);
    if (input.offset == 0 && same_size) {
      step.in_place.emplace_back(outputs[permission.output], input.storage);
    }
  }
  books.steps_.push_back(std::move(step));
}

const Graph& Builder::graph() const noexcept { return specializer_->program_.graph; }
const Options& Builder::options() const noexcept { return specializer_->program_.options; }
Layout Builder::convolution_layout() const noexcept { return specializer_->convolution_layout_; }
Tuning& Builder::tuning() const noexcept { return *specializer_->program_.tuning; }
Constants& Builder::constants() const noexcept { return specializer_->program_.constants; }
bool Builder::is_ready(uint32_t value) const {
  specializer_->see(value);
  return specializer_->values_[value].known && !specializer_->values_[value].bounded;
}
const Dims& Builder::value_dims(uint32_t value) const {
  specializer_->see(value);
  return specializer_->values_[value].dims;
}
const HostTensor* Builder::value_contents(uint32_t value) const { return specializer_->host_value(value); }

Layout Builder::layout_of(uint32_t value) const {
  specializer_->see(value);
  const auto& copies = specializer_->values_[value].copies;
  const bool plain = copies.empty() || copies.front().layout == Layout::kPacked;
  return plain ? Layout::kPlain : copies.front().layout;
}

Builder::Ref Builder::read(uint32_t value, Layout layout) {
  const Copy copy = specializer_->copy_in(value, layout);
  return {copy.storage, copy.offset};
}

Builder::Ref Builder::write(uint32_t value, Dims dims, Layout layout) {
  specializer_->define(value, std::move(dims), layout);
  return {specializer_->values_[value].copies.front().storage, 0};
}

Builder::Ref Builder::write_over(uint32_t value, Dims dims, Layout layout, Ref over) {
  Specializer::ValueState& state = specializer_->change(value);
  state.dims = std::move(dims);
  state.known = true;
  specializer_->set_copy(value, {over.storage, over.offset, layout});
  return over;
}

bool Builder::may_overwrite(uint32_t value, Layout layout, uint32_t reader) const {
  Specializer& books = *specializer_;
  books.see(value);
  const auto reads_by = [&](uint32_t node, uint32_t what) {
    const auto& inputs = books.program_.graph.nodes[node].inputs;
    return static_cast<uint32_t>(std::count(inputs.begin(), inputs.end(), what));
  };
  for (const Copy& copy : books.values_[value].copies) {
    if (copy.layout != layout) continue;
    const Storage& storage = books.storages_[copy.storage];
    if (storage.place != Place::kWorkspace || copy.offset != 0 || books.is_part(copy.storage)) return false;
    for (const uint32_t other : storage.values) {
      books.see(other);
      if (books.program_.graph.values[other].output_uses > 0) return false;
      // This node reads its own inputs while it writes: it must not read this memory itself.
      if (reads_by(node_index_, other) > 0) return false;
      if (books.uses_left_[other] > reads_by(reader, other)) return false;
    }
    return storage.values.size() > 0;
  }
  // It would be a fresh reorder, which later readers of the value must not find overwritten.
  return books.program_.graph.values[value].output_uses == 0 && reads_by(node_index_, value) == 0 &&
         books.uses_left_[value] <= reads_by(reader, value);
}

Builder::Ref Builder::scratch_ref(uint64_t bytes) {
  return {specializer_->add_storage(Place::kWorkspace, std::max<uint64_t>(bytes, 1)), 0};
}

Builder::Ref Builder::constant_ref(const void* data) {
  return {specializer_->add_storage(Place::kConstant, 0, 0, data), 0};
}

Builder::Ref Builder::packed_ref(const std::string& key, uint64_t bytes, std::function<void(void*)> fill) {
  return {specializer_->pack(key, bytes, std::move(fill)), 0};
}

void Builder::raw_step(RawStep source) {
  Specializer::BuildStep step;
  step.kernel = std::move(source.kernel);
  for (const Ref& ref : source.operands) step.operands.push_back({ref.storage, ref.offset});
  for (const auto& [output, input] : source.in_place) {
    const auto& storages = specializer_->storages_;
    const Specializer::BuildOperand& to = step.operands[output];
    const Specializer::BuildOperand& from = step.operands[input];
    const bool whole = to.offset == 0 && from.offset == 0;
    if (whole && storages[to.storage].bytes == storages[from.storage].bytes) {
      step.in_place.emplace_back(to.storage, from.storage);
    }
  }
  step.info->name = std::move(source.name);
  step.info->implementation = std::move(source.implementation);
  step.info->note = std::move(source.note);
  step.info->nodes = std::move(source.nodes);
  specializer_->steps_.push_back(std::move(step));
}

void Builder::absorb(uint32_t node) {
  Specializer& books = *specializer_;
  books.see_node(node);
  for (const uint32_t input : graph().nodes[node].inputs) {
    if (input != BP_NONE) books.see(input);
  }
  if (books.recording_ != nullptr) books.recording_->absorbed.push_back(node);
  books.skipped_nodes_[node] = true;
  absorbed_ = true;
  specializer_->release_inputs(graph().nodes[node]);
}

bool Builder::is_absorbed(uint32_t node) const {
  specializer_->see_node(node);
  return specializer_->skipped_nodes_[node];
}

void Builder::fail(const std::string& message, uint32_t code) const {
  throw Error(code, text(node_->label(), ": ", message));
}

}  // namespace bp::cpu
