// Small graphs of operators that most devices have, for the cases that need something to compile and run
// whatever the provider supports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/raw_program.hpp"

namespace bp::conformance {

struct Probe {
  std::string name;  // "Relu float32"
  RawGraph graph;
  std::vector<RawTensor> inputs;  // in binding order
};

// Random elements; floats in [-2, 2], integers in [0, 7], a reproducible stream by `seed`.
RawTensor random_tensor(uint32_t element_type, std::vector<int64_t> dims, uint64_t seed);

// Of one node, or of a few; forms of the canonical level. `large`: tensors of about a megabyte, so that a run
// takes some time.
std::vector<Probe> all_probes(uint32_t canonical_level, uint64_t seed, bool large = false);

// Those whose nodes the provider supports and whose partition it accepts whole.
std::vector<Probe> supported_probes(const RawProvider& provider, const RawOptions& options, uint64_t seed,
                                    bool large = false);
// The first of them. Throws CaseEnd(NotApplicable) when there is none.
Probe any_probe(const RawProvider& provider, const RawOptions& options, uint64_t seed, bool large = false);
// The first with a constant.
Probe probe_with_constant(const RawProvider& provider, const RawOptions& options, uint64_t seed);

// The answer about a partition; an answer of ACCEPT where the provider has no query_partition.
struct RawPartitionAnswer {
  TakenStatus status;
  uint32_t kind = BP_PARTITION_ACCEPT;
  uint32_t split_node = 0;
  uint32_t reason_code = 0;
  std::string text;
  bool operator==(const RawPartitionAnswer& other) const;
};
RawPartitionAnswer query_partition(const RawProvider& provider, const RawView& view, const RawOptions& options);

}  // namespace bp::conformance
