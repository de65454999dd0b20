#include "artifact.hpp"

#include <cstring>

#include "compile.hpp"
#include "program.hpp"

namespace bp::opencl {

namespace {

// The header: the form of what follows. The envelope holds device and driver, which the host compares.
constexpr std::string_view kForm = "backplane.opencl binaries 1";
constexpr size_t kKeyBytes = 32;

struct Answer {
  uint32_t kind = BP_ARTIFACT_OPTIMAL;
  std::string_view why;
};

Answer judge(std::string_view header) {
  if (header == kForm) return {};
  if (header.substr(0, kForm.size() - 1) == kForm.substr(0, kForm.size() - 1)) {
    return {BP_ARTIFACT_RECOMPILE, "another version of this provider saved it"};
  }
  return {BP_ARTIFACT_REFUSE, "the header is not one of this provider"};
}

// Code: for each kernel program its key, 32 characters, the size as uint64, and the binary.
bp_status save(bp_program handle, const bp_artifact_writer* writer) {
  const Program& program = sdk::from_handle<Program>(handle);
  return guard(program.host(), [&] {
    BP_EXPECT_STRUCT(writer, bp_artifact_writer, write_weight_reference);
    program.host().check(writer->write_header(writer->user, kForm.data(), kForm.size()));
    std::vector<std::shared_ptr<const BuiltProgram>> used;
    {
      const std::lock_guard lock(program.used_mutex);
      for (const auto& [key, built] : program.used) used.push_back(built);
    }
    for (const auto& built : used) {
      const std::vector<std::byte> binary = built->binary();
      const uint64_t size = binary.size();
      program.host().check(writer->write_code(writer->user, built->key.data(), built->key.size()));
      program.host().check(writer->write_code(writer->user, &size, sizeof size));
      program.host().check(writer->write_code(writer->user, binary.data(), size));
    }
  });
}

bp_status check_artifact(bp_device handle, const bp_artifact_info* info, bp_artifact_answer* answer) {
  return guard(sdk::from_handle<Device>(handle).host(), [&] {
    BP_EXPECT_STRUCT(info, bp_artifact_info, header_size);
    BP_EXPECT_STRUCT(answer, bp_artifact_answer, text);
    const Answer judged = judge({static_cast<const char*>(info->header), info->header_size});
    answer->kind = judged.kind;
    answer->text = abi(judged.why);
  });
}

void offer_binaries(Device& device, std::string_view code) {
  while (!code.empty()) {
    uint64_t size = 0;
    if (code.size() < kKeyBytes + sizeof size) throw Error(BP_STATUS_INCOMPATIBLE, "the saved code is cut off");
    std::string key(code.substr(0, kKeyBytes));
    std::memcpy(&size, code.data() + kKeyBytes, sizeof size);
    code.remove_prefix(kKeyBytes + sizeof size);
    if (code.size() < size) throw Error(BP_STATUS_INCOMPATIBLE, "the saved code is cut off");
    const auto* bytes = reinterpret_cast<const std::byte*>(code.data());
    device.programs().offer(std::move(key), std::vector<std::byte>(bytes, bytes + size));
    code.remove_prefix(size);
  }
}

bp_status load(bp_device handle, const bp_compile_args* args, const bp_artifact_reader* reader,
               bp_program* program) {
  Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    BP_EXPECT_STRUCT(args, bp_compile_args, progress);
    BP_EXPECT_STRUCT(args->partition, bp_graph, host_graph);
    BP_EXPECT_STRUCT(reader, bp_artifact_reader, weight);
    const Answer judged = judge({static_cast<const char*>(reader->header), reader->header_size});
    if (judged.kind != BP_ARTIFACT_OPTIMAL) {
      throw Error(BP_STATUS_INCOMPATIBLE, text("the saved program does not fit: ", judged.why));
    }
    offer_binaries(device, {static_cast<const char*>(reader->code), reader->code_size});
    *program = sdk::to_handle(compile_partition(device, *args));
  });
}

}  // namespace

const bp_artifact_api kArtifactApi = {
    BP_STRUCT_SIZE(bp_artifact_api, load), 0, save, check_artifact, load,
};

}  // namespace bp::opencl
