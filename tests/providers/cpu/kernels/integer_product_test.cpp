// The products for every instruction set that runs here, and the columns made for them.
#include "kernels/integer_product.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "instruction_set.hpp"

namespace bp::cpu {
namespace {

using Multiply = void (*)(const IntegerProduct&);

std::vector<Multiply> variants() {
  std::vector<Multiply> list = {multiply_plain, multiply};
#if defined(__x86_64__)
  if (instruction_set() != InstructionSet::kPlain) list.push_back(multiply_avx2);
  if (instruction_set() == InstructionSet::kAvx512) list.push_back(multiply_avx512);
  if (instruction_set() == InstructionSet::kAvx512 && __builtin_cpu_supports("avx512vnni")) {
    list.push_back(multiply_avx512_vnni);
  }
#endif
  return list;
}

TEST(IntegerProduct, IsExactWhateverTheInstructionSet) {
  constexpr int64_t kRows = 7, kColumns = 10, kDepth = 3 * kDepthStep;
  std::mt19937 random(5);
  const auto line = [&](int64_t lines) {
    std::vector<int16_t> numbers;
    for (int64_t i = 0; i < lines * kDepth; ++i) numbers.push_back(static_cast<int16_t>(random() % 511) - 255);
    return numbers;
  };
  const std::vector<int16_t> a = line(kRows), b = line(kColumns);
  for (const Multiply multiply_one : variants()) {
    std::vector<int32_t> sums(kRows * kColumns);
    multiply_one({a.data(), b.data(), kRows, kColumns, kDepth, sums.data(), 1, kRows});
    for (int64_t row = 0; row < kRows; ++row) {
      for (int64_t column = 0; column < kColumns; ++column) {
        int32_t expected = 0;
        for (int64_t k = 0; k < kDepth; ++k) {
          expected += a[static_cast<size_t>(row * kDepth + k)] * b[static_cast<size_t>(column * kDepth + k)];
        }
        EXPECT_EQ(sums[static_cast<size_t>(column * kRows + row)], expected) << row << ' ' << column;
      }
    }
  }
}

TEST(IntegerProduct, WidensColumnsSideBySide) {
  constexpr int64_t kStride = 19, kCount = 21;
  std::vector<uint8_t> bytes;
  for (int64_t i = 0; i < kStride * kCount; ++i) bytes.push_back(static_cast<uint8_t>(i * 37));
  std::vector<int32_t> zeros;
  for (int32_t i = 0; i < kSideBySide; ++i) zeros.push_back(i * 11);
  const int64_t depth = padded_depth(kCount);
  for (const int64_t rows : {int64_t{1}, int64_t{5}, kSideBySide}) {
    std::vector<int16_t> found(static_cast<size_t>(rows * depth), 1);
    widen_columns(bytes.data(), kStride, kCount, zeros.data(), rows, depth, found.data());
    for (int64_t i = 0; i < rows * depth; ++i) {
      const int64_t row = i / depth, k = i % depth;
      const int expected =
          k < kCount ? bytes[static_cast<size_t>(k * kStride + row)] - zeros[static_cast<size_t>(row)] : 0;
      EXPECT_EQ(found[static_cast<size_t>(i)], expected);
    }
  }
}

}  // namespace
}  // namespace bp::cpu
