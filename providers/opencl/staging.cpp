#include "staging.hpp"

#include <algorithm>
#include <cstring>

namespace bp::opencl {

namespace {

bool is_done(const ClEvent& event) {
  if (!event) return true;
  cl_int status = CL_QUEUED;
  clGetEventInfo(event.get(), CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, nullptr);
  return status <= CL_COMPLETE;
}

}  // namespace

// The memory is freed with its mapping; the driver keeps both until the last copy ended.
Staging::~Staging() {
  for (Block& block : blocks_) {
    if (!block.busy) continue;
    const cl_event event = block.busy.get();
    clWaitForEvents(1, &event);
  }
}

Staging::Block& Staging::take(size_t size) {
  {
    const std::lock_guard lock(mutex_);
    for (Block& block : blocks_) {
      if (block.taken || block.size < size || !is_done(block.busy)) continue;
      block.taken = true;
      return block;
    }
  }
  constexpr size_t kLeast = 64 * 1024;
  Block made;
  made.size = std::max(kLeast, size);
  made.taken = true;
  cl_int error = CL_SUCCESS;
  made.memory =
      ClMem(clCreateBuffer(context_, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, made.size, nullptr, &error));
  check(error, "clCreateBuffer (staging)");
  made.mapped = clEnqueueMapBuffer(queue_.get(), made.memory.get(), CL_TRUE, CL_MAP_WRITE, 0, made.size, 0,
                                   nullptr, nullptr, &error);
  check(error, "clEnqueueMapBuffer (staging)");
  const std::lock_guard lock(mutex_);
  blocks_.push_back(std::move(made));
  return blocks_.back();
}

void Staging::write(cl_command_queue queue, const void* source, cl_mem target, size_t offset, size_t size) {
  Block& block = take(size);
  std::memcpy(block.mapped, source, size);
  ClEvent busy;
  const cl_int error =
      clEnqueueWriteBuffer(queue, target, CL_FALSE, offset, size, block.mapped, 0, nullptr, busy.out());
  const std::lock_guard lock(mutex_);
  block.busy = std::move(busy);
  block.taken = false;
  check(error, "clEnqueueWriteBuffer");
}

}  // namespace bp::opencl
