#include "provider/artifact_adapters.hpp"

#include <fmt/format.h>

#include <exception>

#include "provider/abi.hpp"

namespace bp {
namespace {

constexpr uint64_t kMaxAlignment = 4096;

std::span<const std::byte> bytes_of(const void* data, uint64_t size) {
  return {static_cast<const std::byte*>(data), static_cast<size_t>(size)};
}

Status no_data() { return Status(ErrorCode::kInvalidArgument, "data is NULL and its size is not 0"); }

}  // namespace

ArtifactWriter::ArtifactWriter(const ProviderCore& core, ArtifactSink& sink) : core_(core), sink_(sink) {
  abi_.struct_size = BP_STRUCT_SIZE(bp_artifact_writer, write_weight_reference);
  abi_.user = this;
  abi_.write_header = header;
  abi_.write_code = code;
  abi_.write_weight = weight;
  abi_.write_weight_reference = reference;
}

template <class Write>
bp_status ArtifactWriter::part(Write&& write) noexcept {
  Status status;
  try {
    status = write();
    if (!status.ok() && failure_.ok()) failure_ = status;
  } catch (const std::exception& exception) {
    status = failure_ = Status(ErrorCode::kInternal, exception.what());
  }
  return core_.host().make_status(status);
}

bp_status ArtifactWriter::header(void* user, const void* data, uint64_t size) {
  auto& writer = *static_cast<ArtifactWriter*>(user);
  return writer.part([&]() -> Status {
    if (data == nullptr && size > 0) return no_data();
    if (writer.has_header_) return Status(ErrorCode::kInvalidArgument, "the header was written before");
    writer.has_header_ = true;
    return writer.sink_.write_header(bytes_of(data, size));
  });
}

bp_status ArtifactWriter::code(void* user, const void* data, uint64_t size) {
  auto& writer = *static_cast<ArtifactWriter*>(user);
  return writer.part([&]() -> Status {
    if (data == nullptr && size > 0) return no_data();
    return writer.sink_.write_code(bytes_of(data, size));
  });
}

bp_status ArtifactWriter::weight(void* user, uint64_t id, const void* data, uint64_t size, uint64_t alignment) {
  auto& writer = *static_cast<ArtifactWriter*>(user);
  return writer.part([&]() -> Status {
    if (data == nullptr && size > 0) return no_data();
    if (!is_power_of_two(alignment) || alignment > kMaxAlignment) {
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("alignment of weight {} must be a power of two up to {}, is {}", id,
                                kMaxAlignment, alignment));
    }
    return writer.sink_.write_weight(id, bytes_of(data, size), alignment);
  });
}

bp_status ArtifactWriter::reference(void* user, uint64_t id, uint64_t constant_id) {
  auto& writer = *static_cast<ArtifactWriter*>(user);
  return writer.part([&] { return writer.sink_.write_weight_reference(id, constant_id); });
}

Status ArtifactWriter::finish() const {
  if (!failure_.ok()) return failure_;
  if (!has_header_) return core_.misbehaves("save wrote no header");
  return {};
}

ArtifactReader::ArtifactReader(std::shared_ptr<const ProviderCore> core, std::shared_ptr<ArtifactSource> source)
    : core_(std::move(core)), source_(std::move(source)) {
  abi_.struct_size = BP_STRUCT_SIZE(bp_artifact_reader, weight);
  abi_.user = this;
  abi_.header = source_->header().data();
  abi_.header_size = source_->header().size();
  abi_.code = source_->code().data();
  abi_.code_size = source_->code().size();
  abi_.weight = weight;
}

bp_status ArtifactReader::weight(void* user, uint64_t id, const void** data, uint64_t* size) {
  auto& reader = *static_cast<ArtifactReader*>(user);
  HostTable& host = reader.core_->host();
  if (data == nullptr || size == nullptr) {
    return host.make_status(BP_STATUS_INVALID_ARGUMENT, "weight: an argument is NULL", 0);
  }
  try {
    const auto bytes = reader.source_->weight(id);
    if (!bytes.ok()) return host.make_status(bytes.status());
    *data = bytes->data();
    *size = bytes->size();
    return nullptr;
  } catch (const std::exception& exception) {
    return host.make_status(BP_STATUS_INTERNAL, exception.what(), 0);
  }
}

}  // namespace bp
