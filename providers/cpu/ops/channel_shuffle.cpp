// Output channel j * groups + i is input channel i * size + j.
#include "ops/channel_shuffle.hpp"

#include <utility>

#include "ops/blocked.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

// The only node that reads `value`; nullptr: others do, or the host.
const Node* only_reader(const Graph& graph, uint32_t value, const char* op_type) {
  const Value& info = graph.values[value];
  if (info.uses.size() != 1 || info.output_uses > 0) return nullptr;
  const Node& reader = graph.nodes[info.uses[0]];
  return reader.op_type == op_type && reader.domain.empty() && reader.inputs[0] == value ? &reader : nullptr;
}

// Whether a Reshape to `stated` dims (-1: not stated) gives `dims`, as many elements as there were before.
bool leads_back(const Dims& stated, const Dims& dims) {
  size_t open = 0;
  if (stated.size() != dims.size()) return false;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (stated[axis] < 0)
      ++open;
    else if (stated[axis] != dims[axis])
      return false;
  }
  return open <= 1;
}

template <int64_t kGroups>
void interleave(const float* from, float* to, int64_t groups, int64_t size) {
  const int64_t count = kGroups > 0 ? kGroups : groups;
  for (int64_t j = 0; j < size; ++j) {
    for (int64_t i = 0; i < count; ++i) to[j * count + i] = from[i * size + j];
  }
}

}  // namespace

bool build_channel_shuffle(Builder& b, const Dims& to) {
  const Dims dims = b.input_dims(0);
  const Graph& graph = b.graph();
  if (!b.options().fusion || movable_layout(b) != Layout::kChannelsLast || to.size() != dims.size() + 1)
    return false;
  const int64_t groups = to[1];
  const int64_t size = to[2];
  Dims expected = dims;
  expected.erase(expected.begin() + 1);
  expected.insert(expected.begin() + 1, {groups, size});
  if (to != expected || groups * size != dims[1] || element_count(dims) == 0) return false;
  const Node* transpose = only_reader(graph, b.node().outputs[0], "Transpose");
  if (transpose == nullptr) return false;
  Dims perm = {0, 2, 1};
  while (perm.size() < to.size()) perm.push_back(static_cast<int64_t>(perm.size()));
  if (transpose->attributes.ints_or("perm", {}) != perm) return false;
  const Node* back = only_reader(graph, transpose->outputs[0], "Reshape");
  if (back == nullptr || !leads_back(graph.values[back->outputs[0]].dims, dims)) return false;

  const uint32_t last = graph.values[transpose->outputs[0]].uses[0];
  const uint32_t middle = graph.values[b.node().outputs[0]].uses[0];
  Builder::RawStep step;
  step.operands = {b.read(b.node().inputs[0], Layout::kChannelsLast),
                   b.write(back->outputs[0], dims, Layout::kChannelsLast)};
  const int64_t rows = element_count(dims) / dims[1];
  const int threads = b.threads();
  step.kernel = make_kernel([=](const Call& call) {
    parallel_for(threads, rows, rows * groups * size, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const float* from = call.in<float>(0) + row * groups * size;
        float* target = call.out<float>(1) + row * groups * size;
        if (groups == 2) {
          interleave<2>(from, target, groups, size);
        } else if (groups == 4) {
          interleave<4>(from, target, groups, size);
        } else {
          interleave<0>(from, target, groups, size);
        }
      }
    });
  });
  step.name = "Reshape+Transpose+Reshape";
  step.implementation = "channels last";
  step.nodes = {b.node_index(), middle, last};
  b.raw_step(std::move(step));
  b.absorb(middle);
  b.absorb(last);
  return true;
}

}  // namespace bp::cpu
