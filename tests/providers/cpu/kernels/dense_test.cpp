#include "kernels/dense.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "types.hpp"

namespace bp::cpu {
namespace {

struct Shape {
  int64_t rows, depth, columns;
};

// Every number of rows in a block, columns in a panel, and of what is left of them.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (int64_t rows = 1; rows <= 9; ++rows) all.push_back({rows, 12, 50});
  for (const int64_t columns : {1, 8, 16, 17, 32, 33, 47, 48, 49, 96, 113, 400})
    all.push_back({19, 20, columns});
  for (const int64_t depth : {4, 8, 64, 132, 300}) all.push_back({40, depth, 144});
  return all;
}

double function_of(DenseFunction function, double x) {
  switch (function) {
    case DenseFunction::kNone:
      return x;
    case DenseFunction::kRelu:
      return std::max(x, 0.0);
    case DenseFunction::kGelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case DenseFunction::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  }
  return x;
}

constexpr DenseFunction kFunctions[] = {DenseFunction::kNone, DenseFunction::kRelu, DenseFunction::kGelu,
                                        DenseFunction::kGeluTanh};

std::vector<float> numbers(std::mt19937& random, int64_t count) {
  std::uniform_real_distribution<float> some(-1, 1);
  std::vector<float> result(static_cast<size_t>(count));
  for (float& x : result) x = some(random);
  return result;
}

// Floats and what the product computes of them, as floats.
void compare(DenseType type, const Shape& shape, DenseFunction function, int threads) {
  std::mt19937 random(7);
  const auto [rows, depth, columns] = shape;
  std::vector<float> a = numbers(random, rows * depth);
  std::vector<float> w = numbers(random, depth * columns);
  const std::vector<float> bias = numbers(random, columns);
  const std::vector<float> residual = numbers(random, rows * columns);
  if (type == DenseType::kBfloat16) {
    for (float& x : a) x = Bfloat16(x);
    for (float& x : w) x = Bfloat16(x);
  }
  std::vector<uint16_t> narrow(static_cast<size_t>(rows * ((depth + 1) / 2 * 2)));
  if (type == DenseType::kBfloat16) narrow_rows(threads, a.data(), rows, depth, narrow.data());
  std::vector<std::byte> packed(dense_packed_bytes(type, depth, columns));
  pack_dense(type, w.data(), columns, 1, depth, columns, packed.data());
  DenseFinish finish;
  finish.bias = bias.data();
  finish.function = function;
  std::vector<float> dst = residual;
  finish.residual = dst.data();
  const bool pairs = type == DenseType::kBfloat16;
  const void* left = pairs ? static_cast<const void*>(narrow.data()) : a.data();
  DenseProduct{type, rows, depth, columns}.run(threads, left, dense_groups(type, depth) * 4, packed.data(),
                                               finish, dst.data());
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t n = 0; n < columns; ++n) {
      double sum = bias[static_cast<size_t>(n)];
      for (int64_t k = 0; k < depth; ++k) {
        sum += double{a[static_cast<size_t>(r * depth + k)]} * double{w[static_cast<size_t>(k * columns + n)]};
      }
      const auto at = static_cast<size_t>(r * columns + n);
      ASSERT_NEAR(dst[at], function_of(function, sum) + double{residual[at]}, 2e-5)
          << rows << "x" << depth << "x" << columns << " at " << r << "," << n;
    }
  }
}

TEST(Dense, MultipliesFloats) {
  if (!dense_runs(DenseType::kFloat32)) GTEST_SKIP() << "not on this processor";
  for (const Shape& shape : shapes()) {
    for (const DenseFunction function : kFunctions) compare(DenseType::kFloat32, shape, function, 1);
    compare(DenseType::kFloat32, shape, DenseFunction::kNone, 3);
  }
}

TEST(Dense, MultipliesPairsOfBfloat16) {
  if (!dense_runs(DenseType::kBfloat16)) GTEST_SKIP() << "not on this processor";
  for (const Shape& shape : shapes()) compare(DenseType::kBfloat16, shape, DenseFunction::kGelu, 2);
  compare(DenseType::kBfloat16, {5, 7, 20}, DenseFunction::kNone, 1);  // half a pair is left
}

TEST(Dense, GeluStaysCloseFarFromZero) {
  if (!dense_runs(DenseType::kFloat32)) GTEST_SKIP() << "not on this processor";
  std::vector<float> packed(dense_packed_bytes(DenseType::kFloat32, 1, 1) / sizeof(float));
  const float one = 1;
  pack_dense(DenseType::kFloat32, &one, 1, 1, 1, 1, packed.data());
  for (const DenseFunction function : {DenseFunction::kGelu, DenseFunction::kGeluTanh}) {
    DenseFinish finish;
    finish.function = function;
    for (float x = -40; x < 40; x += 0.01f) {
      float y = 0;
      DenseProduct{DenseType::kFloat32, 1, 1, 1}.run(1, &x, 4, packed.data(), finish, &y);
      const double exact = function_of(function, x);
      ASSERT_NEAR(y, exact, 2e-6 * std::max(1.0, std::abs(double{x}) / 4)) << x;
    }
  }
}

TEST(Dense, MultipliesBytesExactly) {
  if (!dense_runs(DenseType::kBytes)) GTEST_SKIP() << "not on this processor";
  std::mt19937 random(3);
  std::uniform_int_distribution<int> some(-128, 127);
  for (const Shape& shape : shapes()) {
    const auto [rows, depth, columns] = shape;
    std::vector<uint8_t> a(static_cast<size_t>(rows * depth));
    std::vector<int8_t> w(static_cast<size_t>(depth * columns));
    for (auto& x : a) x = static_cast<uint8_t>(some(random));
    for (auto& x : w) x = static_cast<int8_t>(some(random));
    std::vector<int32_t> column_sums(static_cast<size_t>(columns), 0);
    for (size_t i = 0; i < w.size(); ++i) column_sums[i % column_sums.size()] += w[i];
    const std::vector<float> scales = numbers(random, columns);
    std::vector<std::byte> packed(dense_packed_bytes(DenseType::kBytes, depth, columns));
    pack_dense(DenseType::kBytes, w.data(), columns, 1, depth, columns, packed.data());
    DenseFinish finish;
    finish.a_scale = 0.25f;
    finish.scales = scales.data();
    finish.scale_step = 1;
    finish.zero = 117;
    finish.column_sums = column_sums.data();
    std::vector<float> dst(static_cast<size_t>(rows * columns));
    DenseProduct{DenseType::kBytes, rows, depth, columns}.run(2, a.data(), depth, packed.data(), finish,
                                                              dst.data());
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t n = 0; n < columns; ++n) {
        int32_t sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          sum += (a[static_cast<size_t>(r * depth + k)] - 117) * w[static_cast<size_t>(k * columns + n)];
        }
        const float expected = static_cast<float>(sum) * (0.25f * scales[static_cast<size_t>(n)]);
        ASSERT_EQ(dst[static_cast<size_t>(r * columns + n)], expected) << r << "," << n;
      }
    }
  }
}

}  // namespace
}  // namespace bp::cpu
