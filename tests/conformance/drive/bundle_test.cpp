#include "drive/bundle.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

class BundleTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder_); }
  const fs::path folder_ = fs::temp_directory_path() / ("conformance_bundle_" + std::to_string(::getpid()));
};

TEST_F(BundleTest, ComesBack) {
  Bundle before;
  before.info.id = "onnx.node.test_relu";
  before.info.group = "onnx";
  before.info.folder = "/no/such/folder";
  before.target.manifest_path = "/p/acme.json";
  before.target.options = {{"speed", "fast"}};
  before.target.seed = 17;
  before.target.bundle_folder = folder_.string();
  write_replay((folder_ / "deep").string(), before);
  for (const fs::path& path : {folder_ / "deep", folder_ / "deep" / "replay.json"}) {
    const Bundle after = read_replay(path.string());
    EXPECT_EQ(after.info.id, before.info.id);
    EXPECT_EQ(after.info.folder, (folder_ / "deep").string());  // its own copy: the other is gone
    EXPECT_EQ(after.target.manifest_path, before.target.manifest_path);
    EXPECT_EQ(after.target.options, before.target.options);
    EXPECT_EQ(after.target.seed, 17u);
    EXPECT_TRUE(after.target.bundle_folder.empty());
  }
}

TEST_F(BundleTest, RefusesWhatIsNone) {
  fs::create_directories(folder_);
  EXPECT_THROW(read_replay(folder_.string()), std::runtime_error);
  std::ofstream(folder_ / "replay.json") << "{\"format\":\"something/1\"}";
  EXPECT_THROW(read_replay(folder_.string()), std::runtime_error);
  std::ofstream(folder_ / "replay.json") << "{";
  EXPECT_THROW(read_replay(folder_.string()), std::runtime_error);
}

}  // namespace
}  // namespace bp::conformance
