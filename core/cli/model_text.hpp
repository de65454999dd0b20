// A model's description, as text and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "backplane/model.hpp"

namespace bp::cli {

// Name, producer, opsets, inputs, outputs and counts: a few lines.
std::string summary_text(const Model& model);
// The nodes with their attributes, then unused initializers.
std::string graph_text(const Model& model);
nlohmann::json model_json(const Model& model);

}  // namespace bp::cli
