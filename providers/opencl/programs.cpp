#include "programs.hpp"

#include <algorithm>

#include "signals.hpp"

namespace bp::opencl {

namespace {

// FNV-1a with a 64-bit state; two of them, from different starts, make a key.
uint64_t digest(uint64_t state, std::string_view bytes) {
  for (const char byte : bytes) state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  return state;
}

}  // namespace

std::string Programs::key_of(std::string_view source, std::string_view options) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string key;
  for (uint64_t state : {0xCBF29CE484222325u, 0x9AE16A3B2F90404Fu}) {
    state = digest(digest(digest(state, options), "\n"), source);
    for (int shift = 60; shift >= 0; shift -= 4) key += kDigits[state >> shift & 15u];
  }
  return key;
}

std::vector<std::byte> BuiltProgram::binary() const {
  size_t size = 0;
  check(clGetProgramInfo(program.get(), CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr),
        "clGetProgramInfo");
  std::vector<std::byte> bytes(size);
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  check(clGetProgramInfo(program.get(), CL_PROGRAM_BINARIES, sizeof data, &data, nullptr), "clGetProgramInfo");
  return bytes;
}

void Programs::offer(std::string key, std::vector<std::byte> binary) {
  const std::lock_guard lock(mutex_);
  binaries_.insert_or_assign(std::move(key), std::move(binary));
}

std::shared_ptr<const BuiltProgram> Programs::get(const std::string& source, const std::string& options) {
  const std::string key = key_of(source, options);
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& found = entries_[key];
    if (!found) found = std::make_shared<Entry>();
    entry = found;
  }
  // An error leaves the flag as it was: the next one tries again.
  std::call_once(entry->built, [&] { entry->program = build(key, source, options); });
  return entry->program;
}

ClProgram Programs::from_binary(const std::vector<std::byte>& binary, const std::string& options) {
  const auto* data = reinterpret_cast<const unsigned char*>(binary.data());
  const size_t size = binary.size();
  cl_int status = CL_SUCCESS;
  cl_int error = CL_SUCCESS;
  ClProgram program(clCreateProgramWithBinary(context_, 1, &device_, &size, &data, &status, &error));
  if (error != CL_SUCCESS || status != CL_SUCCESS) return {};
  if (clBuildProgram(program.get(), 1, &device_, options.c_str(), nullptr, nullptr) != CL_SUCCESS) return {};
  return program;
}

std::shared_ptr<const BuiltProgram> Programs::build(const std::string& key, const std::string& source,
                                                    const std::string& options) {
  const KeptSignals kept;
  auto built = std::make_shared<BuiltProgram>();
  built->key = key;
  std::vector<std::byte> binary;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = binaries_.find(key); found != binaries_.end()) binary = found->second;
  }
  if (!binary.empty()) {
    built->program = from_binary(binary, options);
    if (built->program) return built;
    host_.log(BP_LOG_WARNING, "the driver does not take the saved binary of a kernel; it is compiled anew");
  }
  const char* data = source.data();
  const size_t size = source.size();
  cl_int error = CL_SUCCESS;
  built->program = ClProgram(clCreateProgramWithSource(context_, 1, &data, &size, &error));
  check(error, "clCreateProgramWithSource");
  error = clBuildProgram(built->program.get(), 1, &device_, options.c_str(), nullptr, nullptr);
  if (error == CL_SUCCESS) return built;
  size_t length = 0;
  clGetProgramBuildInfo(built->program.get(), device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &length);
  std::string log(length, '\0');
  clGetProgramBuildInfo(built->program.get(), device_, CL_PROGRAM_BUILD_LOG, length, log.data(), nullptr);
  constexpr size_t kMost = 2000;
  log.resize(std::min({log.size(), kMost, log.find('\0')}));
  throw Error(status_of(error) == BP_STATUS_INTERNAL ? BP_STATUS_INTERNAL : status_of(error),
              text("clBuildProgram: ", cl_error_name(error), ": ", log), error);
}

}  // namespace bp::opencl
