#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::clean_transposes;
using test::difference;
using test::GraphBuilder;
using test::interpret;
using test::ops_of;
using test::random_inputs;
using test::run_pass;

using Perm = std::vector<int64_t>;

std::vector<int64_t> permuted(const std::vector<int64_t>& dims, const Perm& perm) {
  std::vector<int64_t> result;
  for (const int64_t axis : perm) result.push_back(dims[static_cast<size_t>(axis)]);
  return result;
}

ValueId transpose(GraphBuilder& b, ValueId x, const std::vector<int64_t>& dims, const Perm& perm) {
  return b.node("Transpose", {x}, permuted(dims, perm), {{"perm", perm}});
}

// Runs whole rounds of the two passes that work together on transposes.
void expect_same_results(Graph& graph, const std::string& ops) {
  const auto inputs = random_inputs(graph, 3);
  const auto before = interpret(graph, inputs);
  ASSERT_TRUE(optimize(graph, {}).ok());
  const auto after = interpret(graph, inputs);
  for (size_t i = 0; i < before.size(); ++i) EXPECT_LT(difference(before[i], after[i]), 1e-9);
  if (!ops.empty()) {
    EXPECT_EQ(ops_of(graph), ops);
  }
}

TEST(CleanTransposes, CancelsAPairAroundAnElementwiseNode) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 2, 3, 4});
  const ValueId nhwc = transpose(b, x, {1, 2, 3, 4}, {0, 2, 3, 1});
  const ValueId relu = b.node("Relu", {nhwc}, {1, 3, 4, 2});
  b.output(b.node("Exp", {transpose(b, relu, {1, 3, 4, 2}, {0, 3, 1, 2})}, {1, 2, 3, 4}));
  expect_same_results(b.graph(), "Relu Exp");
}

TEST(CleanTransposes, MovesThroughSumsOfEquallyTransposedInputs) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId y = b.input("y", {2, 3});
  const ValueId sum = b.node("Add", {transpose(b, x, {2, 3}, {1, 0}), transpose(b, y, {2, 3}, {1, 0})}, {3, 2});
  const ValueId scaled = b.node("Mul", {sum, b.floats("s", {}, {2})}, {3, 2});
  b.output(b.node("Relu", {transpose(b, scaled, {3, 2}, {1, 0})}, {2, 3}));
  expect_same_results(b.graph(), "Add Mul Relu");
}

TEST(CleanTransposes, LeavesConstantsThatBroadcastDifferently) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId sum = b.node("Add", {transpose(b, x, {2, 3}, {1, 0}), b.floats("c", {2}, {1, 5})}, {3, 2});
  b.output(b.node("Relu", {sum}, {3, 2}));
  expect_same_results(b.graph(), "Transpose Add Relu");
}

TEST(CleanTransposes, RenamesTheAxesOfReductionsConcatAndPad) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3, 4});
  const ValueId t = transpose(b, x, {2, 3, 4}, {2, 0, 1});
  const ValueId padded = b.node("Pad", {t, b.ints("pads", {1, 0, 0, 0, 2, 1})}, {5, 4, 4});
  const ValueId u = transpose(b, b.input("y", {4, 4, 1}), {4, 4, 1}, {2, 0, 1});
  const ValueId both = b.node("Concat", {padded, u}, {6, 4, 4}, {{"axis", int64_t{0}}});
  b.output(b.node("ReduceSum", {both, b.ints("axes", {-1})}, {6, 4}, {{"keepdims", int64_t{0}}}));
  expect_same_results(b.graph(), "Pad Concat ReduceSum Transpose");
}

TEST(CleanTransposes, BecomesAFlagOfGemm) {
  GraphBuilder b;
  const ValueId x = b.input("x", {4, 2});
  const ValueId w = b.input("w", {3, 4});
  b.output(b.node("Gemm", {transpose(b, x, {4, 2}, {1, 0}), transpose(b, w, {3, 4}, {1, 0})}, {2, 3}));
  expect_same_results(b.graph(), "Gemm");
}

