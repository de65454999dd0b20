#include "provider/discovery.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "plugin_folder_helper.hpp"
#include "provider/search_places.hpp"

namespace bp::test {
namespace {

class Discovery : public ::testing::Test {
 protected:
  // The default places, all inside `root`.
  DiscoveryOptions surroundings() {
    DiscoveryOptions options;
    options.get_environment = [this](const char* name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
    options.secure_mode = false;
    options.core_folder = root / "core";
    options.system_folder = root / "etc";
    return options;
  }
  std::vector<std::string> rules(const DiscoveryOptions& options) {
    std::vector<std::string> rules;
    for (const FoundManifest& found : discover_manifests(options)) rules.push_back(found.outcome.rule);
    return rules;
  }
  void put(const std::string& folder, const std::string& id) {
    root.write_manifest(folder + "/" + id + ".json", id, "lib.so");
  }

  PluginFolder root;
  std::map<std::string, std::string> environment;
};

TEST_F(Discovery, SearchesInTheDocumentedOrder) {
  environment = {{"XDG_DATA_HOME", root / "home"}, {"XDG_DATA_DIRS", (root / "d1") + ":" + (root / "d2")}};
  put("given", "p.given");
  put("core/backplane/providers.d", "p.core");
  put("home/backplane/providers.d", "p.home");
  put("etc", "p.etc");
  put("d1/backplane/providers.d", "p.d1");
  put("d2/backplane/providers.d", "p.d2");
  DiscoveryOptions options = surroundings();
  options.plugin_paths = {root / "given"};
  const auto found = discover_manifests(options);
  std::vector<std::string> ids;
  for (const FoundManifest& entry : found) {
    ids.push_back(entry.outcome.id);
    EXPECT_EQ(entry.outcome.state, OutcomeState::kAvailable) << entry.outcome.text;
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"p.given", "p.core", "p.home", "p.etc", "p.d1", "p.d2"}));
}

TEST_F(Discovery, EnvironmentPathsAddAndReplace) {
  put("core/backplane/providers.d", "p.core");
  put("env", "p.env");
  put("add", "p.add");
  environment["BACKPLANE_ADD_PROVIDER_PATH"] = root / "add";
  EXPECT_EQ(rules(surroundings()), (std::vector<std::string>{"BACKPLANE_ADD_PROVIDER_PATH", "core library"}));
  environment["BACKPLANE_PROVIDER_PATH"] = root / "env";
  EXPECT_EQ(rules(surroundings()),
            (std::vector<std::string>{"BACKPLANE_ADD_PROVIDER_PATH", "BACKPLANE_PROVIDER_PATH"}));
}

TEST_F(Discovery, ARelativePlaceInTheEnvironmentIsIgnoredAloud) {
  environment["BACKPLANE_PROVIDER_PATH"] = "plugins";
  const auto found = discover_manifests(surroundings());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome.state, OutcomeState::kDisabled);
  EXPECT_EQ(found[0].outcome.reason, OutcomeReason::kInsecurePath);
}

TEST_F(Discovery, TheFirstWithAnIdWinsByFileName) {
  root.write_manifest("b.json", "p.same", "lib.so");
  root.write_manifest("a.json", "p.same", "lib.so");
  root.write("notes.txt", "no manifest");
  const auto found = discover_manifests(only({root.path().string()}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].outcome.path, root / "a.json");
  EXPECT_EQ(found[0].outcome.state, OutcomeState::kAvailable);
  EXPECT_EQ(found[1].outcome.state, OutcomeState::kShadowed);
  EXPECT_EQ(found[1].outcome.shadowed_by, root / "a.json");
}

TEST_F(Discovery, OneFileFoundTwiceIsOneCandidate) {
  put("given", "p.given");
  EXPECT_EQ(discover_manifests(only({root / "given", (root / "given") + "/p.given.json"})).size(), 1U);
}

TEST_F(Discovery, GlobsSelectAndDisable) {
  put("core/backplane/providers.d", "com.acme.npu");
  put("core/backplane/providers.d", "com.acme.gpu");
  put("core/backplane/providers.d", "org.other");
  environment["BACKPLANE_PROVIDERS_SELECT"] = "com.acme.*";
  environment["BACKPLANE_PROVIDERS_DISABLE"] = "*.gpu";
  std::map<std::string, OutcomeReason> reasons;
  for (const FoundManifest& found : discover_manifests(surroundings())) {
    reasons[found.outcome.id] = found.outcome.reason;
  }
  EXPECT_EQ(reasons["com.acme.npu"], OutcomeReason::kNone);
  EXPECT_EQ(reasons["com.acme.gpu"], OutcomeReason::kDisabledByUser);
  EXPECT_EQ(reasons["org.other"], OutcomeReason::kNotSelected);
}

