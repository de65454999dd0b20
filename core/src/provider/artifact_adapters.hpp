// The ABI's artifact writer and reader over ArtifactSink and ArtifactSource.
#pragma once

#include <memory>
#include <utility>

#include "backplane/provider/artifact.h"
#include "provider/artifact.hpp"
#include "provider/provider_core.hpp"

namespace bp {

// Valid for one call of save.
class ArtifactWriter {
 public:
  ArtifactWriter(const ProviderCore& core, ArtifactSink& sink);
  const bp_artifact_writer* abi() const noexcept { return &abi_; }
  // ok once the header was written, and no part failed.
  Status finish() const;

 private:
  template <class Write>
  bp_status part(Write&& write) noexcept;
  static bp_status header(void* user, const void* data, uint64_t size);
  static bp_status code(void* user, const void* data, uint64_t size);
  static bp_status weight(void* user, uint64_t id, const void* data, uint64_t size, uint64_t alignment);
  static bp_status reference(void* user, uint64_t id, uint64_t constant_id);

  const ProviderCore& core_;
  ArtifactSink& sink_;
  bool has_header_ = false;
  Status failure_;  // of the first part that failed: save must not succeed then
  bp_artifact_writer abi_{};
};

// Lives as long as the program that was loaded from it.
class ArtifactReader {
 public:
  ArtifactReader(std::shared_ptr<const ProviderCore> core, std::shared_ptr<ArtifactSource> source);
  const bp_artifact_reader* abi() const noexcept { return &abi_; }

 private:
  static bp_status weight(void* user, uint64_t id, const void** data, uint64_t* size);

  std::shared_ptr<const ProviderCore> core_;
  std::shared_ptr<ArtifactSource> source_;
  bp_artifact_reader abi_{};
};

}  // namespace bp
