#include <gtest/gtest.h>

#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::share_common;
using test::GraphBuilder;
using test::ops_of;
using test::run_pass;

TEST(ShareCommon, SharesChainsOfEqualNodes) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId a = b.node("Exp", {b.node("Relu", {x}, {2})}, {2});
  const ValueId c = b.node("Exp", {b.node("Relu", {x}, {2})}, {2});
  b.output(b.node("Add", {a, c}, {2}));
  EXPECT_EQ(run_pass(share_common, b.graph()).changes, 2u);
  EXPECT_EQ(ops_of(b.graph()), "Relu Exp Add");
  EXPECT_EQ(b.graph().node(4).inputs[0], b.graph().node(4).inputs[1]);
}

TEST(ShareCommon, SeesEqualConstantsAndDifferentOnes) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId one = b.node("Add", {x, b.floats("p", {1}, {1})}, {2});
  const ValueId same = b.node("Add", {x, b.floats("q", {1}, {1})}, {2});
  const ValueId other = b.node("Add", {x, b.floats("r", {1}, {2})}, {2});
  const ValueId scalar = b.node("Add", {x, b.floats("s", {}, {1})}, {2});
  for (const ValueId value : {one, same, other, scalar}) b.output(b.node("Relu", {value}, {2}));
  run_pass(share_common, b.graph());
  EXPECT_EQ(ops_of(b.graph()), "Add Add Add Relu Relu Relu Relu");
}

TEST(ShareCommon, ComparesAttributesWhateverTheirOrder) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId p = b.node("Op", {x}, {2}, {{"a", int64_t{1}}, {"b", 2.0f}});
  const ValueId q = b.node("Op", {x}, {2}, {{"b", 2.0f}, {"a", int64_t{1}}});
  const ValueId r = b.node("Op", {x}, {2}, {{"b", 2.5f}, {"a", int64_t{1}}});
  b.output(b.node("Sum", {p, q, r}, {2}));
  EXPECT_EQ(run_pass(share_common, b.graph()).changes, 1u);
}

TEST(ShareCommon, KeepsOutputsOfTheGraphAndRandomNodesApart) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  b.output(b.node("Relu", {x}, {2}, {}, "first"));
  b.output(b.node("Relu", {x}, {2}, {}, "second"));
  b.output(b.node("RandomNormalLike", {x}, {2}, {}, "r1"));
  b.node("RandomNormalLike", {x}, {2}, {}, "r2");
  EXPECT_EQ(run_pass(share_common, b.graph()).changes, 0u);
}

}  // namespace
}  // namespace bp