TEST_F(Discovery, SecureModeIgnoresEnvironmentAndUserFoldersAndSaysSo) {
  environment = {{"BACKPLANE_PROVIDER_PATH", root / "env"},
                 {"BACKPLANE_PROVIDERS_DISABLE", "*"},
                 {"XDG_DATA_HOME", root / "home"}};
  put("env", "p.env");
  put("home/backplane/providers.d", "p.home");
  put("core/backplane/providers.d", "p.core");
  DiscoveryOptions options = surroundings();
  options.secure_mode = true;
  size_t ignored = 0;
  std::vector<std::string> ids;
  for (const FoundManifest& found : discover_manifests(options)) {
    ignored += found.outcome.reason == OutcomeReason::kSecureMode ? 1 : 0;
    if (found.outcome.state == OutcomeState::kAvailable) ids.push_back(found.outcome.id);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"p.core"}));
  EXPECT_EQ(ignored, 3U);
}

TEST_F(Discovery, SystemFoldersThatOthersCanWriteAreRefused) {
  put("etc", "p.etc");
  ASSERT_EQ(::chmod((root / "etc").c_str(), 0777), 0);
  auto found = discover_manifests(surroundings());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].outcome.reason, OutcomeReason::kInsecurePath);
  EXPECT_NE(found[0].outcome.text.find("everybody"), std::string::npos);
  ASSERT_EQ(::chmod((root / "etc").c_str(), 0755), 0);
  ASSERT_EQ(::chmod((root / "etc/p.etc.json").c_str(), 0666), 0);
  found = discover_manifests(surroundings());
  EXPECT_EQ(found[0].outcome.reason, OutcomeReason::kInsecurePath);
  // What the user names is the user's own affair.
  EXPECT_EQ(discover_manifests(only({root / "etc"}))[0].outcome.state, OutcomeState::kAvailable);
}

TEST_F(Discovery, MissingAndOddPlacesAreOutcomes) {
  root.write("bad.json", "{");
  root.write_manifest("newer.json", "p.newer", "lib.so", "");
  root.write("newer2.json", R"({"manifest_version":"1.0","provider":{"id":"p.abi","version":"1"},)"
                            R"("abi":{"major":2},"library":{"path":"a.so"}})");
  root.write("older.json", R"({"manifest_version":"1.0","provider":{"id":"p.old","version":"1"},)"
                           R"("abi":{"major":0},"library":{"path":"a.so"}})");
  root.write("minor.json", R"({"manifest_version":"1.0","provider":{"id":"p.minor","version":"1"},)"
                           R"("abi":{"major":1,"min_minor":7,"max_minor":9},"library":{"path":"a.so"}})");
  root.write_manifest("process.json", "p.process", "lib.so", "", R"(, "isolation": "process")");
  std::filesystem::create_directory(root.path() / "folder.json");
  std::map<std::string, OutcomeReason> reasons;
  for (const FoundManifest& found : discover_manifests(only({root / "nowhere", root.path().string()}))) {
    reasons[std::filesystem::path(found.outcome.path).filename()] = found.outcome.reason;
    EXPECT_EQ(found.outcome.text.empty(), found.outcome.state == OutcomeState::kAvailable);
  }
  EXPECT_EQ(reasons["nowhere"], OutcomeReason::kFileMissing);
  EXPECT_EQ(reasons["bad.json"], OutcomeReason::kJsonSyntax);
  EXPECT_EQ(reasons["newer2.json"], OutcomeReason::kAbiRange);
  EXPECT_EQ(reasons["older.json"], OutcomeReason::kAbiRange);
  EXPECT_EQ(reasons["minor.json"], OutcomeReason::kAbiRange);
  EXPECT_EQ(reasons["process.json"], OutcomeReason::kIsolation);
  EXPECT_EQ(reasons["folder.json"], OutcomeReason::kUnreadable);
  EXPECT_EQ(reasons["newer.json"], OutcomeReason::kNone);
}

TEST_F(Discovery, ARejectedManifestShadowsNobody) {
  root.write("a.json", R"({"manifest_version":"2.0","provider":{"id":"p.same","version":"1"}})");
  root.write_manifest("b.json", "p.same", "lib.so");
  const auto found = discover_manifests(only({root.path().string()}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].outcome.reason, OutcomeReason::kManifestVersion);
  EXPECT_EQ(found[1].outcome.state, OutcomeState::kAvailable);
}

}  // namespace
}  // namespace bp::test
