#include "provider/program.hpp"

#include <cstring>
#include <map>

#include "provider_test_helper.hpp"

namespace bp::test {
namespace {

using ProgramTest = ProviderTest;

TEST_F(ProgramTest, RunsFromCompileToOutputs) {
  auto device = open_device();
  auto graph = relu_graph();
  auto program = device->compile(*view_of(*graph), {});
  ASSERT_TRUE(program.ok()) << program.status().to_string();
  auto instance = specialize(**program);
  ASSERT_TRUE(instance.ok()) << instance.status().to_string();
  EXPECT_EQ((*instance)->info().outputs[0].size_bytes, 16U);
  EXPECT_EQ((*instance)->info().outputs[0].in_place_input, 0U);
  auto context = (*instance)->create_context();
  ASSERT_TRUE(context.ok());

  const float input[] = {-1, 2, -3, 4};
  float output[4] = {};
  const int64_t dims[] = {4};
  const TensorBinding in = tensor_binding(host_slice(input, sizeof input), dims);
  const TensorBinding out = tensor_binding(host_slice(output, sizeof output), dims);
  ASSERT_TRUE((*context)->bind({&in, 1}, {&out, 1}, Slice{}).ok());
  ASSERT_TRUE((*context)->run({}).ok());
  EXPECT_EQ(output[0], 0.0F);
  EXPECT_EQ(output[1], 2.0F);
  EXPECT_EQ(output[3], 4.0F);

  auto steps = (*instance)->describe();
  ASSERT_TRUE(steps.ok());
  ASSERT_EQ(steps->size(), 1U);
  EXPECT_EQ((*steps)[0].name, "relu");
  EXPECT_EQ((*steps)[0].nodes, (std::vector<NodeId>{graph->topological_order()[0]}));
}

TEST_F(ProgramTest, ReleasesFromTheInsideOut) {
  auto device = open_device();
  auto graph = relu_graph();
  auto program = *device->compile(*view_of(*graph), {});
  auto instance = *specialize(*program);
  auto context = std::move(*instance->create_context());
  // The context alone keeps everything.
  device.reset();
  program.reset();
  instance.reset();
  EXPECT_TRUE(fake.releases.empty());
  context.reset();
  EXPECT_EQ(fake.releases, (std::vector<std::string>{"context", "instance", "program", "provider"}));
}

// Each entry point in turn returns an error; nothing leaks, and the error says who, where and what.
TEST_F(ProgramTest, ErrorsOfEveryEntryPointCarryTheirPlace) {
  const std::map<std::string, std::string> places = {
      {"query", "query on Fake:0"},
      {"query_partition", "query_partition on Fake:0"},
      {"compile", "compile on Fake:0"},
      {"specialize", "specialize on Fake:0"},
      {"create_context", "making a context on Fake:0"},
      {"bind", "bind on Fake:0"},
      {"run", "run on Fake:0"},
      {"describe", "describing an instance on Fake:0"},
      {"save", "saving a program on Fake:0"},
      {"check_artifact", "check_artifact on Fake:0"},
  };
  struct NullSink : ArtifactSink {
    Status write_header(std::span<const std::byte>) override { return {}; }
    Status write_code(std::span<const std::byte>) override { return {}; }
    Status write_weight(uint64_t, std::span<const std::byte>, uint64_t) override { return {}; }
    Status write_weight_reference(uint64_t, uint64_t) override { return {}; }
  };
  auto graph = relu_graph();
  // Goes the whole way and returns the first error.
  const auto walk = [&](Device& device) -> Status {
    auto view = view_of(*graph);
    const OptionSet options;
    auto verdicts = device.query(*view, options);
    if (!verdicts.ok()) return verdicts.status();
    auto answer = device.query_partition(*view, options);
    if (!answer.ok()) return answer.status();
    BP_ASSIGN_OR_RETURN(auto program, device.compile(*view, {}));
    BP_ASSIGN_OR_RETURN(auto instance, specialize(*program));
    auto steps = instance->describe();
    if (!steps.ok()) return steps.status();
    BP_ASSIGN_OR_RETURN(auto context, instance->create_context());
    const float input[] = {1, 2, 3, 4};
    float output[4] = {};
    const int64_t dims[] = {4};
    const TensorBinding in = tensor_binding(host_slice(input, sizeof input), dims);
    const TensorBinding out = tensor_binding(host_slice(output, sizeof output), dims);
    BP_RETURN_IF_ERROR(context->bind({&in, 1}, {&out, 1}, Slice{}));
    BP_RETURN_IF_ERROR(context->run({}));
    NullSink sink;
    BP_RETURN_IF_ERROR(program->save(sink));
    auto judged = device.check_artifact({});
    return judged.ok() ? Status() : judged.status();
  };
  for (const bool throws : {false, true}) {
    for (const auto& [entry, place] : places) {
      SCOPED_TRACE(entry + (throws ? " throws" : " fails"));
      FakeProvider failing;
      failing.make_saving();
      {
        auto device = open_device();
        ASSERT_NE(device, nullptr);
        ASSERT_TRUE(walk(*device).ok());
        (throws ? failing.throws_at : failing.fails_at) = entry;
        const Status status = walk(*device);
        EXPECT_EQ(status.code(), throws ? ErrorCode::kInternal : ErrorCode::kDeviceLost);
        expect_contains(status.message(), "provider 'test.fake'");
        expect_contains(status.message(), throws ? "exception" : place);
      }
      EXPECT_EQ(failing.live_programs, 0);
      EXPECT_EQ(failing.live_instances, 0);
      EXPECT_EQ(failing.live_contexts, 0);
      EXPECT_EQ(failing.closed, 1);
    }
  }
}

TEST_F(ProgramTest, OkWithoutAnObjectIsMisbehaviour) {
  auto graph = relu_graph();
  for (const char* entry : {"compile", "specialize", "create_context"}) {
    SCOPED_TRACE(entry);
    FakeProvider odd;
    odd.returns_null_at = entry;
    auto device = open_device();
    const size_t before = misbehaviours();
    Status status;
    if (auto program = device->compile(*view_of(*graph), {}); !program.ok()) {
      status = program.status();
    } else if (auto instance = specialize(**program); !instance.ok()) {
      status = instance.status();
    } else {
      status = (*instance)->create_context().status();
    }
    EXPECT_EQ(status.code(), ErrorCode::kInternal);
    expect_contains(status.message(), "misbehaves");
    EXPECT_EQ(misbehaviours(), before + 1);
  }
}

TEST_F(ProgramTest, ChecksWhatSpecializeAnswers) {
  auto device = open_device();
  auto graph = relu_graph();
  auto program = *device->compile(*view_of(*graph), {});
  bp_output_info good{};
  good.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
  good.size_bytes = 16;
  good.in_place_input = BP_NONE;
  const auto refusal = [&](bp_output_info output, std::function<void(bp_instance_info*)> change = {}) {
    fake.output_infos = {output};
    fake.on_specialize = std::move(change);
    auto instance = specialize(*program);
    EXPECT_EQ(fake.live_instances, instance.ok() ? 1 : 0);
    return instance.ok() ? std::string("accepted") : instance.status().message();
  };
  EXPECT_EQ(refusal(good), "accepted");

  bp_output_info bad = good;
  bad.size_bytes = 12;
  expect_contains(refusal(bad), "12 bytes, its shape takes 16");
  bad = good;
  bad.mode = 8;
  expect_contains(refusal(bad), "unknown mode 8");
  bad = good;
  bad.memory_kind = 5;
  expect_contains(refusal(bad), "memory kind 5");
  bad = good;
  bad.in_place_input = 1;
  expect_contains(refusal(bad), "in place of input 1 of 1");
  bad = good;
  bad.struct_size = 400;
  expect_contains(refusal(bad), "struct_size");
  bad = good;
  bad.mode = BP_OUTPUT_BOUNDED;
  bad.dims_memory_kind = 3;
  expect_contains(refusal(bad), "memory kind 3");
  expect_contains(refusal(good, [](bp_instance_info* info) { info->outputs.count = 2; }), "2 outputs");
  expect_contains(refusal(good, [](bp_instance_info* info) { info->workspace_alignment = 24; }), "24");
  expect_contains(refusal(good,
                          [](bp_instance_info* info) {
                            info->workspace_bytes = 8;
                            info->workspace_kind = 6;
                          }),
                  "memory kind 6");
  expect_contains(refusal(good, [](bp_instance_info* info) { info->serves_range = 1; }), "ranges for 0 of 1");
}

TEST_F(ProgramTest, AFixedOutputWhoseDimsDependOnDataIsRefused) {
  auto device = open_device();
  auto graph = relu_graph();
  auto program = *device->compile(*view_of(*graph), {});
  bp_output_info output{};
  output.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
  output.in_place_input = BP_NONE;
  fake.output_infos = {output};
  const int64_t known[] = {4};
  const int64_t unknown[] = {kUnknownDim};
  const TensorSpec input{ElementType::kFloat32, known, nullptr};
  const TensorSpec result{ElementType::kFloat32, unknown, nullptr};
  SpecializeArgs args;
  args.inputs = {&input, 1};
  args.outputs = {&result, 1};
  auto instance = program->specialize(args);
  ASSERT_FALSE(instance.ok());
  expect_contains(instance.status().message(), "depend on data");
}

TEST_F(ProgramTest, CheckedStepsNameNodesThatExist) {
  auto device = open_device();
  auto graph = relu_graph();
  auto program = *device->compile(*view_of(*graph), {});
  auto instance = *specialize(*program);
  fake.on_describe = [](const bp_step_sink* sink) -> bp_status {
    const uint32_t node = 4;
    bp_step step{};
    step.struct_size = BP_STRUCT_SIZE(bp_step, note);
    step.nodes = bp_array{&node, 1, sizeof node};
    sink->report(sink->user, &step);
    return nullptr;
  };
  auto steps = instance->describe();
  ASSERT_FALSE(steps.ok());
  expect_contains(steps.status().message(), "node 4 of a partition with 1");
}

TEST_F(ProgramTest, PassesCancelProgressAndTokens) {
  struct Token : RunToken {
    std::vector<std::string> spans;
    std::vector<int64_t> dims;
    float memory[4] = {};
    void trace_span(const TraceSpan& span) override { spans.emplace_back(span.name); }
    Result<AllocatedOutput> allocate_output(uint32_t, std::span<const int64_t> asked, uint64_t size,
                                            uint64_t) override {
      dims.assign(asked.begin(), asked.end());
      AllocatedOutput output;
      output.data = host_slice(memory, size);
      return output;
    }
  } token;
  CancelToken cancel;
  std::vector<double> fractions;
  ProgressToken progress{[&](double fraction, std::string_view) { fractions.push_back(fraction); }};
  fake.on_compile = [&](const bp_compile_args* args) -> bp_status {
    fake.host->report_progress(fake.host, args->progress, 0.5, abi_text("half"));
    return fake.host->cancel_requested(fake.host, args->cancel) != 0
               ? fake.error(BP_STATUS_CANCELLED, "stopped")
               : nullptr;
  };
  fake.on_run = [&](const bp_run_args* args) -> bp_status {
    fake.host->trace_span(fake.host, args->token, nullptr, abi_text("relu"), 1, 2, 0);
    const int64_t dims[] = {2, 2};
    bp_slice data;
    return fake.host->allocate_output(fake.host, args->token, 0, dims, 2, 16, 0, &data, nullptr);
  };
  auto device = open_device();
  auto graph = relu_graph();
  CompileOptions options;
  options.cancel = &cancel;
  options.progress = &progress;
  auto program = device->compile(*view_of(*graph), options);
  ASSERT_TRUE(program.ok());
  EXPECT_EQ(fractions, (std::vector<double>{0.5}));

  auto context = std::move(*(*specialize(**program))->create_context());
  const float input[4] = {};
  float output[4] = {};
  const int64_t dims[] = {4};
  const TensorBinding in = tensor_binding(host_slice(input, sizeof input), dims);
  const TensorBinding out = tensor_binding(host_slice(output, sizeof output), dims);
  ASSERT_TRUE(context->bind({&in, 1}, {&out, 1}, Slice{}).ok());
  RunArgs run;
  run.token = &token;
  ASSERT_TRUE(context->run(run).ok());
  EXPECT_EQ(token.spans, (std::vector<std::string>{"relu"}));
  EXPECT_EQ(token.dims, (std::vector<int64_t>{2, 2}));

  cancel.cancel();
  EXPECT_EQ(device->compile(*view_of(*graph), options).status().code(), ErrorCode::kCancelled);
}

TEST_F(ProgramTest, SavesAndLoads) {
  struct Store : ArtifactSink, ArtifactSource {
    std::vector<std::byte> header_bytes, code_bytes;
    std::map<uint64_t, std::vector<std::byte>> weights;
    Status write_header(std::span<const std::byte> bytes) override {
      header_bytes.assign(bytes.begin(), bytes.end());
      return {};
    }
    Status write_code(std::span<const std::byte> bytes) override {
      code_bytes.insert(code_bytes.end(), bytes.begin(), bytes.end());
      return {};
    }
    Status write_weight(uint64_t id, std::span<const std::byte> bytes, uint64_t) override {
      weights[id].assign(bytes.begin(), bytes.end());
      return {};
    }
    Status write_weight_reference(uint64_t, uint64_t) override { return {}; }
    std::span<const std::byte> header() const override { return header_bytes; }
    std::span<const std::byte> code() const override { return code_bytes; }
    Result<std::span<const std::byte>> weight(uint64_t id) override {
      if (!weights.contains(id)) return Status(ErrorCode::kNotFound, "no such weight");
      return std::span<const std::byte>(weights[id]);
    }
  };
  fake.make_saving();
  auto device = open_device();
  EXPECT_TRUE(device->can_save());
  auto graph = relu_graph();
  auto program = *device->compile(*view_of(*graph), {});
  auto store = std::make_shared<Store>();
  ASSERT_TRUE(program->save(*store).ok());
  EXPECT_EQ(store->header_bytes.size(), 1U);
  EXPECT_EQ(store->code_bytes.size(), 2U);
  EXPECT_EQ(store->weights.at(7).size(), sizeof(float));

  ArtifactInfo info;
  info.header = store->header();
  auto answer = device->check_artifact(info);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->judgement, ArtifactJudgement::kOptimal);
  EXPECT_EQ(answer->text, "by its header");
  EXPECT_TRUE(device->load_program(*view_of(*graph), {}, store).ok());
  store->weights.clear();
  auto damaged = device->load_program(*view_of(*graph), {}, store);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.status().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace bp::test
