// What tuning measured, as text: kept in a file between processes, and in saved programs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bp::cpu {

// One way of doing something, and how long it took.
struct Timed {
  std::string name;
  uint64_t ns = 0;
};
using Measured = std::vector<Timed>;  // fastest first
using MeasuredByKey = std::map<std::string, Measured>;

std::string write_measured(const MeasuredByKey& all);
// False where the text is not whole; `why` says what is wrong where.
bool read_measured(std::string_view text, MeasuredByKey& all, std::string& why);

// The file that a user's processes share: "$XDG_CACHE_HOME/backplane/cpu-tuning" or the like; empty where the
// environment names no such place.
std::string default_tuning_path();
// Adds what the file at `path` holds and is not in `all` yet; a missing file holds nothing.
bool load_measured(const std::string& path, MeasuredByKey& all, std::string& why);
// Writes the file anew under another name and renames it: readers see the old one or the new one.
bool store_measured(const std::string& path, const MeasuredByKey& all, std::string& why);

}  // namespace bp::cpu
