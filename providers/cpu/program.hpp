// A compiled partition: the provider's own graph and the constants, packed once. Immutable for callers; the
// packed constants grow under a lock while instances are made.
#pragma once

#include <memory>

#include "constants.hpp"
#include "graph.hpp"
#include "layout_choice.hpp"
#include "node_records.hpp"
#include "options.hpp"
#include "support.hpp"
#include "tuning.hpp"

namespace bp::cpu {

struct Provider;

struct Program {
  Program(const bp_host* table, Graph nodes, bp_constants source, Options settings,
          std::unique_ptr<const SavedPacks> packs, std::shared_ptr<Tuning> tuned)
      : host(table),
        graph(std::move(nodes)),
        convolution_layouts(choose_convolution_layouts(graph)),
        options(std::move(settings)),
        tuning(std::move(tuned)),
        constants(table, source, std::move(packs)) {}

  const bp_host* host;
  Graph graph;
  ConvolutionLayouts convolution_layouts;
  Options options;
  std::shared_ptr<Tuning> tuning;
  mutable Constants constants;
  mutable NodeRecords records;
};

extern const bp_program_api kProgramApi;

}  // namespace bp::cpu
