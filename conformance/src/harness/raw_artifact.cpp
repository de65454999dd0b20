#include "harness/raw_artifact.hpp"

#include <fmt/format.h>

#include <cstring>

namespace bp::conformance {
namespace {

std::vector<uint64_t> words_of(const std::string& bytes) {
  std::vector<uint64_t> words((bytes.size() + 7) / 8 + 1);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

// Takes what a provider writes; `user` of the ABI's writer.
struct Writer {
  SavedProgram saved;
  int headers = 0;
  std::string breach;

  bp_artifact_writer abi() {
    bp_artifact_writer writer{};
    writer.struct_size = BP_STRUCT_SIZE(bp_artifact_writer, write_weight_reference);
    writer.user = this;
    writer.write_header = [](void* user, const void* data, uint64_t size) -> bp_status {
      auto& self = *static_cast<Writer*>(user);
      ++self.headers;
      self.saved.header.assign(static_cast<const char*>(data), size);
      return nullptr;
    };
    writer.write_code = [](void* user, const void* data, uint64_t size) -> bp_status {
      static_cast<Writer*>(user)->saved.code.append(static_cast<const char*>(data), size);
      return nullptr;
    };
    writer.write_weight = [](void* user, uint64_t id, const void* data, uint64_t size,
                             uint64_t alignment) -> bp_status {
      static_cast<Writer*>(user)->add(id);
      if (alignment == 0 || alignment > 4096 || (alignment & (alignment - 1)) != 0) {
        static_cast<Writer*>(user)->breach = fmt::format("write_weight with alignment {}", alignment);
      }
      static_cast<Writer*>(user)->saved.weights[id] = {std::string(static_cast<const char*>(data), size),
                                                       alignment};
      return nullptr;
    };
    writer.write_weight_reference = [](void* user, uint64_t id, uint64_t constant) -> bp_status {
      static_cast<Writer*>(user)->add(id);
      static_cast<Writer*>(user)->saved.references[id] = constant;
      return nullptr;
    };
    return writer;
  }

  void add(uint64_t id) {
    if (saved.weights.contains(id) || saved.references.contains(id)) {
      breach = fmt::format("weight {} was written twice", id);
    }
  }
};

}  // namespace

SavedProgram save(const RawProvider& provider, const OwnedProgram& program) {
  const auto function = BP_FUNCTION(provider->artifact, bp_artifact_api, save);
  if (function == nullptr) not_applicable("the provider saves no programs");
  Writer writer;
  const bp_artifact_writer abi = writer.abi();
  const TakenStatus status = provider.call("save", [&] { return function(program.get(), &abi); });
  if (status.code == BP_STATUS_UNSUPPORTED) not_applicable("save: " + status.to_string());
  if (!status.ok()) fail("save: expected success or UNSUPPORTED, got " + status.to_string());
  if (writer.headers != 1)
    fail(fmt::format("save: write_header must be called once, was {} times", writer.headers));
  if (!writer.breach.empty()) fail("save: " + writer.breach);
  return std::move(writer.saved);
}

SavedReader::SavedReader(const SavedProgram& saved, RawConstants& constants, RawHost& host)
    : host_(host), header_(words_of(saved.header)), code_(words_of(saved.code)) {
  for (const auto& [id, weight] : saved.weights) keep(id, weight.bytes, weight.alignment);
  for (const auto& [id, constant] : saved.references) {
    bp_tensor tensor{};
    tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
    if (!constants.acquire(constant, &tensor)) continue;  // NOT_FOUND when asked for
    keep(id, {static_cast<const char*>(tensor.data), tensor.size_bytes}, 1);
    constants.release(constant);
  }
  reader_.struct_size = BP_STRUCT_SIZE(bp_artifact_reader, weight);
  reader_.user = this;
  reader_.header = header_.data();
  reader_.header_size = saved.header.size();
  reader_.code = code_.data();
  reader_.code_size = saved.code.size();
  reader_.weight = weight;
}

void SavedReader::keep(uint64_t id, std::string_view bytes, uint64_t alignment) {
  auto block = std::make_unique<HostBlock>(bytes.size(), alignment);
  block->write(bytes);
  block->make_read_only();
  weights_[id] = std::move(block);
}

bp_status SavedReader::weight(void* user, uint64_t weight_id, const void** data, uint64_t* size) {
  auto& self = *static_cast<SavedReader*>(user);
  const auto found = self.weights_.find(weight_id);
  if (found == self.weights_.end()) {
    const bp_host* table = self.host_.table();
    return table->status_create(table, BP_STATUS_NOT_FOUND, to_abi("no such weight"), 0);
  }
  *data = found->second->bytes().data();
  *size = found->second->bytes().size();
  return nullptr;
}

OwnedProgram load(const RawProvider& provider, const RawView& view, const RawOptions& options,
                  const MakeArgs& args, const SavedReader& reader, TakenStatus* status) {
  bp_compile_args compile{};
  compile.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  compile.thread_count = args.thread_count;
  compile.partition = view.get();
  compile.options = options.abi();
  bp_program program = nullptr;
  *status = provider.call(
      "load", [&] { return provider->artifact->load(provider.device(), &compile, reader.get(), &program); });
  if (status->ok() && program == nullptr) fail("load: succeeded and gave no program");
  return {provider, status->ok() ? program : nullptr};
}

uint32_t check_artifact(const RawProvider& provider, const std::string& header,
                        const std::string& fingerprint) {
  const std::vector<uint64_t> words = words_of(header);
  const bp_device_info device = provider.info();
  bp_artifact_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_artifact_info, header_size);
  info.canonical_level = provider->canonical_level;
  info.provider_version = provider->version;
  info.fingerprint = to_abi(fingerprint);
  info.driver = device.driver;
  info.header = words.data();
  info.header_size = header.size();
  bp_artifact_answer answer{};
  answer.struct_size = BP_STRUCT_SIZE(bp_artifact_answer, text);
  provider.must("check_artifact",
                [&] { return provider->artifact->check_artifact(provider.device(), &info, &answer); });
  if (answer.kind < BP_ARTIFACT_OPTIMAL || answer.kind > BP_ARTIFACT_REFUSE) {
    fail(fmt::format("check_artifact: expected an answer of 1 to 4, got {}", answer.kind));
  }
  return answer.kind;
}

std::vector<RawTensor> run_program(RawPartition& partition, const OwnedProgram& program,
                                   const std::vector<RawTensor>& inputs) {
  const RawProvider& provider = partition.provider();
  const SpecializeArgs args(partition, inputs, stated_output_dims(partition.graph()));
  bp_instance handle = nullptr;
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  provider.must("specialize of a loaded program",
                [&] { return provider->program->specialize(program.get(), &args.get(), &handle, &info); });
  const OwnedInstance instance(provider, handle, info);
  return RawRun(partition, instance, inputs).run();
}

}  // namespace bp::conformance
