// What a row's build() does through Builder, put into the Specializer's books.
#include <algorithm>
#include <cstring>
#include <utility>

#include "specialize.hpp"

namespace bp::opencl {

Builder::Builder(Specializer& specializer, uint32_t node_index)
    : specializer_(&specializer),
      node_(&specializer.program_.graph.nodes[node_index]),
      node_index_(node_index) {}

const Traits& Builder::traits() const noexcept { return specializer_->traits(); }

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
  if (axis < -rank || axis >= rank) fail(text("axis ", axis, " is outside [", -rank, ", ", rank - 1, "]"));
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

uint64_t Builder::constant_id(size_t index) const {
  return specializer_->program_.graph.values[node_->inputs[index]].constant_id;
}

Ref Builder::output(size_t index, Dims dims) {
  if (!has_output(index)) return {};
  if (std::any_of(dims.begin(), dims.end(), [](int64_t dim) { return dim < 0; })) {
    fail(text("output ", index, " would have dims ", dims_text(dims)));
  }
  specializer_->define(node_->outputs[index], std::move(dims));
  return specializer_->allocate_value(node_->outputs[index]);
}

void Builder::alias(size_t output, size_t input, Dims dims, uint64_t offset_bytes) {
  if (!has_output(output)) return;
  Specializer& books = *specializer_;
  const uint32_t value = node_->outputs[output];
  const uint32_t source = node_->inputs[input];
  Ref ref = books.in_memory(source);
  ref.offset += offset_bytes;
  books.define(value, std::move(dims));
  if (offset_bytes + books.value_bytes(value) > books.value_bytes(source)) {
    fail(text("output ", output, " with dims ", dims_text(books.values_[value].dims), " does not fit input ",
              input, " with dims ", dims_text(books.values_[source].dims)));
  }
  books.values_[value].ref = ref;
}

void Builder::expression(Dims dims, std::string code, const std::vector<Term>& terms) {
  Specializer& books = *specializer_;
  auto made = std::make_unique<Expression>();
  made->dims = dims;
  std::vector<uint32_t> arguments(terms.size(), BP_NONE);
  const auto value_of = [&](const Term& term) { return node_->inputs[term.input]; };
  // Takes what is open for the terms, with or without a root. One root at most, and it comes first.
  const auto take = [&](bool rooted) {
    for (size_t i = 0; i < terms.size(); ++i) {
      std::unique_ptr<Expression>& pending = books.values_[value_of(terms[i])].pending;
      if (arguments[i] != BP_NONE || terms[i].reshaped || !pending || pending->dims != dims) continue;
      if ((pending->root != nullptr) != rooted || (rooted && made->root)) continue;
      arguments[i] = made->append(*pending);
      made->name += text(made->name.empty() ? "" : "+", pending->name);
      pending.reset();
    }
  };
  take(true);
  take(false);
  for (size_t i = 0; i < terms.size(); ++i) {
    if (arguments[i] != BP_NONE) continue;
    const uint32_t value = value_of(terms[i]);
    arguments[i] =
        made->add_leaf({books.in_memory(value), terms[i].reshaped ? terms[i].dims : books.values_[value].dims,
                        books.program_.graph.values[value].type});
  }
  Expression::Item item;
  item.type = output_type(0);
  item.code = std::move(code);
  item.arguments = std::move(arguments);
  made->items.push_back(std::move(item));
  made->nodes.push_back(node_index_);
  made->name += text(made->name.empty() ? "" : "+", node_->op_type);
  books.set_pending(node_->outputs[0], std::move(dims), std::move(made));
}

void Builder::root(Dims dims, std::shared_ptr<const Root> root, const std::string& code,
                   const std::vector<Term>& terms) {
  Specializer& books = *specializer_;
  auto made = std::make_unique<Expression>();
  made->dims = dims;
  made->root = std::move(root);
  made->items.push_back({Type::kFloat32, {}, {}, BP_NONE});
  Expression::Item item{output_type(0), code.empty() ? "$0" : code, {0}, BP_NONE};
  for (const Term& term : terms) {
    const uint32_t value = node_->inputs[term.input];
    item.arguments.push_back(
        made->add_leaf({books.in_memory(value), term.reshaped ? term.dims : books.values_[value].dims,
                        books.program_.graph.values[value].type}));
  }
  if (!code.empty() || output_type(0) != Type::kFloat32) made->items.push_back(std::move(item));
  made->nodes.push_back(node_index_);
  made->name = node_->op_type;
  books.set_pending(node_->outputs[0], std::move(dims), std::move(made));
}

Ref Builder::input(size_t index) {
  if (!has_input(index)) fail(text("input ", index, " is missing"));
  return specializer_->in_memory(node_->inputs[index]);
}

Ref Builder::scratch(uint64_t bytes) { return specializer_->scratch(bytes); }

Ref Builder::packed(const std::string& key, uint64_t bytes, const std::function<void(std::byte*)>& fill) {
  return specializer_->packed(key, bytes, fill);
}

Ref Builder::table(const void* data, size_t bytes) {
  const std::string_view content(static_cast<const char*>(data), bytes);
  return packed(text("table/", bytes, "/", Programs::key_of(content, "")), bytes,
                [&](std::byte* to) { std::memcpy(to, data, bytes); });
}

void Builder::launch(Launch launch) { specializer_->launch(std::move(launch)); }

void Builder::fail(const std::string& message, uint32_t code) const {
  throw Error(code, text(node_->label(), ": ", message));
}

}  // namespace bp::opencl
