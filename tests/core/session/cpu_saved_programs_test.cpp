// Saved programs of the CPU provider: packed weights come from the file, results stay the same.
#include <fstream>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class CpuSavedPrograms : public SessionTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
    path = ::testing::TempDir() + "backplane_cpu_programs_" +
           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".bin";
  }
  void TearDown() override { std::filesystem::remove(path); }

  static std::vector<float> made_up(size_t count, uint32_t seed) {
    std::vector<float> numbers(count);
    for (float& number : numbers) {
      seed = seed * 1664525u + 1013904223u;
      number = static_cast<float>(seed >> 8) / static_cast<float>(1u << 24) - 0.5f;
    }
    return numbers;
  }
  // Two convolutions; `height` -1 leaves it open.
  Model net(int64_t height = 12, uint32_t seed = 1) {
    GraphBuilder builder;
    const auto less = [](int64_t size, int64_t by) { return size < 0 ? -1 : size - by; };
    const ValueId x = builder.input("x", {1, 16, height, 12});
    const ValueId w1 = builder.floats("w1", {32, 16, 3, 3}, made_up(32 * 16 * 9, seed));
    const ValueId b1 = builder.floats("b1", {32}, made_up(32, seed + 1));
    const ValueId w2 = builder.floats("w2", {16, 32, 3, 3}, made_up(16 * 32 * 9, seed + 2));
    const ValueId c1 = builder.node("Conv", {x, w1, b1}, {1, 32, less(height, 2), 10});
    const ValueId r1 = builder.node("Relu", {c1}, {1, 32, less(height, 2), 10});
    builder.output(builder.node("Conv", {r1, w2}, {1, 16, less(height, 4), 8}));
    return model(builder);
  }
  Result<Session> session(const Model& made, const std::string& programs = {}) {
    SessionOptions options;
    options.threads = 1;
    options.saved_programs = programs;
    return Session::create(environment(), made, options);
  }
  static std::vector<float> run(const Session& session, int64_t height = 12) {
    const Value x = floats({1, 16, height, 12}, made_up(static_cast<size_t>(16 * height * 12), 7));
    return numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]);
  }
  std::string read() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string path;
};

TEST_F(CpuSavedPrograms, GiveTheSameResultsWithoutPacking) {
  const Model two_convolutions = net();
  const Session first = session(two_convolutions).value();
  ASSERT_TRUE(first.save_programs(path).ok());
  const auto listed = list_saved_programs(path).value();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].provider, "backplane.cpu");
  EXPECT_GE(listed[0].weight_bytes, uint64_t{2 * 16 * 32 * 9 * sizeof(float)});  // both packed

  const Session again = session(two_convolutions, path).value();
  EXPECT_EQ(again.report().partitions[0].note, "loaded from saved programs");
  EXPECT_EQ(run(again), run(first));

  // What was loaded can be saved again, with the same packed weights.
  const std::string copy = path + ".again";
  ASSERT_TRUE(again.save_programs(copy).ok());
  EXPECT_EQ(list_saved_programs(copy).value()[0].weight_bytes, listed[0].weight_bytes);
  std::filesystem::remove(copy);
}

TEST_F(CpuSavedPrograms, SavedBeforeShapesAreSettledPackWhenTheyAre) {
  const Model open = net(-1);
  const Session first = session(open).value();
  ASSERT_TRUE(first.save_programs(path).ok());
  EXPECT_EQ(list_saved_programs(path).value()[0].weight_bytes, 0u);
  const std::vector<float> expected = run(first);
  const Session unpacked = session(open, path).value();
  EXPECT_EQ(unpacked.report().partitions[0].note, "loaded from saved programs");
  EXPECT_EQ(run(unpacked), expected);

  ASSERT_TRUE(first.save_programs(path).ok());  // knows one shape by now
  const Session packed = session(open, path).value();
  EXPECT_GT(list_saved_programs(path).value()[0].weight_bytes, 0u);
  EXPECT_EQ(run(packed), expected);
  EXPECT_EQ(run(packed, 9), run(first, 9));  // a shape that was not saved
}

TEST_F(CpuSavedPrograms, OfOtherWeightsAreNotUsed) {
  ASSERT_TRUE(session(net(12, 1)).value().save_programs(path).ok());
  const Model other = net(12, 50);
  const Session made = session(other, path).value();
  EXPECT_NE(made.report().partitions[0].note.find("not among the saved programs"), std::string::npos);
}

TEST_F(CpuSavedPrograms, FlippedBitsAndCutFilesGiveErrors) {
  const Model two_convolutions = net();
  const Session first = session(two_convolutions).value();
  ASSERT_TRUE(first.save_programs(path).ok());
  const std::vector<float> expected = run(first);
  const std::string good = read();
  uint32_t refused = 0;
  for (size_t at = 0; at < good.size(); at += 509) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    const auto made = session(two_convolutions, path);
    if (made.ok())
      EXPECT_EQ(run(*made), expected) << "byte " << at;  // padding between sections
    else
      ++refused;
  }
  EXPECT_GT(refused, good.size() / 509 / 2);
  for (const size_t size : {good.size() - 1, good.size() / 2, size_t{100}}) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << good.substr(0, size);
    EXPECT_FALSE(session(two_convolutions, path).ok()) << "cut to " << size;
  }
}

}  // namespace
}  // namespace bp::test
