// What the converters of one load share: options, where lifted payloads lie, external files mapped so far.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mapped_file.hpp"
#include "load/lift.hpp"
#include "load/load_model.hpp"

namespace bp {

struct LoadContext {
  const LoadOptions* options = nullptr;
  std::string folder;  // of external data; empty: there is none
  // The scanned bytes, their owner and their file ("" for memory), and what was lifted from them.
  std::span<const std::byte> source;
  std::shared_ptr<const void> source_owner;
  std::string source_path;
  uint64_t source_version = 0;  // MappedFile::version
  std::unique_ptr<const Lifted> lifted;
  // By location as the model spells it.
  std::map<std::string, std::shared_ptr<const MappedFile>> external_files;
  uint64_t nodes = 0;                  // built so far, against options->max_nodes
  std::vector<std::string> redefined;  // names that several Constant nodes define
};

}  // namespace bp
