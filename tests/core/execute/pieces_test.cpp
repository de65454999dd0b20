// Joining and cutting: along any axis, numbers, strings and packed elements.
#include "execute/pieces.hpp"

#include "execute_test_helper.hpp"

namespace bp {
namespace {

using namespace test;  // NOLINT

TEST(Pieces, JoinAlongAnyAxis) {
  const std::vector<RuntimeValue> rows = {ints({1, 2}, {1, 2}), ints({2, 2}, {3, 4, 5, 6})};
  const RuntimeValue down = join(rows, 0, false).value();
  EXPECT_EQ(down.dims, (ConcreteDims{3, 2}));
  EXPECT_EQ(elements_of<int64_t>(down), (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
  const std::vector<RuntimeValue> columns = {ints({2, 1}, {1, 2}), ints({2, 0}, {}),
                                             ints({2, 2}, {3, 4, 5, 6})};
  const RuntimeValue across = join(columns, -1, false).value();
  EXPECT_EQ(across.dims, (ConcreteDims{2, 3}));
  EXPECT_EQ(elements_of<int64_t>(across), (std::vector<int64_t>{1, 3, 4, 2, 5, 6}));
}

TEST(Pieces, JoinAlongANewAxis) {
  const std::vector<RuntimeValue> parts = {ints({2}, {1, 2}), ints({2}, {3, 4}), ints({2}, {5, 6})};
  EXPECT_EQ(join(parts, 0, true).value().dims, (ConcreteDims{3, 2}));
  const RuntimeValue last = join(parts, -1, true).value();
  EXPECT_EQ(last.dims, (ConcreteDims{2, 3}));
  EXPECT_EQ(elements_of<int64_t>(last), (std::vector<int64_t>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(join(std::vector{ints({}, {7})}, 0, true).value().dims, (ConcreteDims{1}));
}

TEST(Pieces, StringsAreMovedLikeNumbers) {
  const std::vector<RuntimeValue> parts = {words({2, 1}, {"a", "bb"}), words({2, 2}, {"", "c", "dd", "e"})};
  const RuntimeValue whole = join(parts, 1, false).value();
  EXPECT_EQ(words_of(whole), (std::vector<std::string>{"a", "", "c", "bb", "dd", "e"}));
  EXPECT_EQ(words_of(cut(whole, 1, 1, 2).value()), (std::vector<std::string>{"", "c", "dd", "e"}));
}

TEST(Pieces, CutKeepsTheAxis) {
  const RuntimeValue whole = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  const RuntimeValue column = cut(whole, 1, 2, 1).value();
  EXPECT_EQ(column.dims, (ConcreteDims{2, 1}));
  EXPECT_EQ(elements_of<int64_t>(column), (std::vector<int64_t>{3, 6}));
  EXPECT_EQ(cut(whole, 0, 1, 0).value().dims, (ConcreteDims{0, 3}));
}

TEST(Pieces, PackedElementsMoveByWholeBytes) {
  const std::byte bytes[] = {std::byte{0x21}, std::byte{0x43}, std::byte{0x05}};
  const auto packed = [&](int64_t count) {
    return view_of(Tensor::copy_of(ElementType::kInt4, {count}, {bytes, static_cast<size_t>(count + 1) / 2}));
  };
  const RuntimeValue whole = join(std::vector{packed(4), packed(5)}, 0, false).value();
  EXPECT_EQ(copy_as_tensor(whole)->to_int64(), (std::vector<int64_t>{1, 2, 3, 4, 1, 2, 3, 4, 5}));
  EXPECT_EQ(join(std::vector{packed(5), packed(4)}, 0, false).status().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(copy_as_tensor(cut(packed(5), 0, 2, 3).value())->to_int64(), (std::vector<int64_t>{3, 4, 5}));
  EXPECT_EQ(cut(packed(5), 0, 1, 2).status().code(), ErrorCode::kUnsupported);
}

TEST(Pieces, TheFirstPartThatDoesNotFitIsNamed) {
  const auto error = [](std::vector<RuntimeValue> parts, int64_t axis, bool new_axis) {
    return join(parts, axis, new_axis).status().message();
  };
  EXPECT_EQ(error({ints({2}, {1, 2}), ints({2}, {1, 2}), floats({2}, {1, 2})}, 0, false),
            "element 2 is float32[2], which cannot be joined with element 0, int64[2]");
  EXPECT_NE(error({ints({2, 1}, {1, 2}), ints({1, 1}, {1})}, 1, false).find("element 1 is int64[1,1]"),
            std::string::npos);
  EXPECT_NE(error({ints({2}, {1, 2}), ints({1}, {1})}, 0, true).find("element 1"), std::string::npos);
  EXPECT_EQ(error({ints({2}, {1, 2})}, 1, false), "axis must be in [-1, 0], is 1");
  EXPECT_EQ(error({ints({}, {1})}, 0, false), "a scalar has no axis 0");
}

}  // namespace
}  // namespace bp
