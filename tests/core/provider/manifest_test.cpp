#include "provider/manifest.hpp"

#include <gtest/gtest.h>

namespace bp::test {
namespace {

constexpr const char* kFull = R"({
  "manifest_version": "1.0",
  "provider": { "id": "com.acme.npu", "name": "Acme NPU", "vendor": "Acme", "version": "2.1.0", "license": "MIT" },
  "abi": { "major": 1, "min_minor": 0, "max_minor": 3 },
  "library": { "path": "libacme_npu.so", "sha256": "", "arch": "x86_64", "os": "linux" },
  "variants": [ { "path": "wide/libacme.so", "priority": 30, "requires": { "cpu": ["avx512f", "avx512bw"] } } ],
  "requires": { "shared_libraries": [ { "soname": "libacme.so.4", "hint": "install acme-runtime 4.x" } ] },
  "hints": { "priority": 50, "device_kinds": ["npu"] },
  "options": { "power_mode": "balanced", "units": 4, "ratio": 0.5, "quick": true },
  "isolation": "in_process"
})";

// A manifest whose parts are replaced.
std::string manifest(const std::string& part, const std::string& by) {
  std::string text = R"({"manifest_version":"1.0","provider":{"id":"a.b","version":"1"},"abi":{"major":1},)"
                     R"("library":{"path":"lib.so"}})";
  const size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), by);
}

ManifestError error_of(std::string_view text) {
  ManifestError error;
  EXPECT_FALSE(parse_manifest(text, &error).has_value()) << text;
  return error;
}

TEST(Manifest, ReadsEveryField) {
  ManifestError error;
  const auto read = parse_manifest(kFull, &error);
  ASSERT_TRUE(read) << error.text;
  EXPECT_EQ(read->id, "com.acme.npu");
  EXPECT_EQ(read->name, "Acme NPU");
  EXPECT_EQ(read->version, "2.1.0");
  EXPECT_EQ(read->abi_max_minor, 3U);
  EXPECT_EQ(read->library.path, "libacme_npu.so");
  ASSERT_EQ(read->variants.size(), 1U);
  EXPECT_EQ(read->variants[0].priority, 30);
  EXPECT_EQ(read->variants[0].arch, "x86_64");
  EXPECT_EQ(read->variants[0].cpu_features.size(), 2U);
  ASSERT_EQ(read->needs.size(), 1U);
  EXPECT_EQ(read->needs[0].hint, "install acme-runtime 4.x");
  EXPECT_EQ(read->priority, 50);
  EXPECT_EQ(read->device_kinds, (std::vector<std::string>{"npu"}));
  EXPECT_EQ(read->options.size(), 4U);
  EXPECT_TRUE(read->unknown_fields.empty());
}

TEST(Manifest, DefaultsAreFilledIn) {
  ManifestError error;
  const auto read = parse_manifest(manifest("1.0", "1.7"), &error);
  ASSERT_TRUE(read) << error.text;
  EXPECT_EQ(read->name, "b");
  EXPECT_EQ(read->abi_max_minor, 0U);
  EXPECT_EQ(read->isolation, "in_process");
}

TEST(Manifest, SyntaxErrorsHaveLineAndColumn) {
  const ManifestError error = error_of("{\n  \"manifest_version\": \"1.0\",\n  \"provider\": { oops }\n}");
  EXPECT_EQ(error.reason, OutcomeReason::kJsonSyntax);
  EXPECT_EQ(error.text.rfind("line 3, column 17: ", 0), 0U) << error.text;
  EXPECT_EQ(error_of("").reason, OutcomeReason::kJsonSyntax);
  EXPECT_EQ(error_of("{\"a\": \"\xff\"}").reason, OutcomeReason::kJsonSyntax);
}

TEST(Manifest, SizeAndDepthAreBounded) {
  const ManifestError deep = error_of(std::string(100000, '['));
  EXPECT_EQ(deep.reason, OutcomeReason::kJsonSyntax);
  EXPECT_NE(deep.text.find("deeper than 32"), std::string::npos);
  EXPECT_EQ(error_of(std::string(kMaxManifestBytes + 1, ' ')).reason, OutcomeReason::kUnreadable);
  // Brackets in a text are none.
  ManifestError error;
  EXPECT_TRUE(
      parse_manifest(manifest("\"a.b\"", "\"a.b\",\"name\":\"" + std::string(100, '[') + "\\\"\""), &error));
}

