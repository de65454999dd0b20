#include "harness/test_graph.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "harness/prepared_graph.hpp"
#include "harness/run_graph.hpp"
#include "load/tensor_file.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"

namespace bp::conformance {
namespace {

void require(const Status& status) {
  if (!status.ok()) throw std::runtime_error("the bundle: " + status.to_string());
}

void write_tensor(const std::filesystem::path& file, const std::string& name, const TensorPtr& tensor) {
  if (tensor == nullptr) return;
  ValueData data;
  data.kind = ValueKind::kTensor;
  data.tensor = tensor;
  require(write_value_data(file.string(), {name, std::move(data)}));
}

}  // namespace

void write_bundle(const std::string& folder, const TestGraph& test, const std::vector<TensorPtr>& found) {
  const std::filesystem::path root(folder), data = root / "test_data_set_0";
  std::filesystem::create_directories(data);
  // A graph from a file has forms that canonicalization settles, and only settled ones can be written.
  const PreparedGraph prepared = prepare(test.graph->clone(), test.inputs);
  require(to_onnx_file(*prepared.graph, (root / "model.onnx").string()));
  const auto name_of = [&](ValueId id) { return test.graph->value(id).name; };
  for (size_t i = 0; i < test.inputs.size(); ++i)
    write_tensor(data / fmt::format("input_{}.pb", i), name_of(test.graph->inputs()[i]), test.inputs[i]);
  for (size_t i = 0; i < test.expected.size(); ++i)
    write_tensor(data / fmt::format("output_{}.pb", i), name_of(test.graph->outputs()[i]), test.expected[i]);
  for (size_t i = 0; i < found.size(); ++i)
    write_tensor(data / fmt::format("found_{}.pb", i), name_of(test.graph->outputs()[i]), found[i]);
}

std::vector<TensorPtr> run_and_judge(const TestGraph& test, const OutputJudge& judge, const CaseTarget& target,
                                     CaseResult& result) {
  const PreparedGraph prepared = prepare(test.graph->clone(), test.inputs);
  if (prepared.core == CoreShare::kAll) not_applicable("all nodes are the core's to run");
  if (prepared.core == CoreShare::kSome) throw CaseEnd(Outcome::kHost, "some nodes are the core's to run");
  if (prepared.graph->alive_count() == 0) not_applicable("nothing is left for a provider to run");
  DeviceUnderTest& device = DeviceUnderTest::of(target);
  std::vector<TensorPtr> found;
  try {
    GraphRun run = run_graph(*prepared.graph, test.inputs, device);
    result.nodes = run.nodes;
    result.nodes_by_provider = run.nodes_by_provider;
    result.reasons = run.reasons;
    if (!run.supported) throw CaseEnd(Outcome::kUnsupported, run.why);
    found = std::move(run.outputs);
    std::string wrong;
    WorstError worst;
    for (size_t i = 0; i < found.size(); ++i) {
      const std::string text = judge(i, test.graph->value(test.graph->outputs()[i]).name, *found[i], worst);
      if (wrong.empty()) wrong = text;
    }
    if (!worst.output.empty()) result.worst = worst;
    if (!wrong.empty()) fail(wrong);
  } catch (const CaseEnd& end) {
    if (end.outcome() != Outcome::kFail || target.bundle_folder.empty()) throw;
    try {
      write_bundle(target.bundle_folder, test, found);
    } catch (const std::exception& error) {  // the failure counts, not what is missing beside it
      fail(fmt::format("{}\n{}", end.what(), error.what()));
    }
    throw;
  }
  return found;
}

}  // namespace bp::conformance
