// Writing saved programs. Sections come behind the index, whose size is known only when all offsets are; so
// the parts are collected first.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compile/saved_format.hpp"
#include "compile/saved_programs.hpp"
#include "provider/digest.hpp"

namespace bp {
namespace {

using Json = nlohmann::json;

class Collector : public ArtifactSink {
 public:
  Status write_header(std::span<const std::byte> bytes) override {
    append(header, bytes);
    return {};
  }
  Status write_code(std::span<const std::byte> bytes) override {
    append(code, bytes);
    return {};
  }
  Status write_weight(uint64_t weight_id, std::span<const std::byte> bytes, uint64_t) override {
    // Sections are aligned to a page, which serves every alignment that the ABI allows.
    weights.push_back({weight_id, {bytes.begin(), bytes.end()}});
    return {};
  }
  Status write_weight_reference(uint64_t weight_id, uint64_t constant_id) override {
    references.emplace_back(weight_id, constant_id);
    return {};
  }

  struct OwnWeight {
    uint64_t id;
    std::vector<std::byte> bytes;
  };
  std::vector<std::byte> header;
  std::vector<std::byte> code;
  std::vector<OwnWeight> weights;
  std::vector<std::pair<uint64_t, uint64_t>> references;

 private:
  static void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  }
};

// Parts in the order of the file, with offsets from the start of the section area.
class Layouter {
 public:
  Json place(std::span<const std::byte> bytes, uint64_t alignment) {
    offset_ = (offset_ + alignment - 1) / alignment * alignment;
    parts_.push_back({offset_, bytes});
    const uint64_t begin = offset_;
    offset_ += bytes.size();
    return {{"offset", begin}, {"size", bytes.size()}};
  }
  struct Part {
    uint64_t offset;
    std::span<const std::byte> bytes;
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  uint64_t offset_ = 0;
  std::vector<Part> parts_;
};

struct Saved {
  Collector parts;
  Json index;
};

Status collect(const CompiledGraph& graph, const CompileSettings& settings,
               std::vector<std::unique_ptr<Saved>>& all) {
  for (uint32_t index = 0; index < graph.partitions.size(); ++index) {
    const CompileDevice& target = settings.devices[graph.graph->partitions[index].device];
    if (!target.device->can_save()) continue;
    BP_ASSIGN_OR_RETURN(const auto view, view_of_partition(*graph.graph, index, settings));
    CompileOptions options;
    options.options = &target.options;
    options.thread_count = settings.thread_count;
    auto saved = std::make_unique<Saved>();
    BP_RETURN_IF_ERROR(graph.partitions[index].program->save(saved->parts));
    const DeviceInfo& info = target.device->info();
    saved->index = {{"key", program_key(*view, options)},
                    {"provider", target.device->provider_id()},
                    {"provider_version", target.device->provider_version()},
                    {"fingerprint", info.fingerprint},
                    {"driver", info.driver},
                    {"canonical_level", view->canonical_level()}};
    if (std::string file_key = program_file_key(*view, options); !file_key.empty())
      saved->index["file_key"] = std::move(file_key);
    all.push_back(std::move(saved));
  }
  for (const auto& region : graph.bodies)
    for (const auto& body : region) BP_RETURN_IF_ERROR(collect(*body, settings, all));
  return {};
}

void place_parts(Saved& saved, Layouter& layouter) {
  const Collector& parts = saved.parts;
  std::vector<std::byte> verified = parts.header;
  verified.insert(verified.end(), parts.code.begin(), parts.code.end());
  saved.index["sha256"] = sha256_hex(verified);
  saved.index["header"] = layouter.place(parts.header, 8);
  saved.index["code"] = layouter.place(parts.code, 64);
  Json weights = Json::array();
  for (const auto& weight : parts.weights) {
    Json json = layouter.place(weight.bytes, kSavedAlignment);
    json["id"] = weight.id;
    json["xxh3"] = weight_hash(weight.bytes);
    weights.push_back(std::move(json));
  }
  for (const auto& [id, constant] : parts.references) weights.push_back({{"id", id}, {"constant", constant}});
  saved.index["weights"] = std::move(weights);
}

// Offsets in the index count from the start of the file, which depends on the size of the index itself: the
// section area starts at the next page behind room for the index with numbers of full width.
void shift_offsets(Json& json, uint64_t by) {
  if (json.is_object()) {
    for (auto& [key, value] : json.items()) {
      if (key == "offset")
        value = value.get<uint64_t>() + by;
      else
        shift_offsets(value, by);
    }
  } else if (json.is_array()) {
    for (Json& entry : json) shift_offsets(entry, by);
  }
}

}  // namespace

Status save_programs(const CompiledGraph& graph, const CompileSettings& settings, const std::string& path) {
  std::vector<std::unique_ptr<Saved>> all;
  BP_RETURN_IF_ERROR(collect(graph, settings, all));
  if (all.empty()) return {ErrorCode::kUnimplemented, "no provider of this session saves programs"};
  Layouter layouter;
  Json index = {{"programs", Json::array()}};
  for (auto& saved : all) {
    place_parts(*saved, layouter);
    index["programs"].push_back(saved->index);
  }
  constexpr uint64_t kDigits = 20;  // of the largest offset
  const uint64_t room = sizeof(SavedFileHead) + index.dump().size() + kDigits * layouter.parts().size();
  const uint64_t base = (room + kSavedAlignment - 1) / kSavedAlignment * kSavedAlignment;
  shift_offsets(index, base);
  const std::string text = index.dump();

  SavedFileHead head{};
  std::memcpy(head.magic, kSavedMagic, sizeof(head.magic));
  head.version = kSavedVersion;
  head.index_size = text.size();
  const std::string digest = sha256_hex(std::as_bytes(std::span<const char>(text)));
  std::memcpy(head.index_digest, digest.data(), sizeof(head.index_digest));

  const std::string unfinished = path + ".part";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(&head), sizeof(head));
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const auto& part : layouter.parts()) {
    file.seekp(static_cast<std::streamoff>(base + part.offset));
    file.write(reinterpret_cast<const char*>(part.bytes.data()),
               static_cast<std::streamsize>(part.bytes.size()));
  }
  // The last section may be empty or end in a hole: the file reaches to it all the same.
  file.close();
  if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    std::remove(unfinished.c_str());
    return {ErrorCode::kIo, "saved programs '" + path + "' cannot be written: " + std::strerror(errno)};
  }
  return {};
}

}  // namespace bp
