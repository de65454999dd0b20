// What building the nodes of a program found and did the last time, by node. A node that finds the same again
// takes over what was made, kernels included: with a new length only the nodes that see it are built anew.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

struct NodeRecord;  // specialize.hpp

class NodeRecords {
 public:
  using List = std::vector<std::shared_ptr<const NodeRecord>>;  // by node; null: none

  // What the builds depend on besides the program and the dims.
  struct Terms {
    int threads = 0;
    Layout convolutions = Layout::kPlain;
    bool operator==(const Terms&) const = default;
  };

  // Those made on these terms; empty where there are none. [any-thread]
  List get(const Terms& terms) const {
    const std::lock_guard lock(mutex_);
    return terms == terms_ ? list_ : List();
  }
  // [any-thread]
  void set(const Terms& terms, List list) {
    const std::lock_guard lock(mutex_);
    terms_ = terms;
    list_.swap(list);
  }

 private:
  mutable std::mutex mutex_;
  Terms terms_;
  List list_;
};

}  // namespace bp::cpu
