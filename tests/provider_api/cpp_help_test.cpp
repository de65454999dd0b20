// The C++ help, part by part, against the fake host.
#include <backplane/provider_cpp/provider.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>

#include "fake_host_helper.hpp"
#include "tiny_graph_helper.hpp"

namespace bp::test {
namespace {

using namespace bp::sdk;

TEST(Array, StepsByTheWritersStride) {
  struct Newer {
    uint32_t known;
    uint32_t added;
  };
  const std::array<Newer, 3> written{Newer{1, 90}, Newer{2, 91}, Newer{3, 92}};
  const Array<uint32_t> read(bp_array{written.data(), written.size(), sizeof(Newer)});
  EXPECT_EQ(read.to_vector(), (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(read[2], 3u);
  EXPECT_EQ(std::accumulate(read.begin(), read.end(), 0u), 6u);
  EXPECT_EQ(std::distance(read.begin(), read.end()), 3);
}

TEST(Array, OfNothingIsEmpty) {
  const Array<uint64_t> none(bp_array{});
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
  EXPECT_TRUE(none.to_vector().empty());
}

TEST(View, ReadsTextWithoutATerminator) {
  const std::array<char, 3> letters{'a', 'b', 'c'};
  EXPECT_EQ(view(bp_string{letters.data(), 2}), "ab");
  EXPECT_EQ(view(bp_string{nullptr, 0}), "");
}

TEST(Message, JoinsTextAndNumbers) {
  EXPECT_EQ(message("input ", 1, " of '", std::string("conv"), "' has ", int64_t{-4}, " dims"),
            "input 1 of 'conv' has -4 dims");
}

TEST(ElementType, KnowsEveryTypeOfTheHeaders) {
  EXPECT_EQ(element_type(BP_TYPE_FLOAT32).name, "float32");
  EXPECT_EQ(element_type(BP_TYPE_FLOAT8_E5M2FNUZ).name, "float8e5m2fnuz");
  EXPECT_EQ(element_type(BP_TYPE_INT2).name, "int2");
  EXPECT_EQ(element_type(1000).name, "unknown");
  EXPECT_EQ(size_bytes(BP_TYPE_INT4, 3), 2u);
  EXPECT_EQ(size_bytes(BP_TYPE_UINT2, 5), 2u);
  EXPECT_EQ(size_bytes(BP_TYPE_COMPLEX128, 2), 32u);
  EXPECT_EQ(size_bytes(BP_TYPE_STRING, 2), 0u);
}

TEST(Guard, KeepsTheCodeOfAnError) {
  FakeHost fake;
  const Host host(fake.table());
  const bp_status status = guard(host, [] { throw Error(BP_STATUS_UNSUPPORTED, "no such shape", -7); });
  EXPECT_EQ(fake.table()->status_provider_code(fake.table(), status), -7);
  EXPECT_EQ(fake.take(status), std::make_pair(BP_STATUS_UNSUPPORTED, std::string("no such shape")));
  EXPECT_EQ(guard(host, [] {}), nullptr);
  EXPECT_EQ(fake.take(guard(host, [] { throw std::out_of_range("index"); })).first, BP_STATUS_INTERNAL);
  EXPECT_EQ(fake.live_statuses, 0);
}

TEST(Guard, PassesAStatusOn) {
  FakeHost fake;
  const Host host(fake.table());
  EXPECT_EQ(fake.take(guard(host, [&] { return host.make_status(BP_STATUS_IO, "disk"); })),
            std::make_pair(BP_STATUS_IO, std::string("disk")));
}

TEST(Host, TurnsAStatusIntoAnErrorAndReleasesIt) {
  FakeHost fake;
  const Host host(fake.table());
  host.check(nullptr);
  try {
    host.check(host.make_status(BP_STATUS_CANCELLED, "stop", 3));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), BP_STATUS_CANCELLED);
    EXPECT_EQ(error.provider_code(), 3);
    EXPECT_STREQ(error.what(), "stop");
  }
  EXPECT_EQ(fake.live_statuses, 0);
}

TEST(Host, LogsAndAsksForCancel) {
  FakeHost fake;
  const Host host(fake.table());
  fake.log_level = BP_LOG_WARNING;
  EXPECT_FALSE(host.logs(BP_LOG_INFO));
  EXPECT_TRUE(host.logs(BP_LOG_WARNING));
  host.check_cancel(nullptr);
  fake.cancelled = true;
  EXPECT_THROW(host.check_cancel(nullptr), Error);
}

TEST(Host, PlansMemory) {
  FakeHost fake;
  bp_interval interval{};
  interval.struct_size = BP_STRUCT_SIZE(bp_interval, alignment);
  interval.size = 10;
  interval.alignment = 8;
  uint64_t total = 0;
  EXPECT_EQ(Host(fake.table()).plan({interval, interval}, &total), (std::vector<uint64_t>{0, 16}));
  EXPECT_EQ(total, 26u);
}

TEST(Services, LoopStopsExceptionsOfItsBody) {
  FakeHost fake;
  const Host host(fake.table());
  std::vector<int> seen(10);
  parallel_for(host, 10, 3, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_EQ(seen, std::vector<int>(10, 1));
  EXPECT_THROW(parallel_for(host, 10, 3,
                            [](uint64_t begin, uint64_t) {
                              if (begin > 0) throw Error(BP_STATUS_IO, "piece");
                            }),
               Error);
  EXPECT_EQ(fake.live_statuses, 0);
}

TEST(Services, WritesOnnx) {
  FakeHost fake;
  EXPECT_EQ(to_onnx(Host(fake.table()), bp_graph{}, 0), "onnx");
}

class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    x_ = graph_.value("x", BP_TYPE_FLOAT32, {2, -1});
    y_ = graph_.value("y", BP_TYPE_FLOAT32, {2, -1});
    graph_.node("Conv", {x_, BP_NONE}, {y_, BP_NONE});
    graph_.int_attribute("group", 4);
    graph_.float_attribute("alpha", 0.5f);
    graph_.string_attribute("auto_pad", "SAME_UPPER");
    graph_.ints_attribute("strides", {2, 3});
  }
  TinyGraph graph_;
  uint32_t x_ = 0;
  uint32_t y_ = 0;
};

TEST_F(NodeTest, ReadsAttributesAndFallsBack) {
  const Node node(graph_.view({x_}, {y_}), 0);
  EXPECT_EQ(node.get_int("group"), 4);
  EXPECT_EQ(node.get_int("absent", 7), 7);
  EXPECT_EQ(node.get_float("alpha", 1.0f), 0.5f);
  EXPECT_EQ(node.get_string("auto_pad", "NOTSET"), "SAME_UPPER");
  EXPECT_EQ(node.get_ints("strides"), (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(node.get_ints("absent").empty());
  EXPECT_TRUE(node.get_strings("absent").empty());
  EXPECT_EQ(node.get_tensor("absent"), nullptr);
  EXPECT_TRUE(node.is("Conv"));
  EXPECT_EQ(node.label(), "Conv 'node_0'");
}

TEST_F(NodeTest, NamesAnAttributeOfTheWrongType) {
  const Node node(graph_.view({x_}, {y_}), 0);
  try {
    static_cast<void>(node.get_int("auto_pad", 1));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), BP_STATUS_INVALID_MODEL);
    EXPECT_STREQ(error.what(), "Conv 'node_0': attribute 'auto_pad' must be INT, is STRING");
  }
  EXPECT_THROW(static_cast<void>(node.get_int("absent")), Error);
}

TEST_F(NodeTest, FindsOmittedValues) {
  const Node node(graph_.view({x_}, {y_}), 0);
  EXPECT_EQ(node.input(0)->element_type, BP_TYPE_FLOAT32);
  EXPECT_EQ(node.input(1), nullptr);
  EXPECT_EQ(node.input(9), nullptr);
  EXPECT_EQ(node.output_index(0), y_);
  EXPECT_EQ(node.output(1), nullptr);
  EXPECT_EQ(dims(*node.input(0))[1].size, BP_UNKNOWN);
}

TEST(Constant, IsReleasedOnceThoughMoved) {
  FakeHost fake;
  const std::array<uint16_t, 2> data{1, 2};
  bp_tensor tensor{};
  tensor.data = data.data();
  tensor.size_bytes = sizeof data;
  fake.constants[3] = tensor;
  {
    Constant first(Host(fake.table()), nullptr, 3);
    Constant second = std::move(first);
    Constant third(Host(fake.table()), nullptr, 3);
    third = std::move(second);
    EXPECT_EQ(copy_elements<uint16_t>(third.tensor()), (std::vector<uint16_t>{1, 2}));
    EXPECT_THROW(static_cast<void>(copy_elements<uint64_t>(third.tensor())), Error);
    EXPECT_EQ(fake.acquired_constants, 2);
  }
  EXPECT_EQ(fake.acquired_constants, 0);
  EXPECT_THROW(Constant(Host(fake.table()), nullptr, 99), Error);
  EXPECT_EQ(fake.acquired_constants, 0);
  EXPECT_EQ(fake.live_statuses, 0);
}

TEST(Verdict, IsSupportedWithoutAReason) {
  bp_verdict_sink sink{};
  std::vector<bp_verdict> seen;
  sink.user = &seen;
  sink.report = [](void* user, const bp_verdict* verdict) {
    static_cast<std::vector<bp_verdict>*>(user)->push_back(*verdict);
  };
  Verdict verdict(4);
  verdict.want(1, BP_WANT_HOST).cost_ns(10).group(2).report(sink, 3);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].kind, BP_VERDICT_SUPPORTED);
  EXPECT_EQ(seen[0].node, 4u);
  EXPECT_EQ(seen[0].group, 2u);
  EXPECT_EQ(seen[0].input_wants.count, 3u);
  EXPECT_EQ(seen[0].workspace_bytes, BP_UNKNOWN);
}

