// The artefact functions through the C ABI: what a header must say, and code sections that make no sense.
#include <gtest/gtest.h>

#include <cstring>

#include "providers/cpu/host_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Parts {
  std::string header;
  std::string code;
  std::vector<std::string> weights;
};

bp_status write_header(void* user, const void* data, uint64_t size) {
  static_cast<Parts*>(user)->header.assign(static_cast<const char*>(data), size);
  return nullptr;
}
bp_status write_code(void* user, const void* data, uint64_t size) {
  static_cast<Parts*>(user)->code.append(static_cast<const char*>(data), size);
  return nullptr;
}
bp_status write_weight(void* user, uint64_t, const void* data, uint64_t size, uint64_t) {
  static_cast<Parts*>(user)->weights.emplace_back(static_cast<const char*>(data), size);
  return nullptr;
}
bp_status no_reference(void*, uint64_t, uint64_t) { return nullptr; }

std::string number(uint64_t value) { return {reinterpret_cast<const char*>(&value), sizeof(value)}; }

class CpuArtifact : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bp_provider_open_v1(test_host(), 0, 0, &provider), BP_STATUS_OK);
    uint32_t count = 0;
    ASSERT_EQ(provider->device->list(provider->self, 1, &device, &count, nullptr), nullptr);
    // A program of no nodes: its artefact is the header and an empty index.
    graph.struct_size = sizeof(graph);
    args.struct_size = sizeof(args);
    args.partition = &graph;
    args.thread_count = 1;
    bp_program program = nullptr;
    ASSERT_EQ(take_message(provider->program->compile(device, &args, &program)), "");
    bp_artifact_writer writer{
        sizeof(bp_artifact_writer), 0, &saved, write_header, write_code, write_weight, no_reference};
    EXPECT_EQ(take_message(provider->artifact->save(program, &writer)), "");
    provider->program->release_program(program);
  }
  void TearDown() override { provider->close(provider); }

  uint32_t judge(const std::string& header) {
    bp_artifact_info info{};
    info.struct_size = sizeof(info);
    info.header = header.data();
    info.header_size = header.size();
    bp_artifact_answer answer{};
    answer.struct_size = sizeof(answer);
    EXPECT_EQ(take_message(provider->artifact->check_artifact(device, &info, &answer)), "");
    EXPECT_EQ(answer.kind == BP_ARTIFACT_OPTIMAL, answer.text.size == 0);
    return answer.kind;
  }
  // The message of load(), empty when it loads.
  std::string load(const std::string& header, const std::string& code) {
    bp_artifact_reader reader{};
    reader.struct_size = sizeof(reader);
    reader.header = header.data();
    reader.header_size = header.size();
    reader.code = code.data();
    reader.code_size = code.size();
    bp_program program = nullptr;
    const std::string message = take_message(provider->artifact->load(device, &args, &reader, &program));
    EXPECT_EQ(program == nullptr, !message.empty());
    if (program != nullptr) provider->program->release_program(program);
    return message;
  }
  // The header with line `index` replaced.
  std::string with_line(size_t index, const std::string& line) const {
    std::string header = saved.header;
    size_t begin = 0;
    for (size_t i = 0; i < index; ++i) begin = header.find('\n', begin) + 1;
    return header.replace(begin, header.find('\n', begin) - begin, line);
  }

  bp_provider* provider = nullptr;
  bp_device device = nullptr;
  bp_graph graph{};
  bp_compile_args args{};
  Parts saved;
};

TEST_F(CpuArtifact, ItsOwnIsOptimalAndLoads) {
  EXPECT_EQ(judge(saved.header), BP_ARTIFACT_OPTIMAL);
  EXPECT_EQ(saved.code, number(0));
  EXPECT_EQ(load(saved.header, saved.code), "");
}

TEST_F(CpuArtifact, OtherVersionsAndInstructionSetsMeanRecompile) {
  for (const size_t line : {1, 2, 3}) {
    EXPECT_EQ(judge(with_line(line, "other")), BP_ARTIFACT_RECOMPILE) << line;
    EXPECT_NE(load(with_line(line, "other"), saved.code).find("does not fit"), std::string::npos);
  }
}

TEST_F(CpuArtifact, UnknownFormatsAreRefused) {
  EXPECT_EQ(judge(with_line(0, "backplane.cpu program 2")), BP_ARTIFACT_REFUSE);
  EXPECT_EQ(judge(""), BP_ARTIFACT_REFUSE);
  EXPECT_EQ(judge(saved.header + "more"), BP_ARTIFACT_REFUSE);
  EXPECT_EQ(judge(saved.header.substr(0, saved.header.size() - 1)), BP_ARTIFACT_REFUSE);
}

TEST_F(CpuArtifact, IndexesThatMakeNoSenseAreErrors) {
  const std::string entry = number(1) + "k" + number(64);
  EXPECT_EQ(load(saved.header, number(1) + entry), "");
  for (const std::string& code :
       {std::string(), number(1), number(1) + number(1), number(1) + number(UINT64_MAX) + "k",
        number(1) + number(1) + "k", number(UINT64_MAX) + entry}) {
    EXPECT_NE(load(saved.header, code).find("cut off"), std::string::npos) << code.size();
  }
  EXPECT_NE(load(saved.header, number(2) + entry + entry).find("twice"), std::string::npos);
  EXPECT_NE(load(saved.header, number(0) + "x").find("behind"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
