// What an operator is to this provider: a row with two functions.
//   check(Check&)     capability: collects every reason why a node cannot be taken, says how inputs are wanted.
//                     Sees types, maybe dims (-1 = unknown), attributes. Pure.
//   build(Builder&)   specialize: concrete dims of inputs are known; states the dims of the outputs and
//   launches
//                     the kernels that compute them (or none: views). Throws Error where shapes do not fit.
// See README.md, "How to add a kernel".
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "device.hpp"
#include "graph.hpp"
#include "launch.hpp"
#include "types.hpp"

namespace bp::opencl {

class Check;
class Builder;

struct Row {
  std::string_view op_type;
  void (*check)(Check&) = nullptr;
  void (*build)(Builder&) = nullptr;
  int32_t since = 1;       // oldest form (since_version) that check and build understand
  bool pointwise = false;  // build() only calls Builder::expression(): it may join the kernel of another node
  std::string_view domain = "";
};

// A node under question. Requirements that are not met add a reason and go on, so that all are told.
class Check {
 public:
  Check(const Graph& graph, uint32_t index, const Traits& device)
      : node(graph.nodes[index]), traits(device), graph_(graph), verdict_(index) {}

  const Node& node;
  const Traits& traits;

  size_t input_count() const noexcept { return node.inputs.size(); }
  size_t output_count() const noexcept { return node.outputs.size(); }
  bool has_input(size_t index) const noexcept {
    return index < node.inputs.size() && node.inputs[index] != BP_NONE;
  }
  bool has_output(size_t index) const noexcept {
    return index < node.outputs.size() && node.outputs[index] != BP_NONE;
  }
  const Value& input(size_t index) const { return graph_.values[node.inputs[index]]; }
  const Value& output(size_t index) const { return graph_.values[node.outputs[index]]; }

  // True when met. An omitted input meets everything but required().
  bool required(size_t input);
  bool types(size_t input, TypeMask allowed);  // for arithmetic: float64 needs a device with fp64
  bool movable(size_t input);                  // any element that has a size
  bool output_types(size_t output, TypeMask allowed);
  bool rank_between(size_t input, int64_t least, int64_t most);  // an unknown rank is refused
  bool string_attribute(std::string_view name, std::string_view fallback,
                        std::initializer_list<std::string_view> allowed);
  bool no_attribute(std::string_view name);
  // The input is needed as a value at specialize (a constant, or known to the host by then).
  bool want_value(size_t input);
  // The input is needed as a constant at compile.
  bool want_constant(size_t input);

  // For everything else: code is a BP_REASON_, the text says what is expected and what was found.
  void reject(uint32_t code, std::string_view text) { verdict_.reject(code, text); }
  void reject_input(uint32_t code, size_t input, std::string_view text) {
    verdict_.reject_input(code, static_cast<uint32_t>(input), text);
  }
  void reject_attribute(std::string_view name, std::string_view text) { verdict_.reject_attribute(name, text); }

  sdk::Verdict& verdict() noexcept { return verdict_; }

 private:
  const Graph& graph_;
  sdk::Verdict verdict_;
};

struct Expression;
struct Root;
class Specializer;

// An input in an expression: under its own dims, or as if it had others of the same count.
struct Term {
  Term(size_t index) : input(index) {}  // NOLINT: an index is a term
  Term(size_t index, Dims other) : input(index), dims(std::move(other)), reshaped(true) {}
  size_t input;
  Dims dims;
  bool reshaped = false;
};

// A node being built for concrete dims. Indices are positions among the node's inputs and outputs.
class Builder {
 public:
  Builder(Specializer& specializer, uint32_t node_index);

  const Node& node() const noexcept { return *node_; }
  const Attributes& attributes() const noexcept { return node_->attributes; }
  const Traits& traits() const noexcept;
  size_t input_count() const noexcept { return node_->inputs.size(); }
  size_t output_count() const noexcept { return node_->outputs.size(); }
  bool has_input(size_t index) const noexcept;
  bool has_output(size_t index) const noexcept;
  Type input_type(size_t index) const;
  Type output_type(size_t index) const;
  const Dims& input_dims(size_t index) const;
  const Dims& output_dims(size_t index) const;  // once stated
  int64_t rank(size_t input) const { return static_cast<int64_t>(input_dims(input).size()); }
  // `axis` of the node made positive for `rank`; throws where it is out of range.
  int64_t axis(int64_t axis, int64_t rank) const;

  // Contents of an input that is constant or was given at specialize; nullptr otherwise.
  const HostTensor* value(size_t index) const;
  // The same; throws where it is not known. For inputs that check() wanted as value or constant.
  const HostTensor& needed_value(size_t index) const;
  bool is_constant(size_t index) const;

  // --- what the node gives; once per output that is present ---
  // Memory for it. An output without elements needs no launch.
  Ref output(size_t index, Dims dims);
  // The output is the input's bytes from `offset_bytes` on under other dims: nothing runs.
  void alias(size_t output, size_t input, Dims dims, uint64_t offset_bytes = 0);
  // Element i of output 0 is a formula of elements i (broadcast) of the inputs, `$0` being the first one that
  // is named, `$t` the type in which the output and `$a` that in which `$0` is computed.
  void expression(Dims dims, std::string code, const std::vector<Term>& terms);
  // Output 0 comes from `root`, which may run with the pointwise nodes behind it: its number as it is, or a
  // formula in which that is $0 and the terms are $1 and so on.
  void root(Dims dims, std::shared_ptr<const Root> root, const std::string& code = {},
            const std::vector<Term>& terms = {});

  // --- memory ---
  Ref input(size_t index);  // row-major
  Ref scratch(uint64_t bytes);
  // Memory that `fill` writes once per program and `key`.
  Ref packed(const std::string& key, uint64_t bytes, const std::function<void(std::byte*)>& fill);
  // The same of numbers that are known now; equal tables are one.
  template <class T>
  Ref table(const std::vector<T>& numbers) {
    return table(numbers.data(), numbers.size() * sizeof(T));
  }
  Ref table(const void* data, size_t bytes);
  // Where the constant behind an input is named in such keys.
  uint64_t constant_id(size_t index) const;

  // Adds a kernel launch, after those before.
  void launch(Launch launch);

  [[noreturn]] void fail(const std::string& message, uint32_t code = BP_STATUS_INVALID_MODEL) const;

  Specializer& specializer() noexcept { return *specializer_; }
  uint32_t node_index() const noexcept { return node_index_; }

 private:
  Specializer* specializer_;
  const Node* node_;
  uint32_t node_index_;
};

}  // namespace bp::opencl
