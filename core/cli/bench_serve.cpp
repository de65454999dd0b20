#include "bench_serve.hpp"

#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "bound_run.hpp"
#include "fed_loop.hpp"

namespace bp::cli {
namespace {

constexpr uint64_t kMostRuns = 10'000'000;

class Server {
 public:
  Server(const Session& session, const ServedRuns& runs) : session_(session), runs_(runs) {}

  nlohmann::json answer(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    uint64_t count = 0;
    words >> command;
    if (command == "rss") {
      const ProcessMemory memory = process_memory();
      return {{"rss_bytes", memory.rss_bytes}, {"peak_rss_bytes", memory.peak_rss_bytes}};
    }
    if (command == "run" && words >> count && count >= 1 && count <= kMostRuns) {
      const auto durations = run(count);
      if (!durations.ok()) return {{"error", durations.status().to_string()}};
      return {{"ns", *durations}};
    }
    return {{"error", "expected 'run N', 'rss' or 'quit', found '" + line + "'"}};
  }

 private:
  Result<std::vector<int64_t>> run(uint64_t count) {
    if (!runs_.feeds.empty()) {
      if (!loop_) {
        BP_ASSIGN_OR_RETURN(loop_, FedLoop::create(session_, runs_.inputs, runs_.feeds));
      }
      return loop_->run(count);
    }
    std::vector<int64_t> durations;
    durations.reserve(count);
    if (!bound_) {
      BP_ASSIGN_OR_RETURN(bound_, BoundRun::create(session_, runs_.inputs, runs_.device));
      durations.push_back(bound_->first_run_ns());
    }
    while (durations.size() < count) {
      BP_ASSIGN_OR_RETURN(const int64_t duration, bound_->time_once());
      durations.push_back(duration);
    }
    return durations;
  }

  const Session& session_;
  const ServedRuns& runs_;
  std::optional<BoundRun> bound_;
  std::optional<FedLoop> loop_;
};

}  // namespace

Status serve(const Session& session, const ServedRuns& runs, int64_t load_ns, const ProcessMemory& idle,
             std::istream& in, std::ostream& out) {
  nlohmann::json phases = nlohmann::json::object();
  for (const ReportPhase& phase : session.report().phases) phases[phase.name] = phase.duration_ns;
  out << nlohmann::json{{"ready", true},
                        {"load_ns", load_ns},
                        {"idle_rss_bytes", idle.peak_rss_bytes},
                        {"phases", std::move(phases)}}
      << std::endl;
  Server server(session, runs);
  for (std::string line; std::getline(in, line) && line != "quit";) out << server.answer(line) << std::endl;
  if (!out) return {ErrorCode::kIo, "the answers cannot be written"};
  return {};
}

}  // namespace bp::cli
