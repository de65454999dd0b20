#include "execute/output_memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bp {
namespace {

constexpr uint64_t kKib = 1024;

TEST(OutputMemory, WhatIsGivenUpServesTheNextRunAlsoWhenThatNeedsMore) {
  const auto pool = std::make_shared<OutputMemory>();
  pool->expect(1000 * kKib);
  auto first = pool->take(130 * kKib);
  const void* address = first.get();
  first.reset();
  EXPECT_GT(pool->idle_bytes(), 0u);
  const auto grown = pool->take(140 * kKib);
  EXPECT_EQ(grown.get(), address);
  EXPECT_EQ(pool->idle_bytes(), 0u);
  EXPECT_NE(pool->take(130 * kKib).get(), address);  // it is in use
}

TEST(OutputMemory, NoMoreWaitsThanTwoRunsNeed) {
  const auto pool = std::make_shared<OutputMemory>();
  pool->expect(300 * kKib);
  std::vector<std::shared_ptr<void>> kept;
  for (int i = 0; i < 20; ++i) kept.push_back(pool->take(100 * kKib));
  kept.clear();
  EXPECT_GT(pool->idle_bytes(), 0u);
  EXPECT_LE(pool->idle_bytes(), 600 * kKib);
  pool->expect(0);
  EXPECT_EQ(pool->idle_bytes(), 0u);
}

TEST(OutputMemory, MuchLargerMemoryIsNotTaken) {
  const auto pool = std::make_shared<OutputMemory>();
  pool->expect(10'000 * kKib);
  pool->take(1000 * kKib).reset();
  const uint64_t idle = pool->idle_bytes();
  const auto small = pool->take(64 * kKib);
  EXPECT_EQ(pool->idle_bytes(), idle);
}

TEST(OutputMemory, OutlivesItsSession) {
  auto pool = std::make_shared<OutputMemory>();
  auto memory = pool->take(64 * kKib);
  pool.reset();
  static_cast<char*>(memory.get())[0] = 1;
  memory.reset();
}

}  // namespace
}  // namespace bp
