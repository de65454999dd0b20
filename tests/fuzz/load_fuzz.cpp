// Any bytes as a model: a graph or an error, never a crash, and nothing without bound.
#include <cstdint>
#include <cstdlib>

#include "load/load_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bp::LoadOptions options;
  options.max_nodes = 10'000;
  options.max_dense_bytes = 1 << 20;
  const auto model = bp::load_model_bytes({reinterpret_cast<const std::byte*>(data), size}, options);
  if (!model.ok() && model.status().message().empty()) std::abort();  // an error has to say something
  return 0;
}
