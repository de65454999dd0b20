// The shortest useful program: load a model, feed it, print what comes out and where it ran.
// usage: run_model MODEL [PLUGIN-FOLDER...]     every input is filled with 0.5; unknown dims become 1
//
// This one looks at every Result instead of letting value() throw; examples/digits/ does the other.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "backplane/backplane.hpp"

namespace {

bp::Result<bp::Value> half_everywhere(const bp::ValueInfo& input) {
  std::vector<int64_t> dims;
  for (const bp::DimInfo& dim : input.dims) dims.push_back(std::max<int64_t>(dim.size, 1));
  if (input.element_type != bp::ElementType::kFloat32)
    return bp::Status(bp::ErrorCode::kUnsupported,
                      "input '" + input.name + "' is " + input.type + ", this example fills float32 only");
  BP_ASSIGN_OR_RETURN(bp::Value value, bp::Value::tensor(input.element_type, std::move(dims)));
  std::fill_n(static_cast<float*>(value.mutable_data()), value.count(), 0.5F);
  return value;
}

void print_output(const std::string& name, const bp::Value& value) {
  std::printf("%s: %s", name.c_str(), value.type_string().c_str());
  if (const auto elements = value.as<float>(); elements.ok())
    for (size_t i = 0; i < std::min<size_t>(elements->size(), 4); ++i)
      std::printf(" %g", static_cast<double>((*elements)[i]));
  std::printf("\n");
}

bp::Status run(const std::string& path, const bp::EnvironmentOptions& options) {
  BP_ASSIGN_OR_RETURN(const bp::Environment environment, bp::Environment::create(options));
  BP_ASSIGN_OR_RETURN(const bp::Session session, bp::Session::create(environment, path));

  std::vector<bp::NamedValue> inputs;
  for (const bp::ValueInfo& input : session.inputs()) {
    if (input.has_default) continue;
    BP_ASSIGN_OR_RETURN(bp::Value value, half_everywhere(input));
    inputs.emplace_back(input.name, std::move(value));
  }
  BP_ASSIGN_OR_RETURN(const std::vector<bp::Value> outputs, session.run(inputs));
  for (size_t i = 0; i < outputs.size(); ++i) print_output(session.outputs()[i].name, outputs[i]);

  for (const bp::ReportNode& node : session.report().nodes)
    std::printf("  %-20s %s\n", node.op_type.c_str(), node.placement.c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: run_model MODEL [PLUGIN-FOLDER...]\n");
    return 2;
  }
  bp::EnvironmentOptions options;
  options.plugin_directories.assign(argv + 2, argv + argc);
  const bp::Status status = run(argv[1], options);
  if (!status.ok()) std::fprintf(stderr, "run_model: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}
