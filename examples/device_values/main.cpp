// Tensors that stay in a device's memory from run to run: copied there once, bound, run without waiting, read
// when they are needed.
// usage: device_values MODEL DEVICE [PLUGIN-FOLDER...]     DEVICE: OPENCL, CUDA:1, CPU, ...
//
// Inputs must be float32; they are filled with 0.5, and unknown dims become 1. On a device that works in host
// memory the same program runs, and "host" is what it prints.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "backplane/backplane.hpp"

namespace {

void need(const bp::Status& status) {
  if (!status.ok()) throw bp::Error(status);
}

bp::Value half_everywhere(const bp::ValueInfo& input) {
  std::vector<int64_t> dims;
  for (const bp::DimInfo& dim : input.dims) dims.push_back(std::max<int64_t>(dim.size, 1));
  bp::Value value = bp::Value::tensor(bp::ElementType::kFloat32, dims).value();
  std::fill_n(static_cast<float*>(value.mutable_data()), value.count(), 0.5F);
  return value;
}

void print(const std::string& name, const bp::Value& value) {
  std::printf("%s: %s in %s", name.c_str(), value.type_string().c_str(), value.memory().c_str());
  const bp::Value on_host = value.to_host().value();  // device to host
  if (const auto elements = on_host.as<float>(); elements.ok())
    for (size_t i = 0; i < std::min<size_t>(elements->size(), 4); ++i)
      std::printf(" %g", static_cast<double>((*elements)[i]));
  std::printf("\n");
}

void run(const std::string& path, const std::string& device, const bp::EnvironmentOptions& folders) {
  const bp::Environment environment = bp::Environment::create(folders).value();
  bp::SessionOptions options;
  options.providers = {device};
  if (device != "CPU") options.providers.emplace_back("CPU");  // for what the device does not take
  const bp::Session session = bp::Session::create(environment, path, options).value();
  const bp::DeviceMemory memory = session.device_memory(device).value();

  bp::IoBinding binding = session.bind().value();
  std::vector<bp::Value> inputs;
  for (const bp::ValueInfo& input : session.inputs()) {
    if (input.has_default) continue;
    inputs.push_back(memory.copy_of(half_everywhere(input)).value());  // host to device
    need(binding.bind_input(input.name, inputs.back()));
  }
  // The session allocates the outputs in that memory, once their sizes are known: for some models that is
  // only when they have run.
  for (const bp::ValueInfo& output : session.outputs()) need(binding.bind_output(output.name, memory));

  // Started one behind the other, without waiting for any of them.
  for (int i = 0; i < 3; ++i) need(session.start(binding));
  need(binding.synchronize());
  for (size_t i = 0; i < session.outputs().size(); ++i) print(session.outputs()[i].name, binding.outputs()[i]);

  // New contents for the same memory; what is bound stays bound.
  need(inputs[0].copy_from(half_everywhere(session.inputs()[0])));
  // Memory of our own for a result, where its size is known before.
  const bp::Value first = binding.outputs()[0];
  bp::Value mine = memory.tensor(first.element_type(), first.dims()).value();
  need(binding.bind_output(session.outputs()[0].name, mine));
  need(session.run(binding));  // waits
  print(session.outputs()[0].name + " again", mine);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: device_values MODEL DEVICE [PLUGIN-FOLDER...]\n");
    return 2;
  }
  bp::EnvironmentOptions options;
  options.plugin_directories.assign(argv + 3, argv + argc);
  try {
    run(argv[1], argv[2], options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "device_values: %s\n", error.what());
    return 1;
  }
  return 0;
}
