// Saved programs of a session in one file: an index, and per program a header, code and weights in sections of
// their own. The index and each header and code are verified by SHA-256 before they are used, each weight by
// XXH3 when it is first touched. The format is described in core/docs/saved_programs.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "base/mapped_file.hpp"
#include "compile/compile_graph.hpp"
#include "compile/compiled_graph.hpp"

namespace bp {

// What makes two partitions the same program: nodes, attributes, types, contents of constants, options,
// threads.
std::string program_key(const GraphView& view, const CompileOptions& options);
// The same, but constants that lie in a file of known version stand for their place there: nothing of them is
// read. Empty where there are none. Equal file keys mean equal programs; different ones mean nothing.
std::string program_file_key(const GraphView& view, const CompileOptions& options);

// Writes all programs of `graph` and its bodies. IO; UNIMPLEMENTED when no provider in use can save. The file
// is written beside `path` first and then moved there. Providers that cannot save are left out.
Status save_programs(const CompiledGraph& graph, const CompileSettings& settings, const std::string& path);

// What the file says of one program; for `inspect`.
struct SavedProgramInfo {
  std::string key;
  std::string provider;
  std::string provider_version;
  std::string fingerprint;
  std::string driver;
  uint32_t canonical_level = 0;
  uint64_t code_bytes = 0;
  uint64_t weight_bytes = 0;
};

class SavedPrograms : public std::enable_shared_from_this<SavedPrograms> {
 public:
  // NOT_FOUND, IO, INCOMPATIBLE (another version of the format), INVALID_ARGUMENT (no such file, or damaged).
  static Result<std::shared_ptr<const SavedPrograms>> open(const std::string& path);
  ~SavedPrograms();

  // The program for this partition, or null with *note telling why it must be compiled. An error when the
  // provider refuses the artefact or its bytes are damaged. [any-thread]
  Result<std::shared_ptr<Program>> load(Device& device, const GraphView& view, const CompileOptions& options,
                                        std::string* note) const;
  std::vector<SavedProgramInfo> list() const;

 private:
  struct Entry;
  class Source;
  explicit SavedPrograms(std::shared_ptr<const MappedFile> file);
  Status read_index();

  std::shared_ptr<const MappedFile> file_;
  std::vector<Entry> entries_;
};

}  // namespace bp
