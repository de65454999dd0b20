#include "drive/serve.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "case/case_json.hpp"
#include "drive/child_process.hpp"
#include "drive/target.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;

const Group* find_group(std::string_view name) {
  for (const Group& group : all_groups()) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

class Answers {
 public:
  // Out of the way of a provider that closes or writes to small descriptors.
  Answers() : descriptor_(::fcntl(3, F_DUPFD_CLOEXEC, 200)) { ::close(3); }
  ~Answers() { ::close(descriptor_); }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  bool usable() const { return descriptor_ >= 0; }
  void write(const json& answer) const {
    const std::string line = to_line(answer) + "\n";
    for (size_t done = 0; done < line.size();) {
      const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
      if (count <= 0) ::_exit(3);  // the runner is gone
      done += static_cast<size_t>(count);
    }
  }

 private:
  int descriptor_;
};

}  // namespace

uint64_t seed_of_case(uint64_t run_seed, std::string_view id) noexcept {
  uint64_t hash = 0xcbf29ce484222325u ^ run_seed;  // FNV-1a, then splitmix64's finish
  for (const char letter : id) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

std::string file_name_of(std::string_view id) {
  std::string name(id);
  for (char& letter : name) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    if (!plain) letter = '_';
  }
  return name;
}

CaseResult run_case(const CaseInfo& info, const CaseTarget& target) {
  CaseTarget own = target;
  own.seed = seed_of_case(target.seed, info.id);
  if (!own.bundle_folder.empty()) own.bundle_folder += "/" + file_name_of(info.id);
  CaseResult result;
  result.id = info.id;
  result.outcome = Outcome::kPass;
  const auto begin = std::chrono::steady_clock::now();
  try {
    const Group* group = find_group(info.group);
    if (group == nullptr) throw std::runtime_error(fmt::format("there is no group '{}'", info.group));
    group->run(info, own, result);
  } catch (const CaseEnd& end) {
    result.outcome = end.outcome();
    result.text = end.what();
  } catch (const std::exception& error) {
    result.outcome = Outcome::kHarnessError;
    result.text = error.what();
  } catch (...) {
    result.outcome = Outcome::kHarnessError;
    result.text = "something was thrown that is no exception";
  }
  result.id = info.id;
  result.seed = own.seed;
  result.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  return result;
}

int serve_cases() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // what a provider printed is there when it dies
  const Answers answers;
  if (!answers.usable()) {
    std::cerr << "child is no command for people: it is how the runner starts itself\n";
    return 2;
  }
  try {
    std::string line;
    CaseTarget target;
    while (std::getline(std::cin, line)) {
      const json request = json::parse(line);
      if (request.contains("target")) {
        target = target_from_json(request.at("target"));
      } else {
        const CaseInfo info = case_info_from_json(request.at("case"));
        answers.write({{"begin", info.id}});
        std::fputc(kOutputMark, stdout);
        std::fflush(stdout);
        answers.write({{"end", to_json(run_case(info, target))}});
      }
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
  answers.write({{"done", true}});
  return 0;
}

}  // namespace bp::conformance
