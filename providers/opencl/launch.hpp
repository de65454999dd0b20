// A kernel launch as a row states it: source, arguments, work-items.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "instance.hpp"
#include "types.hpp"

namespace bp::opencl {

// A piece of memory while an instance is made.
struct Ref {
  uint32_t storage = BP_NONE;
  uint64_t offset = 0;  // bytes
};

struct Launch {
  struct Item {
    bool is_memory = false;
    Ref ref;
    Argument argument;
  };

  // `file`: kernels/FILE.cl; `entry`: the kernel in it.
  Launch(std::string_view file, std::string_view entry) : source(kernel_source(file)), entry_name(entry) {}
  // Generated source.
  static Launch generated(std::string text, std::string_view entry) { return {std::move(text), entry, 0}; }

  // "#define NAME VALUE" in front of the source. What changes with the shape is better an argument: every other
  // source is compiled.
  template <class T>
  Launch& define(std::string_view macro, const T& value) {
    defines += sdk::message("#define ", macro, " ", value, "\n");
    return *this;
  }
  // As arguments BP_TENSOR(type, name) of the kernel, whose elements have `element_bytes`.
  Launch& memory(Ref ref, uint32_t element_bytes) {
    Item item;
    item.is_memory = true;
    item.ref = ref;
    item.argument.is_memory = true;
    item.argument.element_bytes = element_bytes;
    items.push_back(item);
    return *this;
  }
  Launch& memory(Ref ref, Type type) { return memory(ref, element_size(type)); }
  template <class T>
  Launch& number(T value) {
    Item item;
    item.argument = Argument::of(value);
    items.push_back(item);
    return *this;
  }
  Launch& integer(int64_t value) { return number(static_cast<int32_t>(value)); }
  // At least that many work-items in groups of `local`: the kernel looks whether its id is inside.
  Launch& work(std::array<int64_t, 3> count, std::array<int64_t, 3> groups) {
    for (size_t i = 0; i < 3; ++i) {
      local[i] = static_cast<size_t>(groups[i]);
      global[i] = static_cast<size_t>((count[i] + groups[i] - 1) / groups[i] * groups[i]);
    }
    return *this;
  }
  Launch& work(int64_t count, int64_t group) { return work({count, 1, 1}, {group, 1, 1}); }

  std::string defines;
  std::string source;
  std::string entry_name;
  std::vector<Item> items;
  std::array<size_t, 3> global{1, 1, 1};
  std::array<size_t, 3> local{1, 1, 1};
  std::string name;  // empty: the operator
  std::string note;
  std::vector<uint32_t> nodes;  // empty: the node being built

 private:
  Launch(std::string text, std::string_view entry, int) : source(std::move(text)), entry_name(entry) {}
};

}  // namespace bp::opencl
