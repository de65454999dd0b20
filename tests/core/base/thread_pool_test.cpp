#include "base/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

namespace bp {
namespace {

TEST(ThreadPool, VisitsEachIndexOnce) {
  for (unsigned threads : {0U, 1U, 3U}) {
    ThreadPool pool(threads);
    std::vector<std::atomic<int>> visits(1000);
    const Status status = pool.parallel_for(visits.size(), 7, [&](uint64_t begin, uint64_t end) -> Status {
      for (uint64_t i = begin; i < end; ++i) ++visits[i];
      return {};
    });
    ASSERT_TRUE(status.ok());
    for (const auto& visit : visits) EXPECT_EQ(visit.load(), 1);
  }
}

TEST(ThreadPool, GivesPiecesOfAtLeastTheGrainButTheLast) {
  ThreadPool pool(2);
  std::mutex mutex;
  std::multiset<uint64_t> sizes;
  ASSERT_TRUE(pool.parallel_for(10, 4,
                                [&](uint64_t begin, uint64_t end) -> Status {
                                  const std::lock_guard lock(mutex);
                                  sizes.insert(end - begin);
                                  return {};
                                })
                  .ok());
  EXPECT_EQ(sizes, (std::multiset<uint64_t>{2, 4, 4}));
}

TEST(ThreadPool, ReturnsAnErrorAndCallsNothingForZero) {
  ThreadPool pool(2);
  int calls = 0;
  EXPECT_TRUE(pool.parallel_for(0, 1,
                                [&](uint64_t, uint64_t) -> Status {
                                  ++calls;
                                  return {};
                                })
                  .ok());
  EXPECT_EQ(calls, 0);
  const Status status = pool.parallel_for(100, 1, [](uint64_t begin, uint64_t) {
    return begin == 0 ? Status(ErrorCode::kIo, "index 0") : Status();
  });
  EXPECT_EQ(status.code(), ErrorCode::kIo);
  EXPECT_EQ(status.message(), "index 0");
}

TEST(ThreadPool, TurnsAnExceptionIntoAnError) {
  ThreadPool pool(1);
  const Status status =
      pool.parallel_for(4, 1, [](uint64_t, uint64_t) -> Status { throw std::runtime_error("boom"); });
  EXPECT_EQ(status.code(), ErrorCode::kInternal);
  EXPECT_NE(status.message().find("boom"), std::string::npos);
}

TEST(ThreadPool, LoopsNest) {
  ThreadPool pool(2);
  std::atomic<int> inner{0};
  const Status status = pool.parallel_for(8, 1, [&](uint64_t, uint64_t) {
    return pool.parallel_for(8, 1, [&](uint64_t, uint64_t) -> Status {
      ++inner;
      return {};
    });
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(inner.load(), 64);
}

}  // namespace
}  // namespace bp
