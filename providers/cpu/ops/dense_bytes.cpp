// Dynamically quantized products: MatMulInteger, the Cast of its sums and their scales as one step.
#include <algorithm>
#include <utility>

#include "byte_products.hpp"
#include "constants.hpp"
#include "onednn_step.hpp"
#include "ops/dense.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

struct Scaled {
  uint32_t cast = BP_NONE;  // nodes
  uint32_t multiply = BP_NONE;
  uint32_t scales = BP_NONE;  // values
  uint32_t result = BP_NONE;
};

// The one node that reads `value`, BP_NONE where there are more or fewer.
uint32_t only_reader(const Graph& graph, uint32_t value) {
  const Value& info = graph.values[value];
  return info.uses.size() == 1 && info.output_uses == 0 ? info.uses[0] : BP_NONE;
}

// Cast to float32 and Mul by one number, or one per column, that is there already.
bool find_scaled(const Builder& b, int64_t columns, Scaled& found) {
  const Graph& graph = b.graph();
  found.cast = only_reader(graph, b.node().outputs[0]);
  if (found.cast == BP_NONE) return false;
  const Node& cast = graph.nodes[found.cast];
  if (cast.op_type != "Cast" || !cast.domain.empty()) return false;
  if (graph.values[cast.outputs[0]].type != Type::kFloat32) return false;
  found.multiply = only_reader(graph, cast.outputs[0]);
  if (found.multiply == BP_NONE) return false;
  const Node& multiply = graph.nodes[found.multiply];
  if (multiply.op_type != "Mul" || !multiply.domain.empty()) return false;
  found.scales = multiply.inputs[multiply.inputs[0] == cast.outputs[0] ? 1 : 0];
  found.result = multiply.outputs[0];
  if (found.scales == cast.outputs[0] || !b.is_ready(found.scales)) return false;
  const Dims& dims = b.value_dims(found.scales);
  const int64_t count = element_count(dims);
  const bool one = count == 1 && dims.size() <= 1;
  return one || (count == columns && !dims.empty() && dims.back() == columns);
}

// What is constant beside the weights: sums of columns, each less depth times its zero point, then the zero
// points.
struct ColumnFacts {
  std::vector<int32_t> zeros;  // of the signed bytes
  bool has_zeros = false;
};

bool read_zeros(Builder& b, const MatrixInputs& at, int64_t columns, ColumnFacts& facts) {
  if (b.has_input(at.b_zero) && !b.is_constant(at.b_zero)) return false;
  const int32_t middle = b.input_type(at.b) == Type::kInt8 ? 0 : 128;
  facts.zeros.assign(static_cast<size_t>(columns), -middle);
  if (b.has_input(at.b_zero)) {
    const std::vector<int64_t> given = b.needed_value(at.b_zero).ints();
    if (given.size() != 1 && given.size() != facts.zeros.size()) return false;
    for (size_t i = 0; i < facts.zeros.size(); ++i) {
      facts.zeros[i] = static_cast<int32_t>(given[given.size() == 1 ? 0 : i]) - middle;
    }
  }
  facts.has_zeros = std::any_of(facts.zeros.begin(), facts.zeros.end(), [](int32_t zero) { return zero != 0; });
  return true;
}

class DenseBytes final : public Kernel {
 public:
  struct Operands {
    DenseOperands dense;
    size_t zero = 0, scales = 0, facts = 0, row_sums = 0;  // 0: none
  };
  DenseBytes(const DenseProduct& product, DenseFunction function, const Operands& at, int64_t scale_step,
             int threads)
      : product_(product), function_(function), at_(at), scale_step_(scale_step), threads_(threads) {}

  RunError run(const Call& call) const override {
    DenseFinish finish;
    finish.function = function_;
    if (at_.dense.bias != 0) finish.bias = call.in<float>(at_.dense.bias);
    if (at_.dense.residual != 0) finish.residual = call.in<float>(at_.dense.residual);
    finish.scales = call.in<float>(at_.scales);
    finish.scale_step = scale_step_;
    if (at_.zero != 0) finish.zero = *call.in<uint8_t>(at_.zero);
    finish.column_sums = call.in<int32_t>(at_.facts);
    if (at_.row_sums != 0) {
      sum_rows(threads_, call.in<uint8_t>(0), product_.rows, product_.depth, call.out<int32_t>(at_.row_sums));
      finish.row_sums = call.in<int32_t>(at_.row_sums);
      finish.column_zeros = finish.column_sums + product_.columns;
    }
    product_.run(threads_, call.args[0], product_.depth, call.args[at_.dense.packed], finish,
                 call.out<float>(at_.dense.dst));
    return nullptr;
  }

