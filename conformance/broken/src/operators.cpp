#include "operators.hpp"

#include <algorithm>
#include <array>

#include "kernels.hpp"

namespace broken {
namespace {

using bp::sdk::Node;
using bp::sdk::Verdict;

constexpr std::array<uint32_t, 4> kNumbers = {BP_TYPE_FLOAT32, BP_TYPE_FLOAT64, BP_TYPE_INT32, BP_TYPE_INT64};
constexpr std::array<uint32_t, 5> kNumbersAndBool = {BP_TYPE_FLOAT32, BP_TYPE_FLOAT64, BP_TYPE_INT32,
                                                     BP_TYPE_INT64, BP_TYPE_BOOL};
constexpr std::array<uint32_t, 2> kFloats = {BP_TYPE_FLOAT32, BP_TYPE_FLOAT64};
constexpr std::array<uint32_t, 1> kFloat32 = {BP_TYPE_FLOAT32};

void nothing_more(const Node&, Verdict&) {}

// `rank` of input `index`, where that is known at all.
void check_rank(const Node& node, Verdict& verdict, uint32_t index, uint64_t least, uint64_t most) {
  const bp_value* value = node.input(index);
  if (value == nullptr || value->has_rank == 0) return;
  if (value->dims.count >= least && value->dims.count <= most) return;
  verdict.reject_input(
      BP_REASON_RANK, index,
      message("input ", index, " must have ", least, " to ", most, " dims, has ", value->dims.count));
}

void check_matmul(const Node& node, Verdict& verdict) {
  for (uint32_t i = 0; i < 2; ++i) check_rank(node, verdict, i, 2, 2);
}

void check_nonzero(const Node& node, Verdict& verdict) { check_rank(node, verdict, 0, 1, 16); }

void check_reshape(const Node&, Verdict& verdict) { verdict.want(1, BP_WANT_VALUE_AT_SPECIALIZE); }

void check_compress(const Node& node, Verdict& verdict) {
  verdict.want(1, BP_WANT_HOST);
  if (node.attribute("axis") != nullptr) {
    verdict.reject_attribute("axis", "attribute axis must be absent, is stated");
  }
}

const std::array<Operator, 9> kOperators = {{
    {"Neg", Form::kUnary, 1, kNumbers, nothing_more, kernels::negate},
    {"Abs", Form::kUnary, 1, kNumbers, nothing_more, kernels::absolute},
    {"Exp", Form::kUnary, 1, kFloats, nothing_more, kernels::exponential},
    {"Add", Form::kBinary, 2, kNumbers, nothing_more, kernels::add},
    {"Mul", Form::kBinary, 2, kNumbers, nothing_more, kernels::multiply},
    {"MatMul", Form::kMatMul, 2, kFloat32, check_matmul, kernels::matmul},
    {"Reshape", Form::kReshape, 2, kNumbers, check_reshape, kernels::reshape},
    {"NonZero", Form::kBounded, 1, kNumbersAndBool, check_nonzero, kernels::nonzero},
    {"Compress", Form::kAllocated, 2, kNumbers, check_compress, kernels::compress},
}};

Dims broadcast(const Dims& a, const Dims& b) {
  Dims out(std::max(a.size(), b.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) {
      throw Error(BP_STATUS_INVALID_ARGUMENT, message("dims ", left, " and ", right, " do not broadcast"));
    }
    out[out.size() - 1 - i] = left == 1 ? right : left;
  }
  return out;
}

}  // namespace

const Operator* find_operator(std::string_view name) {
  const auto found =
      std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& op) { return op.name == name; });
  return found == kOperators.end() ? nullptr : &*found;
}

uint64_t count_of(const Dims& dims) {
  uint64_t count = 1;
  for (const int64_t dim : dims) count *= static_cast<uint64_t>(dim);
  return count;
}

uint64_t element_bytes(uint32_t element_type) {
  switch (element_type) {
    case BP_TYPE_FLOAT32:
    case BP_TYPE_INT32:
      return 4;
    case BP_TYPE_FLOAT64:
    case BP_TYPE_INT64:
      return 8;
    case BP_TYPE_BOOL:
      return 1;
    default:
      return 0;
  }
}

Dims infer(const Operator& op, std::span<const Tensor* const> inputs, const Dims& shape) {
  const Dims& first = inputs[0]->dims;
  switch (op.form) {
    case Form::kUnary:
      return first;
    case Form::kBinary:
      return broadcast(first, inputs[1]->dims);
    case Form::kMatMul:
      if (first[1] != inputs[1]->dims[0]) {
        throw Error(BP_STATUS_INVALID_ARGUMENT,
                    message("MatMul of ", first[1], " columns and ", inputs[1]->dims[0], " rows"));
      }
      return {first[0], inputs[1]->dims[1]};
    case Form::kReshape:
      return shape;
    case Form::kBounded:
      return {static_cast<int64_t>(first.size()), static_cast<int64_t>(count_of(first))};
    case Form::kAllocated:
      return {static_cast<int64_t>(count_of(first))};
  }
  return first;
}

uint64_t count_kept(const Tensor& input, const Tensor& condition) {
  const uint64_t count = std::min(count_of(input.dims), count_of(condition.dims));
  return static_cast<uint64_t>(std::count_if(condition.data, condition.data + count,
                                             [](std::byte flag) { return flag != std::byte{0}; }));
}

}  // namespace broken
