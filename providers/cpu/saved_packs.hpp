// Packed constants of a saved program: an index of keys in the artefact's code section, the bytes as weights
// that stay in the mapped file. Weight n is the n-th of the index.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support.hpp"

namespace bp::cpu {

// One packed constant, its bytes kept by a program.
struct Pack {
  std::string key;
  const void* data = nullptr;
  uint64_t size_bytes = 0;
};

// Under this key lies no constant but what tuning measured.
inline constexpr std::string_view kTuningKey = "tuning";

class SavedPacks {
 public:
  struct Entry {
    uint64_t weight_id = 0;
    uint64_t size_bytes = 0;
  };
  // Throws IO when the index makes no sense. The reader stays valid as long as the program.
  SavedPacks(const bp_host* host, const bp_artifact_reader* reader);

  const std::map<std::string, Entry>& entries() const noexcept { return entries_; }
  // The mapped bytes, aligned to 64; the host verifies them here. Throws IO. [any-thread]
  const void* read(const Entry& entry) const;
  // What lies under `key`, as text; empty where nothing does. Throws IO.
  std::string characters(std::string_view key) const;

 private:
  const bp_host* host_;
  const bp_artifact_reader* reader_;
  std::map<std::string, Entry> entries_;
};

// The code section for these packs.
std::string pack_index(const std::vector<Pack>& packs);

}  // namespace bp::cpu
