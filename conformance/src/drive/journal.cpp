#include "drive/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "case/case_json.hpp"
#include "drive/target.hpp"

namespace bp::conformance {

using nlohmann::json;

json journal_header(const CaseTarget& target, const std::string& library_sha256) {
  json header = to_json(target);
  header.erase("bundle_folder");
  header.erase("time_factor");
  return {{"journal", 1},
          {"runner", BP_CONFORMANCE_VERSION},
          {"library_sha256", library_sha256},
          {"target", header}};
}

Journal::Journal(const std::string& path, const json& header, bool resume) : path_(path) {
  if (resume) load(path, header);
  file_ =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (known_.empty() ? O_TRUNC : 0), 0644);
  if (file_ < 0) throw std::runtime_error(fmt::format("{}: {}", path, std::strerror(errno)));
  if (known_.empty()) write(to_line(header));
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

void Journal::load(const std::string& path, const json& header) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(fmt::format("{}: there is no journal to go on with", path));
  std::string line;
  std::getline(file, line);
  const json found = json::parse(line, nullptr, false);
  if (found != json::parse(to_line(header))) {
    throw std::runtime_error(
        fmt::format("{} is of another run: its library, device, options, seed or runner differ", path));
  }
  std::string whole = line + "\n";
  while (std::getline(file, line) && !file.eof()) {
    const json result = json::parse(line, nullptr, false);
    if (result.is_discarded())
      throw std::runtime_error(fmt::format("{}: '{}' is no result", path, line.substr(0, 80)));
    CaseResult read = case_result_from_json(result);
    whole += line + "\n";
    if (read.outcome != Outcome::kHarnessError && read.outcome != Outcome::kMissing) {
      known_[read.id] = std::move(read);
    }
  }
  // Behind the last whole line it goes on.
  if (!known_.empty() && ::truncate(path.c_str(), static_cast<off_t>(whole.size())) != 0) {
    throw std::runtime_error(fmt::format("{}: {}", path, std::strerror(errno)));
  }
}

void Journal::add(const CaseResult& result) { write(to_line(to_json(result))); }

void Journal::write(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error(fmt::format("{}: {}", path_, std::strerror(errno)));
  }
}

}  // namespace bp::conformance
