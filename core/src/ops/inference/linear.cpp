// Products: MatMul and its integer forms, Gemm, Einsum.
#include <algorithm>
#include <map>
#include <string>

#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

// numpy's matmul: leading dims broadcast, one-dim operands get a dim that is dropped again.
Result<Dims> product_dims(const Dims& left, const Dims& right) {
  if (left.empty() || right.empty())
    return inference_error("input {} must have at least 1 dim", left.empty() ? 0 : 1);
  const Dim& inner = left.back();
  const Dim& other = right.size() == 1 ? right[0] : right[right.size() - 2];
  if (inner.known() && other.known() && inner.size != other.size) {
    return inference_error("the inner dims differ: {} and {}", inner.size, other.size);
  }
  const Dims a(left.begin(), left.end() - std::min<int64_t>(2, static_cast<int64_t>(left.size())));
  const Dims b(right.begin(), right.end() - std::min<int64_t>(2, static_cast<int64_t>(right.size())));
  const Dims* const both[] = {&a, &b};
  BP_ASSIGN_OR_RETURN(Dims out, broadcast_dims(both));
  if (left.size() > 1) out.push_back(left[left.size() - 2]);
  if (right.size() > 1) out.push_back(right.back());
  return out;
}

Status product(InferenceCall& call, size_t left, size_t right, ElementType element) {
  call.set(0, element);
  if (call.dims(left) == nullptr || call.dims(right) == nullptr) return {};
  BP_ASSIGN_OR_RETURN(Dims dims, product_dims(*call.dims(left), *call.dims(right)));
  call.set(0, element, std::move(dims));
  return {};
}

}  // namespace

Status matmul(InferenceCall& call) { return product(call, 0, 1, call.element(0)); }
Status matmul_integer(InferenceCall& call) { return product(call, 0, 1, ElementType::kInt32); }
// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
Status qlinear_matmul(InferenceCall& call) { return product(call, 0, 3, call.element(7)); }

Status gemm(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* a = call.dims(0);
  const Dims* b = call.dims(1);
  if (a == nullptr || b == nullptr) return {};
  if (a->size() != 2) return inference_error("input 0 must have 2 dims, has {}", a->size());
  if (b->size() != 2) return inference_error("input 1 must have 2 dims, has {}", b->size());
  const size_t flip_a = call.node.int_or("transA", 0) != 0 ? 1 : 0;
  const size_t flip_b = call.node.int_or("transB", 0) != 0 ? 1 : 0;
  const Dim& inner = (*a)[1 - flip_a];
  const Dim& other = (*b)[flip_b];
  if (inner.known() && other.known() && inner.size != other.size) {
    return inference_error("the inner dims differ: {} and {}", inner.size, other.size);
  }
  call.set(0, call.element(0), {(*a)[flip_a], (*b)[1 - flip_b]});
  return {};
}

namespace {

// The labels of one operand: letters; '.' stands for each dim of the ellipsis, aligned at the last.
std::vector<std::string> split_terms(const std::string& text) {
  std::vector<std::string> terms{""};
  for (const char c : text) {
    if (c == ',') terms.emplace_back();
    if (c != ',' && c != ' ') terms.back() += c;
  }
  return terms;
}

struct Labels {
  std::map<char, Dim> dims;
  Dims ellipsis;
};

Status note(Labels& labels, char label, const Dim& dim) {
  const auto [entry, added] = labels.dims.try_emplace(label, dim);
  Dim& known = entry->second;
  if (added || dim == known || dim == Dim::of(1)) return {};
  if (known == Dim::of(1) || (!known.known() && dim.known())) {
    known = dim;
  } else if (known.known() && dim.known()) {
    return inference_error("label '{}' stands for {} and {}", label, known.size, dim.size);
  }
  return {};
}

Status read_operand(Labels& labels, const std::string& term, const Dims& dims, size_t operand) {
  const size_t dots = term.find("...");
  const size_t letters = dots == std::string::npos ? term.size() : term.size() - 3;
  if (letters > dims.size() || (dots == std::string::npos && letters != dims.size())) {
    return inference_error("input {} has {} dims, the equation says '{}'", operand, dims.size(), term);
  }
  const size_t skipped = dims.size() - letters;
  size_t axis = 0;
  for (size_t i = 0; i < term.size(); ++i) {
    if (i == dots) {
      const Dims part(dims.begin() + static_cast<int64_t>(axis),
                      dims.begin() + static_cast<int64_t>(axis + skipped));
      const Dims* const both[] = {&labels.ellipsis, &part};
      BP_ASSIGN_OR_RETURN(labels.ellipsis, broadcast_dims(both));
      axis += skipped;
      i += 2;
      continue;
    }
    BP_RETURN_IF_ERROR(note(labels, term[i], dims[axis++]));
  }
  return {};
}

// Without "->": the ellipsis, then the labels that occur once, in order.
std::string implied_output(const std::vector<std::string>& terms) {
  std::map<char, int> uses;
  bool dots = false;
  for (const std::string& term : terms) {
    for (const char c : term) {
      dots = dots || c == '.';
      if (c != '.') ++uses[c];
    }
  }
  std::string output = dots ? "..." : "";
  for (const auto& [label, count] : uses) {
    if (count == 1) output += label;
  }
  return output;
}

}  // namespace

Status einsum(InferenceCall& call) {
  call.set(0, call.element(0));
  const std::string equation = call.node.string_or("equation", "");
  const size_t arrow = equation.find("->");
  const std::vector<std::string> terms = split_terms(equation.substr(0, arrow));
  if (terms.size() != call.inputs.size()) {
    return inference_error("the equation '{}' has {} operands, the node {} inputs", equation, terms.size(),
                           call.inputs.size());
  }
  Labels labels;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (call.dims(i) == nullptr) return {};
    BP_RETURN_IF_ERROR(read_operand(labels, terms[i], *call.dims(i), i));
  }
  const std::string output =
      arrow == std::string::npos ? implied_output(terms) : split_terms(equation.substr(arrow + 2))[0];
  Dims out;
  for (size_t i = 0; i < output.size(); ++i) {
    if (output[i] == '.') {
      out.insert(out.end(), labels.ellipsis.begin(), labels.ellipsis.end());
      i += 2;
    } else if (const auto found = labels.dims.find(output[i]); found != labels.dims.end()) {
      out.push_back(found->second);
    } else {
      return inference_error("label '{}' of the output is in no operand of '{}'", output[i], equation);
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace bp::inference
