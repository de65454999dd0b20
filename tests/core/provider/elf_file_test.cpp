#include "provider/elf_file.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "plugin_folder_helper.hpp"
#include "provider/cpu_features.hpp"
#include "provider/digest.hpp"
#include "provider/linker_cache.hpp"
#include "provider/read_file.hpp"

namespace bp::test {
namespace {

std::string library_bytes(const std::string& fixture) {
  auto bytes = read_small_file(fixture_library(fixture), uint64_t{1} << 28);
  EXPECT_TRUE(bytes.ok());
  return bytes.ok() ? *bytes : std::string();
}

ElfFile read(const std::string& bytes) { return read_elf(std::as_bytes(std::span(bytes))); }

TEST(ElfFile, NamesWhatALibraryNeeds) {
  const ElfFile elf = read(library_bytes("needs_needs"));
  EXPECT_EQ(elf.problem, ElfProblem::kNone) << elf.text;
  EXPECT_NE(std::find(elf.needed.begin(), elf.needed.end(), "libfixture_middle.so.4"), elf.needed.end());
  const auto& paths = elf.runpath.empty() ? elf.rpath : elf.runpath;
  ASSERT_FALSE(paths.empty());
  EXPECT_EQ(paths[0], "$ORIGIN/elsewhere");
}

TEST(ElfFile, OtherMachinesAreNamed) {
  std::string bytes = library_bytes("good");
  const uint16_t machine = EM_S390;
  std::memcpy(bytes.data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
  const ElfFile elf = read(bytes);
  EXPECT_EQ(elf.problem, ElfProblem::kOtherMachine);
  EXPECT_NE(elf.text.find("s390x"), std::string::npos);
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(read(bytes).problem, ElfProblem::kOtherMachine);
}

TEST(ElfFile, TruncationIsSeenAtEveryLength) {
  const std::string bytes = library_bytes("good");
  EXPECT_EQ(read(bytes.substr(0, 3)).problem, ElfProblem::kNotElf);
  EXPECT_EQ(read(bytes.substr(0, 40)).problem, ElfProblem::kTruncated);
  EXPECT_EQ(read(bytes.substr(0, 100)).problem, ElfProblem::kTruncated);
  EXPECT_EQ(read(bytes.substr(0, 1000)).problem, ElfProblem::kTruncated);
  EXPECT_EQ(read("#!/bin/sh\necho this is a script, longer than a header would be\n").problem,
            ElfProblem::kNotElf);
}

TEST(ElfFile, ExecutablesAndObjectsAreNoLibraries) {
  std::string bytes = library_bytes("good");
  const uint16_t type = ET_REL;
  std::memcpy(bytes.data() + offsetof(Elf64_Ehdr, e_type), &type, sizeof type);
  EXPECT_EQ(read(bytes).problem, ElfProblem::kNotShared);
}

TEST(ElfFile, SurvivesChangedBytes) {
  const std::string bytes = library_bytes("needs");
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = bytes;
    // The headers and the dynamic section are where changes hurt.
    for (int n = 0; n < 6; ++n) {
      changed[random() % std::min<size_t>(changed.size(), n < 3 ? 1024 : changed.size())] =
          static_cast<char>(random());
    }
    changed.resize(1 + random() % changed.size());
    read(changed);
  }
}

TEST(Digest, IsSha256) {
  const std::string text = "abc";  // FIPS 180-4, example
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(text))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(CpuFeatures, AreReadFromTheFirstProcessor) {
  const auto features = parse_cpu_features("processor\t: 0\nflags\t\t: fpu avx2  fma\n\nflags\t\t: other\n");
  EXPECT_EQ(features, (std::set<std::string>{"fpu", "avx2", "fma"}));
  EXPECT_EQ(parse_cpu_features("Features\t: asimd\n"), (std::set<std::string>{"asimd"}));
  EXPECT_TRUE(parse_cpu_features("flags").empty());
  EXPECT_TRUE(parse_cpu_features("").empty());
}

TEST(LinkerCache, FindsTheCLibraryAndSurvivesChanges) {
  const auto bytes = read_small_file("/etc/ld.so.cache", uint64_t{64} << 20);
  if (!bytes.ok()) GTEST_SKIP() << "this machine has no linker cache";
  EXPECT_TRUE(parse_linker_cache(*bytes).contains("libc.so.6"));
  EXPECT_TRUE(parse_linker_cache("").empty());
  EXPECT_TRUE(parse_linker_cache("glibc-ld.so.cache1.1").empty());
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    std::string changed = bytes->substr(0, random() % bytes->size());
    for (int n = 0; n < 40 && !changed.empty(); ++n)
      changed[random() % changed.size()] = static_cast<char>(random());
    parse_linker_cache(changed);
  }
}

}  // namespace
}  // namespace bp::test
