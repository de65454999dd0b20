// The inside of a Model: the checked graph as it was loaded, never changed.
#pragma once

#include <memory>
#include <vector>

#include "backplane/model.hpp"
#include "load/load_model.hpp"

namespace bp {

class Model::Impl {
 public:
  LoadedModel loaded;
  ModelMetadata metadata;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  int64_t load_ns = 0;
  int64_t check_ns = 0;
};

}  // namespace bp
