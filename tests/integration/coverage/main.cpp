// backplane_coverage PLUGIN_DIR [DEVICE]: the table of operators as a page of markdown, on the standard output.
#include <cstdio>

#include "coverage.hpp"
#include "coverage_text.hpp"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: backplane_coverage PLUGIN_DIR [DEVICE]\n");
    return 2;
  }
  bp::EnvironmentOptions options;
  options.search_standard_places = false;
  options.plugin_directories = {argv[1]};
  const auto environment = bp::Environment::create(options);
  const std::string device = argc > 2 ? argv[2] : "cpu";
  const auto entries = environment.ok() ? bp::operator_coverage(*environment, device)
                                        : bp::Result<std::vector<bp::CoverageEntry>>(environment.status());
  if (!entries.ok()) {
    std::fprintf(stderr, "error: %s\n", entries.status().to_string().c_str());
    return 2;
  }
  std::fputs((bp::coverage_head() + bp::coverage_section(device, *entries)).c_str(), stdout);
  return 0;
}
