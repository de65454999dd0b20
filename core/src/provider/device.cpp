// Identity, options, compile, artefacts, clock. The query is in device_query.cpp, memory in device_memory.cpp.
#include "provider/device.hpp"

#include <fmt/format.h>

#include <utility>

#include "provider/abi.hpp"
#include "provider/artifact_adapters.hpp"
#include "provider/program.hpp"
#include "provider/provider_core.hpp"
#include "provider/read_device_info.hpp"

namespace bp {

Result<std::shared_ptr<Device>> Device::create(std::shared_ptr<ProviderCore> core, bp_device handle,
                                               uint32_t index) {
  BP_ASSIGN_OR_RETURN(DeviceInfo info, read_device_info(*core, handle, index));
  return std::shared_ptr<Device>(new Device(std::move(core), handle, std::move(info)));
}

Device::Device(std::shared_ptr<ProviderCore> core, bp_device handle, DeviceInfo info)
    : core_(std::move(core)),
      handle_(handle),
      info_(std::move(info)),
      label_(fmt::format("{}:{}", core_->name, info_.index)) {}

const std::string& Device::provider_id() const noexcept { return core_->id; }
const std::string& Device::provider_version() const noexcept { return core_->version; }
int32_t Device::canonical_level() const noexcept { return static_cast<int32_t>(core_->table.canonical_level); }
const std::vector<OptionInfo>& Device::options() const noexcept { return core_->options; }

Result<OptionSet> Device::check_options(std::span<const NamedOption> values) const {
  std::vector<NamedOption> all = core_->option_defaults;
  all.insert(all.end(), values.begin(), values.end());
  return OptionSet::create(core_->options, all, fmt::format("provider '{}'", core_->id));
}

namespace {

bp_compile_args compile_args(const GraphView& partition, const CompileOptions& options) {
  bp_compile_args args{};
  args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  args.thread_count = options.thread_count == 0 ? 1 : options.thread_count;
  args.partition = partition.abi();
  args.options = options.options != nullptr ? options.options->abi() : bp_array{nullptr, 0, sizeof(bp_option)};
  args.cancel = reinterpret_cast<bp_cancel>(const_cast<CancelToken*>(options.cancel));
  args.progress = reinterpret_cast<bp_progress>(const_cast<ProgressToken*>(options.progress));
  return args;
}

}  // namespace

Result<std::shared_ptr<Program>> Device::compile(const GraphView& partition, const CompileOptions& options) {
  const bp_compile_args args = compile_args(partition, options);
  bp_program program = nullptr;
  BP_RETURN_IF_ERROR(
      core_->call("compile", label_, [&] { return core_->program.compile(handle_, &args, &program); }));
  if (program == nullptr) return core_->misbehaves("compile returned OK and no program");
  return std::make_shared<Program>(shared_from_this(), program, partition, nullptr);
}

bool Device::can_save() const noexcept { return core_->artifact.save != nullptr; }

Result<ArtifactAnswer> Device::check_artifact(const ArtifactInfo& info) const {
  if (!can_save()) {
    return Status(ErrorCode::kUnimplemented, fmt::format("provider '{}' cannot load programs", core_->id));
  }
  bp_artifact_info abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_artifact_info, header_size);
  abi.canonical_level = info.canonical_level;
  abi.provider_version = to_abi(info.provider_version);
  abi.fingerprint = to_abi(info.fingerprint);
  abi.driver = to_abi(info.driver);
  abi.header = info.header.data();
  abi.header_size = info.header.size();
  bp_artifact_answer answer{};
  answer.struct_size = BP_STRUCT_SIZE(bp_artifact_answer, text);
  ArtifactAnswer result;
  BP_RETURN_IF_ERROR(core_->call("check_artifact", label_, [&] {
    const bp_status status = core_->artifact.check_artifact(handle_, &abi, &answer);
    if (status == nullptr) result.text = text_of(answer.text);  // valid until the next call from this thread
    return status;
  }));
  if (answer.kind < BP_ARTIFACT_OPTIMAL || answer.kind > BP_ARTIFACT_REFUSE) {
    return core_->misbehaves(fmt::format("check_artifact gave the unknown judgement {}", answer.kind));
  }
  result.judgement = static_cast<ArtifactJudgement>(answer.kind);
  return result;
}

Result<std::shared_ptr<Program>> Device::load_program(const GraphView& partition, const CompileOptions& options,
                                                      std::shared_ptr<ArtifactSource> source) {
  if (!can_save()) {
    return Status(ErrorCode::kUnimplemented, fmt::format("provider '{}' cannot load programs", core_->id));
  }
  const bp_compile_args args = compile_args(partition, options);
  auto reader = std::make_shared<ArtifactReader>(core_, std::move(source));
  bp_program program = nullptr;
  BP_RETURN_IF_ERROR(core_->call("loading a program", label_, [&] {
    return core_->artifact.load(handle_, &args, reader->abi(), &program);
  }));
  if (program == nullptr) return core_->misbehaves("loading a program returned OK and no program");
  return std::make_shared<Program>(shared_from_this(), program, partition, std::move(reader));
}

Result<ClockSample> Device::sample_clock() const {
  if (core_->device.sample_clock == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("device {} has no clock of its own", label_));
  }
  ClockSample sample;
  BP_RETURN_IF_ERROR(core_->call("sample_clock", label_, [&] {
    return core_->device.sample_clock(handle_, &sample.device_ns, &sample.host_ns);
  }));
  return sample;
}

const void* Device::extension(std::string_view id, uint32_t revision) const {
  if (core_->table.get_extension == nullptr) return nullptr;
  const void* table = nullptr;
  core_->call_void("get_extension",
                   [&] { table = core_->table.get_extension(core_->handle, to_abi(id), revision); });
  return table;
}

}  // namespace bp
