// Links the shared library and prints what it finds beside itself: the version, then a line per provider with
// its id, its state after loading and its manifest's path.
#include <backplane/backplane.hpp>
#include <iostream>

int main() {
  std::cout << "backplane " << bp::version() << "\n";
  const bp::Environment environment = bp::Environment::create().value();
  const size_t devices = environment.devices().size();  // loads all
  for (const bp::ProviderOutcome& outcome : environment.outcomes()) {
    std::cout << outcome.id << " " << outcome.state << " " << outcome.manifest_path << "\n";
  }
  std::cout << devices << " devices\n";
  return 0;
}
