#include "optimize/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

constexpr double kScalarTolerance = 1e-4;  // exporters round 0.044715 and sqrt(2) differently

class Matcher {
 public:
  explicit Matcher(const Graph& graph) : graph_(graph) {}

  bool match(const Pattern& pattern, ValueId value) {
    switch (pattern.kind) {
      case Pattern::Kind::kVariable:
        return bind(pattern.text, value);
      case Pattern::Kind::kScalar: {
        const auto number = fixed_scalar(graph_, value);
        return number && std::abs(*number - pattern.number) <= kScalarTolerance * std::abs(pattern.number);
      }
      case Pattern::Kind::kOneOf:
        return std::any_of(pattern.children.begin(), pattern.children.end(),
                           [&](const Pattern& p) { return attempt([&] { return match(p, value); }); });
      case Pattern::Kind::kOp:
        break;
    }
    const NodeId producer = value == kNoId ? kNoId : graph_.value(value).producer;
    return producer != kNoId && graph_.node(producer).outputs[0] == value && match_node(pattern, producer);
  }

  bool match_node(const Pattern& pattern, NodeId id) {
    const Node& node = graph_.node(id);
    if (pattern.kind != Pattern::Kind::kOp) {
      return std::any_of(pattern.children.begin(), pattern.children.end(),
                         [&](const Pattern& p) { return attempt([&] { return match_node(p, id); }); });
    }
    if (!is_op(node, pattern.text)) return false;
    size_t count = node.inputs.size();
    while (count > 0 && node.inputs[count - 1] == kNoId) --count;
    if (count != pattern.children.size()) return false;
    const std::vector<Pattern>& inputs = pattern.children;
    const bool in_order = attempt([&] {
      for (size_t i = 0; i < count; ++i) {
        if (!match(inputs[i], node.inputs[i])) return false;
      }
      return true;
    });
    const bool is_commutative = count == 2 && (node.op_type == "Add" || node.op_type == "Mul");
    if (!in_order && !(is_commutative && attempt([&] {
                         return match(inputs[0], node.inputs[1]) && match(inputs[1], node.inputs[0]);
                       }))) {
      return false;
    }
    if (!pattern.name.empty() && !bind(pattern.name, node.outputs[0])) return false;
    if (std::find(found_.nodes.begin(), found_.nodes.end(), id) == found_.nodes.end()) {
      found_.nodes.push_back(id);
    }
    return true;
  }

  Match take() { return std::move(found_); }

 private:
  // What a failed attempt bound is forgotten.
  template <class F>
  bool attempt(F f) {
    const Match before = found_;
    if (f()) return true;
    found_ = before;
    return false;
  }

  bool bind(const std::string& name, ValueId value) {
    if (value == kNoId) return false;
    return found_.values.emplace(name, value).first->second == value;
  }

  const Graph& graph_;
  Match found_;
};

// Reads pattern(text) by recursive descent.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Pattern read() {
    if (take('[')) return with(one_of({}), list(']', '|'));
    const std::string name = word();
    if (take('=')) return read().as(name);
    if (take('(')) return with(op(name, {}), list(')', ','));
    double number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc())
      return scalar(number);
    if (name.empty()) std::abort();
    return var(name);
  }

 private:
  bool take(char wanted) {
    while (!text_.empty() && text_[0] == ' ') text_.remove_prefix(1);
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string word() {
    const size_t length = std::min(text_.find_first_of(" ,|()[]="), text_.size());
    std::string result(text_.substr(0, length));
    text_.remove_prefix(length);
    return result;
  }

  static Pattern with(Pattern parent, std::vector<Pattern> children) {
    parent.children = std::move(children);
    return parent;
  }

  std::vector<Pattern> list(char end, char separator) {
    std::vector<Pattern> items;
    do items.push_back(read());
    while (take(separator));
    if (!take(end)) std::abort();
    return items;
  }

  std::string_view text_;
};

bool used_only_inside(const Graph& graph, const std::vector<NodeId>& nodes, NodeId root) {
  return std::all_of(nodes.begin(), nodes.end(), [&](NodeId id) {
    if (id == root) return true;
    const std::vector<ValueId>& outputs = graph.node(id).outputs;
    return std::all_of(outputs.begin(), outputs.end(), [&](ValueId output) {
      if (output == kNoId) return true;
      const GraphValue& value = graph.value(output);
      return !value.is_output && std::all_of(value.consumers.begin(), value.consumers.end(), [&](NodeId user) {
        return std::find(nodes.begin(), nodes.end(), user) != nodes.end();
      });
    });
  });
}

}  // namespace

Pattern::Pattern() noexcept = default;
Pattern::Pattern(const Pattern& other) = default;
Pattern::Pattern(Pattern&& other) noexcept = default;
Pattern::~Pattern() = default;

Pattern Pattern::as(std::string_view value_name) const {
  Pattern copy = *this;
  copy.name = value_name;
  return copy;
}

Pattern op(std::string_view op_type, std::initializer_list<Pattern> inputs) {
  Pattern pattern;
  pattern.kind = Pattern::Kind::kOp;
  pattern.text = op_type;
  pattern.children = std::vector<Pattern>(inputs);
  return pattern;
}

Pattern var(std::string_view name) {
  Pattern pattern;
  pattern.text = name;
  return pattern;
}

Pattern scalar(double number) {
  Pattern pattern;
  pattern.kind = Pattern::Kind::kScalar;
  pattern.number = number;
  return pattern;
}

Pattern one_of(std::initializer_list<Pattern> alternatives) {
  Pattern pattern;
  pattern.kind = Pattern::Kind::kOneOf;
  pattern.children = std::vector<Pattern>(alternatives);
  return pattern;
}

Pattern pattern(std::string_view text) { return Reader(text).read(); }

std::optional<Match> find_match(const Graph& graph, NodeId root, const Pattern& pattern) {
  Matcher matcher(graph);
  if (!matcher.match_node(pattern, root)) return std::nullopt;
  Match match = matcher.take();
  if (!used_only_inside(graph, match.nodes, root)) return std::nullopt;
  return match;
}

}  // namespace bp::optimize_passes
