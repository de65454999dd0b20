// How a row with pointwise arithmetic describes its node, so that neighbouring nodes become one loop
// (pointwise_chain.hpp): as terms made of the node's inputs. What cannot be expressed becomes an empty term,
// and so does all that is made of one; then the node's build() is used.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "graph.hpp"
#include "kernels/convert.hpp"
#include "kernels/pointwise_loops.hpp"
#include "kernels/unary_functions.hpp"

namespace bp::cpu {

class PointwiseChain;

using ChannelNumbers =
    std::function<void(const float* const inputs[], float* first, float* second, int64_t count)>;

struct Term {
  static constexpr uint16_t kNone = 0xFFFF;
  uint16_t slot = kNone;
  explicit operator bool() const noexcept { return slot != kNone; }
};

class Expression {
 public:
  Expression(PointwiseChain& chain, const Node& node) : chain_(chain), node_(node) {}

  const Node& node() const noexcept { return node_; }
  const Attributes& attributes() const noexcept { return node_.attributes; }
  size_t input_count() const noexcept { return node_.inputs.size(); }
  bool has_input(size_t index) const noexcept;
  Type input_type(size_t index) const;
  Type output_type() const;
  const Dims& input_dims(size_t index) const;
  const HostTensor* constant(size_t index) const;  // nullptr: not constant

  // The output's dims are those to which the inputs that are asked for broadcast. 16-bit floats arrive as
  // float32, and results are rounded to them once.
  Term input(size_t index);
  Term single(size_t index);  // of one element, which does not count for the output's dims
  Term number(double value, Type type);
  // Two numbers per channel of the tensor [N, C, ..], made of `inputs` of C float32 each: once where these are
  // constant, else by a step of its own before the chain.
  std::array<Term, 2> channels(std::vector<size_t> inputs, int64_t count, ChannelNumbers make);

  Term unary(UnaryFunction function, const UnaryParameters& parameters, Term x);
  Term binary(BinaryFunction function, Term a, Term b);
  Term select(Term condition, Term yes, Term no);
  Term cast(size_t input, Type to, NarrowMode mode);

  const std::vector<Dims>& dims() const noexcept { return dims_; }

 private:
  PointwiseChain& chain_;
  const Node& node_;
  std::vector<Dims> dims_;  // of the inputs that were asked for
};

}  // namespace bp::cpu
