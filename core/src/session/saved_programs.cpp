// The public list of saved programs, over compile's reader.
#include "backplane/saved_programs.hpp"

#include "compile/saved_programs.hpp"

namespace bp {

Result<std::vector<SavedProgramSummary>> list_saved_programs(const std::string& path) {
  BP_ASSIGN_OR_RETURN(const auto file, SavedPrograms::open(path));
  std::vector<SavedProgramSummary> all;
  for (const SavedProgramInfo& info : file->list())
    all.push_back({info.key, info.provider, info.provider_version, info.fingerprint, info.driver,
                   info.canonical_level, info.code_bytes, info.weight_bytes});
  return all;
}

}  // namespace bp
