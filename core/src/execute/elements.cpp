// Rows of one block differ in length alone. Whoever claims the slot behind its own end may fill it: no other
// row reaches that far. Rows in several threads need no lock, since a slot is written before a row holds it.
#include "execute/elements.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "execute/runtime_value.hpp"

namespace bp {

struct Elements::Block {
  explicit Block(size_t slots) : values(slots) {}

  std::vector<RuntimeValue> values;
  std::atomic<size_t> used{0};
};

Elements::Elements(std::vector<RuntimeValue> values) : size_(values.size()) {
  if (values.empty()) return;
  block_ = std::make_shared<Block>(0);
  block_->values = std::move(values);
  block_->used = size_;
}

std::span<const RuntimeValue> Elements::all() const noexcept {
  return block_ == nullptr ? std::span<const RuntimeValue>() : std::span(block_->values).first(size_);
}

const RuntimeValue& Elements::operator[](size_t index) const noexcept { return block_->values[index]; }

Elements Elements::with(size_t position, RuntimeValue value) const {
  if (block_ != nullptr && position == size_ && size_ < block_->values.size()) {
    size_t end = size_;
    if (block_->used.compare_exchange_strong(end, size_ + 1)) {
      block_->values[size_] = std::move(value);
      return {block_, size_ + 1};
    }
  }
  constexpr size_t kSmallest = 4;
  auto block = std::make_shared<Block>(std::max(kSmallest, 2 * size_));
  const auto own = all();
  const auto middle = own.begin() + static_cast<std::ptrdiff_t>(position);
  auto slot = std::copy(own.begin(), middle, block->values.begin());
  *slot = std::move(value);
  std::copy(middle, own.end(), slot + 1);
  block->used = size_ + 1;
  return {std::move(block), size_ + 1};
}

Elements Elements::without(size_t position) const {
  const auto own = all();
  if (position + 1 == size_) return {size_ > 1 ? block_ : nullptr, size_ - 1};
  std::vector<RuntimeValue> rest(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(position));
  rest.insert(rest.end(), own.begin() + static_cast<std::ptrdiff_t>(position) + 1, own.end());
  return Elements(std::move(rest));
}

}  // namespace bp
