#include "harness/raw_memory.hpp"

#include <gtest/gtest.h>

namespace bp::conformance {
namespace {

TEST(HostBlock, IsAlignedAndNotMore) {
  for (const uint64_t alignment : {1u, 4u, 64u, 4096u}) {
    const HostBlock block(100, alignment);
    EXPECT_EQ(block.slice().address % alignment, 0u);
    EXPECT_EQ(block.slice().size, 100u);
    EXPECT_EQ(block.damage(), "");
  }
  EXPECT_EQ(HostBlock(100, 64, 1).slice().address % 64, 1u);
}

TEST(HostBlock, TellsWritesOnBothSides) {
  const HostBlock behind(100, 64);
  behind.bytes().data()[100] = std::byte{1};
  EXPECT_NE(behind.damage().find("1 behind the end"), std::string::npos) << behind.damage();
  const HostBlock before(100, 64);
  before.bytes().data()[-1] = std::byte{1};
  EXPECT_NE(before.damage().find("1 before the start"), std::string::npos) << before.damage();
}

TEST(HostBlockDeathTest, EndsAtAPageThatMayNotBeTouched) {
  const HostBlock block(64, 64);
  EXPECT_DEATH(block.bytes().data()[64] = std::byte{1}, "");
}

TEST(HostBlockDeathTest, CanBeMadeReadOnly) {
  const HostBlock block(64, 64);
  block.make_read_only();
  EXPECT_DEATH(block.bytes().data()[0] = std::byte{1}, "");
}

TEST(HostBlock, MayBeEmpty) {
  const HostBlock block(0, 16);
  EXPECT_EQ(block.damage(), "");
  EXPECT_EQ(block.read(), "");
}

}  // namespace
}  // namespace bp::conformance
