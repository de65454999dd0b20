// A dim is symbolic where a case's variants differ in it; dims that take the same sizes in all variants are one
// symbol.
#include "groups/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

#include "compare/error_facts.hpp"
#include "groups/operators/build_case.hpp"
#include "harness/prepared_graph.hpp"
#include "harness/run_piece.hpp"

namespace bp::conformance {
namespace {

using Ints = std::vector<int64_t>;

// The operands of each run; operands that are constants are those of the first.
struct ShapeCase {
  const char* name;
  const char* op_type;
  std::vector<std::vector<Operand>> runs;
  std::vector<Attribute> attributes;
  size_t outputs = 1;
};

Operand rows(std::vector<int64_t> dims) { return data(std::move(dims)); }

Operand mask(int64_t count, double share) {
  Operand operand = typed(ElementType::kBool, listed({count}, {}));
  for (int64_t i = 0; i < count; ++i) operand.values.push_back(static_cast<double>(i % 7) < 7 * share ? 1 : 0);
  if (count == 0) operand.values = {0};
  return operand;
}

// The same weights in every run, sizes of the fed operand from `sizes`.
template <class Make>
std::vector<std::vector<Operand>> each(std::initializer_list<int64_t> sizes, Make&& make) {
  std::vector<std::vector<Operand>> runs;
  for (const int64_t size : sizes) runs.push_back(make(size));
  return runs;
}

const std::vector<ShapeCase>& shape_cases() {
  static const std::vector<ShapeCase> cases = {
      {"Relu", "Relu", {{rows({2, 3})}, {rows({5, 1})}, {rows({1, 1031})}, {rows({0, 4})}, {rows({2, 3})}}, {}},
      {"Add",
       "Add",
       each({3, 1, 17, 0, 64},
            [](int64_t n) {
              return std::vector{rows({n, 5}), rows({n, 5})};
            }),
       {}},
      {"Add.broadcast",
       "Add",
       {{rows({2, 3, 4}), rows({4})}, {rows({1, 7, 9}), rows({9})}, {rows({3, 1, 1}), rows({1})}},
       {}},
      {"Exp", "Exp", each({1, 2, 100, 1031}, [](int64_t n) { return std::vector{rows({n})}; }), {}},
      {"MatMul",
       "MatMul",
       each({1, 2, 33, 0, 7},
            [](int64_t n) {
              return std::vector{rows({n, 24}), fixed(rows({24, 10}))};
            }),
       {}},
      {"MatMul.both",
       "MatMul",
       {{rows({2, 3}), rows({3, 4})}, {rows({5, 17}), rows({17, 1})}, {rows({1, 1}), rows({1, 1})}},
       {}},
      {"Gemm",
       "Gemm",
       each({1, 16, 3},
            [](int64_t n) {
              return std::vector{rows({n, 8}), fixed(rows({8, 6})), fixed(rows({6}))};
            }),
       {}},
      {"Conv",
       "Conv",
       {{rows({1, 3, 8, 8}), fixed(rows({4, 3, 3, 3}))},
        {rows({2, 3, 5, 11}), fixed(rows({4, 3, 3, 3}))},
        {rows({1, 3, 3, 3}), fixed(rows({4, 3, 3, 3}))}},
       {{"pads", Ints{1, 1, 1, 1}}}},
      {"MaxPool",
       "MaxPool",
       {{rows({1, 2, 6, 6})}, {rows({3, 2, 9, 4})}},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}}},
      {"Softmax", "Softmax", {{rows({2, 5})}, {rows({7, 1})}, {rows({1, 300})}, {rows({0, 3})}}, {}},
      {"LayerNormalization",
       "LayerNormalization",
       each({1, 2, 50},
            [](int64_t n) {
              return std::vector{rows({n, 16}), fixed(rows({16})), fixed(rows({16}))};
            }),
       {}},
      {"ReduceMean",
       "ReduceMean",
       {{rows({3, 4}), list({1})}, {rows({1, 9}), list({1})}, {rows({20, 1}), list({1})}},
       {}},
      {"Concat",
       "Concat",
       {{rows({2, 3}), rows({2, 1})}, {rows({4, 1}), rows({4, 9})}, {rows({1, 0}), rows({1, 2})}},
       {{"axis", int64_t{1}}}},
      {"Transpose", "Transpose", {{rows({2, 3, 4})}, {rows({1, 7, 5})}}, {{"perm", Ints{2, 0, 1}}}},
      {"Reshape",
       "Reshape",
       {{rows({2, 6}), list({-1, 3})}, {rows({5, 6}), list({-1, 3})}, {rows({1, 6}), list({-1, 3})}},
       {}},
      {"Reshape.value",
       "Reshape",
       {{rows({2, 6}), fed(list({3, 4}))},
        {rows({2, 6}), fed(list({12, 1}))},
        {rows({2, 6}), fed(list({1, -1}))}},
       {}},
      {"Expand.value", "Expand", {{rows({1, 3}), fed(list({2, 3}))}, {rows({1, 3}), fed(list({5, 3}))}}, {}},
      {"Slice.value",
       "Slice",
       {{rows({9, 4}), fed(list({1})), fed(list({5}))},
        {rows({9, 4}), fed(list({0})), fed(list({9}))},
        {rows({9, 4}), fed(list({7})), fed(list({7}))}},
       {}},
      {"Tile.value", "Tile", {{rows({2, 3}), fed(list({1, 2}))}, {rows({2, 3}), fed(list({3, 1}))}}, {}},
      {"Pad.value",
       "Pad",
       {{rows({2, 3}), fed(list({0, 1, 0, 1}))}, {rows({2, 3}), fed(list({2, 0, 0, 0}))}},
       {}},
      {"TopK.value", "TopK", {{distinct({3, 7}), fed(list({2}))}, {distinct({3, 7}), fed(list({5}))}}, {}, 2},
      {"Range.value",
       "Range",
       {{fed(listed({}, {0})), fed(listed({}, {5})), fed(listed({}, {1}))},
        {fed(listed({}, {1})), fed(listed({}, {2})), fed(listed({}, {0.25}))}},
       {}},
      {"ConstantOfShape.value",
       "ConstantOfShape",
       {{fed(list({2, 3}))}, {fed(list({7, 1}))}, {fed(list({0, 4}))}},
       {}},
      {"Gather",
       "Gather",
       {{rows({4, 3}), typed(ElementType::kInt64, listed({2}, {3, 0}))},
        {rows({9, 3}), typed(ElementType::kInt64, listed({5}, {8, 0, 1, 2, -1}))}},
       {}},
      {"LSTM",
       "LSTM",
       {{rows({3, 2, 4}), fixed(rows({1, 12, 4})), fixed(rows({1, 12, 3}))},
        {rows({6, 1, 4}), fixed(rows({1, 12, 4})), fixed(rows({1, 12, 3}))}},
       {{"hidden_size", int64_t{3}}},
       3},
      {"NonZero",
       "NonZero",
       {{listed({3, 4}, {1, 0, 0, 1, 1})},
        {listed({3, 4}, {0})},
        {listed({3, 4}, {1})},
        {listed({5, 2}, {1, 0})}},
       {}},
      {"Compress",
       "Compress",
       {{rows({8, 3}), mask(8, 0.5)}, {rows({8, 3}), mask(8, 0)}, {rows({8, 3}), mask(8, 1)}},
       {{"axis", int64_t{0}}}},
      {"Unique", "Unique", {{listed({9}, {3, 1, 2, 3, 1})}, {listed({9}, {7})}, {distinct({9})}}, {}, 4},
      {"NonMaxSuppression",
       "NonMaxSuppression",
       {{listed({1, 4, 4}, {0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 10, 1, 11, 0, 5, 1, 6}),
         listed({1, 1, 4}, {0.9, 0.8, 0.7, 0.6}), list({4}), fixed(listed({1}, {0.5})),
         fixed(listed({1}, {0.65}))},
        {listed({1, 4, 4}, {0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 10, 1, 11, 0, 5, 1, 6}),
         listed({1, 1, 4}, {0.1, 0.2, 0.3, 0.1}), list({4}), fixed(listed({1}, {0.5})),
         fixed(listed({1}, {0.65}))}},
       {}},
  };
  return cases;
}

