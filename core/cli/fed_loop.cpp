#include "fed_loop.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace bp::cli {
namespace {

std::optional<size_t> position(const std::vector<ValueInfo>& values, const std::string& name) {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const ValueInfo& value) { return value.name == name; });
  if (found == values.end()) return std::nullopt;
  return static_cast<size_t>(found - values.begin());
}

// A name may hold '=': every place is tried.
std::optional<std::pair<size_t, size_t>> find_feed(const Session& session, const std::string& feed) {
  for (size_t at = feed.find('='); at != std::string::npos; at = feed.find('=', at + 1)) {
    const auto output = position(session.outputs(), feed.substr(0, at));
    const auto input = position(session.inputs(), feed.substr(at + 1));
    if (output && input) return std::pair(*output, *input);
  }
  return std::nullopt;
}

}  // namespace

Result<FedLoop> FedLoop::create(const Session& session, std::span<const NamedValue> inputs,
                                std::span<const std::string> feeds) {
  FedLoop loop(session);
  loop.inputs_.resize(session.inputs().size());
  for (const auto& [name, value] : inputs)
    if (const auto input = position(session.inputs(), name)) loop.inputs_[*input] = value;
  for (const std::string& feed : feeds) {
    const auto pair = find_feed(session, feed);
    if (!pair)
      return Status(ErrorCode::kInvalidArgument,
                    "--feed expects OUTPUT=INPUT with names of the model, found '" + feed + "'");
    loop.feeds_.push_back(*pair);
  }
  return loop;
}

Result<std::vector<int64_t>> FedLoop::run(uint64_t steps) const {
  using Clock = std::chrono::steady_clock;
  std::vector<int64_t> durations;
  durations.reserve(steps);
  std::vector<Value> inputs = inputs_;
  for (uint64_t step = 0; step < steps; ++step) {
    const auto begin = Clock::now();
    BP_ASSIGN_OR_RETURN(const std::vector<Value> outputs, session_->run(std::span<const Value>(inputs)));
    for (const auto& [output, input] : feeds_) inputs[input] = outputs[output];
    durations.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
  }
  return durations;
}

}  // namespace bp::cli
