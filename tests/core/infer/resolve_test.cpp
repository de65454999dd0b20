#include "infer/resolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "infer/infer.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Shape operators in canonical form, types left to infer.
class ResolveTest : public testing::Test {
 protected:
  ValueId input(const std::string& name, ElementType element, const std::vector<std::string>& dims) {
    Dims list;
    for (const std::string& dim : dims) {
      list.push_back(isdigit(static_cast<unsigned char>(dim[0])) != 0 ? Dim::of(std::stoll(dim))
                                                                      : builder.symbol(dim));
    }
    return builder.input(name, ValueType::tensor(element, std::move(list)));
  }
  ValueId add(const std::string& op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    return builder.node(op, std::move(inputs), ValueType{}, std::move(attributes));
  }
  ShapeResolver resolver() {
    const Status status = infer_types(builder.graph());
    EXPECT_TRUE(status.ok()) << status.message();
    auto made = ShapeResolver::create(builder.graph());
    EXPECT_TRUE(made.ok());
    return std::move(*made);
  }
  NodeId producer(ValueId id) { return builder.graph().value(id).producer; }

  test::GraphBuilder builder;
};

TEST_F(ResolveTest, SettlesAShapeChainFromDims) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "S", "12", "32"});
  const ValueId shape = add("Shape", {x});
  const ValueId lead = add("Slice", {shape, builder.ints("from", {0}), builder.ints("to", {2})});
  const ValueId target = add("Concat", {lead, builder.ints("rest", {-1})}, {{"axis", int64_t{0}}});
  const ValueId y = add("Reshape", {x, target});
  builder.output(y);
  const ShapeResolver r = resolver();
  const auto shapes = r.resolve(std::vector<ConcreteDims>{{2, 7, 12, 32}});
  ASSERT_TRUE(shapes.ok()) << shapes.status().message();
  EXPECT_THAT(shapes->dims[y], ElementsAre(2, 7, 384));
  EXPECT_THAT(shapes->host_values[target]->to_int64(), ElementsAre(2, 7, -1));
  EXPECT_TRUE(r.host_values().on_host[producer(target)]);
  EXPECT_FALSE(r.host_values().on_host[producer(y)]);
  EXPECT_THAT(r.host_values().key_inputs, IsEmpty());
  EXPECT_EQ(r.host_values().segment_count, 1u);
}

TEST_F(ResolveTest, TakesAnInputThatDecidesDimsIntoTheKey) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "4"});
  const ValueId shape = input("shape", ElementType::kInt64, {"2"});
  const ValueId ids = input("ids", ElementType::kInt64, {"N", "S"});
  const ValueId y = add("Reshape", {x, shape});
  const ValueId looked_up = add("Gather", {y, ids});
  builder.output(looked_up);
  const ShapeResolver r = resolver();
  EXPECT_THAT(r.host_values().key_inputs, ElementsAre(shape));
  const std::vector<ConcreteDims> dims{{3, 4}, {2}, {3, 5}};
  const auto settled = r.resolve(
      dims, std::vector<TensorPtr>{nullptr, Tensor::of_int64({2}, std::vector<int64_t>{6, 2}), nullptr});
  ASSERT_TRUE(settled.ok()) << settled.status().message();
  EXPECT_THAT(settled->dims[looked_up], ElementsAre(3, 5, 2));
  // Without the contents the dims stay unknown.
  const auto open = r.resolve(dims);
  ASSERT_TRUE(open.ok());
  EXPECT_FALSE(open->known[y]);
}

// A call starts from the last one; nothing of that may stay where something changed.
TEST_F(ResolveTest, AnyOrderOfKeysGivesWhatAFreshResolverGives) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "S"});
  const ValueId past = input("past", ElementType::kFloat32, {"N", "P"});
  const ValueId width = input("width", ElementType::kInt64, {"1"});
  const ValueId total = add("Concat", {past, x}, {{"axis", int64_t{1}}});
  const ValueId size = add("Shape", {past});
  const ValueId rows = add("Slice", {size, builder.ints("from", {0}), builder.ints("to", {1})});
  const ValueId target = add("Concat", {rows, width}, {{"axis", int64_t{0}}});
  const ValueId wide = add("Expand", {builder.floats("one", {1}, {1}), target});
  const ValueId same = add("Relu", {x});
  for (const ValueId output : {total, wide, same}) builder.output(output);
  const ShapeResolver kept = resolver();
  const auto ints = [](int64_t number) { return Tensor::of_int64({1}, std::vector<int64_t>{number}); };
  struct Key {
    std::vector<ConcreteDims> dims;
    TensorPtr width;  // null: not known
  };
  const Key keys[] = {{{{2, 3}, {2, 0}, {1}}, ints(5)}, {{{2, 3}, {2, 1}, {1}}, ints(5)},
                      {{{2, 3}, {2, 1}, {1}}, ints(6)}, {{{2, 3}, {2, 1}, {1}}, nullptr},
                      {{{4, 1}, {4, 1}, {1}}, ints(6)}, {{{2, 3}, {2, 0}, {1}}, ints(5)}};
  for (const Key& key : keys) {
    const std::vector<TensorPtr> values{nullptr, nullptr, key.width};
    const auto again = kept.resolve(key.dims, values);
    const ShapeResolver fresh = ShapeResolver::create(builder.graph()).value();
    const auto first = fresh.resolve(key.dims, values);
    ASSERT_TRUE(again.ok() && first.ok());
    EXPECT_EQ(again->known, first->known);
    for (ValueId id = 0; id < builder.graph().value_count(); ++id) {
      EXPECT_EQ(again->dims[id], first->dims[id]) << builder.graph().value(id).name;
      ASSERT_EQ(again->host_values[id] == nullptr, first->host_values[id] == nullptr);
      if (first->host_values[id] == nullptr) continue;
      EXPECT_EQ(again->host_values[id]->to_int64(), first->host_values[id]->to_int64());
    }
    EXPECT_EQ(again->known[wide], key.width != nullptr);
  }
  // A key that is refused leaves nothing behind.
  EXPECT_FALSE(kept.resolve(std::vector<ConcreteDims>{{2, 3}, {3, 1}, {1}}).ok());
  const auto after = kept.resolve(keys[1].dims, std::vector<TensorPtr>{nullptr, nullptr, ints(5)});
  ASSERT_TRUE(after.ok());
  EXPECT_THAT(after->dims[total], ElementsAre(2, 4));
}

