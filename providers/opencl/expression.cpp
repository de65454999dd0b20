// From expressions to OpenCL C.
#include "expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace bp::opencl {

namespace {

// Dims with as few axes as the leaves' broadcasting allows, and by leaf the stride of each, 0: broadcast.
struct Collapsed {
  Dims dims;
  std::vector<Dims> strides;
};

Collapsed collapse(const Expression& expression) {
  const size_t rank = expression.dims.size();
  const size_t leaves = expression.leaves.size();
  std::vector<std::vector<bool>> varies(leaves, std::vector<bool>(rank, false));
  for (size_t leaf = 0; leaf < leaves; ++leaf) {
    const Dims& dims = expression.leaves[leaf].dims;
    const size_t skipped = rank - dims.size();
    for (size_t axis = 0; axis < dims.size(); ++axis) varies[leaf][skipped + axis] = dims[axis] != 1;
  }
  Collapsed result;
  std::vector<std::vector<bool>> kept;  // by axis of the result: which leaves vary
  for (size_t axis = 0; axis < rank; ++axis) {
    if (expression.dims[axis] == 1) continue;
    std::vector<bool> pattern(leaves);
    for (size_t leaf = 0; leaf < leaves; ++leaf) pattern[leaf] = varies[leaf][axis];
    if (!kept.empty() && kept.back() == pattern) {
      result.dims.back() *= expression.dims[axis];
    } else {
      result.dims.push_back(expression.dims[axis]);
      kept.push_back(std::move(pattern));
    }
  }
  if (result.dims.empty()) {
    result.dims.push_back(1);
    kept.emplace_back(leaves, false);
  }
  for (size_t leaf = 0; leaf < leaves; ++leaf) {
    Dims strides(result.dims.size(), 0);
    int64_t stride = 1;
    for (size_t axis = result.dims.size(); axis-- > 0;) {
      if (!kept[axis][leaf]) continue;
      strides[axis] = stride;
      stride *= result.dims[axis];
    }
    result.strides.push_back(std::move(strides));
  }
  return result;
}

// "$0 + $1" with the variables' names.
std::string fill_in(const Expression& expression, const Expression::Item& item) {
  std::string code;
  for (size_t at = 0; at < item.code.size(); ++at) {
    const char next = at + 1 < item.code.size() ? item.code[at + 1] : '\0';
    if (item.code[at] != '$') {
      code += item.code[at];
      continue;
    }
    ++at;
    if (next == 't') {
      code += compute_name(item.type);
    } else if (next == 'a') {
      code += compute_name(expression.items[item.arguments.at(0)].type);
    } else {
      code += text("v", item.arguments.at(static_cast<size_t>(next - '0')));
    }
  }
  return code;
}

// Statements that compute all items; `index(leaf)` gives the text of a leaf's element number.
template <class Index>
std::string statements(const Expression& expression, const Index& index) {
  std::string code;
  for (size_t i = 0; i < expression.items.size(); ++i) {
    const Expression::Item& item = expression.items[i];
    if (i == 0 && expression.root) continue;  // a parameter
    const std::string value = item.leaf != BP_NONE
                                  ? text("BP_LOAD_", storage_name(expression.leaves[item.leaf].type), "(x",
                                         item.leaf, ", ", index(item.leaf), ")")
                                  : fill_in(expression, item);
    code += text("  const ", compute_name(item.type), " v", i, " = ", value, ";\n");
  }
  return code;
}

std::string store(const Expression& expression, std::string_view index) {
  return text("  BP_STORE_", storage_name(expression.type()), "(out, ", index, ", v",
              expression.items.size() - 1, ");\n");
}

bool reads_all(const Dims& strides, const Dims& dims) {
  int64_t stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    if (strides[axis] != stride) return false;
    stride *= dims[axis];
  }
  return true;
}

bool reads_one(const Dims& strides) {
  return std::all_of(strides.begin(), strides.end(), [](int64_t stride) { return stride == 0; });
}

}  // namespace

