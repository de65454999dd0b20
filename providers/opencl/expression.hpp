// Formulas over tensors: element i of the result from elements of others. They stay unevaluated while one node
// alone reads them, so that a chain of pointwise nodes becomes one kernel, or the end of another kernel (a
// root: convolution, matrix product).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "launch.hpp"
#include "types.hpp"

namespace bp::opencl {

class Specializer;
struct Expression;

// A kernel that ends with an expression: it computes one float per element and stores what the expression makes
// of it.
struct Root {
  virtual ~Root() = default;
  // Launches the kernel: `expression.items[0]` is what it computes.
  virtual void emit(Specializer& specializer, const Expression& expression, Ref output) const = 0;
};

struct Expression {
  struct Leaf {  // a tensor that is broadcast to the expression's dims
    Ref ref;
    Dims dims;
    Type type;
  };
  // Either a leaf's element, the root's number, or a formula. `code`: OpenCL C in which $0, $1 are the
  // arguments and $t, $a the types in which the result and the first argument are computed.
  struct Item {
    Type type = Type::kUndefined;
    std::string code;
    std::vector<uint32_t> arguments;  // earlier items
    uint32_t leaf = BP_NONE;
  };

  Dims dims;
  std::vector<Leaf> leaves;
  std::vector<Item> items;           // the last one is the result
  std::shared_ptr<const Root> root;  // of items[0]; nullptr: a kernel of its own
  std::vector<uint32_t> nodes;
  std::string name;  // "Conv+Relu"

  [[nodiscard]] Type type() const { return items.back().type; }
  uint32_t add_leaf(const Leaf& leaf);
  // Appends `other`, whose dims are the same; returns the item that holds its result.
  uint32_t append(const Expression& other);
};

// The function that a root's kernel calls to store its result, bp_finish(out, o, value BP_FINISH_NAMES): `out`
// has the type BP_FINISH_TYPE, o is the element's number, row-major. The leaves come through
// BP_FINISH_PARAMETERS of the kernel, behind its own, and BP_FINISH_ARGUMENTS to functions with
// BP_FINISH_FUNCTION_PARAMETERS.
void finish_with(Launch& launch, const Expression& expression);

// The kernel of an expression without a root, written to `output`.
Launch pointwise_kernel(const Expression& expression, Ref output);

// A number as OpenCL C writes it, in the type in which `type` is computed.
std::string literal(double value, Type type = Type::kFloat32);

// Dims that broadcast to each other; throws INVALID_MODEL with `label` where they do not.
Dims broadcast_dims(const Dims& a, const Dims& b, const std::string& label);

}  // namespace bp::opencl
