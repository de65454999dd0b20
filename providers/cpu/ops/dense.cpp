// Steps around kernels/dense: what they fuse, their constants and their operands.
#include "ops/dense.hpp"

#include <utility>

#include "constants.hpp"
#include "onednn_step.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

using Kind = FusedOp::Kind;

bool is_row(const Dims& other, const Dims& dims) {
  return !other.empty() && other.back() == dims.back() && element_count(other) == dims.back();
}

// What the ops are, in the kernel's order: bias, function, residual. The number of ops that fit it.
size_t read_ops(const Builder& b, const Dims& dims, DenseChain& result) {
  size_t done = 0;
  bool has_function = false;
  for (const FusedOp& op : result.chain.ops) {
    const bool adds = op.kind == Kind::kBinary && op.algorithm == dnnl::algorithm::binary_add;
    const bool computes = op.kind == Kind::kEltwise && !has_function && result.residual == BP_NONE;
    if (adds && result.bias == BP_NONE && !has_function && result.residual == BP_NONE &&
        is_row(b.value_dims(op.value), dims)) {
      result.bias = op.value;
    } else if (adds && result.residual == BP_NONE && b.value_dims(op.value) == dims) {
      result.residual = op.value;
    } else if (computes && op.algorithm == dnnl::algorithm::eltwise_relu && op.alpha == 0) {
      result.function = DenseFunction::kRelu;
    } else if (computes && op.algorithm == dnnl::algorithm::eltwise_gelu_erf) {
      result.function = DenseFunction::kGelu;
    } else if (computes && op.algorithm == dnnl::algorithm::eltwise_gelu_tanh) {
      result.function = DenseFunction::kGeluTanh;
    } else {
      break;
    }
    has_function = result.function != DenseFunction::kNone;
    ++done;
  }
  return done;
}

class DenseFloats final : public Kernel {
 public:
  // narrow: where the left side is made bfloat16; 0: it stays float32.
  DenseFloats(const DenseProduct& product, DenseFunction function, const DenseOperands& at, size_t narrow,
              int threads)
      : product_(product), function_(function), at_(at), narrow_(narrow), threads_(threads) {}

  RunError run(const Call& call) const override {
    DenseFinish finish;
    finish.function = function_;
    if (at_.bias != 0) finish.bias = call.in<float>(at_.bias);
    if (at_.residual != 0) finish.residual = call.in<float>(at_.residual);
    const void* left = call.args[0];
    if (narrow_ != 0) {
      narrow_rows(threads_, call.in<float>(0), product_.rows, product_.depth, call.out<uint16_t>(narrow_));
      left = call.args[narrow_];
    }
    const int64_t stride = dense_groups(product_.type, product_.depth) * 4;
    product_.run(threads_, left, stride, call.args[at_.packed], finish, call.out<float>(at_.dst));
    return nullptr;
  }

 private:
  DenseProduct product_;
  DenseFunction function_;
  DenseOperands at_;
  size_t narrow_;
  int threads_;
};

}  // namespace

DenseChain find_dense_chain(Builder& b, uint32_t value, const Dims& dims, uint32_t bias) {
  DenseChain result;
  result.chain = find_chain(b, value, dims);
  while (true) {
    result.bias = bias;
    result.function = DenseFunction::kNone;
    result.residual = BP_NONE;
    if (read_ops(b, dims, result) == result.chain.ops.size()) return result;
    result.chain.cut_last_node();
    result.is_cut = true;
  }
}

DenseOperands add_dense_chain(Builder& b, const DenseChain& chain, const Dims& dims, Builder::RawStep& step) {
  DenseOperands at;
  const auto add = [&](Builder::Ref ref) {
    step.operands.push_back(ref);
    return step.operands.size() - 1;
  };
  if (chain.bias != BP_NONE) at.bias = add(b.read(chain.bias, Layout::kPlain));
  ChainOperands target;
  if (chain.residual != BP_NONE) {
    at.residual = add(b.read(chain.residual, Layout::kPlain));
    const uint32_t reader = chain.chain.ops.back().node;
    if (b.may_overwrite(chain.residual, Layout::kPlain, reader)) target.sum_value = chain.residual;
  }
  at.dst = add(finish_chain(b, chain.chain, target, dims, Layout::kPlain));
  step.name = step_name(b, chain.chain);
  step.nodes = step_nodes(b, chain.chain);
  return at;
}

bool build_dense(Builder& b, const Product& product, const Dims& dims, const Epilogue& epilogue) {
  constexpr int64_t kLeastColumns = 8;
  const bool plain_bias = epilogue.has_c && epilogue.row_stride == 0 && epilogue.column_stride != 0;
  if (!dense_runs(DenseType::kFloat32) || !b.is_constant(1) || product.a_dims.size() != 2 ||
      product.a_strides[1] != 1 || product.dst_dims[1] < kLeastColumns) {
    return false;
  }
  if (epilogue.alpha != 1 || epilogue.beta != 1 || (epilogue.has_c && !plain_bias)) return false;
  const uint32_t bias = plain_bias ? b.node().inputs[2] : BP_NONE;
  const DenseChain chain = find_dense_chain(b, b.node().outputs[0], dims, bias);
  const bool narrows = b.options().bfloat16;
  if (chain.is_cut && !narrows) return false;

  const DenseType type = narrows ? DenseType::kBfloat16 : DenseType::kFloat32;
  const DenseProduct dense{type, product.a_dims[0], product.a_dims[1], product.b_dims[1]};
  Builder::RawStep step;
  step.operands.push_back(b.read(b.node().inputs[0], Layout::kPlain));
  DenseOperands at = add_dense_chain(b, chain, dims, step);
  at.packed = step.operands.size();
  const uint64_t id = b.graph().values[b.node().inputs[1]].constant_id;
  const int64_t row = product.b_strides[0], column = product.b_strides[1];
  Constants& constants = b.constants();
  step.operands.push_back(b.packed_ref(
      text(id, narrows ? "/dense bf16/" : "/dense/", row, "/", column, "/", dense.depth, "/", dense.columns),
      dense_packed_bytes(dense.type, dense.depth, dense.columns), [=, &constants](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          pack_dense(dense.type, source.data, row, column, dense.depth, dense.columns, target);
        });
      }));
  size_t narrow = 0;
  if (narrows) {
    narrow = step.operands.size();
    const int64_t groups = dense_groups(type, dense.depth);
    step.operands.push_back(b.scratch_ref(static_cast<uint64_t>(dense.rows * groups * 4)));
  }
  step.kernel = std::make_unique<DenseFloats>(dense, chain.function, at, narrow, b.threads());
  step.implementation = narrows ? "dense:avx512_bf16" : "dense:avx512";
  b.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