// Cases about a promise rather than an operator run all that it is about.
constexpr std::string_view kRanges = "ranges";
constexpr std::string_view kDataDependent = "data_dependent";
constexpr std::string_view kOnData[] = {"NonZero", "Compress", "Unique", "NonMaxSuppression"};

std::vector<CaseInfo> plan(const PlanRequest&) {
  std::vector<CaseInfo> planned;
  const auto add = [&](std::string_view name, std::string summary, std::vector<int> requirements) -> CaseInfo& {
    CaseInfo info;
    info.id = fmt::format("shapes.{}", name);
    info.group = "shapes";
    info.level = Level::kClaims;
    info.summary = std::move(summary);
    info.requirements = std::move(requirements);
    planned.push_back(std::move(info));
    return planned.back();
  };
  add(kRanges,
      "an instance that claims ranges gives right results for sizes inside them, bound without specializing",
      {74})
      .timeout = std::chrono::seconds(30);
  add(kDataDependent, "outputs whose size depends on data have their true size, run after run", {76});
  for (const ShapeCase& one : shape_cases()) {
    CaseInfo& info = add(one.name, fmt::format("one compiled {} serves many sizes", one.op_type), {74});
    info.op_type = one.op_type;
    info.element_type = "float32";
  }
  return planned;
}

