// Tests core/src/load/external_data.cpp and the external tensors of convert_tensor.cpp.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "model_helper.hpp"

namespace bp {
namespace {

using test::TempFolder;
using testing::HasSubstr;

struct External {
  std::string location;
  std::string offset;
  std::string length;
};

onnx::ModelProto external_model(const External& data, std::initializer_list<int64_t> dims = {2}) {
  onnx::ModelProto proto = test::make_model();
  onnx::TensorProto* tensor = test::add_initializer(*proto.mutable_graph(), "w", dims, 1);
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", data.location);
  add("offset", data.offset);
  add("length", data.length);
  return proto;
}

std::string error(const TempFolder& folder, const onnx::ModelProto& proto) {
  const Result<LoadedModel> model = load_model_file(folder.write("m.onnx", proto));
  EXPECT_FALSE(model.ok());
  return model.status().to_string();
}

TEST(ExternalData, IsMappedFromTheModelsFolder) {
  const TempFolder folder;
  folder.write("data/w.bin", "abcdefghijkl");
  const auto model = load_model_file(folder.write("m.onnx", external_model({"data/w.bin", "4", "8"})));
  ASSERT_TRUE(model.ok()) << model.status().message();
  const TensorPtr tensor = model->graph->value(0).constant;
  EXPECT_EQ(std::memcmp(tensor->bytes.data(), "efghijkl", 8), 0);
  EXPECT_EQ(tensor->file.offset, 4U);
  EXPECT_THAT(tensor->file.path, HasSubstr("data/w.bin"));
}

TEST(ExternalData, LengthMayBeLeftOut) {
  const TempFolder folder;
  folder.write("w.bin", "abcdefghijkl");
  EXPECT_TRUE(load_model_file(folder.write("m.onnx", external_model({"w.bin", "", ""}))).ok());
}

TEST(ExternalData, BytesNeedAFolder) {
  const TempFolder folder;
  folder.write("w.bin", "abcdefgh");
  const onnx::ModelProto proto = external_model({"w.bin", "", ""});
  EXPECT_THAT(test::load_error(proto), HasSubstr("a model from memory has none"));
  LoadOptions options;
  options.external_data_root = folder.path();
  EXPECT_TRUE(test::load(proto, options).ok());
}

TEST(ExternalData, ReachesBeyondTwoGib) {
  const TempFolder folder;
  const std::string path = folder.write("w.bin", "");
  const uint64_t offset = (uint64_t{3} << 30) + 5;
  const int fd = ::open(path.c_str(), O_WRONLY);
  ASSERT_EQ(::pwrite(fd, "ABCDEFGH", 8, static_cast<off_t>(offset)), 8);  // sparse: takes one block
  ::close(fd);
  const auto small =
      load_model_file(folder.write("m.onnx", external_model({"w.bin", std::to_string(offset), "8"})));
  ASSERT_TRUE(small.ok()) << small.status().message();
  EXPECT_EQ(std::memcmp(small->graph->value(0).constant->bytes.data(), "ABCDEFGH", 8), 0);
  const onnx::ModelProto big = external_model({"w.bin", "", ""}, {600, 1024, 1024});  // 2.3 GiB
  const auto large = load_model_file(folder.write("m.onnx", big));
  ASSERT_TRUE(large.ok()) << large.status().message();
  EXPECT_EQ(large->graph->value(0).constant->bytes.size(), uint64_t{600} << 22);
}

TEST(ExternalDataErrors, MissingOrTooShort) {
  const TempFolder folder;
  EXPECT_THAT(error(folder, external_model({"no.bin", "", ""})),
              HasSubstr("NOT_FOUND: '" + (folder.path() / "m.onnx").string() +
                        "': initializer 'w': cannot open external data 'no.bin'"));
  folder.write("w.bin", "abcdefg");
  EXPECT_THAT(error(folder, external_model({"w.bin", "", ""})),
              HasSubstr("external data 'w.bin' has 7 bytes, the tensor needs 8 from byte 0"));
  EXPECT_THAT(error(folder, external_model({"w.bin", "18446744073709551615", ""})), HasSubstr("has 7 bytes"));
  EXPECT_THAT(error(folder, external_model({"w.bin", "99999999999999999999999", ""})),
              HasSubstr("is no number"));
  EXPECT_THAT(error(folder, external_model({"w.bin", "-1", ""})), HasSubstr("offset '-1' is no number"));
  EXPECT_THAT(error(folder, external_model({"w.bin", "", "4"})),
              HasSubstr("float32[2] needs 8 bytes, external data has 4"));
  EXPECT_THAT(error(folder, external_model({"", "", ""})), HasSubstr("has no location"));
}

TEST(ExternalDataErrors, NothingOutsideTheFolderIsOpened) {
  const TempFolder outside;
  const std::string secret = outside.write("secret", "abcdefgh");
  const TempFolder folder;
  folder.write("sub/inside", "abcdefgh");
  EXPECT_THAT(error(folder, external_model({secret, "", ""})), HasSubstr("is absolute"));
  EXPECT_THAT(error(folder, external_model({"../secret", "", ""})), HasSubstr("leaves the model's folder"));
  EXPECT_THAT(error(folder, external_model({"sub/../sub/inside", "", ""})),
              HasSubstr("leaves the model's folder"));
  std::filesystem::create_symlink(secret, folder.path() / "link");
  EXPECT_THAT(error(folder, external_model({"link", "", ""})),
              HasSubstr("is a link that leaves the model's folder"));
  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "dir");
  EXPECT_THAT(error(folder, external_model({"dir/secret", "", ""})), HasSubstr("link that leaves"));
  std::filesystem::create_symlink("sub/inside", folder.path() / "good");
  EXPECT_TRUE(load_model_file(folder.write("m.onnx", external_model({"good", "", ""}))).ok());
}

TEST(ExternalDataErrors, OnlyRegularFilesAreRead) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "d");
  EXPECT_THAT(error(folder, external_model({"d", "", ""})), HasSubstr("is a folder"));
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error(folder, external_model({"pipe", "", ""})), HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace bp
