// Reading saved programs. Every offset and size of the file is checked against its length before it is used.
#include "compile/saved_programs.hpp"

#include <atomic>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "compile/saved_format.hpp"
#include "provider/digest.hpp"

namespace bp {
namespace {

using Json = nlohmann::json;

struct Section {
  uint64_t offset = 0;
  uint64_t size = 0;
};

struct Weight {
  Section section;
  uint64_t hash = 0;
  uint64_t constant = UINT64_MAX;  // another: a constant of the model
};

Status damaged(const std::string& path, const std::string& what) {
  return {ErrorCode::kInvalidArgument, "saved programs '" + path + "': damaged: " + what};
}

}  // namespace

struct SavedPrograms::Entry {
  SavedProgramInfo info;
  std::string file_key;  // empty: the constants were in no file
  Section header;
  Section code;
  std::string digest;  // SHA-256 of header and code, in this order
  std::unordered_map<uint64_t, Weight> weights;
};

// Bytes of one program for its provider; keeps the file and the model's constants.
class SavedPrograms::Source : public ArtifactSource {
 public:
  Source(std::shared_ptr<const SavedPrograms> file, const Entry& entry,
         std::shared_ptr<ConstantStore> constants)
      : file_(std::move(file)), entry_(entry), constants_(std::move(constants)) {}

  std::span<const std::byte> header() const override { return part(entry_.header); }
  std::span<const std::byte> code() const override { return part(entry_.code); }
  Result<std::span<const std::byte>> weight(uint64_t weight_id) override {
    const auto found = entry_.weights.find(weight_id);
    if (found == entry_.weights.end())
      return Status(ErrorCode::kNotFound, "the saved program has no weight " + std::to_string(weight_id));
    const Weight& weight = found->second;
    if (weight.constant != UINT64_MAX) {
      const Tensor* tensor = constants_->find(weight.constant);
      if (tensor == nullptr)
        return Status(ErrorCode::kIo,
                      "weight " + std::to_string(weight_id) + " refers to a constant that the model lacks");
      return tensor->bytes;
    }
    const auto bytes = part(weight.section);
    {
      const std::lock_guard lock(mutex_);
      if (verified_.contains(weight_id)) return bytes;
    }
    if (weight_hash(bytes) != weight.hash)
      return Status(ErrorCode::kIo,
                    damaged(file_->file_->path(), "weight " + std::to_string(weight_id)).message());
    const std::lock_guard lock(mutex_);
    verified_.emplace(weight_id, true);
    return bytes;
  }