TEST(Manifest, UnknownFieldsAreShown) {
  ManifestError error;
  const auto read =
      parse_manifest(manifest("\"library\":{\"path\":\"lib.so\"}",
                              "\"library\":{\"path\":\"lib.so\",\"color\":1},\"extra\":{\"a\":[]}"),
                     &error);
  ASSERT_TRUE(read) << error.text;
  EXPECT_EQ(read->unknown_fields, (std::vector<std::string>{"/library/color", "/extra"}));
}

TEST(Manifest, AnUnknownMajorIsRejected) {
  EXPECT_EQ(error_of(manifest("\"1.0\"", "\"2.0\"")).reason, OutcomeReason::kManifestVersion);
  EXPECT_EQ(error_of(manifest("\"1.0\"", "\"one\"")).reason, OutcomeReason::kFieldInvalid);
}

struct Wrong {
  const char* part;
  const char* by;
  OutcomeReason reason;
  const char* text;
};

TEST(Manifest, WrongFieldsAreNamed) {
  const Wrong cases[] = {
      {"\"manifest_version\":\"1.0\",", "", OutcomeReason::kFieldMissing, "/manifest_version is missing"},
      {"\"id\":\"a.b\",", "", OutcomeReason::kFieldMissing, "/provider/id is missing"},
      {",\"version\":\"1\"", "", OutcomeReason::kFieldMissing, "/provider/version is missing"},
      {"{\"major\":1}", "{}", OutcomeReason::kFieldMissing, "/abi/major is missing"},
      {"{\"path\":\"lib.so\"}", "{}", OutcomeReason::kFieldMissing, "/library/path is missing"},
      {"\"a.b\"", "\"../b\"", OutcomeReason::kFieldInvalid, "/provider/id"},
      {"\"a.b\"", "7", OutcomeReason::kFieldInvalid, "/provider/id must be a text"},
      {"{\"major\":1}", "[]", OutcomeReason::kFieldInvalid, "/abi must be an object"},
      {"\"major\":1", "\"major\":1.5", OutcomeReason::kFieldInvalid, "/abi/major must be an integer"},
      {"\"major\":1", "\"major\":99999999999999999999", OutcomeReason::kFieldInvalid, "/abi/major"},
      {"\"major\":1", "\"major\":18446744073709551615", OutcomeReason::kFieldInvalid, "/abi/major"},
      {"\"major\":1", "\"major\":1,\"min_minor\":2,\"max_minor\":1", OutcomeReason::kFieldInvalid, "max_minor"},
      {"lib.so", "/lib.so", OutcomeReason::kInsecurePath, "/library/path must be relative"},
      {"lib.so", "a/../../lib.so", OutcomeReason::kInsecurePath, "leaves the manifest's folder"},
      {"lib.so", "..", OutcomeReason::kInsecurePath, "leaves the manifest's folder"},
      {"\"lib.so\"", "\"lib.so\",\"sha256\":\"abc\"", OutcomeReason::kFieldInvalid, "64 hexadecimal digits"},
      {"\"lib.so\"", "\"lib.so\\u0000x\"", OutcomeReason::kFieldInvalid, "zero byte"},
      {"\"abi\"", "\"variants\":{},\"abi\"", OutcomeReason::kFieldInvalid, "/variants must be a list"},
      {"\"abi\"", "\"variants\":[{}],\"abi\"", OutcomeReason::kFieldMissing, "/variants/0/path is missing"},
      {"\"abi\"", "\"options\":{\"a\":[]},\"abi\"", OutcomeReason::kFieldInvalid, "/options/a"},
      {"\"abi\"", "\"requires\":{\"shared_libraries\":[{\"soname\":\"a/b\"}]},\"abi\"",
       OutcomeReason::kFieldInvalid, "/requires/shared_libraries/0/soname"},
  };
  for (const Wrong& wrong : cases) {
    SCOPED_TRACE(wrong.by);
    const ManifestError error = error_of(manifest(wrong.part, wrong.by));
    EXPECT_EQ(error.reason, wrong.reason) << error.text;
    EXPECT_NE(error.text.find(wrong.text), std::string::npos) << error.text;
  }
  EXPECT_EQ(error_of("[]").reason, OutcomeReason::kFieldInvalid);
  EXPECT_EQ(error_of("null").reason, OutcomeReason::kFieldInvalid);
}

}  // namespace
}  // namespace bp::test
