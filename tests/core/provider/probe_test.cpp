#include "provider/probe.hpp"

#include <gtest/gtest.h>

namespace bp::test {
namespace {

// What the shell does is told after the manifest's path was appended as $0.
std::string probe(const std::string& script, std::chrono::milliseconds timeout = kProbeTimeout) {
  return probe_provider({"/bin/sh", "-c", script}, "m.json", timeout);
}

TEST(Probe, AnAnswerIsEnoughWhateverTheExitCode) {
  EXPECT_EQ(probe("echo loaded"), "");
  EXPECT_EQ(probe("echo rejected; exit 1"), "");
}

TEST(Probe, TheManifestIsTheLastArgument) { EXPECT_EQ(probe("test \"$0\" = m.json && echo yes"), ""); }

TEST(Probe, ASignalIsNamed) {
  EXPECT_EQ(probe("echo begun; kill -SEGV $$"),
            "loading it ends the process with signal 11 (Segmentation fault)");
}

TEST(Probe, AnEndWithoutAWordIsNoSuccess) {
  EXPECT_EQ(probe("exit 0"), "loading it ends the process with exit code 0");
  EXPECT_EQ(probe("exit 7"), "loading it ends the process with exit code 7");
}

TEST(Probe, WhatHangsIsKilled) {
  EXPECT_EQ(probe("exec sleep 100", std::chrono::milliseconds(100)), "it did not answer within 0.1 s");
}

TEST(Probe, AProgramThatIsNotThere) {
  const std::string text = probe_provider({"/nowhere/probe"}, "m.json");
  EXPECT_NE(text.find("'/nowhere/probe' does not start: No such file"), std::string::npos) << text;
}

}  // namespace
}  // namespace bp::test
