#include "provider/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace bp {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxTextBytes = 4096;
constexpr size_t kMaxListEntries = 256;
constexpr int64_t kMaxPriority = 1'000'000;

// Leaves the parsing with the first thing that is wrong; caught in parse_manifest.
struct Wrong {
  ManifestError error;
};

[[noreturn]] void fail(OutcomeReason reason, std::string text) { throw Wrong{{reason, std::move(text)}}; }

// ---- syntax

// Depth of nesting, counted before the parser builds anything.
int depth_of(std::string_view bytes) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

// "line 3, column 7" of the byte before which the parser gave up (it counts from 1).
std::string place_of(std::string_view bytes, size_t position) {
  const std::string_view before = bytes.substr(0, std::min(position > 0 ? position - 1 : 0, bytes.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

// The library's message without its own prefix and place: "syntax error while parsing ...". It quotes bytes of
// the file, which need not be text.
std::string plain_message(std::string_view message) {
  const size_t place = message.find("column ");
  const size_t colon = message.find(": ", place == std::string_view::npos ? 0 : place);
  std::string plain(colon == std::string_view::npos ? message : message.substr(colon + 2));
  std::replace_if(
      plain.begin(), plain.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return plain;
}

Json parse_syntax(std::string_view bytes) {
  if (bytes.size() > kMaxManifestBytes) {
    fail(OutcomeReason::kUnreadable,
         fmt::format("a manifest may have {} bytes at most, this has {}", kMaxManifestBytes, bytes.size()));
  }
  if (depth_of(bytes) > kMaxManifestDepth) {
    fail(OutcomeReason::kJsonSyntax, fmt::format("nested deeper than {} levels", kMaxManifestDepth));
  }
  try {
    return Json::parse(bytes);
  } catch (const Json::parse_error& error) {
    fail(OutcomeReason::kJsonSyntax,
         fmt::format("{}: {}", place_of(bytes, error.byte), plain_message(error.what())));
  }
}

// ---- fields

bool fits_int64(const Json& number) {
  return !number.is_number_unsigned() ||
         number.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

// An object of the manifest with its place, which remembers what nobody asked for.
class Fields {
 public:
  Fields(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) fail(OutcomeReason::kFieldInvalid, fmt::format("{} must be an object", shown()));
  }

  const Json* find(const char* field) {
    asked_.emplace_back(field);
    const auto found = object_.find(field);
    return found == object_.end() ? nullptr : &*found;
  }
  const Json& require(const char* field) {
    const Json* value = find(field);
    if (value == nullptr) fail(OutcomeReason::kFieldMissing, fmt::format("{} is missing", at(field)));
    return *value;
  }

  std::string text(const char* field) { return as_text(require(field), at(field)); }
  std::string text_or(const char* field, std::string fallback) {
    const Json* value = find(field);
    return value == nullptr ? std::move(fallback) : as_text(*value, at(field));
  }
  int64_t integer_or(const char* field, int64_t fallback, int64_t least, int64_t most) {
    const Json* value = find(field);
    return value == nullptr ? fallback : as_integer(*value, at(field), least, most);
  }
  int64_t integer(const char* field, int64_t least, int64_t most) {
    return as_integer(require(field), at(field), least, most);
  }
  std::vector<std::string> texts(const char* field) {
    std::vector<std::string> result;
    const Json* value = find(field);
    if (value == nullptr) return result;
    const std::string place = at(field);
    for (const Json& entry : as_list(*value, place)) result.push_back(as_text(entry, place));
    return result;
  }

  static const Json& as_list(const Json& value, const std::string& place) {
    if (!value.is_array() || value.size() > kMaxListEntries) {
      fail(OutcomeReason::kFieldInvalid,
           fmt::format("{} must be a list of up to {} entries", place, kMaxListEntries));
    }
    return value;
  }

  std::string at(const char* field) const { return place_ + "/" + field; }

  void report_unknown(std::vector<std::string>* unknown) const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
        unknown->push_back(place_ + "/" + key.substr(0, kMaxTextBytes));
      }
    }
  }

 private:
  std::string shown() const { return place_.empty() ? "the manifest" : place_; }

  static std::string as_text(const Json& value, const std::string& place) {
    if (!value.is_string()) fail(OutcomeReason::kFieldInvalid, fmt::format("{} must be a text", place));
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > kMaxTextBytes || text.find('\0') != std::string::npos) {
      fail(OutcomeReason::kFieldInvalid,
           fmt::format("{} is longer than {} bytes or has a zero byte", place, kMaxTextBytes));
    }
    return text;
  }
  static int64_t as_integer(const Json& value, const std::string& place, int64_t least, int64_t most) {
    if (!value.is_number_integer() || !fits_int64(value) || value.get<int64_t>() < least ||
        value.get<int64_t>() > most) {
      fail(OutcomeReason::kFieldInvalid,
           fmt::format("{} must be an integer from {} to {}", place, least, most));
    }
    return value.get<int64_t>();
  }

  const Json& object_;
  std::string place_;
  std::vector<std::string> asked_;
};

