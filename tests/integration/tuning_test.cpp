// What the CPU provider times once is known to later processes, and to saved programs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/paths.hpp"
#include "tool_helper.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

class Tuning : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(cli_path()) || !fs::exists(plugin_dir() / "libbp_cpu.so")) {
      GTEST_SKIP() << "the tool or the CPU provider is not built";
    }
    folder_ = fs::path(testing::TempDir()) / ("tuning_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string cache() const { return (folder_ / "cache").string(); }
  std::string content() const {
    std::ifstream file(cache(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  ToolRun tool(std::vector<std::string> arguments) const {
    const std::string digits = (source_dir() / "examples/digits/model.onnx").string();
    const std::vector<std::string> common = {digits,
                                             "--dim",
                                             "batch=2",
                                             "--threads",
                                             "1",
                                             "--only-plugin-dirs",
                                             "--plugin-dir",
                                             plugin_dir().string(),
                                             "--option",
                                             "cpu.tuning_cache=" + cache()};
    arguments.insert(arguments.end(), common.begin(), common.end());
    return run_tool(arguments);
  }
  // The notes of the steps that were chosen by time.
  std::vector<std::string> notes(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"explain", "--json", "--random"});
    const ToolRun run = tool(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    warnings_ = run.err;
    std::vector<std::string> result;
    const auto report = nlohmann::json::parse(run.out, nullptr, false);
    for (const auto& partition : report.at("partitions")) {
      for (const auto& step : partition.at("steps")) {
        const auto note = step.at("note").get<std::string>();
        if (note.find("timed: ") != std::string::npos) result.push_back(note);
      }
    }
    return result;
  }

  fs::path folder_;
  mutable std::string warnings_;
};

const std::vector<std::string> kFull = {"--option", "cpu.tuning=full"};

TEST_F(Tuning, IsDoneOnceAndReusedByAFreshProcess) {
  const auto first = notes(kFull);
  // The layout, and two convolutions with three ways each.
  ASSERT_EQ(first.size(), 3u);
  const std::string kept = content();
  EXPECT_NE(kept.find("winograd 4x4="), std::string::npos);
  // Timed again, no number would be the same.
  EXPECT_EQ(notes(kFull), first);
  EXPECT_EQ(content(), kept);
}

TEST_F(Tuning, IsOffUnlessAskedForAndWhereResultsMustBeTheSame) {
  EXPECT_TRUE(notes({}).empty());
  EXPECT_TRUE(notes({"--option", "cpu.tuning=full", "--option", "cpu.deterministic=true"}).empty());
  EXPECT_FALSE(fs::exists(cache()));
}

TEST_F(Tuning, IgnoresAFileThatIsNotWhole) {
  std::ofstream(cache()) << "backplane.cpu tuning 1\nsome layer\tdirect=12\n";
  EXPECT_EQ(notes(kFull).size(), 3u);
  EXPECT_NE(warnings_.find("is ignored: it is cut off after line 2"), std::string::npos) << warnings_;
  EXPECT_NE(content().find("\nend "), std::string::npos);
  notes(kFull);
  EXPECT_EQ(warnings_, "");
}

TEST_F(Tuning, GoesWithSavedPrograms) {
  const std::string saved = (folder_ / "saved").string();
  const ToolRun made = tool({"compile", "-o", saved, "--option", "cpu.tuning=full"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  fs::remove(cache());
  EXPECT_EQ(notes({"--programs", saved, "--option", "cpu.tuning=full"}).size(), 3u);
  EXPECT_FALSE(fs::exists(cache()));
}

}  // namespace
}  // namespace bp::test
