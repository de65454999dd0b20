#include "constants.hpp"

namespace bp::opencl {

const HostTensor& Constants::tensor(uint64_t constant_id) {
  const std::lock_guard lock(mutex_);
  return tensor_locked(constant_id);
}

const HostTensor& Constants::tensor_locked(uint64_t constant_id) {
  Kept& kept = kept_[constant_id];
  if (!kept.bytes) {
    kept.bytes = std::make_unique<sdk::Constant>(device_.host(), source_, constant_id);
    kept.tensor = read_tensor(kept.bytes->tensor());
  }
  return kept.tensor;
}

cl_mem Constants::upload(const std::string& key, const void* bytes, uint64_t size_bytes) {
  device_.context();
  ClMem memory = device_.make_buffer(size_bytes, CL_MEM_READ_ONLY);
  if (size_bytes > 0) {
    device_.with_queue([&](cl_command_queue queue) {
      check(clEnqueueWriteBuffer(queue, memory.get(), CL_TRUE, 0, size_bytes, bytes, 0, nullptr, nullptr),
            "clEnqueueWriteBuffer");
    });
  }
  return memories_.insert_or_assign(key, std::move(memory)).first->second.get();
}

cl_mem Constants::on_device(uint64_t constant_id) {
  const std::string key = text("plain/", constant_id);
  const std::lock_guard lock(mutex_);
  if (const auto found = memories_.find(key); found != memories_.end()) return found->second.get();
  const sdk::Constant bytes(device_.host(), source_, constant_id);
  return upload(key, bytes.data(), bytes.size_bytes());
}

cl_mem Constants::packed(const std::string& key, uint64_t size_bytes,
                         const std::function<void(std::byte*)>& fill) {
  const std::lock_guard lock(mutex_);
  if (const auto found = memories_.find(key); found != memories_.end()) return found->second.get();
  std::vector<std::byte> bytes(size_bytes);
  fill(bytes.data());
  return upload(key, bytes.data(), size_bytes);
}

}  // namespace bp::opencl
