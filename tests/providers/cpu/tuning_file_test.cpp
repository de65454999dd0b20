#include "tuning_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace bp::cpu {
namespace {

namespace fs = std::filesystem;

bool same(const MeasuredByKey& a, const MeasuredByKey& b) { return write_measured(a) == write_measured(b); }

const MeasuredByKey kSome = {{"conv [1,2] = 3", {{"direct", 12}, {"winograd 4x4", 13}}},
                             {"other", {{"a=b", 0}}}};

TEST(CpuTuningFile, ReadsWhatItWrites) {
  MeasuredByKey found;
  std::string why;
  ASSERT_TRUE(read_measured(write_measured(kSome), found, why)) << why;
  EXPECT_TRUE(same(found, kSome));
  EXPECT_TRUE(read_measured(write_measured({}), found, why));
}

TEST(CpuTuningFile, SaysWhatIsWrongAndTakesNothing) {
  const std::string whole = write_measured(kSome);
  const std::string title = whole.substr(0, whole.find('\n') + 1);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "line 1 must be"},
      {"backplane.cpu tuning 2\nend 0\n", "line 1 must be"},
      {title, "cut off after line 1"},
      {title + "key\tdirect=12\n", "cut off after line 2"},
      {title + "key\tdirect=12\nend 2\n", "line 3 is neither"},
      {title + "key\tdirect=x\nend 1\n", "line 2 is neither"},
      {title + "key\t=12\nend 1\n", "line 2 is neither"},
      {title + "key\nend 1\n", "line 2 is neither"},
      {whole + "more", "is neither"},
  };
  for (const auto& [source, expected] : cases) {
    MeasuredByKey found;
    std::string why;
    EXPECT_FALSE(read_measured(source, found, why)) << source;
    EXPECT_NE(why.find(expected), std::string::npos) << why;
    EXPECT_TRUE(found.empty());
  }
}

class CpuTuningFileOnDisk : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }
  const fs::path folder = fs::path(testing::TempDir()) / ("tuning_file_" + std::to_string(::getpid()));
  const std::string path = (folder / "deep" / "file").string();
};

TEST_F(CpuTuningFileOnDisk, IsMadeWithItsFolders) {
  MeasuredByKey found;
  std::string why;
  EXPECT_TRUE(load_measured(path, found, why)) << why;
  ASSERT_TRUE(store_measured(path, kSome, why)) << why;
  ASSERT_TRUE(load_measured(path, found, why)) << why;
  EXPECT_TRUE(same(found, kSome));
}

TEST_F(CpuTuningFileOnDisk, IsWholeWhoeverWritesMeanwhile) {
  std::string why;
  ASSERT_TRUE(store_measured(path, kSome, why)) << why;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&, writer] {
      MeasuredByKey mine;
      for (int i = 0; i < 200 * (writer + 1); ++i) mine["key " + std::to_string(i)] = {{"direct", 1}};
      for (int i = 0; i < 50; ++i) {
        std::string problem;
        EXPECT_TRUE(store_measured(path, mine, problem)) << problem;
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    MeasuredByKey found;
    EXPECT_TRUE(load_measured(path, found, why)) << why;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(std::distance(fs::directory_iterator(fs::path(path).parent_path()), {}), 1);
}

TEST_F(CpuTuningFileOnDisk, SaysWhyItCannotBeWritten) {
  std::string why;
  EXPECT_FALSE(store_measured("/dev/null/tuning", kSome, why));
  EXPECT_NE(why.find("no file can be made"), std::string::npos) << why;
}

}  // namespace
}  // namespace bp::cpu
