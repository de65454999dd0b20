// Einsum by Transpose, Reshape, MatMul, Mul and ReduceSum, operand by operand from the left. Labels are those
// that both operands and what comes later have (batch), that are summed (inner), and that one operand has
// (left, right). The dims of an ellipsis get labels of their own, a label that an operand repeats becomes a
// diagonal.
#include <algorithm>
#include <cctype>
#include <climits>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

// Labels of an ellipsis, the last dim first: characters that no equation has.
constexpr char kFirstEllipsisLabel = '\x01';
constexpr int64_t kMostEllipsisDims = 24;

struct Operand {
  ValueId value = kNoId;
  std::string labels;
};

struct Equation {
  std::vector<std::string> operands;
  std::string output;
  std::map<char, Dim> sizes;

  // Their product; nothing where one is not known.
  std::optional<int64_t> size_of(const std::string& labels) const {
    int64_t product = 1;
    for (const char label : labels) {
      const Dim& dim = sizes.at(label);
      if (!dim.known()) return std::nullopt;
      product *= dim.size;
    }
    return product;
  }
};

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

std::string kept(const std::string& labels, auto condition) {
  std::string result;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(result), condition);
  return result;
}

std::string ellipsis_labels(int64_t count) {
  std::string labels;
  for (int64_t i = count; i-- > 0;) labels += static_cast<char>(kFirstEllipsisLabel + i);
  return labels;
}

// A term without spaces, its ellipsis written out as `count` labels.
std::optional<std::string> written_out(std::string term, int64_t count) {
  if (const size_t dots = term.find("..."); dots != std::string::npos) {
    term.replace(dots, 3, ellipsis_labels(count));
  }
  const auto is_label = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c < ' '; };
  if (!std::all_of(term.begin(), term.end(), is_label)) return std::nullopt;
  return term;
}

std::optional<std::vector<std::string>> read_operands(const BodyBuilder& b, const std::string& left,
                                                      int64_t* ellipsis) {
  std::vector<std::string> operands;
  size_t start = 0;
  for (size_t i = 0; start <= left.size(); ++i) {
    const size_t comma = std::min(left.find(',', start), left.size());
    const std::string term = left.substr(start, comma - start);
    start = comma + 1;
    if (i >= b.node().inputs.size() || b.rank(i) < 0) return std::nullopt;
    const bool dots = term.find("...") != std::string::npos;
    const int64_t count = dots ? b.rank(i) - static_cast<int64_t>(term.size() - 3) : 0;
    if (count < 0 || count > kMostEllipsisDims) return std::nullopt;
    *ellipsis = std::max(*ellipsis, count);
    const auto labels = written_out(term, count);
    if (!labels || static_cast<int64_t>(labels->size()) != b.rank(i)) return std::nullopt;
    operands.push_back(*labels);
  }
  if (operands.size() != b.node().inputs.size()) return std::nullopt;
  return operands;
}

std::optional<Equation> parse(const BodyBuilder& b) {
  std::string plain = b.node().string_or("equation", "");
  std::erase(plain, ' ');
  Equation equation;
  const size_t arrow = plain.find("->");
  int64_t ellipsis = 0;
  const auto operands = read_operands(b, plain.substr(0, arrow), &ellipsis);
  if (!operands) return std::nullopt;
  equation.operands = *operands;
  for (size_t i = 0; i < operands->size(); ++i) {
    for (size_t d = 0; d < (*operands)[i].size(); ++d) {
      const Dim& dim = (*b.dims(i))[d];
      const auto [known, added] = equation.sizes.emplace((*operands)[i][d], dim);
      // One element repeats: the other operand's size counts.
      if (!added && (!known->second.known() || known->second.size == 1)) known->second = dim;
    }
  }
  if (arrow != std::string::npos) {
    const auto output = written_out(plain.substr(arrow + 2), ellipsis);
    if (!output) return std::nullopt;
    equation.output = *output;
  } else {
    // The dims of the ellipsis, then the labels that occur once, in alphabetical order.
    std::string all;
    for (const std::string& labels : equation.operands) all += labels;
    equation.output =
        kept(all, [&](char label) { return label > ' ' && std::count(all.begin(), all.end(), label) == 1; });
    std::sort(equation.output.begin(), equation.output.end());
    equation.output = ellipsis_labels(ellipsis) + equation.output;
  }
  for (const char label : equation.output) {
    const bool known = equation.sizes.contains(label);
    if (!known || std::count(equation.output.begin(), equation.output.end(), label) != 1) return std::nullopt;
  }
  return equation;
}