TEST(Verdict, KeepsEveryReasonsText) {
  bp_verdict_sink sink{};
  std::vector<std::string> seen;
  sink.user = &seen;
  sink.report = [](void* user, const bp_verdict* verdict) {
    for (const bp_reason& reason : Array<bp_reason>(verdict->reasons)) {
      static_cast<std::vector<std::string>*>(user)->emplace_back(
          message(reason.code, " ", reason.output == BP_NONE ? 0 : 1, " ", view(reason.text)));
    }
  };
  Verdict verdict(0);
  for (int i = 0; i < 20; ++i) verdict.reject(BP_REASON_OTHER, message("short ", i));
  verdict.reject_output(BP_REASON_RANK, 0, "rank");
  EXPECT_FALSE(verdict.supported());
  verdict.report(sink, 1);
  ASSERT_EQ(seen.size(), 21u);
  EXPECT_EQ(seen[0], "12 0 short 0");
  EXPECT_EQ(seen[20], "4 1 rank");
}

TEST(Options, ReadsTypedValues) {
  std::array<bp_option, 2> given{};
  given[0].kind = BP_OPTION_INT;
  given[0].name = abi("level");
  given[0].int_value = 3;
  given[1].kind = BP_OPTION_CHOICE;
  given[1].name = abi("mode");
  given[1].string_value = abi("fast");
  const Options options(bp_array{given.data(), given.size(), sizeof(bp_option)});
  EXPECT_EQ(options.get_int("level", 1), 3);
  EXPECT_EQ(options.get_string("mode", "slow"), "fast");
  EXPECT_EQ(options.get_bool("absent", true), true);
  EXPECT_EQ(options.get_double("absent", 0.5), 0.5);
  EXPECT_THROW(static_cast<void>(options.get_double("level", 0.5)), Error);
}

TEST(Options, ListsThemWithDefaults) {
  EXPECT_EQ(int_option("level", "How hard to try", 2, 0, 9).int_max, 9);
  EXPECT_EQ(bool_option("quiet", "Say nothing", true).int_default, 1);
  EXPECT_EQ(double_option("ratio", "Of both", 0.25, 0, 1).double_default, 0.25);
  EXPECT_EQ(view(string_option("path", "Where", "here").string_default), "here");
}

}  // namespace
}  // namespace bp::test
