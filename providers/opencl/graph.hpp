// This provider's own copy of a graph view: nodes with resolved rows and attributes, values, uses. The ABI's
// view is valid for one call only; a program keeps this. Constants stay with the host (see constants.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support.hpp"
#include "types.hpp"

namespace bp::opencl {

struct Row;  // ops/op.hpp

// Elements in host memory, not owned; any alignment.
struct HostTensor {
  Type type = Type::kUndefined;
  Dims dims;
  const void* data = nullptr;
  uint64_t size_bytes = 0;

  int64_t count() const noexcept { return element_count(dims); }
  // Integers and bools widened, floats truncated; throws for other types.
  std::vector<int64_t> ints() const;
  std::vector<double> floats() const;
};

// A tensor attribute with its own bytes.
struct OwnedTensor {
  HostTensor tensor;  // data points into `bytes`
  std::vector<std::byte> bytes;
};

class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(const bp_array& attributes);

  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
  int64_t int_or(std::string_view name, int64_t fallback) const;
  float float_or(std::string_view name, float fallback) const;
  std::string string_or(std::string_view name, std::string_view fallback) const;
  Dims ints_or(std::string_view name, Dims fallback) const;
  std::vector<float> floats_or(std::string_view name, std::vector<float> fallback) const;
  std::vector<std::string> strings(std::string_view name) const;
  const HostTensor* tensor(std::string_view name) const;  // nullptr when absent

 private:
  // Graph attributes and lists of tensors are kept as monostate: no operator here has one.
  using Value = std::variant<std::monostate, int64_t, float, std::string, std::vector<int64_t>,
                             std::vector<float>, std::vector<std::string>, std::shared_ptr<OwnedTensor>>;
  struct Entry {
    std::string name;
    Value value;
  };
  const Value* find(std::string_view name) const noexcept;
  template <class T>
  const T* get(std::string_view name) const;

  std::vector<Entry> entries_;
};

struct Value {
  std::string name;
  Type type = Type::kUndefined;
  bool has_rank = false;
  Dims dims;  // -1: unknown
  bool constant = false;
  bool host_value = false;      // the host knows the contents when the program is specialized
  bool data_dependent = false;  // dims known only after a run
  uint64_t constant_id = 0;
  uint32_t producer = BP_NONE;
  std::vector<uint32_t> uses;  // node indices, one entry per use
  uint32_t output_uses = 0;    // how often it stands among the graph's outputs
};

struct Node {
  const Row* row = nullptr;  // nullptr: operator unknown here
  std::string name;
  std::string domain;
  std::string op_type;
  int32_t since_version = 0;
  std::vector<uint32_t> inputs;   // BP_NONE: omitted
  std::vector<uint32_t> outputs;  // BP_NONE: omitted
  Attributes attributes;

  std::string label() const { return op_type + " '" + name + "'"; }
};

struct Graph {
  std::vector<Node> nodes;  // topological order
  std::vector<Value> values;
  std::vector<uint32_t> inputs;
  std::vector<uint32_t> outputs;
};

Graph read_graph(const bp_graph& view);
// The tensor where it lies.
HostTensor read_tensor(const bp_tensor& tensor);

}  // namespace bp::opencl
