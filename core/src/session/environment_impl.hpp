// The inside of an Environment: host services and the registry of providers. Sessions share it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backplane/environment.hpp"
#include "provider/registry.hpp"

namespace bp {

class Environment::Impl {
 public:
  std::shared_ptr<HostServices> services;
  std::unique_ptr<Registry> registry;
  std::vector<std::string> probe_command;  // EnvironmentOptions::probe_command
  // For messages when no provider is there: what was searched.
  std::string looked_for() const;
};

}  // namespace bp
