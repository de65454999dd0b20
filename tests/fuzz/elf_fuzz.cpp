// Any bytes as a shared library's file: what its headers say, or what is wrong with it.
#include <cstdint>
#include <cstdlib>

#include "provider/elf_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const bp::ElfFile file = bp::read_elf({reinterpret_cast<const std::byte*>(data), size});
  if (file.problem != bp::ElfProblem::kNone && file.text.empty()) std::abort();
  return 0;
}
