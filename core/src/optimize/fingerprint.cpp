#include "optimize/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>
#include <vector>

namespace bp::optimize_passes {

void append_number(std::string& key, uint64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void append_text(std::string& key, std::string_view text) {
  append_number(key, text.size());
  key.append(text);
}

void append_tensor(std::string& key, const Tensor& tensor) {
  append_number(key, static_cast<uint64_t>(tensor.type));
  append_number(key, tensor.dims.size());
  for (const int64_t dim : tensor.dims) append_number(key, static_cast<uint64_t>(dim));
  append_text(key, {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
  append_text(key, {tensor.string_bytes.data(), tensor.string_bytes.size()});
}

void append_type(std::string& key, const ValueType& type) {
  append_number(key, static_cast<uint64_t>(type.kind));
  append_number(key, static_cast<uint64_t>(type.element));
  append_number(key, type.has_rank ? type.dims.size() : UINT64_MAX);
  for (const Dim& dim : type.dims) {
    append_number(key, static_cast<uint64_t>(dim.size));
    append_number(key, dim.symbol);
  }
  append_number(key, type.contained != nullptr);
  if (type.contained != nullptr) append_type(key, *type.contained);
}

namespace {

void append_one(std::string& key, int64_t value) { append_number(key, static_cast<uint64_t>(value)); }
void append_one(std::string& key, float value) { append_number(key, std::bit_cast<uint32_t>(value)); }
void append_one(std::string& key, const std::string& value) { append_text(key, value); }
void append_one(std::string& key, const ValueType& value) { append_type(key, value); }
// Tensor attributes may be large; sharing two of them is worth less than reading them.
void append_one(std::string& key, const TensorPtr& value) {
  constexpr size_t kMaxBytes = 1024;
  if (value == nullptr || value->bytes.size() + value->string_bytes.size() > kMaxBytes) {
    append_number(key, reinterpret_cast<uintptr_t>(value.get()));
  } else {
    append_tensor(key, *value);
  }
}
template <class T>
void append_one(std::string& key, const std::vector<T>& values) {
  append_number(key, values.size());
  for (const T& value : values) append_one(key, value);
}

}  // namespace

void append_attributes(std::string& key, const Node& node) {
  std::vector<const Attribute*> sorted;
  for (const Attribute& attribute : node.attributes) sorted.push_back(&attribute);
  std::sort(sorted.begin(), sorted.end(),
            [](const Attribute* a, const Attribute* b) { return a->name < b->name; });
  append_number(key, sorted.size());
  for (const Attribute* attribute : sorted) {
    append_text(key, attribute->name);
    append_number(key, attribute->value.index());
    std::visit([&](const auto& value) { append_one(key, value); }, attribute->value);
  }
}

bool is_random(const Node& node) {
  constexpr std::array<std::string_view, 7> kRandom = {
      "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
      "Multinomial",  "Bernoulli",        "Dropout"};
  return node.domain.empty() && std::find(kRandom.begin(), kRandom.end(), node.op_type) != kRandom.end();
}

}  // namespace bp::optimize_passes
