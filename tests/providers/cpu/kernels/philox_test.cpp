#include "kernels/philox.hpp"

#include <gtest/gtest.h>

namespace bp::cpu {
namespace {

// Known answers of the authors' reference implementation (Random123, kat_vectors).
TEST(CpuPhilox, GivesTheReferencesNumbers) {
  EXPECT_EQ(Philox(0, 0)(0), (Philox::Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint64_t ones = ~uint64_t{0};
  EXPECT_EQ(Philox(ones, ones)(ones), (Philox::Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox(0x299f31d0a4093822, 0x0370734413198a2e)(0x85a308d3243f6a88),
            (Philox::Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CpuPhilox, UniformDrawsAreBelowOne) {
  const Philox::Block full{~0u, ~0u, ~0u, ~0u};
  EXPECT_LT(uniform_draws<float>(full)[3], 1.0f);
  EXPECT_LT(uniform_draws<double>(full)[1], 1.0);
  EXPECT_EQ(uniform_draws<float>({})[0], 0.0f);
}

}  // namespace
}  // namespace bp::cpu
