// Pinned host memory through which copies go whose source may change as soon as the call returns.
#pragma once

#include <list>
#include <mutex>

#include "cl.hpp"

namespace bp::opencl {

class Staging {
 public:
  Staging(cl_context context, ClQueue queue) : context_(context), queue_(std::move(queue)) {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging();

  // Enqueues a copy of `size` bytes at `source` to `target` + `offset`; `source` is free on return.
  // [any-thread]
  void write(cl_command_queue queue, const void* source, cl_mem target, size_t offset, size_t size);

 private:
  struct Block {
    ClMem memory;
    void* mapped = nullptr;
    size_t size = 0;
    ClEvent busy;  // of the last copy out of it
    bool taken = false;
  };
  Block& take(size_t size);

  cl_context context_;
  ClQueue queue_;  // for mapping: nothing else ever waits on it
  std::mutex mutex_;
  std::list<Block> blocks_;
};

}  // namespace bp::opencl
