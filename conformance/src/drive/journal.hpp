// Results as they come, a line each, so that a run that was stopped can go on: devices that start slowly and
// long runs are worth it. The first line says of what run they are.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "case/case_result.hpp"
#include "groups/group.hpp"

namespace bp::conformance {

// What a result depends on besides its case: a journal of another library, seed or device is of no use.
nlohmann::json journal_header(const CaseTarget& target, const std::string& library_sha256);

class Journal {
 public:
  // Begins anew, or with `resume` goes on behind what is there. Throws std::runtime_error when the file cannot
  // be written, or when it is of another run.
  Journal(const std::string& path, const nlohmann::json& header, bool resume);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Results of the earlier run, by id. A last line that was cut off is left out, and so is what the runner
  // itself could not do.
  const std::map<std::string, CaseResult>& known() const { return known_; }
  // With the system when it returns.
  void add(const CaseResult& result);

 private:
  void load(const std::string& path, const nlohmann::json& header);
  void write(const std::string& line);

  std::map<std::string, CaseResult> known_;
  int file_ = -1;
  std::string path_;
};

}  // namespace bp::conformance
