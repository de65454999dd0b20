// The loops for every instruction set that runs here give the same codes and numbers.
#include "kernels/quantize.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "instruction_set.hpp"

namespace bp::cpu {
namespace {

std::vector<const QuantizeKernels*> variants() {
  std::vector<const QuantizeKernels*> list = {&QuantizeVariants::kPlain};
#if defined(__x86_64__)
  if (instruction_set() != InstructionSet::kPlain) list.push_back(&QuantizeVariants::kAvx2);
  if (instruction_set() == InstructionSet::kAvx512) list.push_back(&QuantizeVariants::kAvx512);
#endif
  return list;
}

struct Results {
  std::vector<uint8_t> stored, divided, requantized;
  std::vector<uint16_t> wide;
  std::vector<float> back;
  FloatRange range;
};

Results results(const QuantizeKernels& kernels, const std::vector<float>& x) {
  const IntegerRange bytes{0, 255};
  const auto n = static_cast<int64_t>(x.size());
  const float zero = 130;
  const std::vector<float> zeros(x.size(), zero);
  std::vector<int32_t> sums;
  for (size_t i = 0; i < x.size(); ++i) sums.push_back(static_cast<int32_t>(i * 7919) - 200000);
  Results r;
  for (auto* codes : {&r.stored, &r.divided, &r.requantized}) codes->resize(x.size());
  r.wide.resize(x.size());
  r.back.resize(x.size());
  kernels.store[0](x.data(), zeros.data(), 1, bytes, r.stored.data(), n);
  kernels.store[1](x.data(), &zero, 0, {-32768, 32767}, r.wide.data(), n);
  kernels.divide[0](x.data(), 0.3f, zero, bytes, r.divided.data(), n);
  const float scale = 0.0007f;
  kernels.requantize[0](sums.data(), &scale, 0, zero, bytes, r.requantized.data(), n);
  kernels.dequantize[0][1](r.divided.data(), 0.3f, -5, r.back.data(), n);
  r.range = kernels.range(x.data(), n);
  return r;
}

TEST(QuantizeKernels, AgreeWhateverTheInstructionSet) {
  for (const size_t count : {0, 1, 31, 64, 65, 200}) {
    std::vector<float> x;
    for (size_t i = 0; i < count; ++i) x.push_back(static_cast<float>(i % 61) * 0.45f - 13.5f);
    if (count > 40) {
      x[3] = std::numeric_limits<float>::quiet_NaN();
      x[17] = std::numeric_limits<float>::infinity();
      x[count - 1] = -std::numeric_limits<float>::infinity();
    }
    const Results expected = results(QuantizeVariants::kPlain, x);
    for (const QuantizeKernels* kernels : variants()) {
      const Results found = results(*kernels, x);
      EXPECT_EQ(found.stored, expected.stored);
      EXPECT_EQ(found.wide, expected.wide);
      EXPECT_EQ(found.divided, expected.divided);
      EXPECT_EQ(found.requantized, expected.requantized);
      EXPECT_EQ(found.back, expected.back);
      EXPECT_EQ(found.range.low, expected.range.low);
      EXPECT_EQ(found.range.high, expected.range.high);
    }
  }
}

}  // namespace
}  // namespace bp::cpu
