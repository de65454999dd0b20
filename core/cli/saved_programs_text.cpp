#include "saved_programs_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace bp::cli {

bool holds_saved_programs(const std::string& path) {
  constexpr std::string_view kMagic = "BPSAVED\n";
  std::string begin(kMagic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kMagic;
}

std::string saved_programs_text(std::span<const SavedProgramSummary> programs) {
  std::string text;
  uint64_t code = 0;
  uint64_t weights = 0;
  for (size_t i = 0; i < programs.size(); ++i) {
    const SavedProgramSummary& program = programs[i];
    text += fmt::format("program {}: {} {}, level {}, {} bytes of code, {} bytes of weights\n  device {}\n", i,
                        program.provider, program.provider_version, program.canonical_level, program.code_bytes,
                        program.weight_bytes, program.fingerprint);
    code += program.code_bytes;
    weights += program.weight_bytes;
  }
  return text + fmt::format("{} saved program{}, {} bytes of code, {} bytes of weights\n", programs.size(),
                            programs.size() == 1 ? "" : "s", code, weights);
}

nlohmann::json saved_programs_json(std::span<const SavedProgramSummary> programs) {
  nlohmann::json list = nlohmann::json::array();
  for (const SavedProgramSummary& program : programs)
    list.push_back({{"key", program.key},
                    {"provider", program.provider},
                    {"provider_version", program.provider_version},
                    {"fingerprint", program.fingerprint},
                    {"driver", program.driver},
                    {"canonical_level", program.canonical_level},
                    {"code_bytes", program.code_bytes},
                    {"weight_bytes", program.weight_bytes}});
  return {{"programs", std::move(list)}};
}

}  // namespace bp::cli
