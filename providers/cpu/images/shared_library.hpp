// A library of the system that is opened on demand and stays open.
#pragma once

#include <dlfcn.h>

namespace bp::cpu {

class SharedLibrary {
 public:
  explicit SharedLibrary(const char* soname) noexcept : handle_(::dlopen(soname, RTLD_NOW | RTLD_LOCAL)) {}

  // The function `name`, of the type that its header declares; nullptr: there is none.
  template <class Function>
  void find(Function*& function, const char* name) noexcept {
    function = handle_ == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(handle_, name));
    complete_ = complete_ && function != nullptr;
  }
  // Was everything found that was looked for?
  bool complete() const noexcept { return handle_ != nullptr && complete_; }

 private:
  void* handle_;
  bool complete_ = true;
};

}  // namespace bp::cpu
