// Folds constants on a device whose memory the host reads: the last one in the order of preference.
#pragma once

#include <memory>
#include <vector>

#include "optimize/optimize.hpp"
#include "session/placed_graph.hpp"

namespace bp {

class DeviceFolder : public ConstantFolder {
 public:
  // Null when no device works in host memory; *note then says so.
  static std::unique_ptr<DeviceFolder> create(const PlaceSettings& settings, std::string* note);

  Result<std::vector<bool>> can_fold(const Graph& graph) override;
  Result<std::vector<TensorPtr>> fold(const Graph& graph) override;

 private:
  explicit DeviceFolder(PlaceSettings settings) : settings_(std::move(settings)) {}
  PlaceSettings settings_;  // with the one device
};

}  // namespace bp
