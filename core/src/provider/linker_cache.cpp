#include "provider/linker_cache.hpp"

#include <cstdint>
#include <cstring>

namespace bp {
namespace {

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr size_t kMaxNameBytes = 4096;
// The two low bits of an entry's flags: 1 is an ELF library of libc.so.6's kind.
constexpr uint32_t kTypeMask = 0x00ff;
constexpr uint32_t kElfLibc6 = 3;

// At the start, after the magic: number of entries, bytes of strings, flags, three spares, hash-free.
struct Header {
  char magic[20];
  uint32_t entry_count;
  uint32_t string_bytes;
  uint32_t more[5];
};
struct Entry {
  int32_t flags;
  uint32_t key;    // offset of the soname from the header's start
  uint32_t value;  // offset of the path
  uint32_t os_version;
  uint64_t hwcap;
};
static_assert(sizeof(Header) == 48 && sizeof(Entry) == 24);

std::string_view text_at(std::string_view bytes, uint32_t offset) {
  if (offset >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(offset, kMaxNameBytes);
  const size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace

std::unordered_map<std::string, std::string> parse_linker_cache(std::string_view bytes) {
  std::unordered_map<std::string, std::string> paths;
  // An old-format table may stand before; the new one begins aligned to 8 with its magic.
  const size_t start = bytes.find(kMagic);
  if (start == std::string_view::npos) return paths;
  bytes.remove_prefix(start);
  Header header;
  if (bytes.size() < sizeof header) return paths;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (uint64_t i = 0; i < header.entry_count; ++i) {
    const uint64_t offset = sizeof(Header) + i * sizeof(Entry);
    if (offset + sizeof(Entry) > bytes.size()) break;
    Entry entry;
    std::memcpy(&entry, bytes.data() + offset, sizeof entry);
    if ((static_cast<uint32_t>(entry.flags) & kTypeMask) != kElfLibc6) continue;
    const std::string_view key = text_at(bytes, entry.key);
    const std::string_view value = text_at(bytes, entry.value);
    if (!key.empty() && !value.empty()) paths.emplace(key, value);
  }
  return paths;
}

}  // namespace bp
