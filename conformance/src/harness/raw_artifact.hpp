// Saved programs without the host's envelope: what a provider wrote, and the reader that shows it again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/raw_program.hpp"

namespace bp::conformance {

struct SavedWeight {
  std::string bytes;
  uint64_t alignment = 1;
  bool operator==(const SavedWeight&) const = default;
};

struct SavedProgram {
  std::string header, code;
  std::map<uint64_t, SavedWeight> weights;
  std::map<uint64_t, uint64_t> references;  // weight and constant

  bool operator==(const SavedProgram&) const = default;
};

// Throws CaseEnd(NotApplicable) where the provider saves nothing, or not this program; Fail where it breaks a
// rule of the writer.
SavedProgram save(const RawProvider& provider, const OwnedProgram& program);

// Shows a saved program: the code at alignment 8, weights as they were asked for, references at alignment 1.
// Lives as long as the program.
class SavedReader {
 public:
  // `constants`: of the partition, for references.
  SavedReader(const SavedProgram& saved, RawConstants& constants, RawHost& host);
  SavedReader(const SavedReader&) = delete;
  SavedReader& operator=(const SavedReader&) = delete;
  const bp_artifact_reader* get() const { return &reader_; }

 private:
  static bp_status weight(void* user, uint64_t weight_id, const void** data, uint64_t* size);

  void keep(uint64_t id, std::string_view bytes, uint64_t alignment);

  RawHost& host_;
  std::vector<uint64_t> header_, code_;  // aligned to 8
  // A page each, or more; the bytes end where the block does, as far as their alignment allows.
  std::map<uint64_t, std::unique_ptr<HostBlock>> weights_;
  bp_artifact_reader reader_{};
};

// Loads; *status tells how it went, the handle is NULL unless it succeeded.
OwnedProgram load(const RawProvider& provider, const RawView& view, const RawOptions& options,
                  const MakeArgs& args, const SavedReader& reader, TakenStatus* status);

// What the provider says of a header: BP_ARTIFACT_. Throws CaseEnd(Fail) when it gives no answer.
uint32_t check_artifact(const RawProvider& provider, const std::string& header, const std::string& fingerprint);

// Runs a program that was made otherwise than by the partition's compile.
std::vector<RawTensor> run_program(RawPartition& partition, const OwnedProgram& program,
                                   const std::vector<RawTensor>& inputs);

}  // namespace bp::conformance
