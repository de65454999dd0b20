// Views over the ABI's strings and arrays. They own nothing: what they show lives as long as the ABI says.
#ifndef BACKPLANE_PROVIDER_CPP_VIEW_HPP
#define BACKPLANE_PROVIDER_CPP_VIEW_HPP

#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../provider/base.h"

namespace bp::sdk {

[[nodiscard]] inline std::string_view view(bp_string text) {
  return text.size == 0 ? std::string_view{} : std::string_view{text.data, static_cast<std::size_t>(text.size)};
}

// A bp_string over `text`, which has to outlive it.
[[nodiscard]] inline bp_string abi(std::string_view text) { return {text.data(), text.size()}; }

// One string from strings and integers: message("input ", 1, " must have ", 4, " dims").
template <class... Parts>
[[nodiscard]] std::string message(const Parts&... parts) {
  std::string text;
  const auto append = [&text](const auto& part) {
    using Part = std::remove_cvref_t<decltype(part)>;
    if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
      text += std::string_view(part);
    } else {
      text += std::to_string(part);
    }
  };
  (append(parts), ...);
  return text;
}

// A bp_array of T as a range. Elements are found by the writer's stride, never by sizeof(T); of an element that
// has a struct_size only the fields that it covers may be read.
template <class T>
class Array {
 public:
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const T*;
    using reference = const T&;

    Iterator() = default;
    Iterator(const unsigned char* place, std::size_t stride) : place_(place), stride_(stride) {}
    reference operator*() const { return *reinterpret_cast<const T*>(place_); }
    pointer operator->() const { return reinterpret_cast<const T*>(place_); }
    Iterator& operator++() {
      place_ += stride_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      place_ += stride_;
      return before;
    }
    bool operator==(const Iterator& other) const { return place_ == other.place_; }

   private:
    const unsigned char* place_ = nullptr;
    std::size_t stride_ = 0;
  };

  Array() = default;
  explicit Array(bp_array array)
      : data_(static_cast<const unsigned char*>(array.data)),
        count_(static_cast<std::size_t>(array.count)),
        stride_(static_cast<std::size_t>(array.stride)) {}

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] const T& operator[](std::size_t index) const {
    return *reinterpret_cast<const T*>(data_ + index * stride_);
  }
  [[nodiscard]] Iterator begin() const { return {data_, stride_}; }
  [[nodiscard]] Iterator end() const { return {data_ + count_ * stride_, stride_}; }
  [[nodiscard]] std::vector<T> to_vector() const { return std::vector<T>(begin(), end()); }

 private:
  const unsigned char* data_ = nullptr;
  std::size_t count_ = 0;
  std::size_t stride_ = sizeof(T);
};

// A bp_array over `elements`, which have to outlive it.
template <class T>
[[nodiscard]] bp_array abi(std::span<const T> elements) {
  return {elements.data(), elements.size(), sizeof(T)};
}
template <class T>
[[nodiscard]] bp_array abi(const std::vector<T>& elements) {
  return {elements.data(), elements.size(), sizeof(T)};
}

}  // namespace bp::sdk

#endif