bool is_id(std::string_view text) {
  constexpr size_t kMaxIdBytes = 256;
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxIdBytes && word(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return word(c) || c == '.' || c == '_' || c == '-'; });
}

void check_version(const std::string& text) {
  uint32_t major = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
  if (error != std::errc() || end == text.data() + text.size() || *end != '.') {
    fail(OutcomeReason::kFieldInvalid, fmt::format("/manifest_version must be like \"1.0\", is \"{}\"", text));
  }
  if (major != 1) {
    fail(OutcomeReason::kManifestVersion,
         fmt::format("manifest version {} is not known here, only 1.x: a newer Backplane may read it", text));
  }
}

// Relative, and staying in its folder; symbolic links are looked at when the file is opened.
std::string checked_path(std::string path, const std::string& place) {
  if (path.empty() || path.front() == '/') {
    fail(path.empty() ? OutcomeReason::kFieldInvalid : OutcomeReason::kInsecurePath,
         fmt::format("{} must be relative to the manifest, is \"{}\"", place, path));
  }
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (path.substr(begin, end - begin) == "..") {
      fail(OutcomeReason::kInsecurePath, fmt::format("{} leaves the manifest's folder: \"{}\"", place, path));
    }
    begin = end + 1;
  }
  return path;
}

std::string checked_digest(std::string digest, const std::string& place) {
  std::transform(digest.begin(), digest.end(), digest.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  const bool hex = std::all_of(digest.begin(), digest.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!digest.empty() && (digest.size() != 64 || !hex)) {
    fail(OutcomeReason::kFieldInvalid, fmt::format("{} must be 64 hexadecimal digits", place));
  }
  return digest;
}

// `base`: what a variant inherits; nullptr for the library itself.
ManifestLibrary read_library(const Json& json, const std::string& place, const ManifestLibrary* base,
                             std::vector<std::string>* unknown) {
  Fields fields(json, place);
  ManifestLibrary library;
  library.path = checked_path(fields.text("path"), fields.at("path"));
  library.sha256 = checked_digest(fields.text_or("sha256", {}), fields.at("sha256"));
  library.arch = fields.text_or("arch", base != nullptr ? base->arch : std::string());
  library.os = fields.text_or("os", base != nullptr ? base->os : std::string());
  library.priority = fields.integer_or("priority", 0, -kMaxPriority, kMaxPriority);
  if (const Json* needs = fields.find("requires")) {
    Fields needed(*needs, fields.at("requires"));
    library.cpu_features = needed.texts("cpu");
    needed.report_unknown(unknown);
  }
  fields.report_unknown(unknown);
  return library;
}

void read_provider(const Json& json, Manifest* manifest) {
  Fields fields(json, "/provider");
  manifest->id = fields.text("id");
  if (!is_id(manifest->id)) {
    fail(OutcomeReason::kFieldInvalid,
         fmt::format(
             "/provider/id must begin with a letter or digit and have only letters, digits, '.', '_' and '-', "
             "is \"{}\"",
             manifest->id));
  }
  manifest->version = fields.text("version");
  const size_t dot = manifest->id.rfind('.');
  manifest->name = fields.text_or("name", {});
  if (manifest->name.empty()) manifest->name = manifest->id.substr(dot == std::string::npos ? 0 : dot + 1);
  manifest->vendor = fields.text_or("vendor", {});
  manifest->license = fields.text_or("license", {});
  fields.report_unknown(&manifest->unknown_fields);
}

void read_abi(const Json& json, Manifest* manifest) {
  constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
  Fields fields(json, "/abi");
  manifest->abi_major = static_cast<uint32_t>(fields.integer("major", 0, kMost));
  manifest->abi_min_minor = static_cast<uint32_t>(fields.integer_or("min_minor", 0, 0, kMost));
  manifest->abi_max_minor =
      static_cast<uint32_t>(fields.integer_or("max_minor", manifest->abi_min_minor, 0, kMost));
  if (manifest->abi_max_minor < manifest->abi_min_minor) {
    fail(OutcomeReason::kFieldInvalid, fmt::format("/abi/max_minor must be at least min_minor ({}), is {}",
                                                   manifest->abi_min_minor, manifest->abi_max_minor));
  }
  fields.report_unknown(&manifest->unknown_fields);
}

void read_requires(const Json& json, Manifest* manifest) {
  Fields fields(json, "/requires");
  if (const Json* list = fields.find("shared_libraries")) {
    size_t index = 0;
    const std::string place = fields.at("shared_libraries");
    for (const Json& entry : Fields::as_list(*list, place)) {
      Fields need(entry, fmt::format("{}/{}", place, index++));
      const std::string soname = need.text("soname");
      if (soname.empty() || soname.find('/') != std::string::npos) {
        fail(OutcomeReason::kFieldInvalid,
             fmt::format("{} must be a library's name, is \"{}\"", need.at("soname"), soname));
      }
      manifest->needs.push_back({soname, need.text_or("hint", {})});
      need.report_unknown(&manifest->unknown_fields);
    }
  }
  fields.report_unknown(&manifest->unknown_fields);
}

void read_hints(const Json& json, Manifest* manifest) {
  Fields fields(json, "/hints");
  manifest->priority = fields.integer_or("priority", 0, -kMaxPriority, kMaxPriority);
  manifest->device_kinds = fields.texts("device_kinds");
  fields.report_unknown(&manifest->unknown_fields);
}

void read_options(const Json& json, Manifest* manifest) {
  if (!json.is_object() || json.size() > kMaxListEntries) {
    fail(OutcomeReason::kFieldInvalid,
         fmt::format("/options must be an object of up to {} entries", kMaxListEntries));
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) {
      manifest->options.push_back({name, value.get<bool>()});
    } else if (value.is_number_integer() && fits_int64(value)) {
      manifest->options.push_back({name, value.get<int64_t>()});
    } else if (value.is_number_float()) {
      manifest->options.push_back({name, value.get<double>()});
    } else if (value.is_string() && value.get_ref<const std::string&>().size() <= kMaxTextBytes) {
      manifest->options.push_back({name, value.get<std::string>()});
    } else {
      fail(OutcomeReason::kFieldInvalid,
           fmt::format("/options/{} must be a truth value, a number or a text", name));
    }
  }
}

