// Greedy placement in several orders, then a few repairs of the best one.
//
// Placing large blocks first, each in the tightest gap that its lifetime leaves (Pisarchyk and Lee,
// "Efficient Memory Management for Deep Neural Net Inference", 2020), is near the lower bound for most
// networks. What remains is won by moving the block that sticks out of the arena to the front of the
// order and placing again.
#include "plan/arena.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace bp {
namespace {

// Above this many intervals quadratic placement is too slow, and an allocator is simulated instead.
constexpr size_t kQuadraticLimit = 3000;
constexpr size_t kRepairWork = 8'000'000;

uint64_t round_up(uint64_t value, uint64_t alignment) {
  return alignment <= 1 ? value : (value + alignment - 1) / alignment * alignment;
}

bool overlap(const Interval& a, const Interval& b) { return a.first <= b.last && b.first <= a.last; }

using Order = std::vector<uint32_t>;

// Places blocks in `order`, each in the smallest gap that fits among those alive with it.
ArenaPlan place(std::span<const Interval> intervals, const Order& order) {
  ArenaPlan plan;
  plan.offsets.assign(intervals.size(), 0);
  std::vector<uint32_t> placed;  // sorted by offset
  placed.reserve(order.size());
  for (const uint32_t id : order) {
    const Interval& block = intervals[id];
    uint64_t best_offset = 0;
    uint64_t best_gap = UINT64_MAX;
    uint64_t end = 0;  // everything alive with `block` below this is passed
    for (const uint32_t other : placed) {
      if (!overlap(block, intervals[other])) continue;
      const uint64_t begin = plan.offsets[other];
      const uint64_t candidate = round_up(end, block.alignment);
      if (candidate + block.size <= begin && begin - candidate < best_gap) {
        best_gap = begin - candidate;
        best_offset = candidate;
      }
      end = std::max(end, begin + intervals[other].size);
    }
    if (best_gap == UINT64_MAX) best_offset = round_up(end, block.alignment);
    plan.offsets[id] = best_offset;
    plan.total = std::max(plan.total, best_offset + block.size);
    const auto place_at =
        std::upper_bound(placed.begin(), placed.end(), best_offset,
                         [&](uint64_t offset, uint32_t other) { return offset < plan.offsets[other]; });
    placed.insert(place_at, id);
  }
  return plan;
}

// A best-fit allocator run through the steps in order: for graphs too large for `place`.
ArenaPlan simulate_allocator(std::span<const Interval> intervals, const Order& blocks) {
  ArenaPlan plan;
  plan.offsets.assign(intervals.size(), 0);
  Order by_first = blocks;
  std::stable_sort(by_first.begin(), by_first.end(),
                   [&](uint32_t a, uint32_t b) { return intervals[a].first < intervals[b].first; });
  std::map<uint64_t, uint64_t> holes;                            // offset -> size
  std::set<std::pair<uint64_t, uint64_t>> by_size;               // size, offset
  std::multimap<uint32_t, std::pair<uint64_t, uint64_t>> alive;  // last -> offset, size
  const auto add_hole = [&](uint64_t offset, uint64_t size) {
    auto next = holes.lower_bound(offset);
    if (next != holes.end() && offset + size == next->first) {
      size += next->second;
      by_size.erase({next->second, next->first});
      next = holes.erase(next);
    }
    if (next != holes.begin()) {
      const auto before = std::prev(next);
      if (before->first + before->second == offset) {
        offset = before->first;
        size += before->second;
        by_size.erase({before->second, before->first});
        holes.erase(before);
      }
    }
    holes[offset] = size;
    by_size.insert({size, offset});
  };
  for (const uint32_t id : by_first) {
    const Interval& block = intervals[id];
    while (!alive.empty() && alive.begin()->first < block.first) {
      const auto [offset, size] = alive.begin()->second;
      alive.erase(alive.begin());
      add_hole(offset, size);
    }
    const uint64_t size = round_up(block.size, block.alignment);
    auto hole = by_size.lower_bound({size, 0});
    while (hole != by_size.end() && round_up(hole->second, block.alignment) + size > hole->second + hole->first)
      ++hole;
    uint64_t offset = 0;
    if (hole != by_size.end()) {
      const auto [hole_size, hole_offset] = *hole;
      by_size.erase(hole);
      holes.erase(hole_offset);
      offset = round_up(hole_offset, block.alignment);
      if (offset > hole_offset) add_hole(hole_offset, offset - hole_offset);
      if (hole_offset + hole_size > offset + size)
        add_hole(offset + size, hole_offset + hole_size - offset - size);
    } else {
      // Grow the arena, using a hole at its end.
      uint64_t begin = plan.total;
      if (!holes.empty()) {
        const auto last = std::prev(holes.end());
        if (last->first + last->second == plan.total) {
          begin = last->first;
          by_size.erase({last->second, last->first});
          holes.erase(last);
        }
      }
      offset = round_up(begin, block.alignment);
      if (offset > begin) add_hole(begin, offset - begin);
      plan.total = std::max(plan.total, offset + size);
    }
    plan.offsets[id] = offset;
    alive.insert({block.last, {offset, size}});
  }
  return plan;
}

}  // namespace

