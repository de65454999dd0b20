// One arena per memory space: the blocks of each are planned alone.
#include "plan/layout.hpp"

namespace bp {

Layout plan_layout(std::span<const Block> blocks, uint32_t space_count) {
  Layout layout;
  layout.offsets.assign(blocks.size(), 0);
  layout.spaces.resize(space_count);
  for (uint32_t space = 0; space < space_count; ++space) {
    std::vector<Interval> intervals;
    std::vector<size_t> members;
    for (size_t index = 0; index < blocks.size(); ++index) {
      if (blocks[index].space != space) continue;
      intervals.push_back(blocks[index].interval);
      members.push_back(index);
    }
    const ArenaPlan plan = plan_arena(intervals);
    for (size_t member = 0; member < members.size(); ++member)
      layout.offsets[members[member]] = plan.offsets[member];
    layout.spaces[space] = {plan.total, arena_lower_bound(intervals)};
  }
  return layout;
}

}  // namespace bp
