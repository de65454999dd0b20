#include "base/mapped_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bp {
namespace {

TEST(MappedFile, HasNoVersionWhenItWasChangedJustBefore) {
  const std::string path = ::testing::TempDir() + "backplane_mapped_file";
  std::ofstream(path) << "new";
  EXPECT_EQ(MappedFile::open(path).value()->version(), 0u);
  // The time of last change cannot be set back by the time of last writing.
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(MappedFile::open(path).value()->version(), 0u);
  std::filesystem::remove(path);
}

TEST(MappedFile, HasTheSameVersionUntilItChanges) {
  const std::filesystem::path program = std::filesystem::canonical("/proc/self/exe");
  const uint64_t version = MappedFile::open(program).value()->version();
  if (version == 0) GTEST_SKIP() << "this program was built a moment ago";
  EXPECT_EQ(MappedFile::open(program).value()->version(), version);
  EXPECT_NE(MappedFile::open("/bin/sh").value()->version(), version);
}

}  // namespace
}  // namespace bp
