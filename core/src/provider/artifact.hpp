// Saved programs as a provider sees them: parts to write, parts to read. The envelope around them (hashes,
// versions, the file) is the compile phase's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "backplane/status.hpp"

namespace bp {

// Takes the parts of one artefact. The header comes once; code is appended.
class ArtifactSink {
 public:
  virtual ~ArtifactSink() = default;
  virtual Status write_header(std::span<const std::byte> bytes) = 0;
  virtual Status write_code(std::span<const std::byte> bytes) = 0;
  virtual Status write_weight(uint64_t weight_id, std::span<const std::byte> bytes, uint64_t alignment) = 0;
  // Refers to constant `constant_id` of the view that the program was compiled from.
  virtual Status write_weight_reference(uint64_t weight_id, uint64_t constant_id) = 0;
};

// Gives the parts back; lives as long as the program that was loaded from it.
class ArtifactSource {
 public:
  virtual ~ArtifactSource() = default;
  virtual std::span<const std::byte> header() const = 0;
  virtual std::span<const std::byte> code() const = 0;
  // [any-thread]. NOT_FOUND; IO when damaged. The bytes live as long as the source.
  virtual Result<std::span<const std::byte>> weight(uint64_t weight_id) = 0;
};

// What the envelope says, for the judgement before the payload is loaded.
struct ArtifactInfo {
  uint32_t canonical_level = 0;
  std::string provider_version;
  std::string fingerprint;  // of the device that it was compiled for
  std::string driver;
  std::span<const std::byte> header;
};

enum class ArtifactJudgement : uint32_t { kOptimal = 1, kUsable = 2, kRecompile = 3, kRefuse = 4 };

struct ArtifactAnswer {
  ArtifactJudgement judgement = ArtifactJudgement::kRefuse;
  std::string text;
};

}  // namespace bp
