// The parser and the published JSON Schema agree: both are held to the cases of
// tests/provider_api/manifest_cases.json (manifest_schema_test.py is the other half).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "provider/manifest.hpp"
#include "support/paths.hpp"

namespace bp {
namespace {

TEST(ManifestCases, AreJudgedAsTheSchemaJudgesThem) {
  std::ifstream file(test::source_dir() / "tests/provider_api/manifest_cases.json");
  const auto cases = nlohmann::json::parse(file);
  ASSERT_GT(cases.size(), 40u);
  for (const auto& item : cases) {
    ManifestError error;
    const bool valid = parse_manifest(item.at("manifest").dump(), &error).has_value();
    EXPECT_EQ(valid, item.at("valid").get<bool>()) << item.at("name") << ": " << error.text;
    EXPECT_EQ(valid, error.text.empty()) << item.at("name");
  }
}

}  // namespace
}  // namespace bp