Operand summed(BodyBuilder& b, Operand operand, const std::string& keep) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < operand.labels.size(); ++i) {
    if (!has(keep, operand.labels[i])) axes.push_back(static_cast<int64_t>(i));
  }
  if (axes.empty()) return operand;
  const ValueId sum = b.add("ReduceSum", {operand.value, b.ints(axes)}, {{"keepdims", int64_t{0}}});
  return {sum, kept(operand.labels, [&](char label) { return has(keep, label); })};
}

ValueId ordered(BodyBuilder& b, const Operand& operand, const std::string& order) {
  if (operand.labels == order) return operand.value;
  std::vector<int64_t> perm;
  for (const char label : order) perm.push_back(static_cast<int64_t>(operand.labels.find(label)));
  return b.add("Transpose", {operand.value}, {{"perm", std::move(perm)}});
}

// Of two dims of one label, size n each, the diagonal: put last, read as one dim of n * n in steps of n + 1.
Operand diagonal(BodyBuilder& b, const Equation& equation, const Operand& operand, char label) {
  const size_t first = operand.labels.find(label);
  const size_t second = operand.labels.find(label, first + 1);
  Operand result;
  std::vector<int64_t> perm;
  std::vector<int64_t> flat;
  for (size_t i = 0; i < operand.labels.size(); ++i) {
    if (i == first || i == second) continue;
    perm.push_back(static_cast<int64_t>(i));
    flat.push_back(0);
    result.labels += operand.labels[i];
  }
  perm.push_back(static_cast<int64_t>(first));
  perm.push_back(static_cast<int64_t>(second));
  flat.push_back(-1);
  const auto axis = static_cast<int64_t>(result.labels.size());
  result.labels += label;
  const ValueId turned = b.add("Transpose", {operand.value}, {{"perm", perm}});
  const ValueId line = b.add("Reshape", {turned, b.ints(flat)});
  ValueId step = kNoId;
  if (const Dim& dim = equation.sizes.at(label); dim.known()) {
    step = b.ints({dim.size + 1});
  } else {
    const ValueId size = b.add("Gather", {b.add("Shape", {turned}), b.ints({-1})});
    step = b.add("Add", {size, b.ints({1})});
  }
  result.value = b.add("Slice", {line, b.ints({0}), b.ints({INT64_MAX}), b.ints({axis}), step});
  return result;
}

Operand without_repeats(BodyBuilder& b, const Equation& equation, Operand operand) {
  for (size_t i = 0; i < operand.labels.size();) {
    if (operand.labels.find(operand.labels[i], i + 1) == std::string::npos) {
      ++i;
    } else {
      operand = diagonal(b, equation, operand, operand.labels[i]);
      i = 0;
    }
  }
  return operand;
}

// `count` dims of 1 put in at `at`.
ValueId widened(BodyBuilder& b, ValueId value, size_t at, size_t count) {
  if (count == 0) return value;
  std::vector<int64_t> axes(count);
  std::iota(axes.begin(), axes.end(), static_cast<int64_t>(at));
  return b.add("Unsqueeze", {value, b.ints(axes)});
}

// The parts of a product of two operands.
struct Parts {
  std::string batch, inner, left, right;
};

// By MatMul, with each part but the batch as one dim.
std::optional<Operand> matrix_product(BodyBuilder& b, const Equation& equation, const Operand& x,
                                      const Operand& y, const Parts& parts) {
  if (parts.inner.empty()) return std::nullopt;
  const auto rows = equation.size_of(parts.left);
  const auto depth = equation.size_of(parts.inner);
  const auto columns = equation.size_of(parts.right);
  const bool plain = parts.inner.size() == 1 && parts.left.size() <= 1 && parts.right.size() <= 1;
  if (!plain && (!rows || !depth || !columns)) return std::nullopt;
  const auto shape = [&](const std::vector<int64_t>& last) {
    std::vector<int64_t> dims(parts.batch.size(), 0);
    dims.insert(dims.end(), last.begin(), last.end());
    return b.ints(dims);
  };
  const size_t batch = parts.batch.size();
  ValueId a = ordered(b, x, parts.batch + parts.left + parts.inner);
  ValueId c = ordered(b, y, parts.batch + parts.inner + parts.right);
  if (plain) {
    a = widened(b, a, batch, 1 - parts.left.size());
    c = widened(b, c, batch + 1, 1 - parts.right.size());
  } else {
    a = b.add("Reshape", {a, shape({*rows, *depth})});
    c = b.add("Reshape", {c, shape({*depth, *columns})});
  }
  ValueId value = b.add("MatMul", {a, c});
  if (plain) {
    std::vector<int64_t> extra;
    if (parts.left.empty()) extra.push_back(static_cast<int64_t>(batch));
    if (parts.right.empty()) extra.push_back(static_cast<int64_t>(batch) + 1);
    if (!extra.empty()) value = b.add("Squeeze", {value, b.ints(extra)});
  } else {
    std::vector<int64_t> last;
    for (const char label : parts.left + parts.right) last.push_back(equation.sizes.at(label).size);
    value = b.add("Reshape", {value, shape(last)});
  }
  return Operand{value, parts.batch + parts.left + parts.right};
}

