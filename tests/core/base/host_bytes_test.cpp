#include "base/host_bytes.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace bp {
namespace {

TEST(HostBytes, AreAlignedAndAllThere) {
  for (const uint64_t size : {0ull, 1ull, 100ull, (2ull << 20) - 1, 2ull << 20, (5ull << 20) + 3}) {
    for (const uint64_t alignment : {16ull, 64ull, 4096ull, 4ull << 20}) {
      const std::unique_ptr<void, decltype(&std::free)> bytes(allocate_host_bytes(size, alignment), &std::free);
      ASSERT_NE(bytes, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.get()) % alignment, 0u);
      std::memset(bytes.get(), 1, size);
    }
  }
}

TEST(HostBytes, AreNullWhereThereIsNoMemory) {
  EXPECT_EQ(allocate_host_bytes(UINT64_MAX, 64), nullptr);
  EXPECT_EQ(allocate_host_bytes(uint64_t{1} << 60, 64), nullptr);
}

}  // namespace
}  // namespace bp
