// One session called from several threads at once, from its first run on: every caller gets the bits that a
// caller alone gets. What races is seen under the thread sanitizer.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "backplane/backplane.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

Session create_session(const fs::path& folder) {
  EnvironmentOptions environment;
  environment.search_standard_places = false;
  environment.plugin_directories = {plugin_dir().string()};
  SessionOptions options;
  options.threads = 1;  // the callers are the threads
  return Session::create(Environment::create(environment).value(), (folder / "model.onnx").string(), options)
      .value();
}

std::vector<Value> read_inputs(const Session& session, const fs::path& folder) {
  std::vector<Value> inputs;
  for (size_t i = 0; i < session.inputs().size(); ++i) {
    const fs::path file = folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
    inputs.push_back(read_value_file(file.string(), session.inputs()[i]).value());
  }
  return inputs;
}

bool same_bits(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].dims() != b[i].dims() || a[i].size_bytes() != b[i].size_bytes()) return false;
    if (a[i].size_bytes() > 0 && std::memcmp(a[i].data(), b[i].data(), a[i].size_bytes()) != 0) return false;
  }
  return true;
}

void call_from_many_threads(const fs::path& folder) {
  constexpr int kCallers = 4;
  constexpr int kRuns = 5;
  const Session alone = create_session(folder);
  const std::vector<Value> inputs = read_inputs(alone, folder);
  const std::vector<Value> expected = alone.run(inputs).value();

  const Session shared = create_session(folder);
  std::vector<int> right(kCallers, 0);
  std::vector<std::thread> callers;
  for (int& count : right) {
    callers.emplace_back([&] {
      for (int run = 0; run < kRuns; ++run) {
        const auto results = shared.run(inputs);
        count += results.ok() && same_bits(*results, expected) ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, std::vector<int>(kCallers, kRuns)) << folder;
}

TEST(ConcurrentCallers, OfTheDigitsModel) { call_from_many_threads(source_dir() / "examples/digits"); }

// Branches, loops, recurrence, shapes that data decide, a transformer.
TEST(ConcurrentCallers, OfRealModels) {
  const auto models = models_dir();
  if (!models) GTEST_SKIP() << "BACKPLANE_MODELS is not set";
  for (const char* name :
       {"mnist8", "lstm_loop", "silero_vad_v6", "byte_bilstm", "tinybert_tribuo", "yunet_n_dynamic"}) {
    if (fs::exists(*models / name)) call_from_many_threads(*models / name);
  }
}

}  // namespace
}  // namespace bp::test
