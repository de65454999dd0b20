// What a sequence, an optional or a map holds: a row of values that rows share and never change.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace bp {

struct RuntimeValue;

class Elements {
 public:
  Elements() = default;
  explicit Elements(std::vector<RuntimeValue> values);

  size_t size() const noexcept { return size_; }
  std::span<const RuntimeValue> all() const noexcept;
  const RuntimeValue& operator[](size_t index) const noexcept;

  // A row with `value` in front of element `position` <= size(). At the end it takes constant time, amortized,
  // as long as no other row grew from this one: a loop that collects n values takes time n.
  Elements with(size_t position, RuntimeValue value) const;
  Elements without(size_t position) const;

 private:
  struct Block;
  Elements(std::shared_ptr<Block> block, size_t size) : block_(std::move(block)), size_(size) {}

  std::shared_ptr<Block> block_;  // null: no elements
  size_t size_ = 0;               // of the block's values, from the front
};

}  // namespace bp
