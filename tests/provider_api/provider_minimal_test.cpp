// The minimal example as a library: found by its entry symbol, driven through its tables without the core.
// Nothing of it is compiled where the examples are not built.
#ifdef BP_TEST_MINIMAL_LIBRARY
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>

#include "fake_host_helper.hpp"
#include "tiny_graph_helper.hpp"

namespace bp::test {
namespace {

struct Verdicts {
  std::vector<std::pair<uint32_t, std::vector<uint32_t>>> nodes;  // kind, reason codes
  std::vector<std::string> texts;
};

void collect(void* user, const bp_verdict* verdict) {
  auto& verdicts = *static_cast<Verdicts*>(user);
  std::vector<uint32_t> codes;
  for (uint64_t i = 0; i < verdict->reasons.count; ++i) {
    const bp_reason* reason = BP_AT(bp_reason, verdict->reasons, i);
    codes.push_back(reason->code);
    verdicts.texts.emplace_back(reason->text.data, reason->text.size);
  }
  verdicts.nodes.emplace_back(verdict->kind, codes);
}

class ProviderMinimal : public testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(BP_TEST_MINIMAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    open_ = reinterpret_cast<bp_provider_open_fn>(dlsym(library_, BP_PROVIDER_OPEN_SYMBOL));
    ASSERT_NE(open_, nullptr);
    ASSERT_EQ(open_(host_.table(), 0, 0, &provider_), BP_STATUS_OK);
    uint32_t count = 0;
    ASSERT_EQ(provider_->device->list(provider_->self, 1, &device_, &count, nullptr), nullptr);
    ASSERT_EQ(count, 1u);
  }
  void TearDown() override {
    if (provider_ != nullptr) provider_->close(provider_);
    EXPECT_EQ(host_.live_statuses, 0);
    if (library_ != nullptr) dlclose(library_);
  }
  Verdicts query(const bp_graph& graph) {
    Verdicts verdicts;
    bp_verdict_sink sink{};
    sink.struct_size = BP_STRUCT_SIZE(bp_verdict_sink, report);
    sink.user = &verdicts;
    sink.report = collect;
    EXPECT_EQ(provider_->capability->query(device_, &graph, {}, &sink), nullptr);
    return verdicts;
  }

