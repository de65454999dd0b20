// What an operator is to this provider: a row with two functions.
//   check(Check&)     capability: collects every reason why a node cannot be taken, says how inputs are wanted.
//                     Sees types, maybe dims (-1 = unknown), attributes. Pure.
//   build(Builder&)   specialize: concrete dims of inputs are known; states the dims of the outputs and adds
//   the
//                     kernel that computes them (or none: views). Throws Error where shapes do not fit.
// See README.md, "How to add an operator".
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph.hpp"
#include "kernel.hpp"
#include "parallel.hpp"
#include "types.hpp"

namespace bp::cpu {

// How elements lie. The blocked ones exist only for tensors [N, C, spatial...]; between nodes only.
enum class Layout : uint8_t {
  kPlain,         // row-major, as ONNX has it
  kChannelsLast,  // N, spatial..., C
  kBlocked8,      // N, C/8, spatial..., 8 channels; padded with zeros
  kBlocked16,     // N, C/16, spatial..., 16 channels; padded with zeros
  kPacked,        // elements of less than a byte as they cross the ABI, low bits first; no row ever sees it
};

// Which layouts a row's kernels take.
enum class LayoutUse : uint8_t {
  kPlain,      // row-major only; the frame reorders other inputs
  kPointwise,  // element i of the outputs depends on element i of the inputs (or on one-element inputs): the
               // frame passes any layout without padding, the same for all; the kernel sees flat arrays
  kOwn,        // build() asks with Builder::layout() and Builder::want_layout()
};

class Check;
class Builder;
class Expression;
struct Term;

struct Row {
  std::string_view op_type;
  void (*check)(Check&) = nullptr;
  void (*build)(Builder&) = nullptr;
  int32_t since = 1;  // oldest form (since_version) that check and build understand
  LayoutUse layouts = LayoutUse::kPlain;
  std::string_view domain = "";
  // The node as pointwise arithmetic, for chains (ops/expression.hpp); nullptr: it is none.
  Term (*pointwise)(Expression&) = nullptr;
};

// A node under question. Requirements that are not met add a reason and go on, so that all are told.
class Check {
 public:
  Check(const Graph& graph, uint32_t index) : node(graph.nodes[index]), graph_(graph), verdict_(index) {}

  const Node& node;

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
  bool types(size_t input, TypeMask allowed);
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

class Constants;
class Specializer;
class Tuning;
struct Options;

// A node being built for concrete dims. Indices are positions among the node's inputs and outputs.
class Builder {
 public:
  Builder(Specializer& specializer, uint32_t node_index);

  const Node& node() const noexcept { return *node_; }
  const Attributes& attributes() const noexcept { return node_->attributes; }
  int threads() const noexcept;  // for parallel_for in kernels
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
  void output(size_t index, Dims dims);
  // Dims depend on data: `at_most` are upper bounds; the kernel writes contiguous data and the true dims to the
  // int64_t array at Call::args[return value].
  size_t bounded_output(size_t index, Dims at_most);
  // Not even a bound is known (strings, pictures): the kernel keeps the elements in its own state and writes
  // their address to *out<const void*>(output), the dims as above.
  size_t grown_output(size_t index, size_t rank);
  // The output is the input's bytes from `offset_bytes` on under other dims: nothing runs. Element sizes are
  // equal.
  void alias(size_t output, size_t input, Dims dims, uint64_t offset_bytes = 0);

  // --- what runs; operands are the node's inputs, its outputs, then what was added here ---
  size_t scratch(uint64_t bytes);  // 64-byte aligned; returns its index in Call::args
  // An index in Call::args of memory that lives as long as the program or longer (the caller sees to it).
  size_t constant_operand(const void* data);
  // The kernel may write the output over this input (element i only after element i was read). Only a
  // permission.
  void in_place(size_t output, size_t input);
  // Adds a step. Call output() before. Dropped when every output has zero elements.
  void step(std::unique_ptr<Kernel> kernel, std::string_view implementation = "plain");
  template <class F>
  void run(F function, std::string_view implementation = "plain") {
    step(make_kernel(std::move(function)), implementation);
  }

  // --- for rows with LayoutUse::kOwn, which choose layouts and swallow later nodes; values by index in graph()
  // ---
  struct Ref {  // a piece of memory as an operand
    uint32_t storage = BP_NONE;
    uint64_t offset = 0;
  };
  struct RawStep {
    std::unique_ptr<Kernel> kernel;
    std::vector<Ref> operands;
    std::string name;
    std::string implementation;
    std::string note;
    std::vector<uint32_t> nodes;
    std::vector<std::pair<size_t, size_t>> in_place;  // operands: an output that may lie over an input
  };
  const Graph& graph() const noexcept;
  const Options& options() const noexcept;
  Tuning& tuning() const noexcept;
  Layout convolution_layout() const noexcept;  // see layout_choice.hpp
  Constants& constants() const noexcept;
  bool is_ready(uint32_t value) const;  // constant, or built already
  const Dims& value_dims(uint32_t value) const;
  const HostTensor* value_contents(uint32_t value) const;
  Layout layout_of(uint32_t value) const;  // in which it lies now
  // The value in that layout; a reorder step is added where it lies otherwise.
  Ref read(uint32_t value, Layout layout);
  Ref write(uint32_t value, Dims dims, Layout layout);
  // The new value takes the memory of `over` and may be written while that is read; see may_overwrite().
  Ref write_over(uint32_t value, Dims dims, Layout layout, Ref over);
  // Nothing but this node and `reader` still reads the memory of the value's copy in `layout`.
  bool may_overwrite(uint32_t value, Layout layout, uint32_t reader) const;
  Ref scratch_ref(uint64_t bytes);
  Ref constant_ref(const void* data);
  // Memory that `fill` writes once per program and `key`, before the first run.
  Ref packed_ref(const std::string& key, uint64_t bytes, std::function<void(void*)> fill);
  void raw_step(RawStep step);
  // `node` is done by this step; it is not built any more.
  void absorb(uint32_t node);
  bool is_absorbed(uint32_t node) const;

  [[noreturn]] void fail(const std::string& message, uint32_t code = BP_STATUS_INVALID_MODEL) const;

  Specializer& specializer() noexcept { return *specializer_; }
  uint32_t node_index() const noexcept { return node_index_; }

 private:
  friend class Specializer;
  struct Permission {
    size_t output;
    size_t input;
  };
  Specializer* specializer_;
  const Node* node_;
  uint32_t node_index_;
  size_t text_dims(uint32_t value);  // where a string output's dims are written that depend on data

  std::vector<uint32_t> extra_storages_;
  std::vector<Permission> in_place_;
  bool absorbed_ = false;           // later nodes are done by this one's step
  Layout layout_ = Layout::kPlain;  // of all inputs and outputs of this node
};

}  // namespace bp::cpu
