// Each wrong node must end in an error that names node, operator and place, from loading to the session:
// nothing crashes, no nonsense is accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "backplane/backplane.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"
#include "sample_node.hpp"
#include "support/paths.hpp"
#include "violations.hpp"

namespace bp::test {
namespace {

constexpr size_t kLeastViolations = 2000;
constexpr size_t kLeastOperators = 150;

class Malformed : public testing::Test {
 protected:
  Malformed() : environment_(Environment::create(options()).value()) {}

  static EnvironmentOptions options() {
    EnvironmentOptions options;
    options.search_standard_places = false;
    options.plugin_directories = {plugin_dir().string()};
    return options;
  }

  Status build(const std::string& bytes) const {
    BP_ASSIGN_OR_RETURN(const Model model, Model::load(std::as_bytes(std::span<const char>(bytes))));
    SessionOptions options;
    options.threads = 1;
    return Session::create(environment_, model, options).status();
  }

  // The newest form's sample of a type with which the whole way succeeds; else any, and `runs` is false.
  std::unique_ptr<Graph> right_sample(const OpSchema& schema, bool& runs) const {
    std::unique_ptr<Graph> any;
    std::vector<ElementType> types = sample_types(schema);
    std::stable_partition(types.begin(), types.end(),
                          [](ElementType type) { return type == ElementType::kFloat32; });
    for (const ElementType type : types) {
      std::unique_ptr<Graph> sample = sample_graph(schema, type);
      if (sample == nullptr) continue;
      const Status status = build(to_onnx_bytes(*sample).value());
      runs = status.ok();
      if (runs) return sample;
      EXPECT_EQ(status.code(), ErrorCode::kUnsupported) << "the sample must be right: " << status.message();
      if (any == nullptr) any = std::move(sample);
    }
    return any;
  }

  // Why the answer to a violation is not good enough; empty when it is.
  static std::string judge(const OpSchema& schema, const Violation& violation, const Status& status,
                           bool runs) {
    if (status.ok()) return "accepted";
    const bool told = status.code() == ErrorCode::kInvalidModel ||
                      (runs && status.code() == ErrorCode::kUnsupported) ||
                      status.code() == ErrorCode::kInvalidArgument;
    if (!told) return std::string("ends with ") + error_code_name(status.code());
    const std::string& message = status.message();
    const auto says = [&](std::string_view text) { return message.find(text) != std::string::npos; };
    if (!says("'sample'")) return "the node is not named";
    // Judged under its canonical name.
    const bool renamed = schema.op_type == "SimplifiedLayerNormalization" && says("RMSNormalization");
    if (!says(schema.op_type) && !renamed) return "the operator is not named";
    if (std::none_of(violation.places.begin(), violation.places.end(), says)) return "the place is not named";
    return {};
  }

  Environment environment_;
};

TEST_F(Malformed, EveryFaultIsTold) {
  std::set<std::string> seen;
  std::set<std::string> operators;
  std::map<std::string, size_t> kinds;
  size_t unjudged = 0;
  std::vector<std::string> bad;
  for (const OperatorName& name : all_operators()) {
    if (!is_standard_domain(name.domain)) continue;
    const OpSchema schema = find_schema(name.domain, name.op_type, forms_of(name).back());
    if (schema.deprecated || has_bodies(schema)) continue;
    bool runs = false;
    const std::unique_ptr<Graph> sample = right_sample(schema, runs);
    if (sample == nullptr) continue;
    std::vector<Violation> violations = signature_violations(schema, *sample);
    const size_t by_signature = violations.size();
    for (Violation& violation : value_violations(schema, *sample)) violations.push_back(std::move(violation));
    for (size_t i = 0; i < violations.size(); ++i) {
      const Violation& violation = violations[i];
      const std::string bytes = to_onnx_bytes(*violation.graph).value();
      if (!seen.insert(bytes).second) continue;
      const Status status = build(bytes);
      // An operator that no device takes ends there when its fault shows only to a device.
      if (!runs && i >= by_signature && status.code() == ErrorCode::kUnsupported) {
        ++unjudged;
        seen.erase(bytes);
        continue;
      }
      ++kinds[violation.kind];
      operators.insert(std::string(name.op_type));
      const std::string why = judge(schema, violation, status, runs);
      if (!why.empty())
        bad.push_back(std::string(name.op_type) + ": " + violation.kind + " (" + violation.detail +
                      "): " + why + ": " + status.to_string().substr(0, 300));
    }
  }
  std::string summary;
  for (const auto& [kind, count] : kinds) summary += kind + " " + std::to_string(count) + ", ";
  std::cout << seen.size() << " violations over " << operators.size() << " operators: " << summary << unjudged
            << " left out (no device takes the operator)\n";
  EXPECT_GE(seen.size(), kLeastViolations);
  EXPECT_GE(operators.size(), kLeastOperators);
  EXPECT_TRUE(bad.empty()) << bad.size() << " are not told well:";
  for (const std::string& text : bad) ADD_FAILURE() << text;
}

}  // namespace
}  // namespace bp::test
