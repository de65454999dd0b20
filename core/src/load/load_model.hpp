// An ONNX file, or the bytes of one, becomes a Graph: weights stay where they are mapped, functions of the
// model are inlined, Constant nodes become constants, If, Loop and Scan become region nodes. Operators'
// meaning and schemas are left to check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// What the loader knows; a file outside is refused by number. 13 is ONNX 1.20's.
inline constexpr int64_t kOldestIrVersion = 3;
inline constexpr int64_t kNewestIrVersion = 14;

struct LoadOptions {
  uint64_t max_file_bytes = 0;         // 0: no limit; holds for the model and each external file
  uint64_t max_nodes = 4'000'000;      // after inlining; bounds functions that multiply
  uint64_t max_dense_bytes = 1 << 30;  // of one sparse initializer made dense
  int max_depth = 32;                  // bodies in bodies, functions in functions
  // Where external data lies; empty: the model file's folder. Nothing outside is ever opened.
  std::string external_data_root;
};

struct LoadedModel {
  std::unique_ptr<Graph> graph;
  std::string path;  // empty for bytes
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  std::string doc_string;
  int64_t model_version = 0;
  // Names of all inputs of the file's graph, in order: with those that IR 3 lists for its initializers,
  // which are constants here. Numbered test data counts by this list.
  std::vector<std::string> declared_inputs;
  // Rules of the standard that the file breaks and that loading passes over, with what was done.
  std::vector<std::string> violations;
};

Result<LoadedModel> load_model_file(const std::string& path, const LoadOptions& options = {});
// Big tensors are spans into `bytes`: `owner` keeps these alive; without one the caller does, for as long
// as the graph or any of its tensors lives.
Result<LoadedModel> load_model_bytes(std::span<const std::byte> bytes, const LoadOptions& options = {},
                                     std::shared_ptr<const void> owner = nullptr);

}  // namespace bp
