// Lines of text: a title; per key the key, a tab, and "name=nanoseconds" separated by tabs; "end" and the
// number of keys.
#include "tuning_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "support.hpp"

namespace bp::cpu {

namespace {

constexpr std::string_view kTitle = "backplane.cpu tuning 1";

// Takes what stands before the next `end` off the text.
std::string_view take(std::string_view& text, char end) {
  const size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

bool read_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_line(std::string_view line, std::string& key, Measured& measured) {
  key = take(line, '\t');
  while (!line.empty()) {
    const std::string_view entry = take(line, '\t');
    const size_t at = entry.rfind('=');
    Timed timed;
    if (at == std::string_view::npos || at == 0 || !read_number(entry.substr(at + 1), timed.ns)) return false;
    timed.name = entry.substr(0, at);
    measured.push_back(std::move(timed));
  }
  return !key.empty() && !measured.empty();
}

}  // namespace

std::string write_measured(const MeasuredByKey& all) {
  std::string result = text(kTitle, "\n");
  for (const auto& [key, measured] : all) {
    result += key;
    for (const Timed& timed : measured) result += text("\t", timed.name, "=", timed.ns);
    result += "\n";
  }
  return result + text("end ", all.size(), "\n");
}

bool read_measured(std::string_view source, MeasuredByKey& all, std::string& why) {
  MeasuredByKey found;
  size_t number = 1;
  if (take(source, '\n') != kTitle) {
    why = text("line 1 must be '", kTitle, "'");
    return false;
  }
  while (!source.empty()) {
    ++number;
    const std::string_view line = take(source, '\n');
    if (line == text("end ", found.size()) && source.empty()) {
      all.merge(found);
      return true;
    }
    std::string key;
    Measured measured;
    if (!read_line(line, key, measured)) {
      why = text("line ", number, " is neither a measurement nor the end after ", found.size());
      return false;
    }
    found[key] = std::move(measured);
  }
  why = text("it is cut off after line ", number);
  return false;
}

std::string default_tuning_path() {
  const char* folder = std::getenv("XDG_CACHE_HOME");
  if (folder != nullptr && *folder == '/') return text(folder, "/backplane/cpu-tuning");
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return text(home, "/.cache/backplane/cpu-tuning");
  return {};
}

bool load_measured(const std::string& path, MeasuredByKey& all, std::string& why) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return true;
  std::ifstream file(path, std::ios::binary);
  const std::string all_of_it{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    why = "it cannot be read";
    return false;
  }
  return read_measured(all_of_it, all, why);
}

bool store_measured(const std::string& path, const MeasuredByKey& all, std::string& why) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  std::string name = path + ".XXXXXX";
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) {
    why = text("no file can be made beside it: ", std::strerror(errno));
    return false;
  }
  const std::string content = write_measured(all);
  const bool written =
      write(descriptor, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (close(descriptor) == 0 && written && std::rename(name.c_str(), path.c_str()) == 0) return true;
  why = text("it cannot be written: ", std::strerror(errno));
  unlink(name.c_str());
  return false;
}

}  // namespace bp::cpu
