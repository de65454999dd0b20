// Layout and evaluation of tree ensembles.
#include "kernels/forest.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "support.hpp"

namespace bp::cpu {

namespace {
// Rows for which a tree stays in the cache before the next one comes.
constexpr int64_t kBlock = 256;
}  // namespace

template <class T>
Forest<T>::Forest(const ForestSource& source) : targets_(source.targets) {
  for (const ForestSource::Node& node : source.nodes)
    single_ = single_ && (!node.leaf || node.last - node.first == 1);
  leaf_starts_.push_back(0);
  for (const int64_t root : source.roots) {
    roots_.push_back(static_cast<uint32_t>(nodes_.size()));
    lay_out(source, root);
  }
  choose_shape();
}

// Breadth first: the upper levels, which every row passes, share cache lines.
template <class T>
void Forest<T>::lay_out(const ForestSource& source, int64_t root) {
  std::vector<std::pair<int64_t, uint32_t>> queue = {{root, static_cast<uint32_t>(nodes_.size())}};
  nodes_.emplace_back();
  for (size_t head = 0; head < queue.size(); ++head) {
    const auto [index, at] = queue[head];
    const ForestSource::Node& from = source.nodes[static_cast<size_t>(index)];
    if (from.leaf) {
      const auto number = static_cast<uint32_t>(leaf_starts_.size() - 1);
      for (uint32_t i = from.first; i < from.last; ++i) {
        entries_.push_back(
            {static_cast<T>(source.entries[i].weight), static_cast<uint32_t>(source.entries[i].target)});
      }
      leaf_starts_.push_back(static_cast<uint32_t>(entries_.size()));
      nodes_[at] = {std::numeric_limits<T>::quiet_NaN(), 0, at, kLeaf | number};
      continue;
    }
    uint32_t tag = static_cast<uint32_t>(from.branch) << kBranchShift | (from.missing_is_true ? kMissing : 0);
    if (from.branch == Branch::kMember) {
      tag |= static_cast<uint32_t>(sets_.size()) << kSetShift;
      std::vector<T> set;
      for (uint32_t i = from.first; i < from.last; ++i) set.push_back(static_cast<T>(source.members[i]));
      std::sort(set.begin(), set.end());
      sets_.push_back(std::move(set));
    }
    const auto child = static_cast<uint32_t>(nodes_.size());
    nodes_[at] = {static_cast<T>(from.value), static_cast<uint32_t>(from.feature), child, tag};
    nodes_.resize(nodes_.size() + 2);
    queue.emplace_back(from.no, child);
    queue.emplace_back(from.yes, child + 1);
  }
  constexpr size_t kMostNodes = size_t{1} << 27;
  if (nodes_.size() > kMostNodes) {
    throw Error(BP_STATUS_UNSUPPORTED, text("a forest of more than ", kMostNodes, " nodes is not taken"));
  }
}

template <class T>
void Forest<T>::choose_shape() {
  bool less = true;
  bool less_equal = true;
  bool missing = false;
  for (const Node& node : nodes_) {
    if ((node.tag & kLeaf) != 0) continue;
    const auto branch = static_cast<Branch>(node.tag >> kBranchShift & 7u);
    less = less && branch == Branch::kLess;
    less_equal = less_equal && branch == Branch::kLessEqual;
    missing = missing || (node.tag & kMissing) != 0;
  }
  if (less_equal) {
    shape_ = missing ? Shape::kLessEqualMissing : Shape::kLessEqual;
  } else if (less) {
    shape_ = missing ? Shape::kLessMissing : Shape::kLess;
  }
}

template <class T>
bool Forest<T>::decides(const Node& node, T x) const {
  if ((node.tag & kMissing) != 0 && x != x) return true;
  switch (static_cast<Branch>(node.tag >> kBranchShift & 7u)) {
    case Branch::kLessEqual:
      return x <= node.value;
    case Branch::kLess:
      return x < node.value;
    case Branch::kGreaterEqual:
      return x >= node.value;
    case Branch::kGreater:
      return x > node.value;
    case Branch::kEqual:
      return x == node.value;
    case Branch::kNotEqual:
      return x != node.value;
    case Branch::kMember: {
      const std::vector<T>& set = sets_[node.tag >> kSetShift];
      return x == x && std::binary_search(set.begin(), set.end(), x);
    }
  }
  return false;
}

// A leaf's value is NaN and it tracks no missing values: the comparison is false, and its false child is
// itself.
template <class T>
template <typename Forest<T>::Shape kShape>
uint32_t Forest<T>::next(const Node& node, const T* row) const {
  if constexpr (kShape == Shape::kMixed) {
    if ((node.tag & kLeaf) != 0) return node.child;
    return node.child + (decides(node, row[node.feature]) ? 1u : 0u);
  } else {
    const T x = row[node.feature];
    constexpr bool kOrEqual = kShape == Shape::kLessEqual || kShape == Shape::kLessEqualMissing;
    uint32_t yes = kOrEqual ? x <= node.value : x < node.value;
    if constexpr (kShape == Shape::kLessMissing || kShape == Shape::kLessEqualMissing) {
      yes |= (x != x ? 1u : 0u) & node.tag & (~node.tag >> 31);
    }
    return node.child + yes;
  }
}

template <class T>
void Forest<T>::add_leaf(Aggregate aggregate, uint32_t leaf, double* scores, uint8_t* hits) const {
  const uint32_t first = single_ ? leaf : leaf_starts_[leaf];
  const uint32_t last = single_ ? leaf + 1 : leaf_starts_[leaf + 1];
  for (uint32_t i = first; i < last; ++i) {
    const Entry& entry = entries_[i];
    double& score = scores[entry.target];
    if (aggregate == Aggregate::kSum || aggregate == Aggregate::kAverage) {
      score += entry.weight;
    } else if (hits == nullptr || hits[entry.target] == 0) {
      score = entry.weight;
    } else {
      score = aggregate == Aggregate::kMin ? std::min(score, double{entry.weight})
                                           : std::max(score, double{entry.weight});
    }
    if (hits != nullptr) hits[entry.target] = 1;
  }
}

// Until all lanes stand on leaves.
template <class T>
template <typename Forest<T>::Shape kShape>
void Forest<T>::walk(Lanes& lanes) const {
  const Node* nodes = nodes_.data();
  uint32_t all = kLeaf;
  for (const uint32_t at : lanes.at) all &= nodes[at].tag;
  while ((all & kLeaf) == 0) {
    all = kLeaf;
    for (size_t i = 0; i < kLanes; ++i) {
      lanes.at[i] = next<kShape>(nodes[lanes.at[i]], lanes.row[i]);
      all &= nodes[lanes.at[i]].tag;
    }
  }
}

// Rows beside each other in one tree; or where there are few, trees beside each other under one row. Either way
// a row meets the trees in order. Lanes left over repeat the last one.
template <class T>
template <typename Forest<T>::Shape kShape>
void Forest<T>::add_rows(Aggregate aggregate, int64_t first, int64_t last, const T* rows, int64_t count,
                         int64_t columns, double* scores, uint8_t* hits) const {
  constexpr auto kMost = static_cast<int64_t>(kLanes);
  Lanes lanes;
  const auto add = [&](size_t lane, int64_t row) {
    add_leaf(aggregate, nodes_[lanes.at[lane]].tag & ~kLeaf, scores + row * targets_,
             hits == nullptr ? nullptr : hits + row * targets_);
  };
  if (count < kMost) {
    for (int64_t row = 0; row < count; ++row) {
      for (int64_t tree = first; tree < last; tree += kMost) {
        for (size_t i = 0; i < kLanes; ++i) {
          lanes.at[i] = roots_[static_cast<size_t>(std::min(tree + static_cast<int64_t>(i), last - 1))];
          lanes.row[i] = rows + row * columns;
        }
        walk<kShape>(lanes);
        for (int64_t i = 0; i < std::min(kMost, last - tree); ++i) add(static_cast<size_t>(i), row);
      }
    }
    return;
  }
  for (int64_t tree = first; tree < last; ++tree) {
    for (int64_t row = 0; row < count; row += kMost) {
      for (size_t i = 0; i < kLanes; ++i) {
        lanes.at[i] = roots_[static_cast<size_t>(tree)];
        lanes.row[i] = rows + std::min(row + static_cast<int64_t>(i), count - 1) * columns;
      }
      walk<kShape>(lanes);
      for (int64_t i = 0; i < std::min(kMost, count - row); ++i) add(static_cast<size_t>(i), row + i);
    }
  }
}

template <class T>
void Forest<T>::add(Aggregate aggregate, int64_t first, int64_t last, const T* rows, int64_t count,
                    int64_t columns, double* scores, uint8_t* hits) const {
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t block = std::min(kBlock, count - begin);
    const auto go = [&]<Shape kShape>() {
      add_rows<kShape>(aggregate, first, last, rows + begin * columns, block, columns,
                       scores + begin * targets_, hits == nullptr ? nullptr : hits + begin * targets_);
    };
    switch (shape_) {
      case Shape::kLess:
        go.template operator()<Shape::kLess>();
        break;
      case Shape::kLessMissing:
        go.template operator()<Shape::kLessMissing>();
        break;
      case Shape::kLessEqual:
        go.template operator()<Shape::kLessEqual>();
        break;
      case Shape::kLessEqualMissing:
        go.template operator()<Shape::kLessEqualMissing>();
        break;
      case Shape::kMixed:
        go.template operator()<Shape::kMixed>();
        break;
    }
  }
}

template class Forest<float>;
template class Forest<double>;

}  // namespace bp::cpu
