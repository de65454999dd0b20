// Profiles: the spans of runs, partitions and what providers report inside them.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

struct Span {
  std::string name;
  std::string track;
  std::string row;  // of a stream; empty: a thread
  double begin_us = 0;
  double end_us = 0;

  bool lies_in(const Span& other) const { return begin_us >= other.begin_us && end_us <= other.end_us; }
};

class ProfileTest : public SessionTest {
 protected:
  void SetUp() override {
    options.profile_path = ::testing::TempDir() + "backplane_trace_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".json";
    options.optimization = OptimizationLevel::kNone;
  }
  void TearDown() override { std::filesystem::remove(options.profile_path); }

  // Steps as they are in the file: the provider would make one of two.
  void keep_steps_apart() { options.options["cpu.fusion"] = "false"; }

  // z = Neg(Relu(x))
  Model two_nodes(const std::string& relu = "the relu") {
    GraphBuilder builder;
    const ValueId in = builder.input("x", {4});
    builder.output(builder.node("Neg", {builder.node("Relu", {in}, {4}, {}, "y")}, {4}, {}, "z"));
    Graph& graph = builder.graph();
    graph.node(graph.topological_order()[0]).name = relu;
    graph.node(graph.topological_order()[1]).name = "the neg";
    return model(builder);
  }

  std::vector<Span> written(const Session& session) const {
    EXPECT_TRUE(session.write_profile().ok());
    std::ifstream file(options.profile_path);
    const auto events = nlohmann::json::parse(file).at("traceEvents");
    std::map<int, std::string> tracks;
    std::map<std::pair<int, int>, std::string> rows;
    for (const auto& event : events) {
      if (event["name"] == "process_name") tracks[event["pid"]] = event["args"]["name"];
      if (event["name"] == "thread_name") rows[{event["pid"], event["tid"]}] = event["args"]["name"];
    }
    std::vector<Span> spans;
    for (const auto& event : events)
      if (event["ph"] == "X")
        spans.push_back({event["name"], tracks.at(event["pid"]), rows[{event["pid"], event["tid"]}],
                         event["ts"], event["ts"].get<double>() + event["dur"].get<double>()});
    return spans;
  }

  static const Span& find(const std::vector<Span>& spans, std::string_view name) {
    for (const Span& span : spans)
      if (span.name == name) return span;
    throw std::runtime_error("no span '" + std::string(name) + "'");
  }

  static size_t count(const std::vector<Span>& spans, std::string_view name) {
    return static_cast<size_t>(
        std::count_if(spans.begin(), spans.end(), [&](const Span& span) { return span.name == name; }));
  }

  SessionOptions options;
  const Value x = floats({4}, {1, -2, 3, 0.5f});
};

TEST_F(ProfileTest, AStepOfTheCpuIsNamedByItsNodesAndLiesInItsPartition) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  keep_steps_apart();
  const Session session = Session::create(environment(), two_nodes(), options).value();
  for (int run = 0; run < 2; ++run) ASSERT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_input("x", x).ok());
  ASSERT_TRUE(session.run(binding).ok());

  const std::vector<Span> spans = written(session);
  EXPECT_EQ(spans.size(), 12u);
  for (const char* name : {"the relu: Relu", "the neg: Neg", "partition 0", "run"})
    EXPECT_EQ(count(spans, name), 3u) << name;
  const Span& partition = find(spans, "partition 0");
  EXPECT_TRUE(find(spans, "the relu: Relu").lies_in(partition));
  EXPECT_TRUE(find(spans, "the neg: Neg").lies_in(partition));
  EXPECT_LE(find(spans, "the relu: Relu").end_us, find(spans, "the neg: Neg").begin_us);
  EXPECT_TRUE(partition.lies_in(find(spans, "run")));
  EXPECT_EQ(find(spans, "the relu: Relu").track, "CPU:0");
}

TEST_F(ProfileTest, NamesThatAreNotTextAreWritten) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  keep_steps_apart();
  const Session session = Session::create(environment(), two_nodes("\xff\xfe"), options).value();
  ASSERT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
  EXPECT_EQ(written(session).size(), 4u);
}

// A device whose clock is an hour behind and which knows its spans only after the event.
constexpr uint64_t kBehindNs = 3'600'000'000'000;
FakeProvider* late = nullptr;
uint64_t last_run_ns = 0;
uint32_t last_profile = 0;
int reports = 0;

uint64_t clock_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}

