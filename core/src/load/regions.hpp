// If, Loop and Scan as region nodes: their bodies, and captures made explicit inputs of node and bodies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "load/build_graph.hpp"

namespace bp {

// kNone for every operator but the three of ai.onnx.
RegionKind region_kind(const std::string& domain, const std::string& op_type);
// Names of the attributes that hold the bodies, in the order of Node::regions.
std::vector<std::string> region_attributes(RegionKind kind);

// Gives `node` the bodies. Every outer value that one of them uses becomes an input of the node and of
// all bodies.
void attach_bodies(Node& node, std::vector<std::unique_ptr<GraphBuilder>> bodies);

}  // namespace bp
