// Collects what the rules find, each problem with the bodies it lies in.
#pragma once

#include <string>
#include <vector>

#include "backplane/status.hpp"

namespace bp {

class Problems {
 public:
  explicit Problems(size_t limit) : limit_(limit) {}

  void add(std::string message) { add(Status(ErrorCode::kInvalidModel, std::move(message))); }
  void add(const Status& problem) {
    if (problem.ok() || full()) return;
    found_.push_back(places_.empty() ? problem : problem.at(places_.back()));
  }
  bool full() const noexcept { return found_.size() >= limit_; }
  bool empty() const noexcept { return found_.empty(); }

  // Between enter and leave, messages begin with "in 'then_branch' of If 'x': ".
  void enter(const std::string& place) {
    places_.push_back(places_.empty() ? place : places_.back() + " " + place);
  }
  void leave() { places_.pop_back(); }

  Status to_status() const;

 private:
  size_t limit_;
  std::vector<Status> found_;
  std::vector<std::string> places_;
};

}  // namespace bp