uint32_t Expression::add_leaf(const Leaf& leaf) {
  for (uint32_t i = 0; i < items.size(); ++i) {
    if (items[i].leaf == BP_NONE) continue;
    const Leaf& old = leaves[items[i].leaf];
    if (old.ref.storage == leaf.ref.storage && old.ref.offset == leaf.ref.offset && old.dims == leaf.dims &&
        old.type == leaf.type) {
      return i;
    }
  }
  leaves.push_back(leaf);
  Item item;
  item.type = leaf.type;
  item.leaf = static_cast<uint32_t>(leaves.size() - 1);
  items.push_back(std::move(item));
  return static_cast<uint32_t>(items.size() - 1);
}

uint32_t Expression::append(const Expression& other) {
  std::vector<uint32_t> moved;  // where the items of `other` are now
  for (const Item& source : other.items) {
    if (source.leaf != BP_NONE) {
      moved.push_back(add_leaf(other.leaves[source.leaf]));
      continue;
    }
    Item item = source;
    for (uint32_t& argument : item.arguments) argument = moved[argument];
    items.push_back(std::move(item));
    moved.push_back(static_cast<uint32_t>(items.size() - 1));
  }
  if (other.root) root = other.root;
  nodes.insert(nodes.end(), other.nodes.begin(), other.nodes.end());
  return moved.back();
}

Launch pointwise_kernel(const Expression& expression, Ref output) {
  const Collapsed shape = collapse(expression);
  const size_t rank = shape.dims.size();
  const bool flat = std::all_of(shape.strides.begin(), shape.strides.end(), [&](const Dims& strides) {
    return reads_one(strides) || reads_all(strides, shape.dims);
  });
  const int64_t total = element_count(shape.dims);
  // Rows of the last axis, unless they are too short to fill a work-group.
  constexpr int64_t kShortRow = 16;
  const bool rows = !flat && shape.dims.back() >= kShortRow;

  std::string parameters = text("BP_TENSOR(", storage_name(expression.type()), ", out)");
  std::string use = text("  BP_USE(", storage_name(expression.type()), ", out);\n");
  for (size_t leaf = 0; leaf < expression.leaves.size(); ++leaf) {
    const std::string_view name = storage_name(expression.leaves[leaf].type);
    parameters += text(", BP_TENSOR(const ", name, ", x", leaf, ")");
    use += text("  BP_USE(const ", name, ", x", leaf, ");\n");
  }
  std::string body;
  const auto coordinates = [&](size_t axes, const char* from) {
    body += text("  int rest = ", from, ";\n");
    for (size_t axis = axes; axis-- > 1;) {
      body += text("  const int c", axis, " = rest % n", axis, ";\n  rest /= n", axis, ";\n");
    }
    if (axes > 0) body += "  const int c0 = rest;\n";
  };
  if (rows) {
    const size_t last = rank - 1;
    body += text("  const int c", last, " = get_global_id(0);\n  if (c", last, " >= n", last, ") return;\n");
    coordinates(last, "get_global_id(1)");
    body += text("  const int o = (int)get_global_id(1) * n", last, " + c", last, ";\n");
  } else {
    body += "  const int o = get_global_id(0);\n  if (o >= total) return;\n";
    if (!flat) coordinates(rank, "o");
  }
  parameters += ", const int total";
  for (size_t axis = 0; axis < rank; ++axis) parameters += text(", const int n", axis);
  const auto index = [&](uint32_t leaf) -> std::string {
    const Dims& strides = shape.strides[leaf];
    if (reads_one(strides)) return "0";
    if (reads_all(strides, shape.dims)) return "o";
    std::string sum;
    for (size_t axis = 0; axis < rank; ++axis) {
      if (strides[axis] == 0) continue;
      if (!sum.empty()) sum += " + ";
      sum += text("c", axis);
      if (strides[axis] == 1) continue;
      // The product of the later dims over which it varies.
      for (size_t later = axis + 1; later < rank; ++later) {
        if (strides[later] != 0) sum += text(" * n", later);
      }
    }
    return sum;
  };
  body += statements(expression, index) + store(expression, "o");

  Launch launch =
      Launch::generated(text("__kernel void pointwise(", parameters, ") {\n", use, body, "}\n"), "pointwise");
  launch.memory(output, expression.type());
  for (const Expression::Leaf& leaf : expression.leaves) launch.memory(leaf.ref, leaf.type);
  launch.integer(total);
  for (const int64_t dim : shape.dims) launch.integer(dim);
  constexpr int64_t kGroup = 256;
  if (rows) {
    const int64_t group = shape.dims.back() >= kGroup ? kGroup : shape.dims.back() >= 64 ? 64 : 16;
    launch.work({shape.dims.back(), total / shape.dims.back(), 1}, {group, 1, 1});
  } else {
    launch.work(total, total >= kGroup ? kGroup : 16);
  }
  launch.name = expression.name;
  launch.nodes = expression.nodes;
  return launch;
}

