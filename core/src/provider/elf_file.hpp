// What a shared library's own headers say, read before the dynamic linker sees it: inside dlopen a truncated
// file is SIGBUS, a foreign machine reads "No such file", and only the first missing dependency is named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bp {

enum class ElfProblem : uint8_t { kNone, kNotElf, kNotShared, kOtherMachine, kTruncated };

struct ElfFile {
  ElfProblem problem = ElfProblem::kNone;
  std::string text;                  // with a problem: what was expected, what was found
  std::vector<std::string> needed;   // DT_NEEDED
  std::vector<std::string> rpath;    // DT_RPATH, split at ':', not expanded
  std::vector<std::string> runpath;  // DT_RUNPATH, likewise
};

// Reads the headers, the segments' bounds and the dynamic section; every offset is checked.
ElfFile read_elf(std::span<const std::byte> file);

// "x86_64", "aarch64", ...: what manifests call the machine that this code was built for.
std::string_view machine_name() noexcept;

}  // namespace bp
