#include "drive/progress.hpp"

#include <fmt/format.h>

namespace bp::conformance {

using std::chrono::seconds;

std::string time_text(seconds time) {
  const int64_t count = time.count();
  if (count < 60) return fmt::format("{} s", count);
  if (count < 3600) return fmt::format("{} min {} s", count / 60, count % 60);
  return fmt::format("{} h {} min", count / 3600, count / 60 % 60);
}

std::string counts_text(const OutcomeCounts& counts) {
  std::string text;
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[i], outcome_name(static_cast<Outcome>(i)));
  }
  return text;
}

Progress::Progress(std::FILE* out, bool is_terminal, size_t total, size_t known)
    : out_(out), is_terminal_(is_terminal), total_(total), known_(known), begin_(Clock::now()), told_(begin_) {}

std::string Progress::line(Clock::duration elapsed) const {
  const size_t finished = known_ + done_;
  std::string text = fmt::format("{}/{}  {}", finished, total_, counts_text(counts_));
  if (done_ > 0 && finished < total_) {
    const double left = std::chrono::duration<double>(elapsed).count() / static_cast<double>(done_) *
                        static_cast<double>(total_ - finished);
    text += fmt::format("  {} left", time_text(seconds(static_cast<int64_t>(left + 1))));
  }
  return text;
}

void Progress::add(const CaseInfo& info, const CaseResult& result) {
  ++done_;
  count(result.outcome);
  if (is_bad(result.outcome)) {
    if (is_terminal_) fmt::print(out_, "\r\x1b[K");
    fmt::print(out_, "{} {}\n  {}\n", outcome_name(result.outcome), info.id, result.text);
  }
  const Clock::time_point now = Clock::now();
  if (now - told_ < (is_terminal_ ? Clock::duration(std::chrono::milliseconds(100)) : seconds(10))) return;
  told_ = now;
  fmt::print(out_, "{}{}{}", is_terminal_ ? "\r\x1b[K" : "", line(now - begin_), is_terminal_ ? "" : "\n");
  std::fflush(out_);
}

void Progress::end() {
  if (is_terminal_) fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
}

}  // namespace bp::conformance