TEST_F(ResolveTest, EndsASegmentBehindDataDependentDims) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "4"});
  const ValueId found = add("NonZero", {x});
  const ValueId cast = add("Cast", {found}, {{"to", int64_t{1}}});
  builder.output(cast);
  const ShapeResolver r = resolver();
  EXPECT_TRUE(r.host_values().data_dependent[producer(found)]);
  EXPECT_FALSE(r.host_values().data_dependent[producer(cast)]);
  EXPECT_EQ(r.host_values().segment[producer(found)], 0u);
  EXPECT_EQ(r.host_values().segment[producer(cast)], 1u);
  const std::vector<ConcreteDims> dims{{3, 4}};
  EXPECT_FALSE(r.resolve(dims)->known[cast]);
  const std::vector<ShapeFact> facts{{found, {2, 5}, nullptr}};
  const auto settled = r.resolve(dims, {}, facts);
  ASSERT_TRUE(settled.ok());
  EXPECT_THAT(settled->dims[cast], ElementsAre(2, 5));
}

TEST_F(ResolveTest, ReadsBackIntegersThatADeviceMakes) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "4"});
  const ValueId best = add("ArgMax", {x}, {{"axis", int64_t{1}}, {"keepdims", int64_t{0}}});
  const ValueId highest = add("ReduceMax", {best}, {{"keepdims", int64_t{0}}});
  const ValueId count = add("Unsqueeze", {highest, builder.ints("axes", {0})});
  const ValueId mask = add("ConstantOfShape", {count});
  builder.output(mask);
  const ShapeResolver r = resolver();
  EXPECT_TRUE(r.host_values().read_back[best]);
  EXPECT_TRUE(r.host_values().on_host[producer(count)]);
  EXPECT_EQ(r.host_values().segment[producer(mask)], 1u);
  const std::vector<ShapeFact> facts{{best, {3}, Tensor::of_int64({3}, std::vector<int64_t>{0, 3, 2})}};
  const auto settled = r.resolve(std::vector<ConcreteDims>{{3, 4}}, {}, facts);
  ASSERT_TRUE(settled.ok()) << settled.status().message();
  EXPECT_THAT(settled->dims[mask], ElementsAre(3));
}

TEST_F(ResolveTest, SaysWhichInputIsWrong) {
  const ValueId x = input("image", ElementType::kFloat32, {"N", "3"});
  builder.output(add("Relu", {x}));
  const ShapeResolver r = resolver();
  const auto rank = r.resolve(std::vector<ConcreteDims>{{1, 3, 2}});
  EXPECT_EQ(rank.status().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(rank.status().message(), "input 'image': must have 2 dims, has 3");
  EXPECT_EQ(r.resolve(std::vector<ConcreteDims>{{1, 4}}).status().message(),
            "input 'image': dim 1 must be 3, is 4");
  EXPECT_TRUE(r.resolve(std::vector<ConcreteDims>{{0, 3}}).ok());
  EXPECT_FALSE(r.resolve(std::vector<ConcreteDims>{}).ok());
}

TEST_F(ResolveTest, NamesTheNodeWhoseDimsDoNotFit) {
  const ValueId x = input("x", ElementType::kFloat32, {"N"});
  const ValueId y = input("y", ElementType::kFloat32, {"M"});
  builder.output(add("Add", {x, y}));
  const ShapeResolver r = resolver();
  const auto shapes = r.resolve(std::vector<ConcreteDims>{{2}, {3}});
  EXPECT_THAT(shapes.status().message(), HasSubstr("Add 'Add0': dims 2 and 3"));
}

TEST_F(ResolveTest, KeepsSmallValuesOfDimsOnTheHostEvenAsData) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "S"});
  const ValueId length = add("Gather", {add("Shape", {x}), builder.ints("one", {1})});
  const ValueId scale = add("Sqrt", {add("Cast", {length}, {{"to", int64_t{1}}})});
  const ValueId y = add("Div", {x, scale});
  builder.output(y);
  const ShapeResolver r = resolver();
  EXPECT_TRUE(r.host_values().is_host[scale]);
  EXPECT_FALSE(r.host_values().is_host[y]);
}

}  // namespace
}  // namespace bp
