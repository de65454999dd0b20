// An artefact: a header of four lines (format, this provider's version, oneDNN's, its instruction set), which
// decide together how constants are packed; the index of packed constants as code; their bytes as weights.
// Constants that are used as they are come with the partition and are not saved.
#include "artifact.hpp"

#include <array>
#include <string>
#include <string_view>

#include "compile.hpp"
#include "device.hpp"
#include "onednn_seam.hpp"
#include "program.hpp"
#include "saved_packs.hpp"
#include "struct_size.hpp"

namespace bp::cpu {

namespace {

constexpr std::string_view kFormat = "backplane.cpu program 1";

std::string header() {
  return text(kFormat, "\n", BP_CPU_VERSION, "\n", onednn_version(), "\n", onednn_instruction_set(), "\n");
}

// Why a saved header does not fit, and the judgement; the texts live for ever.
struct Judgement {
  uint32_t kind = BP_ARTIFACT_OPTIMAL;
  std::string_view why;
};

Judgement judge(std::string_view saved) {
  const std::array<Judgement, 4> wrong = {{
      {BP_ARTIFACT_REFUSE, "its format is unknown to this version of the CPU provider"},
      {BP_ARTIFACT_RECOMPILE, "saved by another version of the CPU provider"},
      {BP_ARTIFACT_RECOMPILE, "saved with another version of oneDNN"},
      {BP_ARTIFACT_RECOMPILE, "saved for another instruction set"},
  }};
  const std::string own = header();
  std::string_view expected = own;
  for (const Judgement& judgement : wrong) {
    const size_t end = expected.find('\n') + 1;
    const size_t saved_end = saved.find('\n') + 1;  // 0: no line any more
    if (saved_end == 0) return wrong[0];
    if (saved.substr(0, saved_end) != expected.substr(0, end)) return judgement;
    saved.remove_prefix(saved_end);
    expected.remove_prefix(end);
  }
  return saved.empty() ? Judgement{} : wrong[0];
}

bp_status save(bp_program handle, const bp_artifact_writer* writer) {
  const auto& program = *reinterpret_cast<const Program*>(handle);
  return guard(program.host, [&] {
    BP_EXPECT_STRUCT(writer, bp_artifact_writer, write_weight_reference);
    const std::string head = header();
    throw_status(program.host, writer->write_header(writer->user, head.data(), head.size()));
    std::vector<Pack> packs = program.constants.packs();
    std::erase_if(packs, [](const Pack& pack) { return pack.key == kTuningKey; });
    const std::string measured = program.tuning->text_for_saving();
    if (!measured.empty()) packs.push_back({std::string(kTuningKey), measured.data(), measured.size()});
    const std::string index = pack_index(packs);
    throw_status(program.host, writer->write_code(writer->user, index.data(), index.size()));
    for (uint64_t id = 0; id < packs.size(); ++id) {
      throw_status(program.host,
                   writer->write_weight(writer->user, id, packs[id].data, packs[id].size_bytes, 64));
    }
  });
}

bp_status check_artifact(bp_device device, const bp_artifact_info* info, bp_artifact_answer* answer) {
  return guard(device_host(device), [&] {
    BP_EXPECT_STRUCT(info, bp_artifact_info, header_size);
    BP_EXPECT_STRUCT(answer, bp_artifact_answer, text);
    const Judgement judgement = judge({static_cast<const char*>(info->header), info->header_size});
    answer->kind = judgement.kind;
    answer->text = abi(judgement.why);
  });
}

bp_status load(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
               bp_program* program) {
  const bp_host* host = device_host(device);
  return guard(host, [&] {
    BP_EXPECT_STRUCT(args, bp_compile_args, progress);
    BP_EXPECT_STRUCT(args->partition, bp_graph, host_graph);
    BP_EXPECT_STRUCT(reader, bp_artifact_reader, weight);
    const Judgement judgement = judge({static_cast<const char*>(reader->header), reader->header_size});
    if (judgement.kind != BP_ARTIFACT_OPTIMAL) {
      throw Error(BP_STATUS_INCOMPATIBLE, text("the saved program does not fit: ", judgement.why));
    }
    auto packs = std::make_unique<const SavedPacks>(host, reader);
    *program = reinterpret_cast<bp_program>(compile_partition(host, *args, std::move(packs)).release());
  });
}

}  // namespace

const bp_artifact_api kArtifactApi = {
    BP_STRUCT_SIZE(bp_artifact_api, load), 0, save, check_artifact, load,
};

}  // namespace bp::cpu
