#include "saved_programs_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace bp::cli {
namespace {

SavedProgramSummary program(const std::string& provider, uint64_t code_bytes, uint64_t weight_bytes) {
  SavedProgramSummary made;
  made.key = "00ff";
  made.provider = provider;
  made.provider_version = "0.1.0";
  made.fingerprint = "chip";
  made.canonical_level = 22;
  made.code_bytes = code_bytes;
  made.weight_bytes = weight_bytes;
  return made;
}

TEST(SavedProgramsText, ListsEachProgramAndTheSum) {
  const std::vector<SavedProgramSummary> programs = {program("a.b", 10, 200), program("c.d", 5, 0)};
  EXPECT_EQ(saved_programs_text(programs),
            "program 0: a.b 0.1.0, level 22, 10 bytes of code, 200 bytes of weights\n  device chip\n"
            "program 1: c.d 0.1.0, level 22, 5 bytes of code, 0 bytes of weights\n  device chip\n"
            "2 saved programs, 15 bytes of code, 200 bytes of weights\n");
  const nlohmann::json json = saved_programs_json(programs);
  ASSERT_EQ(json["programs"].size(), 2u);
  EXPECT_EQ(json["programs"][0]["weight_bytes"], 200);
  EXPECT_EQ(json["programs"][1]["provider"], "c.d");
}

TEST(SavedProgramsText, KnowsAFileByItsFirstBytes) {
  const std::string path = ::testing::TempDir() + "backplane_saved_programs_text.bin";
  const auto holds = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    return holds_saved_programs(path);
  };
  EXPECT_TRUE(holds("BPSAVED\nrest"));
  EXPECT_FALSE(holds("BPSAVED"));
  EXPECT_FALSE(holds("an ONNX model"));
  std::filesystem::remove(path);
  EXPECT_FALSE(holds_saved_programs(path));
}

}  // namespace
}  // namespace bp::cli
