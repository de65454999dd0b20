// Dims of many values. Copies share them, so that what stays the same from key to key is stored once.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "graph/type.hpp"

namespace bp {

class SharedDims {
 public:
  void resize(size_t count) { dims_.resize(count); }
  size_t size() const noexcept { return dims_.size(); }
  // Empty where nothing was set.
  const ConcreteDims& operator[](size_t id) const noexcept {
    static const ConcreteDims none;
    return dims_[id] != nullptr ? *dims_[id] : none;
  }
  void set(size_t id, ConcreteDims dims) { dims_[id] = std::make_shared<const ConcreteDims>(std::move(dims)); }
  void clear(size_t id) noexcept { dims_[id].reset(); }

 private:
  std::vector<std::shared_ptr<const ConcreteDims>> dims_;
};

}  // namespace bp
