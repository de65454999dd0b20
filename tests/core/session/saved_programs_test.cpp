// Saved programs: written by one session, used by the next, refused when they are damaged.
#include <cstring>
#include <fstream>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class SavedPrograms : public SessionTest {
 protected:
  void SetUp() override {
    fake.make_saving();
    path = ::testing::TempDir() + "backplane_programs_" +
           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".bin";
  }
  void TearDown() override { std::filesystem::remove(path); }

  Model relu(int64_t size) {
    GraphBuilder builder;
    const ValueId x = builder.input("x", {size});
    builder.output(builder.node("Relu", {x}, {size}, {}, "y"));
    return model(builder);
  }
  Result<Session> session(const Model& relu_model, const std::string& programs = {}) {
    Environment made = environment(false);
    EXPECT_TRUE(made.register_provider(FakeProvider::open_function(), "Fake").ok());
    SessionOptions options;
    options.saved_programs = programs;
    return Session::create(made, relu_model, options);
  }
  std::string read() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& content) const { std::ofstream(path, std::ios::binary) << content; }

  FakeProvider fake;
  std::string path;
};

TEST_F(SavedPrograms, AreLoadedInsteadOfCompiled) {
  const Model four = relu(4);
  ASSERT_TRUE(session(four).value().save_programs(path).ok());
  int compiles = 0;
  fake.on_compile = [&](const bp_compile_args*) -> bp_status {
    ++compiles;
    return nullptr;
  };
  const Session again = session(four, path).value();
  EXPECT_EQ(compiles, 0);
  EXPECT_EQ(again.report().partitions[0].note, "loaded from saved programs");
  const Value x = floats({4}, {1, -2, 3, -4});
  EXPECT_EQ(numbers_of(again.run(std::span<const Value>(&x, 1)).value()[0]), (std::vector<float>{1, 0, 3, 0}));
}

TEST_F(SavedPrograms, OfAnotherModelAreNotUsedAndTheReportSaysSo) {
  ASSERT_TRUE(session(relu(4)).value().save_programs(path).ok());
  const Model five = relu(5);
  const Session other = session(five, path).value();
  EXPECT_NE(other.report().partitions[0].note.find("not among the saved programs"), std::string::npos);
}

TEST_F(SavedPrograms, DamagedFilesGiveAnErrorWhateverByteIsWrong) {
  const Model four = relu(4);
  ASSERT_TRUE(session(four).value().save_programs(path).ok());
  const std::string good = read();
  ASSERT_GT(good.size(), 88u);
  uint64_t index_size = 0;
  std::memcpy(&index_size, good.data() + 16, sizeof(index_size));
  const size_t covered = 88 + index_size;  // head and index; then come padding and sections
  for (size_t at = 0; at < good.size(); at += at < covered ? 7 : 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    write(bad);
    const auto made = session(four, path);
    EXPECT_TRUE(at >= covered || !made.ok()) << "byte " << at;
  }
  for (const size_t back : {1, 4}) {  // in the weight, the last section
    std::string bad = good;
    bad[good.size() - back] = static_cast<char>(bad[good.size() - back] ^ 1);
    write(bad);
    EXPECT_NE(session(four, path).status().message().find("weight"), std::string::npos);
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{87}, size_t{88}, good.size() / 2, good.size() - 1}) {
    write(good.substr(0, size));
    EXPECT_FALSE(session(four, path).ok()) << "cut to " << size;
  }
}

TEST_F(SavedPrograms, MissingFilesAndFoldersAreErrors) {
  const Model four = relu(4);
  EXPECT_EQ(session(four, "/no/such/file").status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(session(four).value().save_programs("/no/such/folder/programs").code(), ErrorCode::kIo);
}

TEST_F(SavedPrograms, ProvidersThatCannotSaveSaySo) {
  fake.table.artifact = nullptr;
  const Model four = relu(4);
  EXPECT_EQ(session(four).value().save_programs(path).code(), ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace bp::test
