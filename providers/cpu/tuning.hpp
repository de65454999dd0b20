// Tuning: where several ways lead to one result, they are timed on this machine and the fastest is taken. What
// was measured is kept for the program, its saved form, and the user's other processes.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "options.hpp"
#include "support.hpp"
#include "tuning_file.hpp"

namespace bp::cpu {

// One way: `prepare` allocates what it needs, with made-up data, and gives what does it once.
struct Candidate {
  std::string name;
  std::function<std::function<void()>()> prepare;
};

struct Choice {
  size_t index = 0;
  std::string note;  // for people: "timed: winograd 4x4 345 us, direct 869 us"; empty where nothing was timed
};

class Tuning {
 public:
  // `device`: what the numbers hold for. `saved`: of a saved program, which is obeyed in every mode; may be
  // empty. Throws IO where it is no such text.
  Tuning(const bp_host* host, const Options& options, std::string device, std::string_view saved);

  TuningMode mode() const noexcept { return mode_; }
  // Every choice is the rule's: nobody needs to list candidates.
  bool is_idle() const noexcept { return is_idle_; }
  // What is known for `key`; empty where nothing is, or about other candidates. [any-thread]
  std::optional<Choice> known(const std::string& key, std::span<const Candidate> candidates, size_t by_rule);
  // The fastest candidate for what `key` stands for (shapes, threads): as known, else timed, else (off, or only
  // one) that of the rule, which also stays where no other is clearly faster. [any-thread]
  Choice choose(const std::string& key, std::span<const Candidate> candidates, size_t by_rule);
  // Gives what is new to the user's file. [any-thread]
  void store();
  // All that was asked for and is known. [any-thread]
  std::string text_for_saving();

 private:
  Measured measure(std::span<const Candidate> candidates) const;
  void warn(const std::string& what, const std::string& why) const;

  const bp_host* host_;
  TuningMode mode_;
  std::string path_;  // empty: no file
  std::string device_;
  std::mutex mutex_;
  MeasuredByKey known_;  // by device and key
  MeasuredByKey used_;   // of this program
  bool is_idle_;
  bool is_new_ = false;  // something is not in the file yet
};

}  // namespace bp::cpu
