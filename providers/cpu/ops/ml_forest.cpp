// Attributes of tree ensembles.
#include "ops/ml_forest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ops/ml_scores.hpp"

namespace bp::cpu {

namespace {

template <class... Parts>
[[noreturn]] void wrong(const Parts&... parts) {
  throw Error(BP_STATUS_INVALID_MODEL, text(parts...));
}

template <class List>
const List& as_long_as(const List& list, std::string_view name, size_t expected) {
  if (list.size() != expected)
    wrong("attribute '", name, "' must have ", expected, " elements, has ", list.size());
  return list;
}

// --- what both forms end with ---

// Every inner node is met once, from one root: walks end, and nothing of the model is left out.
void check_walks(const ForestSource& forest) {
  std::vector<bool> met(forest.nodes.size(), false);
  std::vector<int64_t> open;
  for (size_t tree = 0; tree < forest.roots.size(); ++tree) {
    open.push_back(forest.roots[tree]);
    while (!open.empty()) {
      const auto index = static_cast<size_t>(open.back());
      open.pop_back();
      const ForestSource::Node& node = forest.nodes[index];
      if (node.leaf) continue;
      if (met[index]) wrong("tree ", tree, ": node ", index, " is reached twice: a cycle, or two parents");
      met[index] = true;
      open.push_back(node.yes);
      open.push_back(node.no);
    }
  }
  for (size_t index = 0; index < met.size(); ++index) {
    if (!met[index] && !forest.nodes[index].leaf) wrong("node ", index, " is reached from no root: a cycle");
  }
}

void finish(ForestSource& forest) {
  if (forest.targets < 1 || forest.targets > kMostScores) {
    wrong("n_targets must be 1 to ", kMostScores, ", is ", forest.targets);
  }
  for (const ForestSource::Node& node : forest.nodes) {
    if (node.leaf) continue;
    if (node.feature < 0 || node.feature > std::numeric_limits<uint32_t>::max()) {
      wrong("nodes_featureids holds ", node.feature, ", which is no column");
    }
    forest.features = std::max(forest.features, node.feature + 1);
  }
  for (const ForestSource::Entry& entry : forest.entries) {
    if (entry.target < 0 || entry.target >= forest.targets) {
      wrong("a leaf's score goes to target ", entry.target, " of ", forest.targets);
    }
  }
  check_walks(forest);
}

// --- TreeEnsembleClassifier, TreeEnsembleRegressor: nodes named by (tree, node) ---

using Name = std::pair<int64_t, int64_t>;
struct NameHash {
  size_t operator()(const Name& name) const noexcept {
    const uint64_t mixed =
        static_cast<uint64_t>(name.first) * 0x9E3779B97F4A7C15u + static_cast<uint64_t>(name.second);
    return static_cast<size_t>(mixed ^ mixed >> 29);
  }
};

Branch branch_of(std::string_view mode) {
  constexpr std::pair<std::string_view, Branch> kModes[] = {
      {"BRANCH_LEQ", Branch::kLessEqual}, {"BRANCH_LT", Branch::kLess},  {"BRANCH_GTE", Branch::kGreaterEqual},
      {"BRANCH_GT", Branch::kGreater},    {"BRANCH_EQ", Branch::kEqual}, {"BRANCH_NEQ", Branch::kNotEqual}};
  for (const auto& [name, branch] : kModes) {
    if (name == mode) return branch;
  }
  wrong("nodes_modes holds '", mode, "', which is no mode");
}

class EnsembleReader {
 public:
  EnsembleReader(const Attributes& attributes, const std::string& prefix)
      : attributes_(attributes), prefix_(prefix), trees_(attributes.ints_or("nodes_treeids", {})) {}

  ForestSource read(int64_t targets) {
    if (trees_.empty()) wrong("attribute 'nodes_treeids' is empty: there is no tree");
    forest_.targets = targets;
    read_nodes();
    read_entries();
    find_roots();
    finish(forest_);
    return std::move(forest_);
  }

 private:
  Dims ints(const std::string& name) const {
    return as_long_as(attributes_.ints_or(name, {}), name, trees_.size());
  }

