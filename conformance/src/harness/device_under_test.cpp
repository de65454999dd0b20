#include "harness/device_under_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <tuple>

#include "ops/onnx_bridge/to_onnx.hpp"
#include "provider/registry.hpp"
#include "provider/view_graph.hpp"

namespace bp::conformance {

struct DeviceUnderTest::Complaints {
  std::mutex mutex;
  std::vector<std::string> texts;
};

namespace {

// A planner without reuse: legal, and one block that runs into another shows as damage.
Result<uint64_t> plan_memory(std::span<const MemoryInterval> blocks, std::span<uint64_t> offsets) {
  uint64_t end = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const uint64_t alignment = std::max<uint64_t>(blocks[i].alignment, 1);
    offsets[i] = (end + alignment - 1) / alignment * alignment;
    end = offsets[i] + blocks[i].size;
  }
  return end;
}

HostHooks host_hooks() {
  HostHooks hooks;
  hooks.plan_memory = plan_memory;
  hooks.graph_to_onnx = [](const GraphView& view, bool embed_constants, const ByteSink& sink) -> Status {
    BP_ASSIGN_OR_RETURN(const std::string bytes, to_onnx_bytes(*graph_of_view(view, embed_constants)));
    return sink(std::as_bytes(std::span<const char>(bytes)));
  };
  return hooks;
}

std::shared_ptr<Provider> open_provider(const CaseTarget& target,
                                        const std::shared_ptr<HostServices>& services) {
  DiscoveryOptions options;
  options.plugin_paths = {target.manifest_path};
  options.use_default_places = false;
  options.get_environment = [](const char*) { return std::nullopt; };  // only what the target says
  const auto registry = expect_ok(Registry::discover(services, options), "reading the manifest");
  const auto providers = registry->providers();
  if (!providers.empty()) return providers.front();
  std::string why;
  for (const bp::Outcome& outcome : registry->outcomes()) why += outcome.text;
  fail(fmt::format("'{}' cannot be loaded: {}", target.manifest_path, why));
}

}  // namespace

DeviceUnderTest& DeviceUnderTest::of(const CaseTarget& target) {
  using Key = std::tuple<std::string, uint32_t, std::vector<std::pair<std::string, std::string>>, uint32_t>;
  static std::optional<std::pair<Key, DeviceUnderTest>> opened;
  Key key{target.manifest_path, target.device, target.options, target.thread_count};
  if (opened && opened->first == key) {
    opened->second.complaints_->texts.clear();
    return opened->second;
  }
  DeviceUnderTest made;
  made.complaints_ = std::make_shared<Complaints>();
  made.thread_count_ = target.thread_count;
  const auto services = HostServices::create(host_hooks(), 1);
  services->set_log(
      [complaints = made.complaints_](LogSeverity, std::string_view, std::string_view message) {
        const std::lock_guard lock(complaints->mutex);
        complaints->texts.emplace_back(message);
      },
      LogSeverity::kProviderMisbehaves);
  const auto provider = open_provider(target, services);
  if (target.device >= provider->devices().size())
    fail(fmt::format("expected a device {}, the provider lists {}", target.device, provider->devices().size()));
  made.device_ = provider->devices()[target.device];
  if (made.device_->info().compile_only) not_applicable("the device compiles only");
  std::vector<NamedOption> values;
  for (const auto& [name, value] : target.options) values.push_back({name, value});
  made.options_ = expect_ok(made.device_->check_options(values), "the options");
  opened.emplace(std::move(key), std::move(made));
  return opened->second;
}

void DeviceUnderTest::check_behaviour() {
  const std::lock_guard lock(complaints_->mutex);
  if (complaints_->texts.empty()) return;
  const std::string text = complaints_->texts.front();
  complaints_->texts.clear();
  fail(text);
}

}  // namespace bp::conformance