 private:
  std::span<const std::byte> part(const Section& section) const {
    return file_->file_->bytes().subspan(section.offset, section.size);
  }
  std::shared_ptr<const SavedPrograms> file_;
  const Entry& entry_;
  std::shared_ptr<ConstantStore> constants_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, bool> verified_;
};

SavedPrograms::SavedPrograms(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
SavedPrograms::~SavedPrograms() = default;

Result<std::shared_ptr<const SavedPrograms>> SavedPrograms::open(const std::string& path) {
  BP_ASSIGN_OR_RETURN(auto file, MappedFile::open(path));
  std::shared_ptr<SavedPrograms> programs(new SavedPrograms(std::move(file)));
  BP_RETURN_IF_ERROR(programs->read_index());
  return std::shared_ptr<const SavedPrograms>(std::move(programs));
}

Status SavedPrograms::read_index() {
  const auto bytes = file_->bytes();
  SavedFileHead head;
  if (bytes.size() < sizeof(head)) return damaged(file_->path(), "shorter than its head");
  std::memcpy(&head, bytes.data(), sizeof(head));
  if (std::memcmp(head.magic, kSavedMagic, sizeof(head.magic)) != 0)
    return {ErrorCode::kInvalidArgument, "'" + file_->path() + "' holds no saved programs"};
  if (head.version != kSavedVersion)
    return {ErrorCode::kIncompatible, "saved programs '" + file_->path() + "': format " +
                                          std::to_string(head.version) + ", this library reads " +
                                          std::to_string(kSavedVersion)};
  if (head.reserved != 0) return damaged(file_->path(), "a reserved field is not 0");
  if (head.index_size > bytes.size() - sizeof(head)) return damaged(file_->path(), "the index is cut off");
  const auto index_bytes = bytes.subspan(sizeof(head), head.index_size);
  if (sha256_hex(index_bytes) != std::string(head.index_digest, sizeof(head.index_digest)))
    return damaged(file_->path(), "the index does not have its digest");
  const auto* text = reinterpret_cast<const char*>(index_bytes.data());
  const Json index = Json::parse(text, text + index_bytes.size(), nullptr, false);
  if (index.is_discarded()) return damaged(file_->path(), "the index is no JSON");
  try {
    const auto section = [&](const Json& json) {
      Section made{json.at("offset").get<uint64_t>(), json.at("size").get<uint64_t>()};
      if (made.offset > bytes.size() || made.size > bytes.size() - made.offset)
        throw std::out_of_range("a section lies outside the file");
      return made;
    };
    for (const Json& json : index.at("programs")) {
      Entry entry;
      entry.info.key = json.at("key");
      entry.file_key = json.value("file_key", std::string());
      entry.info.provider = json.at("provider");
      entry.info.provider_version = json.at("provider_version");
      entry.info.fingerprint = json.at("fingerprint");
      entry.info.driver = json.at("driver");
      entry.info.canonical_level = json.at("canonical_level");
      entry.header = section(json.at("header"));
      entry.code = section(json.at("code"));
      entry.digest = json.at("sha256");
      entry.info.code_bytes = entry.header.size + entry.code.size;
      for (const Json& weight_json : json.at("weights")) {
        Weight weight;
        if (weight_json.contains("constant")) {
          weight.constant = weight_json.at("constant");
        } else {
          weight.section = section(weight_json);
          weight.hash = weight_json.at("xxh3");
          entry.info.weight_bytes += weight.section.size;
        }
        entry.weights.emplace(weight_json.at("id").get<uint64_t>(), weight);
      }
      entries_.push_back(std::move(entry));
    }
  } catch (const std::exception& error) {
    return damaged(file_->path(), error.what());
  }
  return {};
}

std::vector<SavedProgramInfo> SavedPrograms::list() const {
  std::vector<SavedProgramInfo> all;
  for (const Entry& entry : entries_) all.push_back(entry.info);
  return all;
}

Result<std::shared_ptr<Program>> SavedPrograms::load(Device& device, const GraphView& view,
                                                     const CompileOptions& options, std::string* note) const {
  std::shared_ptr<Program> none;
  if (!device.can_save()) {
    *note = "compiled: provider '" + device.provider_id() + "' saves no programs";
    return none;
  }
  // The model's own file, unchanged, is known without reading its weights.
  const Entry* entry = nullptr;
  const std::string file_key = program_file_key(view, options);
  for (const Entry& candidate : entries_)
    if (!file_key.empty() && candidate.file_key == file_key && candidate.info.provider == device.provider_id())
      entry = &candidate;
  const std::string key = entry != nullptr ? entry->info.key : program_key(view, options);
  for (const Entry& candidate : entries_)
    if (candidate.info.key == key && candidate.info.provider == device.provider_id()) entry = &candidate;
  if (entry == nullptr) {
    *note = "compiled: not among the saved programs (another model, other options or threads)";
    return none;
  }
  auto source = std::make_shared<Source>(shared_from_this(), *entry, view.constants());
  std::string verified;
  const auto header = source->header();
  const auto code = source->code();
  verified.append(reinterpret_cast<const char*>(header.data()), header.size());
  verified.append(reinterpret_cast<const char*>(code.data()), code.size());
  if (sha256_hex(std::as_bytes(std::span<const char>(verified))) != entry->digest)
    return damaged(file_->path(), "header or code of program " + key);
  ArtifactInfo info;
  info.canonical_level = entry->info.canonical_level;
  info.provider_version = entry->info.provider_version;
  info.fingerprint = entry->info.fingerprint;
  info.driver = entry->info.driver;
  info.header = header;
  BP_ASSIGN_OR_RETURN(const ArtifactAnswer answer, device.check_artifact(info));
  switch (answer.judgement) {
    case ArtifactJudgement::kRefuse:
      return Status(ErrorCode::kIncompatible,
                    "saved program refused by '" + device.provider_id() + "': " + answer.text);
    case ArtifactJudgement::kRecompile:
      *note = "recompiled: " + answer.text;
      return none;
    case ArtifactJudgement::kUsable:
      *note = "loaded from saved programs: " + answer.text;
      break;
    case ArtifactJudgement::kOptimal:
      *note = "loaded from saved programs";
      break;
  }
  return device.load_program(view, options, std::move(source));
}

}  // namespace bp
