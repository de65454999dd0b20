// An ensemble of decision trees laid out for evaluation: all nodes in one array, the two children of a node
// beside each other, so that a step is nodes[child + condition]. A leaf is its own child: walks go
// side by side until all of them stand on leaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types.hpp"

namespace bp::cpu {

enum class Branch : uint8_t { kLessEqual, kLess, kGreaterEqual, kGreater, kEqual, kNotEqual, kMember };
enum class Aggregate : uint8_t { kAverage, kSum, kMin, kMax };

// A forest as a model tells it; checked (see ops/ml_forest.hpp), every node but leaves reached once.
struct ForestSource {
  struct Node {
    bool leaf = false;
    Branch branch = Branch::kLessEqual;
    bool missing_is_true = false;  // NaN goes to the true side
    int64_t feature = 0;
    double value = 0;
    int64_t yes = 0;  // node indices
    int64_t no = 0;
    uint32_t first = 0;  // leaves: their entries; members: their values
    uint32_t last = 0;
  };
  struct Entry {
    int64_t target;
    double weight;
  };
  std::vector<Node> nodes;
  std::vector<int64_t> roots;  // one per tree
  std::vector<Entry> entries;
  std::vector<double> members;
  int64_t targets = 1;
  int64_t features = 0;  // that are looked at: 1 + the largest index
};

// T: float or double, in which features are compared. Scores are added up in double, so that their order does
// not decide ties.
template <class T>
class Forest {
 public:
  explicit Forest(const ForestSource& source);

  int64_t tree_count() const noexcept { return static_cast<int64_t>(roots_.size()); }
  int64_t targets() const noexcept { return targets_; }

  // Adds the scores of trees [first, last) to scores[count, targets] for `count` rows of `columns` features.
  // `hits` (as large; may be null for a sum) becomes 1 where a leaf gave a score.
  void add(Aggregate aggregate, int64_t first, int64_t last, const T* rows, int64_t count, int64_t columns,
           double* scores, uint8_t* hits) const;

 private:
  struct Node {
    T value;
    uint32_t feature;
    uint32_t child;  // the false one; the true one follows
    uint32_t tag;    // leaves: kLeaf and their number; else kMissing, branch and number of the member set
  };
  static constexpr uint32_t kLeaf = 1u << 31;
  static constexpr uint32_t kMissing = 1;
  static constexpr uint32_t kBranchShift = 1;  // three bits
  static constexpr uint32_t kSetShift = 4;

  struct Entry {
    T weight;
    uint32_t target;
  };
  // How nodes decide, the same for the whole forest; kMixed looks at each node.
  enum class Shape : uint8_t { kLess, kLessMissing, kLessEqual, kLessEqualMissing, kMixed };

  // Walks that go side by side: their loads do not wait for each other.
  static constexpr size_t kLanes = 8;
  struct Lanes {
    uint32_t at[kLanes];
    const T* row[kLanes];
  };

  void lay_out(const ForestSource& source, int64_t root);
  void choose_shape();
  template <Shape kShape>
  uint32_t next(const Node& node, const T* row) const;
  bool decides(const Node& node, T x) const;
  template <Shape kShape>
  void walk(Lanes& lanes) const;
  template <Shape kShape>
  void add_rows(Aggregate aggregate, int64_t first, int64_t last, const T* rows, int64_t count, int64_t columns,
                double* scores, uint8_t* hits) const;
  void add_leaf(Aggregate aggregate, uint32_t leaf, double* scores, uint8_t* hits) const;

  std::vector<Node> nodes_;
  std::vector<uint32_t> roots_;
  std::vector<uint32_t> leaf_starts_;  // per leaf: its entries; one more at the end
  std::vector<Entry> entries_;
  std::vector<std::vector<T>> sets_;  // of member nodes, sorted
  int64_t targets_;
  bool single_ = true;  // every leaf has one entry, whose number is the leaf's
  Shape shape_ = Shape::kMixed;
};

extern template class Forest<float>;
extern template class Forest<double>;

}  // namespace bp::cpu
