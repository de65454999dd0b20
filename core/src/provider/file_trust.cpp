#include "provider/file_trust.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace bp {
namespace {

// `distant`: a folder above the one that holds the file. There the sticky bit suffices: others can add entries,
// but not replace ours.
std::string culprit(const std::filesystem::path& path, bool distant) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return fmt::format("{} cannot be looked at", path.string());
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return fmt::format("{} belongs to another user (uid {})", path.string(), info.st_uid);
  }
  const bool by_group = (info.st_mode & S_IWGRP) != 0 && info.st_gid != 0;
  const bool by_all = (info.st_mode & S_IWOTH) != 0;
  const bool guarded = distant && (info.st_mode & S_ISVTX) != 0;
  if ((by_group || by_all) && !guarded) {
    return fmt::format("{} can be written by {}", path.string(), by_all ? "everybody" : "its group");
  }
  return {};
}

}  // namespace

std::string who_else_can_write(const std::string& path) {
  std::filesystem::path place(path);
  if (std::string found = culprit(place, false); !found.empty()) return found;
  place = place.parent_path();
  if (std::string found = culprit(place, false); !found.empty()) return found;
  while (place != place.parent_path()) {
    place = place.parent_path();
    if (std::string found = culprit(place, true); !found.empty()) return found;
  }
  return {};
}

}  // namespace bp
