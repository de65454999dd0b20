#include "harness/allocations.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

namespace bp::conformance {
namespace {

void* volatile sink;  // keeps the compiler from dropping an allocation

void allocate(size_t size) {
  sink = std::malloc(size);
  std::free(sink);
}

TEST(AllocationCount, CountsWhatIsNotTheRunnersOwn) {
  if (!can_watch_allocations()) GTEST_SKIP() << "built with a sanitizer";
  uint64_t others = 0;
  uint64_t own = 0;
  {
    const AllocationCount watch;
    allocate(10);
    allocate(20);
    others = watch.count();
    const OwnAllocations mine;
    allocate(30);
    own = watch.count() - others;
  }
  EXPECT_EQ(others, 2u);
  EXPECT_EQ(own, 0u);
}

// operator new is libstdc++'s: it asks malloc from there.
TEST(AllocationFailure, FailsTheNthAndNoOther) {
  if (!can_watch_allocations()) GTEST_SKIP() << "built with a sanitizer";
  bool first = false;
  bool second = false;
  bool happened = false;
  {
    const AllocationFailure failure("no such library", 2);
    try {
      sink = ::operator new(10);
      ::operator delete(sink);
      first = true;
      sink = ::operator new(10);
      ::operator delete(sink);
      second = true;
    } catch (const std::bad_alloc&) {
    }
    happened = failure.happened();
  }
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  EXPECT_TRUE(happened);
  EXPECT_NO_THROW(std::string(1000, 'x'));
}

TEST(AllocationFailure, SaysThatThereWereNotSoMany) {
  if (!can_watch_allocations()) GTEST_SKIP() << "built with a sanitizer";
  const AllocationFailure failure("no such library", 1'000'000);
  allocate(10);
  EXPECT_FALSE(failure.happened());
}

}  // namespace
}  // namespace bp::conformance
