// OpenCL programs of one device, each built once: by source and build options, or from the binary that a saved
// program brought.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cl.hpp"

namespace bp::opencl {

struct BuiltProgram {
  ClProgram program;
  std::string key;  // source and options, as a digest

  [[nodiscard]] std::vector<std::byte> binary() const;
};

class Programs {
 public:
  Programs(Host host, cl_context context, cl_device_id device)
      : host_(host), context_(context), device_(device) {}

  // Builds it, or gives what was built before. Throws Error with the compiler's log. [any-thread]
  std::shared_ptr<const BuiltProgram> get(const std::string& source, const std::string& options);
  // A binary to be used in place of the source with this key. [any-thread]
  void offer(std::string key, std::vector<std::byte> binary);

  static std::string key_of(std::string_view source, std::string_view options);

 private:
  struct Entry {
    std::once_flag built;
    std::shared_ptr<const BuiltProgram> program;
  };
  std::shared_ptr<const BuiltProgram> build(const std::string& key, const std::string& source,
                                            const std::string& options);
  ClProgram from_binary(const std::vector<std::byte>& binary, const std::string& options);

  Host host_;
  cl_context context_;
  cl_device_id device_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by key
  std::map<std::string, std::vector<std::byte>> binaries_;
};

// The text of kernels/NAME.cl, embedded at build time. Throws where there is none.
std::string_view kernel_source(std::string_view name);

}  // namespace bp::opencl
