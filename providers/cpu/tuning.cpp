// Timing candidates: in turns, lest a change of the machine's pace hit only one, each with its data gone from
// the near caches as after the layers before it.
#include "tuning.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace bp::cpu {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kNearCacheBytes = size_t{4} << 20;
constexpr size_t kMostKeys = 20000;  // in the file
// What another candidate must save for the rule's to be dropped.
constexpr double kClearlyFaster = 0.97;

uint64_t elapsed_ns(Clock::time_point since) {
  return static_cast<uint64_t>(std::chrono::nanoseconds(Clock::now() - since).count());
}

// Reads all of it, so that the near caches hold nothing else.
void sweep(std::vector<unsigned char>& bytes) {
  unsigned sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 64) sum += bytes[i];
  bytes[0] = static_cast<unsigned char>(sum);
}

std::string microseconds(uint64_t ns) { return text((ns + 500) / 1000, " us"); }

std::string note_of(const Measured& measured, const std::string& chosen) {
  std::string note = text("timed: ", chosen);
  for (const Timed& timed : measured) {
    if (timed.name == chosen) note += text(" ", microseconds(timed.ns));
  }
  for (const Timed& timed : measured) {
    if (timed.name != chosen) note += text(", ", timed.name, " ", microseconds(timed.ns));
  }
  return note;
}

// The candidate to take; candidates.size() where what was measured is about others.
size_t pick(const Measured& measured, std::span<const Candidate> candidates, size_t by_rule) {
  size_t best = candidates.size();
  uint64_t best_ns = 0;
  uint64_t rule_ns = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto timed = std::find_if(measured.begin(), measured.end(),
                                    [&](const Timed& entry) { return entry.name == candidates[i].name; });
    if (timed == measured.end()) return candidates.size();
    if (i == by_rule) rule_ns = timed->ns;
    if (best == candidates.size() || timed->ns < best_ns) {
      best = i;
      best_ns = timed->ns;
    }
  }
  return static_cast<double>(best_ns) < static_cast<double>(rule_ns) * kClearlyFaster ? best : by_rule;
}

}  // namespace

Tuning::Tuning(const bp_host* host, const Options& options, std::string device, std::string_view saved)
    : host_(host), mode_(options.tuning), device_(std::move(device)) {
  std::string why;
  if (!saved.empty() && !read_measured(saved, known_, why)) {
    throw Error(BP_STATUS_IO, text("the saved program's choices make no sense: ", why));
  }
  is_idle_ = mode_ == TuningMode::kOff && known_.empty();
  if (mode_ == TuningMode::kOff || options.tuning_cache == "none") return;
  path_ = options.tuning_cache.empty() ? default_tuning_path() : options.tuning_cache;
  if (!path_.empty() && !load_measured(path_, known_, why)) warn("is ignored", why);
}

void Tuning::warn(const std::string& what, const std::string& why) const {
  host_->log(host_, BP_LOG_WARNING, abi(text("the file of tuning results '", path_, "' ", what, ": ", why)));
}

std::optional<Choice> Tuning::known(const std::string& key, std::span<const Candidate> candidates,
                                    size_t by_rule) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::string whole = text(device_, "; ", key);
  const auto found = known_.find(whole);
  if (found == known_.end()) return std::nullopt;
  const size_t index = pick(found->second, candidates, by_rule);
  if (index == candidates.size()) return std::nullopt;
  used_[whole] = found->second;
  return Choice{index, note_of(found->second, candidates[index].name)};
}

Choice Tuning::choose(const std::string& key, std::span<const Candidate> candidates, size_t by_rule) {
  if (candidates.size() < 2) return {by_rule, {}};
  if (const auto choice = known(key, candidates, by_rule)) return *choice;
  if (mode_ == TuningMode::kOff) return {by_rule, {}};
  // Not under the lock: a candidate may itself consist of choices.
  const Measured measured = measure(candidates);
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::string whole = text(device_, "; ", key);
  known_[whole] = used_[whole] = measured;
  is_new_ = true;
  const size_t index = pick(measured, candidates, by_rule);
  return {index, note_of(measured, candidates[index].name)};
}

Measured Tuning::measure(std::span<const Candidate> candidates) const {
  const bool quick = mode_ == TuningMode::kQuick;
  const int most_rounds = quick ? 3 : 9;
  const uint64_t budget_ns = quick ? 10'000'000 : 150'000'000;
  std::vector<unsigned char> cache(kNearCacheBytes, 1);
  std::vector<std::function<void()>> runs;
  Measured measured;
  for (const Candidate& candidate : candidates) {
    runs.push_back(candidate.prepare());
    runs.back()();  // touches its memory
    measured.push_back({candidate.name, UINT64_MAX});
  }
  const auto begin = Clock::now();
  for (int round = 0; round < most_rounds && (round == 0 || elapsed_ns(begin) < budget_ns); ++round) {
    for (size_t i = 0; i < runs.size(); ++i) {
      sweep(cache);
      const auto start = Clock::now();
      runs[i]();
      measured[i].ns = std::min(measured[i].ns, elapsed_ns(start));
    }
  }
  std::sort(measured.begin(), measured.end(), [](const Timed& a, const Timed& b) { return a.ns < b.ns; });
  return measured;
}

void Tuning::store() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (path_.empty() || !is_new_) return;
  is_new_ = false;
  std::string why;
  MeasuredByKey all = used_;
  // What other processes have added meanwhile stays.
  MeasuredByKey others;
  if (load_measured(path_, others, why) && others.size() < kMostKeys) all.merge(others);
  if (!store_measured(path_, all, why)) warn("is not kept", why);
}

std::string Tuning::text_for_saving() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return used_.empty() ? std::string() : write_measured(used_);
}

}  // namespace bp::cpu
