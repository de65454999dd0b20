// ELF: System V ABI, chapters 4 and 5 (generic), with the names of <elf.h>.
#include "provider/elf_file.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

namespace bp {
namespace {

// The machine of this process. Other word sizes than ours are other machines too.
#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
constexpr std::string_view kMachineName = "x86_64";
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
constexpr std::string_view kMachineName = "aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr uint16_t kMachine = EM_RISCV;
constexpr std::string_view kMachineName = "riscv64";
#elif defined(__powerpc64__)
constexpr uint16_t kMachine = EM_PPC64;
constexpr std::string_view kMachineName = "ppc64le";
#else
#error "state this machine's ELF number"
#endif
constexpr unsigned char kData = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

constexpr size_t kMaxEntries = 1u << 16;
constexpr size_t kMaxNameBytes = 4096;

std::string machine_text(uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_386:
      return "i386";
    case EM_AARCH64:
      return "aarch64";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    default:
      return fmt::format("machine number {}", machine);
  }
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> file) : file_(file) {}

  ElfFile run() {
    if (!read_header()) return std::move(result_);
    if (!read_segments()) return std::move(result_);
    read_dynamic();
    return std::move(result_);
  }

 private:
  bool fail(ElfProblem problem, std::string text) {
    result_.problem = problem;
    result_.text = std::move(text);
    return false;
  }

  // A copy of the T at `offset`; nothing when the file ends before.
  template <class T>
  std::optional<T> at(uint64_t offset) const {
    if (offset > file_.size() || file_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof(T));
    return value;
  }

  bool read_header() {
    const auto header = at<Elf64_Ehdr>(0);
    if (file_.size() < SELFMAG || std::memcmp(file_.data(), ELFMAG, SELFMAG) != 0) {
      return fail(ElfProblem::kNotElf, "it is no ELF file");
    }
    if (!header)
      return fail(ElfProblem::kTruncated, fmt::format("it ends after {} bytes, in its header", file_.size()));
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != kData) {
      return fail(ElfProblem::kOtherMachine,
                  fmt::format("it is built for another word size or byte order, this is {}", kMachineName));
    }
    if (header->e_machine != kMachine) {
      return fail(ElfProblem::kOtherMachine,
                  fmt::format("it is built for {}, this is {}", machine_text(header->e_machine), kMachineName));
    }
    if (header->e_type != ET_DYN) return fail(ElfProblem::kNotShared, "it is no shared library");
    header_ = *header;
    return true;
  }

  bool read_segments() {
    if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_phnum == 0) {
      return fail(ElfProblem::kNotShared, "it has no segments to load");
    }
    for (uint16_t i = 0; i < header_.e_phnum; ++i) {
      const auto segment = at<Elf64_Phdr>(header_.e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
      if (header_.e_phoff > file_.size() || !segment) {
        return fail(ElfProblem::kTruncated,
                    fmt::format("it ends after {} bytes, before its segments' table", file_.size()));
      }
      if (segment->p_type != PT_LOAD && segment->p_type != PT_DYNAMIC) continue;
      if (segment->p_offset > file_.size() || segment->p_filesz > file_.size() - segment->p_offset) {
        return fail(ElfProblem::kTruncated,
                    fmt::format("it has {} bytes, its segments need more: it is truncated, install it anew",
                                file_.size()));
      }
      if (segment->p_type == PT_LOAD) {
        loads_.push_back(*segment);
      } else {
        dynamic_ = *segment;
      }
    }
    if (loads_.empty() || !dynamic_) return fail(ElfProblem::kNotShared, "it is no shared library");
    return true;
  }

  std::optional<uint64_t> file_offset(uint64_t address) const {
    for (const Elf64_Phdr& load : loads_) {
      if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz) {
        return load.p_offset + (address - load.p_vaddr);
      }
    }
    return std::nullopt;
  }

  void read_dynamic() {
    std::vector<Elf64_Dyn> entries;
    const uint64_t count = std::min<uint64_t>(dynamic_->p_filesz / sizeof(Elf64_Dyn), kMaxEntries);
    uint64_t strings_address = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const auto entry = at<Elf64_Dyn>(dynamic_->p_offset + i * sizeof(Elf64_Dyn));
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_STRTAB) strings_address = entry->d_un.d_ptr;
      if (entry->d_tag == DT_STRSZ) strings_size_ = entry->d_un.d_val;
      entries.push_back(*entry);
    }
    const auto strings = file_offset(strings_address);
    if (!strings) return;
    strings_ = *strings;
    for (const Elf64_Dyn& entry : entries) {
      if (entry.d_tag == DT_NEEDED) result_.needed.push_back(name(entry.d_un.d_val));
      if (entry.d_tag == DT_RPATH) split(name(entry.d_un.d_val), &result_.rpath);
      if (entry.d_tag == DT_RUNPATH) split(name(entry.d_un.d_val), &result_.runpath);
    }
  }

  std::string name(uint64_t index) const {
    std::string text;
    for (uint64_t i = index; i < strings_size_ && text.size() < kMaxNameBytes; ++i) {
      const auto c = at<char>(strings_ + i);
      if (!c || *c == '\0') break;
      text.push_back(*c);
    }
    return text;
  }

  static void split(const std::string& list, std::vector<std::string>* parts) {
    for (size_t begin = 0; begin <= list.size();) {
      const size_t end = std::min(list.find(':', begin), list.size());
      if (end > begin) parts->push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  std::span<const std::byte> file_;
  ElfFile result_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> loads_;
  std::optional<Elf64_Phdr> dynamic_;
  uint64_t strings_ = 0;
  uint64_t strings_size_ = 0;
};

}  // namespace

ElfFile read_elf(std::span<const std::byte> file) { return Reader(file).run(); }

std::string_view machine_name() noexcept { return kMachineName; }

}  // namespace bp
