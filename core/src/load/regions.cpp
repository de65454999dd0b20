// A body that does not use a value which its sibling captures gets an input for it all the same: inputs of
// all bodies of a node end alike.
#include "load/regions.hpp"

#include <unordered_map>
#include <unordered_set>

namespace bp {
RegionKind region_kind(const std::string& domain, const std::string& op_type) {
  if (!domain.empty()) return RegionKind::kNone;
  if (op_type == "If") return RegionKind::kBranch;
  if (op_type == "Loop") return RegionKind::kLoop;
  if (op_type == "Scan") return RegionKind::kScan;
  return RegionKind::kNone;
}

std::vector<std::string> region_attributes(RegionKind kind) {
  switch (kind) {
    case RegionKind::kNone:
      return {};
    case RegionKind::kBranch:
      return {"then_branch", "else_branch"};
    case RegionKind::kLoop:
    case RegionKind::kScan:
      return {"body"};
  }
  return {};
}

void attach_bodies(Node& node, std::vector<std::unique_ptr<GraphBuilder>> bodies) {
  std::vector<ValueId> captured;
  std::unordered_set<ValueId> seen;
  for (const auto& body : bodies) {
    for (const GraphBuilder::Capture& capture : body->captures()) {
      if (seen.insert(capture.outer).second) captured.push_back(capture.outer);
    }
  }
  node.capture_count = static_cast<uint32_t>(captured.size());
  node.inputs.insert(node.inputs.end(), captured.begin(), captured.end());
  for (auto& body : bodies) {
    std::unordered_map<ValueId, ValueId> inner;
    for (const GraphBuilder::Capture& capture : body->captures()) inner.emplace(capture.outer, capture.inner);
    for (const ValueId outer : captured) {
      const auto found = inner.find(outer);
      body->graph().mark_input(found != inner.end() ? found->second : body->graph().add_value("capture"));
    }
    node.regions.push_back(body->take_graph());
  }
}

}  // namespace bp
