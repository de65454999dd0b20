// The order of the phases: load and check (model.cpp), canonicalize, infer, optimize, then partition, compile
// and plan (placed_graph.cpp). This is the only place that knows it.
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "backplane/provider/option.h"
#include "base/mapped_file.hpp"
#include "base/nearest_name.hpp"
#include "canonicalize/canonicalize.hpp"
#include "check/check_graph.hpp"
#include "compile/saved_programs.hpp"
#include "infer/infer.hpp"
#include "optimize/optimize.hpp"
#include "session/constant_folder.hpp"
#include "session/describe.hpp"
#include "session/graph_hooks.hpp"
#include "session/session_impl.hpp"

namespace bp {
namespace {

using Clock = std::chrono::steady_clock;

uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

OptimizeLevel level_of(OptimizationLevel level) {
  switch (level) {
    case OptimizationLevel::kNone:
      return OptimizeLevel::kNone;
    case OptimizationLevel::kBasic:
      return OptimizeLevel::kBasic;
    case OptimizationLevel::kAll:
      break;
  }
  return OptimizeLevel::kAll;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// "backplane.cpu", its last word, or the name before ":0" in the label.
bool names_provider(const Device& device, std::string_view name) {
  const std::string& id = device.provider_id();
  const std::string last = id.substr(id.rfind('.') == std::string::npos ? 0 : id.rfind('.') + 1);
  const std::string label = device.label().substr(0, device.label().rfind(':'));
  return equal_without_case(name, id) || equal_without_case(name, last) || equal_without_case(name, label);
}

// Splits "provider.option" at the last dot whose front names a provider in use.
Status sort_options(const std::map<std::string, std::string>& options,
                    std::span<const std::shared_ptr<Device>> devices,
                    std::vector<std::vector<NamedOption>>& by_device) {
  by_device.resize(devices.size());
  for (const auto& [key, value] : options) {
    bool found = false;
    const size_t dot = key.rfind('.');
    for (size_t index = 0; index < devices.size() && dot != std::string::npos; ++index)
      if (names_provider(*devices[index], std::string_view(key).substr(0, dot))) {
        by_device[index].push_back({key.substr(dot + 1), value});
        found = true;
      }
    if (found) continue;
    std::string message = "option '" + key + "': expected PROVIDER.OPTION of a provider in use; these are";
    for (const auto& device : devices) message += " '" + device->provider_id() + "'";
    if (devices.empty()) message += " none";
    return {ErrorCode::kNotFound, message};
  }
  return {};
}

bool has_deterministic_option(const Device& device) {
  const auto& options = device.options();
  return std::any_of(options.begin(), options.end(), [](const OptionInfo& option) {
    return option.kind == OptionKind::kBool && option.name == BP_OPTION_NAME_DETERMINISTIC;
  });
}

// It always gives the same bits, or its provider can be told to.
bool may_be_deterministic(const Device& device) {
  return device.info().deterministic || has_deterministic_option(device);
}

}  // namespace

Result<std::shared_ptr<Session::Impl>> Session::Impl::create(const Environment& environment, const Model& model,
                                                             const SessionOptions& options) {
  auto impl = std::make_shared<Impl>();
  impl->options_ = options;
  BP_RETURN_IF_ERROR(impl->build(environment, model));
  return impl;
}

Session::Impl::~Impl() {
  if (profile_ != nullptr) (void)profile_->write(options_.profile_path);
}

Status Session::Impl::choose_devices(const Environment& environment) {
  std::vector<std::shared_ptr<Device>> devices;
  if (options_.providers.empty()) {
    devices = environment.impl()->registry->devices();
    if (options_.deterministic)
      std::erase_if(devices, [this](const auto& device) {
        if (may_be_deterministic(*device)) return false;
        notes_.push_back(device->label() + " is left out: its results are not the same from run to run");
        return true;
      });
  }
  for (const std::string& selector : options_.providers) {
    BP_ASSIGN_OR_RETURN(const auto found, environment.impl()->registry->find_devices(selector));
    for (const auto& device : found) {
      if (options_.deterministic && !may_be_deterministic(*device))
        return {ErrorCode::kUnsupported,
                "device " + device->label() +
                    " was asked for with deterministic results, which it does not promise"};
      if (std::find(devices.begin(), devices.end(), device) == devices.end()) devices.push_back(device);
    }
  }
  std::vector<std::vector<NamedOption>> values;
  BP_RETURN_IF_ERROR(sort_options(options_.options, devices, values));
  for (size_t index = 0; index < devices.size(); ++index) {
    // The last one wins: the session's promise stands above the provider's option.
    if (options_.deterministic && has_deterministic_option(*devices[index]))
      values[index].push_back({BP_OPTION_NAME_DETERMINISTIC, true});
    BP_ASSIGN_OR_RETURN(OptionSet checked, devices[index]->check_options(values[index]));
    settings_.devices.push_back({devices[index], std::move(checked)});
  }
  return {};
}

Status Session::Impl::apply_fixed_dims(Graph& graph) const {
  std::vector<std::string> symbols;
  for (const ValueId id : graph.inputs())
    for (const Dim& dim : graph.value(id).type.dims)
      if (dim.symbol != 0) symbols.push_back(graph.symbols().name(dim.symbol));
  const auto fix = [&](ValueId id, size_t axis, int64_t size) {
    graph.value(id).type.dims[axis] = Dim::of(size);
  };
  for (const auto& [symbol, size] : options_.fixed_dims) {
    if (size < 0)
      return {ErrorCode::kInvalidArgument, "dim '" + symbol + "' must be >= 0, is " + std::to_string(size)};
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) {
      const auto nearest = nearest_name(symbol, symbols);
      return {ErrorCode::kNotFound,
              "no input has a dim '" + symbol + "'" +
                  (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?")};
    }
    // Everywhere, also in declared types of other values, which would contradict otherwise.
    for (ValueId id = 0; id < graph.value_count(); ++id)
      for (size_t axis = 0; axis < graph.value(id).type.dims.size(); ++axis) {
        const Dim& dim = graph.value(id).type.dims[axis];
        if (!dim.known() && dim.symbol != 0 && graph.symbols().name(dim.symbol) == symbol) fix(id, axis, size);
      }
  }
  for (const auto& [name, range] : options_.shape_ranges) {
    BP_ASSIGN_OR_RETURN(const size_t position, find_name(inputs_, name, "input"));
    const ValueId id = graph.inputs()[position];
    const size_t rank = graph.value(id).type.dims.size();
    if (range.min_dims.size() != rank || range.opt_dims.size() != rank || range.max_dims.size() != rank)
      return {ErrorCode::kInvalidArgument, "shape range of '" + name + "' must have " + std::to_string(rank) +
                                               " dims each for min, opt and max"};
    for (size_t axis = 0; axis < rank; ++axis) {
      const int64_t min = range.min_dims[axis], opt = range.opt_dims[axis], max = range.max_dims[axis];
      if (min < 0 || min > opt || opt > max)
        return {ErrorCode::kInvalidArgument, "shape range of '" + name + "', axis " + std::to_string(axis) +
                                                 ": expected 0 <= min <= opt <= max, found " +
                                                 std::to_string(min) + ", " + std::to_string(opt) + ", " +
                                                 std::to_string(max)};
      const Dim& dim = graph.value(id).type.dims[axis];
      if (dim.known() && (dim.size < min || dim.size > max))
        return {ErrorCode::kInvalidArgument, "shape range of '" + name + "', axis " + std::to_string(axis) +
                                                 ": the model says " + std::to_string(dim.size)};
      if (min == max && !dim.known()) fix(id, axis, min);
    }
  }
  return {};
}

Status Session::Impl::collect_ranges(const Graph& graph) {
  for (const auto& [name, range] : options_.shape_ranges) {
    const auto id = graph.find_value(name);
    if (!id) continue;
    const Dims& dims = graph.value(*id).type.dims;
    for (size_t axis = 0; axis < dims.size() && axis < range.min_dims.size(); ++axis)
      if (dims[axis].symbol != 0)
        settings_.ranges[dims[axis].symbol] = {range.min_dims[axis], range.max_dims[axis]};
  }
  return {};
}

Status Session::Impl::build(const Environment& environment, const Model& model) {
  environment_ = environment.impl();
  model_ = model.impl();
  for (const std::string& violation : model_->loaded.violations)
    environment_->services->log(LogSeverity::kWarning, "model", violation);
  phases_.push_back({"load", model_->load_ns});
  phases_.push_back({"check", model_->check_ns});
  auto begin = Clock::now();
  const auto phase = [&](const char* name) {
    const auto now = Clock::now();
    phases_.push_back({name, std::chrono::duration_cast<std::chrono::nanoseconds>(now - begin).count()});
    begin = now;
  };
  if (!options_.profile_path.empty()) profile_ = std::make_unique<Profile>();
  settings_.thread_count = options_.threads != 0 ? options_.threads : usable_cores();
  settings_.memory_limit_bytes = options_.memory_limit_bytes;
  settings_.by_cost = options_.automatic;
  settings_.threads = &environment_->services->threads();
  settings_.progress = options_.progress;
  settings_.constant_released = environment_->services->hooks().constant_released;
  settings_.looked_for = environment_->looked_for();
  if (!options_.saved_programs.empty()) {
    BP_ASSIGN_OR_RETURN(const auto saved, SavedPrograms::open(options_.saved_programs));
    settings_.load_saved = [saved](Device& device, const GraphView& view, const CompileOptions& compile,
                                   std::string* why) { return saved->load(device, view, compile, why); };
  }
  BP_RETURN_IF_ERROR(choose_devices(environment));
  phase("devices");

  std::shared_ptr<Graph> graph = model_->loaded.graph->clone();
  inputs_ = describe_inputs(*graph);
  BP_RETURN_IF_ERROR(apply_fixed_dims(*graph));
  do {
    if (canonicalize_wants_types(*graph)) BP_RETURN_IF_ERROR(infer_types(*graph));
    BP_RETURN_IF_ERROR(canonicalize(*graph));
  } while (has_gradients(*graph));
  phase("canonicalize");
  BP_RETURN_IF_ERROR(infer_types(*graph));
  BP_RETURN_IF_ERROR(check_inferred_types(*graph));
  phase("infer");
  inputs_ = describe_inputs(*graph);
  outputs_ = describe_outputs(*graph);
  BP_RETURN_IF_ERROR(collect_ranges(*graph));

  OptimizeOptions optimize_options;
  optimize_options.level = level_of(options_.optimization);
  std::string note;
  const auto folder = DeviceFolder::create(settings_, &note);
  if (folder == nullptr) notes_.push_back(note);
  optimize_options.folder = folder.get();
  optimize_options.evaluate_shape_node = evaluate_constant_node;
  optimize_options.infer = infer_types;
  BP_ASSIGN_OR_RETURN(const OptimizeReport optimized, optimize(*graph, optimize_options));
  for (const PassReport& pass : optimized.passes) {
    ReportPass described{pass.pass, pass.changes, {}};
    for (const std::string& text : pass.notes) described.note += (described.note.empty() ? "" : "; ") + text;
    passes_.push_back(std::move(described));
  }
  (void)graph->compact();
  optimized_ = graph;
  phase("optimize");

  BP_ASSIGN_OR_RETURN(PlacedGraph placed, place_graph(*graph, settings_, refused_, notes_));
  phases_.push_back({"partition", placed.partition_ns});
  phases_.push_back({"compile", placed.compile_ns});
  phases_.push_back({"plan", placed.plan_ns});
  placed_ = std::make_shared<const PlacedGraph>(std::move(placed));
  begin = Clock::now();
  BP_RETURN_IF_ERROR(prepare());
  phase("specialize");
  // Everything that reads the weights has read them: their pages go back to the system.
  for (ValueId id = 0; id < optimized_->value_count(); ++id) {
    const TensorPtr& constant = optimized_->value(id).constant;
    if (constant != nullptr && !constant->file.path.empty()) MappedFile::drop_resident(constant->bytes);
  }
  return {};
}

// Settles shapes that are known already, so that the first run is as quick as the others.
Status Session::Impl::prepare() {
  std::vector<RuntimeValue> values;
  for (const ValueInfo& info : inputs_) {
    RuntimeValue value;
    if (!info.has_default) {
      if (info.kind != ValueKind::kTensor || !info.has_rank) return {};
      value.type = info.element_type;
      value.present = true;
      const auto range = options_.shape_ranges.find(info.name);
      for (size_t axis = 0; axis < info.dims.size(); ++axis) {
        int64_t size = info.dims[axis].size;
        if (size < 0 && range != options_.shape_ranges.end()) size = range->second.opt_dims[axis];
        if (size < 0) return {};
        value.dims.push_back(size);
      }
    }
    values.push_back(std::move(value));
  }
  // Contents decide some shape: only a run knows them.
  for (const ValueId key : placed_->executable->plan().segments[0].key_values)
    if (placed_->executable->graph().value(key).constant == nullptr) return {};
  Refusal refusal;
  RunEnvironment environment;
  environment.refusal = &refusal;
  const Status status = placed_->executable->prepare(values, environment);
  if (status.ok() || refusal.device == kNoIndex) return status;
  BP_RETURN_IF_ERROR(place_elsewhere(refusal, status, generation()));
  return prepare();
}

Status Session::Impl::place_elsewhere(const Refusal& refusal, const Status& why, uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation_.load() != generation) return {};  // another run did it
  const std::string device = settings_.devices[refusal.device].device->label();
  bool fresh = false;
  for (const std::string& node : refusal.nodes)
    fresh =
        refused_[refusal.device].emplace(node, "refused the shapes of a run: " + why.message()).second || fresh;
  if (!fresh) return why;
  notes_.push_back(device + " refused the shapes of " + std::to_string(refusal.nodes.size()) + " nodes from '" +
                   refusal.nodes.front() + "' on; they are placed elsewhere: " + why.message());
  BP_ASSIGN_OR_RETURN(PlacedGraph placed, place_graph(*optimized_, settings_, refused_, notes_));
  placed_ = std::make_shared<const PlacedGraph>(std::move(placed));
  generation_.fetch_add(1, std::memory_order_release);
  return {};
}

}  // namespace bp
