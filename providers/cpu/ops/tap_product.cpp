#include "ops/tap_product.hpp"

#include <utility>

#include "byte_products.hpp"
#include "constants.hpp"
#include "kernels/byte_taps.hpp"

namespace bp::cpu {

namespace {

// The bias, and what a's zero point takes from every sum.
Builder::Ref whole_bias(Builder& b, const TapProduct& product, int32_t a_zero) {
  const uint64_t id = b.graph().values[b.node().inputs[product.b]].constant_id;
  const std::string key = text("bias/", id, "/", product.bias_key, "/", a_zero, "/", product.column_stride);
  return b.packed_ref(
      key, static_cast<uint64_t>(product.columns) * sizeof(int32_t),
      [=, &constants = b.constants()](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          const std::vector<int8_t> bytes = symmetric_bytes(source);
          std::vector<int64_t> sums(static_cast<size_t>(product.columns), 0);
          for (int64_t k = 0; k < product.depth; ++k) {
            for (int64_t i = 0; i < product.columns; ++i) {
              sums[static_cast<size_t>(i)] +=
                  bytes[static_cast<size_t>(i * product.column_stride + k * product.depth_stride)];
            }
          }
          for (size_t i = 0; i < sums.size(); ++i) {
            const int64_t bias = product.bias.empty() ? 0 : product.bias[i];
            static_cast<int32_t*>(target)[i] = static_cast<int32_t>(bias - a_zero * sums[i]);
          }
        });
      });
}

}  // namespace

bool tap_product(Builder& b, const TapProduct& product, size_t b_zero, const Dims& dims) {
  constexpr int64_t kFour = 4;
  if (!byte_taps_run() || product.depth % kFour != 0 || !is_symmetric(b, product.b, b_zero)) return false;
  if (product.rows == 0 || product.depth == 0 || product.columns == 0) return false;
  const bool is_signed = b.input_type(product.a) == Type::kInt8;
  TapConvolution taps;
  taps.offsets = {0};
  taps.groups = product.depth / kFour;
  taps.channels = product.columns;
  taps.is_signed = is_signed;
  taps.pixels = product.rows;
  taps.pixel_stride = product.depth;
  const uint64_t id = b.graph().values[b.node().inputs[product.b]].constant_id;
  Builder::RawStep step;
  step.operands.push_back(b.read(b.node().inputs[product.a], Layout::kPlain));
  step.operands.push_back(b.packed_ref(
      text("quads/", id, "/", product.column_stride), static_cast<uint64_t>(taps.packed_bytes()),
      [=, depth = product.depth, columns = product.column_stride, rows = product.depth_stride,
       &constants = b.constants()](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          taps.pack(symmetric_bytes(source).data(), depth, columns, rows, static_cast<int8_t*>(target));
        });
      }));
  // Signed bytes are taken as unsigned ones that are 128 more.
  step.operands.push_back(whole_bias(b, product, product.a_zero + (is_signed ? 128 : 0)));
  step.operands.push_back(b.write(b.node().outputs[0], dims, Layout::kPlain));
  std::vector<float> scales = product.scales;
  if (scales.size() == 1) scales.resize(static_cast<size_t>(product.columns), scales.front());
  TapFinish finish;
  finish.zero = product.zero;
  finish.is_signed = b.output_type(0) == Type::kInt8;
  const int threads = b.threads();
  step.kernel = make_kernel([=](const Call& call) {
    TapFinish own = finish;
    own.bias = call.in<int32_t>(2);
    own.scales = scales.data();
    taps.run(threads, call.in<uint8_t>(0), call.in<int8_t>(1), own, call.out<uint8_t>(3));
  });
  step.name = b.node().op_type;
  step.implementation = "avx512_vnni";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