  FakeHost host_;
  void* library_ = nullptr;
  bp_provider_open_fn open_ = nullptr;
  bp_provider* provider_ = nullptr;
  bp_device device_ = nullptr;
};

TEST_F(ProviderMinimal, RefusesAHostThatNeedsANewerMinor) {
  bp_provider* newer = nullptr;
  EXPECT_EQ(open_(host_.table(), 1, 3, &newer), BP_STATUS_INCOMPATIBLE);
  EXPECT_EQ(newer, nullptr);
}

TEST_F(ProviderMinimal, OpensTwiceIndependently) {
  bp_provider* second = nullptr;
  ASSERT_EQ(open_(host_.table(), 0, 0, &second), BP_STATUS_OK);
  EXPECT_NE(second, provider_);
  second->close(second);
}

TEST_F(ProviderMinimal, RefusesADeviceInfoOfSizeZero) {
  bp_device_info info{};
  EXPECT_EQ(host_.take(provider_->device->info(device_, &info)).first, BP_STATUS_INVALID_ARGUMENT);
}

TEST_F(ProviderMinimal, GivesEveryReasonForWhatItRejects) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t a = graph.value("a", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t b = graph.value("b", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t d = graph.unranked("d", BP_TYPE_FLOAT64);
  const uint32_t e = graph.unranked("e", BP_TYPE_FLOAT64);
  graph.node("Relu", {x}, {a});
  graph.node("Sigmoid", {a}, {b});
  graph.node("Relu", {d}, {e});
  graph.node("Relu", {x}, {b}, "com.acme");

  const Verdicts verdicts = query(graph.view({x, d}, {b, e}));
  ASSERT_EQ(verdicts.nodes.size(), 4u);
  EXPECT_EQ(verdicts.nodes[0].first, BP_VERDICT_SUPPORTED);
  EXPECT_EQ(verdicts.nodes[1].second, std::vector<uint32_t>{BP_REASON_OPERATOR});
  EXPECT_EQ(verdicts.nodes[2].second, (std::vector<uint32_t>{BP_REASON_TYPE, BP_REASON_RANK}));
  EXPECT_EQ(verdicts.nodes[3].second, std::vector<uint32_t>{BP_REASON_OPERATOR});
  EXPECT_EQ(verdicts.texts[0], "only Relu of the ONNX domain is known here, this is Sigmoid");
  EXPECT_EQ(verdicts.texts[1], "input 0 must be float32 (element type 1), is of element type 11");
}

TEST_F(ProviderMinimal, RunsTwoRelusOfAPartition) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {-1});
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {3});
  const uint32_t a = graph.value("a", BP_TYPE_FLOAT32, {-1});
  const uint32_t b = graph.value("b", BP_TYPE_FLOAT32, {-1});
  const uint32_t c = graph.value("c", BP_TYPE_FLOAT32, {3});
  graph.node("Relu", {x}, {a});
  graph.node("Relu", {a}, {b});
  graph.node("Relu", {y}, {c});
  const bp_program_api& api = *provider_->program;

  bp_compile_args compile_args{};
  compile_args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  compile_args.thread_count = 1;
  compile_args.partition = &graph.view({x, y}, {c, b});
  bp_program program = nullptr;
  ASSERT_EQ(api.compile(device_, &compile_args, &program), nullptr);

  const std::array<int64_t, 1> x_dims{4};
  const std::array<int64_t, 1> y_dims{3};
  std::array<bp_tensor_spec, 2> inputs{};
  inputs[0].element_type = inputs[1].element_type = BP_TYPE_FLOAT32;
  inputs[0].dims = {x_dims.data(), 1, sizeof(int64_t)};
  inputs[1].dims = {y_dims.data(), 1, sizeof(int64_t)};
  std::array<bp_tensor_spec, 2> outputs{inputs[1], inputs[0]};
  bp_specialize_args specialize_args{};
  specialize_args.struct_size = BP_STRUCT_SIZE(bp_specialize_args, progress);
  specialize_args.thread_count = 1;
  specialize_args.inputs = {inputs.data(), 2, sizeof(bp_tensor_spec)};
  specialize_args.outputs = {outputs.data(), 2, sizeof(bp_tensor_spec)};
  bp_instance instance = nullptr;
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  ASSERT_EQ(api.specialize(program, &specialize_args, &instance, &info), nullptr);
  ASSERT_EQ(info.outputs.count, 2u);
  EXPECT_EQ(BP_AT(bp_output_info, info.outputs, 0)->size_bytes, 12u);
  EXPECT_EQ(BP_AT(bp_output_info, info.outputs, 1)->size_bytes, 16u);
  EXPECT_EQ(BP_AT(bp_output_info, info.outputs, 1)->in_place_input, 0u);

  const std::array<float, 4> x_data{-1.0f, 2.0f, std::nanf(""), -0.5f};
  const std::array<float, 3> y_data{3.0f, -3.0f, 0.0f};
  std::array<float, 3> c_data{9.0f, 9.0f, 9.0f};
  std::array<float, 4> b_data{9.0f, 9.0f, 9.0f, 9.0f};
  const auto at = [](const void* data) {
    bp_tensor_binding binding{};
    binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
    binding.data.address = reinterpret_cast<uintptr_t>(data);
    return binding;
  };
  const std::array<bp_tensor_binding, 2> bound_inputs{at(x_data.data()), at(y_data.data())};
  const std::array<bp_tensor_binding, 2> bound_outputs{at(c_data.data()), at(b_data.data())};
  bp_binding binding{};
  binding.struct_size = BP_STRUCT_SIZE(bp_binding, workspace);
  binding.inputs = {bound_inputs.data(), 2, sizeof(bp_tensor_binding)};
  binding.outputs = {bound_outputs.data(), 2, sizeof(bp_tensor_binding)};
  bp_context context = nullptr;
  ASSERT_EQ(api.create_context(instance, &context), nullptr);
  ASSERT_EQ(api.bind(context, &binding), nullptr);
  bp_run_args run_args{};
  run_args.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
  ASSERT_EQ(api.run(context, &run_args), nullptr);

  EXPECT_EQ(b_data[0], 0.0f);
  EXPECT_EQ(b_data[1], 2.0f);
  EXPECT_TRUE(std::isnan(b_data[2]));
  EXPECT_EQ(b_data[3], 0.0f);
  EXPECT_EQ(c_data, (std::array<float, 3>{3.0f, 0.0f, 0.0f}));
  api.release_context(context);
  api.release_instance(instance);
  api.release_program(program);
}

}  // namespace
}  // namespace bp::test
#endif
