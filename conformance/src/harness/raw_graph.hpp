// Graphs that contract cases show to a provider, made by hand; and their views, laid out by any host.
#pragma once

#include <backplane/provider/provider.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/abi_store.hpp"
#include "harness/raw_host.hpp"

namespace bp::conformance {

class RawView;

// Elements in host memory, as they cross.
struct RawTensor {
  uint32_t element_type = BP_TYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::string bytes;

  uint64_t count() const;
  bool operator==(const RawTensor&) const = default;
};

// Bits of one element; 0 for strings and unknown numbers.
uint32_t bits_of(uint32_t element_type);
uint64_t bytes_of(uint32_t element_type, uint64_t count);

struct RawAttribute {
  std::string name;
  uint32_t kind = BP_ATTRIBUTE_INT;
  int64_t int_value = 0;
  float float_value = 0;
  std::string string_value;
  std::vector<int64_t> ints;
};

class RawGraph {
 public:
  struct Value {
    std::string name;
    uint32_t element_type = BP_TYPE_UNDEFINED;
    bool has_rank = true;
    std::vector<int64_t> dims;  // -1: unknown
    uint32_t flags = 0;
    uint32_t producer = BP_NONE;
    std::string bytes;  // of a constant
  };
  struct Node {
    std::string name, domain, op_type;
    int32_t since_version = 1;
    std::vector<uint32_t> inputs, outputs;
    std::vector<RawAttribute> attributes;
  };

  explicit RawGraph(uint32_t canonical_level) : canonical_level_(canonical_level) {}

  uint32_t input(std::string name, uint32_t element_type, std::vector<int64_t> dims);
  uint32_t constant(std::string name, const RawTensor& tensor);
  // A node with one output, which leaves the view until another node takes it. Returns the output. The version
  // is that of the operator's form at the canonical level, 1 for operators that nobody knows.
  uint32_t node(std::string op_type, std::vector<uint32_t> inputs, uint32_t element_type,
                std::vector<int64_t> dims, std::vector<RawAttribute> attributes = {}, std::string domain = {});

  // For what is out of the ordinary.
  std::vector<Value>& values() { return values_; }
  std::vector<Node>& nodes() { return nodes_; }
  const std::vector<Value>& values() const { return values_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  uint32_t canonical_level() const { return canonical_level_; }
  // Value indices in binding order.
  std::vector<uint32_t> inputs() const;
  std::vector<uint32_t> outputs() const;

  // The graph of one node alone: what it reads enters or is constant, what it gives leaves.
  RawGraph alone(uint32_t node) const;

 private:
  uint32_t canonical_level_;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
};

// A view, with its constants. It lives as long as the program that is compiled from it.
class RawView {
 public:
  explicit RawView(const RawGraph& graph, AbiLayout layout = {});

  const bp_graph* get() const { return graph_; }
  bp_graph* writable() { return graph_; }
  RawConstants& constants() { return constants_; }
  const RawConstants& constants() const { return constants_; }
  // A sum over all that the provider can reach.
  uint64_t fingerprint() const { return store_.fingerprint(); }
  // The call that received the view is over; the constants stay.
  void scribble() { store_.scribble(); }

 private:
  bp_value value_of(const RawGraph::Value& value, uint64_t id);
  bp_node node_of(const RawGraph::Node& node);

  AbiStore store_;
  RawConstants constants_;
  bp_graph* graph_ = nullptr;
};

}  // namespace bp::conformance