  int64_t find(int64_t tree, int64_t node, std::string_view what) const {
    const auto found = index_.find({tree, node});
    if (found == index_.end()) wrong(what, " ", node, " of tree ", tree, " does not exist");
    return found->second;
  }

  void read_nodes() {
    names_ = ints("nodes_nodeids");
    const Dims features = ints("nodes_featureids");
    const Dims yes = ints("nodes_truenodeids");
    const Dims no = ints("nodes_falsenodeids");
    const auto modes = as_long_as(attributes_.strings("nodes_modes"), "nodes_modes", trees_.size());
    const auto values = as_long_as(numbers_of(attributes_, "nodes_values"), "nodes_values", trees_.size());
    Dims missing = attributes_.ints_or("nodes_missing_value_tracks_true", {});
    if (missing.empty()) missing.assign(trees_.size(), 0);
    as_long_as(missing, "nodes_missing_value_tracks_true", trees_.size());
    for (size_t i = 0; i < trees_.size(); ++i) {
      if (!index_.emplace(Name{trees_[i], names_[i]}, static_cast<int64_t>(i)).second) {
        wrong("node ", names_[i], " of tree ", trees_[i], " is there twice");
      }
    }
    forest_.nodes.resize(trees_.size());
    for (size_t i = 0; i < trees_.size(); ++i) {
      ForestSource::Node& node = forest_.nodes[i];
      node.leaf = modes[i] == "LEAF";
      if (node.leaf) continue;
      node.branch = branch_of(modes[i]);
      node.feature = features[i];
      node.value = values[i];
      node.missing_is_true = missing[i] != 0;
      node.yes = find(trees_[i], yes[i], "true child");
      node.no = find(trees_[i], no[i], "false child");
    }
  }

