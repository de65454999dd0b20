// What is known of a case before any provider is loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bp::conformance {

// A run at a level plans the cases of that level and of those below.
enum class Level : uint8_t {
  kContract = 0,  // L0: the ABI, life cycle, errors, partition promises
  kCore = 1,      // L1: one plain case per operator and type
  kClaims = 2,  // L2: everything that is claimed is right: corners, corpora, dynamic shapes, threads, artefacts
  kRobust = 3,  // L3: allocation failures, damaged artefacts, random graphs
};

struct CaseInfo {
  std::string id;     // "abi.struct_size_guard", "ops.Add.float32.broadcast", "onnx.node.test_relu"; unique
  std::string group;  // the id's first word
  Level level = Level::kContract;
  std::string summary;            // a sentence: what is checked
  std::vector<int> requirements;  // numbers of provider_api/docs/requirements.md: 8 for BP-008
  // Of cases about an operator, else empty. The type is that of the first input: "float32".
  std::string domain;
  std::string op_type;
  std::string element_type;
  // A folder in the ONNX backend-test layout, for cases that lie in one; else empty.
  std::string folder;
  std::chrono::milliseconds timeout{10'000};
};

}  // namespace bp::conformance
