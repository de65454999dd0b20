#include "constant_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace bp::cpu {
namespace {

using Piece = std::pair<std::byte*, uint64_t>;

void expect_apart(std::vector<Piece> pieces) {
  std::sort(pieces.begin(), pieces.end());
  for (size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(pieces[i].first) % 64, 0u);
    if (i == 0) continue;
    EXPECT_LE(pieces[i - 1].first + pieces[i - 1].second, pieces[i].first);
  }
}

TEST(ConstantMemory, GivesPiecesApartFromEachOther) {
  ConstantMemory memory;
  std::vector<Piece> pieces;
  for (int round = 0; round < 40; ++round) {
    for (const uint64_t size : {0ull, 1ull, 63ull, 64ull, 4097ull, 70'000ull, 900'000ull, 3'000'000ull}) {
      pieces.emplace_back(memory.take(size), size);
      std::memset(pieces.back().first, round, size);
    }
  }
  expect_apart(pieces);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto [bytes, size] = pieces[i];
    const auto expected = static_cast<std::byte>(i / 8);
    EXPECT_TRUE(std::all_of(bytes, bytes + size, [&](std::byte byte) { return byte == expected; })) << i;
  }
}

TEST(ConstantMemory, ServesThreads) {
  ConstantMemory memory;
  std::vector<std::vector<Piece>> taken(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : taken) {
      threads.emplace_back([&memory, &own] {
        for (int i = 0; i < 500; ++i) own.emplace_back(memory.take(1000), 1000);
      });
    }
  }
  std::vector<Piece> all;
  for (const auto& own : taken) all.insert(all.end(), own.begin(), own.end());
  expect_apart(std::move(all));
}

TEST(ConstantMemory, RefusesWhatNoMachineHas) {
  ConstantMemory memory;
  EXPECT_THROW(memory.take(UINT64_MAX), std::bad_alloc);
  EXPECT_THROW(memory.take(uint64_t{1} << 60), std::bad_alloc);
}

}  // namespace
}  // namespace bp::cpu