OperatorCase as_case(const ShapeCase& one, size_t run) {
  OperatorCase made;
  made.info.id = one.name;
  made.info.op_type = one.op_type;
  made.inputs = one.runs[run];
  made.attributes = one.attributes;
  made.outputs = one.outputs;
  return made;
}

// The runs' graphs; constants have the same seed in all, so that one program serves them.
std::vector<TestGraph> build_runs(const ShapeCase& one, uint64_t seed) {
  std::vector<TestGraph> runs;
  for (size_t run = 0; run < one.runs.size(); ++run) {
    runs.push_back(build_case(as_case(one, run), seed));
    runs.back().expected = expected_outputs(*runs.back().graph, runs.back().inputs);
  }
  return runs;
}

std::unique_ptr<Graph> with_symbols(const std::vector<TestGraph>& runs) {
  std::unique_ptr<Graph> graph = runs.front().graph->clone();
  std::map<std::vector<int64_t>, SymbolId> symbols;
  for (size_t input = 0; input < graph->inputs().size(); ++input) {
    Dims& dims = graph->value(graph->inputs()[input]).type.dims;
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      std::vector<int64_t> sizes;
      for (const TestGraph& run : runs) sizes.push_back(run.inputs[input]->dims[axis]);
      if (std::all_of(sizes.begin(), sizes.end(), [&](int64_t size) { return size == sizes[0]; })) continue;
      const auto [place, fresh] = symbols.emplace(sizes, 0);
      if (fresh) place->second = graph->symbols().intern(fmt::format("N{}", symbols.size()));
      dims[axis] = Dim::named(place->second);
    }
  }
  return graph;
}

bool inside(const InstanceInfo& info, const std::vector<TensorPtr>& inputs) {
  if (!info.serves_range || info.input_ranges.size() != inputs.size()) return false;
  for (size_t input = 0; input < inputs.size(); ++input)
    for (size_t axis = 0; axis < inputs[input]->dims.size(); ++axis) {
      const DimRange& range = info.input_ranges[input][axis];
      const int64_t size = inputs[input]->dims[axis];
      if (size < range.min || (range.max != kUnknownDim && size > range.max)) return false;
    }
  return true;
}

class Session {
 public:
  Session(const ShapeCase& one, const CaseTarget& target, CaseResult& result)
      : device_(DeviceUnderTest::of(target)), result_(result), runs_(build_runs(one, target.seed)) {
    prepared_ = prepare(with_symbols(runs_), {});
    PieceVerdict verdict = ask(*prepared_.graph, device_);
    result.nodes = prepared_.graph->alive_count();
    result.reasons = verdict.reasons;
    if (!verdict.supported) throw CaseEnd(Outcome::kUnsupported, verdict.text);
    if (!verdict.whole)
      throw CaseEnd(Outcome::kUnsupported, "the parts of the operator are not taken as one partition");
    piece_.emplace(*prepared_.graph, std::move(verdict), device_);
    result.nodes_by_provider = result.nodes;
  }

