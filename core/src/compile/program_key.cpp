// The key of a program: a hash over everything that a compile sees. The one place that hashes.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fmt/format.h>

#include "compile/saved_format.hpp"
#include "compile/saved_programs.hpp"

namespace bp {
namespace {

enum class ConstantsBy : uint8_t { kContent, kFile };

class Hasher {
 public:
  explicit Hasher(ConstantsBy by) : by_(by) { XXH3_128bits_reset(&state_); }
  void bytes(const void* data, size_t size) {
    number(size);
    XXH3_128bits_update(&state_, data, size);
  }
  void text(std::string_view words) { bytes(words.data(), words.size()); }
  void number(uint64_t value) { XXH3_128bits_update(&state_, &value, sizeof(value)); }
  void tensor(const Tensor& tensor) {
    number(static_cast<uint64_t>(tensor.type));
    list(tensor.dims);
    if (by_ == ConstantsBy::kFile && tensor.file.version != 0) {
      number(tensor.file.version);
      number(tensor.file.offset);
      has_file_ = true;
      return;
    }
    bytes(tensor.bytes.data(), tensor.bytes.size());
    bytes(tensor.string_bytes.data(), tensor.string_bytes.size());
  }
  template <class T>
  void list(const std::vector<T>& entries) {
    number(entries.size());
    for (const T& entry : entries) value(entry);
  }
  void type(const ValueType& type) {
    number(static_cast<uint64_t>(type.kind));
    number(static_cast<uint64_t>(type.element));
    number(type.has_rank ? type.dims.size() : UINT64_MAX);
    for (const Dim& dim : type.dims) number(static_cast<uint64_t>(dim.size));
  }

  void value(int64_t number_value) { number(static_cast<uint64_t>(number_value)); }
  void value(float number_value) { bytes(&number_value, sizeof(number_value)); }
  void value(const std::string& words) { text(words); }
  void value(const TensorPtr& constant) { tensor(*constant); }
  void value(const ValueType& value_type) { type(value_type); }
  template <class T>
  void value(const std::vector<T>& entries) {
    list(entries);
  }

  bool has_file() const noexcept { return has_file_; }

  std::string finish() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  XXH3_state_t state_;
  ConstantsBy by_;
  bool has_file_ = false;
};

void hash(const GraphView& view, const CompileOptions& options, Hasher& hasher) {
  const Graph& graph = view.graph();
  hasher.number(static_cast<uint64_t>(view.canonical_level()));
  hasher.number(options.thread_count);
  if (options.options != nullptr)
    for (const NamedOption& option : options.options->values()) {
      hasher.text(option.name);
      hasher.number(option.value.index());
      std::visit(
          [&](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
              hasher.text(value);
            else
              hasher.bytes(&value, sizeof(value));
          },
          option.value);
    }
  // Values by their place in the view, so that names do not matter.
  const auto values = [&](const std::vector<ValueId>& ids) {
    hasher.number(ids.size());
    for (const ValueId id : ids) hasher.number(id == kNoId ? BP_NONE : view.value_index(id));
  };
  for (const NodeId id : view.shown_nodes()) {
    const Node& node = graph.node(id);
    hasher.text(node.domain);
    hasher.text(node.op_type);
    hasher.number(static_cast<uint64_t>(node.since_version));
    values(node.inputs);
    values(node.outputs);
    hasher.number(node.attributes.size());
    for (const Attribute& attribute : node.attributes) {
      hasher.text(attribute.name);
      hasher.number(attribute.value.index());
      std::visit([&](const auto& value) { hasher.value(value); }, attribute.value);
    }
  }
  values(view.inputs());
  values(view.outputs());
  for (const ValueId id : view.shown_values()) {
    hasher.type(graph.value(id).type);
    if (graph.value(id).constant != nullptr) hasher.tensor(*graph.value(id).constant);
  }
}

}  // namespace

uint64_t weight_hash(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string program_key(const GraphView& view, const CompileOptions& options) {
  Hasher hasher(ConstantsBy::kContent);
  hash(view, options, hasher);
  return hasher.finish();
}

std::string program_file_key(const GraphView& view, const CompileOptions& options) {
  Hasher hasher(ConstantsBy::kFile);
  hash(view, options, hasher);
  return hasher.has_file() ? hasher.finish() : std::string();
}

}  // namespace bp