Manifest read_manifest(const Json& json) {
  Manifest manifest;
  Fields fields(json, "");
  fields.find("$schema");  // editors want it
  check_version(fields.text("manifest_version"));
  read_provider(fields.require("provider"), &manifest);
  read_abi(fields.require("abi"), &manifest);
  manifest.library = read_library(fields.require("library"), "/library", nullptr, &manifest.unknown_fields);
  if (const Json* list = fields.find("variants")) {
    size_t index = 0;
    const std::string place = fields.at("variants");
    for (const Json& entry : Fields::as_list(*list, place)) {
      manifest.variants.push_back(read_library(entry, fmt::format("{}/{}", place, index++), &manifest.library,
                                               &manifest.unknown_fields));
    }
  }
  if (const Json* value = fields.find("requires")) read_requires(*value, &manifest);
  if (const Json* value = fields.find("hints")) read_hints(*value, &manifest);
  if (const Json* value = fields.find("options")) read_options(*value, &manifest);
  manifest.isolation = fields.text_or("isolation", "in_process");
  fields.report_unknown(&manifest.unknown_fields);
  return manifest;
}

}  // namespace

std::optional<Manifest> parse_manifest(std::string_view bytes, ManifestError* error) {
  *error = {};
  try {
    return read_manifest(parse_syntax(bytes));
  } catch (const Wrong& wrong) {
    *error = wrong.error;
  } catch (const std::exception& exception) {
    *error = {OutcomeReason::kFieldInvalid, exception.what()};
  }
  return std::nullopt;
}

}  // namespace bp
