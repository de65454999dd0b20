// Models made of a few nodes, and an environment with the fake provider and the CPU provider when it is built.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backplane/backplane.hpp"
#include "fixtures/providers/fake_provider.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"
#include "support/graph_builder.hpp"
#include "support/paths.hpp"

namespace bp::test {

inline Value floats(std::vector<int64_t> dims, const std::vector<float>& numbers) {
  return Value::copy_of<float>(std::move(dims), std::span<const float>(numbers)).value();
}

inline std::vector<float> numbers_of(const Value& value) {
  const auto span = value.as<float>().value();
  return {span.begin(), span.end()};
}

class SessionTest : public ::testing::Test {
 protected:
  static bool has_cpu() { return std::filesystem::exists(plugin_dir() / "libbp_cpu.so"); }

  Environment environment(bool with_cpu = true) {
    EnvironmentOptions options;
    options.search_standard_places = false;
    if (with_cpu) options.plugin_directories = {plugin_dir().string()};
    options.log = [this](LogSeverity, std::string_view message) { log.emplace_back(message); };
    return Environment::create(std::move(options)).value();
  }

  Model model(GraphBuilder& builder) {
    bytes = to_onnx_bytes(builder.graph()).value();
    return Model::load(std::as_bytes(std::span<const char>(bytes))).value();
  }

  std::string bytes;  // of the model, which reads them in place
  std::vector<std::string> log;
};

}  // namespace bp::test
