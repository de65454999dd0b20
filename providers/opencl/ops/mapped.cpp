#include "ops/mapped.hpp"

#include "ops/strided.hpp"

namespace bp::opencl {

void add_mapped(Builder& b, const Maps& maps, std::optional<Ref> filling) {
  const Type type = b.input_type(0);
  Dims dims;
  std::vector<int32_t> all;
  Dims first;
  for (const auto& map : maps) {
    first.push_back(static_cast<int64_t>(all.size()));
    all.insert(all.end(), map.begin(), map.end());
    dims.push_back(static_cast<int64_t>(map.size()));
  }
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  const Dims from = row_major(b.input_dims(0));
  Launch launch("mapped", "mapped");
  launch.define("BP_BITS", bits_name(type));
  launch.memory(b.input(0), type).memory(output, type);
  launch.memory(all.empty() ? Ref{} : b.table(all), Type::kInt32).memory(filling.value_or(Ref{}), type);
  launch.integer(filling ? 1 : 0).integer(total);
  std::string parameters;
  std::string steps;
  for (size_t i = dims.size(); i-- > 0;) {
    parameters += text(" BP_AXIS(", i, ")");
    steps += text(" BP_STEP(", i, ")");
    launch.integer(dims[i]).integer(first[i]).integer(from[i]);
  }
  launch.define("BP_AXES", parameters).define("BP_STEPS", steps);
  launch.work(total, total >= 256 ? 256 : 16);
  b.launch(std::move(launch));
}

}  // namespace bp::opencl