  // Every size, specialized.
  void run_all() {
    for (size_t run = 0; run < runs_.size(); ++run) check(run, piece_->run(runs_[run].inputs), "");
  }

  // How often an instance served sizes that it was not made for.
  size_t run_ranges() {
    size_t served = 0;
    for (size_t made_for = 0; made_for < runs_.size(); ++made_for) {
      check(made_for, piece_->run(runs_[made_for].inputs), "");
      for (size_t run = 0; run < runs_.size(); ++run) {
        if (run == made_for || !inside(piece_->instance().info(), runs_[run].inputs)) continue;
        check(run, piece_->run_in_range(runs_[run].inputs),
              fmt::format(", by an instance that was made for run {}", made_for));
        ++served;
      }
    }
    return served;
  }

 private:
  // What the node reads: inputs of the run, and constants of the graph.
  static std::vector<TensorPtr> operands(const TestGraph& test, const Node& node) {
    const std::vector<ValueId>& inputs = test.graph->inputs();
    std::vector<TensorPtr> all;
    for (const ValueId id : node.inputs) {
      const auto at = std::find(inputs.begin(), inputs.end(), id);
      if (id == kNoId) {
        all.emplace_back();
      } else if (at != inputs.end()) {
        all.push_back(test.inputs[static_cast<size_t>(at - inputs.begin())]);
      } else {
        all.push_back(test.graph->value(id).constant);
      }
    }
    return all;
  }

  void check(size_t run, const std::vector<TensorPtr>& found, const std::string& how) {
    const TestGraph& test = runs_[run];
    const Node& node = test.graph->node(0);
    const ErrorFacts facts = error_facts(node, operands(test, node), test.expected);
    WorstError worst = result_.worst.value_or(WorstError{});
    for (size_t i = 0; i < found.size(); ++i) {
      const ToleranceRow& row = ToleranceTable::built_in().find(node.op_type, test.expected[i]->type);
      const std::string wrong = judge(test.graph->value(test.graph->outputs()[i]).name, *test.expected[i],
                                      *found[i], row, facts, worst);
      if (!worst.output.empty()) result_.worst = worst;
      if (!wrong.empty()) fail(fmt::format("run {} of {}{}: {}", run, node.op_type, how, wrong));
    }
  }

  DeviceUnderTest& device_;
  CaseResult& result_;
  std::vector<TestGraph> runs_;
  PreparedGraph prepared_;
  std::optional<Piece> piece_;
};

void run_promise(std::string_view name, const CaseTarget& target, CaseResult& result) {
  size_t checked = 0;
  std::string rejected;
  CaseResult own;
  for (const ShapeCase& one : shape_cases()) {
    const bool on_data =
        std::find(std::begin(kOnData), std::end(kOnData), std::string_view(one.name)) != std::end(kOnData);
    if (name == kDataDependent && !on_data) continue;
    try {
      Session session(one, target, own);
      if (name == kRanges) checked += session.run_ranges();
      if (name == kDataDependent) session.run_all(), ++checked;
    } catch (const CaseEnd& end) {
      if (end.outcome() != Outcome::kUnsupported)
        throw CaseEnd(end.outcome(), fmt::format("{}: {}", one.name, end.what()));
    }
    result.nodes += own.nodes;
    result.nodes_by_provider += own.nodes_by_provider;
    own = {};
  }
  result.nodes = result.nodes_by_provider;  // what it rejects is judged by the operators' own cases
  if (checked == 0)
    not_applicable(name == kRanges ? "no instance claims ranges"
                                   : "no operator whose output size depends on data is supported");
}

void run(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  const std::string_view name = std::string_view(info.id).substr(info.group.size() + 1);
  if (name == kRanges || name == kDataDependent) return run_promise(name, target, result);
  for (const ShapeCase& one : shape_cases())
    if (one.name == name) return Session(one, target, result).run_all();
  throw std::runtime_error("there is no case '" + info.id + "'");
}

}  // namespace

Group shapes_group() { return {"shapes", "dynamic shapes: one program, many sizes", plan, run}; }

}  // namespace bp::conformance
