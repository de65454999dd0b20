// An opened FakeProvider with its log, and the objects that lie between it and a run.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/providers/fake_provider.hpp"
#include "provider/graph_view.hpp"
#include "provider/host_services.hpp"
#include "provider/program.hpp"
#include "provider/provider.hpp"
#include "support/graph_builder.hpp"

namespace bp::test {

class ProviderTest : public ::testing::Test {
 protected:
  ProviderTest() : services(HostServices::create({}, 0)) { listen(); }

  void listen() {
    services->set_log(
        [this](LogSeverity severity, std::string_view source, std::string_view message) {
          log.push_back({severity, std::string(source), std::string(message)});
        },
        LogSeverity::kTrace);
  }

  Result<std::shared_ptr<Provider>> try_open(OpenFailure* failure = nullptr) {
    OpenArgs args;
    args.open = FakeProvider::open_function();
    args.name = "Fake";
    return Provider::open(services, std::move(args), failure);
  }
  std::shared_ptr<Device> open_device() {
    auto provider = try_open();
    EXPECT_TRUE(provider.ok()) << provider.status().to_string();
    return provider.ok() ? (*provider)->devices().front() : nullptr;
  }

  // Lines at PROVIDER_MISBEHAVES.
  size_t misbehaviours() const {
    size_t count = 0;
    for (const Line& line : log) count += line.severity == LogSeverity::kProviderMisbehaves ? 1 : 0;
    return count;
  }

  // x: float32[4] -> Relu -> y.
  std::unique_ptr<Graph> relu_graph() {
    GraphBuilder builder;
    const ValueId x = builder.input("x", {4});
    builder.output(builder.node("Relu", {x}, {4}, {}, "y"));
    return builder.take();
  }
  static std::unique_ptr<GraphView> view_of(const Graph& graph, int32_t level = 22) {
    GraphViewOptions options;
    options.canonical_level = level;
    auto view = GraphView::of_graph(graph, std::move(options));
    EXPECT_TRUE(view.ok()) << view.status().to_string();
    return std::move(*view);
  }

  static Result<std::shared_ptr<Instance>> specialize(Program& program) {
    static const int64_t dims[] = {4};
    const TensorSpec spec{ElementType::kFloat32, dims, nullptr};
    SpecializeArgs args;
    args.inputs = {&spec, 1};
    args.outputs = {&spec, 1};
    return program.specialize(args);
  }

  struct Line {
    LogSeverity severity;
    std::string source;
    std::string message;
  };
  std::vector<Line> log;
  FakeProvider fake;
  std::shared_ptr<HostServices> services;
};

inline void expect_contains(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

}  // namespace bp::test