TEST(CleanTransposes, StaysWhereItsResultIsReadTwice) {
  GraphBuilder b;
  const ValueId t = transpose(b, b.input("x", {2, 3}), {2, 3}, {1, 0});
  b.output(b.node("Relu", {t}, {3, 2}));
  b.output(b.node("Exp", {t}, {3, 2}));
  expect_same_results(b.graph(), "Transpose Relu Exp");
}

TEST(CleanTransposes, LeavesNumbersThatAreNoPermutation) {
  for (const Perm& perm : {Perm{0, 7}, Perm{0, 0}, Perm{-1, 0}}) {
    GraphBuilder b;
    const ValueId x = b.input("x", ValueType::tensor(ElementType::kFloat32));  // no rank: nobody has checked
    const ValueId first = b.node("Transpose", {x}, ValueType::tensor(ElementType::kFloat32), {{"perm", perm}});
    b.output(b.node("Transpose", {first}, ValueType::tensor(ElementType::kFloat32), {{"perm", perm}}));
    EXPECT_EQ(run_pass(clean_transposes, b.graph()).changes, 0u);
  }
}

// Random graphs of everything the pass moves through: the results stay, transposes do not multiply.
TEST(CleanTransposes, KeepsResultsOfRandomGraphs) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    GraphBuilder b;
    struct Made {
      ValueId id;
      std::vector<int64_t> dims;
    };
    std::vector<Made> made = {{b.input("x", {2, 3, 4}), {2, 3, 4}}, {b.input("y", {3, 3, 1}), {3, 3, 1}}};
    size_t transposes = 0;
    for (int i = 0; i < 14; ++i) {
      const Made in = made[made.size() - 1 - below(std::min<size_t>(made.size(), 3))];
      std::vector<int64_t> dims = in.dims;
      ValueId out = kNoId;
      switch (below(7)) {
        case 0:
        case 1: {
          Perm perm(dims.size());
          std::iota(perm.begin(), perm.end(), 0);
          std::shuffle(perm.begin(), perm.end(), random);
          out = transpose(b, in.id, dims, perm);
          dims = permuted(dims, perm);
          ++transposes;
          break;
        }
        case 2:
          out = b.node("Tanh", {in.id}, dims);
          break;
        case 3: {
          const auto same =
              std::find_if(made.begin(), made.end(), [&](const Made& m) { return m.dims == dims; });
          out = b.node("Add", {in.id, same->id}, dims);
          break;
        }
        case 4: {
          const auto axis = static_cast<int64_t>(below(dims.size()));
          out = b.node("Concat", {in.id, in.id},
                       [&] {
                         dims[static_cast<size_t>(axis)] *= 2;
                         return dims;
                       }(),
                       {{"axis", axis}});
          break;
        }
        case 5: {
          const auto axis = static_cast<int64_t>(below(dims.size()));
          const auto keep = static_cast<int64_t>(dims.size() == 1 || below(2));
          if (keep) {
            dims[static_cast<size_t>(axis)] = 1;
          } else {
            dims.erase(dims.begin() + axis);
          }
          out = b.node("ReduceMean", {in.id, b.ints("axes" + std::to_string(i), {axis})}, dims,
                       {{"keepdims", keep}});
          break;
        }
        default: {
          std::vector<int64_t> pads(2 * dims.size());
          for (size_t k = 0; k < pads.size(); ++k) {
            pads[k] = static_cast<int64_t>(below(2));
            dims[k % dims.size()] += pads[k];
          }
          out = b.node("Pad", {in.id, b.ints("pads" + std::to_string(i), pads)}, dims);
        }
      }
      made.push_back({out, dims});
    }
    b.output(made.back().id);
    b.output(made[made.size() - 2].id);
    expect_same_results(b.graph(), "");
    size_t left = 0;
    for (NodeId id = 0; id < b.graph().node_count(); ++id) left += b.graph().node(id).op_type == "Transpose";
    EXPECT_LE(left, transposes);
  }
}

}  // namespace
}  // namespace bp
