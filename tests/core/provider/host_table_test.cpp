#include "provider/host_table.hpp"

#include <thread>

#include "provider_test_helper.hpp"

namespace bp::test {
namespace {

class HostTableTest : public ProviderTest {
 protected:
  HostTableTest() {
    HostHooks hooks;
    hooks.plan_memory = [](std::span<const MemoryInterval> intervals,
                           std::span<uint64_t> offsets) -> Result<uint64_t> {
      uint64_t total = 0;
      for (size_t i = 0; i < intervals.size(); ++i) {
        offsets[i] = total;
        total += intervals[i].size;
      }
      return total;
    };
    hooks.graph_to_onnx = [](const GraphView& view, bool embed, const ByteSink& sink) {
      const std::string text = view.graph().name + (embed ? "+" : "-");
      return sink(std::as_bytes(std::span(text)));
    };
    services = HostServices::create(std::move(hooks), 2);
    listen();
    host = &HostTable::create(services);
    host->set_source("test.fake");
  }
  HostTable* host = nullptr;
};

TEST_F(HostTableTest, StatusObjectsGoRoundOnce) {
  const bp_status status = host->status_create(host, BP_STATUS_IO, abi_text("disk"), 5);
  EXPECT_EQ(host->status_code(host, status), BP_STATUS_IO);
  EXPECT_EQ(host->status_provider_code(host, status), 5);
  const bp_string message = host->status_message(host, status);
  EXPECT_EQ(std::string(message.data, message.size), "disk");
  const Status taken = host->take_status(status, "copy", "Fake:0");
  EXPECT_EQ(taken.code(), ErrorCode::kIo);
  EXPECT_EQ(taken.message(), "provider 'test.fake': copy on Fake:0: disk [provider's code 5]");
  EXPECT_EQ(misbehaviours(), 0U);
  // Gone now: to return or release it again is misbehaviour, and is survived.
  EXPECT_EQ(host->take_status(status, "copy").code(), ErrorCode::kInternal);
  host->status_release(host, status);
  EXPECT_EQ(misbehaviours(), 2U);
  EXPECT_EQ(host->status_code(host, nullptr), BP_STATUS_OK);
  host->status_release(host, nullptr);
}

TEST_F(HostTableTest, UnknownCodesAreMisbehaviour) {
  for (const uint32_t code : {0U, 99U}) {
    const bp_status status = host->status_create(host, code, abi_text("odd"), 0);
    EXPECT_EQ(host->take_status(status, "run").code(), ErrorCode::kInternal);
  }
  EXPECT_EQ(misbehaviours(), 2U);
}

TEST_F(HostTableTest, LogsInTheProvidersNameAndCapturesErrors) {
  host->begin_capture();
  host->log(host, BP_LOG_INFO, abi_text("hello"));
  host->log(host, BP_LOG_ERROR, abi_text("first"));
  host->log(host, BP_LOG_ERROR, abi_text("second"));
  EXPECT_EQ(host->end_capture(), "first; second");
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[0].source, "test.fake");
  EXPECT_EQ(log[0].severity, LogSeverity::kInfo);
  EXPECT_EQ(host->log_level(host), BP_LOG_TRACE);
}

TEST_F(HostTableTest, OutlivesItsEnvironment) {
  services.reset();
  host->log(host, BP_LOG_ERROR, abi_text("into nothing"));
  EXPECT_EQ(host->log_level(host), BP_LOG_PROVIDER_MISBEHAVES);
  const bp_status status = host->status_create(host, BP_STATUS_IO, abi_text("late"), 0);
  EXPECT_EQ(host->take_status(status, "run").code(), ErrorCode::kIo);
  uint64_t total = 0;
  EXPECT_EQ(host->take_status(host->plan_memory(host, bp_array{}, nullptr, &total), "plan").code(),
            ErrorCode::kInternal);
}

TEST_F(HostTableTest, PlansMemoryAndChecksIntervals) {
  bp_interval intervals[2] = {};
  for (bp_interval& interval : intervals) {
    interval.struct_size = BP_STRUCT_SIZE(bp_interval, alignment);
    interval.size = 100;
    interval.alignment = 64;
  }
  const bp_array array{intervals, 2, sizeof(bp_interval)};
  uint64_t offsets[2] = {};
  uint64_t total = 0;
  ASSERT_EQ(host->plan_memory(host, array, offsets, &total), nullptr);
  EXPECT_EQ(total, 200U);
  EXPECT_EQ(offsets[1], 100U);
  intervals[1].alignment = 3;
  EXPECT_EQ(host->take_status(host->plan_memory(host, array, offsets, &total), "plan").code(),
            ErrorCode::kInvalidArgument);
  const bp_array narrow{intervals, 2, 4};
  EXPECT_EQ(host->take_status(host->plan_memory(host, narrow, offsets, &total), "plan").code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(HostTableTest, LoopsReturnTheBodysError) {
  struct Loop {
    HostTable* host;
    std::atomic<int> seen{0};
  } loop{host, {}};
  const bp_status status = host->parallel_for(
      host, 100, 10,
      [](void* user, uint64_t begin, uint64_t end) -> bp_status {
        auto& state = *static_cast<Loop*>(user);
        state.seen += static_cast<int>(end - begin);
        return nullptr;
      },
      &loop);
  EXPECT_EQ(status, nullptr);
  EXPECT_EQ(loop.seen.load(), 100);
  const bp_status failed = host->parallel_for(
      host, 10, 1,
      [](void* user, uint64_t, uint64_t) {
        const bp_host* table = static_cast<Loop*>(user)->host;
        return table->status_create(table, BP_STATUS_CANCELLED, abi_text("enough"), 0);
      },
      &loop);
  EXPECT_EQ(host->take_status(failed, "loop").code(), ErrorCode::kCancelled);
  EXPECT_EQ(host->take_status(host->parallel_for(host, 1, 1, nullptr, nullptr), "loop").code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(HostTableTest, WritesAViewAsOnnxInPieces) {
  auto graph = relu_graph();
  graph->name = "net";
  auto view = view_of(*graph);
  std::string written;
  bp_bytes_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_bytes_sink, write);
  sink.user = &written;
  sink.write = [](void* user, const void* data, uint64_t size) -> bp_status {
    static_cast<std::string*>(user)->append(static_cast<const char*>(data), size);
    return nullptr;
  };
  ASSERT_EQ(host->graph_to_onnx(host, view->abi(), BP_ONNX_EMBED_CONSTANTS, &sink), nullptr);
  ASSERT_EQ(host->graph_to_onnx(host, view->abi(), 0, &sink), nullptr);
  EXPECT_EQ(written, "net+net-");
}

TEST_F(HostTableTest, ConstantsAreAcquiredByIdAndCounted) {
  const Tensor* released = nullptr;
  ConstantStore store([&](const Tensor& tensor) { released = &tensor; });
  const std::vector<int64_t> numbers = {1, 2, 3};
  const TensorPtr tensor = Tensor::of_int64({3}, numbers);
  EXPECT_EQ(store.add(tensor), 0U);
  const auto handle = reinterpret_cast<bp_constants>(&store);
  bp_tensor view{};
  ASSERT_EQ(host->constants_acquire(host, handle, 0, &view), nullptr);
  ASSERT_EQ(host->constants_acquire(host, handle, 0, &view), nullptr);
  EXPECT_EQ(view.size_bytes, 24U);
  EXPECT_EQ(view.element_type, BP_TYPE_INT64);
  EXPECT_EQ(*BP_AT(int64_t, view.dims, 0), 3);
  host->constants_release(host, handle, 0);
  EXPECT_EQ(released, nullptr);
  host->constants_release(host, handle, 0);
  EXPECT_EQ(released, tensor.get());
  EXPECT_EQ(store.outstanding(), 0U);
  EXPECT_EQ(misbehaviours(), 0U);
  host->constants_release(host, handle, 0);
  EXPECT_EQ(misbehaviours(), 1U);
  EXPECT_EQ(host->take_status(host->constants_acquire(host, handle, 9, &view), "acquire").code(),
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bp::test
