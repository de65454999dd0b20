#include "drive/machine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

TEST(Machine, FactsAreThere) {
  const RunFacts facts = machine_facts();
  EXPECT_TRUE(std::regex_match(facts.started_utc, std::regex("20..-..-..T..:..:..Z"))) << facts.started_utc;
  EXPECT_NE(facts.system.find("Linux"), std::string::npos) << facts.system;
  EXPECT_EQ(facts.system.find('"'), std::string::npos) << facts.system;
  EXPECT_FALSE(facts.runner_version.empty());
  EXPECT_GE(facts.cores, 1u);
  EXPECT_EQ(facts.tolerances_sha256.size(), 64u);
}

class FolderDigest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "conformance_digest_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Makes a folder with these files, in this order, and returns its digest.
  std::string digest(const std::vector<std::pair<std::string, std::string>>& files) {
    const fs::path root = folder_ / std::to_string(count_++);
    fs::create_directories(root);
    for (const auto& [name, text] : files) {
      fs::create_directories((root / name).parent_path());
      std::ofstream(root / name) << text;
    }
    return folder_digest(root.string());
  }

  fs::path folder_;
  int count_ = 0;
};

TEST_F(FolderDigest, IsOfNamesAndContents) {
  const std::string first = digest({{"a/x", "1"}, {"b", "2"}, {"empty", ""}});
  EXPECT_EQ(first.size(), 64u);
  EXPECT_EQ(digest({{"empty", ""}, {"b", "2"}, {"a/x", "1"}}), first);
  EXPECT_NE(digest({{"a/x", "1"}, {"b", "3"}, {"empty", ""}}), first);
  EXPECT_NE(digest({{"a/y", "1"}, {"b", "2"}, {"empty", ""}}), first);
  EXPECT_NE(digest({{"a/x", "1"}, {"b", "2"}}), first);
}

}  // namespace
}  // namespace bp::conformance
