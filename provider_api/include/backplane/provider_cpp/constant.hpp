// A constant's bytes, acquired for as long as an object lives.
#ifndef BACKPLANE_PROVIDER_CPP_CONSTANT_HPP
#define BACKPLANE_PROVIDER_CPP_CONSTANT_HPP

#include <cstring>
#include <utility>
#include <vector>

#include "host.hpp"

namespace bp::sdk {

// The elements of `tensor`, copied: its data may lie at any byte. T has the element type's size.
template <class T>
[[nodiscard]] std::vector<T> copy_elements(const bp_tensor& tensor) {
  if (tensor.size_bytes % sizeof(T) != 0) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message("a tensor of ", tensor.size_bytes,
                                                    " bytes does not hold elements of ", sizeof(T), " bytes"));
  }
  std::vector<T> elements(static_cast<std::size_t>(tensor.size_bytes / sizeof(T)));
  if (!elements.empty()) {
    std::memcpy(elements.data(), tensor.data, static_cast<std::size_t>(tensor.size_bytes));
  }
  return elements;
}

// Alignment is 1: read with copy_elements or memcpy. Throws what the host answers (INVALID_ARGUMENT, IO).
class Constant {
 public:
  Constant(Host host, bp_constants constants, uint64_t id) : host_(host), constants_(constants), id_(id) {
    tensor_.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
    host_.check(host_.get()->constants_acquire(host_.get(), constants_, id_, &tensor_));
    held_ = true;
  }
  Constant(const Constant&) = delete;
  Constant& operator=(const Constant&) = delete;
  Constant(Constant&& other) noexcept
      : host_(other.host_),
        constants_(other.constants_),
        id_(other.id_),
        held_(std::exchange(other.held_, false)),
        tensor_(other.tensor_) {}
  Constant& operator=(Constant&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(constants_, other.constants_);
    std::swap(id_, other.id_);
    std::swap(held_, other.held_);
    std::swap(tensor_, other.tensor_);
    return *this;
  }
  ~Constant() {
    if (held_) host_.get()->constants_release(host_.get(), constants_, id_);
  }

  [[nodiscard]] const bp_tensor& tensor() const { return tensor_; }
  [[nodiscard]] const void* data() const { return tensor_.data; }
  [[nodiscard]] uint64_t size_bytes() const { return tensor_.size_bytes; }

 private:
  Host host_;
  bp_constants constants_;
  uint64_t id_;
  bool held_ = false;
  bp_tensor tensor_{};
};

}  // namespace bp::sdk

#endif