 private:
  DenseProduct product_;
  DenseFunction function_;
  Operands at_;
  int64_t scale_step_;
  int threads_;
};

}  // namespace

bool build_dense_bytes(Builder& b, const MatrixInputs& at, const Matrices& shape) {
  const DenseProduct dense{DenseType::kBytes, shape.a_batches * shape.rows, shape.depth, shape.columns};
  if (!b.options().fusion || !dense_runs(DenseType::kBytes) || !b.is_constant(at.b)) return false;
  if (b.input_type(at.a) != Type::kUint8 || shape.b_batches != 1 || shape.count() != shape.a_batches)
    return false;
  if (dense.depth == 0 || dense.depth % 4 != 0 || element_count(shape.dims) == 0) return false;
  if (shape.dims.empty() || shape.dims.back() != dense.columns) return false;
  if (b.has_input(at.a_zero) && element_count(b.input_dims(at.a_zero)) != 1) return false;
  Scaled scaled;
  ColumnFacts facts;
  if (!find_scaled(b, dense.columns, scaled) || !read_zeros(b, at, dense.columns, facts)) return false;

  const auto input = [&](size_t index) { return b.read(b.node().inputs[index], Layout::kPlain); };
  Builder::RawStep step;
  const auto add = [&](Builder::Ref ref) {
    step.operands.push_back(ref);
    return step.operands.size() - 1;
  };
  DenseBytes::Operands operands;
  add(input(at.a));
  if (b.has_input(at.a_zero)) operands.zero = add(input(at.a_zero));
  operands.scales = add(b.read(scaled.scales, Layout::kPlain));
  const int64_t scale_step = element_count(b.value_dims(scaled.scales)) == 1 ? 0 : 1;
  b.absorb(scaled.cast);
  b.absorb(scaled.multiply);
  const DenseChain chain = find_dense_chain(b, scaled.result, shape.dims, BP_NONE);
  operands.dense = add_dense_chain(b, chain, shape.dims, step);
  step.name.insert(b.node().op_type.size(), "+Cast+Mul");
  step.nodes.insert(step.nodes.begin() + 1, {scaled.cast, scaled.multiply});

  const uint64_t id = b.graph().values[b.node().inputs[at.b]].constant_id;
  Constants& constants = b.constants();
  operands.dense.packed = add(b.packed_ref(
      text(id, "/dense bytes"), dense_packed_bytes(dense.type, dense.depth, dense.columns),
      [=, &constants](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          const std::vector<int8_t> bytes = symmetric_bytes(source);
          pack_dense(dense.type, bytes.data(), dense.columns, 1, dense.depth, dense.columns, target);
        });
      }));
  const uint64_t zero_id =
      b.has_input(at.b_zero) ? b.graph().values[b.node().inputs[at.b_zero]].constant_id : id;
  operands.facts = add(b.packed_ref(text(id, "/dense columns/", zero_id),
                                    static_cast<uint64_t>(dense.columns) * 2 * sizeof(int32_t),
                                    [=, &constants, zeros = std::move(facts.zeros)](void* target) {
                                      constants.with_bytes(id, [&](const HostTensor& source) {
                                        const std::vector<int8_t> bytes = symmetric_bytes(source);
                                        auto* sums = static_cast<int32_t*>(target);
                                        for (int64_t n = 0; n < dense.columns; ++n) {
                                          const int32_t zero = zeros[static_cast<size_t>(n)];
                                          sums[n] = -zero * static_cast<int32_t>(dense.depth);
                                          sums[dense.columns + n] = zero;
                                        }
                                        for (size_t i = 0; i < bytes.size(); ++i)
                                          sums[i % static_cast<size_t>(dense.columns)] += bytes[i];
                                      });
                                    }));
  if (facts.has_zeros) {
    operands.row_sums = add(b.scratch_ref(static_cast<uint64_t>(dense.rows) * sizeof(int32_t)));
  }
  step.kernel = std::make_unique<DenseBytes>(dense, chain.function, operands, scale_step, b.threads());
  step.implementation = "dense:avx512_vnni";
  b.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