uint64_t arena_lower_bound(std::span<const Interval> intervals) {
  std::map<uint64_t, int64_t> change;
  for (const Interval& block : intervals) {
    const auto size = static_cast<int64_t>(round_up(block.size, block.alignment));
    change[block.first] += size;
    change[static_cast<uint64_t>(block.last) + 1] -= size;
  }
  int64_t alive = 0;
  int64_t largest = 0;
  for (const auto& [step, bytes] : change) largest = std::max(largest, alive += bytes);
  return static_cast<uint64_t>(largest);
}

ArenaPlan plan_arena(std::span<const Interval> intervals) {
  Order blocks;
  for (uint32_t id = 0; id < intervals.size(); ++id)
    if (intervals[id].size > 0) blocks.push_back(id);
  const uint64_t bound = arena_lower_bound(intervals);

  ArenaPlan best = simulate_allocator(intervals, blocks);
  if (best.total <= bound || blocks.size() > kQuadraticLimit) return best;

  Order best_order;
  const auto try_order = [&](const Order& order) {
    ArenaPlan plan = place(intervals, order);
    if (best_order.empty() || plan.total < best.total) {
      if (plan.total < best.total) best = std::move(plan);
      best_order = order;
    }
  };
  const auto sorted_by = [&](auto&& before) {
    Order order = blocks;
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return before(intervals[a], intervals[b]); });
    return order;
  };
  const auto length = [](const Interval& block) { return uint64_t{block.last} - block.first + 1; };
  try_order(sorted_by([](const Interval& a, const Interval& b) { return a.size > b.size; }));
  if (best.total > bound)
    try_order(sorted_by(
        [&](const Interval& a, const Interval& b) { return a.size * length(a) > b.size * length(b); }));
  if (best.total > bound)
    try_order(sorted_by([&](const Interval& a, const Interval& b) {
      return length(a) != length(b) ? length(a) > length(b) : a.size > b.size;
    }));

  // Repairs: a block that reaches the end of the arena is placed before a block chosen at random among
  // those in front of it, and all are placed again; kept when the arena does not grow. Bounded work:
  // placing is quadratic.
  std::mt19937 rng(1);
  const size_t count = blocks.size();
  const size_t repairs = std::min<size_t>(400, kRepairWork / (count * count + 1));
  Order order = best_order;
  ArenaPlan current = place(intervals, order);
  for (size_t repair = 0; repair < repairs && best.total > bound; ++repair) {
    Order changed = order;
    const auto top = std::find_if(changed.begin(), changed.end(), [&](uint32_t id) {
      return current.offsets[id] + intervals[id].size == current.total;
    });
    const auto place_in_front = static_cast<size_t>(top - changed.begin());
    if (place_in_front == 0) {
      std::swap(changed[rng() % count], changed[rng() % count]);
    } else {
      std::rotate(changed.begin() + static_cast<ptrdiff_t>(rng() % place_in_front), top, top + 1);
    }
    ArenaPlan plan = place(intervals, changed);
    if (plan.total > current.total) continue;
    if (plan.total < best.total) best = plan;
    current = std::move(plan);
    order = std::move(changed);
  }
  return best;
}

}  // namespace bp