void finish_with(Launch& launch, const Expression& expression) {
  const Collapsed shape = collapse(expression);
  std::string parameters;
  std::string arguments;
  std::string functions;
  std::string names;
  for (size_t leaf = 0; leaf < expression.leaves.size(); ++leaf) {
    const std::string_view name = storage_name(expression.leaves[leaf].type);
    parameters += text(", BP_TENSOR(const ", name, ", x", leaf, ")");
    arguments += text(", x", leaf, "_base + x", leaf, "_at");
    functions += text(", __global const ", name, "* restrict x", leaf);
    names += text(", x", leaf);
    launch.memory(expression.leaves[leaf].ref, expression.leaves[leaf].type);
  }
  const auto index = [&](uint32_t leaf) -> std::string {
    const Dims& strides = shape.strides[leaf];
    if (reads_one(strides)) return "0";
    if (reads_all(strides, shape.dims)) return "o";
    std::string sum;
    int64_t below = 1;
    for (size_t axis = shape.dims.size(); axis-- > 0;) {
      if (strides[axis] != 0) {
        sum += text(sum.empty() ? "" : " + ", "o / ", below, " % ", shape.dims[axis], " * ", strides[axis]);
      }
      below *= shape.dims[axis];
    }
    return sum;
  };
  const std::string_view type = storage_name(expression.type());
  launch.define("BP_FINISH_TYPE", type);
  launch.define("BP_FINISH_PARAMETERS", parameters);
  launch.define("BP_FINISH_ARGUMENTS", arguments);
  launch.define("BP_FINISH_FUNCTION_PARAMETERS", functions);
  launch.define("BP_FINISH_NAMES", names);
  launch.defines += text("inline void bp_finish(__global ", type, "* restrict out, const int o, const float v0",
                         functions, ") {\n", statements(expression, index), store(expression, "o"), "}\n");
  launch.name = expression.name;
  launch.nodes = expression.nodes;
}

std::string literal(double value, Type type) {
  if (in(type, kInts | kBool)) return text("((", compute_name(type), ")", static_cast<int64_t>(value), "L)");
  const bool wide = type == Type::kFloat64;
  if (std::isnan(value)) return "NAN";
  if (std::isinf(value)) return value < 0 ? "(-INFINITY)" : "INFINITY";
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), wide ? "(%a)" : "(%af)",
                wide ? value : static_cast<double>(static_cast<float>(value)));
  return buffer.data();
}

Dims broadcast_dims(const Dims& a, const Dims& b, const std::string& label) {
  const size_t rank = std::max(a.size(), b.size());
  Dims dims(rank);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t x = i < rank - a.size() ? 1 : a[i - (rank - a.size())];
    const int64_t y = i < rank - b.size() ? 1 : b[i - (rank - b.size())];
    if (x != y && x != 1 && y != 1) {
      throw Error(BP_STATUS_INVALID_MODEL,
                  text(label, ": dims ", dims_text(a), " and ", dims_text(b), " do not broadcast"));
    }
    dims[i] = x == 1 ? y : x;
  }
  return dims;
}

}  // namespace bp::opencl
