// Builds graph views by hand for tests of providers without the core.
#pragma once

#include <backplane/provider/provider.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace bp::test {

class TinyGraph {
 public:
  // A value of known dims; -1 for an unknown one. Returns its index.
  uint32_t value(const std::string& name, uint32_t type, const std::vector<int64_t>& dims);
  // A value of unknown rank.
  uint32_t unranked(const std::string& name, uint32_t type);
  uint32_t constant(const std::string& name, uint32_t type, const std::vector<int64_t>& dims, uint64_t id);
  // A node; BP_NONE for omitted inputs.
  uint32_t node(const std::string& op_type, const std::vector<uint32_t>& inputs,
                const std::vector<uint32_t>& outputs, const std::string& domain = "");
  // Adds an attribute to the node made last.
  void int_attribute(const std::string& name, int64_t value);
  void float_attribute(const std::string& name, float value);
  void string_attribute(const std::string& name, const std::string& value);
  void ints_attribute(const std::string& name, const std::vector<int64_t>& values);

  // The view, valid until the next change. Structs cross with a stride that is larger than they are, as those
  // of a newer host would.
  const bp_graph& view(const std::vector<uint32_t>& inputs, const std::vector<uint32_t>& outputs);

 private:
  template <class T>
  struct Padded {
    T value;
    uint64_t newer_field;
  };
  struct NodeParts {
    std::vector<uint32_t> inputs;
    std::vector<uint32_t> outputs;
    std::deque<Padded<bp_attribute>> attributes;
    std::vector<Padded<bp_attribute>> attribute_array;
  };
  bp_string keep(const std::string& text);
  bp_attribute& attribute(const std::string& name, uint32_t kind);

  std::deque<std::string> texts_;
  std::deque<std::vector<bp_dim>> dims_;
  std::deque<std::vector<int64_t>> int_lists_;
  std::vector<Padded<bp_value>> values_;
  std::vector<Padded<bp_node>> nodes_;
  std::deque<NodeParts> parts_;
  std::vector<uint32_t> inputs_;
  std::vector<uint32_t> outputs_;
  bp_graph graph_{};
};

}  // namespace bp::test