bp_status sample_late_clock(bp_device, uint64_t* device_ns, uint64_t* host_ns) {
  *host_ns = clock_ns();
  *device_ns = *host_ns - kBehindNs;
  return nullptr;
}

bp_status report_late_spans(bp_context, bp_run_token token) {
  ++reports;
  const uint64_t begin = last_run_ns - kBehindNs;
  late->host->trace_span(late->host, token, nullptr, abi_text("kernel"), begin, begin + 1000, 1);
  return nullptr;
}

class LateSpans : public ProfileTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
    ProfileTest::SetUp();
    late = &fake;
    reports = 0;
    fake.make_asynchronous();
    fake.device_api.sample_clock = sample_late_clock;
    fake.program_api.report_spans = report_late_spans;
    fake.on_run = [](const bp_run_args* args) -> bp_status {
      last_run_ns = clock_ns();
      last_profile = args->profile;
      return nullptr;
    };
  }
  Session create() {
    Environment both = environment();
    EXPECT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
    return Session::create(both, two_nodes(), options).value();
  }

  FakeProvider fake;
};

TEST_F(LateSpans, AreAskedForOnceARunIsCompleteAndMovedToTheHostsClock) {
  const Session session = create();
  for (int run = 0; run < 3; ++run) ASSERT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
  EXPECT_EQ(reports, 3);
  const std::vector<Span> spans = written(session);
  EXPECT_EQ(count(spans, "kernel"), 3u);
  // Sampling takes as long as it takes: what is told apart is the same run from an hour ago.
  const Span& kernel = find(spans, "kernel");
  const Span& run = find(spans, "run");
  EXPECT_NEAR(kernel.begin_us, run.begin_us, 60e6);
  EXPECT_NEAR(kernel.end_us - kernel.begin_us, 1.0, 0.2);
  EXPECT_EQ(kernel.track, find(spans, "partition 0").track);
  EXPECT_EQ(kernel.row, "stream 0");
  EXPECT_EQ(find(spans, "partition 0").row, "");
}

TEST_F(LateSpans, AreNotAskedForWithoutAProfile) {
  options.profile_path.clear();
  const Session session = create();
  ASSERT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
  EXPECT_EQ(last_profile, 0u);
  EXPECT_EQ(reports, 0);
}

TEST_F(LateSpans, OfAClockThatCannotBeReadAreDroppedAndTold) {
  fake.device_api.sample_clock = nullptr;
  const Session session = create();
  ASSERT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
  EXPECT_EQ(count(written(session), "kernel"), 0u);
  EXPECT_TRUE(std::any_of(log.begin(), log.end(), [](const std::string& line) {
    return line.find("no clock of its own") != std::string::npos;
  }));
}

TEST_F(LateSpans, AnErrorWhileReportingIsTheRuns) {
  fake.program_api.report_spans = [](bp_context, bp_run_token) {
    return late->error(BP_STATUS_DEVICE_LOST, "the board was pulled");
  };
  const Session session = create();
  const Status status = session.run(std::span<const Value>(&x, 1)).status();
  EXPECT_EQ(status.code(), ErrorCode::kDeviceLost);
  EXPECT_NE(status.message().find("the board was pulled"), std::string::npos);
}

TEST_F(ProfileTest, ARunGivesItsOwnSpansToItsCallerAlone) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  keep_steps_apart();
  options.profile_path.clear();
  const Session session = Session::create(environment(), two_nodes(), options).value();
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_input("x", x).ok());
  std::vector<RunSpan> spans;
  RunOptions watched;
  watched.spans = &spans;
  for (int run = 0; run < 2; ++run) {
    ASSERT_TRUE(session.run(binding, watched).ok());
    ASSERT_EQ(spans.size(), 4u);  // of this run alone
    EXPECT_EQ(spans[0].name, "the relu: Relu");
    EXPECT_EQ(spans[1].name, "the neg: Neg");
    EXPECT_EQ(spans[1].track, "CPU:0");
    EXPECT_TRUE(spans[0].is_step && spans[1].is_step);
    EXPECT_FALSE(spans[2].is_step || spans[3].is_step);
    EXPECT_EQ(spans[3].name, "run");
    EXPECT_LE(spans[3].begin_ns, spans[0].begin_ns);
    EXPECT_LE(spans[0].end_ns, spans[1].begin_ns);
    EXPECT_LE(spans[1].end_ns, spans[3].end_ns);
  }
  ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(spans.size(), 4u);
  EXPECT_EQ(session.start(binding, watched).code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bp::test