// keep: labels of the output and of later operands.
Operand product(BodyBuilder& b, const Equation& equation, const Operand& x, const Operand& y,
                const std::string& keep) {
  Parts parts;
  parts.batch = kept(x.labels, [&](char label) { return has(y.labels, label) && has(keep, label); });
  parts.inner = kept(x.labels, [&](char label) { return has(y.labels, label) && !has(keep, label); });
  parts.left = kept(x.labels, [&](char label) { return !has(y.labels, label); });
  parts.right = kept(y.labels, [&](char label) { return !has(x.labels, label); });
  if (const auto result = matrix_product(b, equation, x, y, parts)) return *result;
  const std::string result = parts.batch + parts.left + parts.right;
  const ValueId a = widened(b, ordered(b, x, parts.batch + parts.left + parts.inner),
                            parts.batch.size() + parts.left.size(), parts.right.size());
  const ValueId c =
      widened(b, ordered(b, y, parts.batch + parts.right + parts.inner), parts.batch.size(), parts.left.size());
  return summed(b, {b.add("Mul", {a, c}), result + parts.inner}, result);
}

// Sums and products exist from 32 bits on.
bool is_small_integer(ElementType element) {
  return element == ElementType::kInt8 || element == ElementType::kInt16 || element == ElementType::kUint8 ||
         element == ElementType::kUint16;
}

// One dim meets another of one element only where elements repeat, which MatMul and Transpose do not know.
bool sizes_agree(const BodyBuilder& b, const Equation& equation) {
  for (size_t i = 0; i < equation.operands.size(); ++i) {
    for (size_t d = 0; d < equation.operands[i].size(); ++d) {
      const Dim& whole = equation.sizes.at(equation.operands[i][d]);
      const Dim& own = (*b.dims(i))[d];
      if (own.known() && whole.known() && own.size != whole.size) return false;
    }
  }
  return true;
}

// Dims of one element that repeat along others: taken off.
Operand without_ones(BodyBuilder& b, const Equation& equation, Operand operand, const Dims& dims) {
  std::vector<int64_t> axes;
  std::string labels;
  for (size_t d = 0; d < operand.labels.size(); ++d) {
    const Dim& whole = equation.sizes.at(operand.labels[d]);
    const bool repeats = dims[d] == Dim::of(1) && whole != Dim::of(1);
    if (repeats) {
      axes.push_back(static_cast<int64_t>(d));
    } else {
      labels += operand.labels[d];
    }
  }
  if (axes.empty()) return operand;
  return {b.add("Squeeze", {operand.value, b.ints(axes)}), labels};
}

}  // namespace

bool einsum(BodyBuilder& b) {
  const auto equation = parse(b);
  if (!equation) return false;
  const bool widen = is_small_integer(b.element(0));
  const bool repeats = !sizes_agree(b, *equation);
  std::vector<Operand> operands;
  for (size_t i = 0; i < equation->operands.size(); ++i) {
    Operand operand{b.input(i), equation->operands[i]};
    if (widen)
      operand.value = b.add("Cast", {operand.value}, {{"to", static_cast<int64_t>(ElementType::kInt32)}});
    if (repeats) operand = without_ones(b, *equation, operand, *b.dims(i));
    operands.push_back(without_repeats(b, *equation, operand));
  }
  // What the operands from `first` on and the output have.
  const auto later = [&](size_t first) {
    std::string labels = equation->output;
    for (size_t i = first; i < operands.size(); ++i) labels += operands[i].labels;
    return labels;
  };
  Operand result = summed(b, operands[0], later(1));
  for (size_t i = 1; i < operands.size(); ++i) {
    const std::string keep = later(i + 1);
    result = product(b, *equation, result, summed(b, operands[i], result.labels + keep), keep);
    result = summed(b, result, keep);
  }
  ValueId value = ordered(b, result, equation->output);
  if (widen) value = b.add("Cast", {value}, {{"to", static_cast<int64_t>(b.element(0))}});
  // A body has at least one node.
  b.output(value == b.input(0) ? b.add("Identity", {value}) : value);
  return true;
}

}  // namespace bp::bodies