  // Sorted by leaf, in the order of the attributes otherwise. Scores of inner nodes count for nothing.
  void read_entries() {
    const Dims trees = attributes_.ints_or(prefix_ + "_treeids", {});
    const Dims nodes =
        as_long_as(attributes_.ints_or(prefix_ + "_nodeids", {}), prefix_ + "_nodeids", trees.size());
    const Dims ids = as_long_as(attributes_.ints_or(prefix_ + "_ids", {}), prefix_ + "_ids", trees.size());
    const auto weights =
        as_long_as(numbers_of(attributes_, prefix_ + "_weights"), prefix_ + "_weights", trees.size());
    std::vector<std::pair<int64_t, size_t>> order;
    for (size_t i = 0; i < trees.size(); ++i) {
      const int64_t node = find(trees[i], nodes[i], "scored leaf");
      if (forest_.nodes[static_cast<size_t>(node)].leaf) order.emplace_back(node, i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [node, i] : order) {
      ForestSource::Node& leaf = forest_.nodes[static_cast<size_t>(node)];
      const auto at = static_cast<uint32_t>(forest_.entries.size());
      if (leaf.last == 0) leaf.first = at;
      forest_.entries.push_back({ids[i], weights[i]});
      leaf.last = at + 1;
    }
  }

  // The one node of each tree without a parent.
  void find_roots() {
    std::vector<bool> has_parent(forest_.nodes.size(), false);
    for (const ForestSource::Node& node : forest_.nodes) {
      if (node.leaf) continue;
      has_parent[static_cast<size_t>(node.yes)] = true;
      has_parent[static_cast<size_t>(node.no)] = true;
    }
    std::unordered_map<int64_t, int64_t> roots;  // of a tree; -1: none yet
    std::vector<int64_t> order;
    for (size_t i = 0; i < trees_.size(); ++i) {
      const auto [entry, is_new] = roots.emplace(trees_[i], -1);
      if (is_new) order.push_back(trees_[i]);
      if (has_parent[i]) continue;
      if (entry->second >= 0) {
        wrong("tree ", trees_[i], " has two roots, nodes ", names_[static_cast<size_t>(entry->second)], " and ",
              names_[i]);
      }
      entry->second = static_cast<int64_t>(i);
    }
    for (const int64_t tree : order) {
      if (roots[tree] < 0) wrong("tree ", tree, " has no root: its nodes form a cycle");
      forest_.roots.push_back(roots[tree]);
    }
  }

  const Attributes& attributes_;
  const std::string prefix_;
  const Dims trees_;
  Dims names_;
  std::unordered_map<Name, int64_t, NameHash> index_;
  ForestSource forest_;
};

// --- TreeEnsemble: nodes and leaves by index ---

std::vector<double> tensor_numbers(const Attributes& attributes, const char* name) {
  const HostTensor* tensor = attributes.tensor(name);
  return tensor == nullptr ? std::vector<double>{} : tensor->floats();
}

// The values of member nodes in their order; NaN ends each list.
void read_members(const std::vector<double>& members, ForestSource& forest) {
  forest.members = members;
  size_t at = 0;
  for (ForestSource::Node& node : forest.nodes) {
    if (node.leaf || node.branch != Branch::kMember) continue;
    node.first = static_cast<uint32_t>(at);
    while (at < members.size() && !std::isnan(members[at])) ++at;
    if (at == members.size())
      wrong("attribute 'membership_values' has fewer lists, each ended by NaN, than there are member nodes");
    node.last = static_cast<uint32_t>(at++);
  }
  if (at != members.size()) wrong("attribute 'membership_values' has more lists than there are member nodes");
}

}  // namespace

ForestSource read_ensemble(const Attributes& attributes, const std::string& prefix, int64_t targets) {
  return EnsembleReader(attributes, prefix).read(targets);
}

ForestSource read_tree_ensemble(const Attributes& attributes) {
  ForestSource forest;
  forest.targets = attributes.int_or("n_targets", 1);
  const Dims features = attributes.ints_or("nodes_featureids", {});
  const size_t inner = features.size();
  const auto ints = [&](const char* name) { return as_long_as(attributes.ints_or(name, {}), name, inner); };
  const Dims yes = ints("nodes_truenodeids");
  const Dims no = ints("nodes_falsenodeids");
  const Dims yes_leaf = ints("nodes_trueleafs");
  const Dims no_leaf = ints("nodes_falseleafs");
  const auto modes = as_long_as(tensor_numbers(attributes, "nodes_modes"), "nodes_modes", inner);
  const auto splits = as_long_as(tensor_numbers(attributes, "nodes_splits"), "nodes_splits", inner);
  Dims missing = attributes.ints_or("nodes_missing_value_tracks_true", {});
  if (missing.empty()) missing.assign(inner, 0);
  as_long_as(missing, "nodes_missing_value_tracks_true", inner);
  const Dims targets = attributes.ints_or("leaf_targetids", {});
  const auto weights = as_long_as(tensor_numbers(attributes, "leaf_weights"), "leaf_weights", targets.size());

  const auto child = [&](int64_t index, bool leaf, const char* name) {
    const size_t count = leaf ? targets.size() : inner;
    if (index < 0 || static_cast<uint64_t>(index) >= count) {
      wrong("attribute '", name, "' points at ", leaf ? "leaf " : "node ", index, " of ", count);
    }
    return leaf ? index + static_cast<int64_t>(inner) : index;
  };
  for (size_t i = 0; i < inner; ++i) {
    ForestSource::Node node;
    constexpr double kLastMode = 6;
    if (modes[i] < 0 || modes[i] > kLastMode) wrong("nodes_modes holds ", modes[i], ", which is no mode");
    node.branch = static_cast<Branch>(static_cast<int>(modes[i]));
    node.feature = features[i];
    node.value = splits[i];
    node.missing_is_true = missing[i] != 0;
    node.yes = child(yes[i], yes_leaf[i] != 0, "nodes_truenodeids");
    node.no = child(no[i], no_leaf[i] != 0, "nodes_falsenodeids");
    forest.nodes.push_back(node);
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    ForestSource::Node leaf;
    leaf.leaf = true;
    leaf.first = static_cast<uint32_t>(i);
    leaf.last = leaf.first + 1;
    forest.nodes.push_back(leaf);
    forest.entries.push_back({targets[i], weights[i]});
  }
  for (const int64_t root : attributes.ints_or("tree_roots", {})) {
    forest.roots.push_back(child(root, false, "tree_roots"));
  }
  if (forest.roots.empty()) wrong("attribute 'tree_roots' is empty: there is no tree");
  read_members(tensor_numbers(attributes, "membership_values"), forest);
  finish(forest);
  return forest;
}

}  // namespace bp::cpu
